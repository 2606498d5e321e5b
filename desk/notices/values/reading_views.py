"""What a mail shows that a reading command asked for: the values of the templates, made of what was found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from desk.commands.reading.found import ListRow, ReadAnswer, SetAsideMail, ShownTicket, ShownWords
from desk.notices.values import sample_words as ours
from desk.ticket import Person, noun_for
from mail.outbound.catalogue import Catalogue, in_english, said

# A title in a row; a list shall be read at one look.
LONGEST_TITLE, LONGEST_EXCERPT = 90, 160


@dataclass(frozen=True, slots=True)
class RowView:
    """A ticket in a list; `link` is the `mailto:` address by which its reader writes on it, empty where there is none.

    `who` is its customer and its owner, for staff alone, `age` how long ago it was opened, `remark` where it was found.
    """

    tag: str
    title: str
    who: str
    status: str
    age: str
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
class SetAsideView:
    """A mail in quarantine: its number, when it came, and by its own words from whom and about what; and why.

    `sender` and `text` may be empty.
    """

    number: str
    at: str
    sender: str
    subject: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """The rows, the ticket, the steps or the mails in quarantine that a command asked for.

    `next` says below them what may be missing and how to go on, `next_in_text` does so where nothing can be touched.
    """

    rows: tuple[RowView, ...] = ()
    ticket: ShownView | None = None
    steps: tuple[StepView, ...] = ()
    mails: tuple[SetAsideView, ...] = ()
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
        mails=tuple(_mail(one, reader.words) for one in answer.mails),
        next=tuple(_next(answer, reader, is_last=is_last, in_text=False)),
        next_in_text=tuple(_next(answer, reader, is_last=is_last, in_text=True)),
    )


def _row(row: ListRow, reader: ListReader) -> RowView:
    tag, say = f"SD-{row.number}", reader.words.say
    whose = [row.customer, row.owner or say(said("lists.nobody"))] if reader.person.is_staff else []
    return RowView(
        tag=tag,
        title=_cut(row.title, LONGEST_TITLE),
        who=" · ".join(whose),
        status=say(said(f"labels.status_{row.status}")),
        age=reader.words.age(reader.now - row.opened_at),
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


def _mail(one: SetAsideMail, words: Catalogue) -> SetAsideView:
    after = f"\n{words.say(said('lists.quarantined_cut', number=str(one.number)))}" if one.is_cut else ""
    return SetAsideView(
        number=str(one.number),
        at=words.time(one.at),
        sender=one.sender,
        subject=one.subject,
        reason=one.reason,
        text=f"{one.text}{after}",
    )


def _next(answer: ReadAnswer, reader: ListReader, *, is_last: bool, in_text: bool) -> list[str]:
    noun, sentences = noun_for(reader.person), []
    if answer.missing:
        sentences.append(answer.missing)
    if answer.more:
        sentences.append(said("lists.goes_on" if is_last else "lists.goes_on_elsewhere"))
    if answer.mails:
        sentences.append(said("lists.how_to_act_in_quarantine", number=str(answer.mails[0].number)))
    if answer.rows and reader.link(answer.rows[0].number, "") and not in_text:
        sentences.append(said("lists.how_to_act", noun=noun))
    elif answer.rows:
        sentences.append(said("lists.how_to_act_by_number", noun=noun, number=str(answer.rows[0].number)))
    elif answer.ticket and reader.answers:
        number = answer.ticket.merged_into or answer.ticket.number
        sentences.append(said("lists.answer_is_on_it", noun=noun, tag=f"SD-{number}"))
    return [reader.words.say(sentence) for sentence in sentences]


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


# Two rows of a list.
SAMPLE = ReadingView(
    rows=(
        RowView(
            tag="SD-1044",
            title="How do I add a colleague?",
            who="Kofi Mensah",
            status="Open",
            age="40 minutes",
            remark="",
            link="mailto:support+tq.e4k7mz2qsnvdw3xhcbry@northwind.example?subject=%5BSD-1044%5D",
        ),
        RowView(
            tag="SD-1043",
            title="Export stops at 10,000 rows since the update of last week, and no error is shown",
            who="Tomasz Zając",
            status="In progress",
            age="2 days",
            remark="",
            link="mailto:support+tq.e4k7mz2qsnvdw3xhcbry@northwind.example?subject=%5BSD-1043%5D",
        ),
    ),
    next=tuple(map(in_english, (ours.GOES_ON, ours.HOW_TO_ACT))),
    next_in_text=tuple(map(in_english, (ours.GOES_ON, ours.HOW_TO_ACT_IN_TEXT))),
)
