"""Which refusals of an SMTP server are about us, the sender, and which about one mail or its recipient."""

import time

import pytest

from mail.bounce.sender import is_about_sender

OF_SENDER = (
    (550, "5.4.5 Daily user sending limit exceeded. For more information go to the help page"),
    (554, "5.7.0 limit on the number of allowed outgoing messages was exceeded. Try again later"),
    (554, "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process"),
    (550, "5.7.60 SMTP; Client does not have permissions to send as this sender"),
    (554, "5.2.252 SendAsDenied; support@desk.example not allowed to send as desk@desk.example"),
    (550, "5.1.8 Access denied, bad outbound sender"),
    (501, "5.1.8 Sender domain does not exist"),
    (550, "5.1.90 Your message can't be sent because you've reached your daily limit for message recipients"),
    (550, "5.7.708 Service unavailable. Access denied, traffic not accepted from this IP"),
    (550, "5.7.705 Access denied, tenant has exceeded threshold"),
    (550, "5.7.501 Access denied, spam abuse detected"),
    (550, "5.7.26 This mail is unauthenticated"),
    (550, "5.7.511 Access denied, banned sender"),
    (530, "5.7.0 Authentication Required"),
    (530, "5.7.57 Client was not authenticated to send anonymous mail during MAIL FROM"),
    (535, "Authentication failed"),
    (553, "5.7.1 <desk@desk.example>: Sender address rejected: not owned by user support"),
    (550, "5.7.1 Sender is not authorized"),
    (550, "Your account has been suspended for sending spam"),
    (554, "5.7.1 This account is restricted from sending outgoing messages"),
    (554, "5.7.1 <ann@customer.example>: Relay access denied"),
    (550, "relaying denied"),
    (550, "Outgoing mail from this server has been suspended"),
    (550, "You have exceeded your hourly sending quota"),
    (550, "5.7.1 Too many messages sent, please wait"),
    (554, "5.7.1 Client host rejected: Access denied"),
)
NOT_OF_SENDER = (
    (550, "5.1.1 no such person"),
    (550, "5.1.1 <too.many.messages.sent@customer.example>: User unknown"),
    (550, "5.1.0 it cannot be reached"),
    (550, "no such person"),
    (552, "5.2.2 The recipient's mailbox is over quota"),
    (552, "mailbox full"),
    (452, "4.2.2 over quota"),
    (550, "5.7.1 Message rejected as spam by content filtering"),
    (554, "5.7.1 The message contains a virus"),
    (550, "5.7.1 not you"),
    (552, "5.3.4 Message size exceeds the outgoing limit"),
    (552, "message size exceeds fixed maximum"),
    (550, "5.2.1 The account of the recipient is disabled"),
    (550, "5.4.4 host not found"),
    (554, "5.6.0 malformed header"),
)
SIZES = ((552, "5.3.4 Message size exceeds fixed limit"), (552, "too large"), (554, "5.2.3 too large for this account"))


@pytest.mark.parametrize(("code", "reply"), OF_SENDER)
def test_a_refusal_of_the_sender_is_about_us(code: int, reply: str) -> None:
    assert is_about_sender(code, reply, at_sender=False)


@pytest.mark.parametrize(("code", "reply"), NOT_OF_SENDER)
def test_a_refusal_of_a_mail_or_a_recipient_is_not(code: int, reply: str) -> None:
    assert not is_about_sender(code, reply, at_sender=False)


@pytest.mark.parametrize(("code", "reply"), [*OF_SENDER, (550, "no"), (554, "5.7.1 spam"), (501, "syntax"), (550, "")])
def test_every_refusal_of_the_command_mail_is_about_us(code: int, reply: str) -> None:
    assert is_about_sender(code, reply, at_sender=True)


@pytest.mark.parametrize("at_sender", [True, False])
@pytest.mark.parametrize(("code", "reply"), SIZES)
def test_the_size_is_the_mails_own_fault_wherever_it_is_said(code: int, reply: str, at_sender: bool) -> None:
    assert not is_about_sender(code, reply, at_sender=at_sender)


def test_a_long_reply_is_read_quickly() -> None:
    reply = "your " * 20_000 + "account " * 20_000 + "limit " * 20_000
    began = time.process_time()

    is_about_sender(550, reply, at_sender=False)

    assert time.process_time() - began < 2
