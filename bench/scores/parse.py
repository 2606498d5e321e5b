"""How well whole mails are parsed: sender, subject, body and files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path, PurePosixPath
from typing import Any

from bench.scores.figures import Figure, cases, figure
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from mail.mime.charset import decode

# How one source calls a file without a name.
_UNNAMED = re.compile(r"noname\d+")


@dataclass(frozen=True, slots=True)
class ParsedCase:
    """A mail of the set: its id, what it should yield, its bytes, and what we make of them."""

    id: str
    wanted: dict[str, Any]
    raw: bytes
    mail: InboundMail


def score_parse(corpus: Path) -> Iterator[Figure]:
    """Yield the shares of right senders, subjects, bodies and files, each of the mails that name one."""
    every = []
    for case in cases(corpus, "parse"):
        raw = (corpus / case["path"]).read_bytes()
        every.append(ParsedCase(case["id"], case["expected"], raw, parse(raw)))
    senders = [(one.id, _has_sender(one)) for one in every if one.wanted["from_email"]]
    yield figure("parse", "sender", senders, 98)
    with_subject = [one for one in every if one.wanted["subject"]]
    subjects = [(one.id, _spaceless(one.mail.subject) == _spaceless(one.wanted["subject"])) for one in with_subject]
    yield figure("parse", "subject", subjects, 98)
    with_body = [one for one in every if one.wanted["body_contains"]]
    yield figure("parse", "body", [(one.id, _has_body(one)) for one in with_body], 97)
    forms = [(one.id, _has_body(one) or _has_body_in_html(one)) for one in with_body]
    yield figure("parse", "body, or another form of it", forms)
    files = [(one.id, _has_files(one)) for one in every]
    yield figure("parse", "files", files, 97)
    read = [(one.id, _has_files(one) or _has_files_or_texts(one)) for one in every]
    yield figure("parse", "files, or read as text", read)
    for source in sorted({name.split("/")[0] for name, _ in files}):
        yield figure(f"parse, {source}", "files", [one for one in files if one[0].startswith(source)])


def _spaceless(text: str) -> str:
    # What no database stores is left out of our texts.
    return "".join(text.replace("\0", "").split())


def _has_sender(case: ParsedCase) -> bool:
    sender = case.mail.senders[0].email.lower() if case.mail.senders else ""
    return sender == str(case.wanted["from_email"]).lower()


def _has_body(case: ParsedCase) -> bool:
    text = _spaceless(case.mail.text)
    return all(_spaceless(part) in text for part in case.wanted["body_contains"])


def _has_files(case: ParsedCase) -> bool:
    """Whether there are as many files as wanted, and each wanted name is there in its safe form."""
    return len(case.mail.attachments) >= int(case.wanted["n_attachments"]) and _has_names(case)


def _has_names(case: ParsedCase) -> bool:
    names = {_spaceless(file.filename) for file in case.mail.attachments}
    wanted = [name for name in case.wanted["attachments"] if not _UNNAMED.fullmatch(name)]
    return all(_spaceless(PurePosixPath(name.replace("\\", "/")).name) in names for name in wanted)


def _has_body_in_html(case: ParsedCase) -> bool:
    """Whether what is missing stands in HTML beside the plain text: one source wants every form of a text."""
    html = "".join(_spaceless(text) for kind, text in _texts(case.raw) if kind == "text/html")
    text = _spaceless(case.mail.text) + html
    without_tags = re.sub(r"<[^<>]*>", "", text)
    wanted = map(_spaceless, case.wanted["body_contains"])
    return all(part in text or part in without_tags for part in wanted)


def _has_files_or_texts(case: ParsedCase) -> bool:
    """Whether what is missing is text: one source counts empty texts, and all but the first, as files."""
    shown = _spaceless(case.mail.text)
    texts = sum(_spaceless(text) in shown for _, text in _texts(case.raw))
    return len(case.mail.attachments) + texts >= int(case.wanted["n_attachments"]) and _has_names(case)


def _texts(raw: bytes) -> Iterator[tuple[str, str]]:
    """Give type and text of each leaf that the standard library takes for text, or for parts that are not there."""
    for part in message_from_bytes(raw).walk():
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(content, bytes) and part.get_content_maintype() in {"text", "multipart"}:
            yield part.get_content_type(), decode(content, part.get_content_charset()).text
