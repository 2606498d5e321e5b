"""What the database answers to an `Ask`, as values: rows of tickets, a conversation, or the steps of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.commands.reading.ask import Ask
from desk.ticket import Category, Priority, Status
from mail.outbound.catalogue import Said

# So many signs of a conversation stand in one mail; what is left comes by `#more`. Cut off is no less than the least.
PAGE, LEAST = 8_000, 400
LONGEST_WORD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A ticket as a row; `customer` and `owner` are names, the owner empty for nobody, times are UTC.

    `place` says where it was found, and `excerpt` with which words around it.
    """

    number: int
    title: str
    status: Status
    customer: str
    owner: str
    opened_at: datetime
    place: Said | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWords:
    """A text of a conversation, or a part of it; `files` are names.

    `goes_on` says that it began in another mail, `is_cut` that it ends in another.
    """

    author: str
    at: datetime
    text: str
    is_note: bool
    files: tuple[str, ...] = ()
    goes_on: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTicket:
    """A ticket with its words, the latest first, and in `remarks` where it goes on or lies.

    `merged_into` is the number of the ticket that it is part of by now, which is where mail about it goes.
    """

    number: int
    title: str
    status: Status
    priority: Priority
    category: Category
    customer: str
    owner: str
    words: tuple[ShownWords, ...]
    remarks: tuple[Said, ...] = ()
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One step of a ticket's history: who did what, in the words that SupportDesk keeps of it."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideMail:
    """A mail in quarantine; `sender` may be empty, `at` is when it came, and `text` how it begins if shown."""

    number: int
    sender: str
    subject: str
    reason: str
    at: datetime
    text: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAnswer:
    """The answer to an `Ask`: what is shown, or in `sentence` why that is nothing; by `more` it goes on.

    `done` is False where its reader may not see it, or where there is no such thing. Neither says which. `missing` says
    below it what may not be among it yet.
    """

    done: bool = True
    sentence: Said | None = None
    missing: Said | None = None
    rows: tuple[ListRow, ...] = ()
    ticket: ShownTicket | None = None
    steps: tuple[HistoryStep, ...] = ()
    mails: tuple[SetAsideMail, ...] = ()
    more: Ask | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The tickets that are shown, in order."""
        return (*(row.number for row in self.rows), *((self.ticket.number,) if self.ticket else ()))


def page_of(words: Sequence[ShownWords], after: str) -> tuple[tuple[ShownWords, ...], str]:
    """The words of one mail, the latest first, and behind which it goes on, empty at the end.

    `words` are all, the oldest first. A place is `index:signs`: so many signs of the words at that index were shown.
    """
    at, shown = _place(after) if after else (len(words) - 1, 0)
    page = list[ShownWords]()
    left = PAGE
    for index, one in _backwards(words, at):
        begin = shown if index == at else 0
        end = _between_words(one.text, begin, begin + left)
        if page and left < LEAST < len(one.text) - begin:
            return tuple(page), f"{index}:{begin}"
        is_cut = end < len(one.text)
        page.append(_part(one, begin, end, is_cut=is_cut))
        if is_cut:
            return tuple(page), f"{index}:{end}"
        left -= len(one.text) - begin
        if left <= 0 and index:
            return tuple(page), f"{index - 1}:0"
    return tuple(page), ""


def _between_words(text: str, begin: int, end: int) -> int:
    """The place of the last space or line end shortly before a place, so that no word is cut; itself without one."""
    if end >= len(text):
        return end
    near = max(begin, end - LONGEST_WORD)
    found = max(text.rfind(sign, near, end) for sign in " \n")
    return found if found > begin else end


def _place(after: str) -> tuple[int, int]:
    index, _, shown = after.partition(":")
    return int(index), int(shown or 0)


def _backwards(words: Sequence[ShownWords], at: int) -> Iterator[tuple[int, ShownWords]]:
    return ((index, words[index]) for index in range(min(at, len(words) - 1), -1, -1))


def _part(one: ShownWords, begin: int, end: int, *, is_cut: bool) -> ShownWords:
    return ShownWords(
        author=one.author,
        at=one.at,
        text=one.text[begin:end],
        is_note=one.is_note,
        files=() if is_cut else one.files,
        goes_on=begin > 0,
        is_cut=is_cut,
    )
