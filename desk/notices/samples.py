"""Sample values for each mail, with which the templates are checked and previewed."""

from collections.abc import Mapping

from desk.notices.history import QUOTED, SAMPLE
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
from mail.outbound.signature import SAMPLE as SIGNATURE
from mail.quoting.labels import DELIMITER

WHY_HELD = "Nothing shows that it is yours."
WAS_YOURS = "You get this mail because the ticket was assigned to you until now. Your answer stays internal."
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
    withheld="It answers a mail that we sent to somebody else.",
)

WARNING = (
    "The sender's address was not proven: our mail server says that this mail does not come from okafor-design.example."
    " Do not trust the name. If you know that it is theirs, answer with #accept on a line of its own."
)

FILES = (FileView("invoice-2026-1187.pdf", "84 KB", sent=True), FileView("screenshot.html", "12 KB", sent=False))

WAITED = "You get this mail because a colleague answered while you wrote."

REPORT = ReportView(
    day_label="Saturday, 21 November 2026",
    opened=18,
    resolved=15,
    closed=6,
    open_now=27,
    by_age=(CountView("Today", 9), CountView("1 to 3 days", 11), CountView("4 to 7 days", 5), CountView("Older", 2)),
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
    OutcomeView(line="#assign ben", done=True, sentence="Ben Castellanos has the ticket now."),
    OutcomeView(line="#status waiting", done=False, sentence="There is no status “waiting”; try open or in progress."),
    OutcomeView(
        line="#list mine",
        done=True,
        sentence="You have 2 open tickets.",
        detail="SD-1042  High    The invoice for October shows the wrong VAT number\nSD-1039  Medium  Login loop",
    ),
)

DONE = "[SD-1042] Partly done: #priority, #assign, #status, #list · The invoice for O…"
RECEIPT = ReceiptView(spent=True, seen_by=("kofi@ledger-partners.example",), commands=True)

_COMMON: Mapping[str, object] = {
    "desk": DESK,
    "ticket": TICKET,
    **dict.fromkeys(("change", "changed_by", "warning"), ""),
    **dict.fromkeys(("history", "signature", "answered")),
    "also": ("The ticket is now with Ben Castellanos.",),
    "files": FILES,
    "delimiter": DELIMITER,
    "first": False,
    "to_guest": False,
    "by_mail": True,
    "reference": REFERENCE,
    "headline": "Waiting for your word: Re: [SD-1042] The invoice for October shows the wr…",
}

_NO_TICKET: Mapping[str, object] = {"ticket": None, "reference": ""}
_CUSTOMER = {
    **_COMMON,
    "recipient": PersonView("Maria Okafor"),
    "comment": FROM_STAFF,
    "also": ("The request is now resolved.",),
    "reason": "You get this mail because this request is yours.",
}

_AGENT = {
    **_COMMON,
    "note_address": f"support+{REFERENCE}@northwind.example",
    "recipient": PersonView("Ben Castellanos"),
    "comment": FROM_CUSTOMER,
    "reason": "You get this mail because SD-1042 is assigned to you.",
}

SAMPLES: Mapping[str, Mapping[str, object]] = {
    "ticket-opened": {
        **_CUSTOMER,
        "comment": None,
        "also": (),
        "files": (),
        "reason": "You get this mail because this request was opened under your address.",
    },
    "ticket-reopened": _CUSTOMER,
    "comment-to-customer": {**_CUSTOMER, "delimiter": "", "signature": SIGNATURE, "answered": QUOTED},
    "status-open": _CUSTOMER,
    "status-in-progress": _CUSTOMER,
    "status-resolved": _CUSTOMER,
    "status-closed": _CUSTOMER,
    "ticket-assigned": {**_AGENT, "comment": NOTE, "warning": WARNING, "history": SAMPLE},
    "comment-to-agent": _AGENT,
    "note-to-agent": {**_AGENT, "comment": STRANGERS_NOTE, "also": (), "files": ()},
    "status-to-agent": {**_AGENT, "change": "The ticket is now in progress.", "changed_by": "Ines Laurent"},
    "ticket-unassigned": {**_AGENT, "changed_by": "Ines Laurent", "reason": WAS_YOURS},
    "command-answer": {**_AGENT, "outcomes": OUTCOMES, "receipt": None, "headline": ""},
    "mail-done": {**_AGENT, "outcomes": OUTCOMES, "receipt": RECEIPT, "headline": DONE},
    "answer-waits": {**_AGENT, "comment": None, "also": (), "files": (), "waits": WAITS, "reason": WAITED},
    "mail-held": {
        **_AGENT,
        **_NO_TICKET,
        "held": HeldView(
            subject="Re: [SD-1042] The invoice for October shows the wrong VAT number",
            explanation="The mail that you answered takes no answer, or belongs to no ticket.",
            what_to_do="Answer the mail that we sent you about the ticket, from the address that it was sent to.",
        ),
        "reason": "You get this mail because a mail came in under your address.",
    },
    "mail-unconfirmed": {
        **_AGENT,
        **_NO_TICKET,
        "held": HeldView(
            subject="Re: [SD-1042] The invoice for October shows the wrong VAT number",
            explanation=f"It names SD-1042 in its subject only. {WHY_HELD}",
            what_to_do=(
                "If you wrote it, answer this mail with #confirm as its first word within 72 hours, and it is carried "
                "out. If you did not, do nothing: then nothing happens, and somebody uses your address."
            ),
            whole=WholeView(
                text=(
                    "#resolve\n#cc +kofi@ledger-partners.example\nHello Maria,\n\n"
                    "the corrected invoice is attached. It shows the VAT number EU 372 008 114.\n\nBest wishes\nBen\n\n"
                    "On 20 November 2026 Maria Okafor wrote:\n> Could you send a corrected copy?"
                ),
                sent_at="22 November 2026, 09:14 UTC",
                came_at="22 November 2026, 09:15 UTC",
                recipients=("support@northwind.example", "maria@okafor-design.example"),
                commands=("#resolve", "#cc +kofi@ledger-partners.example"),
                files=(FileView(filename="invoice-2026-1187.pdf", size="84 KB", sent=False),),
            ),
            number=3,
            others=(
                WaitingView(1, "Fwd: Our archive", "2 days", WHY_HELD, "96,400 characters", by_all=False, waits=True),
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
        "reason": "You get this mail because somebody wrote to this desk under your address.",
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
        "reason": "You get this mail because you are an admin of this desk.",
    },
    "alert": {
        **_AGENT,
        **_NO_TICKET,
        "alert": AlertView(
            "Mails go back and forth with robot@billing.example",
            "In the last ten minutes 12 mails went back and forth, so nothing automatic is sent there any more.",
            "Look at the mails, then run: supportdesk loop reset robot@billing.example",
        ),
        "reason": "You get this mail because you are an admin of this desk.",
    },
    "alert-to-owner": {
        **_CUSTOMER,
        **_NO_TICKET,
        "recipient": PersonView("Ines Laurent"),
        "alert": AlertView(
            "Nobody is staff",
            "Nobody who stands in the staff list has a matching account in SupportDesk. 3 open tickets have no owner.",
            "Run: supportdesk user staff add EMAIL --role admin",
        ),
        "reason": "You get this mail because the settings of this desk name you as its owner.",
    },
    "daily-report": {
        **_NO_TICKET,
        "warning": "",
        "desk": DESK,
        "recipient": PersonView("Ines Laurent"),
        "report": REPORT,
        "chart": ChartView(cid="daily-chart", alt="Tickets opened and resolved a day, and open tickets by agent."),
        "reason": "You get this report because you are an admin of Northwind Support.",
    },
}
