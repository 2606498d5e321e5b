"""Mail that no person wrote: which bounces count and for what, and what becomes of answers of programs and lists."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk.facts import AnsweredNotice, Reported
from desk.intake.decide import decide
from desk.intake.decision import Decision, FileBounce, Hold, KeepNote, NotApplied, OpenTicket
from desk.ticket import Person
from desk.tokens import Grant, Keys, envelope_address
from mail.bounce.failure import Bounce, BouncedRecipient, Failure
from mail.inbound.message import InboundMail, MailKind
from mail.inbound.reaction import Reaction
from mail.mime.addresses import Address
from mail.mime.headers import Headers
from tests.support.values.builders import (
    ANN,
    BOB,
    DAN,
    KEYS,
    KNOWN_ID,
    NOW,
    POLICY,
    SUPPORT,
    a_grant,
    a_mail,
    address_of,
    id_of,
    some_facts,
)

DAEMON = "mailer-daemon@mx.customer.example"
OTHERS_KEYS = Keys((b"somebody else's key",))
TO_ANN, TO_BOB, TO_DAN = a_grant(ANN), a_grant(BOB), a_grant(DAN)
A_REPORT = a_grant(BOB, id=90, ticket=None)
DAY = timedelta(days=1)


def a_bounce(
    shows: str | None = None, failed: Iterable[str] = (ANN.email,), to: str = SUPPORT, **changes: Any
) -> InboundMail:
    """A server's report that a mail was not delivered, which quotes the Message-ID `shows` and was sent to `to`."""
    given: dict[str, Any] = {"permanent": True, "failure": Failure.ADDRESS, "status": "5.1.1"} | changes
    permanent, failure, status = given["permanent"], given["failure"], given["status"]
    recipients = tuple(BouncedRecipient(one, status, permanent, "", failure) for one in failed)
    bounce = Bounce(recipients, permanent, status, shows)
    return a_mail("It did not arrive.", DAEMON, (to,), kind=MailKind.BOUNCE, automatic="It is a bounce.", bounce=bounce)


def decided(mail: InboundMail, *grants: Grant, age: timedelta = DAY, **changes: Any) -> tuple[str, Decision]:
    """What becomes of it where these mails of ours were written so long ago."""
    grants = grants or (TO_ANN, TO_BOB, TO_DAN, A_REPORT)
    answered = {grant.id: AnsweredNotice(None, NOW - age) for grant in grants}
    return decide(mail, some_facts(None, grants, answered=answered, **changes), POLICY)


def filed(mail: InboundMail, *grants: Grant, **changes: Any) -> FileBounce:
    """The bounce that it is filed as."""
    rule, decision = decided(mail, *grants, **changes)
    assert rule == "bounced_mail"
    assert isinstance(decision, FileBounce), decision
    return decision


def reported(grant: Grant, failure: Failure, *, permanent: bool = True, ago: timedelta = DAY) -> Reported:
    return Reported(grant.id, grant.address, failure, permanent, NOW - ago)


ENVELOPE = envelope_address(KEYS, TO_ANN, SUPPORT)
BELIEVED: dict[str, tuple[InboundMail, timedelta]] = {
    "our Message-ID, and its recipient": (a_bounce(id_of(TO_ANN)), DAY),
    "our Message-ID, and nobody": (a_bounce(id_of(TO_ANN), ()), DAY),
    "our Message-ID, and its recipient among others": (a_bounce(id_of(TO_ANN), ("x@y.example", ANN.email)), DAY),
    "our envelope sender": (a_bounce(to=ENVELOPE), DAY),
    # Where the recipient's server passes mail on, the next one reports on an address that we never wrote to.
    "our envelope sender, and somebody behind": (a_bounce(failed=("ann@elsewhere.example",), to=ENVELOPE), DAY),
    "our envelope sender, and another Message-ID": (a_bounce(id_of(TO_DAN), to=ENVELOPE), DAY),
    "ten days": (a_bounce(id_of(TO_ANN)), 10 * DAY),
}


