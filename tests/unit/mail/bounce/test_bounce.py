"""Which mails are bounces, of whom, and whether they are final."""

import time
from collections.abc import Callable

import pytest

from mail.bounce.failure import Bounce, Failure, failure_of, failure_of_reply
from mail.bounce.read import read_bounce

ORIGINAL = "Message-ID: <m1@desk.example>\nFrom: desk@desk.example\nTo: bob@far.example\nSubject: Hello\n"
HEAD = "From: MAILER-DAEMON@mx.example\nTo: desk@desk.example\nSubject: Undelivered Mail Returned to Sender\n"


def report(block: str, kind: str = "message/delivery-status", encoding: str = "7bit") -> bytes:
    return (
        f'{HEAD}MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n\n"
        f"--b\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{block}\n"
        f"--b\nContent-Type: message/rfc822\n\n{ORIGINAL}\nHi Bob\n--b--\n"
    ).encode()


def notice(text: str, head: str = HEAD) -> bytes:
    return f"{head}\n{text}".encode()


def found(raw: bytes) -> Bounce:
    bounce = read_bounce(raw)
    assert bounce is not None
    return bounce


def block(action: str, status: str, diagnostic: str = "") -> str:
    said = f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    return (
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Bob@Far.example\n"
        f"Action: {action}\nStatus: {status}\n{said}"
    )


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "permanent", "failure"),
    [
        ("failed", "5.1.1", "550 no such user", True, Failure.ADDRESS),
        ("failed", "5.2.2", "", True, Failure.MAILBOX_FULL),
        ("failed", "5.7.1", "550 blocked; see the policy", True, Failure.POLICY),
        ("failed", "5.0.0", "550 user unknown", True, Failure.ADDRESS),
        ("failed", "5.3.0", "554 over quota", True, Failure.MAILBOX_FULL),
        ("failed", "4.4.7", "", False, Failure.TRANSIENT),
        ("delayed", "4.4.1", "", False, Failure.TRANSIENT),
        ("Delayed", "5.0.0", "", False, Failure.TRANSIENT),
        ("failed (bad)", "5.5.0", "", True, Failure.OTHER),
        ("failed", "", "421 later", False, Failure.TRANSIENT),
        ("failed", "", "", True, Failure.OTHER),
        ("", "5.1.10", "", True, Failure.ADDRESS),
    ],
)
def test_a_report_says_how_a_delivery_failed(
    action: str, status: str, diagnostic: str, permanent: bool, failure: Failure
) -> None:
    bounce = found(report(block(action, status, diagnostic)))

    assert (bounce.permanent, bounce.failure, bounce.recipients[0].address) == (permanent, failure, "bob@far.example")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "deliverable"])
def test_a_report_of_success_is_no_bounce(action: str) -> None:
    assert read_bounce(report(block(action, "2.0.0"))) is None


def test_a_report_names_the_mail_that_it_is_about() -> None:
    bounce = found(report(block("failed", "5.1.1")))

    assert (bounce.original_message_id, bounce.status) == ("m1@desk.example", "5.1.1")


def test_of_several_recipients_those_that_were_reached_are_left_out() -> None:
    second = "Final-Recipient: rfc822; eve@far.example\nAction: delivered\nStatus: 2.0.0\n"
    third = "Original-Recipient: rfc822; joe@far.example\nFinal-Recipient: rfc822; j@x.example\nAction: delayed\n"

    bounce = found(report(f"{block('failed', '5.1.1')}\n{second}\n{third}"))

    assert [(one.address, one.permanent) for one in bounce.recipients] == [
        ("bob@far.example", True),
        ("joe@far.example", False),
    ]


def test_an_internationalised_report_is_read_also_where_it_is_encoded() -> None:
    encoded = (
        "UmVwb3J0aW5nLU1UQTogZG5zOyBteC5leGFtcGxlCgpGaW5hbC1SZWNpcGllbnQ6IHV0Zi04OyBib2JAZmFyLmV4YW1wbGUKQWN0aW9uOiBm\n"
        "YWlsZWQKU3RhdHVzOiA1LjEuMQo="
    )

    bounce = found(report(encoded, "message/global-delivery-status", "base64"))

    assert [one.address for one in bounce.recipients] == ["bob@far.example"]


