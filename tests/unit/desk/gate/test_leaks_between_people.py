"""What gives away a right or a note: signatures in every wrapping, and lines that stood nowhere in public."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.gate.leaks import TicketText, find_signatures, is_alive, is_signed, long_lines, secret_lines, text_of_html
from desk.ticket import Role
from desk.tokens import Keys, envelope_address, message_id, reference, reply_address
from tests.support.values.builders import BOB, KEYS, NOW, SUPPORT, a_grant

GRANT = a_grant(BOB, id=123_456)
ADDRESS, ENVELOPE = reply_address(KEYS, GRANT, SUPPORT), envelope_address(KEYS, GRANT, SUPPORT)
ID, REFERENCE = message_id(KEYS, GRANT, "desk.example"), reference(KEYS, GRANT)
WRAPPED = [
    f"Write to {ADDRESS}.",
    f"<{ENVELOPE}>",
    f"Message-ID: <{ID}>",
    f"In-Reply-To: <other@x>\r\n <{ID}>",
    f"[ref {REFERENCE}]",
    f"[REF {REFERENCE.upper()}]",
    f'<a href="mailto:{ADDRESS}">write</a>',
    f'<a href="mailto:{ADDRESS.replace("+", "%2B")}?subject=x">write</a>',
    f"support&#43;{ADDRESS.partition('+')[2]}",
    f"{ADDRESS}{ADDRESS}",
    f"{REFERENCE}\n{REFERENCE}",
]


@pytest.mark.parametrize("text", WRAPPED)
def test_a_signature_is_seen_in_every_wrapping(text: str) -> None:
    found = find_signatures(text)

    assert any(number == GRANT.id and is_signed(KEYS, mac, GRANT) for number, mac in found)


@pytest.mark.parametrize("text", ["", "1.5 and v2.0", "a@b.example", "x." + "a" * 21, "zzzzzzzzzzzzz." + "a" * 20])
def test_nothing_else_reads_like_one(text: str) -> None:
    assert not find_signatures(text)


@pytest.mark.parametrize("change", [{"id": 1}, {"person": 9}, {"ticket": 7}, {"address": "x@y.example"}])
def test_a_signature_is_one_for_its_own_grant_and_key_alone(change: dict[str, object]) -> None:
    mac = REFERENCE.partition(".")[2]

    assert is_signed(KEYS, mac, GRANT)
    assert not is_signed(KEYS, mac, replace(GRANT, **change))  # type: ignore[arg-type]
    assert not is_signed(Keys((b"another key",)), mac, GRANT)


ALIVE = [
    (GRANT, BOB, True),
    (replace(GRANT, spent=True), BOB, False),
    (replace(GRANT, expires_at=int(NOW.timestamp())), BOB, False),
    (GRANT, None, False),
    (GRANT, replace(BOB, email="bob@new.example"), False),
    (GRANT, replace(BOB, staff_role=None), False),
    (replace(GRANT, role=Role.ADMIN), BOB, False),
]


@pytest.mark.parametrize(("grant", "owner", "alive"), ALIVE)
def test_what_its_owner_cannot_use_any_more_nobody_can(grant: object, owner: object, alive: bool) -> None:
    assert is_alive(grant, owner, NOW) is alive  # type: ignore[arg-type]


NOTE = TicketText("The customer owes us 300 EUR.\nshort", NOW)
SECRET = "the customer owes us 300 eur."
PUBLIC: list[tuple[list[TicketText], frozenset[str]]] = [
    ([], frozenset({SECRET})),
    ([TicketText("Something else was said here.", NOW)], frozenset({SECRET})),
    # A note may quote what all could read, but what was said after it may have come out of it.
    ([TicketText("> The customer  owes us 300 EUR.", NOW - timedelta(days=1))], frozenset()),
    ([TicketText("The customer owes us 300 EUR.", NOW)], frozenset()),
    ([TicketText("The customer owes us 300 EUR.", NOW + timedelta(seconds=1))], frozenset({SECRET})),
]


@pytest.mark.parametrize(("public", "secret"), PUBLIC)
def test_a_line_of_a_note_is_secret_where_it_stood_nowhere_before(
    public: list[TicketText], secret: frozenset[str]
) -> None:
    assert secret_lines([NOTE], public) == secret


@pytest.mark.parametrize("text", ["| > The  customer owes us 300 EUR.  ", "\tTHE CUSTOMER OWES US 300 EUR."])
def test_a_line_is_the_same_however_it_is_quoted(text: str) -> None:
    assert long_lines(text) == {SECRET}


def test_lines_too_short_to_give_anything_away_do_not_count() -> None:
    assert long_lines("Kind regards,\nBob from the desk") == frozenset()


def test_the_blocks_of_html_are_its_lines() -> None:
    html = "<div><p>The customer owes us&nbsp; 300 <b>EUR.</b><br>\nAnd they will never pay &lt;it&gt;.</p></div>"

    assert long_lines(text_of_html(html)) == {SECRET, "and they will never pay <it>."}


HOSTILE = ["a" * 500_000, "a." * 250_000, "<" * 500_000, "<br" * 100_000, "%" * 200_000, "<" + " " * 500_000]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()

    find_signatures(text)
    long_lines(text_of_html(text))

    assert time.process_time() - began < 2
