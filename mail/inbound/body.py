"""The part tree of a mail becomes its texts (the best form of each) and its files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mail.html.text import MAX_HTML, without_pictures
from mail.inbound.calendar import read_calendar
from mail.inbound.message import Attachment
from mail.inbound.placeholders import SIGNED_TEXT, is_other_form, is_stub, label_of, label_of_text
from mail.inbound.reaction import GMAIL, Reaction, reaction_in_part
from mail.inbound.smime import signed_part
from mail.inbound.text_part import MAX_TEXT, TextPart, first_lines, with_named_pictures
from mail.inbound.tnef import is_tnef, read_tnef
from mail.mime.charset import clean, decode
from mail.mime.encodings import LongContent
from mail.mime.filenames import extension, safe_name, unique_names
from mail.mime.parts import Part
from mail.mime.text import with_lf

HIDDEN_LEFT_OUT = "words that the mail hides were left out"

# A file extension; the dots in a subject are none.
_HAS_ENDING = re.compile(r"\.[a-zA-Z][a-zA-Z0-9]{1,4}$")
_PLACE = re.compile(r"\[cid:([^\]\s]{1,300})\]")

PLAIN = frozenset({"text/plain", "text/enriched", "text/markdown", "text/x-markdown"})
TEXT = PLAIN | {"text/html"}
# Of these the content is asked for beside the file that they are.
READ_BESIDE = frozenset({"text/calendar", GMAIL})


@dataclass(slots=True)
class Body:
    """The content of a part and its children, or of the whole mail.

    `spare` texts are used where the mail has no other; `labels` are our sentences about parts that nobody can read;
    `kinds` are the types of all parts, each with its method or report type after a semicolon.
    """

    texts: list[TextPart] = field(default_factory=list)
    spare: list[TextPart] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)

    @property
    def own(self) -> list[str]:
        """The sender's own texts."""
        return [self.with_pictures(one.read.own, one.html) for one in self.texts]

    @property
    def quoted(self) -> list[str]:
        """The quotes that HTML marks, and stubs."""
        return [self.with_pictures(one.read.quoted) for one in self.texts if one.is_html or one.is_stub]

    @property
    def marks_quote(self) -> bool:
        """Whether HTML marks a quote."""
        return any(one.is_html and bool(one.read.quoted) for one in self.texts)

    @property
    def html(self) -> str:
        """The HTML forms of the texts as they were written, one below the other; empty where there are none."""
        return "\n".join(html for one in self.texts if (html := one.written if one.is_html else one.html))

    @property
    def unseen(self) -> frozenset[str]:
        """Lines of the sender's own texts that begin like commands, and that a reader may not see."""
        return frozenset(self.with_pictures(line).strip() for one in self.texts for line in one.unseen)

    def with_pictures(self, text: str, html: str = "") -> str:
        """Return the text with the file names of pictures in place of `[cid:…]` (RFC 2392), empty for a missing one.

        Outlook writes `[cid:…]` into plain text, too; `html` is the form beside it, which says what others write there.
        """
        if "cid:" not in text and "cid:" not in html:
            return text
        places = {file.content_id.lower(): f"[image: {file.filename}]" for file in self.files if file.content_id}
        return with_named_pictures(_PLACE.sub(lambda at: places.get(at[1].lower(), ""), text), html, places)

    @property
    def is_plain(self) -> bool:
        """Whether there is plain text other than white space."""
        return any(one.text and not one.text.isspace() for one in self.texts if not (one.is_html or one.is_stub))

    @property
    def has_text(self) -> bool:
        """Whether there is any text other than white space."""
        return self.is_plain or any((one.read.own or one.read.quoted).strip() for one in self.texts)

    @property
    def length(self) -> int:
        """The characters of all texts, own and quoted."""
        return sum(len(one.read.own) + len(one.read.quoted) for one in self.texts)

    def join(self, other: "Body", *, with_text: bool = True) -> None:
        """Add the content of another branch of the tree."""
        if with_text:
            self.texts += other.texts
        self.spare += other.spare
        self.labels += other.labels
        self.files += other.files
        self.kinds += other.kinds
        self.repairs += other.repairs
        self.reactions += other.reactions


