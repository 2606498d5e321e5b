"""`#wait`: a ticket is quiet until its moment, and comes back to its owner then, or sooner when the customer writes."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.announce.run import announce_due
from worker.announce.waiting import wake_tickets
from worker.runtime.services import Services

ANN, BOB, ADA = "ann@customer.example", "bob@desk.example", "ada@desk.example"
PAST = "UPDATE mail.wait SET until = now() - interval '1 second'"
QUIET = "SELECT set_config('supportdesk.quiet', 'on', true)"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def bob_writes(services: Services, text: str, **headers: str) -> str:
    answer(services, last_mail(services, BOB, "ticket-assigned"), text, **headers)
    return words_of(last_mail(services, BOB))


def words_of(mail: dict[str, Any]) -> str:
    return " ".join(str(mail["text"]).split())


def waits(services: Services) -> list[str]:
    return [f"{row['until']:%H:%M}" for row in query(services, "SELECT until FROM mail.wait")]


def wake(services: Services) -> int:
    woken = wake_tickets(services)
    announce_due(services)
    return woken


def test_a_ticket_comes_back_to_its_owner_at_its_time_and_once(services: Services) -> None:
    assert "The ticket waits until" in bob_writes(services, "#wait 3d\n\nHello Ann, I ask the maker.")
    assert (wake(services), len(waits(services))) == (0, 1)

    execute(services, PAST)
    before = len(mails_to(services, BOB))
    assert (wake(services), wake(services), waits(services)) == (1, 0, [])

    came = mails_to(services, BOB)[before:]
    assert [mail["template"] for mail in came] == ["status-to-agent"]
    assert "The ticket comes back to you: Bob let it wait until now with #wait." in words_of(came[0])
    answer(services, came[0], "Hello Ann, the maker says yes.")
    assert "the maker says yes" in last_mail(services, ANN)["text"]


def test_it_comes_back_sooner_when_the_customer_writes_and_the_mail_says_so(services: Services) -> None:
    bob_writes(services, "#wait 3d\n\nHello Ann, I ask the maker.")

    answer(services, last_mail(services, ANN), "It works again, by itself.")

    assert waits(services) == []
    mine = words_of(last_mail(services, BOB, "comment-to-agent"))
    assert ("It works again" in mine, "it waits no longer." in mine) == (True, True)
    assert "it waits no longer." not in words_of(last_mail(services, ANN))
    execute(services, PAST)
    assert wake(services) == 0


def test_an_answer_of_staff_lets_it_wait_on_and_its_end_does_not(services: Services) -> None:
    bob_writes(services, "#wait 3d")
    bob_writes(services, "Hello Ann, still nothing.")
    assert len(waits(services)) == 1

    bob_writes(services, "#resolve")
    assert waits(services) == []


def test_what_was_said_last_counts_and_off_ends_it(services: Services) -> None:
    bob_writes(services, "#wait 3d")
    bob_writes(services, "#wait 2h")
    assert len(waits(services)) == 1
    assert "The ticket waits until" in bob_writes(services, "#wait")

    assert "The ticket waits no longer." in bob_writes(services, "#wait off")
    assert waits(services) == []


def test_without_an_owner_it_comes_back_to_the_admins_and_of_one_that_is_over_nobody_is_told(
    services: Services,
) -> None:
    bob_writes(services, "#wait 3d")
    execute(services, QUIET, 'UPDATE "Ticket" SET "assignedToId" = NULL', PAST)
    assert wake(services) == 1
    assert "The ticket comes back to you" in words_of(last_mail(services, ADA))

    bob_writes(services, "#wait 3d")
    execute(services, QUIET, "UPDATE \"Ticket\" SET status = 'closed'", PAST)
    assert (wake(services), waits(services)) == (0, [])


def test_hours_are_those_of_the_clock_by_which_the_mail_was_written(services: Services) -> None:
    told = bob_writes(services, "#wait tomorrow 14:00", date="Mon, 2 Nov 2026 23:30:00 -0500")

    assert "14:00 UTC-5" in told
    assert waits(services) == ["19:00"]


def test_the_command_line_says_until_when_it_waits(services: Services, supportdesk: Supportdesk) -> None:
    bob_writes(services, "#wait 2030-12-24 09:00")
    assert "waits until" not in supportdesk("ticket", "show", "SD-1001").output
    bob_writes(services, "#wait 3d")

    assert ", waits until 20" in supportdesk("ticket", "show", "SD-1001").output


def test_no_customer_lets_a_ticket_wait(services: Services) -> None:
    answer(services, last_mail(services, ANN), "#wait 3d")

    assert waits(services) == []
