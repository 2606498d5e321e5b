"""The vocabulary of the templates: what each mail may say, as frozen values of ready words and numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskView:
    """The desk as its mails name it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who reads the mail; the name may be empty."""

    name: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket in words: status, priority and category are labels such as "In progress".

    `assignee_name` is empty where nobody has it.
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


@dataclass(frozen=True, slots=True)
class CommentView:
    """What somebody wrote on the ticket; `withheld` is why a note is no comment where `#accept` lets it be one."""

    author_name: str
    text: str
    from_staff: bool
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of the ticket; `size` is text such as "120 KB", `sent` is false where it is only named."""

    filename: str
    size: str
    sent: bool


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What became of one command: the line as written, whether it was done, and a sentence about it.

    `detail` is longer plain text that a command asked for, such as a list or a history; it may hold others' words.
    """

    line: str
    done: bool
    sentence: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HeldView:
    """A mail of staff that waits: its subject, why it waits, and what to do about it."""

    subject: str
    explanation: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class TooLargeView:
    """A mail that was too large, and the most that we take, both as text such as "52.0 MB"."""

    size: str
    largest: str


@dataclass(frozen=True, slots=True)
class QuarantinedView:
    """A mail in quarantine; `sender` and `subject` are the mail's own words."""

    number: int
    mailbox: str
    sender: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """Something an admin should look at."""

    title: str
    sentence: str
    advice: str


@dataclass(frozen=True, slots=True)
class ChartView:
    """A picture in the mail: the Content-ID it goes by, and what it shows in words."""

    cid: str
    alt: str


@dataclass(frozen=True, slots=True)
class CountView:
    """A number with its label."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class AgentView:
    """What one agent has open now and resolved in the period."""

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
    """A ticket that was touched lately."""

    tag: str
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class TotalsView:
    """All tickets there are: open counts open and in progress, closed counts resolved and closed."""

    total: int
    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """The desk's day in numbers; `first_response` is None where nobody was answered for the first time."""

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
