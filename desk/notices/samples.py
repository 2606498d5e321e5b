"""Sample values for each mail, with which the templates are checked and previewed."""

from collections.abc import Mapping

from desk.notices import labels
from desk.notices.history import QUOTED, SAMPLE
from desk.notices.values import sample_words as ours
from desk.notices.values.buttons import sample_buttons
from desk.notices.values.earlier import DRAFT, DRAFTED, EARLIER
from desk.notices.values.reading_views import SAMPLE as LISTED
from desk.notices.values.template_values import (
    AgentView,
    AlertView,
    ChartView,
    CommentView,
    CountView,
    DeskView,
    FileView,
    FirstResponseView,
    HeldView,
    LatestView,
    OutcomeView,
    PersonView,
    QuarantinedView,
    ReceiptView,
    ReportView,
    TicketView,
    TooLargeView,
    TotalsView,
    WaitingView,
    WholeView,
)
from desk.notices.waiting import SAMPLE as WAITS
from mail.outbound.catalogue import Catalogue, in_english
from mail.outbound.signature import SAMPLE as SIGNATURE
from mail.quoting.labels import DELIMITER

WHY_HELD = in_english(ours.NOT_SHOWN)
REFERENCE = "tq.e4k7mz2qsnvdw3xhcbry"
DESK = DeskView(name="Northwind Support", address="support@northwind.example")

TICKET = TicketView(
    number=1042,
    tag="SD-1042",
    title="The invoice for October shows the wrong VAT number",
    description=(
        "Hello,\n\nour invoice 2026-1187 still carries the old VAT number. Our accountant cannot book it like this.\n\n"
        "Could you send a corrected copy?\nThe right number is EU 372 008 114.\n\nThank you\nMaria Okafor"
    ),
    status="In progress",
    priority="High",
    category="Billing",
    customer_name="Maria Okafor",
    customer_email="maria@okafor-design.example",
    assignee_name="Ben Castellanos",
)

FROM_CUSTOMER = CommentView(
    author_name="Maria Okafor",
    text="Thank you, that was quick.\n\nThe address is right now, but the VAT number is still the old one.",
    from_staff=False,
)

FROM_STAFF = CommentView(
    author_name="Ben Castellanos",
    text=(
        "Hello Maria,\n\nyou are right, and I am sorry for the trouble. The corrected invoice is attached:\n\n"
        "  - VAT number EU 372 008 114\n  - everything else as before\n\nBest wishes\nBen"
    ),
    from_staff=True,
)

NOTE = CommentView(
    author_name="Ines Laurent",
    text="The old number comes from the import in March.\nI will look for other customers it happened to.",
    from_staff=True,
)

STRANGERS_NOTE = CommentView(
    author_name="kofi@ledger-partners.example",
    text="I keep Maria's books. The number on the invoice must be EU 372 008 114, or the tax office sends it back.",
    from_staff=False,
    withheld=in_english(ours.ANOTHERS),
)

FILES = (FileView("invoice-2026-1187.pdf", "84 KB", sent=True), FileView("screenshot.html", "12 KB", sent=False))

REPORT = ReportView(
    day_label="Saturday, 21 November 2026",
    opened=18,
    resolved=15,
    closed=6,
    open_now=27,
    by_age=tuple(map(CountView, ("Today", "1 to 3 days", "4 to 7 days", "Over a week"), (9, 11, 5, 2))),
    by_priority=(CountView("High", 4), CountView("Medium", 16), CountView("Low", 7)),
    by_category=(
        CountView("Technical issue", 11),
        CountView("Billing", 8),
        CountView("General inquiry", 5),
        CountView("Feature request", 3),
    ),
    by_agent=(AgentView("Ben Castellanos", 11, 6), AgentView("Ines Laurent", 9, 7), AgentView("Tomasz Zając", 7, 2)),
    first_response=FirstResponseView(count=16, median="1 h 20 min", slowest="9 h 5 min"),
    latest=(
        LatestView("SD-1042", "The invoice for October shows the wrong VAT number", "In progress"),
        LatestView("SD-1041", "Export stops at 10,000 rows", "Open"),
        LatestView("SD-1037", "How do I add a colleague?", "Resolved"),
    ),
    totals=TotalsView(total=1042, open=27, closed=1015),
)

