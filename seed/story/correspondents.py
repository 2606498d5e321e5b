"""The mail programs of the example people: they send mail over SMTP and read their inboxes over IMAP."""

import smtplib
from dataclasses import dataclass, field
from email import message_from_bytes

from mail.imap.mailbox import Fetched, open_mailbox
from mail.server import Security, Server
from seed.stack.mailhost.server import MailServer
from seed.story.letters import FilledMail

TIMEOUT_SECONDS = 10


def send_mail(server: MailServer, mail: FilledMail) -> None:
    """Send a mail over SMTP with its author as envelope sender; OSError, smtplib's own included, where that fails."""
    with smtplib.SMTP(server.host, server.smtp_port, "localhost", timeout=TIMEOUT_SECONDS) as client:
        client.sendmail(mail.sender, [mail.recipient], mail.raw)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail in somebody's inbox."""

    message_id: str
    raw: bytes
    has_picture: bool


@dataclass(slots=True)
class Inbox:
    """One person's inbox as fetched so far: its mails in the order of their UIDs."""

    address: str
    mails: list[Delivered] = field(default_factory=list)
    _last_uid: int = 0

    def fetch(self, server: MailServer) -> None:
        """Fetch new mails; raises TemporaryFailure and PermanentFailure of mail/failures.py."""
        account = Server(
            server.host, server.imap_port, Security.PLAIN, self.address, server.password, timeout=TIMEOUT_SECONDS
        )
        with open_mailbox(account) as mailbox:
            mailbox.select("INBOX")
            for mail in mailbox.fetch_after(self._last_uid):
                self._last_uid = mail.uid
                if isinstance(mail, Fetched):
                    message = message_from_bytes(mail.raw)
                    has_picture = any(part.get_content_maintype() == "image" for part in message.walk())
                    message_id = (message["Message-ID"] or "").strip().strip("<>")
                    self.mails.append(Delivered(message_id, mail.raw, has_picture))

    def find(self, message_id: str) -> Delivered | None:
        """The mail with this Message-ID."""
        return next((mail for mail in self.mails if mail.message_id == message_id), None)
