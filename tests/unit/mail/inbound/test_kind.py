"""Which kind of mail a mail is, by what it says of itself."""

import pytest

from mail.bounce.failure import Bounce
from mail.inbound.kind import kind_of
from mail.inbound.message import MailKind
from mail.mime.headers import Headers

DMARC = (("subject", b"Report Domain: desk.example Submitter: mx.example Report-ID: <1@x>"),)


@pytest.mark.parametrize(
    ("fields", "kinds", "kind"),
    [
        ((), ("text/plain",), MailKind.PERSON),
        ((("auto-submitted", b"no"),), (), MailKind.PERSON),
        ((("auto-submitted", b"auto-replied"),), (), MailKind.AUTOMATIC),
        ((("precedence", b"auto_reply"),), (), MailKind.AUTOMATIC),
        ((), ("text/calendar; reply",), MailKind.AUTOMATIC),
        ((("list-id", b"<l.example>"),), (), MailKind.LIST),
        ((("list-post", b"<mailto:l@l.example>"),), (), MailKind.LIST),
        ((("list-unsubscribe", b"<mailto:l@l.example>"),), (), MailKind.LIST),
        ((("precedence", b"list"),), (), MailKind.LIST),
        ((("precedence", b"bulk"),), (), MailKind.LIST),
        ((("list-id", b"<l.example>"), ("auto-submitted", b"auto-generated")), (), MailKind.LIST),
        ((("auto-submitted", b"auto-generated"),), (), MailKind.GENERATED),
        ((), ("multipart/report; disposition-notification",), MailKind.RECEIPT),
        ((), ("multipart/mixed", "message/disposition-notification"), MailKind.RECEIPT),
        ((), ("multipart/report; delivery-status",), MailKind.RECEIPT),
        ((), ("multipart/report; feedback-report",), MailKind.REPORT),
        ((), ("multipart/report; tlsrpt",), MailKind.REPORT),
        (DMARC, ("application/gzip",), MailKind.REPORT),
        (DMARC, ("text/plain",), MailKind.PERSON),
        ((("subject", b"The report on the domain"),), ("application/zip",), MailKind.PERSON),
    ],
)
def test_the_kind_follows_from_headers_and_types(
    fields: tuple[tuple[str, bytes], ...], kinds: tuple[str, ...], kind: MailKind
) -> None:
    assert kind_of(Headers(fields), kinds).kind is kind


def test_a_bounce_is_one_whatever_its_headers_say() -> None:
    fields = Headers((("list-id", b"<l.example>"),))

    assert kind_of(fields, ("multipart/report; delivery-status",), Bounce((), True, None, None)).kind is MailKind.BOUNCE


def test_the_reason_names_the_header() -> None:
    assert kind_of(Headers((("list-id", b"<l.example>"),))).reason == "List-Id is set."
