"""A template holds no word of its own: what people read stands in the catalogues of each language."""

import re
from pathlib import Path

import pytest

from mail.outbound.catalogue import languages
from mail.outbound.render import TEMPLATE_SUFFIXES
from tests.support.values.words import TEMPLATES

FILES = sorted(
    path
    for path in TEMPLATES.rglob("*")
    if path.suffix in TEMPLATE_SUFFIXES and path.suffix != ".css" and path.parent.name not in languages([TEMPLATES])
)
COMMENTS = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
# What a template writes as it is in every language: what is typed at a command line, the abbreviation of an answer
# (RFC 5322, section 3.6.5), and the sign of a reference.
COMMANDS = re.compile(r"supportdesk [a-z]+( [a-z]+)?( [A-Z]+)?")
AS_IT_IS = re.compile(r"(?:^|(?<=}))Re: |\[ref ", re.MULTILINE)
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TAGS = re.compile(r"<!doctype[^>]*>|</?[a-z][^>]*>|&[a-z]+;", re.IGNORECASE)
# Text of ours within an expression: in the arguments of `say` and of filters, and in comparisons, stand keys.
CALLS = re.compile(r"""\bsay\((?:[^()]|\([^()]*\))*\)""")
SENTENCE = re.compile(r"""["'][^"']*[A-Za-z]+ [A-Za-z][^"']*["']""")
SEEN = re.compile(r"""\b(?:alt|title|aria-label)="([^"{]*[A-Za-z][^"]*)\"""")


def own_words(text: str) -> list[str]:
    """The words and sentences that a template holds itself."""
    text = AS_IT_IS.sub("", COMMENTS.sub("", text))
    outside = COMMANDS.sub("", TAGS.sub(" ", CODE.sub("", text)))
    inside = (sentence for code in CODE.findall(text) for sentence in SENTENCE.findall(CALLS.sub("", code)))
    return [*re.findall(r"[^\W\d_]{2,}", outside), *inside, *SEEN.findall(CODE.sub("", text))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_holds_no_word_of_its_own(path: Path) -> None:
    assert own_words(path.read_text(encoding="utf-8")) == []


WORDS = [
    ("Hello {{ name }}", ["Hello"]),
    ("<p>Hello</p>", ["Hello"]),
    ("{{ sent_at or 'It gives none.' }}", ["'It gives none.'"]),
    ("{% if first %}So{% endif %}", ["So"]),
    ('<img alt="A chart" src="cid:x">', ["A chart"]),
    ('{{ say("held.came", name=one|filter("x")) }}: {{ "-- " }}<b class="tag">{{ tag }}</b>', []),
    ("supportdesk quarantine show NUMBER\n{% if not first %}\nRe: {% endif %}[ref {{ x }}]", []),
]


@pytest.mark.parametrize(("text", "found"), WORDS)
def test_words_are_found_in_text_and_in_expressions(text: str, found: list[str]) -> None:
    assert own_words(text) == found
