"""Raw bytes of any kind become an `InboundMail`, or only the heading that a list of mails shows."""

from dataclasses import dataclass

from mail.bounce.read import bounce_in_parts
from mail.html.plain_form import earlier_quote, has_answers_inside, is_answered_mail, later_quote
from mail.html.text import quote_in_plain
from mail.inbound.body import Body, read_body
from mail.inbound.kind import KindOfMail, kind_of
from mail.inbound.message import Attachment, InboundMail, MailKind
from mail.inbound.pictures import mark_signature_pictures
from mail.inbound.programs.reports import report_in_files
from mail.inbound.reaction import Reaction, is_brief, reaction_in_words
from mail.mime.addresses import MAX_ADDRESSES, Address, normalise, read_addresses, read_senders
from mail.mime.charset import clean
from mail.mime.headers import ADDRESSES_BYTES, HEAD_BYTES, Headers, read_date, read_headers
from mail.mime.message_ids import in_reply_to, message_id, references
from mail.mime.text import one_line, with_lf
from mail.mime.tree import read_tree
from mail.quoting.attribution import is_quoted
from mail.quoting.labels import ANSWER_SUBJECT, LONGEST_SUBJECT, announces_answers, is_forward_subject
from mail.quoting.reply import Reply, is_only_quote, visible_reply

DELIVERY = frozenset({"delivered-to", "x-original-to", "envelope-to"})
MAX_REPAIRS = 20
HEADING_SUBJECT = 200
# The confidence (0 to 1) of a cut by the HTML elements of the sender's mail program.
STRUCTURAL = 0.9
MAY_REPORT = frozenset({MailKind.PERSON, MailKind.LIST, MailKind.AUTOMATIC, MailKind.GENERATED})
# The confidence where answers may stand inside the quote, or where both forms of a mail disagree.
INSIDE = 0.5
# Where plain text has no cut, one that only the library sees, or one at quoted lines without what stands above them.
UNSURE = frozenset({1.0, 0.8, 0.6})
# Cuts at a header or an attribution, which may be of a mail that the sender pasted.
AT_HEADER = frozenset({0.9, 0.85})


def parse(raw: bytes) -> InboundMail:
    """Return the mail as values; pure, never raises; `repairs` holds a sentence for each thing that was repaired."""
    tree = read_tree(raw)
    headers, body = tree.root.headers, read_body(tree.root)
    subject = headers.words("subject")
    is_answer = "in-reply-to" in headers.names or ANSWER_SUBJECT.match(subject[:LONGEST_SUBJECT]) is not None
    own, quoted, to = _joined(*body.own), _joined(*body.quoted), _addresses(headers, "to")
    reply = _reply(body, (own, quoted), subject, _answered(to) if is_answer else None)
    bounce = bounce_in_parts(raw, tree.root)
    senders = read_senders(headers.texts("from", ADDRESSES_BYTES))
    kind = _by_files(kind_of(headers, body.kinds, bounce, reply.reply), body, reply, headers, senders)
    reaction = _reaction(body, reply, kind.kind, senders)
    if reaction is not None:
        kind = KindOfMail(MailKind.REACTION, reaction.reason, kind.signs)
    return InboundMail(
        message_id=message_id(headers),
        in_reply_to=in_reply_to(headers),
        references=references(headers),
        senders=senders,
        to=to,
        cc=_addresses(headers, "cc"),
        delivered_to=_delivered_to(headers),
        subject=subject,
        date=read_date(headers.text("date")),
        text=_joined(own, quoted, *body.labels),
        reply=reply.reply,
        removed=reply.removed,
        confidence=reply.confidence,
        attachments=mark_signature_pictures(body, reply),
        automatic=None if kind.kind is MailKind.PERSON else kind.reason,
        repairs=tuple(dict.fromkeys((*tree.repairs, *body.repairs)))[:MAX_REPAIRS],
        signature=reply.signature,
        kind=kind.kind,
        bounce=bounce,
        headers=headers,
        unseen=body.unseen,
        signs=kind.signs,
        reaction=reaction,
        html=body.html,
    )


def _by_files(kind: KindOfMail, body: Body, reply: Reply, headers: Headers, senders: tuple[Address, ...]) -> KindOfMail:
    """Return the kind of a mail, REPORT where a file of it is one."""
    if kind.kind not in MAY_REPORT:
        return kind
    made = report_in_files(body.files, headers, senders, has_words=bool(reply.reply.strip()))
    return KindOfMail(MailKind.REPORT, f"Its file is {made}.", kind.signs) if made else kind


