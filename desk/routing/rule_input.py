"""The input of routing rules: what their conditions see of a ticket, its sender and the mail."""

from dataclasses import dataclass
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
    """The three objects that a condition may read."""

    ticket: CaseTicket
    sender: CaseSender
    mail: CaseMail


def plain(rule_input: RuleInput) -> RuleInput:
    """The input as conditions compare it: texts cut at TEXT_CAP, lists at LIST_CAP, enum values as plain text."""
    return RuleInput(plain_object(rule_input.ticket), plain_object(rule_input.sender), plain_object(rule_input.mail))


def plain_object(value: Any) -> Any:
    """One of the three objects as conditions compare it, as `plain` does for all of them."""
    return type(value)(*[_plain(getattr(value, name)) for name in value.__match_args__])


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)[:TEXT_CAP]
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value[:LIST_CAP])
    return value
