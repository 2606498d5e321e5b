"""What the send gate asks about the mails that want to go out, read for all of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from desk import caps
from desk.gate import Sending
from desk.notices import Letter
from desk.ticket import Person
from desk.tokens import Kind
from desk.trust import Proof
from models.breakers import STRANGERS, WAS_RESET, read_breaker
from models.people import read_people
from models.questions import asked_at

# A mail that waits for its turn, or for its server, goes later than it was written.
LATE = timedelta(days=2)
# RFC 3834, section 5: an automatic answer to somebody's own mail.
REPLIED = "auto-replied"

# When a mail goes: one that was deferred stands in the window of its turn, not in the one in which it was written.
_TURN: Final = "greatest(o.written_at, o.sent_at, CASE WHEN o.attempts = 0 THEN o.due_at END)"
_STANDS: Final = "(o.fate IS NULL OR o.fate NOT IN ('held', 'failed')) AND (a.own IS NULL OR o.id < a.own)"

# A loop is seen when a mail is written; a breaker that opened since then is asked for when it is sent. Mails that
# waited on their server do not count as if all had come at once. Of two that were written at the same moment, one goes.
_ASK = text(f"""
SELECT b.reason AS breaker, l.automatic IS NOT NULL AS robot, l.evidence ->> 'proof' AS proof,
    (SELECT s.reason FROM mail.suppression s
     WHERE s.address = a.recipient AND (s.expires_at IS NULL OR s.expires_at > now())) AS suppressed,
    ARRAY(
        SELECT {_TURN} FROM mail.outbox o
        WHERE o.correspondent = a.correspondent AND o.written_at > :written AND coalesce(o.fate, 'sent') = 'sent'
            AND CASE WHEN a.own IS NULL THEN {_TURN} > :day ELSE o.id <> a.own AND {_TURN} <= :now END
        ORDER BY 1 DESC LIMIT CASE WHEN a.staff THEN :most_of_staff ELSE :most END
    ) AS went,
    CASE WHEN a.own IS NULL THEN ARRAY(
        SELECT passed.at FROM (
            SELECT least(m.stored_at, m.internal_date) AS at FROM mail.ledger m
            WHERE m.correspondent = a.correspondent AND m.stored_at > since.at
                AND least(m.stored_at, m.internal_date) > since.at
            UNION ALL
            SELECT o.written_at FROM mail.outbox o
            WHERE o.correspondent = a.correspondent AND o.written_at > since.at AND o.fate IS DISTINCT FROM 'held'
                AND CASE WHEN a.staff THEN o.auto_submitted = 'auto-replied' ELSE o.auto_submitted IS NOT NULL END
        ) AS passed
        ORDER BY passed.at DESC LIMIT CASE WHEN a.staff THEN :loops_of_staff ELSE :loops END
    ) END AS passed,
    a.acknowledges AND EXISTS (
        SELECT FROM mail.outbox o WHERE o.correspondent = a.correspondent AND o.template = a.template
            AND o.written_at > :day AND {_STANDS}
    ) AS was_answered,
    a.acknowledges AND EXISTS (
        SELECT FROM mail.outbox o WHERE o.correspondent = a.correspondent AND {_STANDS}
    ) AS was_written_to
FROM unnest(CAST(:recipients AS text[]), CAST(:correspondents AS text[]), CAST(:templates AS text[]),
        CAST(:causes AS bigint[]), CAST(:own AS bigint[]), CAST(:staff AS boolean[]), CAST(:acknowledges AS boolean[]))
    WITH ORDINALITY AS a(recipient, correspondent, template, cause, own, staff, acknowledges, n)
LEFT JOIN mail.breaker b ON b.address = a.correspondent
LEFT JOIN mail.ledger l ON l.id = a.cause
CROSS JOIN LATERAL (
    SELECT greatest(CAST(:day AS timestamptz), CASE WHEN b.reason = :was_reset THEN b.opened_at END) AS at
) AS since
ORDER BY a.n
""")
_LATEST_STRANGERS = text("""
SELECT written_at FROM mail.outbox
WHERE to_stranger AND fate IS DISTINCT FROM 'held' AND written_at > :since ORDER BY written_at DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail that wants to go out: by which letter, to whom, because of which mail; `row` where it is written."""

    letter: Letter
    recipient: str
    person: int | None
    cause: int | None
    row: int | None = None

    @property
    def replies(self) -> bool:
        """True where it answers its recipient's own mail by itself; a question of ours has a cap of its own."""
        return self.letter.auto_submitted == REPLIED and self.letter.kind is not Kind.CONFIRM


