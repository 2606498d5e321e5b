"""What is said of senders and sizes in the words of the reader."""

import pytest

from desk.notices.context import Reader, context
from desk.notices.events import Event, EventKind
from desk.notices.held import HeldMail, Listed, Question, WaitingMail, WholeMail
from desk.notices.recipients import notices
from desk.notices.values.template_values import DeskView, HeldView
from tests.support.values.builders import BOB, CAT, NOW, a_cause, a_change_set, a_comment, a_ticket
from tests.support.values.words import GERMAN, READER, plain

DESK = DeskView("The desk", "support@desk.example")
IN_GERMAN = Reader(GERMAN)
OPENED = (
    "The sender's address was not proven: our mail server says that the mail that opened this ticket does not come "
    "from stone.example. Do not trust the name. If you know that it is theirs, answer with #accept on a line of its "
    "own."
)
OPENED_IN_GERMAN = (
    "Die Adresse des Absenders ist nicht nachgewiesen: Unser Mailserver sagt, dass die Mail, mit der dieses Ticket "
    "eröffnet wurde, nicht von stone.example kommt. Verlassen Sie sich nicht auf den Namen. Wenn Sie wissen, dass die "
    "Mail wirklich von dort kommt, antworten Sie mit #accept in einer eigenen Zeile."
)


@pytest.mark.parametrize(("reader", "warning"), [(READER, OPENED), (IN_GERMAN, OPENED_IN_GERMAN)])
def test_staff_are_warned_of_a_sender_who_is_not_proven(reader: Reader, warning: str) -> None:
    change_set = a_change_set(a_comment(CAT), ticket=a_ticket(unproven="pat@stone.example"))

    values = context(notices(change_set)[0], change_set, DESK, (), reader)

    assert values["warning"] == warning


LENGTHS = [
    (READER, "x" * 96_400, "96,400 characters"),
    (READER, "x", "1 character"),
    (READER, None, "too long for any question"),
    (IN_GERMAN, "x" * 96_400, "96.400 Zeichen"),
    (IN_GERMAN, None, "zu lang für eine Frage"),
]


@pytest.mark.parametrize(("reader", "text", "size"), LENGTHS)
def test_a_waiting_mail_is_told_with_its_length(reader: Reader, text: str | None, size: str) -> None:
    whole = WholeMail(text=text, sent="", recipients=(), commands=(), files=())
    waiting = WaitingMail(
        1, Listed(7, 8, shown=False, by_all=False), HeldMail("Hi", plain("Why."), plain(""), whole), NOW, waits=True
    )
    held = HeldMail("Hi", plain("Why."), plain("What."), whole, Question.CLAIMED)
    event = Event(1, EventKind.MAIL_UNCONFIRMED, person=BOB, held=held, waiting=(waiting,))
    change_set = a_change_set(event, ticket=None, cause=a_cause(BOB))

    values = context(notices(change_set)[0], change_set, DESK, (), reader)

    shown = values["held"]
    assert isinstance(shown, HeldView)
    assert shown.others[0].size == size
