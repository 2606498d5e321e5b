"""An IMAP account read by folder and UID, oldest mail first; a mail's flags change only where a method says so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import DELETED, IMAPClient, exceptions

from mail.deadline import Deadline
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.batches import Bounds, batches, chunks
from mail.imap.connection import connect, translate_errors
from mail.imap.login import log_in, secret_of
from mail.mime.headers import HEAD_BYTES
from mail.server import Server, certificate_end, refuse_bare_password

# The client library refuses a line of more than 1,000,000 bytes, and a UID takes up to eleven of them.
SEARCH_SLICE = 50_000
# What we call ourselves where a server asks (RFC 2971, section 3.3); nothing of the installation or of its people.
IDENTITY = {"name": "SupportDesk", "version": "1", "vendor": "SupportDesk"}
EPOCH = datetime.fromtimestamp(0, tz=UTC)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail that was fetched: its folder and UID, its INTERNALDATE (aware, UTC), and its bytes."""

    folder: str
    uidvalidity: int
    uid: int
    internaldate: datetime
    raw: bytes


@dataclass(frozen=True, slots=True)
class Unfetched:
    """One mail that the server lists but did not send; `error` is a sentence that says why."""

    folder: str
    uidvalidity: int
    uid: int
    error: str


@dataclass(frozen=True, slots=True)
class Oversized:
    """One mail above `Bounds.largest`, which stays on the server: its size in bytes, and its headers."""

    folder: str
    uidvalidity: int
    uid: int
    internaldate: datetime
    size: int
    head: bytes


FetchResult = Fetched | Oversized | Unfetched
DEFAULT_BOUNDS = Bounds()


@contextmanager
def open_mailbox(server: Server, seconds: float | None = None) -> Iterator["Mailbox"]:
    """Yield a mailbox that is logged in; log out at the end, or only close the connection after an error.

    After `seconds` in all the connection is cut; None: only the server's timeout holds.

    Raises:
        TemporaryFailure: the server cannot be reached or is busy, or `seconds` are over; or no token can be had now.
        PermanentFailure: the login was refused, or it would have sent the password unencrypted; or there is no token.

    """
    refuse_bare_password(server)
    secret = secret_of(server)
    deadline = Deadline(seconds)
    try:
        with connect(server, deadline) as client:
            with translate_errors(f"the login of {server.user} at {server} failed"):
                log_in(client, server, secret)
                _say_who_we_are(client)
            yield Mailbox(client, server)
            with suppress(Exception):
                client.logout()
    except TemporaryFailure as failure:
        if deadline.passed:
            raise TemporaryFailure(f"{server} was left: {deadline} ({failure})") from failure
        raise


