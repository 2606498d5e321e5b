"""`#watch` and `#unwatch`: staff get the mails about a ticket of somebody else, while it is shown to them."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.runtime.services import Services

ANN, BOB, CAT, ADA = "ann@customer.example", "bob@desk.example", "cat@desk.example", "ada@desk.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), SECOND_AGENT)


def write(services: Services, sender: str, text: str, subject: str = "Hello") -> dict[str, Any]:
    """A mail of staff that answers nothing, confirmed by them; what they are told of it."""
    write_mail(services, sender, text, subject=subject)
    answer(services, last_mail(services, sender, "mail-unconfirmed"), "#confirm")
    return last_mail(services, sender)


def words_of(mail: dict[str, Any]) -> str:
    return " ".join(str(mail["text"]).split())


def templates(services: Services, recipient: str) -> list[str]:
    return [mail["template"] for mail in mails_to(services, recipient) if mail["template"].endswith("-to-agent")]


def test_an_admin_who_watches_a_ticket_gets_what_its_owner_gets_until_unwatch(services: Services) -> None:
    told = write(services, ADA, "#watch SD-1001")
    assert "Done: #watch SD-1001" in words_of(told)

    answer(services, last_mail(services, ANN), "It burns again.")
    mine = last_mail(services, ADA)
    assert (mine["template"], "It burns again." in mine["text"]) == ("comment-to-agent", True)
    assert "because you watch this ticket; #unwatch ends that. Your answer goes to the customer." in words_of(mine)
    assert "because the ticket is assigned to you" in words_of(last_mail(services, BOB))

    answer(services, last_mail(services, BOB), "Hello Ann, switch it off.\n\n#resolve")
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#note\nShe did it again.")
    assert templates(services, ADA) == ["comment-to-agent", "comment-to-agent", "note-to-agent"]
    assert "Your answer stays internal." in words_of(last_mail(services, ADA))

    assert "You watch SD-1001 no longer." in words_of(write(services, ADA, "#unwatch 1001"))
    answer(services, last_mail(services, ANN), "And again, all the time.")
    assert len(templates(services, ADA)) == 3


def test_the_answer_of_a_watcher_goes_to_the_customer_and_its_owner(services: Services) -> None:
    write(services, ADA, "#watch #1001")
    answer(services, last_mail(services, ANN), "It burns again.")

    answer(services, last_mail(services, ADA), "Hello Ann, I am on my way.")

    assert "I am on my way." in last_mail(services, ANN)["text"]
    assert "I am on my way." in last_mail(services, BOB, "comment-to-agent")["text"]


def test_on_a_ticket_no_number_is_needed_and_a_second_time_is_said(services: Services) -> None:
    mail = last_mail(services, BOB, "ticket-assigned")
    answer(services, mail, "#watch")
    assert "You get the mails about SD-1001 from now on" in words_of(last_mail(services, BOB))

    answer(services, mail, "#watch")
    assert "Refused: #watch You watch SD-1001 already." in words_of(last_mail(services, BOB))
    answer(services, mail, "#unwatch")
    answer(services, mail, "#unwatch")
    assert "Refused: #unwatch You did not watch SD-1001." in words_of(last_mail(services, BOB))


REFUSED = [
    ("#watch SD-1001", "SupportDesk does not show SD-1001 to you, so you cannot watch it."),
    ("#watch SD-4711", "There is no ticket SD-4711."),
    ("#watch me", "Write #watch and the number of a ticket"),
    ("#watch", "Write #watch and the number of a ticket"),
    ("#unwatch SD-1001", "You did not watch SD-1001."),
]


@pytest.mark.parametrize(("line", "sentence"), REFUSED)
def test_an_agent_watches_no_ticket_that_supportdesk_does_not_show_them(
    services: Services, line: str, sentence: str
) -> None:
    told = words_of(write(services, CAT, line))

    assert sentence in told
    assert query(services, "SELECT * FROM mail.watch") == []


def test_an_agent_hears_of_a_ticket_of_nobody_until_a_colleague_has_it(services: Services) -> None:
    execute(services, 'UPDATE "Ticket" SET "assignedToId" = NULL')
    write(services, CAT, "#watch SD-1001")
    answer(services, last_mail(services, ANN), "It burns again.")
    assert templates(services, CAT) == ["comment-to-agent"]

    answer(services, last_mail(services, ADA, "comment-to-agent"), "#assign bob")
    answer(services, last_mail(services, ANN), "And again, all the time.")

    assert templates(services, CAT) == ["comment-to-agent"]


def test_who_is_no_longer_staff_hears_nothing_of_what_they_watched(services: Services) -> None:
    write(services, ADA, "#watch SD-1001")
    execute(services, "DELETE FROM mail.staff WHERE email = 'ada@desk.example'")

    answer(services, last_mail(services, ANN), "It burns again.")

    assert templates(services, ADA) == []


def test_who_watches_a_ticket_watches_the_one_that_it_is_merged_into(services: Services) -> None:
    write(services, ADA, "#watch SD-1001")
    write_mail(services, ANN, "My toner is empty.", subject="Toner")
    execute(services, 'UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :bob)', bob=BOB)

    answer(services, mails_to(services, BOB, "ticket-assigned")[0], "#merge SD-1002")

    assert {row["ticket_number"] for row in query(services, "SELECT ticket_number FROM mail.watch")} == {1001, 1002}


def test_no_customer_watches_anything(services: Services) -> None:
    answer(services, last_mail(services, ANN), "#watch SD-1001")

    assert query(services, "SELECT * FROM mail.watch") == []
