"""Words beside an internal command: which begin like a letter to the customer, and which may be for colleagues."""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import pytest

from desk.commands.lines.letters import SALUTATIONS, Readers, begins_like_a_letter, hands_over, name_words
from desk.commands.lines.parser import parse_reply

CUSTOMER = name_words(("Ann Meyer", "ann.meyer@customer.example"))
STAFF = name_words(("Carol Mendes", "carol@desk.example", "Bob", "bob@desk.example"))
TO_CAROL, TO_NOBODY = (Readers(CUSTOMER, STAFF, hands_over=over) for over in (True, False))

LETTERS = [
    "Hello Ann,\n\nit is on its way.",
    "hello ann, it is on its way.",
    "Hi Ann! It is on its way.",
    "Dear Ms Meyer,\nit is on its way.",
    "Dear Ann Meyer:\nit is on its way.",
    "Dear Mrs. Sample,\nit is on its way.",
    "Dear customer,\nit is on its way.",
    "Dear Sir or Madam,\nit is on its way.",
    "Ann,\n\nit is on its way.",
    "Ann\n\nit is on its way.",
    "Good morning Ann,\nit is on its way.",
    "Hallo Frau Meyer,\nes ist unterwegs.",
    "Sehr geehrte Damen und Herren,\nes ist unterwegs.",
    "Sehr geehrte Frau Meyer,\nes ist unterwegs.",
    "Liebe Ann,\nes ist unterwegs.",
    "Bonjour Madame Meyer,\nc'est en route.",
    "Estimada Ann:\nestá en camino.",
    "Gentile Ann,\nè in arrivo.",
    "Beste Ann,\nhet komt eraan.",
    "Dzień dobry Pani Ann,\nwysłano.",
    "Здравствуйте Ann!\nОтправлено.",
]
# A letter only where no colleague gets the ticket.
BARE = ["Hello,\n\nit is on its way.", "Hi!\nIt is on its way.", "Guten Tag,\n\nes ist unterwegs.", "您好，\n已寄出。"]
ASKED = [
    "Carol, please take it.",
    "Hi Carol,\nplease take it.",
    "Hello Carol, please take it.",
    "Dear Carol Mendes,\nplease take it.",
    "Hi Carol and Ann,\nplease take it.",
    "Liebe Carol,\nbitte übernimm.",
    "Please take it.",
    "She is angry.",
    "FYI the customer is angry.",
    "Ann is angry.",
    "Ann, the one of October, is angry.",
    "Hi Ann wants her money back",
    "Dear Ann is a pain.",
    "Hi team,\nwho takes it?",
    "Hi all,\nwho takes it?",
    "Hi, the customer is angry.",
    "Hello there is one more of these",
    "Fixed now.",
    "It is on its way.",
    "Hellooo Ann,\nwho takes it?",
    "Meyer again.\nTake it.",
    "Dear Zoe,\nplease take it.",
    "@carol please",
    "Can you look?\n\nHello Ann,\nit is on its way.",
    "Carol, please take it.\n\nHello Ann,\nit is on its way.",
    "bob",
    "Ann",
]


@pytest.mark.parametrize("readers", [TO_CAROL, TO_NOBODY])
@pytest.mark.parametrize("text", LETTERS)
def test_what_greets_the_customer_is_a_letter(text: str, readers: Readers) -> None:
    assert begins_like_a_letter(text, readers)


@pytest.mark.parametrize("text", BARE)
def test_a_greeting_of_nobody_is_one_only_where_no_colleague_gets_the_ticket(text: str) -> None:
    assert [begins_like_a_letter(text, readers) for readers in (TO_CAROL, TO_NOBODY)] == [False, True]


@pytest.mark.parametrize("readers", [TO_CAROL, TO_NOBODY])
@pytest.mark.parametrize("text", ASKED)
def test_in_doubt_words_are_no_letter(text: str, readers: Readers) -> None:
    assert not begins_like_a_letter(text, readers)


@pytest.mark.parametrize("salutation", SALUTATIONS)
def test_every_salutation_begins_a_letter_to_the_customer_and_none_to_a_colleague(salutation: str) -> None:
    assert begins_like_a_letter(f"{salutation.title()} Ann,\nit is on its way.", TO_CAROL)
    assert not begins_like_a_letter(f"{salutation.title()} Carol,\nplease take it.", TO_NOBODY)


def test_who_is_called_like_one_of_staff_is_asked_about() -> None:
    both = Readers(name_words(("Carol Smith",)), STAFF, hands_over=False)

    assert not begins_like_a_letter("Hello Carol,\nplease take it.", both)


@pytest.mark.parametrize(
    ("line", "over"),
    [("#assign carol", True), ("#assign me", False), ("#assign None", False), ("#priority high", False)],
)
def test_only_a_colleague_is_handed_a_ticket(line: str, over: bool) -> None:
    assert hands_over(parse_reply(line, staff=True).orders) is over
