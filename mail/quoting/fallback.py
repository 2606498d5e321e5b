"""Where quoting begins according to mail-parser-reply, the library with more languages; only this file knows it."""

import re
from collections.abc import Sequence

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

# The library's expressions take minutes on long lines and long texts, and milliseconds within these.
MAX_TEXT = 8_192
MAX_LINE = 500
# It gets so many lines around those that may be a header.
NEAR = 10

_PARSER = EmailReplyParser(languages=list(MAIL_LANGUAGES))
_DATE = re.compile(r"\d{1,2}[:.hH]\d{2}|(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d[年月日]")
# At most three words: servers give their reports longer titles. PGP and certificates have BEGIN and END.
_TITLE = re.compile(r"-{4,} ?(?!(?:BEGIN|END) )[^\W\d_][^-\s]{0,60}(?:\s[^-\s]{1,60}){0,2}\s?-{4,}")


def first_foreign_header(lines: Sequence[str]) -> int | None:
    """Return the index of the line where the library finds the first quoted mail, or None."""
    # Most lines hold none of what such a header has.
    possible = [at for at, line in enumerate(lines) if ":" in line or "----" in line or "\uff1a" in line]
    likely = [at for at in possible if is_likely_header(lines[at])]
    if not likely:
        return None
    filled = [at for at, line in enumerate(lines) if line and not line.isspace()]
    near = filled[max(0, filled.index(likely[0]) - NEAR) : filled.index(likely[-1]) + NEAR]
    text = "\n".join(lines[at].strip()[:MAX_LINE] for at in near)[:MAX_TEXT]
    replies = _PARSER.read(text).replies
    kept = [line for line in replies[0].content.split("\n") if line.strip()] if len(replies) > 1 else []
    same = all(lines[at].strip()[:MAX_LINE] == line for at, line in zip(near, kept, strict=False))
    return near[len(kept)] if kept and same and len(kept) < len(near) else None


def is_likely_header(line: str) -> bool:
    """Whether the library may recognise the line: it ends with a colon and has a date, or is a title in dashes."""
    if ":" not in line and "\uff1a" not in line and "----" not in line:
        return False
    text = line.strip()[:MAX_LINE]
    ends = text.endswith((":", "\uff1a")) and _DATE.search(text) is not None
    return ends or _TITLE.fullmatch(text) is not None
