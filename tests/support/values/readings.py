"""Questions by mail in tests: who asks with what proof, and what a mail program takes from the answer."""

from typing import Any
from urllib.parse import unquote

from tests.support.database.services import execute
from tests.support.values.replies import last_mail, write_mail
from worker.runtime.services import Services

BOB, CAT, ADA, ANN = "bob@desk.example", "cat@desk.example", "ada@desk.example", "ann@customer.example"
EVE = "eve@elsewhere.example"
Row = dict[str, Any]


def passed(sender: str) -> dict[str, str]:
    """The header in which the desk's own server vouches for a sender."""
    return {"authentication_results": f"mx; dmarc=pass header.from={sender.rpartition('@')[2]}"}


PASS = passed(BOB)


def asked(services: Services, sender: str, text: str, **headers: str) -> Row:
    """The answer to a proven mail that asks to read."""
    write_mail(services, sender, text, **(passed(sender) | headers))
    return last_mail(services, sender, "command-answer")


def give_to(services: Services, email: str | None) -> None:
    """Let all tickets be this person's, or nobody's."""
    execute(
        services,
        """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :to)""",
        to=email or "",
    )


def row_address(mail: Row, tag: str) -> str:
    """The address behind a row of a list, as a mail program takes it from the link."""
    link = next(part for part in mail["html"].split('href="mailto:')[1:] if f">{tag}<" in part[:300])
    return unquote(link.partition("?")[0])
