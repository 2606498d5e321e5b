"""One recipient whom a mail did not reach, and what kind of failure that was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mail.addresses import normalise
from mail.lower_case import lowered

MAX_DIAGNOSTIC = 500

ADDRESS = r"[^\s<>()\[\]\",;:@\\]{1,64}@[^\s<>()\[\]\",;:@\\!]{1,253}"
_ADDRESS = re.compile(ADDRESS)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\w.\[-])([45])[0-5]\d(?=[\s\-:<#,.]|$)")


class Failure(StrEnum):
    """What was wrong: it decides whether the failure counts against the address."""

    ADDRESS = "address"
    MAILBOX_FULL = "mailbox full"
    POLICY = "policy"
    TRANSIENT = "transient"
    OTHER = "other"


# The subject and detail of a status, with what they mean (RFC 3463, 3; RFC 7372; RFC 7505).
STATUSES: tuple[tuple[str, Failure], ...] = (
    ("2.2", Failure.MAILBOX_FULL),
    ("3.1", Failure.MAILBOX_FULL),
    ("2.3", Failure.POLICY),
    ("3.4", Failure.POLICY),
    ("2.1", Failure.ADDRESS),
    ("1.7", Failure.POLICY),
    ("1.8", Failure.POLICY),
    ("1.", Failure.ADDRESS),
    ("4.4", Failure.ADDRESS),
    ("6.", Failure.POLICY),
    ("7.", Failure.POLICY),
)
# Words of diagnostics, in lower case, for servers that give no status or the same one for everything; the first that
# fits counts.
WORDS: tuple[tuple[str, Failure], ...] = (
    (
        (
            r"mailbox (?:is )?full|over ?quota|quota exceeded|exceed\w* (?:\w+ ){0,3}quota"
            r"|insufficient (?:disk|storage)"
            r"|mailbox size limit|not enough (?:disk )?space|out of storage"
        ),
        Failure.MAILBOX_FULL,
    ),
    # Exchange Online says so of addresses that its directory does not hold.
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
    """An address in comparable form, its status (RFC 3463), and what the server said.

    `permanent` says that it would fail again, `gave_up` that the server tries no more, whatever would come of it.
    """

    address: str
    status: str | None
    permanent: bool | None
    diagnostic: str
    failure: Failure = Failure.OTHER
    gave_up: bool = False


def bounced(
    address: str, status: str | None, permanent: bool | None, diagnostic: str, *, gave_up: bool
) -> BouncedRecipient:
    """Return the recipient with the class of the failure, and the diagnostic as one short line."""
    said = " ".join(diagnostic[: 4 * MAX_DIAGNOSTIC].split())[:MAX_DIAGNOSTIC]
    return BouncedRecipient(address, status, permanent, said, failure_of(status, permanent, said), gave_up)


def failure_of(status: str | None, permanent: bool | None, diagnostic: str) -> Failure:
    """Return the class of a failure by its status, and by its words where the status says nothing definite.

    A full mailbox is named even where the server will try again; all else that may pass is transient.
    """
    by_status = _by_status(status)
    if by_status is Failure.MAILBOX_FULL:
        return by_status
    said = lowered(diagnostic)
    by_words = next((failure for words, failure in _WORDS if words.search(said)), Failure.OTHER)
    if by_words is Failure.MAILBOX_FULL:
        return by_words
    if permanent is False:
        return Failure.TRANSIENT
    return by_words if by_status is Failure.OTHER else by_status


def _by_status(status: str | None) -> Failure:
    detail = (status or "").partition(".")[2]
    return next((failure for start, failure in STATUSES if _fits(detail, start)), Failure.OTHER)


def _fits(detail: str, start: str) -> bool:
    # `1.` stands for a whole subject, `1.7` for one detail of it and not for 1.70.
    return detail.startswith(start) if start.endswith(".") else detail == start


def status_in(text: str) -> str | None:
    """Return the first status in a text that is no success (RFC 3463, 2)."""
    found = (match[0] for match in _STATUS.finditer(text) if match[1] != "2")
    return next(found, None)


def is_permanent(*texts: str | None) -> bool | None:
    """Whether the first status or reply code of the texts is final: 5 is, 4 is not; None where there is none."""
    for text in texts:
        match = (_STATUS.search(text) or _CODE.search(text)) if text else None
        if match and match[1] != "2":
            return match[1] == "5"
    return None


def addresses_in(text: str) -> Sequence[str]:
    """Return the addresses in a text in comparable form, each once and in their order."""
    found = (normalise(match[0].strip("'`*.")) for match in _ADDRESS.finditer(text))
    return tuple(dict.fromkeys(address for address in found if address))
