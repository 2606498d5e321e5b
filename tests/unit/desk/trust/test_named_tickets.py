"""A Message-ID that a mail merely named is no mail of its ticket, and which of several tickets a mail belongs to."""

from dataclasses import replace

import pytest

from desk.facts import KnownTicket
from desk.ticket import Person
from desk.trust.threads import find_thread
from mail.mime.addresses import Address
from tests.support.values.builders import ANN, DAN, EVE, KNOWN_ID, POLICY, a_mail, a_ticket, some_facts

ANN_AND_DAN = KnownTicket(
    a_ticket(), frozenset({ANN.number, DAN.number}), addresses={ANN.number: ANN.email, DAN.number: DAN.email}
)
# What the mail refers to, to whom it goes besides us, and whether it joins the ticket, of which a mail named its own
# Message-ID or the same as it does.
NAMED = [
    (ANN, "itself", (), {1042: replace(ANN_AND_DAN, participants=frozenset({ANN.number}))}, True),
    (ANN, "itself", (), {1042: ANN_AND_DAN}, False),
    (ANN, "itself", (DAN,), {1042: ANN_AND_DAN}, True),
    (DAN, "itself", (ANN,), {1042: ANN_AND_DAN}, True),
    (DAN, "itself", (), {1042: ANN_AND_DAN}, False),
    (EVE, "itself", (ANN, DAN), {1042: ANN_AND_DAN}, False),
    (None, "itself", (ANN, DAN), {1042: ANN_AND_DAN}, False),
    (ANN, "itself", (DAN,), {1042: replace(ANN_AND_DAN, addresses={})}, False),
    (ANN, "the same", (), {1042: replace(ANN_AND_DAN, participants=frozenset({ANN.number}))}, True),
    (ANN, "the same", (), {1042: ANN_AND_DAN}, False),
    (ANN, "the same", (DAN,), {1042: ANN_AND_DAN}, True),
    (DAN, "the same", (ANN,), {1042: ANN_AND_DAN}, False),
    (ANN, "itself", (), {}, False),
]


@pytest.mark.parametrize(("sender", "names", "cc", "tickets", "joins"), NAMED)
def test_a_message_id_that_was_only_named_binds_where_nobody_else_would_see_the_mail(
    sender: Person | None, names: str, cc: tuple[Person, ...], tickets: dict[int, KnownTicket], joins: bool
) -> None:
    refers = {"message_id": KNOWN_ID} if names == "itself" else {"in_reply_to": (KNOWN_ID,)}
    address = sender.email if sender else "who@elsewhere.example"
    mail = a_mail(sender=address, cc=tuple(Address("", one.email) for one in cc), **refers)

    thread = find_thread(mail, some_facts(sender, known={}, named={KNOWN_ID: (1042,)}, tickets=tickets), POLICY)

    assert (thread.number, thread.fits) == ((1042, True) if joins else (None, False))


def test_of_tickets_whose_mail_is_meant_comes_the_senders_own_then_the_nearest() -> None:
    tickets = {
        number: KnownTicket(a_ticket(number=number, customer=customer), frozenset({ANN.number, customer.number}))
        for number, customer in ((7, DAN), (8, DAN), (9, ANN), (10, ANN))
    }
    known = {"far@x": (7, 8, 9), "near@x": (8, 10)}

    both = [
        find_thread(a_mail(in_reply_to=refers), some_facts(ANN, known=known, tickets=tickets), POLICY).number
        for refers in (("far@x",), ("near@x", "far@x"))
    ]
    guests = find_thread(
        a_mail(in_reply_to=("near@x",)), some_facts(ANN, known={"near@x": (8, 7)}, tickets=tickets), POLICY
    )

    assert (both, guests.number) == ([9, 10], 8)


def test_a_ticket_whose_mail_it_is_comes_before_one_that_only_named_it() -> None:
    alone = frozenset({ANN.number})
    tickets = {
        number: KnownTicket(a_ticket(number=number), alone, addresses={ANN.number: ANN.email}) for number in (7, 1042)
    }
    facts = some_facts(ANN, known={"near@x": (1042,)}, named={"near@x": (7,)}, tickets=tickets)

    thread = find_thread(a_mail(in_reply_to=("near@x",)), facts, POLICY)

    assert thread.number == 1042
