"""Where mail that names a merged ticket goes: to the end of its merges, by the rules of trust that hold there."""

from collections.abc import Callable
from typing import Any

import pytest

from models.db.statement import Statement
from models.tickets.merging import MOST_MERGES, read_ends
from tests.support.database.merged_tickets import (
    ANN,
    BOB,
    CAT,
    DAN,
    MERGE_SETTINGS,
    acknowledgement,
    activities_of,
    assignment_mail,
    comments_of,
    merge,
    ticket_row,
    two_requests,
)
from tests.support.database.services import ADMIN, AGENT, execute, make_staff
from tests.support.values.replies import answer, last_mail, mails_to, sent_mail, write_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(ADMIN, AGENT, **MERGE_SETTINGS)


BY: list[Callable[[Services], Any]] = [
    lambda services: answer(services, acknowledgement(services), "More."),
    lambda services: write_mail(services, ANN, "More.", in_reply_to=f"<{acknowledgement(services)['message_id']}>"),
    lambda services: write_mail(services, ANN, "More.", subject="[SD-1001] Smoke"),
    lambda services: write_mail(services, ANN, "More.", in_reply_to="<smoke@customer.example>"),
]


@pytest.mark.parametrize("way", range(len(BY)))
def test_mail_that_names_the_merged_ticket_in_any_way_is_a_comment_at_the_end(services: Services, way: int) -> None:
    write_mail(services, ANN, "It smokes.", subject="Smoke", message_id="<smoke@customer.example>")
    write_mail(services, ANN, "It burns.", subject="Fire")
    execute(services, "UPDATE mail.event SET due_at = now()")
    merge(services)

    ledger = BY[way](services)

    assert (ledger["fate"], ledger["ticket_number"], comments_of(services, 1002)) == ("applied", 1002, ["More."])
    assert "SD-1001, which was merged into SD-1002" in ledger["evidence"]["thread"]
    assert last_mail(services, BOB, "comment-to-agent")["ticket_number"] == 1002


def test_a_guest_of_the_merged_ticket_comments_at_the_end(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "Switch it off.")
    merge(services)

    ledger = answer(services, last_mail(services, DAN), "It is off.")

    assert (ledger["ticket_number"], comments_of(services, 1002)) == (1002, ["It is off."])


def test_a_guest_is_sent_no_word_that_was_written_on_the_other_ticket_before(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1002), "The fire brigade knows.")
    merge(services, text="Hello Ann, both are one.")

    answer(services, assignment_mail(services, 1002), "They come at nine.")

    whole = "".join(f"{mail['subject']}{mail['text']}{mail['html']}" for mail in mails_to(services, DAN))
    assert "They come at nine." in whole
    assert not any(word in whole for word in ("It burns.", "Fire", "fire brigade", "It smokes."))


def test_who_left_the_other_ticket_cannot_write_there_by_an_old_address(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "Switch it off.")
    merge(services)
    execute(services, "DELETE FROM mail.participant WHERE ticket_number = 1002")
    guests = next(mail for mail in mails_to(services, DAN))

    ledger = answer(services, guests, "It is off.")

    assert (ledger["ticket_number"], comments_of(services, 1002)) == (1003, [])


def test_a_stranger_who_knows_the_tag_gets_into_neither_ticket(services: Services) -> None:
    two_requests(services)
    merge(services)

    ledger = write_mail(services, "eve@elsewhere.example", "Let me in.", subject="[SD-1001] Smoke")

    assert (ledger["ticket_number"], comments_of(services, 1002)) == (1003, [])


def test_an_old_answer_address_of_staff_has_no_power_on_an_others_ticket(services: Services) -> None:
    two_requests(services)
    make_staff(services, CAT)
    execute(services, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = 'cat@desk.example')
        WHERE title = 'Fire'""")  # fmt: skip
    execute(services, "UPDATE mail.ticket SET merged_into = 1002 WHERE number = 1001")

    ledger = answer(services, assignment_mail(services, 1001), "#close")

    assert (ledger["fate"], ticket_row(services, 1002)["status"]) == ("not_applied", "open")
    assert "the ticket that it was merged into is not theirs" in ledger["reason"]


def test_a_command_on_a_merged_ticket_counts_at_its_end(services: Services) -> None:
    two_requests(services)
    merge(services)

    answer(services, assignment_mail(services, 1001), "#priority high")

    assert activities_of(services, 1002) >= {("updated", "Priority changed from medium to high")}


def test_a_line_that_stood_in_the_merged_ticket_is_no_command_at_the_end(services: Services) -> None:
    """Of who wrote it there; a customer's line vetoes no command of an agent."""
    write_mail(services, ANN, "Please write\n#close\nand all is well.", subject="Smoke")
    write_mail(services, ANN, "It burns.", subject="Fire")
    merge(services)
    confirmed = mails_to(services, ANN, "ticket-opened")[0]

    theirs = answer(services, confirmed, "It smokes again.\n\n#close")
    open_still = ticket_row(services, 1002)["status"]
    agents = answer(services, assignment_mail(services, 1001), "#close")

    assert (theirs["ticket_number"], open_still) == (1002, "open")
    assert (agents["fate"], ticket_row(services, 1002)["status"]) == ("applied", "closed")


