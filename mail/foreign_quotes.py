"""A second opinion on where quoting begins, from a library that knows more languages."""

import re
from collections.abc import Sequence

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

# The library's expressions take minutes on long lines and long texts, and milliseconds within these.
MAX_TEXT = 16_384
MAX_LINE = 500

_PARSER = EmailReplyParser(languages=list(MAIL_LANGUAGES))
_LIKELY = re.compile(r"\d.*[:\uff1a]$|[-_]{5,}", re.MULTILINE)


def first_foreign_header(lines: Sequence[str]) -> int | None:
    """Return the line where the library sees the first quoted mail begin; None where it sees none."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    text = "\n".join(lines[at].strip()[:MAX_LINE] for at in filled)[:MAX_TEXT]
    if not _LIKELY.search(text):
        return None
    replies = _PARSER.read(text).replies
    kept = [line for line in replies[0].content.split("\n") if line.strip()] if len(replies) > 1 else []
    same = all(lines[at].strip()[:MAX_LINE] == line for at, line in zip(filled, kept, strict=False))
    return filled[len(kept)] if kept and same and len(kept) < len(filled) else None
