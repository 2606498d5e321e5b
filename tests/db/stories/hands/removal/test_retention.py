"""Old bytes, texts and events go after their days; what is undecided or still needed stays, and rows stay as proof."""

from typing import Any

import pytest

from tests.support.database.services import (
    AGENT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail
from worker.admin.retention import let_go_for
from worker.intake.run import receive_due
from worker.runtime.services import Services

DAYS = {"RETENTION__RAW_DAYS": "400", "RETENTION__OUTBOX_TEXT_DAYS": "400", "RETENTION__EVENT_DAYS": "400"}
pytestmark = pytest.mark.services(AGENT, **DAYS)
ANN, BOB = "ann@customer.example", "bob@desk.example"
LONG = 60.0
# All that has a time becomes older by so many days.
AGE = (
    """UPDATE mail.ledger SET stored_at = stored_at - :age, decided_at = decided_at - :age,
        reported_at = reported_at - :age, confirmed_at = confirmed_at - :age, restored_at = restored_at - :age""",
    """UPDATE mail.outbox SET written_at = written_at - :age, decided_at = decided_at - :age, sent_at = sent_at - :age,
        retried_at = retried_at - :age, token_expires_at = token_expires_at - :age""",
    """UPDATE mail.event SET happened_at = happened_at - :age, decided_at = decided_at - :age,
        announced_at = announced_at - :age""",
    """UPDATE public."Ticket" SET "updatedAt" = "updatedAt" - :age""",
)
SENT = "UPDATE mail.outbox SET fate = 'sent', decided_at = now(), sent_at = now()"
CLOSED = """UPDATE public."Ticket" SET status = 'closed', "closedAt" = now()"""
TOLD = "UPDATE mail.event SET fate = 'announced', decided_at = now()"


def grow_old(services: Services, days: int = 500) -> None:
    """All tables as they are, but older."""
    execute(
        services,
        "SET LOCAL session_replication_role = replica",
        *(one.replace(":age", f"interval '{days} days'") for one in AGE),
    )


def kept(services: Services) -> dict[str, int]:
    """How many mails have bytes, how many mails of ours have texts, and how many events there are."""
    return query(
        services,
        """SELECT (SELECT count(*) FROM mail.raw_chunk WHERE position = 0) AS raw,
        (SELECT count(*) FROM mail.outbox WHERE text <> '') AS texts,
        (SELECT count(*) FROM mail.event) AS events""",
    )[0]


def words(services: Services) -> list[str]:
    """The text of each comment, or of each ticket but the first, as a closed ticket is gone on from by a new one."""
    found = """SELECT content AS text FROM public."Comment" UNION ALL
        (SELECT description FROM public."Ticket" ORDER BY "createdAt" OFFSET 1)"""
    return [row["text"] for row in query(services, found)]


@pytest.fixture
def number(services: Services) -> int:
    """A mail that opened a ticket; all of it is told and sent, and the ticket is closed."""
    found = int(process(services, a_raw_mail())["id"])
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    return found


def test_what_is_old_and_over_goes_and_the_rows_stay(services: Services, number: int) -> None:
    before = {name: query(services, f"SELECT count(*) AS n FROM mail.{name}") for name in ("ledger", "outbox")}
    grow_old(services)

    assert let_go_for(services, LONG) is False

    after = kept(services)
    assert (after["raw"], after["texts"]) == (0, 0)
    assert {name: query(services, f"SELECT count(*) AS n FROM mail.{name}") for name in before} == before
    row = query(services, "SELECT fate, sender, message_id, size FROM mail.ledger WHERE id = :id", id=number)[0]
    assert row == {"fate": "applied", "sender": ANN, "message_id": "1@customer", "size": len(a_raw_mail())}
    named = query(services, "SELECT count(*) AS n FROM mail.outbox WHERE event_id IS NOT NULL AND subject <> ''")
    assert named[0]["n"] > 0
    # Events that no mail came of are gone, the others have no words.
    assert (
        query(
            services,
            """SELECT id FROM mail.event e
            WHERE details <> '{}' OR NOT EXISTS (SELECT FROM mail.outbox o WHERE o.event_id = e.id)""",
        )
        == []
    )


def test_what_is_young_stays(services: Services, number: int) -> None:
    grow_old(services, 399)
    before = kept(services)

    let_go_for(services, LONG)

    assert kept(services) == before


def test_what_was_too_young_is_met_again_by_the_next_turn(services: Services, number: int) -> None:
    grow_old(services, 399)
    let_go_for(services, LONG)
    grow_old(services, 2)

    let_go_for(services, LONG)

    assert kept(services)["raw"] == kept(services)["texts"] == 0


def test_without_days_everything_stays_for_ever(make_services: MakeServices) -> None:
    services = make_services(AGENT, a_raw_mail())
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    grow_old(services, 5000)
    before = kept(services)

    let_go_for(services, LONG)

    assert kept(services) == before


# The ticket, and those that were merged into it, become part of one that is open.
PART_OF_AN_OPEN_ONE = """
WITH live AS (
    INSERT INTO public."Ticket" (id, title, description, category, "createdById", status, "updatedAt")
    SELECT 'live', title, description, category, "createdById", 'open', now() FROM public."Ticket" LIMIT 1
    RETURNING id
), anchor AS (
    INSERT INTO mail.ticket (ticket_id) SELECT id FROM live RETURNING number
)
UPDATE mail.ticket SET merged_into = (SELECT number FROM anchor)
"""
NEEDED_MAILS = {
    "undecided": "UPDATE mail.ledger SET fate = NULL, decided_at = NULL",
    "in quarantine": "UPDATE mail.ledger SET fate = 'quarantined'",
    "waits for a word": "UPDATE mail.ledger SET fate = NULL, decided_at = NULL, waited_at = now()",
    "dropped, and nobody told": """UPDATE mail.ledger SET fate = 'not_applied', evidence = '{"drop": "report"}',
        reported_at = NULL""",
    "dropped, and told lately": """UPDATE mail.ledger SET fate = 'not_applied', evidence = '{"drop": "report"}',
        reported_at = now()""",
    "decided again lately": "UPDATE mail.ledger SET decided_at = now() - interval '399 days'",
    "confirmed lately": "UPDATE mail.ledger SET confirmed_at = now()",
    "restored lately": "UPDATE mail.ledger SET restored_at = now()",
    "on an open ticket": """UPDATE public."Ticket" SET status = 'open', "closedAt" = NULL""",
    "on a ticket of a new status": """UPDATE public."Ticket" SET status = 'in_progress'""",
    "on a ticket merged into one that was merged into an open one": """
        WITH far AS (
            INSERT INTO public."Ticket" SELECT (jsonb_populate_record(t, '{"id": "far", "status": "open"}')).*
            FROM public."Ticket" t RETURNING id
        ), anchors AS (
            INSERT INTO mail.ticket (number, ticket_id, merged_into) OVERRIDING SYSTEM VALUE
            SELECT 9002, far.id, CAST(NULL AS bigint) FROM far UNION ALL SELECT 9001, NULL, 9002
        )
        UPDATE mail.ticket SET merged_into = 9001 WHERE number < 9001""",
    "on a ticket that closed lately": """UPDATE public."Ticket" SET "updatedAt" = now()""",
    "on a ticket that is part of an open one": PART_OF_AN_OPEN_ONE,
}
GONE_MAILS = {
    "dropped by an admin": "UPDATE mail.ledger SET fate = 'dropped'",
    "dropped, and told long ago": """UPDATE mail.ledger SET fate = 'not_applied', evidence = '{"drop": "report"}',
        reported_at = now() - interval '401 days'""",
    "about no ticket": "UPDATE mail.ledger SET ticket_number = NULL",
    "on a resolved ticket": """UPDATE public."Ticket" SET status = 'resolved', "resolvedAt" = '2020-01-01'""",
}


@pytest.mark.parametrize("change", NEEDED_MAILS.values(), ids=NEEDED_MAILS)
def test_bytes_stay_that_somebody_may_need(services: Services, number: int, change: str) -> None:
    grow_old(services)
    execute(services, "SET LOCAL session_replication_role = replica", change)

    let_go_for(services, LONG)

    assert kept(services)["raw"] == 1


@pytest.mark.parametrize("change", GONE_MAILS.values(), ids=GONE_MAILS)
def test_bytes_go_that_nobody_needs(services: Services, number: int, change: str) -> None:
    grow_old(services)
    execute(services, "SET LOCAL session_replication_role = replica", change)

    let_go_for(services, LONG)

    assert kept(services)["raw"] == 0


NEEDED_TEXTS = {
    "undecided": "UPDATE mail.outbox SET fate = NULL",
    "signed for longer": "UPDATE mail.outbox SET token_expires_at = now() + interval '1 day'",
    "sent again lately": "UPDATE mail.outbox SET retried_at = now()",
    "sent lately": "UPDATE mail.outbox SET sent_at = now()",
    "held, and given up lately": "UPDATE mail.outbox SET fate = 'failed', decided_at = now()",
    "on a ticket that is part of an open one": PART_OF_AN_OPEN_ONE,
    "on an open ticket": """UPDATE public."Ticket" SET status = 'open', "closedAt" = NULL""",
}


@pytest.mark.parametrize("change", NEEDED_TEXTS.values(), ids=NEEDED_TEXTS)
def test_texts_stay_that_somebody_may_need(services: Services, number: int, change: str) -> None:
    before = kept(services)["texts"]
    grow_old(services)
    execute(services, "SET LOCAL session_replication_role = replica", change)

    let_go_for(services, LONG)

    assert kept(services)["texts"] == before > 0


def test_what_a_customer_was_told_stays_on_a_ticket_with_notes(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    """By it the leak check knows that a line of a note is no secret, should the customer come back."""
    ticket = query(services, "SELECT number FROM mail.ticket")[0]["number"]
    assert supportdesk("ticket", "comment", ticket, "The old model.", "--note", "--as", BOB).exit_code == 0
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    grow_old(services)

    let_go_for(services, LONG)

    roles = query(services, "SELECT DISTINCT role FROM mail.outbox WHERE text <> ''")
    assert roles == [{"role": "customer"}]


NO_NOTES_LEFT = {
    "became a comment": "UPDATE mail.note SET accepted_at = now()",
    "its ticket was deleted": 'DELETE FROM public."Ticket"',
}


@pytest.mark.parametrize("change", NO_NOTES_LEFT.values(), ids=NO_NOTES_LEFT)
def test_what_a_customer_was_told_goes_where_no_note_can_leak(
    services: Services, supportdesk: Supportdesk, number: int, change: str
) -> None:
    ticket = query(services, "SELECT number FROM mail.ticket")[0]["number"]
    supportdesk("ticket", "comment", ticket, "The old model.", "--note", "--as", BOB)
    execute(services, SENT, change)
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    grow_old(services)

    let_go_for(services, LONG)

    assert kept(services)["texts"] == 0


def test_what_a_customer_was_told_stays_where_a_merged_ticket_has_notes(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    """A note is read on the ticket into which its own was merged."""
    second = process(services, a_raw_mail("Again.", message_id="<2@customer>", subject="Lamp"))["ticket_number"]
    assert supportdesk("ticket", "comment", second, "The old model.", "--note", "--as", BOB).exit_code == 0
    merged = "UPDATE mail.ticket SET merged_into = (SELECT min(number) FROM mail.ticket) WHERE number = :second"
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    execute(services, merged, second=second)
    grow_old(services)

    let_go_for(services, LONG)

    left = query(services, "SELECT DISTINCT ticket_number AS n, role FROM mail.outbox WHERE text <> '' ORDER BY n")
    assert [(row["n"], row["role"]) for row in left] == [(second - 1, "customer"), (second, "customer")]


def test_what_a_customer_was_told_stays_where_the_last_of_a_chain_of_merges_has_notes(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    process(services, a_raw_mail("Again.", message_id="<2@customer>", subject="Lamp"))
    last = process(services, a_raw_mail("Once more.", message_id="<3@customer>", subject="Fan"))["ticket_number"]
    assert supportdesk("ticket", "comment", last, "The old model.", "--note", "--as", BOB).exit_code == 0
    merged = "UPDATE mail.ticket SET merged_into = number + 1 WHERE number < :last"
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    execute(services, merged, last=last)
    grow_old(services)

    let_go_for(services, LONG)

    left = query(services, "SELECT DISTINCT ticket_number AS n, role FROM mail.outbox WHERE text <> '' ORDER BY n")
    assert [(row["n"], row["role"]) for row in left] == [(last - step, "customer") for step in (2, 1, 0)]


NEEDED_EVENTS = {
    "undecided": "UPDATE mail.event SET fate = NULL",
    "in quarantine": "UPDATE mail.event SET fate = 'quarantined'",
    "on an open ticket": """UPDATE public."Ticket" SET status = 'open', "closedAt" = NULL""",
    "announced lately": "UPDATE mail.event SET announced_at = now()",
    "decided lately": "UPDATE mail.event SET decided_at = now()",
    "on a ticket that is part of an open one": PART_OF_AN_OPEN_ONE,
}


@pytest.mark.parametrize("change", NEEDED_EVENTS.values(), ids=NEEDED_EVENTS)
def test_events_stay_that_somebody_may_need(services: Services, number: int, change: str) -> None:
    execute(
        services,
        """INSERT INTO mail.event (kind, ticket_number, fate)
        SELECT 'ticket_changed', number, 'announced' FROM mail.ticket""",
    )
    grow_old(services)
    before = kept(services)["events"]
    execute(services, "SET LOCAL session_replication_role = replica", change)

    let_go_for(services, LONG)

    assert kept(services)["events"] == before


def test_of_an_event_that_a_mail_came_of_only_the_words_go(services: Services, number: int) -> None:
    """Titles and descriptions are words; a status, or whose a ticket was, is proof of why the mail was written."""
    for field in ("title", "description", "status"):
        execute(
            services,
            f"""WITH event AS (
                INSERT INTO mail.event (kind, field, old, new, details, ticket_number, fate)
                SELECT 'ticket_changed', '{field}', 'before', 'after', '{{"more": 1}}', number, 'announced'
                FROM mail.ticket RETURNING id
            )
            INSERT INTO mail.outbox (event_id, template, kind, mailbox, role, recipient, recipient_name, sender,
                sender_name, subject, text, html, message_id, dated, token_expires_at, fate)
            SELECT id, 't', 'none', 'support', 'customer', '{ANN}', '', 'support@desk.example', '', 's', '', '',
                '{field}@x', now(), now(), 'sent' FROM event""",
        )
    grow_old(services)

    let_go_for(services, LONG)

    left = query(services, "SELECT field, old, new, details FROM mail.event WHERE kind = 'ticket_changed' ORDER BY id")
    assert left == [
        {"field": "title", "old": None, "new": None, "details": {}},
        {"field": "description", "old": None, "new": None, "details": {}},
        {"field": "status", "old": "before", "new": "after", "details": {}},
    ]


CHANGED = """(kind, field, ticket_number, fate)
    SELECT 'ticket_changed', '{}', number, 'parked' FROM mail.ticket"""


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        ("""(kind, details, fate) VALUES ('alert', '{"alert": {"about": ["suspect x"]}}', 'announced')""", True),
        ("""(kind, details, fate) VALUES ('alert', '{"alert": {"about": []}}', 'announced')""", False),
        (CHANGED.format("assignee"), True),
        (CHANGED.format("status"), False),
    ],
)  # fmt: skip
def test_what_is_remembered_for_good_stays(services: Services, number: int, event: str, stays: bool) -> None:
    """Of which accounts the admins were told, and that somebody took the owner of a ticket away."""
    execute(services, f"INSERT INTO mail.event {event}")
    execute(
        services, "SET LOCAL session_replication_role = replica", """UPDATE public."Ticket" SET "assignedToId" = NULL"""
    )
    last = query(services, "SELECT max(id) AS id FROM mail.event")[0]["id"]
    grow_old(services)

    let_go_for(services, LONG)

    assert bool(query(services, "SELECT FROM mail.event WHERE id = :id", id=last)) is stays


def test_a_mail_whose_bytes_are_gone_is_the_same_mail_when_it_comes_again(services: Services, number: int) -> None:
    """As after the server numbered its folder anew; also one without a name, which only its arrival tells apart."""
    nameless = a_raw_mail("Alarm.", message_id="", date="", received="from a; Mon, 1 Jan 2024 00:00:00 +0000")
    raws = (a_raw_mail(), nameless.replace(b"Message-Id: \n", b"").replace(b"Date: \n", b""))
    came = "UPDATE mail.ledger SET internal_date = '2024-01-01' WHERE id = :id"
    execute(services, came, id=process(services, raws[1])["id"])
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    grow_old(services)
    let_go_for(services, LONG)
    assert kept(services)["raw"] == 0

    rows = [store_in_ledger(services, raw) for raw in raws]
    execute(services, came, id=rows[1])
    receive_due(services)

    rules = [
        query(services, "SELECT evidence ->> 'rule' AS rule FROM mail.ledger WHERE id = :id", id=row) for row in rows
    ]
    assert rules == [[{"rule": "same_mail_twice"}]] * 2


def test_an_answer_to_a_mail_whose_text_is_gone_is_read_all_the_same(services: Services, number: int) -> None:
    sent = last_mail(services, ANN)
    grow_old(services)
    let_go_for(services, LONG)

    row = answer(services, sent, "It is broken again.")

    assert row["fate"] == "applied"
    assert words(services) == ["It is broken again."]


def test_a_mail_without_its_words_is_not_sent_again(services: Services, supportdesk: Supportdesk, number: int) -> None:
    execute(services, "UPDATE mail.outbox SET fate = 'failed', reason = 'Refused.'")
    row: Any = query(services, "SELECT max(id) AS id FROM mail.outbox")[0]["id"]
    grow_old(services)
    let_go_for(services, LONG)

    again, shown = supportdesk("outbox", "retry", row), supportdesk("outbox", "show", row)

    assert (again.exit_code, query(services, "SELECT fate FROM mail.outbox WHERE id = :id", id=row)) == (
        2,
        [{"fate": "failed"}],
    )
    assert f"Mail {row} has no words any more: [retention] of the settings let them go" in again.output
    assert "It has no words any more" in shown.output


def test_what_looks_for_bytes_says_that_they_are_gone(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    grow_old(services)
    let_go_for(services, LONG)

    shown, exported = supportdesk("mail", "show", number), supportdesk("mail", "export", number, "one.eml")
    explained, forgotten = supportdesk("explain", f"mail-{number}"), supportdesk("user", "forget", ANN)

    for result, status in ((shown, 0), (exported, 2)):
        assert result.exit_code == status
        assert f"The bytes of mail {number} are not stored any more" in result.output
    assert "It opened SD-" in explained.output
    assert forgotten.exit_code == 0, forgotten.output


def test_a_walk_goes_on_where_it_was_and_begins_anew_each_week(services: Services, number: int) -> None:
    second = process(services, a_raw_mail("Again.", message_id="<2@customer>", subject="Lamp"))["id"]
    execute(services, SENT, "SET LOCAL session_replication_role = replica", CLOSED, TOLD)
    open_again = """UPDATE public."Ticket" SET status = 'open' WHERE id = (
        SELECT t.ticket_id FROM mail.ticket t JOIN mail.ledger l ON l.ticket_number = t.number WHERE l.id = :id)"""
    grow_old(services)
    execute(services, "SET LOCAL session_replication_role = replica", open_again, id=second)

    let_go_for(services, LONG)
    execute(
        services,
        "SET LOCAL session_replication_role = replica",
        CLOSED,
        """UPDATE public."Ticket" SET "updatedAt" = '2020-01-01'""",
    )
    let_go_for(services, LONG)
    same_week = kept(services)["raw"]
    execute(services, "UPDATE mail.report_run SET due_at = due_at - interval '7 days' WHERE name = 'retention'")
    let_go_for(services, LONG)

    assert (same_week, kept(services)["raw"]) == (1, 0)
