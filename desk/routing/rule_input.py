"""What routing rules are shown of a ticket, its sender and the mail."""

from dataclasses import dataclass, fields, replace
from typing import Any, Final

from desk.routing.regex_guard import TEXT_CAP
from desk.ticket import Category, Priority, Role, Status

LIST_CAP: Final = 100


@dataclass(frozen=True, slots=True)
class CaseTicket:
    """What conditions see of the ticket."""

    title: str
    description: str
    category: str = Category.GENERAL_INQUIRY
    priority: str = Priority.MEDIUM
    status: str = Status.OPEN


@dataclass(frozen=True, slots=True)
class CaseSender:
    """What conditions see of the sender; the address is in comparable form."""

    email: str
    domain: str
    name: str
    role: str = Role.CUSTOMER
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class CaseMail:
    """What conditions see of the mail; `to` and `cc` are addresses, `mailbox` is the name in the settings."""

    subject: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    mailbox: str = ""
    has_attachments: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class RuleInput:
    """What rules judge."""

    ticket: CaseTicket
    sender: CaseSender
    mail: CaseMail


def plain(case: RuleInput) -> RuleInput:
    """Return the case as conditions compare it: every text capped, every enum value as plain text."""
    return RuleInput(plain_object(case.ticket), plain_object(case.sender), plain_object(case.mail))


def plain_object(value: Any) -> Any:
    """Return the ticket, the sender or the mail of a case as conditions compare it, as `plain` does for the whole."""
    return replace(value, **{field.name: _plain(getattr(value, field.name)) for field in fields(value)})


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)[:TEXT_CAP]
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value[:LIST_CAP])
    return value
