"""The mailbox of the benchmark: the same for the same seed, with the shares that were asked for."""

from email import message_from_bytes

import pytest

from bench.speed.mails import SMALL, Mail, Recipe, mailbox
from mail.inbound.parse import parse

COUNT = 200
RECIPE = Recipe(count=COUNT)


@pytest.fixture(scope="module")
def mails() -> list[Mail]:
    return mailbox(7, RECIPE)


def test_the_same_seed_gives_the_same_bytes(mails: list[Mail]) -> None:
    again, other = mailbox(7, RECIPE), mailbox(8, RECIPE)

    assert [mail.raw for mail in again] == [mail.raw for mail in mails]
    assert [mail.raw for mail in other] != [mail.raw for mail in mails]


def test_three_of_ten_mails_are_replies_within_their_thread(mails: list[Mail]) -> None:
    replies = [mail for mail in mails if not mail.opens]
    openers = {mail.number: mail for mail in mails if mail.opens}

    assert abs(len(replies) - 0.3 * COUNT) <= 1
    assert all(reply.thread < reply.number and openers[reply.thread].customer == reply.customer for reply in replies)


def test_a_reply_names_the_mail_before_it_in_its_thread(mails: list[Mail]) -> None:
    last: dict[int, str] = {}

    for mail in mails:
        named = message_from_bytes(mail.raw)["In-Reply-To"]

        assert named == (f"<{last[mail.thread]}>" if mail.thread in last else None)
        last[mail.thread] = mail.message_id


def test_the_mails_are_as_large_as_those_of_other_measurements(mails: list[Mail]) -> None:
    mean = sum(len(mail.raw) for mail in mails) / COUNT

    assert 35_000 < mean < 50_000


def test_the_shares_of_html_and_of_files_are_kept(mails: list[Mail]) -> None:
    rich = sum(b"text/html" in mail.raw for mail in mails)
    bare = sum(b"text/plain; charset" not in mail.raw for mail in mails)

    assert (rich, bare, sum(bool(mail.files) for mail in mails)) == (140, 20, 22)


def test_every_line_ends_with_both_characters(mails: list[Mail]) -> None:
    assert all(mail.raw.count(b"\n") == mail.raw.count(b"\r\n") == mail.raw.count(b"\r") for mail in mails)


def test_the_reader_finds_in_each_mail_what_was_put_there(mails: list[Mail]) -> None:
    read = [(mail, parse(mail.raw)) for mail in mails[:60]]

    assert all(mail.marker in found.reply for mail, found in read)
    assert all(tuple(len(file.content) for file in found.attachments) == mail.files for mail, found in read)
    assert all(found.message_id == mail.message_id and not found.repairs for mail, found in read)


def test_small_mails_are_small() -> None:
    mails = mailbox(7, SMALL)[:200]

    assert sum(len(mail.raw) for mail in mails) / 200 < 8_000