@pytest.mark.parametrize("shown", BELIEVED)
def test_a_bounce_that_shows_our_signature_is_filed_on_the_ticket_of_its_mail(shown: str) -> None:
    mail, age = BELIEVED[shown]

    found = filed(mail, age=age)

    assert (found.outbox, found.ticket, found.address) == (TO_ANN.id, 1042, ANN.email)


FORGED: dict[str, tuple[InboundMail, timedelta, str]] = {
    "nothing of ours": (a_bounce(), DAY, "no signature of a mail of ours"),
    "a Message-ID of somebody": (a_bounce(KNOWN_ID), DAY, "no signature of a mail of ours"),
    "a signature of another key": (a_bounce(id_of(TO_ANN, OTHERS_KEYS)), DAY, "no signature of a mail of ours"),
    "an envelope of another key": (
        a_bounce(to=envelope_address(OTHERS_KEYS, TO_ANN, SUPPORT)), DAY, "no signature of a mail of ours"
    ),
    "a reply address, which every reader sees": (a_bounce(to=address_of(TO_ANN)), DAY, "no signature of a mail"),
    "a mail that we never sent": (a_bounce(id_of(a_grant(ANN, id=99))), DAY, "no signature of a mail of ours"),
    # Eve quotes her own Message-ID to cut off Ann.
    "the Message-ID of a mail to somebody else": (a_bounce(id_of(TO_DAN)), DAY, "to that address"),
    "older than ten days": (a_bounce(id_of(TO_ANN)), 10 * DAY + timedelta(seconds=1), "older than 10 days"),
    "an envelope older than ten days": (a_bounce(to=ENVELOPE), 11 * DAY, "older than 10 days"),
}  # fmt: skip


@pytest.mark.parametrize("shown", FORGED)
def test_a_bounce_without_our_signature_for_that_address_counts_for_nothing(shown: str) -> None:
    mail, age, reason = FORGED[shown]

    rule, decision = decided(mail, age=age)

    assert (rule, type(decision)) == ("bounced_mail", NotApplied)
    assert reason in decision.reason


def test_a_message_id_that_others_have_seen_proves_no_bounce() -> None:
    spent = replace(TO_ANN, spent=True)

    _, by_id = decided(a_bounce(id_of(spent)), spent)
    _, by_envelope = decided(a_bounce(to=ENVELOPE), spent)

    assert (type(by_id), type(by_envelope)) == (NotApplied, FileBounce)


# What one bounce of each class does, by how many other mails failed so within the week.
SUPPRESSED: list[tuple[Failure, bool, int, timedelta | None]] = [
    (Failure.ADDRESS, True, 0, 30 * DAY),
    (Failure.ADDRESS, False, 5, None),
    (Failure.MAILBOX_FULL, True, 0, None),
    (Failure.MAILBOX_FULL, True, 1, None),
    (Failure.MAILBOX_FULL, True, 2, 3 * DAY),
    (Failure.MAILBOX_FULL, False, 5, None),
    *((failure, True, 9, None) for failure in (Failure.POLICY, Failure.TRANSIENT, Failure.OTHER)),
]


@pytest.mark.parametrize(("failure", "permanent", "earlier", "span"), SUPPRESSED)
def test_each_class_counts_against_the_address_by_its_own_rule(
    failure: Failure, permanent: bool, earlier: int, span: timedelta | None
) -> None:
    before = tuple(reported(a_grant(ANN, id=200 + number), failure) for number in range(earlier))

    found = filed(a_bounce(id_of(TO_ANN), permanent=permanent, failure=failure), bounces=before)

    assert found.suppress == span


PASSED: dict[str, InboundMail] = {
    "of where the recipient passes mail on to": a_bounce(failed=("ann@elsewhere.example",), to=ENVELOPE),
    "as a forward": replace(a_bounce(id_of(TO_ANN), to=ENVELOPE), subject="Fwd: Undelivered Mail"),
    "as an answer": replace(a_bounce(id_of(TO_ANN)), subject="AW: Unzustellbar"),
    "by hand": replace(a_bounce(id_of(TO_ANN)), headers=Headers((("resent-from", b"bob@desk.example"),))),
    "by a rule": replace(a_bounce(id_of(TO_ANN)), headers=Headers((("x-forwarded-to", b"support@desk.example"),))),
    "from somebody's mailbox": replace(a_bounce(to=ENVELOPE), headers=Headers((("return-path", b"<eve@x.example>"),))),
}


