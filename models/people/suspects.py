"""The web app's accounts that claim more than the desk grants, each of which the admins are told of once."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

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

SECOND = (
    "There is a second account under the address of {0.staff}: {0.email} ({0.role} {0.id}). It has no power, and the "
    "mail of {0.staff} counts as before; delete it in the web application, unless you know whose it is."
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """An account of the web app that claims more than the desk grants; `key` names it in the alert that reports it."""

    key: str
    sentence: str


def find_new_suspects(session: Session) -> list[Suspect]:
    """The accounts that no alert was about yet; anybody can make one by signing up.

    Whoever asks at the same moment waits until this transaction ends.
    """
    session.execute(_LOCK_SUSPECTS)
    reported = set(session.scalars(_REPORTED_SUSPECTS))
    second = {row.id: Suspect(f"second {row.id}", SECOND.format(row)) for row in session.execute(_SECOND)}
    self_made = [
        Suspect(f"{row.role} {row.id}", f"{row.email} calls itself an {row.role}, and is not in the desk's staff list.")
        for row in session.execute(_SELF_MADE)
        if row.id not in second
    ]
    return [suspect for suspect in (*second.values(), *self_made) if suspect.key not in reported]
