"""The erasure of one person: the statements that delete or empty each row that they left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.gate.caps import fold
from models.db.base import utc_millis
from models.db.statement import Statement
from models.intake.commands import NAMED_BY_CC
from models.outbox.breakers import ADDRESS_OF_KEY
from models.removal.privacy.find import DataSubject, Traces
from models.removal.privacy.mask import mask
from models.reports.history.decided import MASK
from models.reports.search.reach import take_out_changed

ERASED: Final = "This was erased at the request of who wrote it."
# In other words than a comment, or the leak check would take the one for the other.
ERASED_NOTE: Final = "What this note said was erased at the request of the person whom it was about."
ERASED_MAIL: Final = "The sender asked to be forgotten, and what the mail said was erased."
HELD: Final = "It was erased before it went, for its recipient asked to be forgotten."
UNWRITTEN: Final = "They asked to be forgotten."
OBJECTS: Final = "Nobody is to write to this address."

# What is erased, in this order; each row that stays as proof of something loses all that somebody said in it.
ERASURE: Sequence[Statement] = (
    # Bytes first, then what was cut out of them. A file that somebody else refers to stays.
    Statement("DELETE FROM mail.raw_chunk WHERE ledger_id = ANY(CAST(:read AS bigint[]))"),
    Statement("SELECT 1 FROM mail.blob WHERE sha256 = ANY(CAST(:blobs AS bytea[])) ORDER BY sha256 FOR UPDATE"),
    Statement("DELETE FROM mail.attachment WHERE ledger_id = ANY(CAST(:read AS bigint[]))"),
    Statement("DELETE FROM mail.outbox_file WHERE outbox_id = ANY(CAST(:notices AS bigint[]))"),
    Statement("""
    DELETE FROM mail.blob b WHERE b.sha256 = ANY(CAST(:blobs AS bytea[]))
        AND NOT EXISTS (SELECT FROM mail.attachment a WHERE a.sha256 = b.sha256)
        AND NOT EXISTS (SELECT FROM mail.outbox_file f WHERE f.sha256 = b.sha256)
    """),
    Statement("""
    UPDATE mail.reading SET removed = '', sign_off = '', html = '',
        repairs = CASE WHEN ledger_id = ANY(CAST(:mails AS bigint[])) THEN '{}' ELSE repairs END
    WHERE ledger_id = ANY(CAST(:read AS bigint[])) OR ticket_number = ANY(CAST(:tickets AS bigint[]))
    """),
    # The Message-IDs that they made, and on their own tickets those that their mails only named.
    Statement("""
    DELETE FROM mail.message_id k USING mail.ledger l WHERE l.id = ANY(CAST(:mails AS bigint[])) AND (
        k.hash = l.message_id_hash
        OR (k.refers AND k.ticket_number = ANY(CAST(:tickets AS bigint[])) AND k.hash = ANY(l.refers_hashes))
    )
    """),
    Statement("""
    DELETE FROM mail.bounce
    WHERE ledger_id = ANY(CAST(:mails AS bigint[])) OR address = ANY(CAST(:addresses AS text[]))
    """),
    # The row stays with its place, fate and fingerprint, or the poller would take the mail in again. One in quarantine
    # is dropped: without its bytes the reconciliation would fetch them anew.
    Statement("""
    UPDATE mail.ledger SET message_id = NULL, message_id_hash = NULL, refers_hashes = '{}', sender = NULL,
        recipients = '{}', reason = :erased_mail, error = NULL, automatic = CASE WHEN automatic IS NULL THEN NULL
        ELSE 'erased' END, evidence = jsonb_strip_nulls(jsonb_build_object('rule', evidence -> 'rule')),
        fate = CASE WHEN fate = 'quarantined' THEN 'dropped' ELSE fate END,
        person_number = coalesce(person_number, (CAST(:numbers AS bigint[]))[1])
    WHERE id = ANY(CAST(:mails AS bigint[]))
    """),
    Statement("""
    UPDATE mail.note SET text = :erased_note, reason = :erased_note WHERE id = ANY(CAST(:notes AS bigint[]))
    """),
    Statement("""
    UPDATE mail.event SET details = '{}', old = CASE WHEN field = 'title' THEN NULL ELSE old END,
        new = CASE WHEN field = 'title' THEN NULL ELSE new END
    WHERE ticket_number = ANY(CAST(:tickets AS bigint[])) OR actor = ANY(CAST(:numbers AS bigint[]))
        OR person_number = ANY(CAST(:numbers AS bigint[])) OR cause = ANY(CAST(:mails AS bigint[]))
    """),
    Statement("""
    UPDATE mail.event e SET details = jsonb_set(e.details, '{quarantined}', (
        SELECT jsonb_agg(CASE WHEN CAST(mail ->> 'ledger_id' AS bigint) = ANY(CAST(:mails AS bigint[]))
            THEN mail || jsonb_build_object('sender', '', 'subject', '', 'reason', CAST(:erased_mail AS text))
            ELSE mail END)
        FROM jsonb_array_elements(e.details -> 'quarantined') AS mail
    ))
    WHERE e.kind = 'quarantine_digest' AND EXISTS (
        SELECT FROM jsonb_array_elements(e.details -> 'quarantined') AS mail
        WHERE CAST(mail ->> 'ledger_id' AS bigint) = ANY(CAST(:mails AS bigint[]))
    )
    """),
    # A report names the latest tickets with their titles.
    Statement("""
    UPDATE mail.report_run r SET figures = jsonb_set(r.figures, '{latest}', (
        SELECT jsonb_agg(CASE WHEN named ->> 'tag' = ANY(CAST(:tags AS text[]))
            THEN named || jsonb_build_object('title', CAST(:erased AS text)) ELSE named END)
        FROM jsonb_array_elements(r.figures -> 'latest') AS named
    ))
    WHERE EXISTS (
        SELECT FROM jsonb_array_elements(r.figures -> 'latest') AS named
        WHERE named ->> 'tag' = ANY(CAST(:tags AS text[]))
    )
    """),
    # With the address goes the right that it gave: the signature covers it.
    Statement("""
    UPDATE mail.outbox SET subject = :erased, text = :erased, html = '', sender_name = '', in_reply_to = NULL,
        "references" = '{}', error = NULL, listed = NULL, claimed_by = NULL, claimed_until = NULL,
        decided_at = coalesce(decided_at, now()),
        reason = CASE WHEN fate IS NULL THEN :held ELSE reason END, fate = coalesce(fate, 'held')
    WHERE id = ANY(CAST(:notices AS bigint[]))
    """),
    Statement("""
    UPDATE mail.outbox SET recipient = :mask, recipient_name = '',
        reason = CASE WHEN reason = :held THEN reason END
    WHERE recipient = ANY(CAST(:addresses AS text[])) OR person_number = ANY(CAST(:numbers AS bigint[]))
    """),
    Statement(f"DELETE FROM mail.command c WHERE {NAMED_BY_CC}"),
    Statement("DELETE FROM mail.command WHERE person_number = ANY(CAST(:numbers AS bigint[]))"),
    Statement("DELETE FROM mail.participant WHERE person_number = ANY(CAST(:numbers AS bigint[]))"),
    Statement("DELETE FROM mail.watch WHERE person_number = ANY(CAST(:numbers AS bigint[]))"),
    Statement("DELETE FROM mail.wait WHERE person_number = ANY(CAST(:numbers AS bigint[]))"),
    Statement("DELETE FROM mail.guest WHERE address = ANY(CAST(:addresses AS text[]))"),
    # By what name they called others is their word.
    Statement("UPDATE mail.guest SET name = '' WHERE added_by = ANY(CAST(:numbers AS bigint[]))"),
    Statement("DELETE FROM mail.absence WHERE person_number = ANY(CAST(:numbers AS bigint[]))"),
    # An entry that ends says that mails came back. One for good is an objection (art. 21), which outlives this.
    Statement("""
    DELETE FROM mail.suppression WHERE address = ANY(CAST(:addresses AS text[])) AND expires_at IS NOT NULL
    """),
    Statement("UPDATE mail.suppression SET reason = :objects WHERE address = ANY(CAST(:addresses AS text[]))"),
    Statement(f"DELETE FROM mail.breaker WHERE {ADDRESS_OF_KEY} = ANY(CAST(:folds AS text[]))"),
    # In SupportDesk the rows stay, for deleting the person would take tickets, comments and figures along.
    Statement('UPDATE public."Comment" SET content = :erased WHERE id = ANY(CAST(:comments AS text[]))'),
    Statement("""
    UPDATE public."Ticket" SET title = :erased, description = :erased WHERE id = ANY(CAST(:ticket_ids AS text[]))
    """),
    Statement("""
    UPDATE public."TicketActivity" SET description = 'Ticket created: ' || CAST(:erased AS text)
    WHERE "ticketId" = ANY(CAST(:ticket_ids AS text[])) AND action = 'created'
    """),
    Statement('DELETE FROM public."Session" WHERE "userId" = ANY(CAST(:users AS text[]))'),
    Statement('DELETE FROM public."Account" WHERE "userId" = ANY(CAST(:users AS text[]))'),
    Statement("""
    DELETE FROM public."VerificationToken" WHERE lower(identifier COLLATE "C") = ANY(CAST(:addresses AS text[]))
    """),
    # The id is nobody's to guess, so nobody writes as them. What is written for them from now on is held.
    Statement("""
    INSERT INTO mail.suppression (address, reason)
    SELECT 'forgotten-' || id || '@invalid', :unwritten FROM public."User" WHERE id = ANY(CAST(:users AS text[]))
    ON CONFLICT (address) DO NOTHING
    """),
    Statement("""
    UPDATE public."User" SET name = NULL, email = 'forgotten-' || id || '@invalid', "emailVerified" = NULL,
        image = NULL, password = NULL, role = 'customer', "updatedAt" = :now
    WHERE id = ANY(CAST(:users AS text[]))
    """),
)


def values_of(person: DataSubject, traces: Traces) -> dict[str, Any]:
    """The parameters of all statements that count or erase a person, by name."""
    return {
        "address": person.address,
        "addresses": list(person.addresses),
        "folds": [fold(address) for address in person.addresses],
        "numbers": list(person.numbers),
        "users": list(person.users),
        "tickets": list(traces.tickets),
        "tags": [f"SD-{number}" for number in traces.tickets],
        "ticket_ids": list(traces.ticket_ids),
        "comments": list(traces.comments),
        "mails": list(traces.mails),
        "read": traces.read,
        "notes": list(traces.notes),
        "notices": list(traces.notices),
        "blobs": list(traces.blobs),
        "erased": ERASED,
        "erased_note": ERASED_NOTE,
        "erased_mail": ERASED_MAIL,
        "held": HELD,
        "unwritten": UNWRITTEN,
        "objects": OBJECTS,
        "mask": MASK,
    }


def erase(session: Session, person: DataSubject, traces: Traces, now: datetime) -> None:
    """Erase what a person left, and mask their addresses in what others wrote.

    The transaction must be quiet, or each change of a ticket would be announced.
    """
    values = values_of(person, traces) | {"now": utc_millis(now)}
    for statement in ERASURE:
        statement.rows(session, values)
    mask(session, person.addresses)
    # All of these rows say by their triggers that they were changed.
    take_out_changed(session)
