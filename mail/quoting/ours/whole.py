"""The usual answer, known without a full comparison: the layers removed one whole mail of ours with its head."""

from collections.abc import Iterator, Sequence

from mail.quoting.ours.frame import frame_start, own_before
from mail.quoting.ours.text import SentText
from mail.quoting.ours.words import html_words, words_of

# The first words of the HTML of our mail may be a preview that no program shows; a shorter mail is no proof.
PREVIEW, SHORTEST = 40, 12
LONGEST_REMOVED, HEAD_LINES = 4_000, 20


def share_of_whole(text: str, removed: str, sent: Sequence[SentText], names: frozenset[str]) -> float | None:
    """Return how much of a mail of ours the removed text holds; None where more has to be compared.

    The text of the mail ends with what was removed, which is a head and then our mail to its end; above stands no
    head. What stands above is the sender's, though our mail may hold it, too: a customer who writes an agent's usual
    answer into a mail shall not make that answer a quote. `names` are the words of the names and addresses in the
    mail's header.
    """
    text, removed = text.rstrip(), removed.rstrip()
    if not text.endswith(removed):
        return None
    above, words = text[: len(text) - len(removed)], words_of(removed)
    if not SHORTEST <= len(words) <= LONGEST_REMOVED:
        return None
    for ours in _texts(sent):
        length = _common_end(words, ours)
        if length >= max(SHORTEST, len(ours) - PREVIEW):
            is_framed = _is_head(above.split("\n"), removed.split("\n"), len(words) - length, names)
            return length / len(ours) if is_framed else None
    return None


def _texts(sent: Sequence[SentText]) -> Iterator[list[str]]:
    """Yield the words of the text and of the HTML of each mail."""
    for mail in sent:
        yield words_of(mail.text)
        yield html_words(mail.html)


def _common_end(words: Sequence[str], ours: Sequence[str]) -> int:
    length, most = 0, min(len(words), len(ours))
    while length < most and words[-1 - length] == ours[-1 - length]:
        length += 1
    return length


def _is_head(above: list[str], removed: list[str], count: int, names: frozenset[str]) -> bool:
    """Whether the head of a quote is exactly the removed lines with the first `count` words."""
    at = 0
    while count > 0 and at < min(len(removed), HEAD_LINES):
        count -= len(words_of(removed[at]))
        at += 1
    if count:
        return False
    while at < len(removed) and not words_of(removed[at]):
        at += 1
    lines = [*above[-HEAD_LINES:], "", *removed[: at + 1]]
    first = len(lines) - at - 1
    # Beyond a banner, a head may stand above or nothing of ours below: then more has to be compared.
    starts = [frame_start(lines, first + at, 0, names, from_start=banner) for banner in (False, True)]
    # A drawn line, or blank ones, may stand above.
    is_exact = all(start <= first and not any(map(words_of, lines[start:first])) for start in starts)
    return is_exact and not own_before(removed[0], names)
