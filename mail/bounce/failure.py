"""What was wrong with a delivery, by status, reply code or wording, for bounces and SMTP replies alike (RFC 3463)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mail.bounce.signs import NO_TICKET, Sign, weigh
from mail.mime.text import lowered

MAX_DIAGNOSTIC = 500

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\w.\[-])([45])[0-5]\d(?=[\s\-:<#,.]|$)")


class Failure(StrEnum):
    """The class of a failure; it decides whether the failure counts against the address."""

    ADDRESS = "address"
    MAILBOX_FULL = "mailbox full"
    POLICY = "policy"
    TRANSIENT = "transient"
    OTHER = "other"


# What a status means, by its subject and detail, else by its subject alone (RFC 3463, section 3; RFC 7372; RFC 7505).
STATUSES: Mapping[str, Failure] = {
    "1": Failure.ADDRESS,
    # These two are about the sender's address.
    "1.7": Failure.POLICY,
    "1.8": Failure.POLICY,
    "2.1": Failure.ADDRESS,
    "2.2": Failure.MAILBOX_FULL,
    "2.3": Failure.POLICY,
    "3.1": Failure.MAILBOX_FULL,
    "3.4": Failure.POLICY,
    "4.4": Failure.ADDRESS,
    "6": Failure.POLICY,
    "7": Failure.POLICY,
}
# What an SMTP reply without a status means (RFC 5321, section 4.2.3; RFC 7504). A bare 550 is not here, as it may mean
# the address as well as what the server thinks of us.
BASIC_CODES: Mapping[int, Failure] = {
    551: Failure.ADDRESS,
    552: Failure.MAILBOX_FULL,
    554: Failure.POLICY,
    556: Failure.ADDRESS,
}
# Expressions for diagnostics in lower case, for servers that give no status or the same one for everything; the first
# that matches counts.
WORDS: tuple[tuple[str, Failure], ...] = (
    (
        (
            r"mailbox (?:is )?full|over ?quota|quota exceeded|exceed\w* (?:\w+ ){0,3}quota"
            r"|insufficient (?:disk|storage)"
            r"|mailbox size limit|not enough (?:disk )?space|out of storage"
        ),
        Failure.MAILBOX_FULL,
    ),
    # Exchange Online says this of addresses that are not in its directory.
    (r"recipient address rejected: access denied", Failure.ADDRESS),
    (
        (
            r"spam|spf|dkim|dmarc|blacklist|blocklist|block list|blocked|listed (?:at|in|by)"
            r"|reputation|virus|policy|banned"
            r"|relay(?:ing)? (?:access )?(?:denied|not)|not permitted to relay|message (?:\w+ )?too (?:large|big)"
            r"|reverse dns|ptr record|access denied|authentication (?:is )?required|not authori[sz]ed"
        ),
        Failure.POLICY,
    ),
    (
        (
            r"(?:user|recipient|account|mailbox|address|host"
            r"|domain)(?: \S{1,100})? (?:is )?(?:unknown|not found|invalid"
            r"|unavailable|disabled|inactive|suspended|does ?n.t exist|does not exist|not recogni[sz]ed|not listed)"
            r"|(?:unknown|invalid|no such|bad|nonexistent|inactive) (?:local )?(?:user|recipient"
            r"|account|mailbox|address"
            r"|host|domain|alias)|not our customer|no mailbox|does not like recipient"
            r"|no longer (?:valid|with|here|in use|active)"
        ),
        Failure.ADDRESS,
    ),
)
_WORDS = tuple((re.compile(words), failure) for words, failure in WORDS)


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """One recipient: the address in comparable form, its status (RFC 3463), and the diagnostic of the server.

    `permanent` is True where another mail would fail, too, and None where that is not known; `gave_up` is True where
    the server does not try again, permanent or not.
    """

    address: str
    status: str | None
    permanent: bool | None
    diagnostic: str
    failure: Failure = Failure.OTHER
    gave_up: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """The recipients that a mail of ours did not reach; permanent where one of them is, with the status of that one.

    `original_message_id` is without angle brackets; `recipients` is empty where the notice names none. `signs` are what
    it was recognised by.
    """

    recipients: tuple[BouncedRecipient, ...]
    permanent: bool
    status: str | None
    original_message_id: str | None
    gave_up: bool = False
    signs: tuple[Sign, ...] = field(default=(), compare=False)

    @property
    def is_certain(self) -> bool:
        """Whether it surely is a bounce; without signs, it was not made of a mail."""
        return not self.signs or weigh(self.signs) >= NO_TICKET

    @property
    def final(self) -> bool:
        """Whether the mail will not arrive: the failure is permanent, or the server has given up."""
        return self.permanent or self.gave_up

    @property
    def failure(self) -> Failure:
        """The class of the first recipient that decided `permanent`; OTHER where no recipient is named."""
        decisive = [recipient for recipient in self.recipients if recipient.permanent is self.permanent]
        return decisive[0].failure if decisive else Failure.OTHER


def bounced_recipient(
    address: str, status: str | None, permanent: bool | None, diagnostic: str, *, gave_up: bool
) -> BouncedRecipient:
    """Return the recipient with the class of the failure, and the diagnostic as one line of at most 500 characters."""
    line = " ".join(diagnostic[: 4 * MAX_DIAGNOSTIC].split())[:MAX_DIAGNOSTIC]
    return BouncedRecipient(address, status, permanent, line, failure_of(status, permanent, line), gave_up)


def failure_of(status: str | None, permanent: bool | None, diagnostic: str) -> Failure:
    """Return the class of a failure by its status, else by the words of its diagnostic.

    A full mailbox is MAILBOX_FULL also where the server will try again; any other temporary failure is TRANSIENT.
    """
    by_status = failure_of_status(status) if status else Failure.OTHER
    if by_status is Failure.MAILBOX_FULL:
        return by_status
    words = lowered(diagnostic)
    by_words = next((failure for expression, failure in _WORDS if expression.search(words)), Failure.OTHER)
    if by_words is Failure.MAILBOX_FULL:
        return by_words
    if permanent is False:
        return Failure.TRANSIENT
    return by_words if by_status is Failure.OTHER else by_status


def failure_of_status(status: str) -> Failure:
    """Return the class of a status such as `5.1.1`, by subject and detail, else by subject (RFC 3463, section 3)."""
    detail = status.partition(".")[2]
    return STATUSES.get(detail) or STATUSES.get(detail.partition(".")[0], Failure.OTHER)


def failure_of_reply(code: int, reply: str) -> Failure:
    """Return the class of a 4xx or 5xx reply of SMTP, by the status that it begins with, else by its code.

    The code says whether the failure is permanent (RFC 5321, section 4.2.1), so a 4xx is always transient.
    """
    if code < 500:
        return Failure.TRANSIENT
    # The status is the first word (RFC 2034, section 4). Later numbers may be anything, such as part of an address.
    begins = _STATUS.fullmatch(next(iter(reply.split(maxsplit=1)), ""))
    if begins is None or begins[1] != "5":
        return BASIC_CODES.get(code, Failure.OTHER)
    return failure_of_status(begins[0])


def status_in(text: str) -> str | None:
    """Return the first status of class 4 or 5 in a text, or None (RFC 3463, section 2)."""
    return next((match[0] for match in _STATUS.finditer(text) if match[1] != "2"), None)


def is_permanent(*texts: str | None) -> bool | None:
    """Whether the first status or reply code in the texts is of class 5 and not 4; None where there is none."""
    for text in texts:
        match = (_STATUS.search(text) or _CODE.search(text)) if text else None
        if match and match[1] != "2":
            return match[1] == "5"
    return None
