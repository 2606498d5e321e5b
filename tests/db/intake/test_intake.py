"""Mails in the ledger become rows of the desk, each exactly once and with its reason."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mail.inbound.parse import parse
from models.db.claims import MOST_TRIES
from models.intake import facts
from models.intake.history import SenderHistory, read_history
from tests.support.database.services import SUPPORT, a_raw_mail, execute, process, query, store_in_ledger
from worker.announce.run import announce_due
from worker.intake import run as intake
from worker.intake.run import receive_due
from worker.runtime.services import Services


def reply_to(services: Services, recipient: str) -> str:
    found = query(services, "SELECT reply_to FROM mail.outbox WHERE recipient = :to ORDER BY id DESC", to=recipient)
    return str(found[0]["reply_to"])


def answer(services: Services, sender: str, text: str, **headers: str) -> dict[str, object]:
    """An answer to the last mail that somebody got from us."""
    given = {"from": sender, "to": reply_to(services, sender), "subject": "Re:", "message_id": f"<{abs(hash(text))}@x>"}
    found: dict[str, object] = process(services, a_raw_mail(text, **(given | headers)))
    return found


def test_a_new_mail_makes_its_sender_a_customer_and_opens_a_ticket_with_an_owner(services: Services) -> None:
    ledger = process(services, a_raw_mail("Our invoice is wrong.", subject="Invoice"))

    ticket = query(services, 'SELECT t.*, u.email, u.role::text FROM "Ticket" t JOIN "User" u ON u.id = "createdById"')[
        0
    ]
    assert (ledger["fate"], ledger["ticket_number"]) == ("applied", 1001)
    assert (ticket["title"], ticket["description"], ticket["category"]) == (
        "Invoice",
        "Our invoice is wrong.",
        "billing",
    )
    assert (ticket["email"], ticket["role"]) == ("ann@customer.example", "customer")
    assert ticket["assignedToId"] is not None


def test_an_answer_touches_its_ticket_as_the_web_app_does(services: Services) -> None:
    process(services, a_raw_mail())
    execute(services, """UPDATE "Ticket" SET "updatedAt" = '2020-01-01'""")

    answer(services, "ann@customer.example", "It is broken still.")

    touched = query(services, 'SELECT t."updatedAt" = c."createdAt" AS at_once FROM "Ticket" t, "Comment" c')
    assert touched == [{"at_once": True}]


def test_the_activities_follow_the_web_apps_conventions(services: Services) -> None:
    process(services, a_raw_mail())
    answer(services, "bob@desk.example", "#resolve\nIt is fixed.")

    said = [
        (row["action"], row["description"])
        for row in query(services, 'SELECT * FROM "TicketActivity" ORDER BY "createdAt", id')
    ]

    assert said[0] == ("created", "Ticket created: Printer")
    assert ("updated", "Ticket assigned") in said
    assert ("commented", "Added a comment") in said
    assert ("updated", "Status changed from open to resolved") in said


def test_the_assignment_is_kept_with_its_reason(services: Services) -> None:
    process(services, a_raw_mail())

    kept = query(services, "SELECT * FROM mail.assignment")

    assert [row["strategy"] for row in kept] == ["least_loaded"]
    assert "Bob" in kept[0]["reason"]


def test_an_agents_answer_becomes_a_public_comment_and_reaches_the_customer(services: Services) -> None:
    process(services, a_raw_mail())

    ledger = answer(services, "bob@desk.example", "Have you tried turning it off?")

    mail = query(services, "SELECT * FROM mail.outbox ORDER BY id DESC LIMIT 1")[0]
    assert ledger["fate"] == "applied"
    assert [row["content"] for row in query(services, 'SELECT content FROM "Comment"')] == [
        "Have you tried turning it off?"
    ]
    assert (mail["recipient"], mail["template"], mail["auto_submitted"]) == (
        "ann@customer.example",
        "comment-to-customer",
        None,
    )
    assert "Have you tried turning it off?" in mail["text"]


def test_answer_and_command_together_are_one_mail_to_the_customer(services: Services) -> None:
    process(services, a_raw_mail())
    before = len(query(services, "SELECT 1 FROM mail.outbox WHERE recipient = 'ann@customer.example'"))

    answer(services, "bob@desk.example", "#resolve\nIt is fixed.")

    mails = query(services, "SELECT * FROM mail.outbox WHERE recipient = 'ann@customer.example' ORDER BY id")[before:]
    assert [mail["template"] for mail in mails] == ["comment-to-customer"]
    assert "now resolved" in mails[0]["text"]


def test_a_reply_reopens_a_resolved_ticket(services: Services) -> None:
    process(services, a_raw_mail())
    answer(services, "bob@desk.example", "#resolve\nIt is fixed.")

    answer(services, "ann@customer.example", "No, it is not.")

    ticket = query(services, 'SELECT status::text, "resolvedAt" FROM "Ticket"')[0]
    assert ticket == {"status": "open", "resolvedAt": None}


def test_an_agents_mail_without_a_token_is_held_and_the_agent_is_asked(services: Services) -> None:
    process(services, a_raw_mail())

    ledger = process(
        services,
        a_raw_mail("#close", **{"from": "bob@desk.example", "subject": "Re: [SD-1001] Printer", "message_id": "<b@x>"}),
    )

    last = query(services, "SELECT * FROM mail.outbox ORDER BY id DESC LIMIT 1")[0]
    assert (ledger["fate"], query(services, 'SELECT status::text FROM "Ticket"')) == (
        "not_applied",
        [{"status": "open"}],
    )
    assert (last["template"], last["recipient"]) == ("mail-unconfirmed", "bob@desk.example")


def test_the_same_mail_under_two_uids_has_its_effect_once(services: Services) -> None:
    process(services, a_raw_mail())

    second = process(services, a_raw_mail())

    assert second["fate"] == "not_applied"
    assert "same mail as ledger row" in second["reason"]
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1


def test_two_first_mails_of_one_sender_at_once_make_one_customer(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*asked: Any) -> SenderHistory:
        before = read_history(*asked)
        time.sleep(0 if before.sender else 0.1)
        return before

    # Every worker has one mail, and all look for the sender before the first has made them.
    monkeypatch.setattr(intake, "BATCH", 1)
    monkeypatch.setattr(facts, "read_history", slowly)
    for number in range(8):
        store_in_ledger(services, a_raw_mail(f"Question {number}", message_id=f"<{number}@x>"))

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(receive_due, [services] * 4))

    assert len(query(services, "SELECT 1 FROM \"User\" WHERE email = 'ann@customer.example'")) == 1
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 8


def test_an_attachment_is_stored_once_by_content(services: Services) -> None:
    raw = (
        b"From: ann@customer.example\r\nMessage-ID: <%d@x>\r\nSubject: Logs\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the log.\r\n--b\r\n'
        b'Content-Type: text/x-log; name="a.log"\r\nContent-Disposition: attachment; filename="a.log"\r\n\r\n'
        b"line\r\n--b--\r\n"
    )
    for number in (1, 2):
        process(services, raw % number)

    assert len(query(services, "SELECT 1 FROM mail.attachment WHERE filename = 'a.log'")) == 2
    assert len(query(services, "SELECT 1 FROM mail.blob")) == 1


def test_what_trimming_removes_is_kept_beside_the_comment(services: Services) -> None:
    process(services, a_raw_mail())

    answer(
        services,
        "ann@customer.example",
        "Thank you.\n\nOn Mon, 2 Nov 2026 at 10:01, Desk wrote:\n> have you tried\n> turning it off",
    )

    kept = query(services, 'SELECT c.content, r.removed FROM mail.reading r JOIN "Comment" c ON c.id = r.comment_id')[0]
    assert kept["content"] == "Thank you."
    assert "turning it off" in kept["removed"]


def test_a_late_parent_joins_the_ticket_of_its_child(services: Services) -> None:
    process(services, a_raw_mail("And one more thing.", message_id="<child@x>", in_reply_to="<parent@x>"))

    parent = process(services, a_raw_mail("The first thing.", message_id="<parent@x>"))

    assert parent["ticket_number"] == 1001
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1


def test_a_mail_that_breaks_intake_three_times_is_quarantined_and_the_next_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = parse
    monkeypatch.setattr(intake, "parse", lambda raw: 1 / 0 if b"poison" in raw else real(raw))
    poison = store_in_ledger(services, a_raw_mail(subject="poison", message_id="<p@x>"))
    store_in_ledger(services, a_raw_mail("wholesome", message_id="<w@x>"))

    for _ in range(MOST_TRIES):
        receive_due(services)
        execute(services, "UPDATE mail.ledger SET due_at = now() WHERE fate IS NULL")

    found = query(services, "SELECT fate, tries, error FROM mail.ledger WHERE id = :row", row=poison)[0]
    assert (found["fate"], found["tries"]) == ("quarantined", 3)
    assert "ZeroDivisionError" in found["error"]
    assert query(services, "SELECT 1 FROM mail.raw_chunk WHERE ledger_id = :row", row=poison)
    assert [row["description"] for row in query(services, 'SELECT description FROM "Ticket"')] == ["wholesome"]


def test_a_customers_text_cannot_command(services: Services) -> None:
    process(services, a_raw_mail("#close\n#assign none\nPlease help."))
    announce_due(services)

    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]
    assigned = query(services, "SELECT text FROM mail.outbox WHERE template = 'ticket-assigned'")[0]["text"]
    assert "| #close" in assigned
    assert "\n#close" not in assigned


def test_a_mail_to_somebody_elses_signed_address_is_a_note(services: Services) -> None:
    process(services, a_raw_mail())

    found = process(
        services,
        a_raw_mail(
            "I know better.",
            **{
                "from": "eve@elsewhere.example",
                "to": reply_to(services, "ann@customer.example"),
                "message_id": "<e@x>",
            },
        ),
    )

    assert found["fate"] == "applied"
    assert [row["text"] for row in query(services, "SELECT text FROM mail.note")] == ["I know better."]
    assert query(services, 'SELECT 1 FROM "Comment"') == []
    told = query(services, "SELECT recipient FROM mail.outbox WHERE template = 'note-to-agent'")
    assert [row["recipient"] for row in told] == ["bob@desk.example"]
    assert SUPPORT not in [row["recipient"] for row in query(services, "SELECT recipient FROM mail.outbox")]
