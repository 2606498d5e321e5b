"""Which headers mark a mail as written by a program."""

import pytest

from mail.automatic import why_automatic
from mail.headers import Headers
from mail.parse import parse


def headers(*fields: tuple[str, bytes]) -> Headers:
    return Headers(fields)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("auto-submitted", b"auto-replied", "Auto-Submitted says 'auto-replied'."),
        ("auto-submitted", b"auto-generated; owner-email=x", "Auto-Submitted says 'auto-generated'."),
        ("auto-submitted", b"Never-Heard-Of", "Auto-Submitted says 'never-heard-of'."),
        ("auto-submitted", b"No", None),
        ("auto-submitted", b"no (by hand)", None),
        ("x-auto-response-suppress", b"All", None),
        ("precedence", b"bulk", "Precedence says 'bulk'."),
        ("precedence", b"Junk", "Precedence says 'junk'."),
        ("precedence", b"auto_reply", "Precedence says 'auto_reply'."),
        ("precedence", b"first-class", None),
        ("list-id", b"<l.example>", "List-Id is set."),
        ("list-unsubscribe", b"<mailto:x@y.example>", "List-Unsubscribe is set."),
        ("return-path", b"<>", "Return-Path is empty."),
        ("return-path", b"<ann@x.example>", None),
        ("from", b"MAILER-DAEMON@x.example", "From is mailer-daemon."),
        ("from", b"Mail <Postmaster@x.example>", "From is postmaster."),
        ("from", b"mailer-daemon-fan@x.example", None),
        ("x-autoreply", b"yes", "X-Autoreply is set."),
        ("x-autoreply", b"no", None),
        ("x-autorespond", b"Away", "X-Autorespond is set."),
        ("subject", b"Automatic reply: Printer", None),
    ],
)
def test_a_header_marks_a_mail_as_automatic_or_not(name: str, value: bytes, reason: str | None) -> None:
    assert why_automatic(headers((name, value))) == reason


@pytest.mark.parametrize("other", ["in-reply-to", "x-auto-response-suppress"])
def test_a_subject_counts_only_where_another_header_agrees(other: str) -> None:
    found = why_automatic(headers(("subject", b"=?utf-8?q?R=C3=A9ponse_automatique?= : x"), (other, b"<1@x>")))

    assert found == "Subject begins with 'réponse automatique : x'."


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        (b"multipart/report; report-type=delivery-status", "Content-Type says multipart/report, delivery-status."),
        (
            b'multipart/report; report-type="Disposition-Notification"',
            "Content-Type says multipart/report, disposition-notification.",
        ),
        (b"multipart/report; report-type=feedback-report", None),
        (b"text/calendar; method=REPLY", "Content-Type says text/calendar, method=REPLY."),
        (b"text/calendar; method=REQUEST", None),
        (b"text/plain", None),
    ],
)
def test_a_content_type_marks_a_mail_as_automatic_or_not(content_type: bytes, reason: str | None) -> None:
    mail = parse(b"From: ann@x.example\nContent-Type: " + content_type + b"; boundary=x\n\n--x\n\nhello\n--x--\n")

    assert mail.automatic == reason
