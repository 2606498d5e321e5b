"""The web app's accounts that an admin should look at, of each of which they are told once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from mail.outbound.catalogue import Said, said
from models.db.base import folded
from models.people.rows import HAS_LOGIN

# Two workers that look at the same moment report each account once.
_LOCK_SUSPECTS = text("SELECT pg_advisory_xact_lock(hashtextextended('supportdesk suspects', 0))")
# The keys of the accounts that an alert was about.
_REPORTED_SUSPECTS = text("""
SELECT jsonb_array_elements_text(details -> 'alert' -> 'about') FROM mail.event
WHERE kind = 'alert' AND jsonb_typeof(details -> 'alert' -> 'about') = 'array'
""")
# Accounts under the folded address of somebody in the staff list whose account is another one.
_SECOND = text("""
SELECT u.id, u.email, u.role::text AS role, s.email AS staff FROM public."User" u
JOIN mail.staff s ON s.email = lower(u.email COLLATE "C")
JOIN mail.person p ON p.number = s.person_number AND p.user_id <> u.id ORDER BY u.id
""")
# Accounts with a role of staff whose person, address and role do not stand together in the staff list.
_SELF_MADE = text("""
SELECT u.id, u.email, u.role::text AS role FROM public."User" u
LEFT JOIN mail.person p ON p.user_id = u.id
LEFT JOIN mail.staff s ON s.person_number = p.number AND s.email = lower(u.email COLLATE "C") AND s.role = u.role::text
WHERE u.role IN ('agent', 'admin') AND s.person_number IS NULL ORDER BY u.id
""")
# Accounts that a mail with a live token would have verified, had they not had a login already. Of the ledger only the
# mails of their own addresses are read, by its index.
_OLDER = text(f"""
SELECT u.id, u.email FROM public."User" u JOIN mail.person p ON p.user_id = u.id
WHERE u."emailVerified" IS NULL AND {HAS_LOGIN} AND EXISTS (
    SELECT FROM mail.ledger l
    WHERE l.correspondent = {folded("u.email")} AND l.person_number = p.number AND l.evidence ->> 'account' IS NOT NULL
) ORDER BY u.id
""")


@dataclass(frozen=True, slots=True)
class Suspect:
    """An account of the web app that an admin should look at; `key` names it in the alert that reports it."""

    key: str
    sentence: Said


def find_new_suspects(session: Session) -> list[Suspect]:
    """The accounts that no alert was about yet; anybody can make one by signing up.

    Whoever asks at the same moment waits until this transaction ends.
    """
    session.execute(_LOCK_SUSPECTS)
    reported = set(session.scalars(_REPORTED_SUSPECTS))
    second = {row.id: Suspect(f"second {row.id}", _second(row)) for row in session.execute(_SECOND)}
    self_made = [
        Suspect(f"{row.role} {row.id}", said("admins.account_self_made", email=row.email, role=row.role))
        for row in session.execute(_SELF_MADE)
        if row.id not in second
    ]
    older = [
        Suspect(f"older {row.id}", said("admins.account_older", email=row.email, id=row.id))
        for row in session.execute(_OLDER)
    ]
    return [suspect for suspect in (*second.values(), *self_made, *older) if suspect.key not in reported]


def _second(row: Row[Any]) -> Said:
    return said("admins.account_second", staff=row.staff, email=row.email, role=row.role, id=row.id)
