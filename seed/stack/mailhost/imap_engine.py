"""Changes to the IMAP engine in memory: keywords that last, lines in one piece, and logins by local part."""

import asyncio
from typing import Any

from mail_devel.auth import IMAPAuthenticator
from pymap.backend.dict import Config
from pymap.backend.mailbox import MailboxDataInterface
from pymap.parsing.specials.flag import Wildcard
from pysasl.creds.server import ServerCredentials

from seed.stack.mailhost.inboxes import Inboxes


class Logins(IMAPAuthenticator):  # type: ignore[misc]
    """Who may log in: every address, with the one password."""

    def __init__(self, config: Config, inboxes: Inboxes) -> None:
        super().__init__(config, multi_user=True)
        self._inboxes = inboxes

    async def authenticate(self, credentials: ServerCredentials) -> Any:
        """Check the password and open the inbox of the address, which the local part is enough to name."""
        identity = await super().authenticate(credentials)
        identity._name = self._inboxes.account(identity.name)  # noqa: SLF001
        await self._inboxes.get(identity.name)
        self.users_dict.setdefault(identity.name, self.users_dict[self.config.demo_user])
        return identity

    async def authorize(self, authenticated: Any, authzid: str) -> Any:
        """Accept the local part as the authorization identity, too."""
        return await super().authorize(authenticated, self._inboxes.account(authzid))


class WholeLines:
    """A stream that sends what was written only when it is drained.

    The IMAP engine writes a line in pieces, and clients that wait for news read a piece as a line.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def write(self, data: bytes) -> None:
        """Keep a piece."""
        self._pieces.append(bytes(data))

    def writelines(self, data: list[bytes]) -> None:
        """Keep pieces."""
        self._pieces.extend(map(bytes, data))

    async def drain(self) -> None:
        """Send what was kept."""
        pieces, self._pieces = self._pieces, []
        self._writer.write(b"".join(pieces))
        await self._writer.drain()


def keep_keywords() -> None:
    """Let clients set flags of their own, which the IMAP engine otherwise forgets without a word."""
    flags: Any = vars(MailboxDataInterface)["permanent_flags"]
    lasting = property(lambda mailbox: flags.fget(mailbox) | {Wildcard})
    type.__setattr__(MailboxDataInterface, "permanent_flags", lasting)
