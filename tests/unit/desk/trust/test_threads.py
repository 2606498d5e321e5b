"""Which ticket a mail belongs to: the order of evidence, and who it does not help."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk.facts import KnownTicket
from desk.ticket import Person, Role
from desk.tokens import Grant, Keys, ReplyKind
from desk.trust.threads import (
    ThreadEvidence,
    Void,
    effective_role,
    find_thread,
    grants_to_spend,
    message_id_claims,
    subject_tags,
    why_void,
)
from mail.inbound.message import InboundMail
from mail.mime.addresses import Address
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    DAN,
    EVE,
    KEYS,
    KNOWN_ID,
    NOW,
    POLICY,
    SUPPORT,
    a_grant,
    a_mail,
    a_person,
    a_ticket,
    address_of,
    id_of,
    reference_of,
    some_facts,
)

GRANTS = {one.email: a_grant(one) for one in (ANN, DAN, BOB, EVE)}
ANNS, DANS, BOBS = GRANTS[ANN.email], GRANTS[DAN.email], GRANTS[BOB.email]
OLD = replace(ANNS, id=90, expires_at=int(NOW.timestamp()))
DANS_OLD, BOBS_OLD = replace(DANS, id=92, expires_at=OLD.expires_at), replace(BOBS, id=93, expires_at=OLD.expires_at)
SPENT = replace(ANNS, id=94, spent=True)
GUESSED = Keys((b"a guess",))
REPORT = replace(BOBS, id=91, ticket=None, kind=ReplyKind.NONE)
ALL = (*GRANTS.values(), OLD, DANS_OLD, BOBS_OLD, SPENT, REPORT)

TO_ANNS = {"to": (address_of(ANNS),)}
TO_DANS = {"to": (address_of(DANS),)}
TO_OLD = {"to": (address_of(OLD),)}
TO_DANS_OLD = {"to": (address_of(DANS_OLD),)}
REFERS_TO_ANNS = {"in_reply_to": (id_of(ANNS),)}
KNOWN = {"in_reply_to": (KNOWN_ID,)}
TAGGED = {"subject": "Re: [SD-1042] Printer"}


def quoting(grant: Grant, keys: Keys = KEYS) -> dict[str, Any]:
    """A mail below whose words our mail with this right is quoted."""
    return {"text": "Hello.", "removed": f"> The request {reference_of(grant, keys)} was answered."}


# The sender, what the mail shows, and: the evidence that decided, whether the sender fits, why its right is void.
EVIDENCE: list[tuple[Person | None, dict[str, Any], ThreadEvidence | None, bool, Void | None]] = [
    (ANN, {}, None, False, None),
    (ANN, TO_ANNS, ThreadEvidence.REPLY_ADDRESS, True, None),
    (ANN, REFERS_TO_ANNS, ThreadEvidence.OUR_MESSAGE_ID, True, None),
    (ANN, {"references": (id_of(ANNS), "other@x")}, ThreadEvidence.OUR_MESSAGE_ID, True, None),
    (ANN, KNOWN, ThreadEvidence.KNOWN_MESSAGE_ID, True, None),
    (ANN, TAGGED, ThreadEvidence.SUBJECT_TAG, True, None),
    (ANN, TO_ANNS | KNOWN | TAGGED, ThreadEvidence.REPLY_ADDRESS, True, None),
    (ANN, REFERS_TO_ANNS | TAGGED, ThreadEvidence.OUR_MESSAGE_ID, True, None),
    (ANN, KNOWN | TAGGED, ThreadEvidence.KNOWN_MESSAGE_ID, True, None),
    (ANN, {"to": (), "delivered_to": (address_of(ANNS),)}, ThreadEvidence.REPLY_ADDRESS, True, None),
    # A stranger who knows the tag, or forges a Message-ID that the ticket knows.
    (None, TAGGED, ThreadEvidence.SUBJECT_TAG, False, None),
    (None, KNOWN, ThreadEvidence.KNOWN_MESSAGE_ID, False, None),
    (DAN, TAGGED | KNOWN, ThreadEvidence.KNOWN_MESSAGE_ID, False, None),
    (EVE, TAGGED | KNOWN, ThreadEvidence.KNOWN_MESSAGE_ID, False, None),
    # Somebody else's right.
    (None, TO_ANNS, ThreadEvidence.REPLY_ADDRESS, False, Void.ANOTHERS),
    (DAN, TO_ANNS, ThreadEvidence.REPLY_ADDRESS, False, Void.ANOTHERS),
    (None, REFERS_TO_ANNS, ThreadEvidence.OUR_MESSAGE_ID, False, Void.ANOTHERS),
    (EVE, {"to": (address_of(BOBS),)}, ThreadEvidence.REPLY_ADDRESS, False, Void.ANOTHERS),
    (ANN, TO_DANS | KNOWN | TAGGED, ThreadEvidence.REPLY_ADDRESS, False, Void.ANOTHERS),
    (ANN, TO_DANS | REFERS_TO_ANNS, ThreadEvidence.OUR_MESSAGE_ID, True, None),
    (ANN, {"to": (address_of(DANS), address_of(ANNS))}, ThreadEvidence.REPLY_ADDRESS, True, None),
    # Their own right when its time is over names the ticket as a known id does, and never before somebody else's.
    (ANN, TO_OLD, ThreadEvidence.REPLY_ADDRESS, True, Void.EXPIRED),
    (ANN, TO_OLD | TAGGED, ThreadEvidence.REPLY_ADDRESS, True, Void.EXPIRED),
    (DAN, TO_DANS_OLD, ThreadEvidence.REPLY_ADDRESS, False, Void.EXPIRED),
    (DAN, TO_DANS_OLD | TAGGED | KNOWN, ThreadEvidence.REPLY_ADDRESS, False, Void.EXPIRED),
    (BOB, {"to": (address_of(BOBS_OLD),)} | TAGGED, ThreadEvidence.REPLY_ADDRESS, False, Void.EXPIRED),
    (ANN, {"to": (address_of(SPENT),)}, ThreadEvidence.REPLY_ADDRESS, True, Void.SPENT),
    (ANN, {"in_reply_to": (id_of(SPENT),)}, ThreadEvidence.OUR_MESSAGE_ID, True, Void.SPENT),
    # Their own signed reference among the quotes, and somebody else's: no right of theirs, but it names the ticket.
    (ANN, quoting(ANNS), ThreadEvidence.QUOTED_REFERENCE, True, None),
    (ANN, quoting(BOBS), ThreadEvidence.QUOTED_REFERENCE, True, None),
    (ANN, quoting(ANNS) | TAGGED, ThreadEvidence.QUOTED_REFERENCE, True, None),
    (ANN, quoting(ANNS) | KNOWN, ThreadEvidence.KNOWN_MESSAGE_ID, True, None),
    (ANN, {"text": f"Hi {reference_of(ANNS)}"}, ThreadEvidence.QUOTED_REFERENCE, True, None),
    (DAN, quoting(ANNS), ThreadEvidence.QUOTED_REFERENCE, False, None),
    (None, quoting(ANNS) | TAGGED, ThreadEvidence.QUOTED_REFERENCE, False, None),
    (EVE, quoting(BOBS), ThreadEvidence.QUOTED_REFERENCE, False, None),
    (ANN, quoting(ANNS, GUESSED), None, False, None),
    (ANN, quoting(replace(ANNS, ticket=7)), None, False, None),
    (ANN, {"removed": f"> [ref {address_of(ANNS).partition('+')[2].partition('@')[0]}]"}, None, False, None),
    (ANN, TO_OLD | REFERS_TO_ANNS, ThreadEvidence.OUR_MESSAGE_ID, True, None),
    (ANN, {"to": (address_of(OLD), address_of(DANS))} | TAGGED, ThreadEvidence.REPLY_ADDRESS, False, Void.ANOTHERS),
    # A right on no ticket ties nobody else to anything.
    (BOB, {"in_reply_to": (id_of(REPORT),)}, ThreadEvidence.OUR_MESSAGE_ID, True, None),
    (ANN, {"in_reply_to": (id_of(REPORT),)}, None, False, None),
    (ANN, {"in_reply_to": (id_of(REPORT),)} | TAGGED, ThreadEvidence.SUBJECT_TAG, True, None),
]


@pytest.mark.parametrize(("sender", "shows", "evidence", "fits", "void"), EVIDENCE)
def test_the_strongest_evidence_decides_and_the_sender_must_fit(
    sender: Person | None, shows: dict[str, Any], evidence: ThreadEvidence | None, fits: bool, void: Void | None
) -> None:
    mail = a_mail(sender=sender.email if sender else "who@elsewhere.example", **shows)

    thread = find_thread(mail, some_facts(sender, ALL), POLICY)

    assert (thread.evidence, thread.fits, thread.void) == (evidence, fits, void)


GUESSES = [
    address_of(ANNS)[:-14] + "a@desk.example",
    address_of(ANNS, GUESSED),
    address_of(replace(ANNS, ticket=7)),
    address_of(ANNS).replace("support+", "sales+"),
    f"support+{id_of(ANNS).partition('.sd@')[0]}@desk.example",
    address_of(replace(ANNS, id=12345)),
]


@pytest.mark.parametrize("address", GUESSES)
def test_a_guessed_or_altered_address_is_no_evidence(address: str) -> None:
    thread = find_thread(a_mail(to=(SUPPORT, address)), some_facts(ANN, ALL), POLICY)

    assert (thread.number, thread.grant) == (None, None)


def a_changed(person: Person, **changes: Any) -> Person:
    return replace(person, **changes)


VOID = [
    (ANNS, ANN, None),
    (BOBS, BOB, None),
    (BOBS, ADA, Void.ANOTHERS),
    (ANNS, DAN, Void.ANOTHERS),
    (replace(ANNS, person=None), DAN, Void.ANOTHERS),
    (ANNS, a_changed(ANN, email="ann@new.example"), Void.ADDRESS),
    # Deleted, and somebody else made an account with the address since.
    (ANNS, a_changed(ANN, number=4711), Void.GONE),
    (replace(ANNS, person=None), ANN, Void.GONE),
    (replace(ANNS, spent=True), ANN, Void.SPENT),
    (replace(ANNS, spent=True), DAN, Void.ANOTHERS),
    (replace(ANNS, expires_at=ANNS.expires_at - 86400), ANN, Void.EXPIRED),
    (replace(ANNS, expires_at=ANNS.expires_at - 86399), ANN, None),
    # Made staff; no staff any more by the staff list, by the "User" row, by both; agent made admin.
    (ANNS, a_changed(ANN, role=Role.AGENT, staff_role=Role.AGENT), Void.ROLE),
    (BOBS, a_changed(BOB, staff_role=None), Void.ROLE),
    (BOBS, a_changed(BOB, role=Role.CUSTOMER), Void.ROLE),
    (BOBS, a_changed(BOB, role=Role.CUSTOMER, staff_role=None), Void.ROLE),
    (BOBS, a_changed(BOB, role=Role.ADMIN, staff_role=Role.ADMIN), Void.ROLE),
    # What one calls oneself in the web application changes nothing.
    (ANNS, a_changed(ANN, role=Role.ADMIN), None),
]


@pytest.mark.parametrize(("grant", "sender", "void"), VOID)
def test_a_right_is_void_for_others_and_after_time_address_or_role_changed(
    grant: Grant, sender: Person, void: Void | None
) -> None:
    reason = why_void(grant, sender.email, some_facts(sender))

    assert reason == void


NO_ACCOUNT = [("who@elsewhere.example", Void.ANOTHERS), (ANN.email, Void.GONE)]


@pytest.mark.parametrize(("author", "void"), NO_ACCOUNT)
def test_a_right_is_void_for_everybody_without_an_account(author: str, void: Void) -> None:
    reason = why_void(ANNS, author, some_facts(None))

    assert reason is void


POWERS = [
    (ANN, Role.CUSTOMER),
    (EVE, Role.CUSTOMER),
    (BOB, Role.AGENT),
    (ADA, Role.ADMIN),
    (a_person(9, "x@desk.example", Role.CUSTOMER, Role.ADMIN), Role.CUSTOMER),
]


@pytest.mark.parametrize(("person", "role"), POWERS)
def test_a_role_counts_only_where_both_lists_agree(person: Person, role: Role) -> None:
    power = effective_role(person)

    assert power is role


def test_a_ticket_that_the_sender_takes_part_in_comes_before_one_that_they_do_not() -> None:
    theirs = KnownTicket(a_ticket(number=7, customer=DAN), frozenset({DAN.number}))
    facts = some_facts(ANN, tickets={**some_facts().tickets, 7: theirs})

    thread = find_thread(a_mail(subject="[SD-7] [SD-1042]"), facts, POLICY)

    assert (thread.number, thread.fits) == (1042, True)


def test_a_number_that_no_ticket_has_is_no_evidence() -> None:
    thread = find_thread(a_mail(subject="[SD-7]", in_reply_to=("nobody@x",)), some_facts(), POLICY)

    assert (thread.number, thread.evidence) == (None, None)


TAGS = [
    ("Re: [SD-1042] Printer", (1042,)),
    ("[sd-7]", (7,)),
    ("[SD-1][SD-2] x [SD-3] [SD-4]", (1, 2, 3)),
    ("SD-1042", ()),
    ("[SD-]", ()),
    ("[SD-1234567890123456789]", ()),
    ("", ()),
]


@pytest.mark.parametrize(("subject", "numbers"), TAGS)
def test_tags_are_read_from_a_subject(subject: str, numbers: tuple[int, ...]) -> None:
    found = subject_tags(subject)

    assert found == numbers


def test_the_nearest_message_id_comes_first() -> None:
    mail: InboundMail = a_mail(in_reply_to=(id_of(ANNS),), references=(id_of(DANS), id_of(ANNS)))

    claims = message_id_claims(mail)

    assert [claim.id for claim in claims] == [ANNS.id, DANS.id]


def test_the_reason_names_the_evidence_and_what_is_wrong_with_it() -> None:
    facts = some_facts(ANN, ALL, now=NOW + timedelta(days=2))

    thread = find_thread(a_mail(to=(address_of(ANNS),)), facts, POLICY)

    assert thread.sentence == "The mail shows a signed reply address, but it has expired."


NEWSLETTER = "news-7@shop.example"
ANSWERED_IT = {
    1042: KnownTicket(a_ticket(), frozenset({ANN.number})),
    1043: KnownTicket(a_ticket(number=1043, customer=DAN), frozenset({DAN.number})),
}


@pytest.mark.parametrize(("sender", "number", "fits"), [(ANN, 1042, True), (DAN, 1043, True), (None, 1042, False)])
def test_who_answers_the_same_newsletter_stays_on_their_own_ticket(
    sender: Person | None, number: int, fits: bool
) -> None:
    facts = some_facts(sender, known={NEWSLETTER: (1042, 1043)}, tickets=ANSWERED_IT)
    mail = a_mail(sender=sender.email if sender else "who@elsewhere.example", in_reply_to=(NEWSLETTER,))

    thread = find_thread(mail, facts, POLICY)

    assert (thread.number, thread.fits) == (number, fits)


FRIEND = Address("", "friend@elsewhere.example")
# Where the mail goes besides us, what it shows, and which rights others have seen then.
SHOWS = [
    ({}, {"to": (address_of(ANNS),)}, ()),
    ({"cc": (FRIEND,)}, {"to": (address_of(ANNS),)}, (ANNS.id,)),
    ({"cc": (FRIEND,)}, {"to": (SUPPORT,), "in_reply_to": (id_of(ANNS),)}, (ANNS.id,)),
    ({"cc": (FRIEND,)}, {"to": (SUPPORT,), "references": (id_of(ANNS), id_of(DANS))}, (DANS.id, ANNS.id)),
    ({}, {"to": (address_of(ANNS), FRIEND.email)}, (ANNS.id,)),
    ({"cc": (Address("", ANN.email),)}, {"to": (address_of(ANNS),)}, ()),
    ({"cc": (Address("", SUPPORT),)}, {"to": (address_of(ANNS), address_of(DANS))}, ()),
    ({"cc": (FRIEND,)}, {"to": (address_of(ANNS, GUESSED),)}, ()),
    ({"cc": (FRIEND,)}, {"to": (SUPPORT,)} | quoting(ANNS), ()),
]


@pytest.mark.parametrize(("more", "shows", "spent"), SHOWS)
def test_a_right_is_spent_once_it_was_seen_beside_other_recipients(
    more: dict[str, Any], shows: dict[str, Any], spent: tuple[int, ...]
) -> None:
    found = grants_to_spend(a_mail(**shows, **more), some_facts(ANN, ALL), POLICY)

    assert found == spent
