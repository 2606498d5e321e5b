"""What an admin sees before a person is erased (GDPR, art. 17): how much there is of them, and why it must wait."""

from dataclasses import astuple, dataclass

from sqlalchemy.orm import Session

from desk.ticket import UNPROVEN_SENDERS
from models.db.statement import Statement
from models.intake.commands import NAMED_BY_CC
from models.outbox.breakers import ADDRESS_OF_KEY
from models.removal.privacy.erase import values_of
from models.removal.privacy.find import DataSubject, Traces


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """Mails of one folder on the server, as the ledger knows them."""

    mailbox: str
    folder: str
    uidvalidity: int
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DataCounts:
    """How much there is of a person.

    `mails` counts what they wrote and the reports on mails to them, `quarantined` those of them in quarantine, and
    `message_ids` their Message-IDs in the index; `answers` the mails of staff whose bytes quote them. `bytes` sums the
    bytes of all these mails. `comments_elsewhere` are their comments on tickets of others. `notices` are mails of ours
    to them or on what they wrote, `unsent` those to them that have not gone. `files` are those whose last reference
    goes, `file_bytes` their size, and `files_shared` those that others refer to as well. `logins` counts sessions and
    accounts of the web application, `guest_of` the tickets to which they were added by address alone. `objection` says
    that the address stands on the suppression list for good.
    """

    accounts: int
    tickets: int
    comments: int
    comments_elsewhere: int
    mails: int
    answers: int
    bytes: int
    quarantined: int
    message_ids: int
    notices: int
    unsent: int
    notes: int
    files: int
    file_bytes: int
    files_shared: int
    logins: int
    suppressions: int
    breakers: int
    guest_of: int
    objection: bool

    @property
    def is_nothing(self) -> bool:
        """True where nothing is known of the address."""
        return not any(astuple(self))