def test_a_note_of_the_merged_ticket_does_not_go_out_at_the_end(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "#note\nThey always leave the oven on overnight.")
    merge(services)

    ledger = answer(services, assignment_mail(services, 1001), "They always leave the oven on overnight.")

    assert (ledger["fate"], comments_of(services, 1002)) == ("not_applied", [])


def test_a_line_of_a_note_on_the_merged_ticket_is_held_at_the_gate_of_the_other(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "#note\nThey always leave the oven on overnight.")
    merge(services)

    answer(services, assignment_mail(services, 1002), "> They always leave the oven on overnight.\n\nSo they say.")

    told = last_mail(services, ANN, "comment-to-customer")
    assert (told["ticket_number"], told["fate"]) == (1002, "held")
    assert "holds a line of an internal note" in told["reason"]


def test_what_came_to_a_closed_end_opens_a_ticket_that_goes_on_from_the_end(services: Services) -> None:
    two_requests(services)
    merge(services)
    answer(services, assignment_mail(services, 1002), "#close")

    ledger = answer(services, acknowledgement(services), "It smokes again.")

    assert (ledger["ticket_number"], ticket_row(services, 1003)["continues"]) == (1003, 1002)


def test_the_other_ticket_when_deleted_lets_mail_open_a_new_one(services: Services) -> None:
    two_requests(services)
    merge(services)
    execute(services, "DELETE FROM \"Ticket\" WHERE title = 'Fire'")

    ledger = answer(services, acknowledgement(services), "More.")

    assert (ledger["fate"], ledger["ticket_number"]) == ("applied", 1003)


def test_the_pointer_leads_the_reader_by_mail_to_the_end(services: Services) -> None:
    two_requests(services)
    merge(services)

    assert sent_mail(services, last_mail(services, ANN)).subject == "Re: [SD-1001] Smoke"
    assert answer(services, last_mail(services, ANN), "Thank you.")["ticket_number"] == 1002


def test_a_chain_beyond_all_reason_has_no_end(services: Services) -> None:
    numbers = range(5000, 5000 + MOST_MERGES + 2)
    for number in reversed(numbers):
        into = number + 1 if number + 1 in numbers else None
        insert = "INSERT INTO mail.ticket (number, merged_into) OVERRIDING SYSTEM VALUE VALUES (:number, :into)"
        execute(services, insert, number=number, into=into)

    with transaction(services.engine) as session:
        ends = read_ends(session, [numbers[0], numbers[1], numbers[-1]])

    assert ends == {numbers[0]: 0, numbers[1]: numbers[-1]}


def test_a_circle_that_somebody_made_by_hand_has_no_end(services: Services) -> None:
    two_requests(services)
    execute(services, "UPDATE mail.ticket SET merged_into = 2003 - number")

    ledger = write_mail(services, ANN, "More.", subject="[SD-1001]")

    assert (ledger["fate"], ledger["ticket_number"]) == ("applied", 1003)


# A customer's word for a merge asks for nothing either.
ASKING = [
    ("Smoke", "More.", 0),
    ("Smoke", "#merge SD-1002", 0),
    ("[SD-1001] Smoke", "More.", 1),
    ("[SD-1003]", "More.", 2),
]


@pytest.mark.parametrize(("subject", "words", "times"), ASKING)
def test_merges_are_asked_for_only_where_a_mail_names_a_ticket_and_again_where_that_is_closed(
    services: Services, monkeypatch: pytest.MonkeyPatch, subject: str, words: str, times: int
) -> None:
    two_requests(services)
    write_mail(services, ANN, "It is gone.", subject="Ashes")
    answer(services, assignment_mail(services, 1003), "#close")
    asked: list[str] = []
    rows_of = Statement.rows

    def listen(ask: Statement, *about: Any) -> list[Any]:
        asked.append(ask.statement)
        return rows_of(ask, *about)

    monkeypatch.setattr(Statement, "rows", listen)

    write_mail(services, ANN, words, subject=subject)

    assert len([one for one in asked if "RECURSIVE chain" in one]) == times
