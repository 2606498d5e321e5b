"""`#undo`: an agent's or customer's last mail is taken back, and each refusal has its own sentence."""

from datetime import timedelta
from typing import Any

import pytest

from models.removal.retention import Kept, let_go
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    guests,
    participants,
    query,
)
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.admin.forget import forget
from worker.announce.run import announce_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB, CAT, ADA = "ann@customer.example", "bob@desk.example", "cat@desk.example", "ada@desk.example"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
ANNS_PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
PLAIN = {"AUTHSERV_ID": "mx.desk.example", "TRUST__STAFF": "both"}
SETTINGS = {**PLAIN, "DESK__HOLD_ANSWERS": "2 min"}
ANSWER = "Hello Ann, switch it off and on."
pytestmark = pytest.mark.services(ADMIN, AGENT, SECOND_AGENT, a_raw_mail(), **SETTINGS)


def by_bob(services: Services, text: str, **headers: str) -> dict[str, Any]:
    return dict(answer(services, last_mail(services, BOB, "ticket-assigned"), text, **(PASS | headers)))


def by_ann(services: Services, text: str) -> dict[str, Any]:
    return dict(answer(services, last_mail(services, ANN, "ticket-opened"), text, **ANNS_PASS))


def undo(services: Services) -> str:
    """What Bob is answered to `#undo`, in one line."""
    by_bob(services, "#undo")
    return told(services, BOB)


def told(services: Services, person: str) -> str:
    return " ".join(last_mail(services, person, "command-answer")["text"].split())


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def ticket(services: Services) -> dict[str, Any]:
    found = """SELECT t.status::text, t.priority::text, t.category::text, u.email AS owner FROM "Ticket" t
        LEFT JOIN "User" u ON u.id = t."assignedToId" ORDER BY t."createdAt" LIMIT 1"""
    return query(services, found)[0]


def to_ann(services: Services) -> list[tuple[str, str | None, str | None]]:
    """The mails to the customer but the acknowledgement: template, fate and reason."""
    rows = mails_to(services, ANN)
    return [(row["template"], row["fate"], row["reason"]) for row in rows if row["template"] != "ticket-opened"]


def deliver(services: Services) -> None:
    execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now(), attempts = 1 WHERE fate IS NULL")


def pass_time(services: Services, minutes: int) -> None:
    execute(services, "UPDATE mail.command SET changed_at = changed_at - :time", time=timedelta(minutes=minutes))


def history(services: Services) -> list[str]:
    found = 'SELECT description FROM "TicketActivity" ORDER BY "createdAt" DESC, id LIMIT 1'
    return [row["description"] for row in query(services, found)]


def test_an_answer_that_is_held_is_taken_back_and_its_author_gets_the_words(services: Services) -> None:
    by_bob(services, ANSWER)
    assert (comments(services), ticket(services)["status"]) == ([ANSWER], "in_progress")

    said = undo(services)

    assert (comments(services), ticket(services)["status"]) == ([], "open")
    assert to_ann(services) == [("comment-to-customer", "held", "taken back")]
    assert "Your last mail on SD-1001 is taken back." in said
    assert "What you wrote went to nobody, and is off the ticket. It stands below." in said
    assert "The status of the ticket is “Open” again." in said
    assert ANSWER in said
    # Nobody heard of it, so nobody hears that it is taken back.
    announce_due(services)
    assert [row["template"] for row in mails_to(services, ADA)] == []
    assert query(services, "SELECT 1 FROM mail.event WHERE fate IS NULL") == []


def test_an_answer_with_commands_is_taken_back_whole(services: Services) -> None:
    before = ticket(services)
    by_bob(services, f"#resolve\n#priority high\n#category billing\n#assign cat\n{ANSWER}")
    assert ticket(services) == {"status": "resolved", "priority": "high", "category": "billing", "owner": CAT}

    said = undo(services)

    assert (ticket(services), comments(services)) == (before, [])
    for line in (
        "The status of the ticket is “Open” again.",
        f"The priority is “{before['priority'].title()}” again.",
        "The category is “Technical issue” again.",
        "The ticket is with Bob again.",
    ):
        assert line in said
    assert mails_to(services, CAT)[-1]["fate"] == "held"
    assert [fate for _, fate, _ in to_ann(services)] == ["held"]


