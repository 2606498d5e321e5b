"""Which lines of a text are proven to be of mails of ours, and what the sender wrote within such a line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mail.quoting.ours.repeated import REPEATED, letters_in, repeated_above, used_twice
from mail.quoting.ours.text import SentText, Text, read_text
from mail.quoting.ours.words import (
    PROOF,
    SentWords,
    WordRun,
    blocks,
    depth,
    find_runs,
    is_link_only,
    is_near,
    letters_of,
    without_marks,
    word_spans,
)

# Most of a short mail of ours is proof, too.
MOST_OF_MAIL = 0.6
# A mail of ours begins with so many words, in case that the first of them were cut off.
BEGINNING = 15
# With less of our mail, a sentence or two of it are no quote.
FEW = 0.3
# So few words of ours at an end of a line of others stand there by chance.
CHANCE = 2
# So many words within a line of ours may be others, in place of as many of ours or a few more.
CHANGED, MISSING = 0, 5
_REST = re.compile(r"[^\w\s(\[{<\"'\u201c\u201e\u00ab#\uff03]*\s*")


@dataclass(frozen=True, slots=True)
class OurLines:
    """What of a text is ours: ranges of lines in order, of which `starts` begin with the first words of a mail of ours.

    `own` is what the sender wrote within and behind our words in a line, `heads` what stands before them, both by line.
    `share` says how much of our mail was found, 0 to 1. What `is_weak` is a sentence or two, which the sender may
    repeat.
    """

    blocks: tuple[tuple[int, int], ...]
    starts: frozenset[int]
    own: dict[int, str]
    heads: dict[int, str]
    share: float
    is_weak: bool

    @property
    def first(self) -> int:
        """The first line of ours."""
        return self.blocks[0][0]


def compare(lines: Sequence[str], sent: Sequence[SentText]) -> OurLines | None:
    """Find what is ours in the lines of a text, in linear time; None where nothing is."""
    text = read_text(lines)
    ours = SentWords()
    # Most answers hold one of our mails whole, and the first is the likeliest.
    ours.add(sent[0].text)
    runs = _proven(text, ours)
    if _is_left_over(text, runs):
        ours.add_html(sent[0].html)
        runs = _proven(text, ours)
    if _is_left_over(text, runs) and len(sent) > 1:
        for mail in sent[1:]:
            ours.add(mail.text)
            ours.add_html(mail.html)
        runs = _proven(text, ours)
    if not runs:
        return None
    for run in runs:
        text.sources[run.start : run.end] = range(run.source, run.source_end)
    is_ours = [_is_ours(text, line) for line in range(len(lines))]
    _fill(text, ours, is_ours)
    found = tuple(_ranges(lines, is_ours))
    share = _share(ours, runs)
    # Who repeats a sentence of ours without a mark quotes nothing that a program added.
    is_marked = any(depth(lines[start]) for start, _ in found)
    if not found:
        return None
    starts = frozenset(start for start, _ in found if _begins_mail(text, ours, start))
    is_short = share < FEW and letters_in(text, runs) < REPEATED
    is_weak = not is_marked and (is_short or not starts)
    return OurLines(found, starts, text.own, text.heads, share, is_weak)


def _is_left_over(text: Text, runs: Sequence[WordRun]) -> bool:
    """Whether words are left below the first ones of ours, which may stand in our HTML only."""
    if not runs:
        return True
    return sum(run.end - run.start for run in runs) < len(text.words) - runs[0].start


def _proven(text: Text, ours: SentWords) -> list[WordRun]:
    """The runs that are no chance: long ones, those that go on where a proven one ended, and whole quoted lines."""
    runs = find_runs(ours, text.words)
    if not runs:
        return []
    begins = {mail.start for mail in ours.mails}
    breaks = _breaks(text)
    proven: set[WordRun] = set()
    for block in blocks(runs, breaks, begins):
        if _is_long(block, text) or _is_most(block, ours):
            proven.update(block)
    proven -= repeated_above(text, ours, [run for run in runs if run in proven])
    proven.update(run for run in runs if run not in proven and _is_quoted_line(text, run))
    for order in (runs, runs[::-1]):
        for one, other in pairwise(order):
            pair = (one, other) if one.start < other.start else (other, one)
            if one in proven and is_near(*pair):
                proven.add(other)
    proven -= used_twice(text, [run for run in runs if run in proven])
    return [run for run in runs if run in proven]


def _breaks(text: Text) -> set[int]:
    """The first words of lines with other quote marks than the line above them."""
    filled = [line for line in range(len(text.lines)) if text.span(line)]
    pairs = pairwise(filled)
    return {text.firsts[below] for above, below in pairs if depth(text.lines[above]) != depth(text.lines[below])}


def _is_long(block: Sequence[WordRun], text: Text) -> bool:
    return letters_in(text, block) >= PROOF


def _is_most(block: Sequence[WordRun], ours: SentWords) -> bool:
    """Whether the block is most of a short mail of ours, from its beginning."""
    mail = next((mail for mail in ours.mails if mail.start == block[0].source), range(0))
    return len(mail) > 0 and block[-1].source_end - block[0].source >= MOST_OF_MAIL * len(mail)


def _is_quoted_line(text: Text, run: WordRun) -> bool:
    """Whether the run is all the words of a line, or of several, with quote marks."""
    first = text.line_of(run.start)
    return (
        depth(text.lines[first]) > 0 and text.firsts[first] == run.start and run.end in text.firsts[first : first + 9]
    )


def _is_ours(text: Text, line: int) -> bool:
    """Whether a line is ours; what the sender wrote between and behind our words, or before them, is set aside."""
    span = text.span(line)
    sources = text.sources[span.start : span.stop]
    found = [at for at, source in enumerate(sources) if source >= 0]
    if not found:
        return False
    gaps = _gaps(sources, found)
    if not gaps:
        return True
    spans = word_spans(text.lines[line])
    if len(spans) != len(sources) or _is_senders(text, line, spans, found):
        text.sources[span.start : span.stop] = [-1] * len(span)
        return False
    if found[0] == 0:
        text.own[line] = _pieces(text.lines[line], spans, gaps)
        return True
    goes_on = span.stop < len(text.sources) and text.sources[span.stop] >= 0
    if goes_on or sum(letters_of(text.words[span.start + at]) for at in found) >= REPEATED:
        text.heads[line] = without_marks(text.lines[line][: spans[found[0]][0]]).rstrip()
        text.own[line] = _pieces(text.lines[line], spans, gaps[1:])
        return True
    return False


def _is_senders(text: Text, line: int, spans: Sequence[tuple[int, int]], found: Sequence[int]) -> bool:
    """Whether a line with words of ours and of others is a sentence of the sender that uses words of ours.

    It is not where much of it is ours, or where an attribution may stand before what is ours.
    """
    if len(found) <= CHANCE and not _is_introduced(text.lines[line], spans[found[0]][0]):
        return True
    if found[0]:
        return False
    first = text.firsts[line]
    ours = sum(letters_of(text.words[first + at]) for at in found)
    every = sum(map(letters_of, text.words[first : text.firsts[line + 1]]))
    return ours < REPEATED and 2 * ours < every


def _is_introduced(line: str, at: int) -> bool:
    """Whether a colon, or dashes behind one, stand before this place in a line."""
    return line[:at].rstrip(" \t>|*_-").endswith((":", "\uff1a"))


def _gaps(sources: Sequence[int], found: Sequence[int]) -> list[range]:
    """The words of others in a line."""
    gaps = [range(found[0])] if found[0] else []
    gaps += [range(before + 1, after) for before, after in pairwise(found) if after - before > 1]
    return gaps + ([range(found[-1] + 1, len(sources))] if found[-1] + 1 < len(sources) else [])


def _pieces(line: str, spans: Sequence[tuple[int, int]], gaps: Sequence[range]) -> str:
    """The words of others in a line that begins with ours, without the punctuation that ends ours."""
    pieces = []
    for gap in gaps:
        end = spans[gap.stop][0] if gap.stop < len(spans) else len(line)
        piece = line[spans[gap.start - 1][1] : end]
        pieces.append(piece[_end_of(piece) :].strip())
    return " ".join(pieces)


def _end_of(rest: str) -> int:
    match = _REST.match(rest)
    return match.end() if match else 0


def _fill(text: Text, ours: SentWords, is_ours: list[bool]) -> None:
    """Take short lines too that stand in our mail next to their neighbours, and links and pictures between ours."""
    lines = text.lines
    # What was found already is not found again: a second `Thanks` is the sender's.
    used = set(text.sources)
    filled = [at for at in range(len(lines)) if lines[at].strip()]
    for order, step in ((filled, 1), (filled[::-1], -1)):
        source, neighbour = None, None
        for at in order:
            span = text.span(at)
            if not is_ours[at] and span and source is not None and neighbour is not None:
                at_source = source + 1 if step > 0 else source - len(span)
                may_be = (depth(lines[at]) > 0 or is_ours[neighbour]) and at_source not in used
                is_ours[at] = may_be and _is_at(text, ours, at, at_source)
            elif not is_ours[at] and not span:
                is_beside = neighbour is not None and is_ours[neighbour]
                is_ours[at] = _is_wordless(lines[at], ours, is_below=is_beside and step > 0, is_beside=is_beside)
            neighbour = at
            known = [found for found in text.sources[span.start : span.stop] if found >= 0] if is_ours[at] else []
            source = source if not known else known[-1] if step > 0 else known[0]


def _is_at(text: Text, ours: SentWords, line: int, start: int) -> bool:
    """Whether all words of a line stand in our mails from word `start` on."""
    span = text.span(line)
    words = [ours.numbers.get(text.words[at], -2) for at in span]
    if start < 0 or ours.words[start : start + len(words)] != words:
        return False
    text.sources[span.start : span.stop] = range(start, start + len(words))
    return True


def _is_wordless(line: str, ours: SentWords, *, is_below: bool, is_beside: bool) -> bool:
    """Whether a line of links or signs alone is ours, which may stand below a line of ours, or beside one.

    A link that is ours needs no more proof beside one, as answers may stand above it; with a quote mark, none at all.
    """
    if not is_below:
        return (is_beside or depth(line) > 0) and ours.knows_link(line)
    if is_link_only(line):
        return ours.knows_link(line) or without_marks(line).startswith(("<", "[", "("))
    return all(ord(letter) < 0x2600 for letter in line)


def _ranges(lines: Sequence[str], is_ours: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of lines of ours, blank ones in between included."""
    start = end = None
    for at, ours in enumerate(is_ours):
        if ours:
            start, end = at if start is None else start, at + 1
        elif start is not None and end is not None and lines[at].strip():
            yield start, end
            start = end = None
    if start is not None and end is not None:
        yield start, end


def _begins_mail(text: Text, ours: SentWords, line: int) -> bool:
    source = next((source for at in text.span(line) if (source := text.sources[at]) >= 0), -1)
    return any(mail.start <= source < mail.start + BEGINNING for mail in ours.mails)


def _share(ours: SentWords, runs: Sequence[WordRun]) -> float:
    """How much of one mail of ours was found at most, in words."""
    found = {at for run in runs for at in range(run.source, run.source_end)}
    shares = (len(found.intersection(mail)) / len(mail) for mail in ours.mails if mail)
    return max(shares, default=0.0)
