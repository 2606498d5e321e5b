"""The mails of ours that a received one names: what each grants, and what those said that went to its author."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from desk.tokens import Grant
from mail.quoting.comparison import SentText
from models.db.statement import Statement, any_of
from models.outbox.rows import GRANT, grant_of

# The texts of so many of the named mails are read, each with so many later or earlier ones to the same person.
COMPARED, BESIDE = 3, 3
# In characters; what is beyond is not compared.
LONGEST: Final = 400_000

# The mail itself first, then the newest on its ticket to the same person. The sum keeps PostgreSQL from reading the
# whole outbox by its key, backwards, for a ticket that has few mails.
_ASK = Statement(f"""
SELECT {GRANT}, said.texts, said.htmls FROM mail.outbox a LEFT JOIN LATERAL (
    SELECT array_agg(left(o.text, {LONGEST}) ORDER BY near.place) AS texts,
        array_agg(left(o.html, {LONGEST}) ORDER BY near.place) AS htmls
    FROM (
        SELECT a.id, 0 AS place
        UNION ALL
        (SELECT n.id, 1 FROM mail.outbox n
         WHERE n.ticket_number = a.ticket_number AND n.correspondent = a.correspondent AND n.id <> a.id
         ORDER BY n.id + 0 DESC LIMIT {BESIDE})
    ) AS near JOIN mail.outbox o ON o.id = near.id
    WHERE a.correspondent = :correspondent AND a.id = {any_of("compared")}
) AS said ON true
WHERE a.id = {any_of("ids")}
""")


def read_named(
    session: Session, ids: Sequence[int], correspondent: str
) -> tuple[dict[int, Grant], dict[int, tuple[SentText, ...]]]:
    """The grants of these mails of the outbox, and the texts of those that went to this correspondent, by row id.

    Each text comes with those of the newest mails on its ticket to the same correspondent; an id without a row is left
    out, and so are the texts of mails to others.
    """
    rows = _ASK.rows(
        session, {"ids": list(ids), "compared": list(dict.fromkeys(ids))[:COMPARED], "correspondent": correspondent}
    )
    grants, sent = {}, {}
    for row in rows:
        grants[row.outbox_id] = grant_of(row)
        if row.texts:
            sent[row.outbox_id] = tuple(SentText(*one) for one in zip(row.texts, row.htmls, strict=True))
    return grants, sent
