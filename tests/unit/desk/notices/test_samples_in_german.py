"""In a preview in German nothing of ours is left in English; people's words stay as they wrote them."""

import re

import pytest

from desk.notices.samples import SAMPLES, samples
from desk.notices.values.sample_words import sentences
from mail.outbound.render import Renderer
from tests.support.values.words import ENGLISH, GERMAN, TEMPLATES, sentences_of

RENDERER = Renderer(TEMPLATES)
IN_GERMAN = samples(GERMAN)
PLACE = re.compile(r"\{[a-z_]+\}")
TAGS = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)
SHORTEST = 3


def pieces() -> set[str]:
    """What English sentences say between their values, where that is three words or more."""
    forms = (form for forms in sentences_of("en").values() for form in forms)
    found = (piece.strip() for form in forms for piece in PLACE.split(form))
    return {piece for piece in found if len(piece.split()) >= SHORTEST}


PIECES = pieces()


@pytest.mark.parametrize("name", list(SAMPLES))
def test_no_english_sentence_is_left_in_german(name: str) -> None:
    rendered = RENDERER.render(name, IN_GERMAN[name], "de")

    for text in (rendered.subject, rendered.text, TAGS.sub("", rendered.html)):
        flat = " ".join(text.replace("| ", "").split())
        assert [piece for piece in PIECES if piece in flat] == []


def test_in_english_the_samples_are_as_they_stand() -> None:
    assert samples(ENGLISH) == SAMPLES


def test_each_sentence_of_ours_stands_in_a_sample() -> None:
    shown = "\n".join(map(repr, SAMPLES.values()))

    assert [text for text in sentences() if text not in shown.replace("\\'", "'")] == []


def test_labels_times_and_sizes_are_german_too() -> None:
    texts = {name: " ".join(RENDERER.render(name, IN_GERMAN[name], "de").text.split()) for name in IN_GERMAN}

    assert "In Arbeit" in texts["ticket-assigned"]
    assert "22. November 2026" in texts["mail-unconfirmed"]
    assert "96.400 Zeichen" in texts["mail-unconfirmed"]
