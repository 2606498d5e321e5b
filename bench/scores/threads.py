"""Whether a mail finds the ticket of the mail that it answers, where that one is known, among the tickets of all."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.scores.figures import Figure, cases, figure
from desk.facts import Facts, KnownTicket, Policy, StaffTrust
from desk.intake.assessment import assess
from desk.routing.rules import Assign, compile_rules
from desk.ticket import Category, Person, Priority, Role, Status, Ticket
from desk.tokens import Keys
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
POLICY = Policy(
    Keys((b"a key of nobody",)), frozenset({"support@desk.example"}), StaffTrust.TOKEN, compile_rules([]), Assign()
)
SOMEBODY = Person(1, "c" * 25, "somebody@customer.example", "Somebody", Role.CUSTOMER, None)
# Where a case names its mails: the first of the conversation, the one that is answered, and the answer.
NAMES = ("root", "parent_path", "path")

Tickets = Mapping[str, int]


def score_threading(corpus: Path) -> Iterator[Figure]:
    """Yield the share of mails that find the ticket of their parent; each conversation is a ticket of its own.

    A sender who takes part in the conversation writes on it; a stranger's mail must name the same ticket.
    """
    every = cases(corpus, "threading")
    paths = dict.fromkeys(case[name] for case in every for name in NAMES)
    mails = {path: parse((corpus / path).read_bytes()) for path in paths}
    tickets = {root: number for number, root in enumerate(dict.fromkeys(case["root"] for case in every), 1001)}
    known = _tickets_by_message_id(every, mails, tickets)
    for part, takes_part in (("parent's ticket", True), ("parent's ticket named by a stranger", False)):
        verdicts = [
            (case["id"], _finds_ticket(mails[case["path"]], known, tickets[case["root"]], takes_part=takes_part))
            for case in every
        ]
        if verdicts:
            yield figure("threading", part, verdicts, 99)


def _tickets_by_message_id(
    every: list[dict[str, Any]], mails: Mapping[str, InboundMail], tickets: Tickets
) -> dict[str, tuple[int, ...]]:
    """Return the tickets that each Message-ID belongs to; some were given out twice."""
    known: dict[str, tuple[int, ...]] = {}
    for case in every:
        for name in NAMES:
            message_id, number = mails[case[name]].message_id, tickets[case["root"]]
            if message_id and number not in known.get(message_id, ()):
                known[message_id] = (*known.get(message_id, ()), number)
    return known


def _finds_ticket(mail: InboundMail, known: Mapping[str, tuple[int, ...]], number: int, *, takes_part: bool) -> bool:
    """Whether the mail belongs to the ticket, where its own Message-ID is not known yet."""
    named = {name: known[name] for name in mail.refers if name in known and name != mail.message_id}
    numbers = {one for tickets in named.values() for one in tickets}
    facts = Facts(
        now=NOW,
        mailbox="support",
        twin=None,
        sender=SOMEBODY,
        grants={},
        known=named,
        tickets={one: _known_ticket(one, takes_part=takes_part and one == number) for one in numbers},
        candidates=(),
        served_before=None,
    )
    thread = assess(mail, facts, POLICY).thread
    return thread.number == number and thread.fits is takes_part


def _known_ticket(number: int, *, takes_part: bool) -> KnownTicket:
    ticket = Ticket(
        number, f"c{number:024}", "", "", Status.OPEN, Priority.MEDIUM, Category.GENERAL_INQUIRY, SOMEBODY, None, NOW
    )
    return KnownTicket(ticket, frozenset({SOMEBODY.number}) if takes_part else frozenset())
