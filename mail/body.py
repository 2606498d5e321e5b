"""What a mail says and what it carries: the best text of its parts, and its files."""

import re
from dataclasses import dataclass, field

from mail.charset import clean, decode
from mail.filename import extension, safe_name, told_apart
from mail.html import MAX_HTML, HtmlText, read_html
from mail.message import Attachment
from mail.parts import MAX_DEPTH, MAX_PARTS, Part

MAX_TEXT = 2_000_000

# A name that ends like that of a file; the dots of a subject make no such ending.
_HAS_ENDING = re.compile(r"\.[a-zA-Z][a-zA-Z0-9]{1,4}$")

PLAIN = frozenset({"text/plain", "text/enriched", "text/markdown", "text/x-markdown"})
TEXT = PLAIN | {"text/html"}


@dataclass(slots=True)
class Body:
    """What reading the tree has gathered so far; `quoted` is what HTML marked as the quoted mail."""

    own: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    is_plain: bool = False

    @property
    def has_text(self) -> bool:
        """Whether there is anything to read."""
        return any(text.strip() for text in (*self.own, *self.quoted))

    def join(self, other: "Body", *, with_text: bool = True) -> None:
        """Take in what another branch of the tree gathered."""
        if with_text:
            self.own += other.own
            self.quoted += other.quoted
            self.is_plain = self.is_plain or other.is_plain
        self.files += other.files
        self.kinds += other.kinds
        self.repairs += other.repairs


def read_body(root: Part) -> Body:
    """Return the text and the files of a mail, in their order, with file names made safe and told apart."""
    body = _Walk().read(root, 0)
    if not body.has_text:
        _take_text_of_a_file(body)
    if not body.has_text:
        _take_text_beside_parts(root, body)
    names = told_apart(file.filename for file in body.files)
    body.files = [_renamed(file, name) for file, name in zip(body.files, names, strict=True)]
    return body


def _renamed(file: Attachment, name: str) -> Attachment:
    return Attachment(name, file.content_type, file.content, file.inline, file.content_id)


def _take_text_of_a_file(body: Body) -> None:
    for file in body.files:
        if file.content_type in TEXT:
            text = _lines(decode(file.content).text)
            body.own = [read_html(text).own if file.content_type == "text/html" else text]
            if body.has_text:
                body.repairs.append("the mail has no text of its own; the text of its first file is shown")
                return


def _take_text_beside_parts(root: Part, body: Body) -> None:
    """Text before the first part is for programs without MIME (RFC 2046, 5.1.1), unless there is no other."""
    beside = (text for text in (root.message.preamble, root.message.epilogue) if text and text.strip())
    for text in beside:
        body.own.append(_lines(decode(text.encode("utf-8", "surrogateescape")).text).strip("\n"))
        body.repairs.append("no part has text; the text beside the parts is shown")


class _Walk:
    """One walk over the tree, within its limits of depth and number."""

    def __init__(self) -> None:
        self.parts = 0

    def read(self, part: Part, depth: int) -> Body:
        self.parts += 1
        body = Body(kinds=[_kind(part)])
        if self.parts > MAX_PARTS or depth > MAX_DEPTH:
            body.repairs.append("the mail has too many parts; the rest was left out")
        elif part.children and part.content_type == "multipart/alternative":
            _choose(body, [self.read(child, depth + 1) for child in self.within(part)])
        elif part.children:
            for child in self.within(part):
                body.join(self.read(child, depth + 1))
        else:
            _read_leaf(part, body)
        return body

    def within(self, part: Part) -> list[Part]:
        """Return the children that still may be read, and one more so that the limit is noted."""
        return list(part.children[: max(0, MAX_PARTS - self.parts) + 1])


def _kind(part: Part) -> str:
    method = part.parameters.get("method") or part.parameters.get("report-type")
    return f"{part.content_type}; {method.lower()}" if method else part.content_type


def _choose(body: Body, branches: list[Body]) -> None:
    """Take of several forms of one text what is plain, else the last that has any (RFC 2046, 5.1.4)."""
    readable = [branch for branch in branches if branch.has_text]
    chosen = [branch for branch in readable if branch.is_plain] or readable[-1:]
    for branch in branches:
        body.join(branch, with_text=any(branch is one for one in chosen))


def _read_leaf(part: Part, body: Body) -> None:
    content, note = part.content()
    if note:
        body.repairs.append(note)
    if _is_text(part):
        _read_text(part, content, body)
    elif content or part.given_name:
        body.files.append(_file(part, content))


def _is_text(part: Part) -> bool:
    if part.content_type.startswith("multipart/"):
        return not part.message.is_multipart()
    return part.content_type in TEXT and part.disposition != "attachment" and not part.given_name


def _read_text(part: Part, content: bytes, body: Body) -> None:
    decoded = decode(content, part.parameters.get("charset"))
    if part.content_type.startswith("multipart/"):
        body.repairs.append(f"{part.content_type} without parts; read as plain text")
    if decoded.repair and content.strip():
        body.repairs.append(decoded.repair)
    if len(decoded.text) > MAX_TEXT:
        body.repairs.append(f"the text is longer than {MAX_TEXT} characters; the rest is in the raw mail only")
    text = _lines(decoded.text)
    if part.content_type == "text/html":
        if len(text) > MAX_HTML:
            body.repairs.append(f"the HTML is longer than {MAX_HTML} characters; the rest is in the raw mail only")
        _add(read_html(text), body)
    else:
        body.own.append(text.strip("\n"))
        body.is_plain = body.is_plain or bool(text.strip())


def _lines(text: str) -> str:
    return text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")


def _add(found: HtmlText, body: Body) -> None:
    body.own.append(found.own)
    body.quoted.append(found.quoted)


def _file(part: Part, content: bytes) -> Attachment:
    given = clean(part.given_name)
    if part.content_type.startswith("message/rfc822") and not _HAS_ENDING.search(given):
        given = f"{given or 'message'}.eml"
    name = safe_name(given, part.content_type)
    if "." not in name:
        name += extension(part.content_type) if part.content_type != "application/octet-stream" else ""
    inline = part.disposition == "inline" or (not part.disposition and part.content_id is not None)
    return Attachment(name, part.content_type, content, inline, part.content_id)
