"""Which words of a text stand in mails of ours, in the order in which they stand there: compared by runs of words.

Lines, quote marks, white space, punctuation, case and links do not count, so no way to wrap or to mark a quote matters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import unquote

GRAM = 3
# A run of words counts where it is as long as a sentence, in letters; a sign of Chinese or Thai counts for three.
PROOF = 30
SIGN_LETTERS = 3
# Only so many of the places where three words stand in our mails are tried, and only so much of our mails is read.
PLACES = 8
LONGEST_SENT = 400_000
# Between two runs of which one proves the other, so many words of ours may be missing.
NEAR = 2
# So many words with which a sentence of the sender begins may stand in our mail, too.
LONGEST_CHANCE = 12

_LINK = re.compile(r"(?:https?://|mailto:|tel:|www\.)[^\s<>()\[\]\"']+", re.IGNORECASE)
_LINK_STARTS = ("://", "mailto:", "tel:", "www.")
_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_PICTURES = "\u2600-\u27bf\U0001f000-\U0001faff"
_WORD = re.compile(rf"[{_SIGNS}{_PICTURES}]|[^\W_{_SIGNS}]+")
# The same where no signs can be, which is faster.
_ASCII_WORD, _LETTERS, _FIRST_SIGN = re.compile(r"[a-z0-9]+"), re.compile(r"[^\W_]+"), "\u0e00"
_SIGN = re.compile(rf"[{_SIGNS}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_UNSHOWN = re.compile(r"<(style|script|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HREF = re.compile(r"href\s?=\s?[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_MARKED = frozenset(" \t\xa0\u3000>|\uff1e")
_MARKS = re.compile(r"[\s>|\uff1e]*")
_INITIALS = re.compile(r"\s{0,4}[^\W\d_]{1,4}>")
# How one mail ends and the next begins in the words of all of them.
_END = -1
_UNKNOWN = -2


@dataclass(frozen=True, slots=True)
class WordRun:
    """The words `start` to `end` of a text stand in our mails in the same order, from word `source` of them."""

    start: int
    end: int
    source: int

    @property
    def source_end(self) -> int:
        """The word of ours after the last of the run."""
        return self.source + self.end - self.start


@dataclass(slots=True)
class SentWords:
    """The words of mails of ours as numbers, one mail after the other, and where each three of them stand.

    `mails` are the first and the last place of each mail, `texts` what holds links that were not read yet.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    words: list[int] = field(default_factory=list)
    places: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    mails: list[range] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Add the text of one mail."""
        start, text = len(self.words), text[:LONGEST_SENT]
        self.texts.append(text)
        numbers = self.numbers
        new = [numbers.setdefault(word, len(numbers)) for word in words_of(text)]
        self.words += [*new, _END]
        places = self.places
        for at, gram in enumerate(zip(new, new[1:], new[2:], strict=False), start):
            found = places.get(gram)
            if found is None:
                places[gram] = [at]
            elif len(found) < PLACES:
                found.append(at)
        self.mails.append(range(start, start + len(new)))

    def add_html(self, html: str) -> None:
        """Add the text of the HTML of a mail that we wrote ourselves, so that a simple reading is enough."""
        html = html[:LONGEST_SENT]
        self.texts.append(html)
        self.add(_shown(html))

    def knows_link(self, line: str) -> bool:
        """Whether the line holds a link, and only links of ours."""
        for text in self.texts:
            self.links.update(map(_folded_link, _LINK.findall(text)))
            self.links.update(_folded_link(unescape(link)) for link in _HREF.findall(text))
        self.texts.clear()
        links = _LINK.findall(line)
        return bool(links) and all(not self.links.isdisjoint(_forms_of_link(link)) for link in links)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; those of links are left out."""
    if "&" in text:
        text = unescape(text)
    # The small form of this letter is two signs, of which one would end the word.
    text = text.replace("\u0130", "i").lower()
    if any(start in text for start in _LINK_STARTS):
        text = _LINK.sub(" ", text)
    if text.isascii():
        return _ASCII_WORD.findall(text)
    text = _INVISIBLE.sub("", text)
    return (_WORD if max(text, default="") >= _FIRST_SIGN else _LETTERS).findall(text)


def html_words(html: str) -> list[str]:
    """Return the words of the HTML of a mail that we wrote ourselves."""
    return words_of(_shown(html[:LONGEST_SENT]))


def _shown(html: str) -> str:
    return unescape(_TAG.sub(" ", _UNSHOWN.sub(" ", html)))


