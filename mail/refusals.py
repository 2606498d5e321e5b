"""What an SMTP refusal is about: told by the enhanced status code, or by the basic one where there is no other."""

import re
from enum import StrEnum


class Refusal(StrEnum):
    """Why a server did not take a mail."""

    NO_SUCH_ADDRESS = "no such address"
    MAILBOX_FULL = "mailbox full"
    POLICY = "policy"
    TRANSIENT = "transient"
    OTHER = "other"


# RFC 3463, section 2: class, subject and detail stand at the beginning of the server's words.
_ENHANCED = re.compile(r"(?P<class>[245])\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})(?!\S)")

# RFC 3463, section 3.2, and RFC 7505, section 4.2. Of its other details 5.1.7 and 5.1.8 blame the sender's address.
_NO_SUCH_ADDRESS = frozenset({"1", "2", "3", "6", "10"})
# RFC 5321, section 4.2.3, and RFC 7504. A bare 550 may mean the address as well as what the server thinks of us.
_BY_CODE = {
    551: Refusal.NO_SUCH_ADDRESS,
    552: Refusal.MAILBOX_FULL,
    554: Refusal.POLICY,
    556: Refusal.NO_SUCH_ADDRESS,
}


def classify(code: int, reply: str) -> Refusal:
    """What a 4xx or 5xx answer is about; the basic code decides whether it is for good (RFC 5321, section 4.2.1)."""
    if code < 500:
        return Refusal.TRANSIENT
    found = _ENHANCED.match(reply.strip())
    if found is None or found["class"] != "5":
        return _BY_CODE.get(code, Refusal.OTHER)
    return _by_status(found["subject"], found["detail"])


def _by_status(subject: str, detail: str) -> Refusal:
    if subject == "1" and detail in _NO_SUCH_ADDRESS:
        return Refusal.NO_SUCH_ADDRESS
    if (subject, detail) == ("2", "2"):
        return Refusal.MAILBOX_FULL
    return Refusal.POLICY if subject == "7" else Refusal.OTHER
