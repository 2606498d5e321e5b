"""The sentences of the shipped catalogues in English and in German."""

import tomllib
from pathlib import Path

from desk.notices.context import Reader
from mail.outbound.catalogue import Catalogue, Said, said

TEMPLATES = Path(__file__).parents[3] / "templates"
ENGLISH = Catalogue("en", [TEMPLATES])
GERMAN = Catalogue("de", [TEMPLATES])
READER = Reader(ENGLISH)


def plain(text: str) -> Said:
    """A text as a sentence, which is the same in every language."""
    return said("formats.plain", text=text)


def english(sentence: Said) -> str:
    """The sentence as its English reader gets it."""
    return ENGLISH.say(sentence)


def sentences_of(language: str) -> dict[str, tuple[str, ...]]:
    """The forms of each sentence of a shipped language, by its key."""
    read = {
        file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in (TEMPLATES / language).glob("*.toml")
    }
    return {
        f"{file}.{name}": tuple(forms.values()) if isinstance(forms, dict) else (forms,)
        for file, sentences in read.items()
        for name, forms in sentences.items()
    }
