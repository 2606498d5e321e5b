"""Mail that is built to take long takes no longer than the standard library needs for ordinary mail of that size."""

import time
from collections.abc import Callable

import pytest

from mail.inbound.parse import parse

HEAD = b"From: a@b.example\nSubject: x\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n"
REPORT = b"Content-Type: message/delivery-status\n\n"


def nested(depth: int) -> bytes:
    levels = (b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (at, at) for at in range(depth))
    return HEAD + b"".join(levels)


# Each with the seconds of CPU that it may take, many times what it takes on an idle machine, and what is noted.
HOSTILE: dict[str, tuple[Callable[[], bytes], float, str]] = {
    "NUL": (lambda: HEAD + b"\n" + b"a\0b" * 100_000, 1, "NUL characters were left out"),
    "lone surrogates": (
        lambda: HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + b"\xed\xa0\x80" * 100_000,
        3,
        "bytes do not fit charset 'utf-8'; read as windows-1252",
    ),
    "CR in headers": (lambda: HEAD + b"X-A: " + b"b\r" * 300_000 + b"\n\nhello", 2, "a header holds a bare CR"),
    "1,000 parts": (lambda: MIXED + b"--x\n\nhello\n" * 1_001, 2, "too many parts"),
    "100,000 parts": (lambda: MIXED + b"--x\n\nhello\n" * 100_000, 2, "too many parts"),
    "100,000 lines like a boundary": (lambda: MIXED + b"--xy\n" * 300_000, 2, "without parts"),
    "depth 1,000": (lambda: nested(1_000) + b"\nhello", 2, "nested too deep"),
    "depth 90 around a megabyte": (lambda: nested(90) + b"\n" + b"hello\n" * 200_000, 3, ""),
    "1,000 mails in mails": (lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 1_000 + b"hello", 2, ""),
    "20,000 References": (
        lambda: HEAD + b"References: " + b" ".join(b"<%d@x.example>" % at for at in range(20_000)) + b"\n\nhello",
        2,
        "",
    ),
    "20,000 headers of References": (
        lambda: HEAD + b"".join(b"References: <%d@x.example>\n" % at for at in range(20_000)) + b"\nhello",
        3,
        "",
    ),
    "300,000 headers": (lambda: HEAD + b"X: y\n" * 300_000 + b"\nhello", 8, ""),
    "a megabyte of blank lines in a report": (lambda: HEAD + REPORT + b"\n" * 1_000_000, 2, ""),
    "300,000 blocks in a report": (lambda: HEAD + REPORT + b"A: b\n\n" * 300_000, 2, ""),
    "a line of 100 MB": (lambda: HEAD + b"\n" + b"a" * 100_000_000, 8, "longer than 2000000 characters"),
    "a header of 100 MB": (lambda: HEAD + b"X: " + b"a" * 100_000_000 + b"\n\nhello", 8, ""),
    "100 MB of blank lines": (lambda: HEAD + b"\n" * 100_000_000, 8, "longer than 2000000 characters"),
    "encoded words": (lambda: HEAD + b"To: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\nhello", 3, ""),
    "parameters": (lambda: HEAD + b"Content-Type: text/plain; " + b"a*0=b;" * 100_000 + b"\n\nhello", 2, ""),
    "a boundary of 100 KB": (
        lambda: HEAD + b"Content-Type: multipart/mixed; boundary=" + b"x" * 100_000 + b"\n\na",
        2,
        "",
    ),
    "padding without end": (
        lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QQ==" * 300_000 + b"!",
        4,
        "base64 holds 1 bytes that do not belong there",
    ),
    "pictures without end": (lambda: HEAD + b"Content-Type: text/html\n\n" + b"<img src=cid:" * 70_000, 5, ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_in_bounded_time_and_marked(name: str) -> None:
    build, seconds, noted = HOSTILE[name]
    raw = build()

    began = time.process_time()
    mail = parse(raw)
    taken = time.process_time() - began

    assert taken < seconds
    assert noted in " ".join(mail.repairs)
