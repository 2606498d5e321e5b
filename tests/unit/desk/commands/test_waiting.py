"""The words about an answer that waits: only the first word of a mail counts, and what else stands there is told of."""

import pytest

from desk.commands.waiting import MOST_GIVEN_BACK, Ended, Wish, Word, answer_wish, read_wish
from mail.outbound.catalogue import said
from tests.support.values.words import english

WISHES: list[tuple[str, Wish | None]] = [
    ("#send", Wish(Word.SEND)),
    ("#drop", Wish(Word.DROP)),
    ("  #Drop.\n", Wish(Word.DROP)),
    ("\u200b#SEND!", Wish(Word.SEND)),
    ("\uff03drop", Wish(Word.DROP)),
    ("#drop please", Wish(Word.DROP, further=True)),
    ("#send\n\n#resolve", Wish(Word.SEND, further=True)),
    ("", None),
    ("send", None),
    ("drop it", None),
    ("#dropped", None),
    ("#drop-not", None),
    ("#sendit", None),
    ("Do not #drop it", None),
    ("> #drop", None),
    ("# drop", None),
    ("#confirm", None),
]


@pytest.mark.parametrize(("text", "wish"), WISHES)
def test_the_first_word_of_a_mail_is_what_its_author_wishes(text: str, wish: Wish | None) -> None:
    assert read_wish(text) == wish


@pytest.mark.parametrize("ended", Ended)
@pytest.mark.parametrize("further", [False, True])
def test_each_wish_is_answered_with_what_became_of_it(ended: Ended, further: bool) -> None:
    answer = answer_wish(Wish(Word.DROP, further=further), ended, "Hello Ann.")

    assert (answer.line, answer.done) == ("#drop", ended is not Ended.TOO_LATE)
    assert english(answer.sentence).startswith(english(said(f"commands.{ended}")))
    assert ("The other words of your mail went to nobody" in english(answer.sentence)) == further
    assert [*map(english, answer.detail)] == (["Hello Ann."] if ended is Ended.DROPPED else [])


def test_of_a_dropped_answer_its_author_gets_so_much_back() -> None:
    answer = answer_wish(Wish(Word.DROP), Ended.DROPPED, "x" * (MOST_GIVEN_BACK + 1))

    assert [len(english(line)) for line in answer.detail] == [MOST_GIVEN_BACK]
