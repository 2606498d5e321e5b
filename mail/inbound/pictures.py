"""Which files of a mail are pictures of its sender's signature: they are kept, and listed nowhere."""

from collections.abc import Sequence
from dataclasses import replace

from mail.html.text import MAX_HTML
from mail.inbound.body import Body
from mail.inbound.message import Attachment
from mail.inbound.text_part import TextPart
from mail.quoting.reply import Reply, visible_reply


def mark_signature_pictures(body: Body, reply: Reply) -> tuple[Attachment, ...]:
    """Return the files of a mail; small pictures that are shown in its signature alone are marked.

    Where the plain form is read and names no picture, the HTML form is asked for the place of each.
    """
    if not any(file.may_be_signature for file in body.files):
        return tuple(body.files)
    seen = (reply, *_replies_of_html(body))
    return tuple(_marked(file, seen) if file.may_be_signature else file for file in body.files)


def _replies_of_html(body: Body) -> list[Reply]:
    """Return the replies in the HTML forms of the plain texts that are read."""
    htmls = [TextPart(one.html, is_html=True) for one in body.texts if "cid:" in one.html[:MAX_HTML]]
    return [visible_reply(body.with_pictures(one.read.own)) for one in htmls]


def _marked(file: Attachment, seen: Sequence[Reply]) -> Attachment:
    place = f"[image: {file.filename}]"
    is_shown = any(place in one.reply for one in seen)
    return replace(file, of_signature=not is_shown and any(place in one.signature for one in seen))
