"""Which kind of mail a mail is, by what it says of itself."""

import pytest

from mail.bounce.failure import Bounce
from mail.inbound.kind import kind_of
from mail.inbound.message import Kind
from mail.mime.headers import Headers

DMARC = (("subject", b"Report Domain: desk.example Submitter: mx.example Report-ID: <1@x>"),)


@pytest.mark.parametrize(
    ("fields", "kinds", "kind"),
    [
        ((), ("text/plain",), Kind.PERSON),
        ((("auto-submitted", b"no"),), (), Kind.PERSON),
        ((("auto-submitted", b"auto-replied"),), (), Kind.AUTOMATIC),
        ((("precedence", b"auto_reply"),), (), Kind.AUTOMATIC),
        ((), ("text/calendar; reply",), Kind.AUTOMATIC),
        ((("list-id", b"<l.example>"),), (), Kind.LIST),
        ((("list-post", b"<mailto:l@l.example>"),), (), Kind.LIST),
        ((("list-unsubscribe", b"<mailto:l@l.example>"),), (), Kind.LIST),
        ((("precedence", b"list"),), (), Kind.LIST),
        ((("precedence", b"bulk"),), (), Kind.LIST),
        ((("list-id", b"<l.example>"), ("auto-submitted", b"auto-generated")), (), Kind.AUTOMATIC),
        ((), ("multipart/report; disposition-notification",), Kind.RECEIPT),
        ((), ("multipart/mixed", "message/disposition-notification"), Kind.RECEIPT),
        ((), ("multipart/report; delivery-status",), Kind.RECEIPT),
        ((), ("multipart/report; feedback-report",), Kind.REPORT),
        ((), ("multipart/report; tlsrpt",), Kind.REPORT),
        (DMARC, ("application/gzip",), Kind.REPORT),
        (DMARC, ("text/plain",), Kind.PERSON),
        ((("subject", b"The report on the domain"),), ("application/zip",), Kind.PERSON),
    ],
)
def test_the_kind_follows_from_headers_and_types(
    fields: tuple[tuple[str, bytes], ...], kinds: tuple[str, ...], kind: Kind
) -> None:
    assert kind_of(Headers(fields), kinds).kind is kind


def test_a_bounce_is_one_whatever_its_headers_say() -> None:
    fields = Headers((("list-id", b"<l.example>"),))

    assert kind_of(fields, ("multipart/report; delivery-status",), Bounce((), True, None, None)).kind is Kind.BOUNCE


def test_the_reason_names_the_header() -> None:
    assert kind_of(Headers((("list-id", b"<l.example>"),))).reason == "List-Id is set."
