"""What lies in an archive gives nobody anything: no token counts, nothing is obeyed, nobody is let into a thread."""

from pathlib import Path

import pytest

from tests.db.stories.hands.imports.conftest import Bring
from tests.support.database.services import (
    AGENT,
    SUPPORT,
    a_raw_mail,
    guests,
    make_staff,
    participants,
    process,
    query,
    services_on,
)
from worker.runtime.services import Services

DATE = "Mon, 04 Mar 2019 08:30:00 +0000"
BOB = "Bob <bob@desk.example>"
PINNED = {"AUTHSERV_ID": "mx.desk.example"}
QUIET = "SELECT (SELECT count(*) FROM mail.event) AS events, (SELECT count(*) FROM mail.outbox) AS mails"
TICKET = """SELECT t.status, t."updatedAt" AS updated, t."assignedToId" AS owner, t.priority FROM "Ticket" t
    JOIN mail.ticket n ON n.ticket_id = t.id WHERE n.number = :number"""
EVIDENCE = "SELECT fate, reason, evidence, ticket_number FROM mail.ledger WHERE imported_at IS NOT NULL ORDER BY id"
COMMENTS = 'SELECT content FROM "Comment" ORDER BY "createdAt"'

pytestmark = pytest.mark.services(AGENT)


def old(folder: Path, body: str = "Old words.", name: str = "one", **headers: str) -> Path:
    """A file with an old mail of Ann's."""
    file = folder / f"{name}.eml"
    file.write_bytes(a_raw_mail(body, **({"date": DATE, "message_id": f"<{name}@old.example>"} | headers)))
    return file


