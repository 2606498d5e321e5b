"""Words of ours that the sender repeats: above our mail on purpose, and within a sentence of their own."""

from collections.abc import Sequence

from mail.quoting.ours.text import Text
from mail.quoting.ours.words import SentWords, WordRun, depth, letters_of

# A piece of our mail that the sender repeats is not longer, in letters.
REPEATED = 120
MOST_REPEATED = 20


def letters_in(text: Text, block: Sequence[WordRun]) -> int:
    """How many letters of proof the runs are; no more are counted than matter."""
    letters = 0
    for run in block:
        for word in text.words[run.start : run.end]:
            letters += letters_of(word)
            if letters >= REPEATED:
                return letters
    return letters


def repeated_above(text: Text, ours: SentWords, proven: Sequence[WordRun]) -> set[WordRun]:
    """The short pieces above the longest one that it holds once more: the sender repeats them on purpose."""
    longest = max(proven, key=lambda run: run.end - run.start, default=None)
    if longest is None:
        return set()
    whole = ours.words[longest.source : longest.source_end]
    begun = {run.start for run in proven}
    return {
        run
        for run in proven[: min(proven.index(longest), MOST_REPEATED)]
        if run.end not in begun
        and not depth(text.lines[text.line_of(run.start)])
        and letters_in(text, [run]) < REPEATED
        and _holds(whole, ours.words[run.source : run.source_end])
    }


def used_twice(text: Text, proven: Sequence[WordRun]) -> set[WordRun]:
    """The short runs that are part of a line, touch words of others in it, and stand in another piece of ours, too.

    Our mail has these words once, so that here the sender uses them in a sentence.
    """
    starts, ends, firsts = {run.start for run in proven}, {run.end for run in proven}, set(text.firsts)
    touching = [
        run
        for run in proven
        if not ((run.start in firsts or run.start in ends) and (run.end in firsts or run.end in starts))
        and letters_in(text, [run]) < REPEATED
    ]
    return {run for run in touching[:MOST_REPEATED] if _stands_elsewhere(text, run, proven)}


def _stands_elsewhere(text: Text, run: WordRun, proven: Sequence[WordRun]) -> bool:
    """Whether a longer run holds the words of this one, too."""
    words = text.words[run.start : run.end]
    longer = (one for one in proven if one.end - one.start > run.end - run.start)
    return any(_holds(text.words[one.start : one.end], words) for one in longer)


def _holds(whole: Sequence[object], piece: Sequence[object]) -> bool:
    size = len(piece)
    return any(whole[at] == piece[0] and whole[at : at + size] == piece for at in range(len(whole) - size + 1))
