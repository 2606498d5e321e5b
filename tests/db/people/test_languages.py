"""Mails come in the language that their reader chose, or else that of the mailbox, or else that of the desk."""

from pathlib import Path

import pytest

from desk.commands.command import CommandAnswer
from mail.outbound.catalogue import said
from models.events.rows import add_command_answer
from models.people.rows import find_person
from tests.support.database.services import (
    ADMIN,
    EXAMPLE,
    SECRET,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail
from worker.admin.doctor.run import templates
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

CUSTOMERS = {"en": "this request was opened under your address", "de": "diese Anfrage unter Ihrer Adresse gestellt"}
STAFF = {"en": "the ticket is assigned to you", "de": "weil Ihnen das Ticket zugewiesen ist"}
LANGUAGE = ("--config", EXAMPLE, "user", "language")
SETTINGS = [
    ({}, "en", "en"),
    ({"DESK__LANGUAGE": "de"}, "de", "de"),
    ({"LANGUAGE": "de"}, "de", "en"),
    ({"DESK__LANGUAGE": "de", "LANGUAGE": "en"}, "en", "de"),
]


def told(services: Services) -> dict[str, str]:
    """The text of the latest mail of each template, on one line."""
    rows = query(services, "SELECT template, text FROM mail.outbox ORDER BY id")
    return {row["template"]: " ".join(row["text"].split()) for row in rows}


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the example settings take from the environment."""
    for name, value in {"REDIS_URL": "redis://127.0.0.1:1/0", "SUPPORTDESK_DESK__SECRET_KEY": SECRET}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD", "demo")


@pytest.mark.parametrize(("settings", "of_customers", "of_staff"), SETTINGS)
def test_customers_get_the_language_of_the_mailbox_and_staff_that_of_the_desk(
    make_services: MakeServices, settings: dict[str, str], of_customers: str, of_staff: str
) -> None:
    services = make_services(ADMIN, **settings)

    process(services, a_raw_mail())

    mails = told(services)
    assert CUSTOMERS[of_customers] in mails["ticket-opened"]
    assert STAFF[of_staff] in mails["ticket-assigned"]


@pytest.mark.services(ADMIN)
def test_a_person_chooses_a_language_and_takes_it_back(services: Services, supportdesk: Supportdesk) -> None:
    store_in_ledger(services, a_raw_mail())
    receive_due(services)
    chosen = [supportdesk(*LANGUAGE, address, "de") for address in ("ann@customer.example", ADMIN[0])]
    taken_back = supportdesk(*LANGUAGE, ADMIN[0])
    announce_due(services)

    assert [one.exit_code for one in (*chosen, taken_back)] == [0, 0, 0]
    assert chosen[0].output == "ann@customer.example gets mails in de from now on.\n"
    assert taken_back.output == f"{ADMIN[0]} gets mails in the language of the desk from now on.\n"
    mails = told(services)
    assert CUSTOMERS["de"] in mails["ticket-opened"]
    assert STAFF["en"] in mails["ticket-assigned"]


COMMANDS = "#priority high\n#status purple\n#help"
ANSWERS = {
    "en": ("Done: #priority high The priority is now high.", "Refused: #status purple", "these lines"),
    "de": ("Erledigt: #priority high Die Priorität ist jetzt hoch.", "Abgelehnt: #status purple", "diese Zeilen"),
}

# As an event was written before sentences had keys.
EARLIER = """UPDATE mail.event SET details = '{"outcomes": [{"line": "#help", "done": true,
    "sentence": "You can write:", "detail": "#close: it is over\\n#help: this"}]}' WHERE kind = 'command_answered'"""


@pytest.mark.parametrize("language", ANSWERS)
def test_commands_are_answered_in_the_language_that_their_author_has_when_the_answer_is_written(
    make_services: MakeServices, language: str
) -> None:
    services = make_services(ADMIN, a_raw_mail(), DESK__LANGUAGE=language)

    answer(services, last_mail(services, ADMIN[0], "ticket-assigned"), COMMANDS)

    text = told(services)["command-answer"]
    assert [part in text for part in ANSWERS[language]] == [True, True, True]
    assert not any(part in text for other, parts in ANSWERS.items() for part in parts if other != language)


def test_an_answer_that_waited_since_an_earlier_version_is_told_with_its_words(make_services: MakeServices) -> None:
    services = make_services(ADMIN, a_raw_mail(), DESK__LANGUAGE="de")
    asked = CommandAnswer("#help", done=True, sentence=said("commands.introduction"))
    with transaction(services.engine) as session:
        person = find_person(session, ADMIN[0])
        assert person
        add_command_answer(session, 1001, person.number, (asked,), None)
    execute(services, EARLIER)

    announce_due(services)

    assert "Erledigt: #help You can write: | #close: it is over | #help: this" in told(services)["command-answer"]


def test_staff_are_told_in_their_language_why_a_mail_of_theirs_is_held_or_one_is_only_a_note(
    make_services: MakeServices,
) -> None:
    services = make_services(ADMIN, a_raw_mail(), DESK__LANGUAGE="de")
    to_customer, to_staff = (
        last_mail(services, *who) for who in (("ann@customer.example",), (ADMIN[0], "ticket-assigned"))
    )

    process(
        services, a_raw_mail("Close it.", **{"from": ADMIN[0], "subject": "[SD-1001]", "message_id": "<1@a.example>"})
    )
    answer(services, to_staff, "/resolve\nDone.")
    eve = {"from": "eve@elsewhere.example", "to": str(to_customer["reply_to"]), "message_id": "<2@a.example>"}
    process(services, a_raw_mail("It is the toner.", **eve))

    mails = told(services)
    waits = "Warum sie wartet: Sie nennt SD-1001 nur im Betreff. Nichts zeigt, dass sie von Ihnen ist. Eingang:"
    assert waits in mails["mail-unconfirmed"]
    assert "Die Zeile „/resolve“ sieht aus wie ein Befehl" in mails["mail-held"]
    assert "Sie beantwortet eine Mail, die wir jemand anderem geschickt haben." in mails["note-to-agent"]
    assert mails["note-to-agent"].startswith("-- Bitte schreiben Sie Ihre Antwort über diese Zeile -- ")


@pytest.mark.services(ADMIN)
def test_a_language_without_templates_and_a_stranger_are_refused(services: Services, supportdesk: Supportdesk) -> None:
    unknown, nobody = (
        supportdesk(*LANGUAGE, address, code) for address, code in ((ADMIN[0], "fr"), ("gone@desk.example", "de"))
    )

    assert (unknown.exit_code, nobody.exit_code) == (2, 2)
    assert "the templates have no language “fr”; they have de, en." in unknown.output
    assert "nobody here has the address gone@desk.example." in nobody.output


def test_a_language_of_the_settings_that_no_folder_holds_is_named_by_the_doctor(make_services: MakeServices) -> None:
    findings = [one.trouble for one in templates(make_services(ADMIN, DESK__LANGUAGE="fr"))]

    assert findings == ["The templates have no language “fr”; they have de, en."]


def test_a_fault_of_a_language_that_only_a_person_may_have_is_named_at_the_start(
    make_services: MakeServices, tmp_path: Path
) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "letters.toml").write_text('hello = "Bonjour,"\n')

    findings = [one.trouble for one in templates(make_services(TEMPLATES__FOLDER=str(tmp_path)))]

    assert any("fr/letters.toml misses" in str(trouble) for trouble in findings)
