"""Mails of programs as they are laid out, in words of our own: bounces, absences, challenges, receipts, invitations."""

import pytest

from mail.bounce.failure import Failure
from mail.inbound.message import InboundMail, MailKind
from mail.inbound.parse import parse

TO = "To: desk@desk.example\n"
SENT = "Message-ID: <m1@desk.example>\nFrom: desk@desk.example\nTo: bob@far.example\nSubject: Hello\n"
BOB = "bob@far.example"


def read(head: str, body: str) -> InboundMail:
    return parse(f"{TO}{head}\n{body}".encode())


def report(sender: str, subject: str, words: str, block: str) -> tuple[str, str]:
    """A delivery report (RFC 3464): its header, and its three parts."""
    head = (
        f"From: {sender}\nSubject: {subject}\nReturn-Path: <>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"\n'
    )
    parts = (
        f"Content-Type: text/plain; charset=utf-8\n\n{words}\n",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.far.example\n\n{block}\n",
        f"Content-Type: message/rfc822\n\n{SENT}\nHello Bob\n",
    )
    return head, "".join(f"--=_b\n{part}" for part in parts) + "--=_b--\n"


def block(status: str, said: str, action: str = "failed") -> str:
    return f"Final-Recipient: rfc822; {BOB}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n"


# Whose bounce it is: its header, its body, whether it is final, and the class of the failure.
BOUNCES: dict[str, tuple[tuple[str, str], bool, Failure]] = {
    "Postfix": (
        report("MAILER-DAEMON@mx.far.example (Mail Delivery System)", "Undelivered Mail Returned to Sender",
               f"Your mail could not be delivered.\n\n<{BOB}>: host mx said: 550 5.1.1 unknown",
               block("5.1.1", "550 5.1.1 User unknown in virtual mailbox table")), True, Failure.ADDRESS),
    "Postfix, delayed": (
        report("MAILER-DAEMON@mx.far.example", "Delayed Mail (still being retried)",
               "THIS IS A WARNING ONLY. You do not need to resend.", block("4.4.1", "connect timed out", "delayed")),
        False, Failure.TRANSIENT),
    "Exchange": (
        report("postmaster@far.example", "Undeliverable: Hello", f"Your message to {BOB} couldn't be delivered.",
               block("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found")), True, Failure.ADDRESS),
    "Exchange, full": (
        report("Microsoft Outlook <MicrosoftExchange329e@far.example>", "Undeliverable: Hello", "The mailbox is full.",
               block("5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver")), True, Failure.MAILBOX_FULL),
    "Microsoft 365, policy": (
        report("postmaster@far.onmicrosoft.example", "Undeliverable: Hello", "Your organization is not allowed.",
               block("5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup")), True, Failure.POLICY),
    "Microsoft 365, in French": (
        report("postmaster@far.example", "Non remis : Bonjour", f"Votre message à {BOB} n'a pas pu être remis.",
               block("5.1.10", "550 5.1.10 not found")), True, Failure.ADDRESS),
    "Gmail": (
        report("Mail Delivery Subsystem <mailer-daemon@far.example>", "Delivery Status Notification (Failure)",
               f"** Address not found **\n\nYour message wasn't delivered to {BOB}.",
               block("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist.")),
        True, Failure.ADDRESS),
    "Gmail, delayed": (
        report("Mail Delivery Subsystem <mailer-daemon@far.example>", "Delivery Status Notification (Delay)",
               "Delivery incomplete. Gmail will retry for 46 more hours.", block("4.4.1", "timed out", "delayed")),
        False, Failure.TRANSIENT),
    "Amazon SES": (
        report("MAILER-DAEMON@eu-west-1.ses.example", "Delivery Status Notification (Failure)",
               f"An error occurred while trying to deliver the mail to the following recipients:\n{BOB}",
               block("5.1.1", "550 5.1.1 user unknown")), True, Failure.ADDRESS),
    "Sendgrid": (
        ("From: MAILER-DAEMON@sendgrid.example\nSubject: Undelivered Mail Returned to Sender\n",
         f"Hello.\n\nIt could not be delivered to:\n\n<{BOB}>\n\n550 5.4.1 recipient address rejected: access denied"),
        True, Failure.ADDRESS),
    "Mimecast": (
        ("From: postmaster@mimecast.example\nSubject: [Postmaster] Email Delivery Failure\n",
         (f"This is a notification.\n\nUnable to deliver message to the following recipients:\n\n{BOB}\n\n"
         "550 Rejected by header based blocked senders policy\n")), True, Failure.POLICY),
    "qmail": (
        ("From: MAILER-DAEMON@mx.example\nSubject: failure notice\nReturn-Path: <>\n",
         ("Hi. This is the qmail-send program at mx.example.\nI wasn't able to deliver your message to the "
         f"following addresses.\n\n<{BOB}>:\nRemote host said: 550 5.1.1 unknown\n\n"
         f"--- Below this line is a copy of the message.\n\n{SENT}\nHello\n")), True, Failure.ADDRESS),
    "Exim": (
        ((f"From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: {BOB}\n"
         "Subject: Mail delivery failed: returning message to sender\nAuto-Submitted: auto-replied\n"),
         (f"A message that you sent could not be delivered.\n\n  {BOB}\n    host mx.far.example [192.0.2.1]\n"
         "    SMTP error from remote mail server after RCPT TO: 550 No such user here\n\n"
         f"------ This is a copy of the message, including all the headers. ------\n\n{SENT}\nHello\n")),
        True, Failure.ADDRESS),
    "Exim, delayed": (
        ("From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Warning: message 1abc delayed 24 hours\n",
         (f"A message that you sent has not yet been delivered.\n\nThe address is:\n\n  {BOB}\n    Delay reason: none\n"
         "\nNo action is required on your part. Delivery attempts will continue for some time.\n")),
        False, Failure.TRANSIENT),
    "Sendmail": (
        report("Mail Delivery Subsystem <MAILER-DAEMON@mx.example>", "Returned mail: see transcript for details",
               f"   ----- The following addresses had permanent fatal errors -----\n<{BOB}>",
               block("5.2.2", "552 5.2.2 over quota")), True, Failure.MAILBOX_FULL),
    "Domino": (
        report("Postmaster@far.example", "DELIVERY FAILURE: User bob (bob@far.example) not listed in Domino Directory",
               "Your message was not delivered.", block("5.1.1", "User not listed in Domino Directory")),
        True, Failure.ADDRESS),
    "GMX": (
        ("From: GMX Mailer Daemon <mailer-daemon@gmx.example>\nSubject: Mail delivery failed: returning\n",
         f"Eine E-Mail konnte nicht zugestellt werden:\n\n{BOB}:\nSMTP error, reason: 550 user unknown\n"),
        True, Failure.ADDRESS),
}  # fmt: skip


