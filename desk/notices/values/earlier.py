"""Earlier answers to like questions as the templates see them, with examples by which templates are checked."""

from dataclasses import dataclass

from desk.notices.values.sample_words import USED
from desk.notices.values.template_values import OutcomeView
from mail.outbound.catalogue import in_english


@dataclass(frozen=True, slots=True)
class EarlierAnswerView:
    """What staff answered to a like question: the number for `#use`, the title of that ticket, and the text, maybe cut.

    Both are without names and addresses.
    """

    place: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class EarlierAnswersView:
    """Earlier answers to like questions, and the tag of the customer's ticket that this one may repeat, or nothing.

    `colleague` is whose ticket that is, where the reader may not merge into it; empty otherwise.
    """

    answers: tuple[EarlierAnswerView, ...]
    tag: str
    colleague: str = ""


@dataclass(frozen=True, slots=True)
class DraftView:
    """An earlier answer as the draft of one: its text, empty where it is no longer there.

    `link` opens a mail to the signed address with this text in it; empty where that is not possible.
    """

    place: int
    text: str
    link: str = ""


_TEXT = (
    "The number on an invoice comes from Settings > Company. Please change it there first.\n\n"
    "Then open the invoice under Billing > Archive and choose “Issue again”: it keeps its number, and the old one is "
    "marked as replaced. It takes a minute until the new file is there."
)

EARLIER = EarlierAnswersView(
    answers=(
        EarlierAnswerView(1, "VAT number missing on invoice [number]", _TEXT),
        EarlierAnswerView(
            2,
            "Wrong company on our invoices",
            "We have issued the invoices of this quarter again and sent them to [address].\n"
            "For earlier ones the accountant has to ask the tax office.",
        ),
    ),
    tag="SD-1039",
)
DRAFT = DraftView(
    1, _TEXT, "mailto:support+tq.e4k7mz2qsnvdw3xhcbry@northwind.example?subject=Re%3A%20%5BSD-1042%5D&body=The%20number"
)
DRAFTED = (OutcomeView(line="#use 1", done=True, sentence=in_english(USED)),)