OUTCOMES = (
    OutcomeView(line="#priority high", done=True, sentence="The priority is now high."),
    OutcomeView(line="#assign ben", done=True, sentence=in_english(ours.ASSIGNED_TO)),
    OutcomeView(line="#status waiting", done=False, sentence=in_english(ours.STATUSES)),
    OutcomeView(line="#list unassigned", done=True, sentence=in_english(ours.LIST), reading=LISTED),
    OutcomeView("#help", done=True, sentence=in_english(ours.HELPED), detail="\n".join(map(in_english, ours.HELP))),
)

RECEIPT = ReceiptView(spent=True, seen_by=("kofi@ledger-partners.example",), commands=True)

SIGNED = f"support+{REFERENCE}@northwind.example"

_COMMON: Mapping[str, object] = {
    "desk": DESK,
    "ticket": TICKET,
    **dict.fromkeys(("change", "changed_by", "warning"), ""),
    **dict.fromkeys(("history", "signature", "answered", "earlier", "draft")),
    "also": (in_english(ours.NOW_WITH),),
    "files": FILES,
    "delimiter": DELIMITER,
    "first": False,
    "to_guest": False,
    "by_mail": True,
    "written": "",
    "reference": REFERENCE,
    "headline": in_english(ours.WAITING),
}

_PAST = {"history": SAMPLE, "earlier": EARLIER}
_NO_TICKET: Mapping[str, object] = {"ticket": None, "reference": ""}
_CUSTOMER = {
    **_COMMON,
    "recipient": PersonView("Maria Okafor"),
    "comment": FROM_STAFF,
    "also": (in_english(ours.NOW_RESOLVED),),
    "reason": in_english(labels.YOURS),
}

_AGENT = {
    **_COMMON,
    "note_address": SIGNED,
    "recipient": PersonView("Ben Castellanos"),
    "comment": FROM_CUSTOMER,
    "reason": in_english(labels.ASSIGNED),
}

_STAFFS = {**_AGENT, "comment": None, "also": (), "files": ()}