def read_body(root: Part) -> Body:
    """Return the texts and files of a mail in order; file names are safe and unique."""
    body = _read_part(root, is_whole=True)
    if not body.has_text:
        _take_other_text(root, body)
    if any(one.is_html and one.read.has_hidden for one in body.texts):
        body.repairs.append(HIDDEN_LEFT_OUT)
    names = unique_names(file.filename for file in body.files)
    body.files = [replace(file, filename=name) for file, name in zip(body.files, names, strict=True)]
    return body


def _take_other_text(root: Part, body: Body) -> None:
    """Use another text for a mail without one: of winmail.dat, of a file, or beside the parts."""
    body.texts += body.spare[:1]
    if not body.has_text:
        _take_text_of_a_file(body)
    if root.children:
        body.texts = [replace(one, in_file=True) for one in body.texts]
    if not body.has_text:
        _take_preamble_or_epilogue(root, body)


def _take_text_of_a_file(body: Body) -> None:
    for file in body.files:
        if file.content_type in TEXT:
            body.texts = [TextPart(_bounded_lines(decode(bytes(file.content)).text), file.content_type == "text/html")]
            if body.has_text:
                body.repairs.append("the mail has no text of its own; the text of its first file is shown")
                return


def _take_preamble_or_epilogue(root: Part, body: Body) -> None:
    """Use preamble and epilogue, which are otherwise for programs without MIME (RFC 2046, section 5.1.1)."""
    for text in filter(bytes.strip, root.preamble_epilogue):
        body.texts.append(TextPart(_bounded_lines(decode(text).text)))
        body.repairs.append("no part has text; the text beside the parts is shown")


def _read_part(part: Part, wraps: int = 0, *, is_whole: bool = False) -> Body:
    """Read a part and those within; `wraps` is the number of signed files around it, `is_whole` that it is the mail."""
    body = Body(kinds=[_type_with_method(part)])
    signed = signed_part(part, wraps)
    if signed is not None:
        body.join(_read_part(signed, wraps + 1, is_whole=is_whole))
        body.texts = [replace(one, in_file=not is_whole) for one in body.texts]
    if label := (SIGNED_TEXT if signed is not None else label_of(part)):
        body.labels.append(label)
    if part.content_type == "multipart/alternative":
        _choose_alternative(body, part.children, wraps)
    else:
        for branch in _placed([_read_part(child, wraps) for child in part.children]):
            body.join(branch)
    if not part.children:
        _read_leaf(part, body)
    return body


def _type_with_method(part: Part) -> str:
    """Return the type, then a semicolon and its method or report type where it has one."""
    # This test is faster than to parse the parameters, and most parts fail it.
    if not part.content_type.startswith(("text/calendar", "multipart/report")) and "=" not in part.headers.text(
        "content-type"
    ):
        return part.content_type
    method = part.parameters.get("method") or part.parameters.get("report-type")
    return f"{part.content_type}; {method.lower()}" if method else part.content_type


def _choose_alternative(body: Body, parts: Sequence[Part], wraps: int) -> None:
    """Of several forms of one text use the plain ones, else the last that has any text (RFC 2046, section 5.1.4).

    Beside a text, the forms that no program here reads are no files.
    """
    branches = [_read_part(part, wraps) for part in parts]
    chosen = [branch for branch in branches if branch.is_plain]
    if any(branch.kinds[0] == "text/plain" for branch in chosen):
        # Other types that are read like plain text repeat the same text.
        chosen = [branch for branch in chosen if branch.kinds[0] not in PLAIN - {"text/plain"}]
    fuller = _fuller_than_stub(chosen, branches)
    for branch in fuller:
        branch.texts = [replace(one, plain=chosen[0].texts[0].text) for one in branch.texts]
    for branch in chosen if fuller else ():
        branch.texts = [replace(one, is_stub=True) for one in branch.texts]
    if len(chosen) == 1 and not fuller:
        html = next((html for branch in branches if (html := _html_of(branch))), "")
        chosen[0].texts = [replace(one, html=html) for one in chosen[0].texts] if html else chosen[0].texts
    chosen = [*fuller, *chosen] or [branch for branch in branches if branch.has_text][-1:]
    for part, branch in zip(parts, branches, strict=True):
        if chosen and is_other_form(part):
            branch.files = []
        body.join(branch, with_text=any(branch is one for one in chosen))


def _html_of(body: Body) -> str:
    """Return the HTML texts, one below the other; Apple's programs divide HTML where a file stands."""
    return "\n".join(one.written for one in body.texts if one.is_html)