def test_what_others_were_told_they_are_told_the_reversal_of(services: Services) -> None:
    by_bob(services, "#resolve\n#assign cat")
    deliver(services)

    said = undo(services)

    assert (ticket(services)["status"], ticket(services)["owner"]) == ("open", BOB)
    assert [template for template, _, _ in to_ann(services)] == ["status-resolved", "ticket-reopened"]
    assert last_mail(services, CAT)["template"] == "ticket-unassigned"
    assert "is taken back." in said


def test_an_answer_that_is_out_stays_and_the_rest_is_taken_back(services: Services) -> None:
    by_bob(services, f"#resolve\n{ANSWER}")
    deliver(services)

    said = undo(services)

    assert (comments(services), ticket(services)["status"]) == ([ANSWER], "in_progress")
    assert "Your last mail on SD-1001 is taken back in part." in said
    assert "What you wrote stays, for it is out." in said
    assert "The status of the ticket is “In progress” again." in said
    assert to_ann(services)[-1][0] == "ticket-reopened"


def test_an_answer_that_is_out_and_nothing_else_cannot_be_taken_back(services: Services) -> None:
    by_bob(services, ANSWER)
    deliver(services)

    said = undo(services)

    assert (comments(services), ticket(services)["status"]) == ([ANSWER], "in_progress")
    assert "Nothing of your last mail on SD-1001 can be taken back." in said
    assert "The status of the ticket stays “In progress”, by what you wrote." in said


def test_before_it_is_announced_nobody_ever_hears_of_it(services: Services) -> None:
    by_bob(services, "#priority low")
    deliver(services)
    execute(services, "DELETE FROM mail.command")
    from tests.support.database.services import store_in_ledger  # noqa: PLC0415
    from worker.intake.run import receive_due  # noqa: PLC0415

    assigned = last_mail(services, BOB, "ticket-assigned")
    for number, text in enumerate((f"#resolve\n{ANSWER}", "#undo")):
        raw = a_raw_mail(
            text, **({"from": BOB, "to": str(assigned["reply_to"]), "message_id": f"<{number}@bob>"} | PASS)
        )
        store_in_ledger(services, raw)
    receive_due(services)
    announce_due(services)

    assert (to_ann(services), comments(services)) == ([], [])
    # Both mails of his are answered all the same.
    assert "is now resolved" in " ".join(row["text"] for row in mails_to(services, BOB, "command-answer"))
    assert "is taken back." in " ".join(row["text"] for row in mails_to(services, BOB, "command-answer"))


@pytest.mark.parametrize("words", ["#note Ask them first.", "#note\nAsk them first."])
def test_a_note_that_nobody_got_is_taken_off(services: Services, words: str) -> None:
    by_bob(services, words)

    said = undo(services)

    assert query(services, "SELECT text FROM mail.note") == []
    assert "Ask them first." in said


def test_a_note_that_a_colleague_got_stays(services: Services) -> None:
    assigned = last_mail(services, BOB, "ticket-assigned")
    by_bob(services, "#assign cat")
    answer(services, assigned, "#note Look at the fuse.", **PASS)
    deliver(services)
    answer(services, assigned, "#undo", **PASS)

    assert "What you wrote stays, for it is out." in told(services, BOB)
    assert [row["text"] for row in query(services, "SELECT text FROM mail.note")] == ["Look at the fuse."]


def test_whom_a_mail_brought_in_takes_part_no_longer(services: Services) -> None:
    before = participants(services), guests(services)
    by_bob(services, ANSWER, cc="Dora <dora@other.example>")
    assert guests(services) == {"dora@other.example"}

    # What he answered before has been seen by her, so its address counts no longer.
    answer(services, last_mail(services, BOB, "mail-done"), "#undo", **PASS)
    said = told(services, BOB)

    assert (participants(services), guests(services)) == before
    # The mail itself went to her, so what it said is on the ticket.
    assert comments(services) == [ANSWER]
    assert "What you wrote stays, for your mail itself went to dora@other.example." in said
    assert "Whom your mail brought in takes part no longer." in said


def test_a_value_that_a_colleague_changed_since_stays_with_their_name(services: Services) -> None:
    by_bob(services, "#resolve\n#priority high")
    change = """UPDATE "Ticket" SET status = 'closed'"""
    log = """INSERT INTO "TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
        SELECT 'web', t.id, u.id, 'updated', 'Status changed from resolved to closed', now() + interval '1 second'
        FROM "Ticket" t, "User" u WHERE u.email = 'ada@desk.example'"""
    execute(services, change, log)

    said = undo(services)

    assert ticket(services)["status"] == "closed"
    assert ticket(services)["priority"] != "high"
    assert "Ada has changed the status since, so it stays." in said
    assert "taken back in part" in said


