"""What an answer to a question confirms of its list, and where that is not clear."""

import pytest

from desk.commands.confirming import Choice, Unclear, read_choice

ALL = Choice()
OF_THREE = [
    ("#confirm", ALL),
    ("  \n#Confirm.\n\nBob Lee", ALL),
    ("\u200b\uff03confirm", ALL),
    ("#confirm 2", Choice((2,))),
    ("#confirm 3, 1.", Choice((3, 1))),
    ("#confirm 1 1 2", Choice((1, 2))),
    ("#confirm 2\nThanks, Bob\n+49 30 1234", Choice((2,))),
    ("#confirm 4", Unclear.WHICH),
    ("#confirm 0", Unclear.WHICH),
    ("#confirm -1", Unclear.WHICH),
    ("#confirm 1-3", Unclear.WHICH),
    ("#confirm 1 and 2", Unclear.WHICH),
    ("#confirm all but 2", Unclear.WHICH),
    ("#confirm thanks", Unclear.WHICH),
    ("#confirm\nnot 2", Unclear.WHICH),
    ("#confirm 1\nand 3", Unclear.WHICH),
    ("#confirm " + "9" * 10_000, Unclear.WHICH),
    ("#confirm2", Unclear.NO_WORD),
    ("2", Unclear.NO_WORD),
    ("Yes.\n#confirm", Unclear.NO_WORD),
    ("", Unclear.NO_WORD),
]
OF_ONE = [
    ("#confirm", ALL),
    ("#confirm thanks", ALL),
    ("#confirm\nIt is mine.", ALL),
    ("#confirm 1", Choice((1,))),
    ("#confirm 2", Unclear.WHICH),
    ("#confirm not 2", Unclear.WHICH),
    ("No. #confirm", Unclear.NO_WORD),
]


@pytest.mark.parametrize(("text", "choice"), OF_THREE)
def test_of_several_mails_only_clear_words_confirm(text: str, choice: object) -> None:
    assert read_choice(text, 3) == choice


@pytest.mark.parametrize(("text", "choice"), OF_ONE)
def test_of_one_mail_the_word_is_enough(text: str, choice: object) -> None:
    assert read_choice(text, 1) == choice
