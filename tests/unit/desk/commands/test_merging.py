"""Merging by command, and where the mail of a merged ticket goes: by the same rules of trust as any other."""

from typing import Any

import pytest

from desk.commands.command import Changes, Setting
from desk.commands.each.merge import HOW_TO_MERGE
from desk.commands.lines.parser import parse_reply
from desk.commands.merging import may_work_on, merge_pointer, with_pointer
from desk.commands.obey import obey
from desk.facts import AnsweredNotice, KnownTicket
from desk.intake.decision import Act, FileBounce, Hold, KeepNote, OpenTicket
from desk.ticket import Person, Status
from desk.tokens import Grant, ReplyKind
from desk.trust.threads import ThreadEvidence, Void, find_thread, tickets_to_merge_into
from mail.bounce.failure import Bounce
from mail.inbound.message import MailKind
from mail.outbound.catalogue import Catalogue
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    CANDIDATES,
    CAT,
    DAN,
    KNOWN_ID,
    NOW,
    POLICY,
    TOKEN,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    decide_on,
    id_of,
    reference_of,
    some_facts,
)
from tests.support.values.words import ENGLISH, GERMAN, english

# Ann's other tickets, and one of Dan's: SD-7 is Bob's, SD-8 was merged into SD-7, SD-9 into SD-1042.
OTHER = a_ticket(number=7)
CATS = a_ticket(number=10, assignee=CAT)
TICKETS = {
    1042: a_ticket(),
    7: OTHER,
    8: OTHER,
    9: a_ticket(),
    10: CATS,
    11: a_ticket(number=11, customer=DAN),
    12: a_ticket(number=12, status=Status.CLOSED),
    13: a_ticket(number=13, status=Status.RESOLVED),
    14: a_ticket(number=14, assignee=None),
}
GIVEN = [
    (BOB, "#merge SD-7", 7, "SD-1042 is part of SD-7 now, and closed: mail about it goes there"),
    (BOB, "#merge 7", 7, "SD-1042 is part of SD-7 now"),
    (BOB, "#merge [sd-7]", 7, "SD-1042 is part of SD-7 now"),
    (BOB, "#merge SD-8", 7, "SD-1042 is part of SD-7 now"),
    (BOB, "#merge SD-13", 13, "SD-1042 is part of SD-13 now"),
    (ADA, "#merge SD-10", 10, "SD-1042 is part of SD-10 now"),
    (ADA, "#merge SD-14", 14, "SD-1042 is part of SD-14 now"),
    (BOB, "#merge", None, english(HOW_TO_MERGE)),
    (BOB, "#merge into SD-7", None, english(HOW_TO_MERGE)),
    (BOB, "#merge SD-7 SD-8", None, english(HOW_TO_MERGE)),
    (BOB, "#merge SD-1042", None, "This is that ticket."),
    (BOB, "#merge SD-9", None, "SD-9 is part of this ticket already, so it cannot hold it."),
    (BOB, "#merge SD-99", None, "There is no ticket SD-99."),
    (BOB, "#merge SD-10", None, "SD-10 is not assigned to you; its agent can merge the tickets, or an admin."),
    (BOB, "#merge SD-14", None, "SD-14 is not assigned to you"),
    (ADA, "#merge SD-11", None, "SD-11 is another customer's; only tickets of one customer are merged."),
    (BOB, "#merge SD-12", None, "SD-12 is closed, and an answer to it would open a new ticket"),
    (ANN, "#merge SD-7", None, "This command is for the people of the desk."),
    (DAN, "#merge SD-7", None, "This is somebody else's request"),
]


@pytest.mark.parametrize(("person", "line", "into", "sentence"), GIVEN)
def test_a_ticket_is_merged_or_the_refusal_says_why(person: Person, line: str, into: int | None, sentence: str) -> None:
    setting = Setting(person, a_ticket(), CANDIDATES, tickets=TICKETS)

    changes, (outcome,) = obey(parse_reply(line, staff=True).orders, setting)

    wanted = Changes(status=Status.CLOSED, merge_into=into) if into else Changes()
    assert (changes, outcome.done) == (wanted, into is not None)
    assert sentence in english(outcome.sentence)


@pytest.mark.parametrize("line", ["#merge SD-13", "#reopen", "#resolve", "#assign me", "#priority high", "#accept"])
def test_a_merged_ticket_is_not_written_on_by_a_later_line(line: str) -> None:
    setting = Setting(BOB, a_ticket(), CANDIDATES, answers_note=True, tickets=TICKETS)

    changes, outcomes = obey(parse_reply(f"#merge SD-7\n{line}", staff=True).orders, setting)

    assert changes == Changes(status=Status.CLOSED, merge_into=7)
    told = english(outcomes[1].sentence)
    assert told == "This ticket is part of SD-7 by now; write that in an answer to a mail about it."


