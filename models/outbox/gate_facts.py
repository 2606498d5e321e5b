"""What the send gate asks of the database, before mails are written, all at once, and before each is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from desk.gate import caps
from desk.gate.verdict import GateFacts
from desk.limits import Limits
from desk.notices.held import Question
from desk.notices.recipients import TO_OWNER, MailTemplate
from desk.ticket import Person
from desk.tokens import ReplyKind
from desk.trust.judge import Proof
from models.db.statement import Statement
from models.ledger.proof import proof_by_cause, proof_of, proof_of_cause
from models.outbox.breakers import KEY_OF, STRANGERS, WAS_RESET, read_breaker
from models.outbox.confirmations import read_question_times
from models.people.rows import read_people

# A mail that waits for its turn, or for its server, goes later than it was written.
LATE = timedelta(days=2)
# Since when mails count that went within a day, and since when these may have been written, by the database's clock.
A_DAY_AGO: Final = f"(now() - interval '{caps.DAY.total_seconds():.0f} seconds')"
WRITTEN_SINCE: Final = f"(now() - interval '{(caps.DAY + LATE).total_seconds():.0f} seconds')"


def counted(limits: Limits) -> dict[str, int]:
    """The values of `may_be_full`, and how many mails a statement counts at most: as many as fill a day."""
    (an_hour, most), (an_hour_of_staff, most_of_staff) = limits.mails_to_customer, limits.mails_to_staff
    return {
        "most_an_hour": an_hour,
        "most": most,
        "most_an_hour_of_staff": an_hour_of_staff,
        "most_of_staff": most_of_staff,
    }


def may_be_full(is_staff: str, more: str = "0") -> str:
    """SQL over rows with a `turn`: whether so many mails, and `more`, could fill a cap, whatever they followed from.

    Only then is that asked of each: it takes most of the time.
    """
    return f"CASE WHEN {is_staff} THEN {_any_full('_of_staff', more)} ELSE {_any_full('', more)} END"


def _any_full(whose: str, more: str) -> str:
    within = "count(*) FILTER (WHERE turn > now() - interval '{:.0f} seconds') + {} >= CAST(:{} AS bigint)"
    windows = ((caps.HOUR, f"most_an_hour{whose}"), (caps.DAY, f"most{whose}"))
    return " OR ".join(within.format(window.total_seconds(), more, most) for window, most in windows)


# RFC 3834, section 5: an automatic answer to somebody's own mail.
REPLIED = "auto-replied"

# Our mails as the gate counts them, of which `ASK` and `TAKE` begin. `turn` is when a mail goes: a deferred one counts
# in the hour of its turn, not in that in which it was written. `stands` is true of what its recipient got or will get.
# Mails limit one another only where they followed from mails of one proof class.
OUR_MAILS: Final = f"""
SELECT id, correspondent, ticket_number, template, fate, auto_submitted, written_at,
    greatest(written_at, sent_at, CASE WHEN attempts = 0 THEN due_at END) AS turn,
    fate IS NULL OR fate NOT IN ('held', 'failed') AS stands, {proof_of_cause("event_id")} AS proof
