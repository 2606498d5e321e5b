"""How well whole mails are parsed: sender, subject, body and files."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from bench.scores_figures import Figure, cases, figure
from mail.message import InboundMail
from mail.parse import parse

# How one source calls a file without a name.
_UNNAMED = re.compile(r"noname\d+")


def score_parse(corpus: Path) -> Iterator[Figure]:
    """Yield the shares of right senders, subjects, bodies and files, each of the mails that name one."""
    read = [
        (case["id"], case["expected"], parse((corpus / case["path"]).read_bytes())) for case in cases(corpus, "parse")
    ]
    from_ = [
        (name, _sender(mail) == wanted["from_email"].lower()) for name, wanted, mail in read if wanted["from_email"]
    ]
    subject = [
        (name, _bare(mail.subject) == _bare(wanted["subject"])) for name, wanted, mail in read if wanted["subject"]
    ]
    body = [(name, _has_body(mail, wanted)) for name, wanted, mail in read if wanted["body_contains"]]
    yield figure("parse", "sender", from_, 98)
    yield figure("parse", "subject", subject, 97)
    yield figure("parse", "body", body, 97)
    files = [(name, _has_files(mail, wanted)) for name, wanted, mail in read]
    yield figure("parse", "files", files, 97)
    for source in sorted({name.split("/")[0] for name, _ in files}):
        yield figure(f"parse, {source}", "files", [one for one in files if one[0].startswith(source)])


def _bare(text: str) -> str:
    # What no database stores is left out of our texts.
    return "".join(text.replace("\0", "").split())


def _sender(mail: InboundMail) -> str:
    return mail.senders[0].email.lower() if mail.senders else ""


def _has_body(mail: InboundMail, wanted: dict[str, Any]) -> bool:
    text = _bare(mail.text)
    return all(_bare(part) in text for part in wanted["body_contains"])


def _has_files(mail: InboundMail, wanted: dict[str, Any]) -> bool:
    """Whether there are as many files as wanted, and each wanted name is there in its safe form."""
    names = {_bare(file.filename) for file in mail.attachments}
    given = [name for name in wanted["attachments"] if not _UNNAMED.fullmatch(name)]
    return len(mail.attachments) >= wanted["n_attachments"] and all(
        _bare(PurePosixPath(name.replace("\\", "/")).name) in names for name in given
    )
