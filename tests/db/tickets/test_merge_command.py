"""Merging by mail: who takes part in what, who is told, and what is refused."""

import pytest
from sqlalchemy.exc import IntegrityError

from tests.support.database.merged_tickets import (
    ADA,
    ANN,
    BOB,
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
from tests.support.database.services import ADMIN, AGENT, MakeServices, execute, participants, query
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.announce.run import announce_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT, **MERGE_SETTINGS)


def test_a_merged_ticket_names_the_other_and_is_closed(services: Services) -> None:
    two_requests(services)

    merge(services)

    assert (ticket_row(services, 1001)["merged_into"], ticket_row(services, 1001)["status"]) == (1002, "closed")
    assert (ticket_row(services, 1002)["merged_into"], ticket_row(services, 1002)["status"]) == (None, "open")


def test_its_people_take_part_in_the_other(services: Services) -> None:
    two_requests(services)

    merge(services)

    assert participants(services, 1002) == {ANN, DAN}


def test_the_history_of_both_tells_of_it_and_no_comment_moves(services: Services) -> None:
    two_requests(services)
    answer(services, assignment_mail(services, 1001), "Switch it off.")

    merge(services)

    assert ("updated", "Merged into SD-1002") in activities_of(services, 1001)
    assert ("updated", "SD-1001 merged into this ticket") in activities_of(services, 1002)
    assert comments_of(services, 1001) == ["Switch it off.", "This request goes on as SD-1002."]
    assert comments_of(services, 1002) == []


def test_the_customer_gets_one_mail_with_the_agents_words_and_where_it_goes_on(services: Services) -> None:
    two_requests(services)
    before = len(mails_to(services, ANN))

    merge(services, text="Hello Ann, both are one.")

    got = mails_to(services, ANN)[before:]
    assert [mail["template"] for mail in got] == ["comment-to-customer"]
    assert "Hello Ann, both are one.\n\nThis request goes on as SD-1002." in got[0]["text"]
    assert "closed" in got[0]["text"]


def test_beside_a_note_the_customer_is_told_only_where_it_goes_on(services: Services) -> None:
    two_requests(services)

    merge(services, text="#note They write twice.")

    got = last_mail(services, ANN)
    assert "This request goes on as SD-1002." in got["text"]
    assert "twice" not in "".join(mail["text"] for mail in mails_to(services, ANN))


def test_the_agent_is_answered_and_the_other_tickets_agent_is_told_by_a_note(services: Services) -> None:
    two_requests(services)
    execute(services, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = 'ada@desk.example')
        WHERE title = 'Smoke'""")  # fmt: skip
    execute(services, "UPDATE mail.event SET due_at = now()")
    announce_due(services)
    ada = answer(services, last_mail(services, ADA, "ticket-assigned"), "#merge SD-1002")

    assert ada["fate"] == "applied"
    assert "Done:    #merge SD-1002" in last_mail(services, ADA, "command-answer")["text"]
    told = last_mail(services, BOB, "note-to-agent")
    assert (told["ticket_number"], "SD-1001 is part of this ticket now." in told["text"]) == (1002, True)


IN_LANGUAGES = [
    ({}, "", "This request goes on as SD-1002.", "SD-1001 is part of this ticket now."),
    ({"DESK__LANGUAGE": "de"}, "", "Diese Anfrage geht als SD-1002 weiter.", "SD-1001 gehört jetzt zu diesem Ticket."),
    ({"LANGUAGE": "de"}, "", "Diese Anfrage geht als SD-1002 weiter.", "SD-1001 is part of this ticket now."),
    ({}, "de", "Diese Anfrage geht als SD-1002 weiter.", "SD-1001 is part of this ticket now."),
    ({"DESK__LANGUAGE": "de"}, "en", "This request goes on as SD-1002.", "SD-1001 gehört jetzt zu diesem Ticket."),
    ({}, "fr", "This request goes on as SD-1002.", "SD-1001 is part of this ticket now."),
]


@pytest.mark.parametrize("text", ["", "Hello Ann, both are one.", "#note They write twice."])
@pytest.mark.parametrize(("settings", "chosen", "pointer", "note"), IN_LANGUAGES)
def test_the_pointer_is_in_the_language_of_the_customer_and_the_note_in_that_of_the_desk(
    make_services: MakeServices, settings: dict[str, str], chosen: str, pointer: str, note: str, text: str
) -> None:
    services = make_services(ADMIN, AGENT, **MERGE_SETTINGS, **settings)
    two_requests(services)
    execute(services, f"UPDATE mail.person SET language = NULLIF('{chosen}', '')")

    merge(services, text=text)

    public = "" if text.startswith("#note") or not text else f"{text}\n\n"
    assert comments_of(services, 1001) == [f"{public}{pointer}"]
    (kept,) = query(services, "SELECT text FROM mail.note WHERE ticket_number = 1002")
    assert kept["text"].startswith(note)


REFUSED = [
    (1002, DAN, "SD-1002 is another customer's; only tickets of one customer are merged."),
    (1001, ANN, "This is that ticket."),
    (4711, ANN, "There is no ticket SD-4711."),
]


@pytest.mark.parametrize(("into", "other", "sentence"), REFUSED)
def test_a_refused_merge_changes_nothing_and_is_answered(
    services: Services, into: int, other: str, sentence: str
) -> None:
    two_requests(services, other)

    merge(services, into=into)

    assert (ticket_row(services, 1001)["merged_into"], ticket_row(services, 1001)["status"]) == (None, "open")
    assert participants(services, 1002) == {other}
    assert sentence in " ".join(last_mail(services, BOB, "command-answer")["text"].split())


def test_a_customer_cannot_merge(services: Services) -> None:
    two_requests(services)

    answer(services, acknowledgement(services), "#merge SD-1002")

    assert ticket_row(services, 1001)["merged_into"] is None


def test_a_chain_is_followed_to_its_end_and_never_closed_to_a_circle(services: Services) -> None:
    two_requests(services)
    write_mail(services, ANN, "It is gone.", subject="Ashes")
    merge(services, 1001, 1002)
    merge(services, 1002, 1003)

    merge(services, 1003, 1001)

    ledger = write_mail(services, ANN, "More.", subject="[SD-1001]")
    assert ticket_row(services, 1003)["merged_into"] is None
    assert "SD-1001 is part of this ticket already" in " ".join(
        last_mail(services, BOB, "command-answer")["text"].split()
    )
    assert (ledger["ticket_number"], participants(services, 1003)) == (1003, {ANN, DAN})


def test_a_merge_into_a_merged_ticket_goes_to_its_end(services: Services) -> None:
    two_requests(services)
    write_mail(services, ANN, "It is gone.", subject="Ashes")
    merge(services, 1002, 1003)

    merge(services, 1001, 1002)

    assert ticket_row(services, 1001)["merged_into"] == 1003


def test_the_database_lets_no_ticket_be_merged_into_itself(services: Services) -> None:
    two_requests(services)

    with pytest.raises(IntegrityError, match="ticket_merged_into_check"):
        execute(services, "UPDATE mail.ticket SET merged_into = number")
