"""How well whole mails are parsed: sender, subject, body and files."""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from pathlib import Path, PurePosixPath
from typing import Any

from bench.scores_figures import Figure, cases, figure
from mail.charset import decode
from mail.message import InboundMail
from mail.parse import parse

# How one source calls a file without a name.
_UNNAMED = re.compile(r"noname\d+")

Wanted = dict[str, Any]
Case = tuple[str, Wanted, InboundMail]


def score_parse(corpus: Path) -> Iterator[Figure]:
    """Yield the shares of right senders, subjects, bodies and files, each of the mails that name one."""
    raws = {case["id"]: (corpus / case["path"]).read_bytes() for case in cases(corpus, "parse")}
    read = [(case["id"], case["expected"], parse(raws[case["id"]])) for case in cases(corpus, "parse")]
    from_ = [
        (name, _sender(mail) == wanted["from_email"].lower()) for name, wanted, mail in read if wanted["from_email"]
    ]
    subject = [
        (name, _bare(mail.subject) == _bare(wanted["subject"])) for name, wanted, mail in read if wanted["subject"]
    ]
    body = [(name, _has_body(mail, wanted)) for name, wanted, mail in read if wanted["body_contains"]]
    yield figure("parse", "sender", from_, 98)
    yield figure("parse", "subject", subject, 98)
    yield figure("parse", "body", body, 97)
    forms = [
        (name, right or _is_other_form(raws[name], mail, wanted)) for name, wanted, mail, right in _beside(read, body)
    ]
    yield figure("parse", "body, or another form of it", forms)
    files = [(name, _has_files(mail, wanted)) for name, wanted, mail in read]
    yield figure("parse", "files", files, 97)
    shown = [(name, right or _are_read(raws[name], mail, wanted)) for name, wanted, mail, right in _beside(read, files)]
    yield figure("parse", "files, or read as text", shown)
    for source in sorted({name.split("/")[0] for name, _ in files}):
        yield figure(f"parse, {source}", "files", [one for one in files if one[0].startswith(source)])


def _beside(
    read: Iterable[Case], verdicts: Iterable[tuple[str, bool]]
) -> Iterator[tuple[str, Wanted, InboundMail, bool]]:
    """Give each case that has a verdict with it."""
    known = dict(verdicts)
    return ((name, wanted, mail, known[name]) for name, wanted, mail in read if name in known)


def _bare(text: str) -> str:
    # What no database stores is left out of our texts.
    return "".join(text.replace("\0", "").split())


def _sender(mail: InboundMail) -> str:
    return mail.senders[0].email.lower() if mail.senders else ""


def _has_body(mail: InboundMail, wanted: Wanted) -> bool:
    text = _bare(mail.text)
    return all(_bare(part) in text for part in wanted["body_contains"])


def _has_files(mail: InboundMail, wanted: Wanted) -> bool:
    """Whether there are as many files as wanted, and each wanted name is there in its safe form."""
    return len(mail.attachments) >= int(wanted["n_attachments"]) and _has_names(mail, wanted)


def _has_names(mail: InboundMail, wanted: Wanted) -> bool:
    names = {_bare(file.filename) for file in mail.attachments}
    given = [name for name in wanted["attachments"] if not _UNNAMED.fullmatch(name)]
    return all(_bare(PurePosixPath(name.replace("\\", "/")).name) in names for name in given)


def _is_other_form(raw: bytes, mail: InboundMail, wanted: Wanted) -> bool:
    """Whether what is missing stands in HTML beside the plain text: one source wants every form of a text."""
    told = _bare(mail.text) + "".join(_bare(text) for kind, text in _texts(raw) if kind == "text/html")
    shown = re.sub(r"<[^<>]*>", "", told)
    return all(_bare(part) in told or _bare(part) in shown for part in wanted["body_contains"])


def _are_read(raw: bytes, mail: InboundMail, wanted: Wanted) -> bool:
    """Whether what is missing is text: one source counts empty texts, and all but the first, as files."""
    told = _bare(mail.text)
    texts = sum(_bare(text) in told for _, text in _texts(raw))
    return len(mail.attachments) + texts >= int(wanted["n_attachments"]) and _has_names(mail, wanted)


def _texts(raw: bytes) -> Iterator[tuple[str, str]]:
    """Give type and text of each leaf that the standard library takes for text, or for parts that are not there."""
    for part in message_from_bytes(raw).walk():
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(content, bytes) and part.get_content_maintype() in {"text", "multipart"}:
            yield part.get_content_type(), decode(content, part.get_content_charset()).text
