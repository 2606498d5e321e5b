"""The sentences by which staff are answered about who takes part, who watches and what waits, in German."""

import re

import pytest

from tests.support.values.words import sentences_of

TYPED = re.compile(r"#[a-z]+(?: (?:[\d:-]+|fri|SD-12|tomorrow|off|[+-]?[\w.]+@[\w.]+|-bob|[23][dh]))*|\{\w+\}")
ENGLISH_ONLY = {"the", "you", "your", "ticket's", "write", "until", "and", "waits", "address", "told", "gets", "who"}


@pytest.mark.parametrize("key", sorted(key for key in sentences_of("de") if key.startswith("writing.")))
def test_no_english_word_stands_in_an_answer(key: str) -> None:
    for form in sentences_of("de")[key]:
        words = set(re.findall(r"[^\W\d_]+", TYPED.sub("", form).lower()))
        assert words & ENGLISH_ONLY == set()
        assert form.endswith((".", "“."))


def test_each_answer_in_english_is_a_sentence() -> None:
    for key, forms in sentences_of("en").items():
        assert not key.startswith("writing.") or all(form.endswith(".") for form in forms)
