"""Values of the desk for tests: six people, one ticket, and mails, facts, events and change sets about them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.facts import Facts, KnownTicket, Policy, StaffTrust
from desk.intake.decide import decide
from desk.intake.decision import Decision
from desk.notices.events import Cause, ChangeSet, Event, EventKind, Field, Remark
from desk.routing.route import Candidate
from desk.routing.rules import Assign, compile_rules
from desk.ticket import Category, Person, Priority, Role, Status, Ticket
from desk.tokens import Grant, Keys, ReplyKind, message_id, reference, reply_address
from mail.auth.results import Pin
from mail.inbound.message import Attachment, InboundMail
from mail.inbound.parse import parse
from mail.mime.addresses import Address

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SUPPORT = "support@desk.example"
KEYS = Keys((b"the first key",))
POLICY = Policy(KEYS, frozenset({SUPPORT}), StaffTrust.TOKEN, compile_rules([]), Assign())
KNOWN_ID = "known@customer.example"
# A desk that believes its own mail server, under either choice of what staff must show.
TOKEN = replace(POLICY, pins={"support": Pin("mx.desk.example", ("desk.example",))})
BOTH = replace(TOKEN, staff_trust=StaffTrust.BOTH)
BY_OTHERS = "Received: from a.example by relay.elsewhere.example with SMTP; Mon, 2 Nov 2026 11:00:00 +0000"
BY_OURS = "Received: from out.example by mx.desk.example with ESMTPS; Mon, 2 Nov 2026 12:00:00 +0000"


def a_person(number: int, email: str, role: Role = Role.CUSTOMER, staff_role: Role | None = None) -> Person:
    return Person(number, f"c{number:024}", email, email.partition("@")[0].capitalize(), role, staff_role)


ANN = a_person(1, "ann@customer.example")
DAN = a_person(2, "dan@customer.example")
BOB = a_person(3, "bob@desk.example", Role.AGENT, Role.AGENT)
CAT = a_person(4, "cat@desk.example", Role.AGENT, Role.AGENT)
ADA = a_person(5, "ada@desk.example", Role.ADMIN, Role.ADMIN)
# Whoever signs up in the web application may call themselves an agent or an admin.
EVE = a_person(6, "eve@elsewhere.example", Role.ADMIN)

CANDIDATES = tuple(Candidate(one.number, one.email, one.name, one.role, 0, None, away=False) for one in (BOB, CAT, ADA))


def a_ticket(**changes: Any) -> Ticket:
    """Ann's ticket SD-1042, which Bob has."""
    ticket = Ticket(
        1042,
        "c" + "t" * 24,
        "Printer",
        "It burns.",
        Status.OPEN,
        Priority.MEDIUM,
        Category.TECHNICAL_ISSUE,
        ANN,
        BOB,
        NOW,
    )
    return replace(ticket, **changes)


def a_file(filename: str = "log.txt", *, inline: bool = False) -> Attachment:
    return Attachment(filename, "text/plain", b"line", inline=inline)


def a_mail(
    text: str = "Hello.", sender: str = ANN.email, to: Iterable[str] = (SUPPORT,), **changes: Any
) -> InboundMail:
    """A mail with one sender, whose own words are its whole text."""
    mail = InboundMail(
        message_id="new@customer.example",
        in_reply_to=(),
        references=(),
        senders=(Address("", sender),),
        to=tuple(Address("", address) for address in to),
        cc=(),
        delivered_to=(),
        subject="Printer",
        date=NOW,
        text=text,
        reply=text,
        removed="",
        confidence=1.0,
        attachments=(),
        automatic=None,
        repairs=(),
    )
    return replace(mail, **changes)


def a_grant(person: Person = ANN, **changes: Any) -> Grant:
    """The right to answer in public on SD-1042 as this person."""
    role = person.staff_role or Role.CUSTOMER
    expires_at = int((NOW + timedelta(days=1)).timestamp())
    grant = Grant(70 + person.number, ReplyKind.PUBLIC, "support", 1042, person.number, person.email, role, expires_at)
    return replace(grant, **changes)


def address_of(grant: Grant, keys: Keys = KEYS) -> str:
    return reply_address(keys, grant, SUPPORT)


def id_of(grant: Grant, keys: Keys = KEYS) -> str:
    return message_id(keys, grant, "desk.example")


def reference_of(grant: Grant, keys: Keys = KEYS) -> str:
    return f"[ref {reference(keys, grant)}]"


def dmarc_results(email: str, dmarc: str, server: str = "mx.desk.example") -> str:
    """The header in which a mail server states the result of DMARC (RFC 8601)."""
    return f"Authentication-Results: {server}; dmarc={dmarc} header.from={email.rpartition('@')[2]}"


def a_delivered_mail(
    text: str = "Hello.",
    sender: str = ANN.email,
    to: Iterable[str] = (SUPPORT,),
    *,
    above: Iterable[str] = (),
    below: Iterable[str] = (),
    **headers: str,
) -> InboundMail:
    """A mail as our server stores it, parsed from its bytes.

    The lines `above` its own Received are what it wrote itself, those `below` came with the mail; header names are
    written with underscores.
    """
    fields = {"message_id": "<new@customer.example>", "subject": "Printer"} | headers
    named = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    lines = [*above, BY_OURS, *below, f"From: {sender}", f"To: {', '.join(to)}", *named]
    return parse("\r\n".join([*lines, "", text]).encode())


def some_facts(sender: Person | None = ANN, grants: Iterable[Grant] = (), **changes: Any) -> Facts:
    """Facts with SD-1042 as the only ticket, Ann as its only participant, and KNOWN_ID as one of its mails."""
    facts = Facts(
        now=NOW,
        mailbox="support",
        twin=None,
        sender=sender,
        grants={grant.id: grant for grant in grants},
        known={KNOWN_ID: (1042,)},
        tickets={1042: KnownTicket(a_ticket(), frozenset({ANN.number}))},
        candidates=CANDIDATES,
        served_before=None,
    )
    return replace(facts, **changes)


def decide_on(
    mail: InboundMail, sender: Person | None, *grants: Grant, policy: Policy = BOTH, **facts: Any
) -> Decision:
    """The decision of intake on a mail of this sender, with these grants."""
    return decide(mail, some_facts(sender, grants, **facts), policy)[1]


def a_remark(author: Person | None, text: str = "Words.") -> Remark:
    return Remark(author, author.name if author else "somebody@elsewhere.example", text)


def a_comment(author: Person | None, number: int = 1) -> Event:
    return Event(number, EventKind.COMMENT_ADDED, remark=a_remark(author))


def a_note(author: Person | None, number: int = 1) -> Event:
    return Event(number, EventKind.NOTE_ADDED, remark=a_remark(author))


def a_change(field: Field, old: str | None = None, new: str | None = None, number: int = 2) -> Event:
    return Event(number, EventKind.TICKET_CHANGED, field=field, old=old, new=new)


def a_change_set(*events: Event, **changes: Any) -> ChangeSet:
    """Events on SD-1042 with nobody known to have caused them."""
    change_set = ChangeSet(a_ticket(), events, NOW, actor=None, cause=None, participants=(ANN,), admins=(ADA,))
    return replace(change_set, **changes)


def a_cause(sender: Person, *recipients: Person, automatic: bool = False) -> Cause:
    named = frozenset(one.email for one in recipients)
    return Cause(1, "new@customer.example", sender.email, named, automatic, has_power=sender.is_staff)
