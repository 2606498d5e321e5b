"""The note address beside the public one: what its owner sends there is a note, and nobody else gains by it."""

from dataclasses import replace

from desk.gate.leaks import find_signatures, is_signed
from desk.intake.decision import Act
from desk.tokens import ReplyKind, note_address
from desk.trust.threads import find_thread, grants_to_spend
from tests.support.values.builders import (
    ANN,
    BOB,
    BOTH,
    CAT,
    KEYS,
    SUPPORT,
    TOKEN,
    a_grant,
    a_mail,
    address_of,
    decide_on,
    id_of,
    some_facts,
)

GRANT = a_grant(BOB)
NOTE = note_address(KEYS, GRANT, SUPPORT)


def test_what_its_owner_sends_there_is_a_note_though_the_mail_that_it_answers_is_public() -> None:
    mail = a_mail("He has not paid.", BOB.email, (NOTE,), in_reply_to=(id_of(GRANT),))

    decision = decide_on(mail, BOB, GRANT, policy=TOKEN)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.note) == ("He has not paid.", True)


def test_the_public_address_stays_public() -> None:
    decision = decide_on(a_mail("Try this.", BOB.email, (address_of(GRANT),)), BOB, GRANT, policy=TOKEN)

    assert isinstance(decision, Act)
    assert decision.changes.note is False


def test_what_is_sent_to_both_addresses_is_a_note_in_either_order() -> None:
    both = (NOTE, address_of(GRANT))

    kinds = [
        thread.grant.kind
        for to in (both, both[::-1])
        if (thread := find_thread(a_mail("x", BOB.email, to), some_facts(BOB, [GRANT]), BOTH)).grant
    ]

    assert kinds == [ReplyKind.NOTE, ReplyKind.NOTE]


def test_a_customer_or_colleague_who_has_it_gains_nothing_that_the_public_address_would_not_give() -> None:
    for sender in (ANN, CAT):
        threads = [
            find_thread(a_mail("x", sender.email, (to,)), some_facts(sender, [GRANT]), BOTH)
            for to in (NOTE, address_of(GRANT))
        ]

        assert threads[0].void is threads[1].void
        assert (threads[0].fits, threads[0].sentence) == (threads[1].fits, threads[1].sentence)


def test_it_is_signed_for_one_grant_and_no_note_address_makes_a_public_answer() -> None:
    note = replace(GRANT, kind=ReplyKind.NOTE)
    other = note_address(KEYS, replace(GRANT, person=CAT.number, address=CAT.email), SUPPORT)

    # The public address of a mail that is answered internally counts for nothing.
    assert find_thread(a_mail("x", BOB.email, (address_of(GRANT),)), some_facts(BOB, [note]), BOTH).grant is None
    assert find_thread(a_mail("x", BOB.email, (other,)), some_facts(BOB, [GRANT]), BOTH).grant is None


def test_shown_to_others_it_spends_the_grant() -> None:
    mail = a_mail("x", BOB.email, (NOTE, ANN.email))

    assert grants_to_spend(mail, some_facts(BOB, [GRANT]), BOTH) == (GRANT.id,)


def test_the_check_for_leaks_knows_it_as_a_signature_of_ours() -> None:
    ((number, mac),) = find_signatures(f"write to {NOTE}")

    assert (number, is_signed(KEYS, mac, GRANT)) == (GRANT.id, True)


def test_a_public_answer_stays_public_though_it_refers_to_an_earlier_mail_about_a_note() -> None:
    note = a_grant(BOB, id=99, kind=ReplyKind.NOTE)
    mail = a_mail("x", BOB.email, (address_of(GRANT),), references=(id_of(note), id_of(GRANT)))

    shown = find_thread(mail, some_facts(BOB, [GRANT, note]), BOTH).grant

    assert shown is not None
    assert shown.kind is ReplyKind.PUBLIC
