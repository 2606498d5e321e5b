"""Lines among the headers that are none, such as a folded line that lost its white space (RFC 5322, section 2.2)."""

import re

# So many lines one after the other, and in all: more is text.
MOST_LINES, MOST_PLACES = 3, 20
LONGEST_LINE = 2_000
# Each stands once in a mail, so a second one belongs to a text that shows the headers of another mail.
ONCE = frozenset({"from", "to", "cc", "subject", "date", "message-id", "mime-version", "reply-to", "sender"})
# A server that takes forged results off may end the headers at a damaged line, and leave those below it.
TRUSTED = re.compile(r"authentication-results|arc-[a-z-]+")
# Fields whose value goes on in the damaged line; of all others that line is left out.
GOES_ON = frozenset({"received", "content-type", "content-disposition", "references"})

_RUN = re.compile(rb"(?:(?!--)[!-9;-~]++:[^\n]*+(?:\n[ \t][^\n]*+)*+\n)++")
_NAMES = re.compile(rb"^([!-9;-~]++):", re.MULTILINE)
_KNOWN = re.compile(
    r"from|to|cc|subject|date|message-id|mime-version|reply-to|sender|return-path|delivered-to|received|references"
    r"|in-reply-to|(?:content|dkim|list|resent|thread|arc|x)-[a-z0-9-]+|received-spf|authentication-results|user-agent"
    r"|auto-submitted|precedence|importance|priority"
)


def after_damage(raw: bytes, at: int, end: int, names: frozenset[str], *, is_root: bool) -> int | None:
    """Return where the headers go on below a damaged line at `at`; None where they end there, as before a text.

    `names` are those of the fields above. Below the line, and before the first blank one, fields must follow that a
    mail has: in a part those of its content, in a mail whose headers begin with such a line From among three.
    """
    for _ in range(MOST_LINES):
        line_end = raw.find(b"\n", at, min(end, at + LONGEST_LINE))
        if line_end < 0 or raw.startswith(b"--", at) or not raw[at:line_end].strip():
            return None
        at = line_end + 1
        if (run := _RUN.match(raw, at, end)) is None:
            continue
        found = [name.decode("ascii").lower() for name in _NAMES.findall(run[0])]
        return at if _are_fields(found, names, is_root=is_root) else None
    return None


def _are_fields(found: list[str], names: frozenset[str], *, is_root: bool) -> bool:
    known = [name for name in found if _KNOWN.fullmatch(name)]
    if not is_root:
        return bool(names) and len(known) == len(found) and all(name.startswith("content-") for name in found)
    if not names:
        return len(known) >= 3 and "from" in known
    return len(known) * 2 >= len(found) and not ONCE.intersection(known, names)