def _placed(branches: list[Body]) -> list[Body]:
    """Return the branches; a picture without Content-ID between two of HTML gets one, and is shown where it stands."""
    htmls = [at for at, branch in enumerate(branches) if branch.texts and all(one.is_html for one in branch.texts)]
    for at in range(htmls[0] + 1, htmls[-1]) if htmls else ():
        files = branches[at].files
        is_picture = len(files) == 1 and files[0].inline and files[0].content_type.startswith("image/")
        if is_picture and files[0].content_id is None and not branches[at].texts:
            named = f"{files[0].sha256.hex()[:16]}@place.invalid"
            branches[at].files = [replace(files[0], content_id=named)]
            branches[at].texts = [TextPart(f'<div><img src="cid:{named}"></div>', is_html=True)]
    return branches


def _fuller_than_stub(chosen: list[Body], branches: list[Body]) -> list[Body]:
    """Return the last HTML branch, in a list, if it is longer than the only plain one and that is a stub."""
    plain = "".join(one.text for one in chosen[0].texts) if len(chosen) == 1 else ""
    others = [branch for branch in branches if not branch.is_plain] if plain and is_stub(plain) else []
    return [branch for branch in others if branch.has_text and branch.length > len(plain)][-1:]


def _read_leaf(part: Part, body: Body) -> None:
    is_shown = part.content_type in TEXT and part.disposition != "attachment" and not part.given_name
    is_text = is_shown or part.content_type.startswith("multipart/")
    is_file_alone = not is_text and part.content_type not in READ_BESIDE and part.disposition != "reaction"
    if is_file_alone and not is_tnef(part) and (long := part.long_content()):
        body.files.append(_file(part, long))
        return
    beginning = first_lines(part) if is_text and part.content_type != "text/html" else None
    content, note = part.content() if beginning is None else (beginning, None)
    body.repairs += [note] if note else []
    if reaction := reaction_in_part(part, content):
        body.reactions.append(reaction)
        return
    if is_text:
        _read_text(part, content, body)
    elif content or part.given_name:
        body.files += _files(part, content, body)
    if part.content_type == "text/calendar":
        body.labels += read_calendar(decode(content[:MAX_TEXT], part.parameters.get("charset")).text)


def _read_text(part: Part, content: bytes, body: Body) -> None:
    decoded = decode(content, part.parameters.get("charset"))
    if decoded.repair and content.strip():
        body.repairs.append(decoded.repair)
    is_html = part.content_type == "text/html"
    written = without_pictures(decoded.text) if is_html and len(decoded.text) > MAX_HTML else decoded.text
    if len(written) > MAX_TEXT:
        body.repairs.append(f"the text is longer than {MAX_TEXT} characters; the rest is in the raw mail only")
    text = TextPart(written[:MAX_TEXT] if is_html else _bounded_lines(written), is_html)
    if is_html and len(text.written) > MAX_HTML and len(text.text) > MAX_HTML:
        body.repairs.append(f"the HTML is longer than {MAX_HTML} characters; the rest is in the raw mail only")
    body.texts.append(text)
    body.labels += label_of_text(text.written)


def _bounded_lines(text: str) -> str:
    return with_lf(text[:MAX_TEXT])


def _files(part: Part, content: bytes, body: Body) -> Iterator[Attachment]:
    """Yield the part as a file, or the files packed in a winmail.dat."""
    packed = read_tnef(content) if is_tnef(part) else None
    if packed is None:
        yield _file(part, content)
        return
    body.repairs.append("winmail.dat was unpacked")
    body.spare += [TextPart(_bounded_lines(text), is_html) for text, is_html in packed.texts]
    for name, kind, data, content_id in packed.files:
        yield Attachment(safe_name(name, kind), kind, data, content_id is not None, content_id)


def _file(part: Part, content: bytes | LongContent) -> Attachment:
    given = clean(part.given_name)
    if part.content_type.startswith("message/rfc822") and not _HAS_ENDING.search(given):
        given = f"{given or 'message'}.eml"
    name = safe_name(given, part.content_type)
    if "." not in name:
        name += extension(part.content_type) if part.content_type != "application/octet-stream" else ""
    inline = part.disposition == "inline" or (not part.disposition and part.content_id is not None)
    return Attachment(name, part.content_type, content, inline, part.content_id)