BELOW = f"\n{ORIGINAL}\nHi Bob\n"
NOTICES = [
    # The shapes of qmail, Exim, Postfix, Sendmail, Exchange, Domino and of others, in words of our own.
    f"I wasn't able to deliver it to these people:\n\n<bob@far.example>:\n550 5.1.1 gone\n\n--- Below it is.\n{BELOW}",
    "It could not be delivered. The following address failed:\n\n  bob@far.example\n    SMTP error: 550 unknown user\n",
    "Your mail could not be delivered.\n\n<bob@far.example>: host mx.far.example said: 550 5.1.1 no such user\n",
    "   ----- Addresses with permanent fatal errors -----\n<bob@far.example>\n    (reason: 550 unknown user)\n",
    "Your message\n\n  To: bob@far.example\n\ndid not reach the following recipient(s):\n\nbob@far.example on Monday\n",
    "User bob@far.example is not listed in the directory: undeliverable.\n",
    "Recipient: <bob@far.example>\nReason: mailbox is full, delivery failed\n",
    "Diese Nachricht konnte nicht zugestellt werden:\n\nbob@far.example\n",
    "Votre message n'a pas pu être remis à :\n  bob@far.example\n",
    "次の宛先には配信できませんでした。\n<bob@far.example>\n",
    f"Delivery failed, sorry.\n\n------ This is a copy of the message ------\n{BELOW}",
]


@pytest.mark.parametrize("text", NOTICES)
def test_a_notice_without_a_report_names_whom_it_could_not_reach(text: str) -> None:
    bounce = found(notice(text))

    assert ([one.address for one in bounce.recipients], bounce.permanent) == (["bob@far.example"], True)


@pytest.mark.parametrize(
    "text",
    [
        "Your message has been delayed.\n\n<bob@far.example>: it will be retried\n",
        "Not delivered yet, attempts to deliver it will continue:\n  bob@far.example 550 5.0.0\n",
        "Could not be delivered to:\n<bob@far.example>\n421 4.2.1 come back later\n",
        "<bob@far.example>: could not be delivered, the connection timed out\n",
    ],
)
@pytest.mark.parametrize("write", [str.upper, str.lower, str.title])
def test_what_may_still_arrive_is_not_permanent(text: str, write: Callable[[str], str]) -> None:
    bounce = found(notice(write(text)))

    assert ([one.permanent for one in bounce.recipients], bounce.permanent) == ([False], False)


def test_the_returned_mail_gives_id_and_recipient_where_the_notice_names_nobody() -> None:
    bounce = found(notice(f"Delivery failed.\n{BELOW}"))

    assert (bounce.original_message_id, bounce.recipients[0].address) == ("m1@desk.example", "bob@far.example")


def test_neither_the_helper_nor_ourselves_are_whom_it_did_not_reach() -> None:
    text = "Could not be delivered.\nFor assistance contact help@mx.example\nIt was sent by desk@desk.example\n"

    assert found(notice(text)).recipients == ()


def test_a_header_that_names_the_recipient_outweighs_the_words() -> None:
    text = "It could not be delivered:\n\n  carol@other.example\n"

    bounce = found(notice(text, f"{HEAD}X-Failed-Recipients: bob@far.example\n"))

    assert [one.address for one in bounce.recipients] == ["bob@far.example"]


SAYS = "My mail could not be delivered to:\n<bob@far.example>\n550 5.1.1 user unknown\n"


@pytest.mark.parametrize(
    "head",
    [
        "From: ann@shop.example\nSubject: Help\n",
        "From: ann@shop.example\nSubject: Fwd: Undelivered Mail Returned to Sender\n",
        "From: postmaster@shop.example\nSubject: Re: Delivery Status Notification (Failure)\n",
    ],
)
def test_a_person_who_tells_of_a_bounce_is_a_person(head: str) -> None:
    assert read_bounce(notice(SAYS, head)) is None


def test_a_person_whose_subject_is_that_of_a_notice_is_a_person() -> None:
    head = "From: ann@shop.example\nSubject: Mail delivery failed\n"

    assert read_bounce(notice("A mail of mine could not be delivered. Why is bob@far.example unknown?\n", head)) is None


def test_a_person_who_attaches_a_report_is_a_person() -> None:
    raw = report(block("failed", "5.1.1")).replace(b"multipart/report", b"multipart/mixed")
    raw = raw.replace(HEAD.encode(), b"From: ann@shop.example\nSubject: Fwd: Undelivered Mail\n")

    assert read_bounce(raw) is None


@pytest.mark.parametrize("kind", ["message/feedback-report", "message/disposition-notification"])
def test_complaints_and_read_receipts_are_no_bounces(kind: str) -> None:
    assert read_bounce(report("Original-Recipient: rfc822; bob@far.example\nFeedback-Type: abuse\n", kind)) is None


def test_a_postmaster_who_says_nothing_of_a_failure_is_no_bounce() -> None:
    assert read_bounce(notice("We will move to a new building.\n", "From: postmaster@x.example\nSubject: Hi\n")) is None


