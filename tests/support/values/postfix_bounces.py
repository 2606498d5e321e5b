"""Delivery status notifications (RFC 3464) for mails of the desk, in the form that Postfix gives them."""

from models.outbox.delivery import read_outbox_mail
from tests.support.database.services import query
from worker.deliver.compose import ReadyMail, ready_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

UNKNOWN = ("failed", "5.1.1", "550 5.1.1 <{to}>: Recipient address rejected: User unknown")
FULL = ("failed", "5.2.2", "552 5.2.2 <{to}>: mailbox is full")
POLICY = ("failed", "5.7.1", "554 5.7.1 message refused by policy")
LATER = ("failed", "4.4.2", "421 4.4.2 lost connection")
DELAYED = ("delayed", "4.4.1", "connect to mx.customer.example: Connection timed out")


def mail_to(services: Services, recipient: str) -> tuple[int, ReadyMail]:
    """The outbox id of the last mail to a recipient, and that mail as it is sent."""
    found = query(services, "SELECT max(id) AS id FROM mail.outbox WHERE recipient = :to", to=recipient)[0]
    with transaction(services.engine) as session:
        return found["id"], ready_mail(session, services, read_outbox_mail(session, found["id"]))


def a_postfix_bounce(
    mail: ReadyMail, failure: tuple[str, str, str] = UNKNOWN, *, to: str | None = None, number: int = 1
) -> bytes:
    """The bounce of a mail, to its envelope sender or another address; a failure is (action, status, diagnostic)."""
    action, status, diagnostic = failure
    head = mail.message.partition(b"\r\n\r\n")[0].decode()
    notice = f"This is the mail system at host mx.customer.example.\n\n<{mail.recipient}>: {diagnostic}\n"
    report = (
        f"Reporting-MTA: dns; mx.customer.example\nX-Postfix-Queue-ID: 4B2C{number}\n\n"
        f"Final-Recipient: rfc822; {mail.recipient}\nOriginal-Recipient: rfc822;{mail.recipient}\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {diagnostic}\n"
    )
    parts = (("text/plain", notice), ("message/delivery-status", report), ("text/rfc822-headers", head))
    body = "".join(f"--4B2C/mx\nContent-Type: {kind}\n\n{content}\n" for kind, content in parts) + "--4B2C/mx--\n"
    subject = "Delayed Mail (still being retried)" if action == "delayed" else "Undelivered Mail Returned to Sender"
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.customer.example (Mail Delivery System)\nSubject: {subject}\n"
        f"To: {to or mail.sender}\nAuto-Submitted: auto-replied\nMessage-Id: <4B2C{number}@mx.customer.example>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="4B2C/mx"\n\n'
    ).encode() + body.replace("{to}", mail.recipient).encode()