@pytest.mark.parametrize("how", PASSED)
def test_a_bounce_that_was_passed_on_is_filed_and_suppresses_nobody(how: str) -> None:
    assert filed(PASSED[how]).suppress is None


@pytest.mark.parametrize("path", [b"<>", b" < > ", b""])
def test_a_bounce_with_the_null_reverse_path_counts(path: bytes) -> None:
    mail = replace(a_bounce(id_of(TO_ANN)), headers=Headers((("return-path", path),)))

    assert filed(mail).suppress == 30 * DAY


FULL = a_bounce(id_of(TO_ANN), failure=Failure.MAILBOX_FULL)
FIRST, SECOND = a_grant(ANN, id=201), a_grant(ANN, id=202)
NOT_COUNTED: dict[str, tuple[Reported, ...]] = {
    "the same mail twice": (reported(FIRST, Failure.MAILBOX_FULL), reported(FIRST, Failure.MAILBOX_FULL)),
    "more than a week ago": (
        reported(FIRST, Failure.MAILBOX_FULL), reported(SECOND, Failure.MAILBOX_FULL, ago=7 * DAY)
    ),
    "another class": (reported(FIRST, Failure.MAILBOX_FULL), reported(SECOND, Failure.POLICY)),
    "another address": (reported(FIRST, Failure.MAILBOX_FULL), reported(TO_DAN, Failure.MAILBOX_FULL)),
    "not for good": (
        reported(FIRST, Failure.MAILBOX_FULL), reported(SECOND, Failure.MAILBOX_FULL, permanent=False)
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", NOT_COUNTED)
def test_what_is_no_further_failure_within_the_week_does_not_count(why: str) -> None:
    found = filed(FULL, bounces=NOT_COUNTED[why])

    assert found.suppress is None


AGAIN: list[tuple[bool, bool, type[Decision]]] = [
    (True, True, NotApplied),
    (False, False, NotApplied),
    # First it is delayed, then it fails: these are two news.
    (False, True, FileBounce),
    (True, False, FileBounce),
]


@pytest.mark.parametrize(("before", "now", "outcome"), AGAIN)
def test_the_same_news_of_one_mail_has_its_effect_once(before: bool, now: bool, outcome: type[Decision]) -> None:
    earlier = (reported(TO_ANN, Failure.ADDRESS, permanent=before),)

    _, decision = decided(a_bounce(id_of(TO_ANN), permanent=now), bounces=earlier)

    assert isinstance(decision, outcome)


TELLS: list[tuple[Grant, bool, bool]] = [
    (TO_ANN, True, True),
    (TO_ANN, False, False),
    # A mail about the bounce of staff's own mail would bounce as well, and so on for ever.
    (TO_BOB, True, False),
    (TO_BOB, False, False),
]


@pytest.mark.parametrize(("grant", "permanent", "tells"), TELLS)
def test_who_works_on_the_ticket_is_told_that_its_customer_was_not_reached(
    grant: Grant, permanent: bool, tells: bool
) -> None:
    found = filed(a_bounce(id_of(grant), (grant.address,), permanent=permanent))

    assert (found.ticket, found.tells) == (1042, tells)


def test_the_bounce_of_a_report_belongs_to_no_ticket() -> None:
    found = filed(a_bounce(id_of(A_REPORT), (BOB.email,)))

    assert (found.outbox, found.ticket, found.suppress) == (A_REPORT.id, None, 30 * DAY)


def test_the_note_of_a_bounce_names_the_address_and_the_status() -> None:
    found = filed(a_bounce(id_of(TO_ANN)))

    assert found.text.startswith(f"A mail of this ticket to {ANN.email} could not be delivered (status 5.1.1).")
    assert "It did not arrive." in found.text


ROBOTS: dict[str, dict[str, Any]] = {
    "an out-of-office answer": {"kind": MailKind.AUTOMATIC, "automatic": "Auto-Submitted says 'auto-replied'."},
    "a receipt": {"kind": MailKind.RECEIPT, "automatic": "Content-Type says that it is a receipt of a reader."},
    "a report": {
        "kind": MailKind.REPORT,
        "automatic": "Content-Type says that it is a complaint about one of our mails.",
    },
    "a calendar's answer": {"kind": MailKind.AUTOMATIC, "automatic": "Content-Type says text/calendar, method=REPLY."},
}
WHERE: list[tuple[Person | None, dict[str, Any], type[Decision]]] = [
    (ANN, {}, NotApplied),
    (None, {}, NotApplied),
    (ANN, {"subject": "Re: [SD-1042] Printer"}, KeepNote),
    (None, {"subject": "Re: [SD-1042] Printer"}, NotApplied),
    (ANN, {"in_reply_to": (id_of(TO_ANN),)}, KeepNote),
]


@pytest.mark.parametrize(("sender", "shows", "outcome"), WHERE)
@pytest.mark.parametrize("what", ROBOTS)
def test_what_a_program_sends_is_recorded_and_at_most_a_note(
    what: str, sender: Person | None, shows: dict[str, Any], outcome: type[Decision]
) -> None:
    mail = a_mail("#close", sender.email if sender else "who@elsewhere.example", **ROBOTS[what], **shows)

    rule, decision = decide(mail, some_facts(sender, (TO_ANN,)), POLICY)

    assert (rule, type(decision)) == ("automatic_mail", outcome)


TAPPED = Reaction("👍", by_part=True)
SENTENCE = Reaction("👍")
REACTIONS: list[tuple[Reaction, Person, dict[str, Any], str, type[Decision]]] = [
    (TAPPED, ANN, {"in_reply_to": (id_of(TO_ANN),)}, "reaction", KeepNote),
    (SENTENCE, ANN, {"in_reply_to": (id_of(TO_ANN),)}, "reaction", KeepNote),
    # An agent's thumb is no answer to the customer.
    (TAPPED, BOB, {"in_reply_to": (id_of(TO_BOB),)}, "reaction", KeepNote),
    (TAPPED, ANN, {}, "reaction", NotApplied),
    (SENTENCE, ANN, {}, "new_ticket", OpenTicket),
]


@pytest.mark.parametrize(("found", "sender", "shows", "rule", "outcome"), REACTIONS)
def test_a_reaction_is_a_note_on_its_ticket_and_a_sentence_alone_is_never_lost(
    found: Reaction, sender: Person, shows: dict[str, Any], rule: str, outcome: type[Decision]
) -> None:
    mail = a_mail("👍", sender.email, kind=MailKind.REACTION, automatic=found.reason, reaction=found, **shows)

    decided = decide(mail, some_facts(sender, (TO_ANN, TO_BOB)), POLICY)

    assert (decided[0], type(decided[1])) == (rule, outcome)


# What a reaction in the name of staff becomes by what it shows; anybody can attach such a part to any words.
IN_THE_NAME_OF_STAFF: list[tuple[Reaction, str, dict[str, Any], str, type[Decision]]] = [
    (TAPPED, "👍", {"in_reply_to": (id_of(TO_ANN),)}, "reaction", NotApplied),
    (TAPPED, "👍\nI approve the refund.", {"in_reply_to": (id_of(TO_ANN),)}, "staff_without_power", Hold),
    (TAPPED, "👍\nI approve the refund.", {}, "staff_without_power", Hold),
    (SENTENCE, "Liked “Done”", {"in_reply_to": (id_of(TO_ANN),)}, "staff_without_power", Hold),
    (TAPPED, "👍\nI approve the refund.", {"in_reply_to": (id_of(TO_BOB),)}, "reaction", KeepNote),
]


@pytest.mark.parametrize(("found", "text", "shows", "rule", "outcome"), IN_THE_NAME_OF_STAFF)
def test_a_reaction_in_the_name_of_staff_says_nothing_before_it_is_proven(
    found: Reaction, text: str, shows: dict[str, Any], rule: str, outcome: type[Decision]
) -> None:
    mail = a_mail(text, BOB.email, kind=MailKind.REACTION, automatic=found.reason, reaction=found, **shows)

    decided = decide(mail, some_facts(BOB, (TO_ANN, TO_BOB)), POLICY)

    assert (decided[0], type(decided[1])) == (rule, outcome)


def test_words_beside_a_reaction_that_belongs_to_no_ticket_open_one() -> None:
    mail = a_mail("👍\nIt broke again.", ANN.email, kind=MailKind.REACTION, automatic="x", reaction=TAPPED)

    decided = decide(mail, some_facts(ANN, (TO_ANN,)), POLICY)

    assert (decided[0], type(decided[1])) == ("new_ticket", OpenTicket)


@pytest.mark.parametrize(
    ("found", "text", "note"),
    [
        (TAPPED, "👍\n\nMara reacted via Gmail", "Mara reacted with 👍"),
        (Reaction("", by_part=True), "👍", "Mara reacted to a mail."),
        (Reaction("👍", taken_back=True), "Removed a like from “Done”", "Mara took back 👍"),
        (TAPPED, "👍\nPlease close it.", "Mara reacted with 👍\n\nPlease close it."),
    ],
)
def test_the_note_of_a_reaction_says_who_reacted_and_keeps_words_beside_it(
    found: Reaction, text: str, note: str
) -> None:
    mail = a_mail(text, kind=MailKind.REACTION, automatic=found.reason, reaction=found, in_reply_to=(id_of(TO_ANN),))
    mail = replace(mail, senders=(Address("Mara", ANN.email),))

    _, decision = decide(mail, some_facts(ANN, (TO_ANN,)), POLICY)

    assert isinstance(decision, KeepNote)
    assert decision.text == note


def listed(to: Iterable[str], cc: Iterable[str] = (), **changes: Any) -> InboundMail:
    copies = tuple(Address("", address) for address in cc)
    more: dict[str, Any] = {
        "kind": MailKind.LIST,
        "automatic": "List-Id is set.",
        "cc": copies,
        "delivered_to": (SUPPORT,),
    }
    return a_mail(to=to, **more, **changes)


LISTS: dict[str, tuple[InboundMail, str, type[Decision]]] = {
    "to its members": (listed(("news@list.example",)), "passed_by", NotApplied),
    "to the desk": (listed((SUPPORT,)), "new_ticket", OpenTicket),
    "to the desk's tag": (listed((f"support+list@{SUPPORT.partition('@')[2]}",)), "new_ticket", OpenTicket),
    "with the desk in Cc": (listed(("users@list.example",), (SUPPORT,)), "new_ticket", OpenTicket),
}


@pytest.mark.parametrize("to", LISTS)
def test_a_list_reaches_the_desk_only_where_it_is_named(to: str) -> None:
    mail, rule, outcome = LISTS[to]

    found, decision = decide(mail, some_facts(ANN), POLICY)

    assert (found, type(decision)) == (rule, outcome)


@pytest.mark.parametrize("to", [to for to, (_, _, outcome) in LISTS.items() if outcome is OpenTicket])
def test_no_list_is_sent_an_acknowledgement(to: str) -> None:
    _, decision = decide(LISTS[to][0], some_facts(ANN), POLICY)

    assert isinstance(decision, OpenTicket)
    assert (
        decision.unanswered
        == decision.why["unanswered"]
        == "It came by a mailing list, which is not answered by a program."
    )


def test_a_person_who_answers_the_envelope_address_opens_a_ticket_like_anybody() -> None:
    mail = a_mail("#close", DAN.email, (ENVELOPE,))

    rule, decision = decide(mail, some_facts(DAN, (TO_ANN,)), POLICY)

    assert (rule, type(decision)) == ("new_ticket", OpenTicket)


def test_a_customer_who_answers_the_envelope_address_has_no_power_by_it() -> None:
    mail = a_mail("#close", ANN.email, (ENVELOPE,), subject="Re: [SD-1042] Printer")

    _, decision = decide(mail, some_facts(ANN, (TO_ANN,)), POLICY)

    assert decision.why["trust"].startswith("Its sender is a customer of the ticket and shows no live token")