class Mailbox:
    """A logged-in IMAP connection with at most one folder selected; methods raise TemporaryFailure or PermanentFailure.

    `client` is the library's client of the same connection, for commands without a method here, such as IDLE.
    """

    def __init__(self, client: IMAPClient, server: Server) -> None:
        self.client = client
        self._server = server
        self._folder = ""
        self._uidvalidity = 0
        self._exists = 0
        self._permanent: tuple[bytes, ...] = ()

    @property
    def certificate_ends_at(self) -> datetime | None:
        """When the certificate ends that the server showed; None without TLS."""
        return certificate_end(self.client.socket())

    def select(self, folder: str) -> int:
        """Open a folder for reading and flagging, and return its UIDVALIDITY.

        PermanentFailure: there is no such folder, or it has no UIDs.
        """
        with translate_errors(f"folder {folder!r} of {self._server.user} at {self._server} cannot be opened"):
            answer = self.client.select_folder(folder)
        if b"UIDVALIDITY" not in answer:
            raise PermanentFailure(f"{self._server} keeps no UIDs in folder {folder!r}, so it cannot be read from")
        self._folder = folder
        self._uidvalidity = int(answer[b"UIDVALIDITY"])
        self._exists = int(answer[b"EXISTS"])
        # Without the list every flag may be kept (RFC 3501, section 6.3.1).
        self._permanent = tuple(flag.lower() for flag in answer.get(b"PERMANENTFLAGS", (rb"\*",)))
        return self._uidvalidity

    def all_uids(self) -> list[int]:
        """Return every UID of the selected folder, oldest first."""
        return self.uids_after(0)

    def uids_after(self, uid: int) -> list[int]:
        """Return the UIDs above `uid`, oldest first, mails that arrived since `select` included."""
        with translate_errors(f"{self._server} stopped answering"):
            self.client.noop()
        found = {one for piece in self._slices() for one in self._search(*piece, "UID", f"{uid + 1}:*")}
        # `n:*` names the last mail even where its UID is below n (RFC 3501, section 6.4.8).
        return sorted(one for one in found if one > uid)

    def fetch_after(self, uid: int, bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[FetchResult]:
        """Fetch what `uids_after` names, as `fetch` does."""
        return self.fetch(self.uids_after(uid), bounds)

    def fetch(self, uids: Sequence[int], bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[FetchResult]:
        """Yield mails in the given order, without marking them as seen; a UID that is gone is left out.

        Of a mail above `bounds.largest` only the headers are fetched.
        """
        for some in batches(uids):
            sizes = self._sizes(some, bounds)
            for chunk in chunks(sizes, bounds):
                if sizes[chunk[0]] > bounds.largest:
                    yield from self._fetch_head(chunk[0], sizes[chunk[0]])
                else:
                    yield from self._fetch_chunk(chunk)

    def dates(self, uids: Sequence[int]) -> dict[int, datetime]:
        """Return the INTERNALDATE of each mail by UID (aware, UTC); a UID that is gone is left out."""
        answers = [self._fetch(some, "INTERNALDATE") for some in batches(uids)]
        return {
            uid: _internaldate(mail) for answer in answers for uid, mail in answer.items() if b"INTERNALDATE" in mail
        }

    def flag(self, uids: Sequence[int], flag: str) -> bool:
        """Set a flag or keyword; False, and nothing is done, where the server would not keep it (PERMANENTFLAGS)."""
        if not {rb"\*", flag.lower().encode()} & set(self._permanent):
            return False
        for some in batches(uids):
            with translate_errors(f"{self._server} did not set {flag} in folder {self._folder!r}"):
                self.client.add_flags(some, [flag], silent=True)
        return True

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails to a folder, which is created where it is missing.

        A server with neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315) keeps the originals, marked as deleted:
        its only EXPUNGE would also remove what others have marked.
        """
        with translate_errors(f"{self._server} did not create folder {folder!r}"):
            if not self.client.folder_exists(folder):
                self.client.create_folder(folder)
                # Mail programs show only what is subscribed.
                self.client.subscribe_folder(folder)
        for some in batches(uids):
            with translate_errors(f"{self._server} did not move mails from folder {self._folder!r} to {folder!r}"):
                self._move(some, folder)

    def append(self, folder: str, raw: bytes, flags: Sequence[str] = (), when: datetime | None = None) -> None:
        """Put a mail into a folder; `when` (aware) becomes its INTERNALDATE."""
        with translate_errors(f"{self._server} did not take a mail of {len(raw)} bytes into folder {folder!r}"):
            self.client.append(folder, raw, flags, when)

    def _search(self, *criteria: str) -> list[int]:
        with translate_errors(f"{self._server} did not search folder {self._folder!r}"):
            return [int(uid) for uid in self.client.search(list(criteria))]

    def _slices(self) -> Iterator[tuple[str, ...]]:
        """Yield search criteria for slices of sequence numbers that cover the folder; empty ones for a small folder."""
        if self._exists <= SEARCH_SLICE:
            yield ()
            return
        last = (self._exists - 1) // SEARCH_SLICE * SEARCH_SLICE + 1
        for first in range(1, last, SEARCH_SLICE):
            yield (f"{first}:{first + SEARCH_SLICE - 1}",)
        yield (f"{last}:*",)

    def _sizes(self, uids: Sequence[int], bounds: Bounds) -> dict[int, int]:
        try:
            answer = self._fetch(uids, "RFC822.SIZE")
        except PermanentFailure:
            # One mail that breaks the answer must not hide the others: with this size, each is then fetched alone.
            return dict.fromkeys(uids, bounds.size)
        return {uid: int(answer.get(uid, {}).get(b"RFC822.SIZE", 0)) for uid in uids}

    def _fetch(self, uids: Sequence[int], *parts: str) -> dict[int, dict[bytes, Any]]:
        with translate_errors(f"{self._server} did not hand over mails of folder {self._folder!r}"):
            return dict(self.client.fetch(list(uids), list(parts)))

    def _fetch_chunk(self, uids: Sequence[int]) -> Iterator[FetchResult]:
        error = "the server lists this mail but did not send it"
        answer: dict[int, dict[bytes, Any]] = {}
        try:
            answer = self._fetch(uids, "INTERNALDATE", "BODY.PEEK[]")
        except PermanentFailure as failure:
            if len(uids) > 1:
                for uid in uids:
                    yield from self._fetch_chunk([uid])
                return
            error = str(failure)
        for uid in uids:
            # What was handed over is not kept here, too.
            mail = answer.pop(uid, {})
            if isinstance(mail.get(b"BODY[]"), bytes):
                yield Fetched(self._folder, self._uidvalidity, uid, _internaldate(mail), mail.pop(b"BODY[]"))
            elif self._is_there(uid):
                yield Unfetched(self._folder, self._uidvalidity, uid, error)

    def _fetch_head(self, uid: int, size: int) -> Iterator[FetchResult]:
        error = f"it has {size} bytes, and the server did not send its headers"
        mail: dict[bytes, Any] = {}
        try:
            mail = self._fetch([uid], "INTERNALDATE", f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>").get(uid, {})
        except PermanentFailure as failure:
            error = str(failure)
        head = mail.get(b"BODY[HEADER]<0>")
        if isinstance(head, bytes):
            yield Oversized(self._folder, self._uidvalidity, uid, _internaldate(mail), size, head)
        elif self._is_there(uid):
            yield Unfetched(self._folder, self._uidvalidity, uid, error)

    def _is_there(self, uid: int) -> bool:
        # A mail that another session removed stays listed until the server reports it, which NOOP makes it do.
        with translate_errors(f"{self._server} stopped answering"):
            self.client.noop()
        return uid in self._search("UID", str(uid))

    def _move(self, uids: Sequence[int], folder: str) -> None:
        if self.client.has_capability("MOVE"):
            self.client.move(uids, folder)
            return
        self.client.copy(uids, folder)
        self.client.add_flags(uids, [DELETED], silent=True)
        if self.client.has_capability("UIDPLUS"):
            self.client.uid_expunge(uids)


def _say_who_we_are(client: IMAPClient) -> None:
    """Name ourselves where the server lists ID (RFC 2971): some open no folder for a client that has not.

    A server that refuses to hear it is none the worse for us.
    """
    if not client.has_capability("ID"):
        return
    try:
        client.id_(IDENTITY)
    except exceptions.IMAPClientAbortError:
        raise
    except (exceptions.IMAPClientError, ValueError):
        return


def _internaldate(mail: dict[bytes, Any]) -> datetime:
    # A server that sends no valid date breaks RFC 3501, which is no reason to refuse the mail.
    internaldate: datetime = mail.get(b"INTERNALDATE") or EPOCH
    return internaldate.astimezone(UTC)
