"""Promises of outgoing mail: the bytes say what the value says, and nothing that others chose."""

import email
from dataclasses import replace
from datetime import datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.mime.text import one_line
from mail.outbound.compose import File, InlineImage, Outgoing, compose
from mail.outbound.safe_headers import fold_header, safe_filename
from tests.support.values.outgoing_mails import CHART, FILES, FULL, PLAIN

# A busy machine must not turn a test red.
UNHURRIED = settings(deadline=None)

INJECTION = "x\r\nBcc: victim@else.example\r\n\r\nbody\x00"
PLAIN_HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]


def changed(field: str, value: Any) -> Outgoing:
    return replace(PLAIN, **{field: value})


def read(outgoing: Outgoing) -> EmailMessage:
    message = email.message_from_bytes(compose(outgoing), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def display_name(raw: bytes) -> str:
    # policy.default puts a space between two encoded words of a name, against RFC 2047, section 6.2; this one does not.
    return str(make_header(decode_header(parseaddr(email.message_from_bytes(raw)["To"])[0])))


def defects(message: EmailMessage) -> list[object]:
    parts = list(message.walk())
    return [defect for part in parts for defect in (*part.defects, *(d for v in part.values() for d in v.defects))]


@pytest.mark.parametrize("outgoing", [PLAIN, FULL, replace(FULL, html=""), replace(PLAIN, html="")])
def test_a_mail_reads_back_without_defects(outgoing: Outgoing) -> None:
    message = read(outgoing)

    assert defects(message) == []


LONG = replace(FULL, text="ü" * 5000 + "\r\n \r" + "x" * 5000, html="é" * 9000)


@pytest.mark.parametrize(
    "outgoing", [PLAIN, FULL, LONG, replace(PLAIN, subject="x" * 300), replace(PLAIN, subject="ü" * 300)]
)
def test_a_mail_is_ascii_with_crlf_and_short_lines(outgoing: Outgoing) -> None:
    raw = compose(outgoing)

    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"") and b"\n" not in raw.replace(b"\r\n", b"")  # noqa: PT018
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_the_headers_say_what_the_value_says() -> None:
    message = read(FULL)

    assert dict(message.items()) == {
        "From": "Northwind Support <support+7.abcdefgh@northwind.example>",
        "To": "Maria Okafor <maria@okafor.example>",
        "Subject": "Re: [SD-1042] The invoice",
        "Date": "Sun, 22 Nov 2026 09:30:00 +0000",
        "Message-ID": "<n7.abcdefgh@northwind.example>",
        "MIME-Version": "1.0",
        "Reply-To": "support@northwind.example",
        "In-Reply-To": "<one@customer.example>",
        "References": "<zero@customer.example> <one@customer.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Type": message["Content-Type"],
    }


def test_a_mail_that_a_person_wrote_is_not_marked_as_automatic() -> None:
    assert read(PLAIN).keys() == PLAIN_HEADERS


def test_how_to_leave_stands_in_the_header_where_there_is_a_way() -> None:
    url = "mailto:support%2B1.a@desk.example?subject=%23stop&body=%23stop"

    assert read(changed("unsubscribe", url))["List-Unsubscribe"] == f"<{url}>"
    assert "List-Unsubscribe" not in read(PLAIN)


def test_both_bodies_read_back() -> None:
    message = read(FULL)

    assert (body(message, "plain"), body(message, "html")) == (FULL.text, FULL.html)


def test_the_structure_is_what_mail_programs_expect() -> None:
    types = [part.get_content_type() for part in read(FULL).walk()]

    assert types == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
        "text/csv",
    ]


def test_pictures_stand_under_their_content_id() -> None:
    picture = next(part for part in read(FULL).walk() if part.get_content_maintype() == "image")

    assert (picture["Content-ID"], picture.get_content()) == ("<chart@northwind>", CHART.content)


def test_files_keep_their_names_and_bytes() -> None:
    attached = [(part.get_filename(), part.get_payload(decode=True)) for part in read(FULL).iter_attachments()]

    assert attached == [(file.filename, file.content) for file in FILES]


def test_the_same_value_gives_the_same_bytes() -> None:
    assert compose(FULL) == compose(replace(FULL))


def test_another_seed_gives_other_boundaries() -> None:
    assert compose(FULL) != compose(replace(FULL, boundary_seed="outbox 8"))


def test_a_body_that_holds_the_boundary_stays_whole() -> None:
    boundary = str(read(PLAIN).get_boundary())
    text = f"--{boundary}\nContent-Type: text/html\n\n<b>no</b>\n--{boundary}--\n"

    assert body(read(replace(PLAIN, text=text)), "plain") == text


def test_references_keep_the_first_and_the_last_twenty() -> None:
    ids = tuple(f"{number}@customer.example" for number in range(100))

    kept = read(replace(PLAIN, references=ids))["References"].split()

    assert kept == ["<0@customer.example>", *(f"<{number}@customer.example>" for number in range(80, 100))]


@pytest.mark.parametrize("field", ["subject", "sender_name", "recipient_name"])
def test_a_line_break_in_words_starts_no_header(field: str) -> None:
    message = read(changed(field, INJECTION))

    assert message.keys() == PLAIN_HEADERS
    assert "x Bcc: victim@else.example body" in str(message[{"subject": "Subject"}.get(field, "From")]) + message["To"]


