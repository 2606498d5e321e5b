"""Which words of a mail in German are English: common words of that language, and those of our English sentences."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser

from seed.people import people
from tests.support.values.words import sentences_of
from worker.runtime.clock import now

COMMON = frozenset(
    """
    the and of to is it its you your yours that this these those with without for not are be been being by on as at from
    have has had having we our ours us or but if when who whom whose what which where why how there here their theirs
    they them he she his her him will would shall should could can cannot may might must do does did done no yes none
    nobody nothing somebody something anybody everybody each every all any some more most less other others another
    only own same than then too very just about above after again against before behind below between both down during
    into off once out over through under until up while because since now never always please thank thanks hello dear
    answer answers answered request requests wrote write written sent send open opened closed resolved read reads new
    """.split()
)
# English and German words that look alike, and what people of both languages say.
BOTH = frozenset(
    "so war was will am an die in mail mails ticket tickets team admin admins uhr utc ref not her down".split()
)
_WORD = re.compile(r"[^\W\d_]+")
# What is the same in every language: addresses, links, commands with what they take, commands to type, options and
# settings, references, numbers of tickets, and the names of a sentence's values.
_SAME = re.compile(
    r"`[^`]*`|\{\w+\}"
    r"|--\w[\w-]*|\b\w+ = \"|\S+@\S+|https?://\S+|\[ref [^\]]*\]|\bSD-\d+"
    r"|#\w+(?: (?:me|high|until|open|off|for|\w+_\w+)\b)?"
)


def words_of(text: str) -> set[str]:
    """The words of a text in small letters."""
    return set(_WORD.findall(text.casefold()))


def _catalogue(language: str) -> set[str]:
    return set().union(*(words_of(_SAME.sub(" ", " ".join(forms))) for forms in sentences_of(language).values()))


ENGLISH = (COMMON | (_catalogue("en") - _catalogue("de"))) - BOTH
NAMES = words_of(" ".join((*(one.name for one in people(now())), "SupportDesk")))


def english_words(text: str, own: Iterable[str] = ()) -> list[str]:
    """The English words in a text, in alphabetical order, except those that people on its ticket wrote: `own`."""
    return sorted(words_of(_SAME.sub(" ", text)) & (ENGLISH - NAMES - set(own)))


def shown(html: str) -> str:
    """What a reader of the HTML sees or hears: its text, its title, and what stands in place of pictures."""
    page = LexborHTMLParser(html)
    for node in page.css("style, script"):
        node.decompose()
    texts = (page.head.text(separator=" ") if page.head else "", page.body.text(separator=" ") if page.body else "")
    return " ".join((*texts, *(node.attributes.get("alt") or "" for node in page.css("[alt]"))))
