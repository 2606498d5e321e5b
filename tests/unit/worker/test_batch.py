"""Which change sets are announced at once: none whose mails hang on those of another."""

import pytest

from desk.notices.recipients import BY_TEMPLATE, Notice
from desk.ticket import Person, Role
from tests.support.values.builders import ANN, BOB, CAT, DAN, a_change_set, a_comment, a_person, a_ticket
from worker.announce.parts.draft import Announcement
from worker.announce.run import choose_together

# Dots and tags are one mailbox at many providers, so they are counted as one address.
ANN_AGAIN = a_person(11, "a.nn+bills@customer.example")
BOB_AT_HOME = a_person(12, "b.ob@desk.example", Role.CUSTOMER)
NEWS, ANSWER, PUBLIC = "ticket-assigned", "command-answer", "ticket-opened"

Mail = tuple[str, Person]

# What is told of each ticket, in the order of its numbers, and which of them are told at once.
CHOSEN: list[tuple[str, list[list[Mail]], list[int]]] = [
    ("two customers", [[(PUBLIC, ANN)], [(PUBLIC, DAN)]], [1, 2]),
    ("one customer twice", [[(PUBLIC, ANN)], [(PUBLIC, ANN)]], [1]),
    ("one mailbox under two addresses", [[(PUBLIC, ANN)], [(PUBLIC, ANN_AGAIN)]], [1]),
    ("one mailbox twice of one ticket", [[(PUBLIC, ANN), (PUBLIC, ANN_AGAIN)], [(PUBLIC, DAN)]], [2]),
    ("news for one of staff", [[(NEWS, BOB)], [(NEWS, BOB)], [(NEWS, BOB)]], [1, 2, 3]),
    ("answers to one of staff", [[(ANSWER, BOB)], [(ANSWER, BOB)]], [1]),
    ("answers to two of staff", [[(ANSWER, BOB)], [(ANSWER, CAT)]], [1, 2]),
    ("news after an answer to staff", [[(ANSWER, BOB)], [(NEWS, BOB)]], [1, 2]),
    ("staff and a customer of one mailbox", [[(ANSWER, BOB)], [(PUBLIC, BOB_AT_HOME)]], [1]),
    ("who is told by one that has to wait", [[(PUBLIC, ANN)], [(PUBLIC, ANN), (PUBLIC, DAN)], [(PUBLIC, DAN)]], [1]),
    ("nobody is told", [[], []], [1, 2]),
]


def announcements_of(number: int, mails: list[Mail]) -> list[Announcement]:
    """The mails about the ticket of this number."""
    event = a_comment(ANN, number)
    change_set = a_change_set(event, ticket=a_ticket(number=number))
    return [Announcement(Notice(BY_TEMPLATE[template], person, event), change_set) for template, person in mails]


@pytest.mark.parametrize(("mails", "numbers"), [case[1:] for case in CHOSEN], ids=[case[0] for case in CHOSEN])
def test_at_once_goes_what_would_go_alone_as_well(mails: list[list[Mail]], numbers: list[int]) -> None:
    change_sets = [((number,), announcements_of(number, some)) for number, some in enumerate(mails, 1)]

    groups, announcements = choose_together(change_sets)

    assert groups == [(number,) for number in numbers]
    assert announcements == [one for (number,), some in change_sets if number in numbers for one in some]


def test_of_one_ticket_there_is_one_change_set() -> None:
    groups, _ = choose_together(
        [((1,), announcements_of(7, [(NEWS, BOB)])), ((2,), announcements_of(7, [(NEWS, CAT)]))]
    )

    assert groups == [(1,)]


def test_news_of_a_ticket_never_overtake_those_that_have_to_wait() -> None:
    first, waiting = (
        ((1,), announcements_of(6, [(PUBLIC, ANN)])),
        ((2,), announcements_of(7, [(PUBLIC, ANN), (NEWS, BOB)])),
    )

    groups, _ = choose_together([first, waiting, ((3,), announcements_of(7, [(NEWS, BOB)]))])

    assert groups == [(1,)]


def test_what_has_to_be_announced_alone_keeps_nobody_else_from_it() -> None:
    groups, announcements = choose_together([((1,), None), ((2,), announcements_of(2, [(PUBLIC, ANN)]))])

    assert (groups, len(announcements)) == ([(2,)], 1)