def test_what_stands_before_a_merge_is_done_and_the_ticket_is_closed_all_the_same() -> None:
    setting = Setting(BOB, a_ticket(), CANDIDATES, tickets=TICKETS)

    changes, _ = obey(parse_reply("#resolve\n#priority high\n#merge SD-7\n#note", staff=True).orders, setting)

    assert (changes.status, changes.priority, changes.merge_into, changes.note) == (Status.CLOSED, "high", 7, True)


def test_only_tickets_of_commands_in_own_words_are_asked_for() -> None:
    mail = a_mail("#merge SD-7\nHello.\n#merge SD-8", reply="#merge SD-7\nHello.")

    numbers = tickets_to_merge_into(mail)

    assert numbers == (7,)


WORKS = [(BOB, True), (ADA, True), (CAT, False), (ANN, False), (DAN, False)]


@pytest.mark.parametrize(("person", "may"), WORKS)
def test_staff_work_on_what_supportdesk_shows_them(person: Person, may: bool) -> None:
    allowed = may_work_on(person, a_ticket())

    assert allowed == may


def merged_facts(sender: Person | None, grants: tuple[Grant, ...] = (), **changes: Any) -> Any:
    """What is known where SD-1042, of Ann and Dan and Bob, was merged into SD-7, which is Ann's, Dan's and Bob's."""
    there = KnownTicket(OTHER, frozenset({ANN.number, DAN.number}))
    return some_facts(sender, grants, **({"tickets": {7: there}, "merged": {1042: 7}} | changes))


ANNS, DANS, BOBS, CATS_OWN, ADAS = (a_grant(one) for one in (ANN, DAN, BOB, CAT, ADA))
SHOWN = [
    (ANN, {"to": (address_of(ANNS),)}, ThreadEvidence.REPLY_ADDRESS, True, None),
    (ANN, {"in_reply_to": (id_of(ANNS),)}, ThreadEvidence.OUR_MESSAGE_ID, True, None),
    (ANN, {"in_reply_to": (KNOWN_ID,)}, ThreadEvidence.KNOWN_MESSAGE_ID, True, None),
    (ANN, {"removed": f"> {reference_of(ANNS)}"}, ThreadEvidence.QUOTED_REFERENCE, True, None),
    (ANN, {"subject": "[SD-1042]"}, ThreadEvidence.SUBJECT_TAG, True, None),
    (DAN, {"to": (address_of(DANS),)}, ThreadEvidence.REPLY_ADDRESS, True, None),
    (BOB, {"to": (address_of(BOBS),)}, ThreadEvidence.REPLY_ADDRESS, True, None),
    (ADA, {"to": (address_of(ADAS),)}, ThreadEvidence.REPLY_ADDRESS, True, None),
    (None, {"subject": "[SD-1042]"}, ThreadEvidence.SUBJECT_TAG, False, None),
    (None, {"in_reply_to": (KNOWN_ID,)}, ThreadEvidence.KNOWN_MESSAGE_ID, False, None),
    (None, {"to": (address_of(ANNS),)}, ThreadEvidence.REPLY_ADDRESS, False, Void.ANOTHERS),
    (DAN, {"to": (address_of(ANNS),)}, ThreadEvidence.REPLY_ADDRESS, False, Void.ANOTHERS),
    # Her right was for a ticket that was merged into Bob's.
    (CAT, {"to": (address_of(CATS_OWN),)}, ThreadEvidence.REPLY_ADDRESS, False, Void.MERGED),
]


@pytest.mark.parametrize(("sender", "shows", "evidence", "fits", "void"), SHOWN)
def test_mail_that_names_a_merged_ticket_belongs_where_its_merges_end(
    sender: Person | None, shows: dict[str, Any], evidence: ThreadEvidence, fits: bool, void: Void | None
) -> None:
    mail = a_mail(sender=sender.email if sender else "who@elsewhere.example", **shows)

    thread = find_thread(mail, merged_facts(sender, (ANNS, DANS, BOBS, CATS_OWN, ADAS)), POLICY)

    assert (thread.number, thread.evidence, thread.fits, thread.void) == (7, evidence, fits, void)
    assert "SD-1042, which was merged into SD-7" in thread.sentence


def without_dan() -> Any:
    return {7: KnownTicket(OTHER, frozenset({ANN.number}))}


def test_the_right_of_who_takes_no_part_in_the_other_ticket_opens_a_new_one() -> None:
    facts = {"tickets": without_dan(), "merged": {1042: 7}}

    decision = decide_on(a_mail("Hello.", DAN.email, (address_of(DANS),)), DAN, DANS, policy=TOKEN, **facts)

    assert isinstance(decision, OpenTicket)
    assert decision.continues is None
    assert "but the ticket that it was merged into is not theirs" in decision.reason


