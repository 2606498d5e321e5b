"""Refusals by which an IMAP server speaks of itself: throttling, limits, log-in state, faults of its own (RFC 5530)."""

import re
from typing import Final

from mail.failures import ServerBusy

# A server is asked again after this, whatever it names: mail shall not be late for a wrong figure.
LONGEST_SECONDS: Final = 900.0

# What says that a command came too early, too often or in a session that has ended, whichever mail it was about.
_OF_US = re.compile(
    r"\[(?:limit|inuse|overquota|throttled)\b"
    r"|throttl|back-?off|rate.?limit|too many|try(?:ing)? again|retry (?:later|after|in\b)|request (?:limit|quota)"
    r"|(?:bandwidth|command|connection|download|simultaneous \w+) (?:limit|quota)s?\b"
    r"|limits? (?:was |is |has been )?exceeded"
    r"|authenticated but not connected|not (?:logged|signed) in|not (?:yet )?authenticated|session (?:is |was |has )?"
    r"(?:been )?(?:invalid|expired|closed|timed out)|token (?:is |has )?expired|accesstokenexpired"
    r"|(?:log ?in|authenticate) again|please reconnect"
)
# What says that the server is not well, which it may also say of a mail that it cannot read.
_OF_SERVER = re.compile(
    r"\[(?:unavailable|serverbug)\b|(?:server|service|system|mailbox|backend|storage|folder) (?:is |was )?"
    r"(?:currently |temporarily )?(?:unavailable|busy|overloaded|down)|temporar(?:y|ily)\b"
    r"|maintenance|overloaded|not available (?:now|at th)|timed? ?out"
)
# How long the server asks to be left alone, with the unit of the figure.
_SECONDS = re.compile(
    r"(?:back-?off(?: time)?|retry(?:-| )after|(?:try|retry|again|wait)(?: again)?(?: in| after| for)?)[\s:=]{0,3}"
    r"(\d{1,12}(?:\.\d{1,9})?)\s{0,3}(milliseconds?|msecs?|ms|minutes?|mins?|hours?|seconds?|secs?|s|m|h)?\b"
)
_UNITS: Final = {"milli": 0.001, "ms": 0.001, "mi": 60.0, "m": 60.0, "h": 3600.0, "s": 1.0}


def busy_of(deed: str, reply: str, shown: str = "") -> ServerBusy | None:
    """The failure for a reply by which the server speaks of itself; None for any other reply.

    `deed` is what could not be done, as a clause, and `shown` the reply in words, where that is another. The time that
    the reply names is at most LONGEST_SECONDS.
    """
    words = reply.lower()
    of_us = _OF_US.search(words) is not None
    if not of_us and not _OF_SERVER.search(words):
        return None
    return ServerBusy(f"{deed}: {shown or reply}", _seconds_in(words), maybe_the_mail=not of_us)


def _seconds_in(words: str) -> float | None:
    named = _SECONDS.search(words)
    if named is None:
        return None
    unit = next((size for start, size in _UNITS.items() if (named[2] or "s").startswith(start)), 1.0)
    return min(float(named[1]) * unit, LONGEST_SECONDS)
