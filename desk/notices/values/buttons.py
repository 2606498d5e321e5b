"""The buttons of a mail: which commands it offers, by its kind, its reader and the state of its ticket."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from desk.commands.command import Command, Who
from desk.commands.table import COMMANDS
from desk.ticket import Status
from mail.outbound.catalogue import Said, in_english, said
from mail.outbound.links import mailto

OPEN = frozenset({Status.OPEN, Status.IN_PROGRESS})
ENDED = frozenset(Status) - OPEN
ANY = frozenset(Status)
# Mails to staff about a ticket that wants something of them, and those in which a customer reads how it stands.
ABOUT_WORK = frozenset({"ticket-assigned", "comment-to-agent", "note-to-agent", "status-to-agent"})
LETTERS = frozenset({
    *("ticket-opened", "ticket-reopened", "comment-to-customer"),
    *("status-open", "status-in-progress", "status-resolved", "status-closed"),
})  # fmt: skip
# Whose samples are of a ticket that is over.
OVER = frozenset({"comment-to-customer", "status-resolved", "status-closed"})
STOP = "#stop"


@dataclass(frozen=True, slots=True)
class Button:
    """A command that a mail offers: its words, its line, to whom, in mails of which templates, at which status.

    With an empty line it is the mail to the note address, in which its reader writes the words. With `takes` it is for
    who does not have the ticket.
    """

    label: Said
    line: str
    who: Who
    mails: frozenset[str]
    statuses: frozenset[Status] = ANY
    takes: bool = False


# In the order in which they stand in a mail, the most wanted first.
BUTTONS: tuple[Button, ...] = (
    Button(said("buttons.take"), "#assign me", Who.STAFF, ABOUT_WORK | {"ticket-unassigned"}, OPEN, takes=True),
    Button(said("buttons.resolve"), "#resolve", Who.STAFF, ABOUT_WORK, OPEN),
    Button(said("buttons.reopen"), "#reopen", Who.STAFF, ABOUT_WORK, ENDED),
    Button(said("buttons.note"), "", Who.STAFF, ABOUT_WORK),
    Button(said("buttons.wait"), "#wait 1d", Who.STAFF, ABOUT_WORK, OPEN),
    Button(said("buttons.send"), "#send", Who.STAFF, frozenset({"answer-waits"})),
    Button(said("buttons.drop"), "#drop", Who.STAFF, frozenset({"answer-waits"})),
    Button(said("buttons.close"), "#close", Who.OWNER, LETTERS, OPEN),
    Button(said("buttons.still_open"), "#reopen", Who.OWNER, LETTERS, ENDED),
    Button(said("buttons.stop"), STOP, Who.GUEST, LETTERS),
)


@dataclass(frozen=True, slots=True)
class ButtonView:
    """A button that opens a mail to the desk: its words, and the address and the body of that mail."""

    label: str
    address: str
    body: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where a mail's buttons stand: its template, its reader, the status of its ticket, and whether it is theirs."""

    template: str
    who: Who
    status: Status
    has_it: bool


def offered(occasion: Occasion, commands: Mapping[str, Command] = COMMANDS) -> Iterator[Button]:
    """The buttons of a mail; there is none of a command that the desk does not know, or its reader may not give."""
    for button in BUTTONS:
        command = commands.get(button.line[1:].partition(" ")[0])
        known = command is not None and occasion.who in command.who if button.line else True
        is_of = occasion.who is button.who and occasion.template in button.mails and occasion.status in button.statuses
        if known and is_of and not (button.takes and occasion.has_it):
            yield button


def body_of(button: Button, delimiter: str) -> str:
    """What stands in the mail that a button opens: its command, and below it the line that ends its writer's words.

    So whatever a mail program adds at the end, a signature or the notice of a company, is no answer to a customer.
    """
    return f"{button.line}\n\n{delimiter}" if button.line else ""


def unsubscribe_url(reply_to: str) -> str:
    """The URL of List-Unsubscribe (RFC 2369, section 3.2): some programs write the subject and no body."""
    return mailto(reply_to, STOP, STOP)


# Of each mail with buttons, what its sample offers.
SAMPLES = tuple(
    Occasion(
        template=template,
        who=Who.OWNER if template in LETTERS else Who.STAFF,
        status=Status.RESOLVED if template in OVER else Status.IN_PROGRESS,
        has_it=template != "ticket-unassigned",
    )
    for template in sorted(LETTERS.union(*(button.mails for button in BUTTONS)))
)


def sample_buttons(template: str, address: str, delimiter: str) -> tuple[ButtonView, ...]:
    """The buttons of a sample mail in English."""
    occasions = (occasion for occasion in SAMPLES if occasion.template == template)
    return tuple(
        ButtonView(in_english(one.label), address, body_of(one, delimiter))
        for occasion in occasions
        for one in offered(occasion)
    )