@pytest.mark.parametrize("program", BOUNCES)
def test_a_bounce_names_whom_it_did_not_reach_and_why(program: str) -> None:
    mail, permanent, failure = BOUNCES[program]
    found = read(*mail)

    assert (found.kind, found.bounce is not None) == (MailKind.BOUNCE, True)
    assert found.bounce is not None
    assert [one.address for one in found.bounce.recipients] == [BOB]
    assert (found.bounce.permanent, found.bounce.failure) == (permanent, failure)


ABSENT = "I am away until Monday.\n"
ANSWERED = "In-Reply-To: <m1@desk.example>\n"
ABSENCES = {
    "Exchange": "Subject: Automatic reply: Hello\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
    "Outlook, older": "Subject: Out of Office: Hello\nX-Auto-Response-Suppress: All\n",
    "Outlook in German": f"Subject: =?utf-8?q?Automatische_Antwort=3A_Hallo?=\n{ANSWERED}",
    "Outlook in French": f"Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_Bonjour?=\n{ANSWERED}",
    "Outlook in Spanish": f"Subject: =?utf-8?q?Respuesta_autom=C3=A1tica=3A_Hola?=\n{ANSWERED}",
    "Outlook in Japanese": f"Subject: =?utf-8?b?6Ieq5YuV5b+c562U?=: x\n{ANSWERED}",
    "Outlook in Polish": f"Subject: =?utf-8?q?Odpowied=C5=BA_automatyczna=3A_x?=\n{ANSWERED}",
    "Gmail": "Subject: Away Re: Hello\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-Autoreply: yes\n",
    "vacation on Unix": "Subject: away from my mail\nPrecedence: bulk\nX-Mailer: vacation 1.2\n",
    "Sieve": "Subject: Auto: Hello\nAuto-Submitted: auto-replied (vacation)\n",
    "cPanel": "Subject: Away\nX-Autorespond: Hello\nPrecedence: auto_reply\n",
    "Notes": f"Subject: Ann Smith is out of the office.\n{ANSWERED}",
    "GroupWise": f"Subject: Re: Hello (Out of Office)\nX-Autoreply: Yes\n{ANSWERED}",
    "Zimbra": "Subject: Re: Hello\nAuto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk\n",
    "a help desk": f"Subject: [#1] Hello\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: OOF\n{ANSWERED}",
}


