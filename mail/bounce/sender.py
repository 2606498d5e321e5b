"""Refusals by which an SMTP server speaks of us, the sender: our account, its limits or its rights (RFC 5321, 4.2)."""

import re
from typing import Final

from mail.bounce.failure import Failure, failure_of_status
from mail.mime.text import lowered

# Codes of a server that wants us to log in, or to do so otherwise (RFC 4954, section 6; RFC 3207, section 4).
_OF_LOGIN: Final = frozenset({530, 534, 535, 538})
_STATUS = re.compile(r"5\.(\d{1,3}\.\d{1,3})(?![.\d])")
# Statuses about the sender, by subject and detail: its address (RFC 3463, 3.2), its checks (RFC 7372), its login
# (RFC 4954), and those of large providers for a daily limit (4.5, 1.90), SendAs (7.60), a banned account or tenant.
_OF_SENDER = re.compile(r"1\.[78]|1\.90|4\.5|7\.(?:3|8|9|11|13|14|2[3-9]|30|57|60|50[1-3]|508|509|511|6[0-4]\d|7\d\d)")
# What is about the size of a mail, which a server that was told it says at MAIL already (RFC 1870, section 6.1).
TOO_LARGE: Final = 552
_OF_SIZE: Final = frozenset({"3.4", "2.3"})
_WORDS = re.compile(
    r"send ?as ?denied|(?:not|right|permission)\b.{0,40} send as\b|send (?:mail |messages? )?on behalf of"
    r"|sender address rejected|sender (?:is |was )?"
    r"(?:denied|blocked|banned|suspended|not (?:allowed|permitted|authori[sz]ed))"
    r"|(?:sender|from) (?:address )?(?:is )?not owned by|bad outbound sender"
    r"|(?:daily|hourly|sending|outgoing|outbound|submission) (?:[\w-]+ ){0,4}(?:limit|quota|rate)s?\b"
    r"|(?:limit|quota) (?:[\w-]+ ){0,7}(?:outgoing|outbound|sent) (?:[\w-]+ ){0,2}(?:mails?|e-?mails?|messages?)\b"
    r"|(?:you|your account|sender) (?:ha(?:ve|s) )?(?:exceeded|reached) (?:your|the|its) "
    r"(?:[\w-]+ ){0,5}(?:limit|quota)"
    r"|too many (?:[\w-]+ ){0,2}(?:messages|mails|e-?mails|recipients) (?:were )?(?:sent|from)"
    r"|(?:your|sender'?s?|sending) (?:[\w-]+ ){0,2}account (?:[\w-]+ ){0,3}"
    r"(?:blocked|disabled|suspended|locked|compromised|restricted)"
    r"|account (?:[\w-]+ ){0,3}(?:suspended|blocked|restricted|disabled) (?:from|for) (?:sending|spam|outgoing)"
    r"|(?:blocked|restricted|prevented|banned) from sending"
    r"|outgoing (?:e-?mail|mail|messages?) (?:[\w-]+ ){0,6}(?:suspended|blocked|disabled)"
    r"|relay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:allowed|permitted))|not (?:permitted|allowed) to relay"
    r"|unable to relay"
    r"|authentication (?:is )?required|must (?:be authenticated|authenticate|log ?in)|client was not authenticated"
    r"|client host (?:rejected|blocked)|your (?:ip|ip address|host|server) (?:[\w-]+ ){0,3}(?:blocked|listed|banned)"
)


def asks_for_login(code: int) -> bool:
    """Whether a reply says that we are not logged in (RFC 4954, section 6)."""
    return code in _OF_LOGIN


def is_about_sender(code: int, reply: str, *, at_sender: bool) -> bool:
    """Whether a 4xx or 5xx reply speaks of us and not of this one mail or its recipient.

    At MAIL (`at_sender`) all do but those about the mail's size. Elsewhere the status decides where it names the sender
    or the recipient's address, and else the words.
    """
    status = _STATUS.match(reply)
    detail = status[1] if status else ""
    if detail in _OF_SIZE or (code == TOO_LARGE and not detail):
        return False
    if at_sender or code in _OF_LOGIN or _OF_SENDER.fullmatch(detail):
        return True
    if detail and failure_of_status(f"5.{detail}") is Failure.ADDRESS:
        return False
    return _WORDS.search(lowered(reply)) is not None
