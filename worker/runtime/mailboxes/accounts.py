"""The servers of the desk as the settings name them, each with what opens it: a password, or the token of a mailbox.

Nothing of OAuth2 is imported where no mailbox has a token.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mail.server import Server
from mail.smtp.connection import SmtpServer
from worker.runtime.services import Services, imap_server, smtp_server
from worker.settings.servers import MailboxSettings, SmtpSettings

if TYPE_CHECKING:
    from worker.runtime.mailboxes.access import MailboxAccess

# A poll renews a token so long before its end, and whoever else needs it later: as a rule nobody else has to.
POLL_RENEWS: Final = timedelta(minutes=10)
OTHERS_RENEW: Final = timedelta(minutes=1)


def imap_account(services: Services, box: MailboxSettings, early: timedelta = OTHERS_RENEW) -> Server:
    """The IMAP server of a mailbox; its token is renewed where it ends within `early`."""
    return imap_server(box, services.limits, access_to(services, box, early) if box.oauth else None)


def smtp_account(services: Services, smtp: SmtpSettings) -> SmtpServer:
    """An outgoing server; without a password it is opened by the token of the mailbox with the same user."""
    box = services.settings.mailbox_with_tokens(smtp)
    return smtp_server(smtp, services.limits, access_to(services, box) if box else None)


def smtp_servers_of(services: Services, box: MailboxSettings) -> tuple[SmtpSettings, ...]:
    """The outgoing servers that are opened by the token of a mailbox."""
    settings = services.settings
    every = (settings.smtp, *(other.smtp for other in settings.mailbox if other.smtp))
    return tuple(smtp for smtp in every if settings.mailbox_with_tokens(smtp) == box)


def access_to(services: Services, box: MailboxSettings, early: timedelta = OTHERS_RENEW) -> "MailboxAccess":
    """The token of a mailbox that has `oauth`."""
    # Of the 10 MB that it brings along, a desk with passwords needs nothing.
    from worker.runtime.mailboxes.access import MailboxAccess  # noqa: PLC0415

    assert box.oauth is not None
    client = box.oauth.client(box.user, min(MailboxAccess.MOST_SECONDS, services.limits.step_seconds))
    return MailboxAccess(services.engine, services.policy.keys.secrets, box.name, client, early)
