"""The mails of ours that a received one names: what each grants, and what those said that went to its author."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.facts import AnsweredNotice, LaterWords
from desk.intake.rule_names import RuleName
from desk.notices.events import EventKind
from desk.tokens import Grant
from mail.quoting.comparison import SentText
from models.db.statement import Statement, any_of
from models.events.outcomes import listed_from_json
from models.outbox.rows import GRANT, grant_of

# The texts of so many of the named mails are read, each with so many later or earlier ones to the same person.
COMPARED, BESIDE = 3, 3
# So much of what staff wrote since is read; beyond that nobody reads it in one mail.
MOST_LATER: Final = 20
# In characters; what is beyond is not compared.
LONGEST: Final = 400_000

# The mail itself first, then the newest on its ticket to the same person. The sum keeps PostgreSQL from reading the
# whole outbox by its key, backwards, for a ticket that has few mails.
_ASK_SQL: Final = f"""
SELECT {GRANT}, said.texts, said.htmls FROM mail.outbox a LEFT JOIN LATERAL (
    SELECT array_agg(left(o.text, {LONGEST}) ORDER BY near.place) AS texts,
        array_agg(left(o.html, {LONGEST}) ORDER BY near.place) AS htmls
    FROM (
        SELECT a.id, 0 AS place
        UNION ALL
        (SELECT n.id, 1 FROM mail.outbox n
         WHERE n.ticket_number = a.ticket_number AND n.correspondent = a.correspondent AND n.id <> a.id<then>
         ORDER BY n.id + 0 DESC LIMIT {BESIDE})
    ) AS near JOIN mail.outbox o ON o.id = near.id
    WHERE a.correspondent = :correspondent AND a.id = {any_of("compared")}
) AS said ON true
WHERE a.id = {any_of("ids")}
"""
_ASK = Statement(_ASK_SQL.replace("<then>", ""))
# The same as it was at a moment: of what was written later, a mail of then repeats nothing, and it may repeat the mail.
_ASK_THEN = Statement(_ASK_SQL.replace("<then>", " AND n.written_at <= :then"))
# What staff wrote in public on the tickets of a mail of ours since. That mail tells of all events of one transaction.
# A question to its owner about such comments counts once it is answered, by them or by time.
_LATER: Final = f"""
SELECT jsonb_agg(jsonb_build_array(one.comment_id, one.ticket_number, one.author) ORDER BY one.id) FROM (
    SELECT said.id, said.comment_id, said.ticket_number, coalesce(p.number, said.person_number) AS author
    FROM mail.event said
    LEFT JOIN public."Comment" c ON c.id = said.comment_id
    LEFT JOIN public."User" u ON u.id = c."userId"
    LEFT JOIN mail.person p ON p.user_id = u.id
    LEFT JOIN mail.staff s
        ON s.person_number = p.number AND s.email = lower(u.email COLLATE "C") AND s.role = u.role::text
    WHERE said.ticket_number = ANY(o.ticket_number || CAST(:ends AS bigint[]))
        AND said.id > o.event_id AND said.transaction <> e.transaction
        AND CASE said.kind
            WHEN '{EventKind.COMMENT_ADDED}' THEN s.role IS NOT NULL
            WHEN '{EventKind.ANSWER_WAITS}' THEN said.person_number = o.person_number AND EXISTS (
                SELECT FROM mail.ledger asked WHERE asked.id = said.cause AND asked.fate IS NOT NULL
            )
        END
    ORDER BY said.id DESC LIMIT {MOST_LATER}
) AS one
"""
# Mails of ours with the mail that caused each, and for an answer of staff with what staff wrote since.
_ANSWERED = Statement(f"""
SELECT o.id, o.written_at, o.subject, e.cause, e.note_id, e.details -> 'held' -> 'listed' AS listed,
    o.listed AS reading,
    l.fate = 'not_applied' AND l.confirmed_at IS NULL
        AND l.evidence ->> 'rule' = '{RuleName.STAFF_WITHOUT_POWER}' AS waits,
    l.fate IS NULL AND l.waited_at IS NOT NULL AS pending, l.fate = 'applied' AS applied,
    CASE WHEN :staff THEN ({_LATER}) END AS later
FROM mail.outbox o LEFT JOIN mail.event e ON e.id = o.event_id LEFT JOIN mail.ledger l ON l.id = e.cause
WHERE o.id = {any_of("ids")}
""")


def read_answered_rows(
    session: Session, ids: Sequence[int], ends: Sequence[int], *, staff: bool
) -> list[tuple[Any, AnsweredNotice]]:
    """The notices of these mails of the outbox with the rows that they are made of; `ends` are where tickets merged to.

    What staff wrote since is read for `staff` alone.
    """
    rows = _ANSWERED.rows(session, {"ids": list(ids), "ends": list(ends), "staff": staff})
    return [
        (
            row,
            AnsweredNotice(
                row.cause,
                row.written_at,
                bool(row.waits),
                subject=row.subject,
                pending=row.pending,
                applied=bool(row.applied),
                later=tuple(LaterWords(*words) for words in row.later or ()),
                reading=listed_from_json(row.reading),
            ),
        )
        for row in rows
    ]


def read_named(
    session: Session, ids: Sequence[int], correspondent: str, then: datetime | None = None
) -> tuple[dict[int, Grant], dict[int, tuple[SentText, ...]]]:
    """The grants of these mails of the outbox, and the texts of those that went to this correspondent, by row id.

    Each text comes with those of the newest mails on its ticket to the same correspondent; an id without a row is left
    out, and so are the texts of mails to others. With `then` all is as it was at that moment.
    """
    values = {"ids": list(ids), "compared": list(dict.fromkeys(ids))[:COMPARED], "correspondent": correspondent}
    rows = _ASK.rows(session, values) if then is None else _ASK_THEN.rows(session, values | {"then": then})
    grants, sent = {}, {}
    for row in rows:
        grant = grant_of(row)
        grants[row.outbox_id] = replace(grant, spent=grant.spent and (then is None or row.spent_at < then))
        if row.texts:
            sent[row.outbox_id] = tuple(SentText(*one) for one in zip(row.texts, row.htmls, strict=True))
    return grants, sent
