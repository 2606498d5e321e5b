"""`supportdesk replay`: over unchanged code and rules nothing differs."""

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from models.reports.history.decided import WhichMails
from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, process, query
from tests.support.values.story_day import demo_services, play_day
from worker.history.replay.compare import OF_THEIR_MOMENT, Ground
from worker.history.replay.run import replay_mails
from worker.runtime.services import Services

MAILS = sorted((Path(__file__).parents[4] / "mails").glob("*.eml"))


def differing(services: Services) -> list[tuple[int, list[Any]]]:
    found = list(replay_mails(services, WhichMails()))
    return [(one.stored.row, list(one.differences)) for one in found if one.differences]


def grounds(services: Services) -> dict[Ground, int]:
    found = [one.ground for one in replay_mails(services, WhichMails())]
    return {ground: found.count(ground) for ground in Ground if ground in found}


def test_nothing_differs_of_the_mails_of_the_tests(services: Services) -> None:
    for file in MAILS:
        process(services, file.read_bytes())

    assert differing(services) == []
    # Of two that are the same mail, the second is of its moment.
    assert grounds(services) == {Ground.ALL: len(MAILS) - 1, Ground.READING: 1}


def test_nothing_differs_of_the_demos_day(fresh_database: str, tmp_path: Path) -> None:
    services = demo_services(fresh_database, tmp_path, "en")
    play_day(services, "en")

    found = list(replay_mails(services, WhichMails()))
    services.engine.dispose()
    assert [one.differences for one in found if one.differences] == []
    assert {one.stored.rule for one in found if one.ground is not Ground.ALL} <= OF_THEIR_MOMENT
    assert sum(one.ground is Ground.ALL for one in found) > len(found) / 2


@pytest.mark.services(
    ADMIN, AGENT, RULE__KNOWN_CUSTOMERS_STAY_WITH_THEIR_AGENT__THEN='{"priority": "high", "category": "billing"}'
)
def test_who_was_new_then_is_new_to_the_rules_and_what_came_later_leads_nowhere(services: Services) -> None:
    first = a_raw_mail(message_id="<1@customer>", references="<0@customer>")
    later = a_raw_mail(
        "It is broken still.", message_id="<2@customer>", in_reply_to="<1@customer>", subject="Re: Printer"
    )
    for raw in (first, later, a_raw_mail("And the scanner.", message_id="<3@customer>", subject="Scanner")):
        process(services, raw)

    assert differing(services) == []
    assert grounds(services) == {Ground.ALL: 3}
    assert query(services, 'SELECT priority FROM public."Ticket" ORDER BY "createdAt"') == [
        *({"priority": "medium"}, {"priority": "high"}),
    ]


OPENED = a_raw_mail("My printer is broken.\n\nCould you have a look?", subject="Printer")


def tamper(services: Services, statement: str, **values: object) -> None:
    """Change what is stored, as if an older program had read the mail otherwise."""
    execute(services, "SET LOCAL supportdesk.quiet = 'on'", statement, **values)


def whats(shown: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["what"], each["was"], each["would"]) for one in shown["mails"] for each in one["differences"]]


WORDS = "My printer is broken.\n\nCould you have a look?"
# What an older program stored, and what the replay says of it.
OLDER = {
    "description": ("""UPDATE public."Ticket" SET description = 'My'""", [("description", "My", WORDS)]),
    "category": (
        """UPDATE public."Ticket" SET category = 'billing'""",
        [("category", "billing", "technical_issue")],
    ),
    "priority": ("""UPDATE public."Ticket" SET priority = 'low'""", [("priority", "low", "medium")]),
    "kind": (
        """UPDATE mail.ledger SET evidence = evidence || '{"kind": "list: x"}'""",
        [("kind", "list", "person")],
    ),
    "sender": ("""UPDATE mail.ledger SET sender = 'eve@customer.example'""", None),
    "html": ("UPDATE mail.reading SET html = '<p>My</p>'", [("html", "<p>My</p>", "")]),
}
# What happened since, or is not the mail's alone.
SINCE = {
    "its state": """UPDATE public."Ticket" SET status = 'closed', "closedAt" = now()""",
    "its owner": """UPDATE public."Ticket" SET "assignedToId" = NULL""",
    "a category that somebody chose": """WITH done AS (
        INSERT INTO public."TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
        SELECT 'c000000000000000000000000', id, "createdById", 'updated',
            'Category changed from technical_issue to billing', now() FROM public."Ticket"
    ) UPDATE public."Ticket" SET category = 'billing'""",
    "a description that somebody wrote": """WITH done AS (
        INSERT INTO public."TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
        SELECT 'c000000000000000000000000', id, "createdById", 'updated', 'Description updated', now()
        FROM public."Ticket"
    ) UPDATE public."Ticket" SET description = 'Theirs'""",
    "somebody who was forgotten": """UPDATE public."Ticket" SET description = 'Ask forgotten@invalid'""",
    "somebody who was forgotten in its HTML": "UPDATE mail.reading SET html = '<p>Ask forgotten@invalid</p>'",
    "a ticket that is gone": """DELETE FROM public."Ticket" """,
    "bytes that are gone": "DELETE FROM mail.raw_chunk",
    "a mail that waits": "UPDATE mail.ledger SET fate = NULL",
}


@pytest.mark.usefixtures("settings_here")
@pytest.mark.parametrize(("statement", "told"), OLDER.values(), ids=OLDER)
def test_what_an_older_program_read_otherwise_is_told_and_nothing_is_written(
    services: Services, supportdesk: Supportdesk, statement: str, told: list[tuple[str, str, str]] | None
) -> None:
    process(services, OPENED)
    tamper(services, statement)
    before = query(services, "SELECT * FROM mail.ledger"), query(services, 'SELECT * FROM public."Ticket"')

    shown = supportdesk("replay", "--json")

    assert shown.exit_code == 1
    found = whats(json.loads(shown.stdout))
    assert found == told if told is not None else [one[0] for one in found] == ["sender"]
    assert (query(services, "SELECT * FROM mail.ledger"), query(services, 'SELECT * FROM public."Ticket"')) == before


@pytest.mark.usefixtures("settings_here")
@pytest.mark.parametrize("statement", SINCE.values(), ids=SINCE)
def test_what_has_moved_on_since_is_no_difference(services: Services, supportdesk: Supportdesk, statement: str) -> None:
    process(services, OPENED)
    tamper(services, statement)

    shown = supportdesk("replay", "--json")

    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["mails"] == []


def test_of_mails_that_differ_no_files_stay_in_memory(services: Services) -> None:
    mail = EmailMessage()
    for name, value in {"From": "ann@customer.example", "Subject": "Pink", "Message-ID": "<file@x>"}.items():
        mail[name] = value
    mail.set_content("See the picture.")
    mail.add_attachment(bytes(200_000), maintype="image", subtype="png", filename="p.png")
    process(services, mail.as_bytes())
    tamper(services, """UPDATE "Ticket" SET description = 'Otherwise.'""")

    (found,) = replay_mails(services, WhichMails())

    assert found.differences
    assert found.mail is not None
    assert [len(one.content) for one in found.mail.attachments] == [0]
    assert (found.mail.text, found.mail.html) == ("", "")