def test_staff_without_part_in_the_other_ticket_are_asked_before_anything_is_done_there() -> None:
    mail = a_mail("Try this.\n#resolve", CAT.email, (address_of(CATS_OWN),))

    decision = decide_on(mail, CAT, CATS_OWN, policy=TOKEN, tickets=without_dan(), merged={1042: 7})

    assert isinstance(decision, Hold)
    assert decision.confirm


def test_somebody_elses_right_on_a_merged_ticket_leaves_a_note_at_its_end() -> None:
    decision = decide_on(
        a_mail("Your code.", "who@elsewhere.example", (address_of(ANNS),)),
        None,
        ANNS,
        tickets=without_dan(),
        merged={1042: 7},
    )

    assert isinstance(decision, KeepNote)
    assert decision.ticket == 7


@pytest.mark.parametrize("numbers", [{1042: 99}, {1042: 0}])
def test_a_merged_ticket_whose_end_is_gone_belongs_to_no_ticket(numbers: dict[int, int]) -> None:
    thread = find_thread(a_mail(subject="[SD-1042]"), merged_facts(ANN, tickets={}, merged=numbers), POLICY)

    assert thread.number is None


def test_a_merge_by_an_agents_answer_keeps_the_agents_words() -> None:
    facts = {"tickets": {1042: KnownTicket(a_ticket(), frozenset()), 7: KnownTicket(OTHER, frozenset())}}
    mail = a_mail("Hello Ann,\nboth are one.\n#merge SD-7", BOB.email, (address_of(BOBS),))

    decision = decide_on(mail, BOB, BOBS, policy=TOKEN, **facts)

    assert isinstance(decision, Act)
    assert (decision.ticket, decision.changes.merge_into, decision.changes.status) == (1042, 7, Status.CLOSED)
    assert decision.text == "Hello Ann,\nboth are one."


POINTERS = [
    (ENGLISH, "", "This request goes on as SD-7."),
    (ENGLISH, "Hello Ann,\nboth are one.", "Hello Ann,\nboth are one.\n\nThis request goes on as SD-7."),
    (GERMAN, "Guten Tag,", "Guten Tag,\n\nDiese Anfrage geht als SD-7 weiter."),
]


@pytest.mark.parametrize(("words", "text", "comment"), POINTERS)
def test_the_last_comment_says_where_the_request_goes_on_in_the_customers_language(
    words: Catalogue, text: str, comment: str
) -> None:
    assert with_pointer(text, words.say(merge_pointer(OTHER))) == comment


def test_what_stays_internal_beside_a_merge_is_not_given_the_pointer() -> None:
    facts = {"tickets": {1042: KnownTicket(a_ticket(), frozenset()), 7: KnownTicket(OTHER, frozenset())}}
    mail = a_mail("He writes twice.\n#note\n#merge SD-7", BOB.email, (address_of(BOBS),))

    decision = decide_on(mail, BOB, BOBS, policy=TOKEN, **facts)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.note) == ("He writes twice.", True)


def test_a_chain_that_leads_back_to_the_ticket_is_refused_by_mail_too() -> None:
    facts = {"tickets": {1042: KnownTicket(a_ticket(), frozenset())}, "merged": {9: 1042}}

    decision = decide_on(a_mail("#merge SD-9", BOB.email, (address_of(BOBS),)), BOB, BOBS, policy=TOKEN, **facts)

    assert isinstance(decision, Act)
    assert (decision.changes.merge_into, decision.outcomes[0].done) == (None, False)


def test_a_bounce_of_a_merged_tickets_mail_is_filed_at_its_end() -> None:
    bounce = Bounce((), True, "5.1.1", id_of(DANS))
    mail = a_mail("Gone.", "mailer-daemon@x.example", kind=MailKind.BOUNCE, bounce=bounce)
    answered = {DANS.id: AnsweredNotice(None, NOW)}

    decision = decide_on(mail, None, DANS, tickets=without_dan(), merged={1042: 7}, answered=answered)

    assert isinstance(decision, FileBounce)
    assert decision.ticket == 7


def test_a_note_address_of_a_merged_ticket_keeps_what_is_written_to_it_internal() -> None:
    note = a_grant(BOB, kind=ReplyKind.NOTE)
    facts = {"tickets": without_dan(), "merged": {1042: 7}}

    decision = decide_on(a_mail("He lies.", BOB.email, (address_of(note),)), BOB, note, policy=TOKEN, **facts)

    assert isinstance(decision, Act)
    assert (decision.ticket, decision.changes.note) == (7, True)
