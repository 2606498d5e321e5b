"""What the send gate asks about the mails that want to go out: all at once when written, each alone when sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from desk import caps
from desk.gate import Sending
from desk.notices import Letter
from desk.ticket import Person
from desk.tokens import Kind
from desk.trust import Proof
from models.asking import Ask
from models.breakers import STRANGERS, WAS_RESET, read_breaker
from models.people import read_people
from models.questions import asked_at

# A mail that waits for its turn, or for its server, goes later than it was written.
LATE = timedelta(days=2)
# RFC 3834, section 5: an automatic answer to somebody's own mail.
REPLIED = "auto-replied"

# When a mail goes: one that was deferred stands in the window of its turn, not in the one in which it was written.
_TURN: Final = "greatest(o.written_at, o.sent_at, CASE WHEN o.attempts = 0 THEN o.due_at END)"
_TO_THEM: Final = "FROM mail.outbox o WHERE o.correspondent = a.correspondent"
_STANDS: Final = "(o.fate IS NULL OR o.fate NOT IN ('held', 'failed'))"
_ANSWERED: Final = f"SELECT {_TO_THEM} AND o.template = a.template AND o.written_at > :day AND {_STANDS}"
_WRITTEN_TO: Final = f"SELECT {_TO_THEM} AND {_STANDS}"

# What is asked about a mail `a` with the mail `l` that caused it, and the breaker `b` of its recipient.
_KNOWN: Final = """
b.reason AS breaker, l.automatic IS NOT NULL AS robot, l.evidence ->> 'proof' AS proof,
    (SELECT s.reason FROM mail.suppression s
     WHERE s.address = a.recipient AND (s.expires_at IS NULL OR s.expires_at > now())) AS suppressed
"""


def _went(which: str, staff: str) -> str:
    return f"""ARRAY(
        SELECT {_TURN} {_TO_THEM} AND o.written_at > :written AND coalesce(o.fate, 'sent') = 'sent' AND {which}
        ORDER BY 1 DESC LIMIT CASE WHEN {staff} THEN :most_of_staff ELSE :most END
    ) AS went"""


ASK: Final = Ask(f"""
SELECT {_KNOWN}, {_went(f"{_TURN} > :day", "a.staff")},
    ARRAY(
        SELECT passed.at FROM (
            SELECT least(m.stored_at, m.internal_date) AS at FROM mail.ledger m
            WHERE m.correspondent = a.correspondent AND m.stored_at > since.at
                AND least(m.stored_at, m.internal_date) > since.at
            UNION ALL
            SELECT o.written_at {_TO_THEM} AND o.written_at > since.at AND o.fate IS DISTINCT FROM 'held'
                AND CASE WHEN a.staff THEN o.auto_submitted = 'auto-replied' ELSE o.auto_submitted IS NOT NULL END
        ) AS passed
        ORDER BY passed.at DESC LIMIT CASE WHEN a.staff THEN :loops_of_staff ELSE :loops END
    ) AS passed,
    a.acknowledges AND EXISTS ({_ANSWERED}) AS was_answered, a.acknowledges AND EXISTS ({_WRITTEN_TO}) AS was_written_to
FROM unnest(CAST(:recipients AS text[]), CAST(:correspondents AS text[]), CAST(:templates AS text[]),
        CAST(:causes AS bigint[]), CAST(:staff AS boolean[]), CAST(:acknowledges AS boolean[]))
    WITH ORDINALITY AS a(recipient, correspondent, template, cause, staff, acknowledges, n)
LEFT JOIN mail.breaker b ON b.address = a.correspondent
LEFT JOIN mail.ledger l ON l.id = a.cause
CROSS JOIN LATERAL (
    SELECT greatest(CAST(:day AS timestamptz), CASE WHEN b.reason = :was_reset THEN b.opened_at END) AS at
) AS since
ORDER BY a.n
""")

# The same of a mail `a` of the outbox to a person `who`. A loop is seen when a mail is written; a breaker that opened
# since then is asked for when it is sent. Mails that waited on their server do not count as if all had come at once.
# Of two that were written at the same moment, one goes.
_STAFF: Final = "coalesce(who.staff_role = who.role, false)"
_ACKNOWLEDGES: Final = f"(a.auto_submitted = '{REPLIED}' AND a.kind <> '{Kind.CONFIRM}' AND NOT {_STAFF})"
KNOWN_WHEN_SENT: Final = f"""
{_KNOWN}, {_went(f"o.id <> a.id AND {_TURN} <= :now", _STAFF)}, CAST(NULL AS timestamptz[]) AS passed,
    {_ACKNOWLEDGES} AND EXISTS ({_ANSWERED} AND o.id < a.id) AS was_answered,
    {_ACKNOWLEDGES} AND EXISTS ({_WRITTEN_TO} AND o.id < a.id) AS was_written_to,
    (SELECT x.reason FROM mail.breaker x WHERE x.address = '{STRANGERS}') AS strangers_stopped
