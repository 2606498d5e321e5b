"""Which earlier tickets are like a question: those with its rare words, and none where only common words are shared."""

import pytest

from desk.reports.earlier.likeness import (
    FEWEST_WORDS,
    MOST_CHOSEN,
    MOST_DIFFERENT,
    MOST_GATHERED,
    MOST_ROWS,
    MOST_WORDS,
    THRESHOLD,
    Candidate,
    Like,
    Word,
    gathered,
    like_enough,
    ranked,
    rarest,
    weights,
    words_of_question,
)

QUESTION = "the printer in our office prints blank pages since the update of tuesday"


def test_the_words_of_a_question_come_once_without_its_authors_name() -> None:
    words = words_of_question(f"{QUESTION} says maria a maria okafor", frozenset({"maria", "okafor"}))

    assert words == [*dict.fromkeys(QUESTION.split()), "says"]


@pytest.mark.parametrize("question", ["", "help", "it does not work", "a b c d e f g h i j"])
def test_a_question_of_few_words_has_none_that_tell(question: str) -> None:
    assert words_of_question(question, frozenset()) == []


def test_each_sign_of_chinese_is_a_word() -> None:
    assert len(words_of_question("打 印 机 不 能 打 开 网 页", frozenset())) == FEWEST_WORDS


def test_of_a_long_question_so_many_words_are_looked_at() -> None:
    assert len(words_of_question(" ".join(f"w{n}" for n in range(5_000)), frozenset())) == MOST_DIFFERENT


def test_the_rarest_words_are_asked_for_first_and_unknown_ones_before_all() -> None:
    words = [Word(("the",), 0.9), Word(("printer",), 0.01), Word(("blank",))]

    assert [word.forms[0] for word in rarest(words, 1_000)] == ["blank", "printer", "the"]


def test_no_more_rows_are_asked_for_than_the_index_gives_quickly() -> None:
    words = [Word((f"w{n}",), 0.004) for n in range(60)]

    asked = rarest(words, 1_000_000)

    assert len(asked) * 4_000 <= MOST_ROWS
    assert asked


def test_where_few_words_are_known_to_be_common_the_others_are_asked_for_all_the_same() -> None:
    words = [Word((f"w{n}",)) for n in range(60)]

    assert len(rarest([Word(("invoice",), 0.01), *words], 1_000_000)) >= MOST_WORDS


def test_one_common_word_is_asked_for_where_there_is_no_other() -> None:
    assert len(rarest([Word(("the",), 0.9)], 1_000_000)) == 1


def test_a_word_in_one_ticket_of_many_weighs_most_and_one_in_all_nothing() -> None:
    found = {number: [0, *([1] if number == 1 else []), *([2] if number < 100 else [])] for number in range(1000)}

    weighed = weights(found, 1000)

    assert weighed[1] > 0.8
    assert 0.05 < weighed[2] < 0.3
    assert weighed[0] < 0.001


def test_in_a_small_desk_no_word_is_known_to_be_rare() -> None:
    assert weights({1: [0]}, 3)[0] < weights({1: [0]}, 300)[0] / 2


def test_only_the_rarest_words_weigh() -> None:
    found = {number: range(number, 80) for number in range(80)}

    weighed = weights(found, 80)

    assert sorted(weighed) == list(range(MOST_WORDS))


def test_the_tickets_with_most_of_the_words_are_gathered_and_a_newer_one_first() -> None:
    found = {1: [0], 2: [0, 1], 3: [0], **{number: [2] for number in range(10, 500)}}

    numbers = gathered(found, {0: 0.5, 1: 0.9})

    assert numbers[:3] == [2, 3, 1]
    assert len(numbers) == MOST_GATHERED


def test_a_word_that_is_repeated_and_a_short_ticket_count_more() -> None:
    one = Candidate(1, 100, {0: 1})
    repeated = Candidate(2, 100, {0: 3})
    short = Candidate(3, 50, {0: 1})

    likes = ranked([one, repeated, short], {0: 1.0})

    assert [like.number for like in likes] == [2, 3, 1]


def test_words_without_a_weight_count_nothing() -> None:
    assert ranked([Candidate(1, 10, {7: 3})], {0: 1.0}) == [Like(1, 0.0)]


def test_without_a_first_that_is_like_enough_there_are_none() -> None:
    assert like_enough([]) == []
    assert like_enough([Like(1, THRESHOLD - 0.01)]) == []


def test_the_others_are_there_where_they_are_nearly_half_as_like() -> None:
    likes = [Like(1, 10.0), Like(2, 4.1), Like(3, 3.9)]

    assert [like.number for like in like_enough(likes)] == [1, 2]


def test_so_many_are_chosen() -> None:
    assert len(like_enough([Like(number, 9.0) for number in range(20)])) == MOST_CHOSEN