FROM mail.outbox
"""
# What the gate asks about each mail that is to be written, in the order in which they are given.
ASK: Final = Statement(f"""
WITH ours AS NOT MATERIALIZED ({OUR_MAILS}),
asked AS (
    -- With how many mails to the same correspondent go before each, which count as sent (worker/announce/write.py).
    SELECT *, row_number() OVER (PARTITION BY correspondent ORDER BY n) - 1 AS earlier
    FROM unnest(CAST(:recipients AS text[]), CAST(:correspondents AS text[]), CAST(:templates AS text[]),
            CAST(:causes AS bigint[]), CAST(:staff AS boolean[]), CAST(:acknowledges AS boolean[]))
        WITH ORDINALITY AS mail(recipient, correspondent, template, cause, staff, acknowledges, n)
)
SELECT b.reason AS breaker, cause.automatic IS NOT NULL AS robot,
    CASE WHEN cause.id IS NOT NULL THEN counts.proof END AS proof,
    (SELECT s.reason FROM mail.suppression s
     WHERE s.address = a.recipient AND (s.expires_at IS NULL OR s.expires_at > now())) AS suppressed,
    -- When mails of ours went to them lately, and about which tickets, where these may fill a cap.
    lately.went, lately.tickets,
    -- When mails passed in both directions since their breaker was reset. Theirs that waited on their server do not
    -- count as if all had come at once.
    ARRAY(
        SELECT mail.at FROM (
            SELECT least(theirs.stored_at, theirs.internal_date) AS at FROM mail.ledger theirs
            WHERE theirs.correspondent = a.correspondent AND theirs.stored_at > since.at
                AND least(theirs.stored_at, theirs.internal_date) > since.at AND theirs.imported_at IS NULL
                AND {proof_of("theirs")} = counts.proof
            UNION ALL
            SELECT o.written_at FROM ours o
            WHERE o.correspondent = a.correspondent AND o.written_at > since.at AND o.fate IS DISTINCT FROM 'held'
                AND CASE WHEN a.staff THEN o.auto_submitted = 'auto-replied' ELSE o.auto_submitted IS NOT NULL END
                AND o.proof = counts.proof
        ) AS mail
        ORDER BY mail.at DESC LIMIT CASE WHEN a.staff THEN :loops_of_staff ELSE CAST(:loops AS bigint) END
    ) AS passed,
    -- Whether the same template answered them within a day, and whether anything was written to them before.
    a.acknowledges AND EXISTS (
        SELECT FROM ours o
        WHERE o.correspondent = a.correspondent AND o.stands AND o.template = a.template AND o.written_at > {A_DAY_AGO}
            AND o.proof = counts.proof
    ) AS was_answered,
    a.acknowledges AND EXISTS (
        SELECT FROM ours o WHERE o.correspondent = a.correspondent AND o.stands
    ) AS was_written_to,
    now()
FROM asked a
LEFT JOIN mail.ledger cause ON cause.id = a.cause
CROSS JOIN LATERAL (SELECT {proof_by_cause("cause")} AS proof) AS counts
LEFT JOIN mail.breaker b ON b.address = {KEY_OF.format(address="a.correspondent", proof="counts.proof")}
CROSS JOIN LATERAL (
    SELECT {may_be_full("a.staff", more="a.earlier")} AS may_be_full FROM ours o
    WHERE o.correspondent = a.correspondent AND coalesce(o.fate, 'sent') = 'sent'
        AND o.written_at > {WRITTEN_SINCE} AND o.turn > {A_DAY_AGO}
) AS caps
CROSS JOIN LATERAL (
    SELECT array_agg(o.turn) AS went, array_agg(o.ticket_number) AS tickets FROM (
        SELECT o.turn, o.ticket_number FROM ours o
        WHERE caps.may_be_full AND o.correspondent = a.correspondent AND coalesce(o.fate, 'sent') = 'sent'
            AND o.written_at > {WRITTEN_SINCE} AND o.turn > {A_DAY_AGO} AND o.proof = counts.proof
        ORDER BY o.turn DESC LIMIT CASE WHEN a.staff THEN :most_of_staff ELSE CAST(:most AS bigint) END
    ) AS o
) AS lately
CROSS JOIN LATERAL (
    SELECT greatest({A_DAY_AGO}, CASE WHEN b.reason = :was_reset THEN b.opened_at END) AS at
) AS since
ORDER BY a.n
""")
# When we last answered addresses that nothing was written to before, the latest first.
_LATEST_STRANGERS: Final = Statement("""
SELECT written_at FROM mail.outbox
WHERE to_stranger AND fate IS DISTINCT FROM 'held' AND written_at > :since ORDER BY written_at DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail that is to go out; `person` is its recipient's number, `cause` the ledger id of what caused it.

    `ticket` is the number of the ticket that it is about. `question` counts only where it asks whether a mail is the
    recipient's.
    """

    template: MailTemplate
    recipient: str
    person: int | None
    cause: int | None
    question: Question = Question.CLAIMED
    ticket: int | None = None

    @property
    def replies(self) -> bool:
        """True of an automatic answer to its recipient's own mail; a question to staff has a cap of its own."""
        return self.template.auto_submitted == REPLIED and self.template.kind is not ReplyKind.CONFIRM


