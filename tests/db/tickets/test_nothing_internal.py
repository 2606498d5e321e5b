"""What agents write among themselves, or mistype, never reaches the customer: the agent's mail in, the outbox out."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, make_staff, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.runtime.services import Services

ANN, BOB, CAT = "ann@customer.example", "bob@desk.example", "cat@desk.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def ticket(services: Services) -> dict[str, Any]:
    found = (
        """SELECT status::text, priority::text, email FROM "Ticket" t LEFT JOIN "User" u ON u.id = t."assignedToId" """
    )
    return query(services, found)[0]


INTERNAL = [
    "#assign cat\nCat, please take it.",
    "#assign cat\n\nHi Cat,\n\nplease take it, she is angry.\n\nBob",
    "Please take it.\n\n#assign cat",
    "#priority high\nShe is angry.",
    "#category billing\n#priority high\nFYI she is angry.",
    "/assign cat\nPlease take it.",
    "/resolve\nShe is angry.",
    "# resolve",
    "#reslove\nShe is angry.",
    "resolve",
    "Resolve\n\nShe is angry.",
    "assign cat\nShe is angry.",
]


@pytest.mark.parametrize("text", INTERNAL)
def test_what_may_be_internal_is_held_and_its_author_asked(services: Services, text: str) -> None:
    make_staff(services, CAT)
    before, to_ann = ticket(services), len(mails_to(services, ANN))

    ledger = answer(services, last_mail(services, BOB), text)

    assert (ledger["fate"], ticket(services), len(mails_to(services, ANN))) == ("not_applied", before, to_ann)
    question = " ".join(last_mail(services, BOB)["text"].split())
    assert "to the customer, or a note?" in question or "looks like a command" in question or "did you mean" in question
    assert query(services, 'SELECT content FROM "Comment"') == []


LETTERS = [
    "#priority high\n\nHello Ann,\n\nit is on its way.",
    "Dear Ann, it is on its way.\n\n#assign cat",
    "Hello,\n\nit is on its way.\n\n#priority low",
    "It is on its way.\n\n#resolve",
]


@pytest.mark.parametrize("text", LETTERS)
def test_a_letter_to_the_customer_goes_out_with_its_commands_carried_out(services: Services, text: str) -> None:
    make_staff(services, CAT)

    ledger = answer(services, last_mail(services, BOB), text)

    assert ledger["fate"] == "applied"
    shown = last_mail(services, ANN)
    assert "it is on its way" in shown["text"].lower()
    assert not any(word in shown["text"] for word in ("#priority", "#assign"))


def test_the_same_words_with_a_note_command_go_to_the_colleague_alone(services: Services) -> None:
    make_staff(services, CAT)
    to_ann = len(mails_to(services, ANN))

    answer(services, last_mail(services, BOB), "#assign cat\n#note\nCat, please take it.")

    assert (ticket(services)["email"], len(mails_to(services, ANN))) == (CAT, to_ann)
    assert "Cat, please take it." in last_mail(services, CAT)["text"]
