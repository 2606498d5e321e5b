"""What a mail shows that a reading command asked for: the values of the templates, made of what was found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from desk.commands.reading.found import ListRow, ReadAnswer, ShownTicket, ShownWords
from desk.ticket import Person, noun_for
from mail.outbound.catalogue import Catalogue, said

# A title in a row; a list shall be read at one look.
LONGEST_TITLE, LONGEST_EXCERPT = 90, 160


@dataclass(frozen=True, slots=True)
class RowView:
    """A ticket in a list; `link` is the `mailto:` address by which its reader writes on it, empty where there is none.

    `about` is its state and its age, and for staff its customer and its owner; `remark` is where it was found.
    """

    tag: str
    title: str
    about: str
    remark: str
    link: str


@dataclass(frozen=True, slots=True)
class WordsView:
    """A text of a shown ticket: who wrote it, when, and whether it is an internal note; `files` is a sentence."""

    author: str
    at: str
    text: str
    is_note: bool
    files: str


@dataclass(frozen=True, slots=True)
class ShownView:
    """A shown ticket: how it is called, how it stands as one line, what else is to be said of it, and its words."""

    tag: str
    title: str
    state: str
    remarks: tuple[str, ...]
    words: tuple[WordsView, ...]
    link: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a ticket's history."""

    at: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """The rows, the ticket or the steps that a command asked for; `next` says below them how to go on.

    `next_in_text` does so where nothing can be touched.
    """

    rows: tuple[RowView, ...] = ()
    ticket: ShownView | None = None
    steps: tuple[StepView, ...] = ()
    next: tuple[str, ...] = ()
    next_in_text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListReader:
    """Who reads a list, in which words, at which time, and by which `mailto:` link they write on a ticket of it.

    `link` gives an empty text where there is no such address. `answers` says that an answer to the mail itself is on
    the ticket that it shows.
    """

    person: Person
    words: Catalogue
    now: datetime
    link: Callable[[int, str], str]
    answers: bool = False


def reading_view(answer: ReadAnswer, reader: ListReader, *, is_last: bool) -> ReadingView:
    """What was found, for its reader; `is_last` says that `#more` in answer to the mail goes on with this."""
    return ReadingView(
        rows=tuple(_row(row, reader) for row in answer.rows),
        ticket=_ticket(answer.ticket, reader) if answer.ticket else None,
        steps=tuple(StepView(reader.words.time(one.at), one.who, one.what) for one in answer.steps),
        next=tuple(_next(answer, reader, is_last=is_last, in_text=False)),
        next_in_text=tuple(_next(answer, reader, is_last=is_last, in_text=True)),
    )


def _row(row: ListRow, reader: ListReader) -> RowView:
    tag, say = f"SD-{row.number}", reader.words.say
    whose = [row.customer, row.owner or say(said("lists.nobody"))] if reader.person.is_staff else []
    about = (*whose, say(said(f"labels.status_{row.status}")), reader.words.age(reader.now - row.opened_at))
    return RowView(
        tag=tag,
        title=_cut(row.title, LONGEST_TITLE),
        about=" · ".join(about),
        remark=_cut(f"{say(row.place)}: {row.excerpt}", LONGEST_EXCERPT) if row.place else "",
        link=reader.link(row.number, f"[{tag}] {row.title}"),
    )


def _ticket(shown: ShownTicket, reader: ListReader) -> ShownView:
    tag, say = f"SD-{shown.number}", reader.words.say
    labels = (f"status_{shown.status}", f"priority_{shown.priority}", f"category_{shown.category}")
    state = [say(said(f"labels.{label}")) for label in labels[: 3 if reader.person.is_staff else 1]]
    whose = [shown.customer, shown.owner or say(said("lists.nobody"))] if reader.person.is_staff else []
    return ShownView(
        tag=tag,
        title=shown.title,
        state=" · ".join((*state, *whose)),
        remarks=tuple(map(say, shown.remarks)),
        words=tuple(_words(one, reader.words) for one in shown.words),
        link=reader.link(shown.number, f"[{tag}] {shown.title}"),
    )


def _words(one: ShownWords, words: Catalogue) -> WordsView:
    before = f"{words.say(said('lists.went_on'))} " if one.goes_on else ""
    after = f"\n{words.say(said('lists.cut'))}" if one.is_cut else ""
    return WordsView(
        author=words.say(said("lists.note_of", name=one.author)) if one.is_note else one.author,
        at=words.time(one.at),
        text=f"{before}{one.text.strip()}{after}",
        is_note=one.is_note,
        files=words.say(said("lists.files", names=", ".join(one.files))) if one.files else "",
    )


def _next(answer: ReadAnswer, reader: ListReader, *, is_last: bool, in_text: bool) -> list[str]:
    noun, sentences = noun_for(reader.person), []
    if answer.more:
        sentences.append(said("lists.goes_on" if is_last else "lists.goes_on_elsewhere"))
    if answer.rows and reader.link(answer.rows[0].number, "") and not in_text:
        sentences.append(said("lists.how_to_act", noun=noun))
    elif answer.rows:
        sentences.append(said("lists.how_to_act_by_number", noun=noun, number=str(answer.rows[0].number)))
    elif answer.ticket and reader.answers:
        sentences.append(said("lists.answer_is_on_it", noun=noun, tag=f"SD-{answer.ticket.number}"))
    return [reader.words.say(sentence) for sentence in sentences]


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
