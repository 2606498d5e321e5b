"""A mail that an account sends to its own address, to see how it arrives; it can go to nobody else."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from mail.smtp.connection import SmtpServer, open_smtp

SUBJECT = "SupportDesk tries this mailbox"
TEXT = "SupportDesk sent this mail to see how it arrives. Nobody has to answer it, and it may be deleted.\n"


def mail_itself(server: SmtpServer, address: str, extension: str, token: str, now: datetime, mark_header: str) -> None:
    """Send a mail from an address to itself; with an `extension` to its plus address.

    The token is in its Message-ID and in the header `mark_header`, as some servers write another Message-ID.

    Raises what `open_smtp` and `Connection.send` raise.
    """
    domain = address.rpartition("@")[2]
    to = plus_address(address, extension) if extension else address
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = address, to, SUBJECT
    mail["Date"], mail["Message-ID"] = format_datetime(now), f"<{token}@{domain}>"
    mail["Auto-Submitted"], mail[mark_header] = "auto-generated", token
    mail.set_content(TEXT)
    with open_smtp(server, domain) as connection:
        connection.send(address, to, mail.as_bytes())


def plus_address(address: str, extension: str) -> str:
    """The address with something behind a plus sign in its local part (RFC 5233)."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{extension}@{domain}"
