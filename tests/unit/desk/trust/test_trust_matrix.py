"""The matrix of docs/security.md#what-a-mail-may-do, cell by cell: each is read off what mails bring.

The mails are as a server delivers them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

import pytest

from desk.commands.command import Changes
from desk.commands.table import COMMANDS
from desk.facts import Policy
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, Hold, KeepNote, NotApplied, OpenTicket, Personal, Quarantine, TakeBack
from desk.ticket import Person, Role, Status
from desk.tokens import Grant, ReplyKind
from desk.trust.judge import Power, Shown, Standing, Trust
from mail.auth.results import AuthOutcome
from mail.inbound.message import MailKind
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    BOTH,
    CAT,
    DAN,
    EVE,
    KNOWN_ID,
    NOW,
    SUPPORT,
    TOKEN,
    a_delivered_mail,
    a_grant,
    a_person,
    address_of,
    dmarc_results,
    some_facts,
)

NOBODY = a_person(99, "who@elsewhere.example")
# Agents of the web application whom the staff list does not hold, or holds no longer, or holds in another role.
SIGNED_UP = a_person(7, "gus@elsewhere.example", Role.AGENT)
DEMOTED = a_person(8, "fay@desk.example", Role.CUSTOMER, Role.AGENT)
FRIEND = "friend@elsewhere.example"

COLUMNS = (
    "nothing",
    "forged",
    "pass",
    "fail",
    "token, pass",
    "token, nothing",
    "token, forged",
    "token, fail",
    "another's, nothing",
    "another's, pass",
    "another's, fail",
    "spent, nothing",
    "spent, pass",
    "spent, fail",
)
POLICIES = (BOTH, TOKEN)
STAFF_CELLS = (
    ("H", "H", "R", "H", "F", "H", "H", "H", "H", "H", "H", "H", "R", "H"),
    ("H", "H", "R", "H", "F", "F", "F", "H", "H", "H", "H", "H", "R", "H"),
)
STRANGERS_CELLS = (
    "A, capped", "A, capped", "A", "T", "A", "A, capped", "A, capped", "T", "N", "N", "N", "A, capped", "A", "T",
)  # fmt: skip
CUSTOMERS_CELLS = ("C", "C", "F", "N", "F", "F, no Cc", "F, no Cc", "C", "N", "N", "N", "C", "F", "N")
NAMED_BY = {"tag": {"subject": "Re: [SD-1042] Printer"}, "known id": {"in_reply_to": f"<{KNOWN_ID}>"}}
UNNAMED: dict[str, str] = {}


def void_grants(grant: Grant) -> dict[str, Grant]:
    """A token of one's own in every state in which it is as none."""
    return {
        "expired": replace(grant, expires_at=int(NOW.timestamp())),
        "of another role": replace(grant, role="admin" if grant.role != "admin" else "agent"),
        "of an address that was left": replace(grant, address="before@elsewhere.example"),
        "of an account that was deleted": replace(grant, person=4711),
    }


def lines_of(results: str, email: str) -> tuple[list[str], list[str]]:
    """What our server writes above, and what a forger wrote below the Received of another server."""
    forged = ["Received: from a.example by relay.elsewhere.example; today", dmarc_results(email, "pass")]
    if results in {"pass", "fail"}:
        return [dmarc_results(email, results)], forged
    return [], forged if results == "forged" else []


def decided(
    text: str, who: Person, shown: tuple[Grant, ...], results: str, named: dict[str, str], policy: Policy
) -> Decision:
    above, below = lines_of(results, who.email)
    mail = a_delivered_mail(
        text, who.email, (SUPPORT, *map(address_of, shown)), above=above, below=below, **{"cc": FRIEND, **named}
    )
    sender = None if who is NOBODY else who
    return decide(mail, some_facts(sender, shown), policy)[1]


