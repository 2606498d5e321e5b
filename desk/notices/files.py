"""Which of a mail's files are sent on, and which are only named (docs/security.md#what-goes-out)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from desk.notices.values.template_values import CommentView
from desk.ticket import TicketFile
from mail.outbound.file_types import picture_type
from mail.outbound.letter import Picture, name_pictures, shown_pictures, with_pictures

# Endings of files that a mail program or a browser might run or show as a page.
NOT_SENT_ON = frozenset(
    "htm html xhtml shtml svg svgz xml ics vcs js mjs jse vbs vbe wsf wsh hta bat cmd com exe scr pif msi msp ps1 "
    "reg lnk url jar app dmg iso img vhd chm cpl dll sh py php docm xlsm pptm dotm xltm "
    "mht mhtml shtm xht ical ifb ws wsc sct msc scf ps1xml psm1 psd1 jnlp apk deb rpm bash zsh command pyw pyz pl rb "
    "vhdx xll xlam xlsb ppam ppsm potm website".split()
)


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file, and whether it is sent along or only named.

    `cid` is the Content-ID of our mail for a picture that is shown among the words, otherwise empty.
    """

    file: TicketFile
    sent: bool
    cid: str = ""


def may_be_sent(filename: str) -> bool:
    """True where none of the endings of the name, `a.exe.txt` has two, is in NOT_SENT_ON."""
    return not NOT_SENT_ON & {ending.strip() for ending in filename.lower().split(".")[1:]}


def is_encrypted(head: bytes) -> bool:
    """True for an encrypted ZIP or RAR archive, which no scanner can look into, by the flags in its first bytes."""
    if head.startswith(b"PK\x03\x04"):
        return len(head) > 6 and bool(head[6] & 1)
    if head.startswith(b"Rar!\x1a\x07\x01\x00"):
        return head[13:14] == b"\x04"
    return head.startswith(b"Rar!\x1a\x07\x00") and len(head) > 10 and bool(head[10] & 0x80)


def choose_files(files: Iterable[TicketFile], megabytes: int) -> tuple[ChosenFile, ...]:
    """Choose the files to send along, in their order and up to so many megabytes together."""
    chosen: list[ChosenFile] = []
    total = 0
    for file in files:
        may_go = may_be_sent(file.filename) and not is_encrypted(file.head)
        sent = may_go and total + file.size <= megabytes * 1024**2
        total += file.size if sent else 0
        chosen.append(ChosenFile(file, sent))
    return tuple(chosen)


def show_inline(files: Sequence[ChosenFile], html: str, new_id: Callable[[int], str]) -> tuple[ChosenFile, ...]:
    """The files with a Content-ID, made of its place, for each picture that goes along and that the HTML shows."""
    wanted = set(shown_pictures(html))
    shown: list[ChosenFile] = []
    for place, one in enumerate(files):
        content_id = _content_id(one)
        is_shown = one.sent and content_id in wanted and bool(picture_type(one.file.head))
        wanted -= {content_id} if is_shown else set()
        shown.append(replace(one, cid=new_id(place)) if is_shown else one)
    return tuple(shown)


def place_pictures(comment: CommentView | None, files: Sequence[ChosenFile]) -> CommentView | None:
    """The comment with its pictures where its author put them: as ours in the HTML, and named in the text."""
    if comment is None or not comment.html:
        return comment
    pictures = [Picture(_content_id(one), one.cid, one.file.filename) for one in files if one.cid]
    names = {_content_id(one): one.file.filename for one in files}
    text = name_pictures(comment.letter_text or comment.text, comment.html, pictures)
    return replace(comment, html=with_pictures(comment.html, pictures, names), letter_text=text)


def _content_id(one: ChosenFile) -> str:
    return (one.file.content_id or "").lower()
