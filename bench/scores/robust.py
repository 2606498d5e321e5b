"""Whether mails that are broken on purpose are read all the same: none may raise, and of none may the words be lost."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

from bench.scores.figures import Figure, figure
from mail.inbound.parse import parse

# What HTML holds and shows nobody.
_UNSEEN = re.compile(rb"<title\b.*?</title>|<[^<>]*>", re.DOTALL | re.IGNORECASE)


def score_robust(corpus: Path) -> Iterator[Figure]:
    """Yield the share of mails that are read without an error, and show as text or as files if they hold anything."""
    listed = corpus / "robust.txt"
    if listed.is_file():
        names = listed.read_text(encoding="utf-8").split()
        yield figure("robust", "neither raised nor lost", [(name, _is_read(corpus / name)) for name in names], 100)


def _is_read(path: Path) -> bool:
    raw = path.read_bytes()
    try:
        mail = parse(raw)
    except Exception:  # noqa: BLE001  this is what is counted
        return False
    return bool(mail.text.strip() or mail.attachments) or not _holds_words(raw)


def _holds_words(raw: bytes) -> bool:
    """Whether the standard library finds anything in the parts of a mail."""
    leaves = (part for part in message_from_bytes(raw).walk() if not part.is_multipart())
    contents = ((part.get_content_type(), part.get_payload(decode=True)) for part in leaves)
    return any(
        isinstance(content, bytes) and (_UNSEEN.sub(b"", content) if kind == "text/html" else content).strip()
        for kind, content in contents
    )