def cell(who: Person, shows: str, results: str, named: dict[str, str], policy: Policy, own: Grant) -> str:
    """The letter of a cell, by what becomes of words, of a command, of a forward and of a word about oneself."""
    others = a_grant(ANN if who is not ANN else DAN)
    shown = {
        "token": (own,),
        "another's": (others if who is not BOB else a_grant(CAT),),
        "spent": (replace(own, spent=True),),
        **{name: (grant,) for name, grant in void_grants(own).items()},
    }.get(shows, ())
    words, command = (decided(text, who, shown, results, named, policy) for text in ("Hello.", "#close"))
    if not isinstance(words, Hold):
        return letter(words, command)
    passed = "Fwd.\n\n---------- Forwarded message ---------\nFrom: first@elsewhere.example\nSubject: Q\n\nHow?\n"
    forward = decided(passed, who, shown, results, {"subject": "Fwd: Q"}, policy)
    about = decided("#away until 2026-11-20", who, shown, results, {}, policy)
    assert isinstance(command, Hold)
    assert words.confirm
    assert command.confirm
    kinds = (type(forward), type(about))
    return {(OpenTicket, Personal): "R", (Hold, Hold): "H"}[kinds]


def letter(words: Decision, command: Decision) -> str:
    if isinstance(words, KeepNote):
        assert isinstance(command, KeepNote)
        return "N"
    if isinstance(words, OpenTicket):
        if words.unanswered:
            return "T"
        return "A, capped" if words.why["proof"] == "claimed" else "A"
    assert isinstance(words, Act)
    assert isinstance(command, Act)
    obeyed, copied = command.changes.status is Status.CLOSED, [one.email for one in words.cc]
    assert words.text == "Hello."
    return {(True, (FRIEND,)): "F", (True, ()): "F, no Cc", (False, ()): "C"}[obeyed, tuple(copied)]


def split(column: str) -> tuple[str, str]:
    shows, comma, results = column.partition(", ")
    return (shows, results) if comma else ("", shows)


STAFF = [
    (policy, who, column, wanted)
    for policy, cells in zip(POLICIES, STAFF_CELLS, strict=True)
    for who in (BOB, ADA)
    for column, wanted in zip(COLUMNS, cells, strict=True)
]


@pytest.mark.parametrize("named", [UNNAMED, *NAMED_BY.values()])
@pytest.mark.parametrize(("policy", "who", "column", "wanted"), STAFF)
def test_the_row_of_staff(policy: Policy, who: Person, column: str, wanted: str, named: dict[str, str]) -> None:
    found = cell(who, *split(column), named, policy, a_grant(who))

    assert found == wanted


STRANGERS = [
    (who, column, wanted)
    for who in (NOBODY, DAN, EVE, SIGNED_UP, DEMOTED)
    for column, wanted in zip(COLUMNS, STRANGERS_CELLS, strict=True)
    # Who has no account was never given a token.
    if who is not NOBODY or split(column)[0] not in {"token", "spent"}
]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("named", [UNNAMED, *NAMED_BY.values()])
@pytest.mark.parametrize(("who", "column", "wanted"), STRANGERS)
def test_the_row_of_strangers_and_of_agents_who_are_not_in_the_staff_list(
    who: Person, column: str, wanted: str, named: dict[str, str], policy: Policy
) -> None:
    about_no_ticket = a_grant(who, ticket=None, kind=ReplyKind.NONE, role=Role.CUSTOMER)

    found = cell(who, *split(column), named, policy, about_no_ticket)

    assert found == wanted


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("named", list(NAMED_BY.values()))
@pytest.mark.parametrize(("column", "wanted"), [*zip(COLUMNS, CUSTOMERS_CELLS, strict=True)])
def test_the_row_of_a_customer(column: str, wanted: str, named: dict[str, str], policy: Policy) -> None:
    found = cell(ANN, *split(column), named, policy, a_grant(ANN))

    assert found == wanted


def void_columns() -> Iterator[tuple[Person, str, str, Policy, dict[str, str]]]:
    for who, policy in product((BOB, ADA, DAN, EVE, ANN), POLICIES):
        for void, results in product(void_grants(a_grant(who)), ("nothing", "forged", "pass", "fail")):
            for named in NAMED_BY.values():
                yield who, void, results, policy, named


@pytest.mark.parametrize(("who", "void", "results", "policy", "named"), [*void_columns()])
def test_an_expired_or_void_token_is_as_no_token(
    who: Person, void: str, results: str, policy: Policy, named: dict[str, str]
) -> None:
    with_it, without = (cell(who, shows, results, named, policy, a_grant(who)) for shows in (void, ""))

    assert with_it == without


