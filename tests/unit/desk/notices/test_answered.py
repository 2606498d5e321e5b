"""What a public answer quotes: the customer's last words for that customer, in their language, and for nobody else."""

from dataclasses import replace

import pytest

from desk.notices.events import CustomerWords
from desk.notices.history import LEFT_OUT, MOST_LINES, quoted_view
from desk.notices.recipients import notices
from desk.notices.values.template_values import QuotedView
from desk.ticket import Person, Ticket
from tests.support.values.builders import ANN, BOB, CAT, DAN, NOW, a_change_set, a_comment, a_ticket
from tests.support.values.words import ENGLISH

HEADING = "On 2 November 2026, 12:00 UTC, Ann wrote:"
WORDS = "It burns.\n\nPlease come."


def quoted(reader: Person, author: Person = CAT, text: str = WORDS, ticket: Ticket | None = None) -> QuotedView | None:
    """What the mail to this reader quotes where somebody wrote a comment."""
    event = replace(a_comment(author), answered=CustomerWords(text, NOW))
    ticket = ticket or a_ticket()
    change_set = a_change_set(event, ticket=ticket, participants=(ANN, DAN, BOB), actor=CAT)
    (notice,) = (one for one in notices(change_set) if one.person.number == reader.number)
    return quoted_view(notice, change_set, ENGLISH)


# Who reads a comment of whom, on which ticket, and whether the customer's words are quoted.
READERS = [
    (ANN, CAT, a_ticket(), True),
    (DAN, CAT, a_ticket(), False),
    (BOB, CAT, a_ticket(assignee=CAT), False),
    (BOB, CAT, a_ticket(), False),
    (ANN, DAN, a_ticket(), False),
    (ANN, CAT, a_ticket(unproven="ann@customer.example"), False),
    (DAN, CAT, a_ticket(customer=DAN), True),
    (BOB, CAT, a_ticket(customer=BOB), False),
]


@pytest.mark.parametrize(("reader", "author", "ticket", "stands"), READERS)
def test_only_the_customer_gets_their_words_back_with_an_answer_of_staff(
    reader: Person, author: Person, ticket: Ticket, *, stands: bool
) -> None:
    assert (quoted(reader, author, ticket=ticket) is not None) is stands


MANY = "\n".join(f"Line {number}" for number in range(38))
TEXTS = [
    (WORDS, WORDS),
    ("\n\nIt burns.\n\n\n\nPlease come.  \n", WORDS),
    ("#close\nIt burns.\n \uff03resolve", "It burns."),
    ("#1 is what I ask for: # 2", "#1 is what I ask for: # 2"),
    (f"{MANY}\nOne more.", f"{MANY}\n{LEFT_OUT}"),
    (MANY, MANY),
    ("word " * 5000, "word " * 592 + LEFT_OUT),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_it_quotes_the_beginning_with_its_paragraphs_and_without_commands(text: str, expected: str) -> None:
    found = quoted(ANN, text=text)

    assert found == QuotedView(HEADING, expected)
    assert found.text.count("\n") + 2 <= MOST_LINES


@pytest.mark.parametrize("text", ["", "#close", " \n"])
def test_where_nothing_is_left_nothing_is_quoted(text: str) -> None:
    assert quoted(ANN, text=text) is None