OWN_ADDRESS = "{0} is the desk's own address."
NOBODY = "Nobody here has the address {0}, and no mail of theirs is stored."
# Whether the address is the desk's own, and whether the person is staff: neither can be forgotten.
_EXEMPT = Statement("""
SELECT
    EXISTS (SELECT FROM mail.mailbox m WHERE m.address = :address)
        OR EXISTS (SELECT FROM mail.outbox o WHERE o.sender = :address) AS ours,
    EXISTS (
        SELECT FROM mail.staff s
        WHERE s.email = ANY(CAST(:addresses AS text[])) OR s.person_number = ANY(CAST(:numbers AS bigint[]))
    ) AS staff
""")
# Work under way: undecided mails of theirs and answers to them, such as one that waits for a word of its author;
# changes of theirs that nobody was told of; and mails of ours about them that are to go to others or are being sent.
_WAITING = Statement("""
SELECT
    (SELECT count(*) FROM mail.ledger l WHERE l.id = ANY(CAST(:read AS bigint[])) AND l.fate IS NULL) AS mails,
    (SELECT count(*) FROM mail.event e
     WHERE e.fate IS NULL AND (
        e.ticket_number = ANY(CAST(:tickets AS bigint[])) OR e.actor = ANY(CAST(:numbers AS bigint[]))
        OR e.person_number = ANY(CAST(:numbers AS bigint[])) OR e.cause = ANY(CAST(:mails AS bigint[]))
     )) AS changes,
    (SELECT count(*) FROM mail.outbox o
     WHERE o.id = ANY(CAST(:notices AS bigint[])) AND o.fate IS NULL
        AND (o.claimed_until > now() OR o.recipient <> ALL(CAST(:addresses AS text[])))) AS notices
""")
# How much there is of a person, in the words of `DataCounts`. A file is shared where a row refers to it that stays.
_COUNT = Statement(f"""
WITH blobs AS (
    SELECT b.size, EXISTS (
        SELECT FROM mail.attachment a WHERE a.sha256 = b.sha256 AND a.ledger_id <> ALL(CAST(:read AS bigint[]))
    ) OR EXISTS (
        SELECT FROM mail.outbox_file f WHERE f.sha256 = b.sha256 AND f.outbox_id <> ALL(CAST(:notices AS bigint[]))
    ) AS shared
    FROM mail.blob b WHERE b.sha256 = ANY(CAST(:blobs AS bytea[]))
)
SELECT
    (SELECT count(*) FROM public."Comment" c JOIN public."Ticket" t ON t.id = c."ticketId"
     WHERE c.id = ANY(CAST(:comments AS text[])) AND t."createdById" <> c."userId") AS comments_elsewhere,
    (SELECT CAST(coalesce(sum(length(r.content)), 0) AS bigint) FROM mail.raw_chunk r
     WHERE r.ledger_id = ANY(CAST(:read AS bigint[]))) AS bytes,
    (SELECT count(*) FROM mail.ledger l
     WHERE l.id = ANY(CAST(:mails AS bigint[])) AND l.fate = 'quarantined') AS quarantined,
    (SELECT count(*) FROM mail.message_id k WHERE k.hash IN (
        SELECT l.message_id_hash FROM mail.ledger l WHERE l.id = ANY(CAST(:mails AS bigint[]))
    )) AS message_ids,
    (SELECT count(*) FROM mail.outbox o
     WHERE o.id = ANY(CAST(:notices AS bigint[])) AND o.fate IS NULL) AS unsent,
    (SELECT count(*) FROM blobs WHERE NOT shared) AS files,
    (SELECT CAST(coalesce(sum(size), 0) AS bigint) FROM blobs WHERE NOT shared) AS file_bytes,
    (SELECT count(*) FROM blobs WHERE shared) AS files_shared,
    (SELECT count(*) FROM public."Session" s WHERE s."userId" = ANY(CAST(:users AS text[])))
        + (SELECT count(*) FROM public."Account" a WHERE a."userId" = ANY(CAST(:users AS text[])))
        + (SELECT count(*) FROM public."VerificationToken" v
           WHERE lower(v.identifier COLLATE "C") = ANY(CAST(:addresses AS text[]))) AS logins,
    (SELECT count(*) FROM mail.suppression s
     WHERE s.address = ANY(CAST(:addresses AS text[])) AND s.expires_at IS NOT NULL) AS suppressions,
    (SELECT count(*) FROM mail.breaker b WHERE {ADDRESS_OF_KEY} = ANY(CAST(:folds AS text[]))) AS breakers,
    (SELECT count(*) FROM (
        SELECT g.ticket_number FROM mail.guest g WHERE g.address = ANY(CAST(:addresses AS text[]))
        UNION SELECT c.ticket_number FROM mail.command c WHERE {NAMED_BY_CC}
    ) AS named) AS guest_of,
    EXISTS (SELECT FROM mail.suppression s
     WHERE s.address = ANY(CAST(:addresses AS text[])) AND s.expires_at IS NULL AND s.reason <> :objects) AS objection
""")
# The places of mails on the server, by folder.
_PLACES = Statement("""
SELECT m.name, l.folder, l.uidvalidity, array_agg(l.uid ORDER BY l.uid) AS uids
FROM mail.ledger l JOIN mail.mailbox m ON m.id = l.mailbox_id
WHERE l.id = ANY(CAST(:read AS bigint[])) GROUP BY m.name, l.folder, l.uidvalidity ORDER BY 1, 2, 3
""")


def obstacle_to_erasure(session: Session, person: DataSubject, traces: Traces) -> str | None:
    """Why a person cannot be forgotten now, in sentences for an admin; None where they can."""
    exempt = _EXEMPT.one(session, values_of(person, traces))
    if exempt.ours or UNPROVEN_SENDERS in person.users:
        return OWN_ADDRESS.format(person.address)
    if exempt.staff:
        return f"{person.address} is staff. Take their role first: supportdesk user staff remove {person.address}"
    waiting = _WAITING.one(session, values_of(person, traces))
    if not any(waiting):
        return None
    return (
        "Work is under way that would be lost."
        f" Mails of theirs, and answers to them, that are undecided: {waiting.mails}."
        f" Changes of theirs that nobody was told of: {waiting.changes}."
        f" Mails of ours that tell others of them, or are being sent to them at this moment: {waiting.notices}."
        " Let the workers finish, then say it again."
    )


def count(session: Session, person: DataSubject, traces: Traces) -> DataCounts:
    """How much there is of a person."""
    return DataCounts(
        accounts=len(person.users),
        tickets=len(traces.tickets),
        comments=len(traces.comments),
        mails=len(traces.mails),
        answers=len(traces.answers),
        notes=len(traces.notes),
        notices=len(traces.notices),
        **_COUNT.one(session, values_of(person, traces))._asdict(),
    )


def places(session: Session, traces: Traces) -> tuple[ServerPlace, ...]:
    """Where the mails of a person, and those that quote them, lie on the server."""
    rows = _PLACES.rows(session, {"read": traces.read})
    return tuple(ServerPlace(row.name, row.folder, row.uidvalidity, tuple(row.uids)) for row in rows)
