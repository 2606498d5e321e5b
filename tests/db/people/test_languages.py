"""Mails come in the language that their reader chose, or else that of the mailbox, or else that of the desk."""

import pytest

from tests.support.database.services import (
    ADMIN,
    EXAMPLE,
    SECRET,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    process,
    query,
    store_in_ledger,
)
from worker.admin.doctor import templates
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

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
