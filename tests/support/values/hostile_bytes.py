"""Strategies for hypothesis: hostile bytes and texts, and sample mails with random changes."""

import os
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# A longer run, with new examples each time: SUPPORTDESK_FUZZ=5000 examples for each promise.
MORE = int(os.environ.get("SUPPORTDESK_FUZZ", "0"))
SAMPLES = tuple(sorted((Path(__file__).parents[2] / "mails").glob("*.eml")))

LETTERS = st.text(
    st.characters(codec="utf-8") | st.sampled_from('\0\ud800\udfff\ufeff\u202e\u212a\x1b\r\n\t=?<>@"(),:;#')
)
WORDS = st.sampled_from(
    [
        *(
            "On Mon, Nov 2, 2026 at 9:12 AM X <x@y.example> wrote:",
            "> quoted",
            "> > twice",
            "-- ",
            "-----Original Message-----",
        ),
        *(
            "From: X <x@y.example>",
            "Sent: Monday 09:12",
            "To: z@y.example",
            "Subject: Old",
            "________________________________",
        ),
        *(
            "---------- Forwarded message ---------",
            "Begin forwarded message:",
            "Sent from my iPhone",
            "Regards,",
            "Ann",
        ),
        *(
            "-- Please write your answer above this line --",
            "#resolve",
            "#note hush",
            "#assign me",
            "#\u200bclose",
            "",
            " ",
        ),
        *(
            "<x@y.example>: 550 5.1.1 user unknown",
            "Final-Recipient: rfc822; x@y.example",
            "Action: failed",
            "Status: 5.1.1",
        ),
        *(
            "This is a copy of the message",
            "it could not be delivered",
            "Am 1.2.2026 schrieb X:",
            "\u5dee\u51fa\u4eba: X",
        ),
        *("\u2028#close", "\x85", "\ud800", "\0", "a" * 500, ">" * 500, "http://x.example/" + "a" * 300),
    ]
)
TEXTS = st.lists(WORDS | LETTERS, max_size=12).map("\n".join)
TAGS = st.sampled_from(
    [
        *("<div class=gmail_quote>", "<blockquote type=cite>", "</blockquote>", "</div>", "<div style='display:none'>"),
        *(
            "<table><tr><td>",
            "</table>",
            "<style>p{display:none}",
            "</style>",
            "<!--",
            "-->",
            "<p hidden>",
            "<br>",
            "<hr>",
        ),
        *(
            "<div id=divRplyFwdMsg>",
            "<span data-supportdesk=reply>",
            "&#0;",
            "&#xd800;",
            "&nbsp;",
            "<p style='font-size:0'>",
        ),
        *(
            "<a href='",
            "<img src=cid:1>",
            "<![CDATA[",
            "<ul><li>",
            "<pre>",
            "\0",
            "<svg><style>",
            "<title>",
            "<b",
            "\ue0a1cut\ue0a1",
        ),
    ]
)
PAGES = st.lists(TAGS | LETTERS | WORDS, max_size=16).map("".join)

NAMES = st.sampled_from(
    [
        *(
            "From",
            "To",
            "Cc",
            "Subject",
            "Date",
            "Message-ID",
            "In-Reply-To",
            "References",
            "Content-Type",
            "Return-Path",
        ),
        *(
            "Content-Transfer-Encoding",
            "Content-Disposition",
            "Content-ID",
            "MIME-Version",
            "Auto-Submitted",
            "Precedence",
        ),
        *(
            "List-Id",
            "Authentication-Results",
            "Received",
            "X-Failed-Recipients",
            "Delivered-To",
            "X-Autoreply",
            "Sender",
        ),
    ]
)
VALUES = st.sampled_from(
    [
        *(
            b"multipart/mixed; boundary=b",
            b"multipart/report; report-type=delivery-status; boundary=b",
            b"text/html",
            b"text/plain",
        ),
        *(
            b'multipart/alternative; boundary="b"',
            b"message/rfc822",
            b"message/delivery-status",
            b"text/calendar; method=REPLY",
        ),
        *(
            b"text/html; charset=utf-7",
            b"text/plain; charset=x-none",
            b"base64",
            b"quoted-printable",
            b"x-uuencode",
            b"8bit",
        ),
        *(
            b"attachment; filename*0*=utf-8''%ff; filename*1=\"..\\..\\x\"",
            b'inline; filename="=?utf-8?b?/w==?="',
            b"<>",
            b"no",
        ),
        *(
            b"=?utf-8?q?=ff=00=ed=a0=80?=",
            b"=?x?b?!!!?= =?utf-8?b?w?=",
            b"Ann <ann@x.example>, (a (b) c) d@e.example",
            b"auto-replied",
        ),
        *(
            b'"a\\" <b@c.example>',
            b"undisclosed-recipients:;",
            b"<1@x> <2@x> <3",
            b"Mon, 99 Foo 99999 99:99:99 +9999",
            b"list",
        ),
        *(
            b"mx.desk.example; dmarc=pass header.from=x.example",
            b"mx.desk.example; dmarc=pass (",
            b"from a by mx.desk.example",
        ),
        *(
            b"MAILER-DAEMON@x.example",
            b"Undelivered Mail Returned to Sender",
            b"Fwd: x",
            b"Re: [SD-1] x",
            b"\xff\xfe\x00",
            b"<" * 90,
        ),
    ]
)
FIELDS = st.tuples(NAMES, VALUES | st.binary(max_size=60)).map(lambda field: field[0].encode() + b": " + field[1])
BLOCKS = st.lists(FIELDS, max_size=6).map(b"\n".join)
ODD = (b"--b\n", b"--b--\n", b"\n\n", b"begin 644 x\n#86)C\n`\nend\n", b"8J+J\n=ED=A0")
BODIES = (TEXTS | PAGES).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=200)
BODIES = BODIES | st.sampled_from(ODD)
PARTS = st.lists(st.tuples(BLOCKS, BODIES).map(lambda part: b"--b\n" + part[0] + b"\n\n" + part[1]), max_size=4)
MADE = st.tuples(BLOCKS, BODIES, PARTS).map(lambda mail: mail[0] + b"\n\n" + mail[1] + b"\n" + b"\n".join(mail[2]))
MAILS = MADE | st.binary(max_size=400)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A sample mail after a few changes: bytes lost, doubled, turned, or taken from another sample."""
    raw = draw(st.sampled_from(SAMPLES)).read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 200)))
        piece = raw[start:end]
        other = draw(st.sampled_from(SAMPLES)).read_bytes()
        changed = (b"", piece * 3, piece[::-1], piece.swapcase(), other[start:end], bytes(255 - byte for byte in piece))
        raw = raw[:start] + draw(st.sampled_from((*changed, b"\0", b"\n", b"\xff\xd8", b"=?utf-8?b?"))) + raw[end:]
    return raw


def fuzz(examples: int) -> settings:
    """The same examples in every run, so that a change is to blame for what fails; new and more of them on request."""
    quiet = (HealthCheck.too_slow, HealthCheck.data_too_large)
    return settings(max_examples=max(examples, MORE), deadline=None, derandomize=not MORE, suppress_health_check=quiet)


def texts_in(value: Any) -> list[str]:
    """Every text that a value holds, however deep."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value) and not isinstance(value, type):
        return [text for field in fields(value) for text in texts_in(getattr(value, field.name))]
    if isinstance(value, dict):
        return [text for pair in value.items() for text in texts_in(pair)]
    return [text for inner in value for text in texts_in(inner)] if isinstance(value, (tuple, list, set)) else []


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
