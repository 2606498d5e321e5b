"""What intake wants to know about a mail, said before the database is asked."""

from dataclasses import replace

import pytest

from desk.intake.assessment import MOST_IDS, questions
from mail.bounce.failure import Bounce
from mail.mime.addresses import Address
from tests.support.values.builders import (
    ANN,
    BOB,
    POLICY,
    a_delivered_mail,
    a_grant,
    a_mail,
    address_of,
    id_of,
    reference_of,
)

ANNS = a_grant(ANN)


def test_every_signature_tag_and_command_of_a_mail_is_asked_for() -> None:
    grants = (ANNS, a_grant(BOB), replace(ANNS, id=99))
    mail = a_mail(
        f"#merge SD-7\nSee below.\n{reference_of(grants[2])}",
        to=(address_of(grants[0]),),
        in_reply_to=(id_of(grants[1]),),
        subject="Re: [SD-1042] Printer",
    )

    wanted = questions(mail, POLICY)

    assert (wanted.outbox, wanted.tickets, wanted.merges) == (tuple(grant.id for grant in grants), (1042,), (7,))
    assert (wanted.refers, wanted.message_id, wanted.reply) == (mail.refers, mail.message_id, mail.reply)


@pytest.mark.parametrize(
    ("senders", "author", "sender"),
    [
        ((), None, ""),
        ((Address("Ann", ANN.email),), Address("Ann", ANN.email), ANN.email),
        ((Address("Ann", ANN.email), Address("Bob", BOB.email)), None, ANN.email),
    ],
)
def test_only_one_mailbox_in_from_is_an_author(
    senders: tuple[Address, ...], author: Address | None, sender: str
) -> None:
    wanted = questions(a_mail(senders=senders), POLICY)

    assert (wanted.author, wanted.sender) == (author, sender)


def test_no_mail_asks_for_more_than_an_honest_one_names() -> None:
    mail = a_mail(
        to=tuple(address_of(replace(ANNS, id=number)) for number in range(1, 2 * MOST_IDS)),
        references=tuple(f"{number}@elsewhere.example" for number in range(2 * MOST_IDS)),
    )

    wanted = questions(mail, POLICY)

    assert (len(wanted.outbox), len(wanted.refers)) == (MOST_IDS, MOST_IDS)


@pytest.mark.parametrize("bounce", [None, Bounce((), permanent=True, status=None, original_message_id=None)])
def test_bounces_are_asked_for_by_a_bounce_only(bounce: Bounce | None) -> None:
    assert questions(a_mail(bounce=bounce), POLICY).bounced is (bounce is not None)


# A provider that ships with the program, one that an installation names, and what is neither.
COUNTED_BY = {
    "ann@gmail.com": "",
    "ann@GMAIL.com": "",
    "ann@qq.com": "",
    "ann@mail.example": "",
    "ann@Mail.Example": "",
    "ann@other.mail.example": "other.mail.example",
    "ann@gmail.com.example": "gmail.com.example",
    "ann@customer.example": "customer.example",
}


@pytest.mark.parametrize("sender", COUNTED_BY)
def test_the_mails_of_a_public_provider_are_counted_by_address_alone(sender: str) -> None:
    policy = replace(POLICY, shared_domains=frozenset({"mail.example"}))

    assert questions(a_delivered_mail(sender=sender), policy).domain == COUNTED_BY[sender]
