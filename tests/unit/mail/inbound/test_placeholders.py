"""Encrypted and signed mail says what it is, so that nothing is silently empty."""

import pytest

from mail.inbound.parse import parse
from mail.inbound.placeholders import PGP, PGP_TEXT, SIGNED, SMIME

PGP_MAIL = (
    b"Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=x\n\n--x\n"
    b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n--x\nContent-Type: application/octet-stream\n\n"
    b"-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\n--x--\n"
)


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx", SMIME),
        (b"Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data\n\nx", SMIME),
        (b"Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx", SMIME),
        (b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\nx", SIGNED),
        (PGP_MAIL, PGP),
    ],
)
def test_a_mail_that_nobody_can_read_says_so(raw: bytes, label: str) -> None:
    mail = parse(b"From: a@b.example\n" + raw)

    assert (mail.text, mail.reply) == (label, label)


def test_what_is_encrypted_stays_a_file() -> None:
    mail = parse(b"From: a@b.example\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nsecret")

    assert [(file.filename, file.content) for file in mail.attachments] == [("smime.p7m", b"secret")]


def test_encrypted_text_within_a_plain_one_is_named() -> None:
    mail = parse(b"From: a@b.example\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n")

    assert mail.reply.endswith(PGP_TEXT)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (b"application/pkcs7-signature", "smime.p7s"),
        (b"application/x-pkcs7-signature", "smime.p7s"),
        (b"application/pgp-signature", "signature.asc"),
    ],
)
def test_a_signed_mail_is_read_and_its_signature_is_a_file(kind: bytes, name: str) -> None:
    signed = (
        b"Content-Type: multipart/signed; boundary=x\n\n--x\n\nhello\n--x\nContent-Type: " + kind + b"\n\ns\n--x--\n"
    )

    mail = parse(b"From: a@b.example\n" + signed)

    assert mail.text == "hello"
    assert [file.filename for file in mail.attachments] == [name]


def test_a_sentence_about_such_a_message_is_no_such_message() -> None:
    mail = parse(b"From: a@b.example\n\nWhat does -----BEGIN PGP MESSAGE----- mean?")

    assert mail.text == "What does -----BEGIN PGP MESSAGE----- mean?"
