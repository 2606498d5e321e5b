"""The mixed mailbox of the benchmark: who else gets its mails, and what stands before the headers of those from far."""

import pytest

from bench.speed.mails import Mail, Recipe, mailbox
from bench.speed.sections.first_round import CC, LONG_HEAD, count_of, with_others
from bench.speed.sections.second_round import SHARES
from mail.inbound.parse import parse

COUNT = 200
ORDINARY = mailbox(5, Recipe(count=COUNT - count_of(sum(SHARES.values()), COUNT), label="first"))


@pytest.fixture(scope="module")
def mixed() -> list[Mail]:
    return with_others(ORDINARY, COUNT, 5)


def test_three_of_ten_mails_are_no_ordinary_ones() -> None:
    assert sum(SHARES.values()) + CC + LONG_HEAD == 30


def test_as_many_mails_as_the_share_says_are_sent_to_others_too(mixed: list[Mail]) -> None:
    sent = [mail for mail in mixed if mail.others]

    assert len(sent) == count_of(CC, COUNT)
    assert all(tuple(one.email for one in parse(mail.raw).cc) == mail.others and mail.opens for mail in sent)


def test_as_many_mails_as_the_share_says_come_from_far_with_long_headers(mixed: list[Mail]) -> None:
    far = [mail for mail in mixed if b"ARC-Seal" in mail.raw]
    heads = [mail.raw.partition(b"\r\n\r\n")[0] for mail in far]

    assert len(far) == count_of(LONG_HEAD, COUNT)
    assert all(8_000 < len(head) < 12_500 and head.count(b"\r\nReceived: ") >= 30 for head in heads)


def test_what_is_read_of_a_mail_from_far_is_what_was_read_of_it_before(mixed: list[Mail]) -> None:
    pairs = [
        (parse(one.raw), parse(mail.raw)) for one, mail in zip(mixed, ORDINARY, strict=True) if one.raw != mail.raw
    ]

    assert len(pairs) == count_of(CC + LONG_HEAD, COUNT)
    assert all(
        (found.reply, found.message_id, found.senders, found.automatic, found.repairs)
        == (mail.reply, mail.message_id, mail.senders, mail.automatic, mail.repairs)
        for found, mail in pairs
    )


def test_the_other_mails_stay_as_they_are(mixed: list[Mail]) -> None:
    same = [one == mail for one, mail in zip(mixed, ORDINARY, strict=True)]

    assert same.count(False) == count_of(CC + LONG_HEAD, COUNT)