"""
_LATEST_STRANGERS: Final = Ask("""
SELECT written_at FROM mail.outbox
WHERE to_stranger AND fate IS DISTINCT FROM 'held' AND written_at > :since ORDER BY written_at DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail that wants to go out: by which letter, to whom, because of which mail."""

    letter: Letter
    recipient: str
    person: int | None
    cause: int | None

    @property
    def replies(self) -> bool:
        """True where it answers its recipient's own mail by itself; a question of ours has a cap of its own."""
        return self.letter.auto_submitted == REPLIED and self.letter.kind is not Kind.CONFIRM


def read_sendings(session: Session, mailings: Sequence[Mailing], own: frozenset[str], now: datetime) -> list[Sending]:
    """What the gate's rules look at for each mail that is to be written, as it is in the database at this moment."""
    if not mailings:
        return []
    people = read_people(session, [mailing.person for mailing in mailings if mailing.person])
    rows = ASK.rows(session, asked(mailings, people, now))
    sendings = [
        questioned(session, mailing, None, _sending(mailing, people.get(mailing.person or 0), row, own, now))
        for mailing, row in zip(mailings, rows, strict=True)
    ]
    if not any(sending.strangers is not None for sending in sendings):
        return sendings
    return _with_strangers(session, sendings, now)


def sending_of_written(
    mailing: Mailing, person: Person | None, row: Row[*tuple[Any, ...]], own: frozenset[str], now: datetime
) -> Sending:
    """The same for a mail of the outbox, of a row with `KNOWN_WHEN_SENT`; the cap of strangers was kept before."""
    sending = replace(_sending(mailing, person, row, own, now), is_written=True)
    if sending.strangers is None:
        return sending
    return replace(sending, strangers_stopped=None if row.strangers_stopped == WAS_RESET else row.strangers_stopped)


def counted(now: datetime) -> dict[str, Any]:
    """What mails that went are counted by, as values of the statements that count them."""
    return {
        "now": now,
        "day": now - caps.DAY,
        "written": now - caps.DAY - LATE,
        "most": caps.most_counted(caps.CAPS),
        "most_of_staff": caps.most_counted(caps.STAFF_CAPS),
    }


def asked(mailings: Sequence[Mailing], people: Mapping[int, Person], now: datetime) -> dict[str, Any]:
    """The values of `ASK` for these mails."""
    staff = [_is_staff(mailing, people) for mailing in mailings]
    return counted(now) | {
        "recipients": [mailing.recipient for mailing in mailings],
        "correspondents": [caps.fold(mailing.recipient) for mailing in mailings],
        "templates": [mailing.letter.template for mailing in mailings],
        "causes": [mailing.cause for mailing in mailings],
        "staff": staff,
        "acknowledges": [mailing.replies and not of_staff for mailing, of_staff in zip(mailings, staff, strict=True)],
        "loops": caps.most_counted(caps.LOOPS),
        "loops_of_staff": caps.most_counted(caps.STAFF_LOOPS),
        "was_reset": WAS_RESET,
    }


def _is_staff(mailing: Mailing, people: Mapping[int, Person]) -> bool:
    person = people.get(mailing.person or 0)
    return person is not None and person.is_staff


def _sending(
    mailing: Mailing, person: Person | None, row: Row[*tuple[Any, ...]], own: frozenset[str], now: datetime
) -> Sending:
    sending = Sending(
        recipient=mailing.recipient,
        person=person,
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
    )
    if not sending.acknowledges or not row.proof:
        return sending
    proof = Proof(row.proof)
    if proof is not Proof.CLAIMED:
        return replace(sending, proof=proof)
    unseen = () if not row.was_written_to else None
    return replace(sending, proof=proof, was_answered=row.was_answered, strangers=unseen)


def questioned(session: Session, mailing: Mailing, row: int | None, sending: Sending) -> Sending:
    """With when others asked the recipient whether a mail is theirs, where this mail does; `row` is its own."""
    if mailing.letter.kind is not Kind.CONFIRM or not mailing.person:
        return sending
    return replace(sending, confirmations=asked_at(session, mailing.person, row, sending.now))


def _with_strangers(session: Session, sendings: Sequence[Sending], now: datetime) -> list[Sending]:
    """The mails with when others were answered that nothing was written to before; their cap is asked for once."""
    breaker = read_breaker(session, STRANGERS)
    since = max(now - caps.HOUR, breaker.counted_since or caps.BEGINNING)
    found = _LATEST_STRANGERS.rows(session, {"since": since, "most": caps.most_counted(caps.STRANGERS)})
    times = tuple(row.written_at for row in found)
    return [
        sending if sending.strangers is None else replace(sending, strangers=times, strangers_stopped=breaker.reason)
        for sending in sendings
    ]
