"""Accounts of the web application that claim more than the desk grants: rows that anybody can make by signing up."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

# Two that look at once tell of each account once.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('supportdesk suspects', 0))")
# The keys of the accounts that an alert was about.
_TOLD = text("""
SELECT jsonb_array_elements_text(details -> 'alert' -> 'about') FROM mail.event
WHERE kind = 'alert' AND jsonb_typeof(details -> 'alert' -> 'about') = 'array'
""")
# Accounts with a role of staff whose person, address and role do not stand together in the staff list.
_SELF_MADE = text("""
SELECT u.id, u.email, u.role::text AS role FROM public."User" u
LEFT JOIN mail.person p ON p.user_id = u.id
LEFT JOIN mail.staff s ON s.person_number = p.number AND s.email = lower(u.email COLLATE "C") AND s.role = u.role::text
WHERE u.role IN ('agent', 'admin') AND s.person_number IS NULL ORDER BY u.id
""")
# Addresses with a role of staff that several accounts have.
_TWINS = text("""
SELECT DISTINCT lower(u.email COLLATE "C") AS email FROM public."User" u
JOIN public."User" other ON lower(other.email COLLATE "C") = lower(u.email COLLATE "C") AND other.id <> u.id
WHERE u.role IN ('agent', 'admin') ORDER BY 1
""")


@dataclass(frozen=True, slots=True)
class Suspect:
    """One account that claims too much: by what it is known when it was told of, and the sentence about it."""

    key: str
    sentence: str


def new_suspects(session: Session) -> list[Suspect]:
    """The accounts that no admin was told of yet; others who ask wait until this transaction ends."""
    session.execute(_ONE_AT_A_TIME)
    told = set(session.scalars(_TOLD))
    self_made = [
        Suspect(f"{row.role} {row.id}", f"{row.email} calls itself an {row.role}, and is not in the desk's staff list.")
        for row in session.execute(_SELF_MADE)
    ]
    twins = [
        Suspect(f"twins {email}", f"Several accounts have the address {email}; the least of their roles counts.")
        for email in session.scalars(_TWINS)
    ]
    return [suspect for suspect in (*self_made, *twins) if suspect.key not in told]
