"""Whatever the bytes of a mail are, reading them gives storable values; examples are the same in every run."""

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from mail.auth.results import AuthOutcome, Pin, read_results
from mail.bounce.read import read_bounce
from mail.html.text import read_html
from mail.inbound.kind import kind_of
from mail.inbound.message import InboundMail, MailKind
from mail.inbound.parse import parse
from mail.inbound.programs.automatic import automatic_signs, why_list
from mail.mime.addresses import normalise, read_addresses
from mail.mime.headers import Headers
from mail.quoting.forward import read_forward
from mail.quoting.reply import visible_reply
from tests.support.values.hostile_bytes import (
    LETTERS,
    MAILS,
    NAMES,
    PAGES,
    TEXTS,
    VALUES,
    fuzz,
    is_storable,
    mutations,
    texts_in,
)

# Seconds of CPU that no example of a few kilobytes may take, on a slow machine.
BOUND = 2.0
PIN = Pin("mx.desk.example", ("desk.example",), nameless=True)
HEADERS = st.lists(st.tuples(NAMES.map(str.lower), VALUES | st.binary(max_size=80)), max_size=8).map(
    lambda fields: Headers(tuple(fields))
)


def check(mail: InboundMail) -> None:
    """What must hold of every mail that was read."""
    assert all(map(is_storable, texts_in(mail)))
    assert 0 <= mail.confidence <= 1
    assert bool(mail.reply.strip()) or not mail.text.strip()
    assert (mail.kind is MailKind.PERSON) == (mail.automatic is None)
    assert (mail.kind is MailKind.BOUNCE) <= (mail.bounce is not None)
    assert all(normalise(sender.email) == sender.email for sender in mail.senders)


@fuzz(250)
@given(MAILS)
def test_a_mail_that_nobody_means_well_with_is_read(raw: bytes) -> None:
    started = process_time()

    mail = parse(raw)

    check(mail)
    assert process_time() - started < BOUND


@fuzz(200)
@given(mutations())
def test_a_sample_that_was_damaged_is_read(raw: bytes) -> None:
    started = process_time()

    mail = parse(raw)

    check(mail)
    assert process_time() - started < BOUND


@fuzz(150)
@given(MAILS | mutations())
def test_a_bounce_says_what_can_be_stored(raw: bytes) -> None:
    bounce = read_bounce(raw)

    assert bounce is None or all(map(is_storable, texts_in(bounce)))


@fuzz(200)
@given(PAGES)
def test_no_page_fails(html: str) -> None:
    found = read_html(html)

    assert all(map(is_storable, texts_in(found)))


@fuzz(200)
@given(TEXTS, LETTERS)
def test_a_reply_is_part_of_what_was_read(text: str, subject: str) -> None:
    found = visible_reply(text, subject)

    given_lines = set(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert {line for line in found.reply.split("\n") if line} <= given_lines | set(_shared(found.reply, given_lines))


def _shared(reply: str, lines: set[str]) -> list[str]:
    """The lines of a reply that are the beginning of a given one: what shares its line with an attribution."""
    return [line for line in reply.split("\n") if any(whole.startswith(line) for whole in lines)]


@fuzz(200)
@given(TEXTS, LETTERS | st.just("Fwd: x"))
def test_a_forward_says_what_can_be_stored(text: str, subject: str) -> None:
    found = read_forward(text, subject)

    assert found is None or all(map(is_storable, (found.from_name, found.from_email, found.text, found.message)))


@fuzz(200)
@given(HEADERS, st.lists(st.sampled_from(["text/calendar; reply", "multipart/report; tlsrpt", "", ";", "a/b; \ud800"])))
def test_headers_tell_a_kind_with_a_reason(headers: Headers, kinds: list[str]) -> None:
    found = kind_of(headers, kinds)

    assert is_storable(found.reason)
    assert (found.kind is MailKind.PERSON) >= (not automatic_signs(headers, kinds) and why_list(headers) is None)


@fuzz(200)
@given(HEADERS, st.sampled_from(["ann@x.example", "", "x", "@", "a@b@c", "\u212a@x.example"]) | LETTERS)
def test_results_that_are_forged_or_broken_say_nothing_worse_than_none(headers: Headers, sender: str) -> None:
    found = read_results(headers, PIN, sender)

    assert found.verdict in set(AuthOutcome)
    assert found.verdict is not AuthOutcome.PASS or b"pass" in b"".join(headers.raw("authentication-results"))


@fuzz(200)
@given(LETTERS | st.from_regex(r"[a-zA-Z\"\.]{1,20}@[a-zß\u212a.-]{1,30}", fullmatch=True))
def test_a_comparable_address_is_stable_and_ascii_is_never_made_of_other_letters(text: str) -> None:
    found = normalise(text)

    if found is not None:
        assert is_storable(found)
        assert normalise(found) == found
        assert ("k" in found.lower()) <= ("k" in text.lower().replace("\u212a", "") or "xn--" in found)


@fuzz(150)
@given(st.lists(LETTERS, max_size=4))
def test_address_headers_give_addresses_only(values: list[str]) -> None:
    found = read_addresses(values)

    assert all(normalise(address.email) == address.email and is_storable(address.name) for address in found)
