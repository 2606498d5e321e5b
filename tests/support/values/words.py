"""The sentences of the shipped catalogues in English."""

from pathlib import Path

from desk.notices.context import Reader
from mail.outbound.catalogue import Catalogue, Said

TEMPLATES = Path(__file__).parents[3] / "templates"
ENGLISH = Catalogue("en", [TEMPLATES])
READER = Reader(ENGLISH)


def english(sentence: Said) -> str:
    """The sentence as its English reader gets it."""
    return ENGLISH.say(sentence)