_GIVEN: Mapping[str, Mapping[str, object]] = {
    "ticket-opened": {
        **_CUSTOMER,
        "comment": None,
        "also": (),
        "files": (),
        "reason": in_english(labels.OPENED),
    },
    "ticket-reopened": _CUSTOMER,
    "comment-to-customer": {**_CUSTOMER, "delimiter": "", "signature": SIGNATURE, "answered": QUOTED},
    "status-open": _CUSTOMER,
    "status-in-progress": _CUSTOMER,
    "status-resolved": _CUSTOMER,
    "status-closed": _CUSTOMER,
    "ticket-assigned": {**_AGENT, "comment": NOTE, "warning": in_english(ours.WARNING), **_PAST},
    "comment-to-agent": _AGENT,
    "note-to-agent": {**_STAFFS, "comment": STRANGERS_NOTE},
    "status-to-agent": {**_AGENT, "change": in_english(ours.NOW_IN_PROGRESS), "changed_by": "Ines Laurent"},
    "ticket-unassigned": {**_AGENT, "changed_by": "Ines Laurent", "reason": in_english(labels.WAS_YOURS)},
    "answer-draft": {**_STAFFS, "outcomes": DRAFTED, "receipt": None, "draft": DRAFT},
    "command-answer": {**_AGENT, "outcomes": OUTCOMES, "receipt": None, "headline": ""},
    "mail-done": {**_AGENT, "outcomes": OUTCOMES, "receipt": RECEIPT, "headline": in_english(ours.PARTLY_DONE)},
    "answer-waits": {**_STAFFS, "waits": WAITS, "reason": in_english(labels.WAITS)},
    "mail-held": {
        **_AGENT,
        **_NO_TICKET,
        "held": HeldView(
            subject="Re: [SD-1042] The invoice for October shows the wrong VAT number",
            explanation=in_english(ours.TAKES_NO_ANSWER),
            what_to_do=in_english(ours.ANSWER_A_NOTIFICATION),
        ),
        "reason": in_english(labels.CAME),
    },
    "mail-unconfirmed": {
        **_AGENT,
        **_NO_TICKET,
        "held": HeldView(
            subject="Re: [SD-1042] The invoice for October shows the wrong VAT number",
            explanation=in_english(ours.WHY_HELD),
            what_to_do=in_english(ours.CONFIRM_IT),
            whole=WholeView(
                text=(
                    "#resolve\n#category billing\nHello Maria,\n\n"
                    "the corrected invoice is attached. It shows the VAT number EU 372 008 114.\n\nBest wishes\nBen\n\n"
                    "On 20 November 2026 Maria Okafor wrote:\n> Could you send a corrected copy?"
                ),
                sent_at="22 November 2026, 09:14 UTC",
                came_at="22 November 2026, 09:15 UTC",
                recipients=("support@northwind.example", "maria@okafor-design.example"),
                commands=("#resolve", "#category billing"),
                files=(FileView(filename="invoice-2026-1187.pdf", size="84 KB", sent=False),),
            ),
            number=3,
            others=(
                WaitingView(
                    1,
                    "Fwd: Our archive",
                    "2 days",
                    WHY_HELD,
                    "96,400 characters",
                    by_all=False,
                    waits=True,
                ),
                WaitingView(
                    number=2,
                    subject="Re: [SD-1043] Delivery on Friday",
                    age="40 minutes",
                    explanation=WHY_HELD,
                    size="48 characters",
                    by_all=True,
                    waits=True,
                    whole=WholeView(
                        text="Hello Kofi,\n\nFriday between nine and noon suits us.\n\nBen",
                        sent_at="22 November 2026, 08:34 UTC",
                        came_at="22 November 2026, 08:35 UTC",
                        recipients=("support@northwind.example",),
                        commands=(),
                        files=(),
                    ),
                ),
            ),
        ),
        "reason": in_english(labels.UNDER_YOUR_ADDRESS),
    },
    "mail-too-large": {**_CUSTOMER, **_NO_TICKET, "too_large": TooLargeView("52.0 MB", "40.0 MB")},
    "quarantine-digest": {
        **_AGENT,
        **_NO_TICKET,
        "quarantined": (
            QuarantinedView(
                1187, "support", "maria@okafor-design.example", "Invoice", "It raised an error three times."
            ),
            QuarantinedView(1190, "support", "", "(no subject)", "From holds no address; a mail needs one sender."),
        ),
        "dropped": (
            QuarantinedView(
                1193,
                "support",
                "kofi@ledger-partners.example",
                "Away until Monday",
                "Automatic mail that belongs to no ticket: Auto-Submitted says 'auto-replied'.",
            ),
        ),
        "unnamed": 3,
        "reason": in_english(labels.ADMIN),
    },
    "alert": {
        **_AGENT,
        **_NO_TICKET,
        "alert": AlertView(
            *map(in_english, (ours.LOOP_TITLE, ours.LOOP, ours.LOOP_ADVICE)),
        ),
        "reason": in_english(labels.ADMIN),
    },
    "alert-to-owner": {
        **_CUSTOMER,
        **_NO_TICKET,
        "recipient": PersonView("Ines Laurent"),
        "alert": AlertView(
            *map(in_english, (ours.NO_STAFF_TITLE, ours.NO_STAFF, ours.NO_STAFF_ADVICE)),
        ),
        "reason": in_english(labels.OWNER),
    },
    "daily-report": {
        **_NO_TICKET,
        "warning": "",
        "desk": DESK,
        "recipient": PersonView("Ines Laurent"),
        "report": REPORT,
        "chart": ChartView(cid="daily-chart", alt=in_english(ours.CHART)),
        "reason": in_english(labels.ADMIN),
    },
}
SAMPLES: Mapping[str, Mapping[str, object]] = {
    name: {"buttons": sample_buttons(name, SIGNED, DELIMITER), **given} for name, given in _GIVEN.items()
}


def samples(words: Catalogue) -> Mapping[str, Mapping[str, object]]:
    """The samples with all that is not people's words in the language of the reader."""
    return {name: {key: ours.in_words(value, words) for key, value in SAMPLES[name].items()} for name in SAMPLES}