def _reaction(body: Body, reply: Reply, kind: MailKind, senders: tuple[Address, ...]) -> Reaction | None:
    """Return the reaction that the mail is; None where it holds a file or words of a person's own."""
    if any(not file.inline for file in body.files):
        return None
    if body.reactions and kind not in {MailKind.BOUNCE, MailKind.RECEIPT, MailKind.REPORT}:
        return body.reactions[0] if is_brief(reply.reply) else None
    return reaction_in_words(reply.reply, reply.removed, senders) if kind is MailKind.PERSON else None


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    return read_addresses(headers.texts(name, ADDRESSES_BYTES))


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    if DELIVERY.isdisjoint(headers.names):
        return ()
    named = (value for name, value in headers.fields if name in DELIVERY)
    texts = (clean(value.decode("utf-8", "replace")).strip().strip("<>") for value in named)
    return tuple(dict.fromkeys(filter(None, map(normalise, texts))))[:MAX_ADDRESSES]


def _answered(to: tuple[Address, ...]) -> frozenset[str]:
    """The addresses that an answer goes to, without `+…`: the head of the mail that it quotes names one."""
    addresses = (address.email.lower().rpartition("@") for address in to)
    return frozenset(f"{local.partition('+')[0]}@{domain}" for local, _, domain in addresses if local)


def _reply(body: Body, texts: tuple[str, str], subject: str, answered: frozenset[str] | None) -> Reply:
    """Return the reply; the quote that HTML marked joins the removed text, and a forward stays whole.

    `answered` is what `_answered` gives, None for a mail that is no answer. Our sentences about unreadable parts stand
    at the end of the reply.
    """
    own, quoted = texts
    looks_inside = any(one.is_html and one.read.has_answers_inside for one in body.texts)
    if body.marks_quote and (looks_inside or announces_answers(own)):
        # The answers stand inside the quote, where only their colour tells them apart.
        return Reply(_joined(own, quoted, *body.labels), "", INSIDE)
    is_forward = is_forward_subject(subject)
    visible = visible_reply(_joined(own, quoted), subject) if is_forward else _checked(body, own, answered)
    if answered is not None and any(map(_is_sent, body.files)) and is_only_quote(visible):
        # An answer of a file alone shows the file, not the quote.
        visible = Reply("", _joined(visible.removed, visible.reply), visible.confidence, visible.signature)
    removed = visible.removed if is_forward else _joined(visible.removed, quoted)
    confidence = min(visible.confidence, STRUCTURAL) if removed != visible.removed else visible.confidence
    return Reply(_joined(visible.reply, *body.labels), removed, confidence, visible.signature)


def _checked(body: Body, own: str, answered: frozenset[str] | None) -> Reply:
    """Return the reply of a text, whose cut is checked against the mark in the HTML beside it."""
    visible = visible_reply(own)
    html = with_lf(body.texts[0].html) if answered is not None and len(body.texts) == 1 else ""
    if answered and visible.confidence in AT_HEADER and body.marks_quote and own.endswith(visible.removed):
        lines = _joined(own, *body.quoted).split("\n")
        ends = own.strip("\n").count("\n") + 2
        if is_answered_mail(lines, ends - 1 - visible.removed.count("\n") - 1, ends, answered):
            return Reply(own, "", INSIDE)
    if html and visible.confidence in AT_HEADER and own.endswith(visible.removed):
        return _doubted(visible, own, html, answered or frozenset())
    at = quote_in_plain(own, html) if html and visible.confidence in UNSURE else None
    return visible if at is None else _cut_at(own, at)


def _cut_at(own: str, at: int) -> Reply:
    """Return the reply of a text whose quote begins at a line, as the HTML beside it marks it."""
    lines = own.split("\n")
    above = visible_reply("\n".join(lines[:at]))
    removed = _joined(above.removed, "\n".join(lines[at:]))
    return Reply(above.reply, removed, STRUCTURAL, above.signature)


def _doubted(visible: Reply, own: str, html: str, answered: frozenset[str]) -> Reply:
    """Return the reply of a text with a cut at a header; the HTML beside it may say that more stays, or less."""
    lines, removed = own.split("\n"), visible.removed.split("\n")
    if not any(map(is_quoted, removed)) and has_answers_inside(html):
        return Reply(own, "", INSIDE)
    cut = len(lines) - len(removed)
    if (at := earlier_quote(own, html, cut, answered)) is not None:
        return _cut_at(own, at)
    at = later_quote(own, html, cut, answered)
    if at is None:
        return visible
    return Reply("\n".join(lines[:at]).strip("\n"), "\n".join(lines[at:]), INSIDE)


def _is_sent(file: Attachment) -> bool:
    """Whether a file was sent by itself; a picture with a Content-ID may belong to the quote."""
    return file.content_id is None


def _joined(*texts: str) -> str:
    return "\n\n".join([text.strip("\n") for text in texts if text and not text.isspace()])


@dataclass(frozen=True, slots=True)
class Heading:
    """The first address of From, and the subject as one line of at most 200 characters; empty where there is none."""

    sender: str
    subject: str


def read_heading(raw: bytes) -> Heading:
    """Return the heading of any bytes; only the headers in the first 64 KB are read."""
    headers = read_headers(raw[:HEAD_BYTES])[0]
    senders = read_addresses(headers.texts("from"))
    return Heading(senders[0].email if senders else "", one_line(headers.words("subject"), HEADING_SUBJECT))