SENDERS = {
    "two Froms": f"{ANN.email}\r\nFrom: {BOB.email}",
    "one From twice": f"{ANN.email}\r\nFrom: {ANN.email}",
    "two mailboxes": f"{ANN.email}, {BOB.email}",
    "a group": f"Team: {ANN.email}, {BOB.email};",
    "empty": "",
    "no address": "Ann",
    "our own": f"Desk <{SUPPORT}>",
    "our own, signed": address_of(a_grant(BOB)),
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("sender", list(SENDERS))
def test_the_row_of_mails_without_one_sender(sender: str, column: str, policy: Policy) -> None:
    shows, results = split(column)
    grants = (a_grant(BOB), a_grant(ANN))
    above, below = lines_of(results, ANN.email)
    to = map(address_of, grants) if shows else (SUPPORT,)
    mail = a_delivered_mail("#close", SENDERS[sender], to, above=above, below=below, subject="[SD-1042]")

    _, decision = decide(mail, some_facts(BOB, grants), policy)

    assert isinstance(decision, Quarantine)


def report_of(kind: str, *parts: str) -> tuple[str, str]:
    """The header and the body of a report (RFC 6522)."""
    body = "".join(f"--b\r\n{part}\r\n" for part in ("Content-Type: text/plain\r\n\r\nHello.", *parts))
    return f'multipart/report; report-type={kind}; boundary="b"', f"{body}--b--\r\n"


ROBOTS = {
    MailKind.AUTOMATIC: ("text/plain\r\nAuto-Submitted: auto-replied", "#close"),
    MailKind.RECEIPT: report_of(
        "disposition-notification",
        "Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action/MDN-sent; displayed",
    ),
    MailKind.REPORT: report_of("feedback-report", "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse"),
    MailKind.REACTION: (
        'multipart/alternative; boundary="b"',
        '--b\r\nContent-Type: text/vnd.google.email-reaction+json\r\n\r\n{"emoji": "\\ud83d\\udc4d"}\r\n--b--\r\n',
    ),
    MailKind.BOUNCE: report_of(
        "delivery-status",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n\r\n"
        "Final-Recipient: rfc822; x@a.example\r\nAction: failed\r\nStatus: 5.1.1",
    ),
}
ALL = [
    *product((BOB, ADA), COLUMNS, POLICIES),
    *product((DAN, EVE, ANN), COLUMNS, (BOTH,)),
]


@pytest.mark.parametrize("kind", list(ROBOTS))
@pytest.mark.parametrize(("who", "column", "policy"), ALL)
def test_automatic_mail_never_exceeds_a_note(kind: MailKind, who: Person, column: str, policy: Policy) -> None:
    head, text = ROBOTS[kind]
    shows, results = split(column)
    grants = (a_grant(who, spent=shows == "spent"),) if shows != "another's" else (a_grant(CAT),)
    above, below = lines_of(results, who.email)
    to: Iterable[str] = map(address_of, grants) if shows else (SUPPORT,)
    mail = a_delivered_mail(
        text, who.email, to, above=above, below=below, subject="[SD-1042]", cc=FRIEND, content_type=head
    )

    _, decision = decide(mail, some_facts(who, grants), policy)

    assert mail.kind is kind
    assert isinstance(decision, KeepNote | NotApplied)


# What becomes of a command: judged and answered, held until it is confirmed, or no more than a line of text. The
# columns are staff with a pass and an own token, staff with a pass alone, the owner of the ticket with a pass, and a
# guest with a pass and an own token.
COMMAND_CELLS = {
    "#resolve": ("judged", "held", "text", "text"),
    "#close": ("judged", "held", "judged", "judged"),
    "#reopen": ("judged", "held", "judged", "judged"),
    "#status in progress": ("judged", "held", "text", "text"),
    "#assign cat": ("judged", "held", "text", "text"),
    "#priority high": ("judged", "held", "text", "text"),
    "#category billing": ("judged", "held", "text", "text"),
    "#note": ("judged", "held", "text", "text"),
    "#cc +kofi@ledger.example": ("judged", "held", "text", "text"),
    "#wait 3d": ("judged", "held", "text", "text"),
    "#for dora@acme.example": ("held", "held", "text", "text"),
    "#tell": ("judged", "held", "text", "text"),
    "#split": ("judged", "held", "text", "text"),
    "#say refund": ("judged", "held", "text", "text"),
    "#watch": ("judged", "held", "text", "text"),
    "#watch SD-7": ("judged", "held", "text", "text"),
    "#unwatch": ("judged", "held", "text", "text"),
    "#accept": ("judged", "held", "text", "text"),
    "#merge SD-7": ("judged", "held", "text", "text"),
    "#undo": ("judged", "held", "judged", "judged"),
    "#use 1": ("judged", "held", "text", "text"),
    "#stop": ("judged", "held", "judged", "judged"),
    "#list": ("judged", "judged", "judged", "judged"),
    "#show SD-12": ("judged", "judged", "judged", "judged"),
    "#search invoice": ("judged", "judged", "text", "text"),
    "#history": ("judged", "judged", "text", "text"),
    "#more": ("judged", "judged", "judged", "judged"),
    "#away until 2026-11-20": ("judged", "judged", "text", "text"),
    "#away until 2026-11-20 for cat": ("judged", "held", "text", "text"),
    "#back for cat": ("judged", "held", "text", "text"),
    "#back": ("judged", "judged", "text", "text"),
    "#quarantine": ("judged", "judged", "text", "text"),
    "#quarantine show 12": ("judged", "judged", "text", "text"),
    "#quarantine retry 12": ("judged", "held", "text", "text"),
    "#report daily": ("judged", "judged", "text", "text"),
    "#confirm": ("judged", "held", "text", "text"),
    "#send": ("judged", "held", "text", "text"),
    "#drop": ("judged", "held", "text", "text"),
    "#help": ("judged", "judged", "judged", "judged"),
}
COMMAND_COLUMNS = ((BOB, (a_grant(BOB),)), (BOB, ()), (ANN, ()), (DAN, (a_grant(DAN),)))
GIVEN = [
    (line, who, shown, wanted)
    for line, cells in COMMAND_CELLS.items()
    for (who, shown), wanted in zip(COMMAND_COLUMNS, cells, strict=True)
]


def obeyed(line: str, decision: Decision) -> str:
    """The word of a cell above, by what becomes of a mail that holds one command and nothing else."""
    if isinstance(decision, Hold):
        return "held"
    if isinstance(decision, TakeBack):
        assert decision.line == line
        return "judged"
    assert isinstance(decision, Act | Personal)
    if not decision.outcomes:
        assert isinstance(decision, Act)
        assert (decision.text, decision.changes) == (line, Changes())
        return "text"
    assert [outcome.line for outcome in decision.outcomes] == [line]
    return "judged"


@pytest.mark.parametrize(("line", "who", "shown", "wanted"), GIVEN)
def test_the_row_of_a_command(line: str, who: Person, shown: tuple[Grant, ...], wanted: str) -> None:
    decision = decided(line, who, shown, "pass", NAMED_BY["tag"], BOTH)

    assert obeyed(line, decision) == wanted


@pytest.mark.parametrize("line", list(COMMAND_CELLS))
def test_no_command_counts_where_nothing_proves_whose_it_is(line: str) -> None:
    of_staff, of_owner = (decided(line, who, (), "nothing", NAMED_BY["tag"], BOTH) for who in (BOB, ANN))

    assert (obeyed(line, of_staff), obeyed(line, of_owner)) == ("held", "text")


def test_every_command_has_its_row() -> None:
    assert {line.split()[0] for line in COMMAND_CELLS} == {f"#{name}" for name in COMMANDS}


STANDINGS = [
    (Standing.STAFF, "staff"),
    (Standing.CUSTOMER, "a customer of the ticket"),
    (Standing.STRANGER, "a stranger"),
]


@pytest.mark.parametrize(("standing", "who"), STANDINGS)
def test_what_was_found_of_a_sender_reads_as_sentences(standing: Standing, who: str) -> None:
    trust = Trust(standing, Shown.NONE, AuthOutcome.NONE, Power.NOTE, "It is so.")

    assert trust.sentence == f"Its sender is {who} and shows no live token. It is so. It has a note for staff."


def test_every_cell_of_the_matrix_is_in_these_tables() -> None:
    asked = {column.replace("forged", "nothing") for column in COLUMNS}

    assert asked == {
        "nothing", "pass", "fail", "token, pass", "token, nothing", "token, fail",
        "another's, nothing", "another's, pass", "another's, fail", "spent, nothing", "spent, pass", "spent, fail",
    }  # fmt: skip
    assert {"expired", "of another role"} <= {*void_grants(a_grant(ANN))}
