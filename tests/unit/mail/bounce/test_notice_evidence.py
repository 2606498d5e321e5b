"""What makes a mail without a delivery report a bounce, and what only looks like one."""

import json

import pytest

from mail.bounce.read import read_bounce
from mail.inbound.message import InboundMail, MailKind
from mail.inbound.parse import parse

SAYS = "Your message could not be delivered.\n\n<bob@far.example>:\n550 5.1.1 user unknown\n"
OURS = (
    "Return-Path: <support@desk.example>\nMessage-ID: <m1@desk.example>\nFrom: Support <support@desk.example>\n"
    "To: bob@far.example\nSubject: [SD-12] Lift\n"
)


def read(head: str, text: str) -> InboundMail:
    return parse(f"To: Support <support@desk.example>\n{head}\n{text}".encode())


BOUNCES = {
    "a null path": ("Return-Path: <>\nFrom: mail@mx.example\nSubject: Your mail\n", SAYS),
    "no address in From": (
        "From: <>\nSubject: Re: [SD-12] Lift\n",
        ("That is not a valid user here, so it was rejected:\n\nbob@far.example\n\n550 no such user\n"),
    ),
    "a path that a server wrote": (
        "Return-Path: <MAILER-DAEMON@in.example>\nFrom: gate@mx.example\nSubject: Lift\n",
        SAYS,
    ),
    "a gateway called post_master": ("From: post_master@mx.example\nSubject: Re: [SD-12] Lift\n", SAYS),
    "Symantec": ("From: Mail Delivery System <Mail.Delivery.System@mx.example>\nSubject: Delivery failure\n", SAYS),
    "System Administrator as the local part": (
        'From: "System Administrator"@mx.example\nSubject: Undeliverable\n',
        SAYS,
    ),
    "a gateway's tag": ("From: postmaster@mx.example\nSubject: [EXTERNAL] Undeliverable: Lift\n", SAYS),
    "what failed, and below it why": (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Your mail\n",
        (
            "The details:\n\nSubject: Lift\nDate: Tue, 3 Nov 2026 08:14\nTo: bob@far.example\n\n"
            "mx.far.example rejected <bob@far.example>: 550 5.1.1 no such user\n"
        ),
    ),
}


@pytest.mark.parametrize("what", BOUNCES)
def test_an_envelope_and_a_diagnosis_make_a_bounce(what: str) -> None:
    mail = read(*BOUNCES[what])

    assert mail.kind is MailKind.BOUNCE, mail.signs
    assert mail.bounce is not None
    assert [one.address for one in mail.bounce.recipients] == ["bob@far.example"]


PEOPLE = {
    "a name and a phrase": (
        "From: System Administrator <admin@x.example>\nSubject: Portal\n",
        "The order could not be processed.\n",
    ),
    "a domain and a phrase": ("From: tom@mailservice24.example\nSubject: Invoice\n", "It could not be processed.\n"),
    "a subject and a quoted head": (
        "From: tom@x.example\nSubject: Undeliverable: my mail\n",
        "This came back.\n\nFrom: Tom\nTo: Bob\nSubject: Hi\nDate: Monday\n\nnot delivered\n",
    ),
    "a whole notice, pasted": (
        "From: tom@x.example\nSubject: Delivery failed\n",
        f"See here.\n\n{SAYS}\n{OURS}\nHello\n",
    ),
    "the owner of postmaster@": (
        "From: Eva <postmaster@x.example>\nSubject: Mail delivery problem\n",
        "Our mail to you was rejected: 550 5.7.1. Which address is right?\n",
    ),
    "an answer to a notice": ("From: postmaster@x.example\nSubject: Re: Undeliverable: Lift\n", SAYS),
    "who answers under our head": (
        "From: bob@far.example\nSubject: Undeliverable\n",
        f"It was rejected, see.\n\n{OURS}\n",
    ),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_words_and_quotes_are_a_persons(who: str) -> None:
    assert read(*PEOPLE[who]).kind in {MailKind.PERSON, MailKind.GENERATED}
    assert read(*PEOPLE[who]).kind is MailKind.PERSON or who == "a whole notice, pasted"


def test_what_only_looks_like_a_notice_opens_a_ticket_without_acknowledgement() -> None:
    mail = read(
        "From: gate@mx.example\nSubject: Delivery failure notification\n",
        "Your message could not be delivered to the following recipients:\n\nbob@far.example\n",
    )

    assert mail.kind is MailKind.GENERATED
    assert mail.bounce is not None
    assert not mail.bounce.is_certain


@pytest.mark.parametrize("local", ["contact", "support", "question", "sender", "info.contact", "support-team"])
def test_a_recipient_whose_address_holds_a_helpers_word_is_named(local: str) -> None:
    said = (
        f"I could not deliver your message to this address.\n\n<{local}@stone.example>:\n192.0.2.9 said: 550 5.1.1 no\n"
    )
    bounce = read_bounce(f"From: MAILER-DAEMON@mx.example\nSubject: failure notice\nReturn-Path: <>\n\n{said}".encode())

    assert bounce is not None
    assert [one.address for one in bounce.recipients] == [f"{local}@stone.example"]


@pytest.mark.parametrize(
    "line", ["For help, contact eva@mx.example", "<postmaster@mx.example>", "Sender: eva@mx.example"]
)
def test_who_helps_is_no_recipient(line: str) -> None:
    said = f"It could not be delivered.\n{line}\n550 5.1.1 unknown\n"
    bounce = read_bounce(f"From: MAILER-DAEMON@mx.example\nSubject: failure notice\nReturn-Path: <>\n\n{said}".encode())

    assert bounce is not None
    assert bounce.recipients == ()


def service(kind: str, member: str, listed: str, one: dict[str, str], wrapped: bool = False, **more: str) -> bytes:
    notice = {
        "notificationType": kind,
        member: {listed: [{"emailAddress": "bob@far.example", **one}], **more},
        "mail": {"commonHeaders": {"messageId": "<m1@desk.example>"}},
    }
    text = json.dumps({"Type": "Notification", "Message": json.dumps(notice)} if wrapped else notice)
    return (
        f"From: no-reply@service.example\nSubject: Notification Message\n\n{text}\n\n--\nTo stop it, click.\n".encode()
    )


FAILED = {"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_services_notice_as_json_is_a_bounce(wrapped: bool) -> None:
    mail = parse(service("Bounce", "bounce", "bouncedRecipients", FAILED, wrapped, bounceType="Permanent"))

    assert mail.kind is MailKind.BOUNCE
    assert mail.bounce is not None
    assert mail.bounce.original_message_id == "m1@desk.example"
    assert [(one.address, one.status, one.permanent) for one in mail.bounce.recipients] == [
        ("bob@far.example", "5.1.1", True)
    ]


def test_a_services_notice_of_a_delay_is_not_permanent() -> None:
    bounce = read_bounce(service("DeliveryDelay", "deliveryDelay", "delayedRecipients", {"status": "4.4.1"}))

    assert bounce is not None
    assert (bounce.permanent, bounce.final) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"notificationType": "Bounce"}',
        '{"notificationType": "Bounce", "bounce": {"bouncedRecipients": [1]}}',
        '{"a":' * 50_000,
        "{ is how our code begins",
        '{"eventType": "Delivery", "delivery": {"recipients": ["a@x.example"]}}',
    ],
)
def test_other_text_that_begins_like_json_is_none(text: str) -> None:
    assert read_bounce(f"From: ann@x.example\nSubject: Code\n\n{text}\n".encode()) is None
