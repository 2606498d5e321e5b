"""Whether the inboxes hold what the story says: a sentence for each mail, word or answer that is wrong."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seed.story.correspondents import Inbox
from tests.support.day.programs import plain, read_mail, text_of, words_in
from tests.support.day.reading import answered_lines, filled
from tests.support.day.story import COMMAND, Day, Letter, Told

# Shorter lines may stand in the mails of others by chance.
SHORTEST_LINE = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A mail of the desk in an inbox."""

    reader: str
    template: str
    about: str | None
    raw: bytes

    @property
    def key(self) -> tuple[str, str, str | None]:
        """By what it is expected."""
        return self.reader, self.template, self.about


def compare(name: str, expected: Sequence[Told], news: Sequence[Found], numbers: Mapping[str, int]) -> Iterator[str]:
    """Yield what is missing and what is too much, and the phrases that no mail has in its text and in its HTML."""
    wanted, there = Counter(one.key for one in expected), Counter(one.key for one in news)
    yield from (f"{name}: missing {key}" for key in (wanted - there).elements())
    for key in (there - wanted).elements():
        shown = next(words_in(one.raw)[0] for one in news if one.key == key)
        yield f"{name}: surplus {key}: {shown}"
    waiting = defaultdict(list)
    for found in news:
        waiting[found.key].append(words_in(found.raw))
    for one in expected:
        phrases = [plain(filled(phrase, numbers)) for phrase in one.says]
        mails = waiting[one.key]
        fits = [mail for mail in mails if all(phrase in form for form in mail for phrase in phrases)]
        if fits:
            # Each mail is taken once.
            mails.remove(fits[0])
        elif mails:
            lacks = [phrase for phrase in phrases if not all(phrase in form for form in mails[0])]
            yield f"{name}: {one} lacks {lacks}: {mails[0][0]}"


def compare_answers(
    name: str, letters: Collection[Letter], news: Sequence[Found], numbers: Mapping[str, int]
) -> Iterator[str]:
    """Yield the commands that were not answered to their author, and those that were answered more than once."""
    wanted = Counter((one.by, plain(filled(line, numbers))) for one in letters for line in one.commands)
    got = Counter((one.reader, line) for one in news for line in answered_lines(text_of(read_mail(one.raw))))
    yield from (f"{name}: not answered to {by}: {line}" for by, line in (wanted - got).elements())
    yield from (f"{name}: answered too often to {by}: {line}" for by, line in (got - wanted).elements())


def strangers_words(
    day: Day, letters: Sequence[Letter], inboxes: Mapping[str, Inbox], numbers: Mapping[str, int]
) -> Iterator[str]:
    """Yield each line that a customer has in the inbox and must not read: of a note, or of somebody else's ticket."""
    customers = [one for one in day.people if not one.staff]
    read = {one.first: [words_in(mail.raw) for mail in inboxes[one.address].mails] for one in customers}
    for letter in letters:
        for line in own_lines(letter):
            shown = plain(filled(line, numbers))
            for first in read.keys() - _readers(day, letter):
                if any(shown in form for mail in read[first] for form in mail):
                    yield f"{first} reads what {letter.by} wrote: {shown}"


def own_lines(letter: Letter) -> list[str]:
    """The lines of words in a mail that are long enough to be told from others."""
    lines = [letter.subject, *letter.text.splitlines()]
    return [line for line in lines if len(line) >= SHORTEST_LINE and not COMMAND.match(line)]


def _readers(day: Day, letter: Letter) -> frozenset[str]:
    """The customers who may read a mail's words."""
    if letter.internal:
        return frozenset({letter.by})
    return day.parties.get(letter.on or "", frozenset()) | {letter.by}
