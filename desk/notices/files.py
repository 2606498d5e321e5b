"""Which of a mail's files are sent on, and which are only named (docs/security.md#what-goes-out)."""

from collections.abc import Iterable
from dataclasses import dataclass

# Endings of files that a mail program or a browser might run or show as a page.
NOT_SENT_ON = frozenset(
    "htm html xhtml shtml svg svgz xml ics vcs js mjs jse vbs vbe wsf wsh hta bat cmd com exe scr pif msi msp ps1 "
    "reg lnk url jar app dmg iso img vhd chm cpl dll sh py php docm xlsm pptm dotm xltm "
    "mht mhtml shtm xht ical ifb ws wsc sct msc scf ps1xml psm1 psd1 jnlp apk deb rpm bash zsh command pyw pyz pl rb "
    "vhdx xll xlam xlsb ppam ppsm potm website".split()
)
MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A stored file of a ticket; `size` is in bytes, and `head` holds its first 16 bytes."""

    filename: str
    content_type: str
    size: int
    sha256: bytes
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file, and whether it is sent along or only named."""

    file: TicketFile
    sent: bool


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


def choose_files(files: Iterable[TicketFile]) -> tuple[ChosenFile, ...]:
    """Choose the files to send along, in their order and up to MOST_BYTES together."""
    chosen: list[ChosenFile] = []
    total = 0
    for file in files:
        may_go = may_be_sent(file.filename) and not is_encrypted(file.head)
        sent = may_go and total + file.size <= MOST_BYTES
        total += file.size if sent else 0
        chosen.append(ChosenFile(file, sent))
    return tuple(chosen)
