"""What stands below the words of a public answer: the signature of who wrote it, added once, and what it answers."""

from collections.abc import Mapping
from dataclasses import replace

from desk.gate.leaks import find_signatures, text_of_html
from desk.notices.events import ChangeSet
from desk.notices.history import quoted_view
from desk.notices.recipients import Notice
from desk.notices.values.template_values import CommentView, QuotedView
from mail.html.kept.page import kept_html
from mail.outbound.catalogue import Catalogue
from mail.outbound.signature import Signature, place
from worker.settings.signatures import Signatures


def with_signature(signatures: Signatures, notice: Notice, values: Mapping[str, object]) -> Mapping[str, object]:
    """The values of a mail with the signature of the member of staff whose words it brings to others.

    The stored comment keeps its words: only those that are sent lose a block of the same kind.
    """
    comment, remark = values["comment"], notice.event.remark
    is_answer = notice.template.name == "comment-to-customer" and isinstance(comment, CommentView)
    if not (is_answer and isinstance(comment, CommentView) and comment.from_staff and remark and remark.author):
        return values
    signature = signatures.of(remark.author.email)
    if signature is None:
        return values
    comment, is_added = signed(comment, signature)
    return {**values, "comment": comment, "signature": signature if is_added else None}


def signed(comment: CommentView, signature: Signature) -> tuple[CommentView, bool]:
    """The comment without a block of another signature, and whether this one is added below it.

    The decision is made on the text, and the HTML follows it: it holds the words that stay and no others, or goes.
    """
    whole = comment.letter_text or comment.text
    words, is_added = place(whole, signature)
    html = comment.html if words == whole else kept_html(comment.html, words)
    return replace(comment, letter_text=words, html=html), is_added


def quoted(notice: Notice, change_set: ChangeSet, words: Catalogue) -> QuotedView | None:
    """What a public answer quotes, without lines that hold signatures of ours.

    Those may be somebody else's, and then the answer would be held as a leak.
    """
    answered = notice.event.answered
    if answered is None:
        return None
    text = "\n".join(line for line in answered.text.splitlines() if not find_signatures(line))
    notice = replace(notice, event=replace(notice.event, answered=replace(answered, text=text)))
    return quoted_view(notice, change_set, words)


def text_of(signature: object) -> str:
    """A signature in both forms as text: what everybody may read, and no leak wherever a note repeats it."""
    return f"{signature.text}\n{text_of_html(signature.html)}" if isinstance(signature, Signature) else ""
