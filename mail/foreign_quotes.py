"""A second opinion on where quoting begins, from a library that knows more languages."""

import re
from collections.abc import Sequence

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

# The library's expressions take minutes on long lines and long texts, and milliseconds within these.
MAX_TEXT = 8_192
MAX_LINE = 500

_PARSER = EmailReplyParser(languages=list(MAIL_LANGUAGES))
_TITLE = re.compile(r"-{4,} ?[^\W\d_][^-\n]{3,60}-{4,}")


def first_foreign_header(lines: Sequence[str]) -> int | None:
    """Return the line where the library sees the first quoted mail begin; None where it sees none."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    text = "\n".join(lines[at].strip()[:MAX_LINE] for at in filled)[:MAX_TEXT]
    if not _is_likely(text):
        return None
    replies = _PARSER.read(text).replies
    kept = [line for line in replies[0].content.split("\n") if line.strip()] if len(replies) > 1 else []
    same = all(lines[at].strip()[:MAX_LINE] == line for at, line in zip(filled, kept, strict=False))
    return filled[len(kept)] if kept and same and len(kept) < len(filled) else None


def _is_likely(text: str) -> bool:
    """Whether any line may be one that the library looks for: it ends with a colon and has a digit, or is a title."""
    ends = (line for line in text.split("\n") if line.endswith((":", "\uff1a")))
    return any(any(map(str.isdigit, line)) for line in ends) or _TITLE.search(text) is not None
