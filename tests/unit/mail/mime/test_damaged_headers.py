"""Lines among the headers that are no field: what is below them is read, and nobody gains trust by it."""

import time

import pytest

from mail.auth.results import AuthOutcome, Pin, read_results
from mail.inbound.parse import parse
from mail.mime.headers import read_headers
from mail.mime.message_ids import peek
from mail.mime.tree import DAMAGED

REST = "From: Ida <ida@stone.example>\nSubject: The lift\nMessage-ID: <1@stone.example>\n"
TOP = "Received: from mx.stone.example (mx.stone.example [192.0.2.9])\n"

DAMAGES = {
    "a folded line without its white space": f"{TOP}by mail.desk.example with ESMTPS; Tue, 3 Nov 2026\n{REST}",
    "two of them": f"{TOP}by mail.desk.example\nwith ESMTPS; Tue, 3 Nov 2026\n{REST}",
    "a stray line": f"{TOP}<<<<<<\n{REST}",
    "the line of an mbox file": f"{TOP}From ida@stone.example Tue Nov  3 08:15:00 2026\n{REST}",
    "the same, quoted": f"{TOP}>From ida@stone.example Tue Nov  3 08:15:00 2026\n{REST}",
    "in the middle": REST.replace("Subject", "stray words\nSubject"),
    "a line of a signature": f"DKIM-Signature: v=1; a=rsa-sha256;\nb=abc123==\n{REST}",
    "above all": f"stray words\n{REST}",
    "several places": f"{TOP}one\nX-A: 1\ntwo\nX-B: 2\n\x80three\n{REST}",
    "CRLF": f"{TOP}stray\n{REST}".replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_fields_below_a_damaged_line_are_read_and_the_damage_is_named(name: str) -> None:
    head = DAMAGES[name]
    mail = parse(f"{head}\nIt hums.".encode("latin-1"))

    assert ([one.email for one in mail.senders], mail.subject, mail.reply) == (
        ["ida@stone.example"],
        "The lift",
        "It hums.",
    )
    assert DAMAGED in mail.repairs
    assert peek(f"{head}\nIt hums.".encode("latin-1")).message_id == "1@stone.example"


def test_the_words_of_a_damaged_line_join_a_field_that_goes_on_in_it() -> None:
    headers, _ = read_headers(DAMAGES["a folded line without its white space"].encode())

    assert headers.texts("received") == (
        "from mx.stone.example (mx.stone.example [192.0.2.9]) by mail.desk.example with ESMTPS; Tue, 3 Nov 2026",
    )


def test_a_part_with_a_damaged_type_is_read() -> None:
    part = "Content-Type: text/plain;\ncharset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nVPxy\n"
    mail = parse(f"{REST}Content-Type: multipart/mixed; boundary=x\n\n--x\n{part}--x--\n".encode())

    assert (mail.reply, DAMAGED in mail.repairs) == ("Tür", True)


TEXTS = {
    "no fields below": ("Subject: x\nHello Ida,\nit hums.\n\nBye.", "Hello Ida,\nit hums.\n\nBye."),
    "a quoted block without a blank line above": (
        f"{REST}It hums.\nFrom: Desk <desk@desk.example>\nSubject: Lift\n\nOk.",
        "It hums.\nFrom: Desk <desk@desk.example>\nSubject: Lift\n\nOk.",
    ),
    "fields below the blank line": ("Subject: x\nHello\n\nFrom: a@b.example\nTo: c@d.example", None),
    "no headers at all": ("Hello\nSubject: x\n\nText", "Hello\nSubject: x\n\nText"),
    "many lines": ("Subject: x\n" + "a line\n" * 5 + "X-A: b\n\nText", None),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_without_a_blank_line_above_it_stays_a_text(name: str) -> None:
    raw, text = TEXTS[name]
    mail = parse(raw.encode())

    assert DAMAGED not in mail.repairs
    assert mail.text == (text or raw.partition("\n")[2])


PIN = Pin("mail.desk.example")
PASS = "mail.desk.example; dmarc=pass header.from=desk.example"
FAIL = PASS.replace("pass", "fail")
OURS = "Received: from x by mail.desk.example; Tue, 3 Nov 2026\n"
FORGED = {
    "results below a stray line": (f"{OURS}stray\nAuthentication-Results: {PASS}\nFrom: bob@desk.example\n", "none"),
    "the same, with white space": (f"{OURS}stray\nAuthentication-Results : {PASS}\nFrom: bob@desk.example\n", "none"),
    "below a second one": (
        f"{OURS}one\nX-A: 1\ntwo\nAuthentication-Results: {PASS}\nFrom: bob@desk.example\n",
        "none",
    ),
    "below the line of an mbox file": (
        f"{OURS}From bob@desk.example\nAuthentication-Results: {PASS}\nFrom: bob@desk.example\n",
        "none",
    ),
    "below ours, which says fail": (
        f"Authentication-Results: {FAIL}\n{OURS}stray\nAuthentication-Results: {PASS}\nFrom: bob@desk.example\n",
        "fail",
    ),
    # What stands above the damage was written by our server, or it would have been taken off.
    "ours above": (f"Authentication-Results: {PASS}\n{OURS}stray\nFrom: bob@desk.example\n", "pass"),
}


@pytest.mark.parametrize("name", FORGED)
def test_results_below_a_damaged_line_are_not_believed(name: str) -> None:
    head, outcome = FORGED[name]
    headers, _ = read_headers(f"{head}\n#close".encode())

    assert read_results(headers, PIN, "bob@desk.example").verdict is AuthOutcome(outcome)


def test_what_a_forwarder_sealed_below_a_damaged_line_is_not_believed() -> None:
    raw = f"{OURS}stray\nARC-Seal: i=1; cv=none; d=far.example\nARC-Authentication-Results: i=1; x\n{REST}\n"

    assert not any(name.startswith("arc-") for name in read_headers(raw.encode())[0].names)


def test_a_second_from_below_a_damaged_line_is_a_text() -> None:
    mail = parse(b"From: eve@far.example\nstray\nFrom: bob@desk.example\nSubject: x\n\n#close")

    assert [one.email for one in mail.senders] == ["eve@far.example"]


@pytest.mark.parametrize(
    "raw",
    [
        b"a\nX-A: b\n" * 100_000,
        b"X-A: b\n" + b"a\n" * 500_000,
        b"X-A: b\n" + b"a" * 1_000_000,
        b"X-A: b\nstray\n" + b"X-B: c\n" * 100_000,
        b"X-A: b\n" + b"a\nb\nc\nX-B: c\n" * 50_000,
    ],
)
def test_many_damaged_lines_are_read_in_bounded_time(raw: bytes) -> None:
    began = time.process_time()
    parse(raw)

    assert time.process_time() - began < 5
