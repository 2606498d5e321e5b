"""What is done in the studio makes the rows that the command makes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    make_staff,
    process,
    query,
)
from tests.support.servers.studio import Visitor, running_studio, two_senders
from worker.announce.run import announce_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT)
ADA, CAT = ADMIN[0], SECOND_AGENT[0]
# Everything that a change of a ticket leaves, without numbers and times; in the order in which it was written.
TRACES = (
    """SELECT t.status::text, t.priority::text, o.email AS owner, t."resolvedAt" IS NULL AS unresolved,
        t."closedAt" IS NULL AS unclosed FROM public."Ticket" t JOIN mail.ticket n ON n.ticket_id = t.id
        LEFT JOIN public."User" o ON o.id = t."assignedToId" WHERE n.number = :number""",
    """SELECT a.action, a.description, u.email FROM public."TicketActivity" a JOIN public."User" u ON u.id = a."userId"
        JOIN mail.ticket n ON n.ticket_id = a."ticketId" WHERE n.number = :number
        ORDER BY a."createdAt", a.description""",
    """SELECT c.content, u.email FROM public."Comment" c JOIN public."User" u ON u.id = c."userId"
        JOIN mail.ticket n ON n.ticket_id = c."ticketId" WHERE n.number = :number ORDER BY c."createdAt" """,
    """SELECT text, person_number, reason, ledger_id FROM mail.note WHERE ticket_number = :number ORDER BY id""",
    """SELECT kind, field, old, new, (SELECT u.email FROM mail.person p JOIN public."User" u ON u.id = p.user_id
        WHERE p.number = event.actor) AS actor, person_number, fate, reason, details, comment_id IS NULL AS no_comment,
        note_id IS NULL AS no_note FROM mail.event WHERE ticket_number = :number ORDER BY id""",
    """SELECT template, kind, role, recipient, sender, subject, text, fate, reason FROM mail.outbox
        WHERE ticket_number = :number ORDER BY id""",
)
LEDGER = """SELECT fate, reason, error, evidence, tries, claimed_by, restored_at IS NULL AS unrestored, reported_at
    FROM mail.ledger WHERE id = :number"""
OUTBOX = """SELECT fate, reason, error, attempts, tries, retried_at IS NULL AS unretried, due_at <= now() AS due
    FROM mail.outbox WHERE id = :number"""
EVENT = "SELECT fate, reason, error, tries, claimed_by FROM mail.event WHERE id = :number"


@pytest.fixture
def visitor(services: Services) -> Iterator[Visitor]:
    with running_studio(services.settings.database.url.get_secret_value(), ADA) as address:
        visitor = Visitor(address)
        visitor.enter()
        yield visitor


def a_ticket(services: Services, number: int) -> int:
    raw = a_raw_mail(message_id=f"<{number}@customer.example>", **{"from": f"c{number}@customer.example"})
    return int(process(services, raw)["ticket_number"])


def bare(value: Any, number: int) -> Any:
    """A value without what two tickets cannot share: numbers, customers, signed references and minutes."""
    if not isinstance(value, str):
        return value
    plain = re.sub(r"\[ref [^\]]*\]|\+\w+\.\w{20}@|\bc\d\b(@customer\.example)?|SD-\d+|\d\d:\d\d", "…", value)
    return re.sub(r"\s+", " ", plain)


def traces(services: Services, number: int) -> list[list[dict[str, Any]]]:
    return [
        [{name: bare(value, number) for name, value in row.items()} for row in query(services, one, number=number)]
        for one in TRACES
    ]


@pytest.mark.parametrize(
    ("word", "form", "command"),
    [
        ("answer", {"text": "Hello,\r\n\r\n  turn it off. 😀\r\n"}, ("comment", "{}", "Hello,\n\n  turn it off. 😀\n")),
        ("note", {"text": "The old model."}, ("comment", "{}", "The old model.", "--note")),
        ("assign", {"owner": CAT}, ("assign", "{}", CAT)),
        ("assign", {"owner": ""}, ("assign", "{}", "none")),
        ("status", {"status": "resolved"}, ("status", "{}", "resolved")),
        ("status", {"status": "closed"}, ("status", "{}", "closed")),
        ("status", {"status": "open"}, ("status", "{}", "open")),
    ],
)
def test_a_ticket_is_changed_as_by_the_command(
    services: Services,
    supportdesk: Supportdesk,
    visitor: Visitor,
    word: str,
    form: dict[str, str],
    command: tuple[str, ...],
) -> None:
    by_command, by_studio = (a_ticket(services, number) for number in (1, 2))
    make_staff(services, CAT)
    before = [traces(services, number) for number in (by_command, by_studio)]

    told = supportdesk("ticket", *(one.format(by_command) for one in command), "--as", ADA)
    done = visitor.post(f"/tickets/{by_studio}/{word}", form)
    announce_due(services)

    assert (told.exit_code, done.status, done.headers["location"]) == (0, 303, f"/tickets/details/{by_studio}")
    after = [traces(services, number) for number in (by_command, by_studio)]
    assert after[1][0] == after[0][0]
    new = [[rows[len(old) :] for old, rows in zip(*both, strict=True)] for both in zip(before, after, strict=True)]
    assert new[1] == new[0]
    assert any(new[0]) is (form.get("status") != "open")
    shown = visitor.get(f"/tickets/details/{by_studio}").text
    assert bare(told.output.strip(), 0) in bare(shown.replace("&#39;", "'"), 0)
    assert "said" not in visitor.get("/").text


REFUSED: tuple[tuple[str, dict[str, str], str], ...] = (
    ("answer", {"text": " \n"}, "There are no words"),
    ("answer", {"text": "a\0b"}, "The words hold bytes that are no text"),
    ("assign", {"owner": "c1@customer.example"}, "c1@customer.example is not staff."),
    ("assign", {"owner": "eve"}, "eve is no mail address."),
    ("status", {"status": "done"}, "There is no status “done”."),
    ("status", {}, "There is no status “”."),
)


def test_what_cannot_be_done_is_said_and_nothing_changes(services: Services, visitor: Visitor) -> None:
    number = a_ticket(services, 1)
    before = traces(services, number)

    for word, form, sentence in REFUSED:
        visitor.post(f"/tickets/{number}/{word}", form)
        assert sentence in visitor.get(f"/tickets/details/{number}").text

    assert traces(services, number) == before
    assert visitor.post(f"/tickets/{number}/delete").status == 404
    assert visitor.post(f"/staff/{number}/drop").status == 404


@pytest.mark.parametrize(("word", "command"), [("retry", ("retry", "{}")), ("drop", ("drop", "{}", "--yes"))])
def test_a_mail_in_quarantine_is_decided_as_by_the_command(
    services: Services, supportdesk: Supportdesk, visitor: Visitor, word: str, command: tuple[str, ...]
) -> None:
    by_command, by_studio = (int(process(services, two_senders(number))["id"]) for number in (1, 2))

    told = supportdesk("quarantine", *(one.format(by_command) for one in command))
    done = visitor.post(f"/quarantine/{by_studio}/{word}")

    assert (told.exit_code, done.status) == (0, 303)
    rows = [query(services, LEDGER, number=number) for number in (by_command, by_studio)]
    assert rows[0] == rows[1] != []
    assert rows[0][0]["fate"] == {"retry": None, "drop": "dropped"}[word]
    assert f"Mail {by_studio} is" in visitor.get(done.headers["location"]).text
    visitor.post(f"/quarantine/{by_studio}/{word}")
    assert "is not in quarantine" in visitor.get("/quarantine/list").text


@pytest.mark.parametrize(("word", "command"), [("retry", ("retry", "{}")), ("drop", ("drop", "{}", "--yes"))])
def test_a_change_in_quarantine_is_decided_as_by_the_command(
    services: Services, supportdesk: Supportdesk, visitor: Visitor, word: str, command: tuple[str, ...]
) -> None:
    tickets = [a_ticket(services, number) for number in (1, 2)]
    execute(services, "UPDATE mail.event SET fate = 'quarantined', reason = 'It broke.'")
    events = [
        query(services, "SELECT min(id) AS id FROM mail.event WHERE ticket_number = :n", n=number)[0]["id"]
        for number in tickets
    ]

    told = supportdesk("quarantine", *(one.format(f"event-{events[0]}") for one in command))
    shown = visitor.get(f"/quarantine/details/event-{events[1]}")
    done = visitor.post(f"/quarantine/event-{events[1]}/{word}")

    assert (told.exit_code, shown.status, done.status) == (0, 200, 303)
    rows = [query(services, EVENT, number=number) for number in events]
    assert rows[0] == rows[1] != []


def test_a_dropped_mail_is_restored_as_by_the_command(
    services: Services, supportdesk: Supportdesk, visitor: Visitor
) -> None:
    raws = (a_raw_mail("Away.", message_id=f"<{n}@x>", auto_submitted="auto-replied") for n in (1, 2))
    by_command, by_studio = (int(process(services, raw)["id"]) for raw in raws)
    assert "If a person wrote it" in visitor.get(f"/mails/details/{by_studio}").text

    told = supportdesk("mail", "restore", by_command)
    done = visitor.post(f"/mails/{by_studio}/restore")

    assert (told.exit_code, done.status) == (0, 303)
    rows = [query(services, LEDGER, number=number) for number in (by_command, by_studio)]
    assert rows[0] == rows[1]
    assert (rows[0][0]["fate"], rows[0][0]["unrestored"]) == (None, False)
    visitor.post(f"/mails/{by_studio}/restore")
    assert "it is not a dropped mail" in visitor.get(f"/mails/details/{by_studio}").text


@pytest.mark.parametrize(
    ("state", "word", "command"),
    [
        ("fate = 'held', reason = 'The recipient objected.'", "release", ("release", "{}")),
        ("fate = 'failed', reason = 'No such mailbox.'", "retry", ("retry", "{}")),
        ("error = 'It timed out.', attempts = 2, due_at = now() + interval '1 hour'", "retry", ("retry", "{}")),
        ("error = 'It timed out.', attempts = 2", "drop", ("drop", "{}", "--yes")),
        ("fate = 'held', reason = 'The recipient objected.'", "drop", ("drop", "{}", "--yes")),
    ],
)
def test_a_mail_of_ours_is_decided_as_by_the_command(
    services: Services, supportdesk: Supportdesk, visitor: Visitor, state: str, word: str, command: tuple[str, ...]
) -> None:
    tickets = [a_ticket(services, number) for number in (1, 2)]
    first = "SELECT min(id) AS id FROM mail.outbox WHERE ticket_number = :number AND template = 'ticket-opened'"
    mails = [int(query(services, first, number=number)[0]["id"]) for number in tickets]
    for number in mails:
        execute(services, f"UPDATE mail.outbox SET {state} WHERE id = :number", number=number)
    shown = visitor.get(f"/outbox/details/{mails[1]}").text
    assert f'action="/outbox/{mails[1]}/{word}"' in shown

    told = supportdesk("outbox", *(one.format(mails[0]) for one in command))
    done = visitor.post(f"/outbox/{mails[1]}/{word}")

    assert (told.exit_code, done.status) == (0, 303), told.output
    rows = [query(services, OUTBOX, number=number) for number in mails]
    assert rows[0] == rows[1] != []
    notes = [[bare(row["text"], 0) for row in query(services, TRACES[3], number=number)] for number in tickets]
    assert notes[0] == notes[1]
    other = "release" if word == "drop" else word
    visitor.post(f"/outbox/{mails[1]}/{other}")
    assert "no longer, so nothing was changed" in visitor.get("/").text or word == "retry"


MARK = re.compile(r'name="once" value="([0-9a-f]{16,})"')


def mark_of(visitor: Visitor, number: int) -> str:
    found = MARK.search(visitor.get(f"/tickets/details/{number}").text)
    assert found, "the form has no mark of its own"
    return found[1]


@pytest.mark.parametrize("word", ["answer", "note"])
def test_a_form_that_is_sent_twice_is_done_once(services: Services, visitor: Visitor, word: str) -> None:
    number = a_ticket(services, 1)
    form = {"text": "Turn it off.", "once": mark_of(visitor, number)}

    visitor.post(f"/tickets/{number}/{word}", form)
    once = traces(services, number)
    again = visitor.post(f"/tickets/{number}/{word}", form)

    assert (again.status, traces(services, number)) == (303, once)
    assert "It was sent twice, and done once." in visitor.get(again.headers["location"]).text
    visitor.post(f"/tickets/{number}/{word}", {**form, "once": mark_of(visitor, number)})
    assert traces(services, number) != once


def test_what_could_not_be_done_is_done_when_it_is_sent_again(services: Services, visitor: Visitor) -> None:
    number = a_ticket(services, 1)
    form = {"text": "a\0b", "once": mark_of(visitor, number)}
    visitor.post(f"/tickets/{number}/answer", form)

    visitor.post(f"/tickets/{number}/answer", {**form, "text": "Now without it."})

    assert [row["content"] for row in query(services, 'SELECT content FROM "Comment"')] == ["Now without it."]


@pytest.mark.parametrize("place", ["quarantine", "outbox", "mails"])
def test_who_lost_the_role_meanwhile_decides_nothing(services: Services, visitor: Visitor, place: str) -> None:
    process(services, a_raw_mail())
    mail = int(process(services, two_senders(1))["id"])
    away = int(process(services, a_raw_mail("Away.", message_id="<9@x>", auto_submitted="auto-replied"))["id"])
    execute(services, "UPDATE mail.outbox SET fate = 'held', reason = 'The recipient objected.'")
    sent = query(services, "SELECT min(id) AS id FROM mail.outbox")[0]["id"]
    number, word = {"quarantine": (mail, "drop"), "outbox": (sent, "release"), "mails": (away, "restore")}[place]
    before = [query(services, one, number=number) for one in (LEDGER, OUTBOX)]
    execute(services, """UPDATE "User" SET role = 'customer' WHERE email = :ada""", ada=ADA)
    execute(services, "DELETE FROM mail.staff")

    done = visitor.post(f"/{place}/{number}/{word}")

    assert f"{ADA} is not staff." in visitor.get(done.headers["location"]).text
    assert [query(services, one, number=number) for one in (LEDGER, OUTBOX)] == before
