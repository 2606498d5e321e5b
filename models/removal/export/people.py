"""People as values of JSON: no password, no session and no token of theirs."""

from typing import Any, Final

from sqlalchemy.orm import Session

from models.db.statement import Statement
from models.removal.export.moments import prismas

PAGE: Final = 500
_PERSON: Final = f"""
json_build_object('kind', 'person', 'id', u.id, 'number', p.number, 'email', u.email, 'name', u.name, 'role', u.role,
    'staff', (SELECT s.role FROM mail.staff s WHERE s.person_number = p.number), 'language', p.language,
    'email_verified_at', {prismas('u."emailVerified"')}, 'image', u.image, 'since', {prismas('u."createdAt"')},
    'changed_at', {prismas('u."updatedAt"')})
"""
_READ: Final = Statement(f"""
SELECT u.id, {_PERSON} AS value FROM public."User" u LEFT JOIN mail.person p ON p.user_id = u.id
WHERE u.id > :after AND (CAST(:ids AS text[]) IS NULL OR u.id = ANY(CAST(:ids AS text[]))) ORDER BY u.id LIMIT :most
""")
_COUNT: Final = Statement('SELECT count(*) AS people FROM public."User"')


def read_people(
    session: Session, after: str = "", ids: list[str] | None = None, most: int = PAGE
) -> list[dict[str, Any]]:
    """The next accounts by id, or those of these ids."""
    return [row.value for row in _READ.rows(session, {"after": after, "ids": ids, "most": most})]


def count_people(session: Session) -> int:
    """How many accounts there are."""
    return int(_COUNT.one(session).people)