def word_spans(line: str) -> list[tuple[int, int]]:
    """Return where each word of a line without entities and invisible letters stands; as many as `words_of` gives."""
    blank = _LINK.sub(lambda link: " " * len(link[0]), line)
    return [found.span() for found in _WORD.finditer(blank)]


def letters_of(word: str) -> int:
    """Return how many letters of proof a word is."""
    return SIGN_LETTERS if _SIGN.match(word) else len(word)


def is_link_only(line: str) -> bool:
    """Whether the line holds a link and no words."""
    return _LINK.search(line) is not None and not words_of(line)


def without_marks(line: str) -> str:
    """Return the line without the quote marks and white space at its beginning."""
    return line[_end_of_marks(line) :]


def depth(line: str) -> int:
    """Return how many quote marks stand at the beginning of a line."""
    if line[:1] not in _MARKED:
        return 0
    marks = line[: _end_of_marks(line)]
    return marks.count(">") + marks.count("|") + marks.count("\uff1e")


def with_plain_marks(lines: Sequence[str]) -> list[str]:
    """Return the lines with `> ` in place of marks with initials, as in `NS> `, where at least three begin so."""
    initials = [_INITIALS.match(line) if ">" in line[:12] else None for line in lines]
    if sum(map(bool, initials)) < 3:
        return list(lines)
    return [line[found.end() - 1 :] if found else line for line, found in zip(lines, initials, strict=True)]


def _end_of_marks(line: str) -> int:
    match = _MARKS.match(line)
    return match.end() if match else 0


def _folded_link(link: str) -> str:
    return link.lower().rstrip(".,;:!?/")


def _forms_of_link(link: str) -> Iterator[str]:
    """The link itself, and what it leads to where a gateway has put one of its own around it."""
    yield _folded_link(link)
    for part in link.split("&"):
        decoded = unquote(part)
        at = decoded.find("http", 1)
        if at > 0:
            yield _folded_link(decoded[at:].partition("__")[0])


def find_runs(sent: SentWords, words: Sequence[str]) -> list[WordRun]:
    """Return the longest runs of three words or more that stand in our mails, in reading order, in linear time.

    Where a run can go on behind the one before it, it does.
    """
    numbers = [sent.numbers.get(word, _UNKNOWN) for word in words]
    runs: list[WordRun] = []
    at, expected = 0, 0
    while at + GRAM <= len(numbers):
        places = sent.places.get((numbers[at], numbers[at + 1], numbers[at + 2]), ())
        if not places:
            at += 1
            continue
        run = max((_run(sent.words, numbers, at, place) for place in places), key=lambda run: _rank(run, expected))
        if runs and run.start > runs[-1].end:
            _shorten(runs, numbers, run)
        runs.append(run)
        at, expected = run.end, run.source_end
    return runs


def _shorten(runs: list[WordRun], numbers: Sequence[int], after: WordRun) -> None:
    """Take the words off the last run with which the next one begins: our mail has them once, and they go on there.

    The sender's words between the two begin with them by chance: `Hello, [Please call me.] please open …`.
    """
    last = runs[-1]
    for end in range(max(last.start + 1, last.end - LONGEST_CHANCE), last.end):
        if numbers[end : last.end] == numbers[after.start : after.start + last.end - end]:
            runs[-1] = WordRun(last.start, end, last.source)
            return


def _rank(run: WordRun, expected: int) -> tuple[int, bool]:
    return run.end - run.start + (4 if 0 <= run.source - expected <= NEAR else 0), run.source >= expected


def _run(ours: Sequence[int], numbers: Sequence[int], at: int, place: int) -> WordRun:
    length = GRAM
    while at + length < len(numbers) and numbers[at + length] == ours[place + length]:
        length += 1
    return WordRun(at, at + length, place)


def is_near(before: WordRun, after: WordRun) -> bool:
    """Whether a run goes on in our mails where the other ends."""
    return 0 <= after.source - before.source_end <= NEAR


def blocks(runs: Sequence[WordRun], breaks: set[int], starts: set[int]) -> Iterator[list[WordRun]]:
    """Yield the runs that touch each other in the text, by their words.

    A block ends where a word of `breaks` begins (its quote marks are others), and where our mail begins anew.
    """
    block: list[WordRun] = []
    for run in runs:
        if block and (block[-1].end != run.start or run.start in breaks or run.source in starts):
            yield block
            block = []
        block.append(run)
    if block:
        yield block