def test_without_a_voucher_a_mail_in_the_name_of_staff_leaves_no_trace(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    files = old(tmp_path), old(tmp_path, "I am Bob.", "two", **{"from": BOB, "in_reply_to": "<one@old.example>"})

    first, vouched = bring("eml", *files), bring("eml", *files, "--staff-answers")

    assert "1 in the name of staff or of the desk was left out" in first.output
    assert "became 0 tickets and 1 comment" in vouched.output
    assert [row["content"] for row in query(services, COMMENTS)] == ["I am Bob."]


def test_what_our_own_server_denied_has_no_effect_whoever_vouches_for_it(
    fresh_database: str, bring: Bring, tmp_path: Path
) -> None:
    services = services_on(fresh_database, AGENT, **PINNED)
    bring("eml", old(tmp_path), pinned=True)
    denied = {"authentication_results": "mx.desk.example; dmarc=fail header.from=desk.example"}
    forged = old(tmp_path, "Pay here.", "two", **{"from": BOB, "in_reply_to": "<one@old.example>"}, **denied)

    done = bring("eml", forged, "--staff-answers", pinned=True)

    assert "1 had no effect (staff_without_power: 1)." in done.output, done.output
    assert query(services, COMMENTS) == query(services, "SELECT text FROM mail.note") == []
    assert query(services, EVIDENCE)[1]["evidence"]["proof"] == "refuted"
    services.engine.dispose()


def test_a_token_in_an_old_mail_opens_nothing_and_commands_are_not_obeyed(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    number = process(services, a_raw_mail())["ticket_number"]
    (told,) = query(services, "SELECT reply_to FROM mail.outbox WHERE recipient = :bob", bob=AGENT[0])
    before, mails = query(services, TICKET, number=number), query(services, QUIET)
    to = {"to": told["reply_to"], "in_reply_to": "<1@customer>"}
    words = "#close\n#priority high\n#assign none\n\nHello Ann,\n\nDone long ago."

    bring("eml", old(tmp_path, words, **{"from": BOB}, **to), "--staff-answers")

    assert query(services, QUIET) == mails
    assert query(services, TICKET, number=number) == before
    (row,) = query(services, EVIDENCE)
    assert (row["ticket_number"], row["evidence"]["proof"]) == (number, "claimed")
    assert "no live token" in row["evidence"]["trust"]
    assert [one["content"] for one in query(services, COMMENTS)] == ["Hello Ann,\n\nDone long ago."]


def test_words_that_were_meant_for_staff_alone_stay_so(services: Services, bring: Bring, tmp_path: Path) -> None:
    answer = old(tmp_path, "#note\nShe never pays.", "two", **{"from": BOB, "in_reply_to": "<one@old.example>"})

    bring("eml", old(tmp_path), answer, "--staff-answers")

    assert query(services, COMMENTS) == []
    assert query(services, "SELECT text, written_at::date::text AS day FROM mail.note") == [
        {"text": "She never pays.", "day": "2019-03-04"}
    ]


def test_a_pass_in_an_old_mail_proves_nothing_and_cc_lets_nobody_in(
    fresh_database: str, bring: Bring, tmp_path: Path
) -> None:
    services = services_on(fresh_database, AGENT, **PINNED)
    passed = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
    evil = {"cc": "Eve <eve@evil.example>"}
    answer = {"from": BOB, "in_reply_to": "<one@old.example>", "to": "ann@customer.example"}

    bring("eml", old(tmp_path, **passed, **evil), pinned=True)
    bring("eml", old(tmp_path, "Answer.", "two", **answer, **evil), "--staff-answers", pinned=True)

    assert {row["evidence"]["proof"] for row in query(services, EVIDENCE)} == {"claimed"}
    assert (participants(services), guests(services)) == ({"ann@customer.example"}, set())
    services.engine.dispose()


def test_a_stranger_who_names_a_mail_of_a_ticket_of_today_gets_a_ticket_of_their_own(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    number = process(services, a_raw_mail())["ticket_number"]

    bring("eml", old(tmp_path, "Let me in.", **{"from": "eve@evil.example", "subject": f"Re: [SD-{number}]"},
                     in_reply_to="<1@customer>"))  # fmt: skip

    (row,) = query(services, EVIDENCE)
    assert row["ticket_number"] != number
    assert participants(services, number) == {"ann@customer.example"}


def test_a_number_in_an_old_subject_is_another_desks(services: Services, bring: Bring, tmp_path: Path) -> None:
    number = process(services, a_raw_mail())["ticket_number"]

    done = bring("eml", old(tmp_path, **{"from": BOB, "subject": f"Re: [SD-{number}] Printer"}), "--staff-answers")

    assert "staff_off_ticket: 1" in done.output
    assert query(services, COMMENTS) == []


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        (BOB, {"auto_submitted": "auto-replied", "in_reply_to": "<1@customer>", "subject": "Out of office"}),
        ("MAILER-DAEMON@mx.example", {"auto_submitted": "auto-replied", "return_path": "<>", "subject": "Undelivered"}),
        (f"Desk <{SUPPORT}>", {}),
        ("a@x.example, b@x.example", {}),
        (BOB, {"subject": "#away"}),
    ],
)
def test_what_is_no_persons_has_no_effect_and_waits_for_nobody(
    services: Services, bring: Bring, tmp_path: Path, sender: str, headers: dict[str, str]
) -> None:
    done = bring("eml", old(tmp_path, "#away", **{"from": sender}, **headers), "--staff-answers")

    rows = query(services, EVIDENCE)
    assert [(row["fate"], row["ticket_number"], "drop" in row["evidence"]) for row in rows] == [
        ("not_applied", None, False)
    ], done.output
    assert query(services, QUIET) == [{"events": 0, "mails": 0}]
    assert query(services, "SELECT * FROM mail.absence") == query(services, "SELECT * FROM mail.suppression") == []


def test_staff_of_another_time_are_customers_today(services: Services, bring: Bring, tmp_path: Path) -> None:
    make_staff(services, "dan@desk.example")
    dan = {"from": "dan@desk.example", "in_reply_to": "<one@old.example>"}
    bring("eml", old(tmp_path), old(tmp_path, "By Dan.", "two", **dan), "--staff-answers")

    assert query(services, 'SELECT u.email FROM "Ticket" t JOIN "User" u ON u.id = t."assignedToId"') == [
        {"email": "dan@desk.example"}
    ]


@pytest.mark.parametrize(("to", "table"), [("ann@customer.example", '"Comment"'), ("cat@desk.example", "mail.note")])
def test_words_that_would_be_sent_back_today_are_a_comment_where_the_customer_has_read_them(
    services: Services, bring: Bring, tmp_path: Path, to: str, table: str
) -> None:
    words = "Please see the manual.\n\n#close\n\nIt says how."
    answer = old(tmp_path, words, "two", **{"from": BOB, "in_reply_to": "<one@old.example>", "to": to})

    bring("eml", old(tmp_path), answer, "--staff-answers")

    assert query(services, f"SELECT count(*) FROM {table}") == [{"count": 1}]