def read_gate_facts(
    session: Session, mailings: Sequence[Mailing], own: frozenset[str], limits: Limits
) -> list[GateFacts]:
    """The facts for the gate's rules on each mail that is to be written; `own` are the desk's own addresses."""
    if not mailings:
        return []
    people = read_people(session, [mailing.person for mailing in mailings if mailing.person])
    rows = ASK.rows(session, ask_values(mailings, people, limits))
    gate_facts = [
        replace(
            with_confirmations(session, mailing, None, _gate_facts(mailing, people.get(mailing.person or 0), row, own)),
            limits=limits,
        )
        for mailing, row in zip(mailings, rows, strict=True)
    ]
    if all(facts.strangers is None for facts in gate_facts):
        return gate_facts
    # They share one cap, so it is asked for once.
    breaker = read_breaker(session, STRANGERS)
    since = max(gate_facts[0].now - caps.HOUR, breaker.counted_since or caps.BEGINNING)
    latest = _LATEST_STRANGERS.rows(session, {"since": since, "most": limits.strangers_answered_an_hour})
    times = tuple(row.written_at for row in latest)
    return [
        facts if facts.strangers is None else replace(facts, strangers=times, strangers_stopped=breaker.reason)
        for facts in gate_facts
    ]


def facts_of_written(
    mailing: Mailing, person: Person | None, row: Row[*tuple[Any, ...]], own: frozenset[str]
) -> GateFacts:
    """The facts on a mail of the outbox, from a row of `TAKE`.

    The cap of answers to strangers was kept when the mail was written, so only its breaker counts now, and that only
    where it was open then.
    """
    facts = replace(_gate_facts(mailing, person, row, own), is_written=True, gone=row.gone)
    if facts.strangers is None:
        return facts
    return replace(facts, strangers_stopped=None if row.strangers_stopped == WAS_RESET else row.strangers_stopped)


def ask_values(mailings: Sequence[Mailing], people: Mapping[int, Person], limits: Limits) -> dict[str, Any]:
    """The values of `ASK` for these mails; `people` are their recipients by number."""
    recipients = [people.get(mailing.person or 0) for mailing in mailings]
    staff = [person is not None and person.is_staff for person in recipients]
    return counted(limits) | {
        "recipients": [mailing.recipient for mailing in mailings],
        "correspondents": [caps.fold(mailing.recipient) for mailing in mailings],
        "templates": [mailing.template.name for mailing in mailings],
        "causes": [mailing.cause for mailing in mailings],
        "staff": staff,
        "acknowledges": [mailing.replies and not to_staff for mailing, to_staff in zip(mailings, staff, strict=True)],
        "loops": caps.most_counted(caps.loops_of(limits, staff=False)),
        "loops_of_staff": caps.most_counted(caps.loops_of(limits, staff=True)),
        "was_reset": WAS_RESET,
    }


def with_confirmations(session: Session, mailing: Mailing, row: int | None, facts: GateFacts) -> GateFacts:
    """The same with the times of the questions to the recipient that this one waits for, where it is one.

    `row` is the mail's own id in the outbox, None where it is not written yet.
    """
    if mailing.template.kind is not ReplyKind.CONFIRM or not mailing.person:
        return facts
    if mailing.question is Question.TOKEN:
        return replace(facts, at_once=True)
    times = read_question_times(session, mailing.person, mailing.question, row, facts.now)
    return replace(facts, confirmations=times, often=mailing.question is Question.SPENT)


def _gate_facts(mailing: Mailing, person: Person | None, row: Row[*tuple[Any, ...]], own: frozenset[str]) -> GateFacts:
    facts = GateFacts(
        recipient=mailing.recipient,
        person=person,
        to_staff=mailing.template.to_staff,
        automatic=mailing.template.auto_submitted is not None,
        answers_robot=bool(row.robot),
        suppressed=row.suppressed,
        own_addresses=own,
        now=row.now,
        replies=mailing.replies,
        proof=Proof(row.proof) if row.proof else None,
        breaker=None if row.breaker == WAS_RESET else row.breaker,
        send_times=tuple(row.went or ()),
        send_tickets=tuple(row.tickets or ()),
        ticket=mailing.ticket,
        loop_times=tuple(row.passed or ()),
        to_owner=mailing.template.name == TO_OWNER,
    )
    if not facts.acknowledges or facts.proof is not Proof.CLAIMED:
        return facts
    return replace(facts, was_answered=row.was_answered, strangers=() if not row.was_written_to else None)
