"""A day at the desk as data: who writes which mail, in this order, and what must come of each."""

from dataclasses import dataclass
from typing import Final

from desk.ticket import Category, Priority, Status

CUSTOMER: Final = "customer"
# The agent to whom routing assigned the ticket.
OWNER: Final = "owner"

ADA: Final = "ada@desk.example"
BOB: Final = "bob@desk.example"
CAROL: Final = "carol@desk.example"


@dataclass(frozen=True, slots=True)
class Opens:
    """The mail opens a ticket, which is filed like this."""

    category: Category
    priority: Priority = Priority.MEDIUM


@dataclass(frozen=True, slots=True)
class Adds:
    """The mail adds a comment or an internal note to a ticket, and may change it."""

    status: Status | None = None
    priority: Priority | None = None
    note: bool = False


@dataclass(frozen=True, slots=True)
class Passes:
    """The mail changes nothing, for a reason that holds these words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Alters:
    """The mail changes a ticket, and holds no words."""

    status: Status | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class Reads:
    """The mail only asks, and is answered by a mail about no ticket."""


Effect = Opens | Adds | Passes | Alters | Reads

# In place of words of a link: the number of the letter's ticket, which is the link of its row in a list.
ROW: Final = "row"

# A notification: to whom (the customer or the owner of the ticket, else an address), and from which template.
ExpectedNotice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DayMail:
    """One mail of the day.

    `word` names the .eml file, `ticket` the letter that opened the ticket it is about, `by` is CUSTOMER, OWNER or an
    address. A letter with `answers` is written when its author has the mail of that template in the inbox, and answers
    it. With `touches` it is what a mail program sends after a touch on a link in it: on that of its ticket's row, where
    it is a list, or on the button with this command. One with `again` is no mail of its own: it is that other letter,
    delivered once more.
    """

    word: str
    ticket: str
    by: str
    effect: Effect
    notices: tuple[ExpectedNotice, ...] = ()
    answers: str | None = None
    again: str | None = None
    touches: str | None = None


ACKNOWLEDGED: Final = ((CUSTOMER, "ticket-opened"), (OWNER, "ticket-assigned"))
ANSWERED: Final = ((CUSTOMER, "comment-to-customer"),)
COMMANDED: Final = ((OWNER, "command-answer"),)
WRITTEN_AGAIN: Final = ((OWNER, "comment-to-agent"),)


def _opens(word: str, by: str, category: Category, priority: Priority = Priority.MEDIUM) -> DayMail:
    return DayMail(word, word, by, Opens(category, priority), ACKNOWLEDGED)


DAY: Final[tuple[DayMail, ...]] = (
    _opens("charged-twice", "dora@acme.example", Category.BILLING),
    _opens("login-error", "frank@nordwind.example", Category.TECHNICAL_ISSUE),
    _opens("wish", "tom@homelab.example", Category.FEATURE_REQUEST, Priority.LOW),
    DayMail("wish-more", "wish", "tom@homelab.example", Adds(), WRITTEN_AGAIN),
    # The provider delivers one mail twice.
    DayMail("wish-twice", "wish", "tom@homelab.example", Passes("same mail"), again="wish"),
    _opens("rechnung", "j.weber@bau.example", Category.BILLING),
    _opens("imprimante", "helene@librairie.example", Category.TECHNICAL_ISSUE),
    _opens("nouki", "yui@tanaka.example", Category.GENERAL_INQUIRY),
    _opens("reembolso", "lucia@tienda.example", Category.BILLING),
    _opens("shop-down", "pat@harbour.example", Category.TECHNICAL_ISSUE, Priority.HIGH),
    _opens("empty-chart", "ines@atelier.example", Category.GENERAL_INQUIRY),
    _opens("signed-form", "emil@bakery.example", Category.GENERAL_INQUIRY),
    DayMail("out-of-office", "", "greta@partner.example", Passes("Automatic mail")),
    # Somebody else writes under Bob's name: nothing is closed, and Bob is asked.
    DayMail("impostor", "", BOB, Passes("shows no live token"), ((BOB, "mail-unconfirmed"),)),
    DayMail(
        "charged-twice-answer",
        "charged-twice",
        OWNER,
        Adds(Status.RESOLVED),
        (*ANSWERED, *COMMANDED),
        "ticket-assigned",
    ),
    DayMail("login-error-note", "login-error", OWNER, Adds(None, Priority.HIGH, True), COMMANDED, "ticket-assigned"),
    DayMail("login-error-answer", "login-error", OWNER, Adds(Status.IN_PROGRESS), ANSWERED, "ticket-assigned"),
    DayMail("reembolso-answer", "reembolso", OWNER, Adds(Status.RESOLVED), (*ANSWERED, *COMMANDED), "ticket-assigned"),
    DayMail("shop-down-answer", "shop-down", OWNER, Adds(Status.IN_PROGRESS), ANSWERED, "ticket-assigned"),
    DayMail("empty-chart-more", "empty-chart", CUSTOMER, Adds(), WRITTEN_AGAIN, "ticket-opened"),
    DayMail(
        "charged-twice-again",
        "charged-twice",
        CUSTOMER,
        Adds(Status.OPEN),
        ((CUSTOMER, "ticket-reopened"), *WRITTEN_AGAIN),
        "comment-to-customer",
    ),
    DayMail(
        "login-error-thanks",
        "login-error",
        CUSTOMER,
        Adds(Status.CLOSED),
        ((CUSTOMER, "status-closed"), *WRITTEN_AGAIN),
        "comment-to-customer",
    ),
    DayMail(
        "charged-twice-final",
        "charged-twice",
        OWNER,
        Adds(Status.RESOLVED),
        (*ANSWERED, *COMMANDED),
        "comment-to-agent",
    ),
    # A list by mail, and an answer at the address of one of its rows.
    DayMail("rechnung-list", "rechnung", OWNER, Reads(), COMMANDED, "ticket-assigned"),
    DayMail(
        "rechnung-row",
        "rechnung",
        OWNER,
        Adds(Status.RESOLVED),
        (*ANSWERED, *COMMANDED),
        "command-answer",
        touches=ROW,
    ),
    # A button of a customer, who writes nothing.
    DayMail(
        "shop-down-over",
        "shop-down",
        CUSTOMER,
        Alters(Status.CLOSED),
        ((CUSTOMER, "status-closed"), (OWNER, "status-to-agent")),
        "comment-to-customer",
        touches="#close",
    ),
    # What was done by mistake is taken back.
    DayMail("empty-chart-urgent", "empty-chart", OWNER, Alters(None, Priority.HIGH), COMMANDED, "ticket-assigned"),
    DayMail("empty-chart-undo", "empty-chart", OWNER, Alters(None, Priority.MEDIUM), COMMANDED, "command-answer"),
)

# The reports that beat starts while the day goes on.
EXPECTED_REPORTS: Final[tuple[ExpectedNotice, ...]] = ((ADA, "daily-report"),)


def opener(word: str) -> DayMail:
    """The letter that opened a ticket, by the `ticket` of a letter about it."""
    return next(letter for letter in DAY if letter.word == word)


def author(letter: DayMail, owner: str | None) -> str | None:
    """The address a letter is written from; None while its owner is not known."""
    return who(letter.by, letter, owner)


def who(role: str, letter: DayMail, owner: str | None) -> str | None:
    """The address of a role around a letter's ticket; an address stands for itself."""
    if role == CUSTOMER:
        return opener(letter.ticket).by
    return owner if role == OWNER else role