def test_a_value_that_was_changed_to_and_fro_is_not_ours_to_put_back(services: Services) -> None:
    by_bob(services, "#resolve")
    execute(services, """UPDATE "Ticket" SET status = 'open'""")
    execute(services, """UPDATE "Ticket" SET status = 'resolved'""")

    assert "has changed the status since" in undo(services) or "was changed since" in told(services, BOB)
    assert ticket(services)["status"] == "resolved"


def test_a_second_undo_says_that_it_goes_one_step(services: Services) -> None:
    by_bob(services, "#priority high")
    by_bob(services, "#resolve")
    undo(services)

    assert "Your last mail on SD-1001 is taken back already; #undo goes one step." in undo(services)
    assert (ticket(services)["status"], ticket(services)["priority"]) == ("open", "high")


def test_after_half_an_hour_it_is_too_late(services: Services) -> None:
    by_bob(services, "#resolve")
    pass_time(services, 31)

    assert "Your last mail on SD-1001 is older than 30 minutes, and stays." in undo(services)
    assert ticket(services)["status"] == "resolved"


def test_half_an_hour_is_not_too_late(services: Services) -> None:
    by_bob(services, "#resolve")
    pass_time(services, 29)

    assert "is taken back." in undo(services)


def test_with_nothing_done_there_is_nothing(services: Services) -> None:
    assert "No mail of yours has changed anything that could be taken back." in undo(services)


def test_a_colleagues_mail_is_only_theirs_to_take_back(services: Services) -> None:
    by_bob(services, "#assign cat")
    execute(services, "DELETE FROM mail.command")
    answer(services, last_mail(services, CAT, "ticket-assigned"), "#resolve", **PASS)

    assert "The last change of SD-1001 by mail was Cat's, and only they can take it back." in undo(services)
    assert ticket(services)["status"] == "resolved"


def test_a_ticket_that_was_given_to_another_since_stays(services: Services) -> None:
    by_bob(services, "#resolve")
    give = """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = 'cat@desk.example')"""
    execute(services, give)

    assert "SD-1001 is not yours any longer, so what you did there stays." in undo(services)


def test_who_gave_it_away_takes_it_back(services: Services) -> None:
    by_bob(services, "#assign cat")

    assert "The ticket is with Bob again." in undo(services)
    assert ticket(services)["owner"] == BOB


@pytest.mark.parametrize("words", ["#undo\nHello Ann, forget it.", "#undo\n#resolve", "Sorry!\n#undo", "#undo please"])
def test_beside_other_words_it_takes_nothing_back_and_nothing_goes_out(services: Services, words: str) -> None:
    by_bob(services, "#priority high")
    before = ticket(services)
    by_bob(services, words)

    assert (ticket(services), comments(services)) == (before, [])
    assert "#undo" in last_mail(services, BOB, "mail-held")["text"]


def test_off_a_ticket_it_is_the_last_mail_at_all(services: Services) -> None:
    by_bob(services, "#resolve")
    write_mail(services, BOB, "#undo", subject="Oh", **PASS)
    # Off a ticket nothing but a pass is shown, so it is asked whether the mail is his.
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)
    announce_due(services)

    assert "Your last mail on SD-1001 is taken back." in told(services, BOB)
    assert ticket(services)["status"] == "open"


def test_a_ticket_that_was_merged_since_stays(services: Services) -> None:
    by_bob(services, "#priority high")
    execute(services, "INSERT INTO mail.ticket (number, merged_into) OVERRIDING SYSTEM VALUE VALUES (1999, NULL)")
    execute(services, "UPDATE mail.ticket SET merged_into = 1999 WHERE number = 1001")
    with_row = query(services, "SELECT count(*) AS n FROM mail.command")
    write_mail(services, BOB, "#undo", subject="Oh", **PASS)
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)
    announce_due(services)

    assert with_row == [{"n": 1}]
    assert "SD-1001 is part of SD-1999 by now, so nothing on it is taken back." in told(services, BOB)


def test_a_customer_takes_their_close_back(services: Services) -> None:
    by_ann(services, "#close")
    assert ticket(services)["status"] == "closed"

    by_ann(services, "#undo")

    assert ticket(services)["status"] == "open"
    assert "The status of the request is “Open” again." in told(services, ANN)


def test_a_customer_learns_nothing_of_what_staff_did(services: Services) -> None:
    by_bob(services, "#note A secret.")

    by_ann(services, "#undo")

    assert "No mail of yours has changed anything" in told(services, ANN)
    assert "Bob" not in told(services, ANN)
    assert [row["text"] for row in query(services, "SELECT text FROM mail.note")] == ["A secret."]


