"""The media type under which a file leaves: its own where its name and its bytes agree on a harmless kind."""

from collections.abc import Callable
from dataclasses import dataclass

UNKNOWN = "application/octet-stream"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
# What a browser may take for a page; it looks at the beginning only, but a mail program may show all of it.
OF_A_PAGE = (b"<!doctype", b"<!--", b"<?xml", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<svg", b"<style",
             b"<a ", b"<img", b"<div", b"<table", b"<meta", b"<link", b"<object", b"<embed", b"<form")  # fmt: skip
OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
# Where programs are kept in an office document. The names of a ZIP's entries are never compressed.
OF_MACROS = (b"vbaproject", b"/macrosheets/", b"/activex/", b"basic/", b"scripts/")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type with its charset, the endings of its name, and whether bytes are of it."""

    media_type: str
    endings: tuple[str, ...]
    fits: Callable[[bytes], bool]


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magic)


def _is_webp(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP"


def _is_text(content: bytes) -> bool:
    """True for UTF-8 without controls that no text has, and without the tags of a page."""
    if b"\0" in content or b"\x1b" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    small = content.lower()
    return not any(tag in small for tag in OF_A_PAGE)


def _is_office_open(folder: bytes) -> Callable[[bytes], bool]:
    """True for a ZIP with the entries of an Office Open XML document (ECMA-376, part 2), and without macros."""
    return lambda content: (
        _is_open_zip(content) and b"[Content_Types].xml" in content and folder in content and not _has_macros(content)
    )


def _is_open_document(subtype: str) -> Callable[[bytes], bool]:
    """True for a ZIP whose first entry, `mimetype`, says so in plain (OpenDocument 1.3, part 2, section 3.3)."""
    entry = b"mimetype" + (ODF + subtype).encode()
    return (
        lambda content: (
            _is_open_zip(content)
            # The next entry follows, or the type would only be the beginning of another.
            and content[30 : 30 + len(entry) + 4] == entry + b"PK\x03\x04"
            and not _has_macros(content)
        )
    )


def _is_open_zip(content: bytes) -> bool:
    """True for a ZIP archive whose first entry is not encrypted."""
    return content.startswith(b"PK\x03\x04") and len(content) > 30 and not content[6] & 1


def _has_macros(content: bytes) -> bool:
    small = content.lower()
    return any(name in small for name in OF_MACROS)


KINDS = (
    Kind("image/png", ("png",), _begins(b"\x89PNG\r\n\x1a\n")),
    Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), _begins(b"\xff\xd8\xff")),
    Kind("image/gif", ("gif",), _begins(b"GIF87a", b"GIF89a")),
    Kind("image/webp", ("webp",), _is_webp),
    Kind("application/pdf", ("pdf",), _begins(b"%PDF-")),
    Kind("text/plain; charset=utf-8", ("txt", "text", "log"), _is_text),
    Kind("text/csv; charset=utf-8", ("csv",), _is_text),
    Kind(f"{OOXML}wordprocessingml.document", ("docx",), _is_office_open(b"word/")),
    Kind(f"{OOXML}spreadsheetml.sheet", ("xlsx",), _is_office_open(b"xl/")),
    Kind(f"{OOXML}presentationml.presentation", ("pptx",), _is_office_open(b"ppt/")),
    Kind(f"{ODF}text", ("odt",), _is_open_document("text")),
    Kind(f"{ODF}spreadsheet", ("ods",), _is_open_document("spreadsheet")),
    Kind(f"{ODF}presentation", ("odp",), _is_open_document("presentation")),
)
BY_ENDING = {ending: kind for kind in KINDS for ending in kind.endings}


def media_type(filename: str, content: bytes) -> str:
    """The media type of a file whose name and bytes say the same, otherwise application/octet-stream."""
    kind = BY_ENDING.get(filename.rpartition(".")[2].strip().lower()) if "." in filename else None
    return kind.media_type if kind and kind.fits(content) else UNKNOWN


def picture_type(head: bytes) -> str:
    """The media type of a picture that mail programs show, by its first 12 bytes; empty for anything else."""
    return next((kind.media_type for kind in KINDS if kind.media_type in PICTURES and kind.fits(head)), "")