@pytest.mark.parametrize("program", ABSENCES)
def test_an_absence_is_automatic_and_says_why(program: str) -> None:
    found = read(f"From: ann@x.example\n{ABSENCES[program]}", ABSENT)

    assert found.kind is MailKind.AUTOMATIC
    assert found.automatic is not None


CHALLENGES = {
    "TMDA": "From: ann@x.example\nSubject: Please confirm your message\nX-Delivery-Agent: TMDA/1.1.12\n",
    "Active Spam Killer": "From: ann@x.example\nSubject: Please confirm (conf#1a2b)\nX-AskVersion: 2.5\n",
    "Spam Arrest": "From: Ann <ann+x@spamarrest.com>\nSubject: Re: Hello (verification required)\n",
    "Boxbe": "From: Ann <ann@x.example>\nSubject: Hello (Action Required)\nX-Boxbe-Confirm: 1\n",
    "EarthLink": "From: ann <spamblocker-challenge@bounce.x.example>\nSubject: Re: Hello\n",
    "UOL": "From: AntiSpam UOL <x@antispam.uol.com.br>\nSubject: Re: Hello\n",
    "a title alone, as an answer": f"From: ann@x.example\nSubject: Sender verification required\n{ANSWERED}",
    "a title in French": f"From: ann@x.example\nSubject: Merci de vous authentifier\n{ANSWERED}",
    "in German": f"From: a@x.example\nSubject: =?utf-8?q?Bitte_best=C3=A4tigen_Sie_Ihre_Nachricht?=\n{ANSWERED}",
}


@pytest.mark.parametrize("program", CHALLENGES)
def test_a_challenge_is_automatic_and_named_as_such(program: str) -> None:
    found = read(CHALLENGES[program], "Click here so that your mail reaches me.\n")

    assert found.kind is MailKind.AUTOMATIC
    assert (found.automatic or "").startswith("It asks us to confirm a mail of ours: ")


PEOPLE = {
    "uses a program that sends challenges": "Subject: Hello\nX-Delivery-Agent: TMDA/1.1.12\nX-TMDA-Fingerprint: x\n",
    "asks for a confirmation": "Subject: Please confirm your message\n",
    "answers a subject that a program chose": f"Subject: Re: Please confirm your message\n{ANSWERED}",
    "has trouble with an address": f"Subject: Please confirm your email address\n{ANSWERED}",
    "writes of the office": "Subject: The printer is out of the office\n",
    "answers one who writes of the office": f"Subject: Re: Ann is out of the office\n{ANSWERED}",
    "says that no program wrote it": "Subject: A question\nAuto-Submitted: no\n",
}


@pytest.mark.parametrize("what", PEOPLE)
def test_a_person_is_a_person(what: str) -> None:
    assert read(f"From: ann@x.example\n{PEOPLE[what]}", "Can you help me?\n").kind is MailKind.PERSON


@pytest.mark.parametrize(
    ("content_type", "kind", "words"),
    [
        ("text/calendar; method=REPLY; charset=utf-8", MailKind.AUTOMATIC, "It answers an invitation"),
        ("text/calendar; method=COUNTER", MailKind.AUTOMATIC, "It answers an invitation"),
        ("text/calendar; method=REQUEST", MailKind.PERSON, ""),
        ("multipart/report; report-type=disposition-notification; boundary=b", MailKind.RECEIPT, "receipt of a reader"),
        ("multipart/report; report-type=delivery-status; boundary=b", MailKind.RECEIPT, "receipt of a mail server"),
        ("multipart/report; report-type=feedback-report; boundary=b", MailKind.REPORT, "complaint"),
    ],
)
def test_answers_of_calendars_and_receipts_are_named(content_type: str, kind: MailKind, words: str) -> None:
    found = read(f"From: ann@x.example\nSubject: Accepted: Hello\nContent-Type: {content_type}\n", "--b\n\nx\n--b--\n")

    assert (found.kind, words in (found.automatic or "")) == (kind, True)
