"""What a person wants to see of an account: its folders, what its server can do, and how far a folder goes."""

from dataclasses import dataclass

from mail.imap.connection import translate_errors
from mail.imap.mailbox import Mailbox
from mail.server import Server


@dataclass(frozen=True, slots=True)
class Offer:
    """The folders of an account, and what its server says that it can do, each sorted."""

    folders: tuple[str, ...]
    capabilities: tuple[str, ...]


def look_around(mailbox: Mailbox, server: Server) -> Offer:
    """List the folders and capabilities (RFC 9051, sections 6.3.9 and 6.1.1); raises as Mailbox does."""
    with translate_errors(f"{server} did not list its folders"):
        folders = [name if isinstance(name, str) else name.decode() for _, _, name in mailbox.client.list_folders()]
        offered = mailbox.client.capabilities()
    return Offer(tuple(sorted(folders)), tuple(sorted(one.decode("ascii", "replace") for one in offered)))


def newest_uid(mailbox: Mailbox, server: Server) -> int | None:
    """The UID of the last mail of the selected folder; None where it is empty. Raises as Mailbox does."""
    with translate_errors(f"{server} did not say which mail is its last"):
        found = mailbox.client.search(["UID", "*"])
    return max(map(int, found), default=None)