@pytest.mark.parametrize("address", [INJECTION, "a@b\r\nBcc: c@d", "a b@c.example", "a@", "@b", "", "ü@b.example"])
@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to"])
def test_an_address_that_no_header_can_hold_is_refused(field: str, address: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a header"):
        compose(changed(field, address))


@pytest.mark.parametrize("address", ["a@b.example>\n", "a@b.example, c@d.example", "a@b.example <c@d.example>"])
def test_one_address_cannot_become_two(address: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a header"):
        compose(replace(PLAIN, recipient=address))


@pytest.mark.parametrize("message_id", [INJECTION, "a b@c", "noat", "ü@x", "a@b\n", "a" * 600 + "@b"])
def test_an_id_of_ours_that_no_header_can_hold_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        compose(replace(PLAIN, message_id=message_id))


@pytest.mark.parametrize("message_id", [INJECTION, "a b@c", "ü@x", "a@b\n", "a" * 12_000 + "@b"])
def test_an_id_of_others_that_no_header_can_hold_is_left_out(message_id: str) -> None:
    message = read(replace(PLAIN, in_reply_to=message_id, references=(message_id, "good@x.example")))

    assert (message["In-Reply-To"], message["References"]) == (None, "<good@x.example>")


@pytest.mark.parametrize(
    "image", [replace(CHART, cid=INJECTION), replace(CHART, subtype=INJECTION), replace(CHART, subtype="png; x=y")]
)
def test_a_picture_that_no_header_can_name_is_refused(image: InlineImage) -> None:
    with pytest.raises(ValueError, match="cannot be named"):
        compose(replace(PLAIN, inline=(image,)))


def test_a_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        compose(replace(PLAIN, date=datetime(2026, 11, 22)))


def test_an_unknown_kind_of_automatic_mail_is_refused() -> None:
    with pytest.raises(ValueError, match="Auto-Submitted cannot be"):
        compose(replace(PLAIN, auto_submitted="no\r\nBcc: a@b"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["Jörg Müller", "Okafor, Maria", 'Al "Bo" C', "a@b.example", "=?utf-8?q?x?=", "山田太郎", ""]
)
def test_a_name_reads_back(name: str) -> None:
    assert read(replace(PLAIN, recipient_name=name))["To"].addresses[0].display_name == name


def test_a_domain_leaves_as_a_label() -> None:
    assert read(replace(PLAIN, recipient="maria@bücher.example"))["To"].addresses[0].domain == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\m\\list.csv", "C__Users_m_list.csv"),
        ('a"; filename="b.exe', "a_; filename=_b.exe"),
        ("a\r\nX: y.txt", "a X_ y.txt"),
        (".bashrc", "bashrc"),
        ("annexe\u202efdp.exe", "annexe fdp.exe"),
        ("\x00 . ", "file"),
        ("", "file"),
        ("日" * 200 + ".pdf", "日" * 52 + ".pdf"),
        ("x" * 300, "x" * 160),
    ],
)
def test_a_filename_is_made_safe(given_name: str, safe: str) -> None:
    assert safe_filename(given_name) == safe


def test_a_header_that_no_guard_has_seen_is_refused() -> None:
    with pytest.raises(ValueError, match="must not"):
        fold_header("Subject", "a\nBcc: b@c")


@pytest.mark.parametrize(
    ("value", "folded"),
    [
        ("", "Subject: \r\n"),
        ("a " + "b" * 67, "Subject: a " + "b" * 67 + "\r\n"),
        ("a " + "b" * 68, "Subject: a\r\n " + "b" * 68 + "\r\n"),
        # A word that is too long for a line stands beside the name all the same.
        ("b" * 70, "Subject: " + "b" * 70 + "\r\n"),
        ("b" * 70 + " c", "Subject: " + "b" * 70 + "\r\n c\r\n"),
    ],
)
def test_a_header_is_folded_where_it_would_be_longer_than_78(value: str, folded: str) -> None:
    assert fold_header("Subject", value) == folded


@UNHURRIED
@given(subject=st.text(max_size=400), name=st.text(max_size=150), text=st.text(), html=st.text(min_size=1))
def test_any_words_read_back(subject: str, name: str, text: str, html: str) -> None:
    outgoing = replace(FULL, subject=subject, recipient_name=name, text=text, html=html)

    message = read(outgoing)

    assert message["Subject"] == one_line(subject, 300)
    assert display_name(compose(outgoing)) == one_line(name, 120)
    assert body(message, "plain") == text.replace("\r\n", "\n").replace("\r", "\n")
    assert body(message, "html") == html.replace("\r\n", "\n").replace("\r", "\n")


@UNHURRIED
@given(subject=st.text(alphabet="aZ =?_.:\r\n\t\"'<>@,;ü日", max_size=400), names=st.lists(st.text(), max_size=3))
def test_any_words_leave_sound_headers(subject: str, names: list[str]) -> None:
    files = tuple(File(name, b"x") for name in names)
    outgoing = replace(PLAIN, subject=subject, sender_name=subject, files=files)

    message = read(outgoing)

    assert message.keys() == PLAIN_HEADERS
    assert defects(message) == []
    assert max(map(len, compose(outgoing).split(b"\r\n"))) <= 998