def read_sendings(session: Session, mailings: Sequence[Mailing], own: frozenset[str], now: datetime) -> list[Sending]:
    """What the gate's rules look at for each mail, as it is in the database at this moment."""
    if not mailings:
        return []
    people = read_people(session, [mailing.person for mailing in mailings if mailing.person])
    rows = session.execute(_ASK, _asked(mailings, people, now)).all()
    sendings = [_sending(mailing, people, row, own, now) for mailing, row in zip(mailings, rows, strict=True)]
    sendings = [_questioned(session, *one) for one in zip(mailings, sendings, strict=True)]
    if not any(sending.strangers is not None for sending in sendings):
        return sendings
    return _with_strangers(session, sendings, now)


def _asked(mailings: Sequence[Mailing], people: Mapping[int, Person], now: datetime) -> dict[str, Any]:
    staff = [_is_staff(mailing, people) for mailing in mailings]
    return {
        "recipients": [mailing.recipient for mailing in mailings],
        "correspondents": [caps.fold(mailing.recipient) for mailing in mailings],
        "templates": [mailing.letter.template for mailing in mailings],
        "causes": [mailing.cause for mailing in mailings],
        "own": [mailing.row for mailing in mailings],
        "staff": staff,
        "acknowledges": [mailing.replies and not of_staff for mailing, of_staff in zip(mailings, staff, strict=True)],
        "now": now,
        "day": now - caps.DAY,
        "written": now - caps.DAY - LATE,
        "most": caps.most_counted(caps.CAPS),
        "most_of_staff": caps.most_counted(caps.STAFF_CAPS),
        "loops": caps.most_counted(caps.LOOPS),
        "loops_of_staff": caps.most_counted(caps.STAFF_LOOPS),
        "was_reset": WAS_RESET,
    }


def _is_staff(mailing: Mailing, people: Mapping[int, Person]) -> bool:
    person = people.get(mailing.person or 0)
    return person is not None and person.is_staff


def _sending(
    mailing: Mailing, people: Mapping[int, Person], row: Row[*tuple[Any, ...]], own: frozenset[str], now: datetime
) -> Sending:
    sending = Sending(
        recipient=mailing.recipient,
        person=people.get(mailing.person or 0),
        to_staff=mailing.letter.to_staff,
        automatic=mailing.letter.auto_submitted is not None,
        answers_robot=bool(row.robot),
        suppressed=row.suppressed,
        own_addresses=own,
        now=now,
        replies=mailing.replies,
        breaker=None if row.breaker == WAS_RESET else row.breaker,
        went=tuple(row.went),
        passed=tuple(row.passed or ()),
        is_written=mailing.row is not None,
    )
    if not sending.acknowledges or not row.proof:
        return sending
    proof = Proof(row.proof)
    if proof is not Proof.CLAIMED:
        return replace(sending, proof=proof)
    unseen = () if not row.was_written_to else None
    return replace(sending, proof=proof, was_answered=row.was_answered, strangers=unseen)


def _questioned(session: Session, mailing: Mailing, sending: Sending) -> Sending:
    if mailing.letter.kind is not Kind.CONFIRM or not mailing.person:
        return sending
    return replace(sending, confirmations=asked_at(session, mailing.person, mailing.row, sending.now))


def _with_strangers(session: Session, sendings: Sequence[Sending], now: datetime) -> list[Sending]:
    """The mails with when others were answered that nothing was written to before; their cap is asked for once."""
    breaker = read_breaker(session, STRANGERS)
    since = max(now - caps.HOUR, breaker.counted_since or caps.BEGINNING)
    most = {"since": since, "most": caps.most_counted(caps.STRANGERS)}
    times = tuple(session.scalars(_LATEST_STRANGERS, most))
    return [
        sending
        if sending.strangers is None
        else replace(sending, strangers=() if sending.is_written else times, strangers_stopped=breaker.reason)
        for sending in sendings
    ]
