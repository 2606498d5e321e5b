"""The values that templates are given: frozen, with texts and numbers that are ready to print."""

from dataclasses import dataclass

from desk.notices.values.reading_views import ReadingView


@dataclass(frozen=True, slots=True)
class DeskView:
    """The name and the address of the desk."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """The reader of the mail; the name may be empty."""

    name: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket; status, priority and category are labels such as "In progress".

    `assignee_name` is empty where it is assigned to nobody. `html` is clean HTML of the description, empty where there
    is none.
    """

    number: int
    tag: str
    title: str
    description: str
    status: str
    priority: str
    category: str
    customer_name: str
    customer_email: str
    assignee_name: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment or a note; `withheld` is why a note is no comment where `#accept` makes it one, otherwise empty.

    `letter_text` is its text with the sign-off as its author wrote it, and `html` the HTML of these words; empty where
    it has none.
    """

    author_name: str
    text: str
    from_staff: bool
    withheld: str = ""
    letter_text: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class TurnView:
    """An earlier comment or note; `at` is text such as "2 November 2026, 10:01 UTC", `text` may be cut."""

    author_name: str
    at: str
    text: str
    is_note: bool


@dataclass(frozen=True, slots=True)
class QuotedView:
    """The customer's words that an answer answers: who wrote them when, as one sentence, and the words, maybe cut."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class EarlierView:
    """Another ticket: its tag, its title, which may be cut, and its status as a label."""

    tag: str
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class ContinuedView:
    """The ticket that this one goes on from, with its last public words."""

    ticket: EarlierView
    words: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """What a new owner is told of the past: the last turns, the oldest first, and the customer's last tickets."""

    turns: tuple[TurnView, ...]
    continues: ContinuedView | None
    latest: tuple[EarlierView, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of the ticket; `size` is text such as "120 KB", `sent` is false where it is only named."""

    filename: str
    size: str
    sent: bool


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The answer to one command: the line as written, whether it was carried out, and a sentence about it.

    `detail` is longer plain text that a command asked for, such as its help. `reading` are tickets that it asked for,
    which hold words of other people.
    """

    line: str
    done: bool
    sentence: str
    detail: str = ""
    reading: ReadingView | None = None


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """Whether the address that a mail of staff went to counts no longer, and who has seen it by this mail.

    `commands` says that the mail held commands.
    """

    spent: bool
    seen_by: tuple[str, ...]
    commands: bool


@dataclass(frozen=True, slots=True)
class WholeView:
    """A held mail as its question quotes it; times are text such as "2 November 2026, 10:01 UTC", empty where unknown.

    `text` is empty where the mail is too long to be shown.
    """

    text: str
    sent_at: str
    came_at: str
    recipients: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class WaitingView:
    """An earlier mail in the list of a question: its number there, subject and age, and the whole mail.

    `whole` is None where it is not shown here, and `size` its size as text then. `by_all` says that `#confirm` alone
    confirms it, and `waits` that it still waits; `age` is text such as "3 hours".
    """

    number: int
    subject: str
    age: str
    explanation: str
    size: str
    by_all: bool
    waits: bool
    whole: WholeView | None = None


@dataclass(frozen=True, slots=True)
class HeldView:
    """A held mail of staff: its subject, why it is held, what its sender can do, and with a question the whole mail.

    With a question, `number` is its number in the list, of which `others` are those that came before, and
    `wants_number` says that `#confirm` alone does not confirm it.
    """

    subject: str
    explanation: str
    what_to_do: str
    whole: WholeView | None = None
    number: int = 1
    others: tuple[WaitingView, ...] = ()
    wants_number: bool = False


@dataclass(frozen=True, slots=True)
class WaitsView:
    """An answer that waits: `until` is text such as "10:14 UTC", `comments` is what colleagues wrote meanwhile.

    `who` names these, and is empty where what they wrote was deleted since.
    """

    who: str
    until: str
    comments: tuple[CommentView, ...]


@dataclass(frozen=True, slots=True)
class TooLargeView:
    """The size of a mail above the limit, and that limit, both as text such as "52.0 MB"."""

    size: str
    largest: str


@dataclass(frozen=True, slots=True)
class QuarantinedView:
    """A mail in quarantine, or one that was dropped; `sender` and `subject` are the mail's own words."""

    number: int
    mailbox: str
    sender: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """Something that an admin should look at: a title, a sentence, and advice on what to do."""

    title: str
    sentence: str
    advice: str


@dataclass(frozen=True, slots=True)
class ChartView:
    """A picture in the mail: its Content-ID without angle brackets (RFC 2392), and its alternative text."""

    cid: str
    alt: str


@dataclass(frozen=True, slots=True)
class CountView:
    """A number with its label."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class AgentView:
    """How many tickets of one agent are open now, and how many were resolved in the period."""

    name: str
    open: int
    resolved: int


@dataclass(frozen=True, slots=True)
class FirstResponseView:
    """How long first answers took: how many there were, and times as text such as "2 h 10 min"."""

    count: int
    median: str
    slowest: str


@dataclass(frozen=True, slots=True)
class LatestView:
    """A ticket of the recent activity."""

    tag: str
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class TotalsView:
    """The number of all tickets: `open` counts open and in progress, `closed` resolved and closed."""

    total: int
    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """The figures of a report; `first_response` is None where no ticket got its first answer in the period."""

    day_label: str
    opened: int
    resolved: int
    closed: int
    open_now: int
    by_age: tuple[CountView, ...]
    by_priority: tuple[CountView, ...]
    by_category: tuple[CountView, ...]
    by_agent: tuple[AgentView, ...]
    first_response: FirstResponseView | None
    latest: tuple[LatestView, ...]
    totals: TotalsView
