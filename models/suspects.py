"""Accounts of the web application that claim more than the desk grants: rows that anybody can make by signing up."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

# Two that look at once tell of each account once.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('supportdesk suspects', 0))")
_TOLD = text("""
SELECT jsonb_array_elements_text(details -> 'alert' -> 'about') FROM mail.event
WHERE kind = 'alert' AND jsonb_typeof(details -> 'alert' -> 'about') = 'array'
""")
_SELF_MADE = text("""
SELECT u.id, u.email, u.role::text AS role FROM public."User" u
LEFT JOIN mail.person p ON p.user_id = u.id
LEFT JOIN mail.staff s ON s.person_number = p.number AND s.email = lower(u.email COLLATE "C") AND s.role = u.role::text
WHERE u.role IN ('agent', 'admin') AND s.person_number IS NULL ORDER BY u.id
""")
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
    found = [
        *(_self_made(row.id, row.email, row.role) for row in session.execute(_SELF_MADE)),
        *(_twins(email) for email in session.scalars(_TWINS)),
    ]
    return [one for one in found if one.key not in told]


def _self_made(user_id: str, email: str, role: str) -> Suspect:
    article = "an" if role[0] in "aeiou" else "a"
    return Suspect(f"{role} {user_id}", f"{email} calls itself {article} {role}, and is not in the desk's staff list.")


def _twins(email: str) -> Suspect:
    return Suspect(f"twins {email}", f"Several accounts have the address {email}; the least of their roles counts.")
