"""`#undo` of a merge: two tickets again, with their people and words, and what its people are told where they know."""

from typing import Any

import pytest

from tests.support.database.merged_tickets import (
    ANN,
    BOB,
    MERGE_SETTINGS,
    activities_of,
    assignment_mail,
    comments_of,
    ticket_row,
    two_requests,
)
from tests.support.database.services import ADMIN, AGENT, execute, guests, participants, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.runtime.services import Services

PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
POINTER = "This request goes on as SD-1002."
OUT = "UPDATE mail.outbox SET fate = 'sent', attempts = 1, sent_at = now() WHERE fate IS NULL"
pytestmark = pytest.mark.services(ADMIN, AGENT, **MERGE_SETTINGS)


def undo(services: Services, **headers: str) -> Any:
    return answer(services, assignment_mail(services, 1001), "#undo", **PASS, **headers)


def told(services: Services) -> str:
    return " ".join(last_mail(services, BOB, "command-answer")["text"].split())


@pytest.mark.parametrize("words", ["", "Hello Ann, look there.\n", "#note He called.\n"])
def test_before_anybody_is_told_nothing_is_left_of_it(services: Services, words: str) -> None:
    two_requests(services)
    execute(services, OUT)
    before = [participants(services, number) | guests(services, number) for number in (1001, 1002)]
    answer(services, assignment_mail(services, 1001), f"{words}#priority high\n#merge SD-1002", **PASS)

    ledger = undo(services)

    assert (ledger["fate"], ticket_row(services, 1001)["merged_into"]) == ("applied", None)
    assert (ticket_row(services, 1001)["status"], comments_of(services, 1001)) == ("open", [])
    assert query(services, "SELECT text FROM mail.note") == []
    assert participants(services, 1002) == {ANN}
    assert participants(services, 1001) | guests(services, 1001) == before[0]
    assert "SD-1001 is a ticket of its own again." in told(services)
    assert ("updated", "Merge into SD-1002 taken back") in activities_of(services, 1001)
    assert not any(POINTER in mail["text"] for mail in mails_to(services, ANN) if mail["fate"] != "held")


def test_where_its_people_know_the_words_stay_and_the_agent_reads_whom_to_tell(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "#merge SD-1002", **PASS)
    execute(services, OUT)

    undo(services)

    assert (ticket_row(services, 1001)["merged_into"], ticket_row(services, 1001)["status"]) == (None, "open")
    assert comments_of(services, 1001) == [POINTER]
    assert "Its people were told that it goes on as SD-1002; please tell them." in told(services)


def test_an_answer_to_the_mail_of_the_merge_goes_to_the_ticket_itself_again(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "#merge SD-1002", **PASS)
    execute(services, OUT)
    pointed = next(mail for mail in mails_to(services, ANN) if POINTER in mail["text"])
    undo(services)

    ledger = answer(services, pointed, "Which one now?")

    assert ledger["ticket_number"] == 1001


def test_who_watched_the_merged_ticket_watches_the_other_no_longer_by_undo(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "#watch", **PASS)
    answer(services, assignment_mail(services, 1001), "#merge SD-1002", **PASS)
    assert [row["n"] for row in query(services, "SELECT ticket_number AS n FROM mail.watch ORDER BY 1")] == [1001, 1002]

    undo(services)

    assert query(services, "SELECT ticket_number AS n FROM mail.watch") == [{"n": 1001}]


def test_it_is_one_step(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "#merge SD-1002", **PASS)
    undo(services)

    undo(services)

    assert ticket_row(services, 1001)["merged_into"] is None
    assert "taken back" in told(services)