def test_the_files_of_an_answer_that_is_taken_back_go_along(services: Services) -> None:
    by_bob(services, ANSWER)
    execute(
        services,
        "INSERT INTO mail.blob (sha256, size, content) VALUES ('\\x01', 1, '\\x01')",
        """INSERT INTO mail.attachment (ledger_id, ticket_number, comment_id, position, filename, content_type, inline,
            sha256) SELECT ledger_id, ticket_number, before ->> 'comment', 0, 'a.pdf', 'application/pdf', false, '\\x01'
            FROM mail.command""",
    )

    undo(services)

    assert query(services, "SELECT 1 FROM mail.attachment") == []


def test_the_history_says_that_a_comment_was_taken_back(services: Services) -> None:
    by_bob(services, ANSWER)
    undo(services)

    lines = [row["d"] for row in query(services, 'SELECT description AS d FROM "TicketActivity"')]
    assert {"Added a comment", "Comment taken back"} <= set(lines)


def test_what_was_kept_goes_with_the_events_of_its_age(services: Services) -> None:
    by_bob(services, "#resolve")
    gone = []
    for minutes in (0, 60 * 24 * 401):
        pass_time(services, minutes)
        with transaction(services.engine) as session:
            gone.append(let_go(session, Kept.COMMANDS, timedelta(days=400), 0).gone)

    assert gone == [0, 1]
    assert "No mail of yours has changed anything" in undo(services)


def test_what_was_kept_of_a_person_goes_with_them(services: Services) -> None:
    by_ann(services, "#close")
    by_bob(services, "#reopen")
    deliver(services)
    forget(services.engine, ANN)

    assert len(query(services, "SELECT person_number FROM mail.command")) == 1


def test_no_word_of_anybody_is_kept(services: Services) -> None:
    by_bob(services, f"#resolve\n#assign cat\n{ANSWER}", cc="Dora <dora@other.example>")

    kept = str(query(services, "SELECT before FROM mail.command"))
    assert "switch" not in kept
    assert "@" not in kept


def test_what_was_taken_back_is_explained_listed_nowhere_and_never_sent(
    services: Services, supportdesk: Supportdesk
) -> None:
    by_bob(services, ANSWER)
    undo(services)
    number = last_mail(services, ANN, "comment-to-customer")["id"]

    explained = " ".join(supportdesk("explain", "SD-1001").output.replace("│ ", "").split())
    assert "Its author took it back with #undo before it went, and nobody gets it." in explained
    assert "There is no such mail." in supportdesk("outbox", "list", "--only", "held").output
    assert supportdesk("outbox", "release", number).exit_code == 2
    assert last_mail(services, ANN, "comment-to-customer")["fate"] == "held"


def test_an_answer_that_waits_beside_a_colleagues_is_dropped(services: Services) -> None:
    assigned = last_mail(services, BOB, "ticket-assigned")
    answer(services, assigned, "#priority high", **PASS)
    write = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'web', 'We send it.', t.id, u.id, now() FROM "Ticket" t CROSS JOIN "User" u WHERE email = :author"""
    execute(services, write, author=ADA)
    row = answer(services, assigned, ANSWER, **PASS)
    assert row["fate"] is None

    answer(services, assigned, "#undo", **PASS)

    assert "Your answer is not sent. What you wrote in it stands below." in told(services, BOB)
    assert ANSWER in told(services, BOB)
    # What he did before stays, as it is not his last mail.
    assert ticket(services)["priority"] == "high"
    assert comments(services) == ["We send it."]
    assert query(services, "SELECT fate FROM mail.ledger WHERE id = :row", row=row["id"]) == [{"fate": "not_applied"}]


@pytest.mark.parametrize(("asked", "is_read"), [("#show 1001", True), ("#list", False), ("#show 1", False)])
def test_what_its_customer_was_shown_by_mail_is_out(services: Services, asked: str, is_read: bool) -> None:
    write_mail(services, ANN, "#show 1001", **ANNS_PASS)
    by_bob(services, ANSWER)
    write_mail(services, ANN, asked, **ANNS_PASS)
    assert (ANSWER in last_mail(services, ANN)["text"]) == is_read

    said = undo(services)

    assert ("went to nobody" in said) != is_read
    kept = query(services, 'SELECT content FROM "Comment"')
    assert kept == ([{"content": ANSWER}] if is_read else [])