@pytest.mark.parametrize(
    ("status", "said", "failure"),
    [
        ("4.2.2", "", Failure.MAILBOX_FULL),
        (None, "mailbox is full", Failure.MAILBOX_FULL),
        (None, "listed at a blacklist", Failure.POLICY),
        ("5.1.8", "", Failure.POLICY),
        ("5.1.80", "", Failure.ADDRESS),
        ("5.4.4", "", Failure.ADDRESS),
        (None, "", Failure.OTHER),
    ],
)
def test_the_class_of_a_failure_follows_from_status_and_words(status: str | None, said: str, failure: Failure) -> None:
    assert failure_of(status, True, said) is failure


REPLIES = [
    (550, "5.1.1 no such user", Failure.ADDRESS),
    (550, "5.1.10 null MX", Failure.ADDRESS),
    (550, "5.1.2 no such host", Failure.ADDRESS),
    (550, "5.1.6 has moved away", Failure.ADDRESS),
    (551, "not here", Failure.ADDRESS),
    (553, "5.1.3 bad syntax", Failure.ADDRESS),
    (556, "it takes no mail", Failure.ADDRESS),
    (550, "5.1.8 your domain does not exist", Failure.POLICY),
    (550, "5.1.7 your address is wrong", Failure.POLICY),
    (552, "5.2.2 full", Failure.MAILBOX_FULL),
    (552, "full", Failure.MAILBOX_FULL),
    (550, "5.7.1 you are listed as a sender of spam", Failure.POLICY),
    (554, "go away", Failure.POLICY),
    (550, "no such user", Failure.OTHER),
    (550, "5.4.4 cannot route", Failure.ADDRESS),
    (550, "5.5.0 what?", Failure.OTHER),
    (550, "", Failure.OTHER),
    (550, "see section 5.1.1 of our terms", Failure.OTHER),
    (550, "5.1.1.9 is our address", Failure.OTHER),
    # The basic code says whether it is for good.
    (450, "5.1.1 no such user", Failure.TRANSIENT),
    (452, "4.2.2 full", Failure.TRANSIENT),
    (550, "4.1.1 try later", Failure.OTHER),
]


@pytest.mark.parametrize(("code", "reply", "failure"), REPLIES)
def test_a_refusal_is_told_by_its_status_and_else_by_its_basic_code(code: int, reply: str, failure: Failure) -> None:
    assert failure_of_reply(code, reply) is failure


STATUSES = [
    ("5.0.0", Failure.OTHER),
    ("5.1.0", Failure.ADDRESS),
    ("5.1.1", Failure.ADDRESS),
    ("5.1.2", Failure.ADDRESS),
    ("5.1.3", Failure.ADDRESS),
    ("5.1.4", Failure.ADDRESS),
    ("5.1.5", Failure.ADDRESS),
    ("5.1.6", Failure.ADDRESS),
    ("5.1.7", Failure.POLICY),
    ("5.1.8", Failure.POLICY),
    ("5.1.10", Failure.ADDRESS),
    ("5.2.1", Failure.ADDRESS),
    ("5.2.2", Failure.MAILBOX_FULL),
    ("5.2.3", Failure.POLICY),
    ("5.3.1", Failure.MAILBOX_FULL),
    ("5.3.4", Failure.POLICY),
    ("5.4.4", Failure.ADDRESS),
    ("5.6.1", Failure.POLICY),
    ("5.7.1", Failure.POLICY),
]


@pytest.mark.parametrize(("status", "failure"), STATUSES)
def test_a_status_means_the_same_in_a_bounce_and_in_a_refusal(status: str, failure: Failure) -> None:
    bounce = found(report(block("failed", status)))

    assert bounce.failure is failure
    assert failure_of_reply(550, f"{status} sorry") is failure


@pytest.mark.parametrize(
    "filler", ["\n", " ", "<", "a@", "user ", "message ", "550 ", "-", "To: a@b.example\n", "a: b\n", "\x00", "\udcff"]
)
@pytest.mark.parametrize("shape", ["notice", "report"])
def test_a_megabyte_of_one_thing_takes_bounded_time(filler: str, shape: str) -> None:
    text = filler * (1_000_000 // len(filler))
    body = f"{HEAD}\n{text}" if shape == "notice" else report("x").decode().replace("\nx\n", f"\n{text}\n")
    started = time.process_time()

    read_bounce(body.encode("utf-8", "surrogateescape"))

    assert time.process_time() - started < 5


def test_a_mail_nested_beyond_reason_is_read_without_failing() -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary={at}\n\n--{at}\n" for at in range(3_000))

    assert read_bounce(f"Return-Path: <>\n{HEAD}{nested}".encode()) is not None
