"""Mails that are signed with text and signature in one file, and bytes that only look like them."""

from base64 import encodebytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.inbound.parse import parse
from mail.inbound.placeholders import SIGNED_TEXT, SMIME
from mail.inbound.smime import signed_content

TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe badge is gone.\r\n"
SIGNED_OID = bytes.fromhex("06092a864886f70d010702")
DATA_OID = bytes.fromhex("06092a864886f70d010701")
ENVELOPED_OID = bytes.fromhex("06092a864886f70d010703")


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 0x80 else bytes((0x84,)) + size.to_bytes(4)
    return bytes((tag,)) + length + content


def ber(tag: int, content: bytes) -> bytes:
    return bytes((tag, 0x80)) + content + b"\0\0"


def cms(content: bytes = TEXT, form: str = "der", oid: bytes = SIGNED_OID) -> bytes:
    """A signed message (RFC 5652, section 5.1) without certificates."""
    make = ber if form == "ber" else der
    pieces = b"".join(der(0x04, content[at : at + 20]) for at in range(0, len(content), 20))
    octets = der(0x04, content) if form == "der" else make(0x24, pieces)
    inner = make(0x30, DATA_OID + make(0xA0, octets))
    algorithms = make(0x31, make(0x30, der(0x06, b"\x60\x86\x48\x01\x65\x03\x04\x02\x01")))
    return make(0x30, oid + make(0xA0, make(0x30, der(0x02, b"\1") + algorithms + inner + der(0x31, b""))))


def a_mail(
    content: bytes, kind: str = "application/pkcs7-mime; smime-type=signed-data", name: str = "smime.p7m"
) -> bytes:
    head = f"From: a@b.example\nContent-Type: {kind}; name={name}\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + encodebytes(content)


@pytest.mark.parametrize("form", ["der", "ber", "pieces"])
@pytest.mark.parametrize(
    "kind",
    [
        "application/pkcs7-mime; smime-type=signed-data",
        "application/x-pkcs7-mime; smime-type=signed-data",
        "application/pkcs7-mime",
        "application/octet-stream",
    ],
)
def test_a_signed_text_is_read_with_the_remark_that_nobody_checked_the_signature(kind: str, form: str) -> None:
    mail = parse(a_mail(cms(form=form), kind))

    assert mail.reply == f"The badge is gone.\n\n{SIGNED_TEXT}"
    assert [file.filename for file in mail.attachments] == ["smime.p7m"]


def test_the_parts_of_a_signed_mail_are_read_and_its_headers_prove_nothing() -> None:
    inner = (
        b"From: boss@desk.example\nSubject: Other\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/plain\n\nSee the file.\n"
        b"--x\nContent-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n1,2\n--x--\n"
    )
    mail = parse(a_mail(cms(inner)))

    assert ([one.email for one in mail.senders], mail.subject) == (["a@b.example"], "")
    assert mail.reply.startswith("See the file.")
    assert [file.filename for file in mail.attachments] == ["a.csv", "smime.p7m"]


def test_what_is_encrypted_or_holds_no_text_is_named_as_before() -> None:
    mail = parse(a_mail(cms(oid=ENVELOPED_OID), "application/pkcs7-mime; smime-type=enveloped-data"))

    assert mail.reply == SMIME


def test_a_signed_mail_in_signed_mails_is_read_three_deep_and_no_deeper() -> None:
    raw = TEXT
    for _ in range(200):
        raw = b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: binary\n\n" + cms(raw)

    assert parse(b"From: a@b.example\n" + raw).text.count("Signed with S/MIME") == 3


def beside(content: bytes, text: str, disposition: str = "attachment; filename=smime.p7m") -> bytes:
    """A mail with a text and a signed file."""
    head, body = a_mail(content).split(b"\n\n", 1)
    kinds = head.split(b"\n", 1)[1]
    return (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n"
        + f"{text}\n--x\nContent-Disposition: {disposition}\n".encode()
        + kinds
        + b"\n\n"
        + body
        + b"--x--\n"
    )


@pytest.mark.parametrize("disposition", ["inline", "attachment; filename=smime.p7m"])
@pytest.mark.parametrize("text", ["", "See the file of the customer."])
def test_no_command_counts_in_a_signed_file_beside_other_parts(text: str, disposition: str) -> None:
    inner = (b"text/plain\r\n\r\n#resolve\r\n", b"text/html\r\n\r\n<p>#resolve</p>\r\n")
    double = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    raws = [b"Content-Type: " + one for one in inner]

    for raw in (*raws, double + cms(raws[0])):
        assert parse(beside(cms(raw), text, disposition)).unseen == {"#resolve"}
        assert parse(a_mail(cms(raw))).unseen == frozenset()


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_nor_in_another_file_whose_text_stands_in_for_the_mails(kind: str) -> None:
    head = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n\n"
    file = f"--x\nContent-Type: {kind}; name=note.txt\nContent-Disposition: attachment\n\n#resolve\n--x--\n"

    mail = parse(f"{head}{file}".encode())

    assert (mail.reply, mail.unseen) == ("#resolve", frozenset({"#resolve"}))


BROKEN = {
    "nothing": b"",
    "no CMS": b"Hello.",
    "another type": cms(oid=ENVELOPED_OID),
    "a length beyond the end": b"\x30\x84\xff\xff\xff\xff" + SIGNED_OID,
    "a length of 127 bytes": b"\x30\xff" + b"\xff" * 127,
    "endless nesting": b"\x30\x80" * 100_000,
    "endless nesting in the algorithms": b"\x30\x80"
    + SIGNED_OID
    + b"\xa0\x80\x30\x80\x02\x01\x01"
    + b"\x31\x80" * 100_000,
    "a long tag": b"\x3f" + b"\xff" * 1000,
    "detached": der(0x30, SIGNED_OID + der(0xA0, der(0x30, der(2, b"\1") + der(0x31, b"") + der(0x30, DATA_OID)))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bytes_hold_nothing(name: str) -> None:
    assert signed_content(BROKEN[name]) is None
    assert parse(a_mail(BROKEN[name])).kind == "person"


@given(
    st.sampled_from(["der", "ber", "pieces"]), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=5)
)
def test_changed_bytes_never_raise(form: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(cms(form=form))
    for at, value in changes:
        data[at % len(data)] = value

    signed_content(bytes(data))
    for end in range(0, len(data), 7):
        signed_content(bytes(data[:end]))


def test_pieces_in_any_number_are_read_in_linear_time() -> None:
    assert signed_content(cms(b"x" * 2_000_000, "ber")) == b"x" * 2_000_000
