"""A mail is taken up with all of its bytes, however many chunks hold them, and by its claim's owner only."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy.exc import SQLAlchemyError

from mail.mime.encodings import LongContent
from models.db.claims import Claimed, claim_fresh
from models.db.errors import is_infrastructure
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.mails import LedgerMail, lock_mail
from models.ledger.rows import CHUNK, LEDGER, NewMail, store
from models.tickets.long_blobs import store_long_blob
from tests.support.database.services import AGENT, SUPPORT, a_raw_mail, execute, process, query, store_in_ledger
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

LEASE = timedelta(minutes=1)
HEADER = b"Subject: Large\n\n"
STORED = NewMail(0, "INBOX", 7, 0, None, None, (), b"f" * 32, b"")
pytestmark = pytest.mark.services(AGENT)


def some_bytes(size: int, mark: str) -> bytes:
    """So many bytes, no two megabytes of which are the same."""
    lines = (f"{mark} {number:012}\n".encode() for number in range(size // 14 + 1))
    return (HEADER + b"".join(lines))[:size]


def keep(services: Services, uid: int, raw: bytes, partial_of: int | None = None) -> int:
    """Store bytes as a mail of the ledger; its row."""
    with transaction(services.engine) as session:
        mailbox = ensure_mailbox(session, "support", SUPPORT)
        row = store(session, replace(STORED, mailbox_id=mailbox, uid=uid, raw=raw, partial_of=partial_of))
    assert row
    return row


def taken(services: Services, row: int) -> LedgerMail | None:
    with transaction(services.engine) as session:
        return lock_mail(session, claim_fresh(session, LEDGER, LEASE, 10), row)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_a_mail_is_taken_whole_whatever_its_size(services: Services, size: int) -> None:
    before, mail, after = (some_bytes(size + CHUNK, "before"), some_bytes(size, "mail"), some_bytes(size, "after"))
    row = [keep(services, uid, raw) for uid, raw in enumerate((before, mail, after), 1)][1]

    ledger_mail = taken(services, row)

    # The hash alone is compared, for pytest would print megabytes.
    assert ledger_mail
    assert (len(ledger_mail.raw), sha256(ledger_mail.raw).digest()) == (size, sha256(mail).digest())


def test_a_file_that_fills_several_chunks_is_attached_whole(services: Services) -> None:
    film = some_bytes(2 * CHUNK, "film")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ann@customer.example", SUPPORT, "A film"
    mail.set_content("See the film.")
    mail.add_attachment(film, "video", "mp4", filename="film.mp4")

    ledger = process(services, mail.as_bytes())

    attached = "SELECT a.filename, b.size, b.sha256 FROM mail.attachment a JOIN mail.blob b USING (sha256)"
    assert ledger["size"] > 2 * CHUNK
    assert query(services, attached) == [{"filename": "film.mp4", "size": 2 * CHUNK, "sha256": sha256(film).digest()}]


def test_a_long_file_that_two_transactions_bring_at_once_is_stored_once(services: Services) -> None:
    film = memoryview(some_bytes(2 * CHUNK, "film"))
    long = LongContent(film, is_base64=False, size=len(film), sha256=sha256(film).digest())

    def bring() -> None:
        with transaction(services.engine) as session:
            store_long_blob(session, long)

    with ThreadPoolExecutor(1) as beside:
        with transaction(services.engine) as session:
            store_long_blob(session, long)
            waiting = beside.submit(bring)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.2)
        waiting.result(timeout=30)

    stored = "SELECT size, sha256(content) AS of_content FROM mail.blob"
    assert query(services, stored) == [{"size": 2 * CHUNK, "of_content": long.sha256}]


def test_a_connection_that_is_lost_while_a_long_file_is_stored_is_nobodys_fault(services: Services) -> None:
    film = memoryview(some_bytes(2 * CHUNK, "film"))

    class Cut(LongContent):
        def pieces(self) -> Iterator[bytes]:
            ours = "datname = current_database() AND query LIKE 'COPY mail.blob%'"
            assert query(services, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
            yield from super().pieces()

    with pytest.raises(SQLAlchemyError) as raised, transaction(services.engine) as session:
        store_long_blob(session, Cut(film, is_base64=False, size=len(film), sha256=sha256(film).digest()))

    assert is_infrastructure(raised.value)


def test_of_a_partial_mail_there_are_its_headers_and_its_size_on_the_server(services: Services) -> None:
    row = keep(services, 1, HEADER, partial_of=50 * CHUNK)

    ledger_mail = taken(services, row)

    assert ledger_mail
    assert (ledger_mail.partial, ledger_mail.size, ledger_mail.raw) == (True, 50 * CHUNK, HEADER)


def test_a_mail_that_is_somebody_elses_by_now_is_not_taken(services: Services) -> None:
    row = store_in_ledger(services, a_raw_mail())
    execute(services, "UPDATE mail.ledger SET claimed_by = gen_random_uuid()")

    with transaction(services.engine) as session:
        assert lock_mail(session, Claimed(uuid4(), (row or 0,)), row or 0) is None
