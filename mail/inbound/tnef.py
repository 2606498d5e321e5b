"""The bytes of winmail.dat become the files and texts that Outlook packed into it (MS-OXTNEF)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail.mime.charset import clean, decode
from mail.mime.parts import Part

MAX_FILES = 1_000
SIGNATURE = b"\x78\x9f\x3e\x22"
TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef", "application/x-ms-tnef"})

# Attributes of the file format.
BODY, PROPERTIES, BEGINS, TITLE, DATA, FILE_PROPERTIES = 0x800C, 0x9003, 0x9002, 0x8010, 0x800F, 0x9005
# Properties of the mail and of its files (MS-OXPROPS).
TEXT, HTML, FILE_DATA, FILE_NAME, LONG_NAME, TYPE, CONTENT_ID = 0x1000, 0x1013, 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
# The size of a value in bytes by its type; a value of any length is stored with its length, and their number.
SIZES = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
OF_ANY_LENGTH = frozenset({0xD, 0x1E, 0x1F, 0x102})
WIDE, OBJECT, NAMED, MANY = 0x1F, 0xD, 0x8000, 0x1000


@dataclass(slots=True)
class TnefContent:
    """Texts, each with True if it is HTML, and files as name, type, bytes and Content-ID."""

    texts: list[tuple[str, bool]] = field(default_factory=list)
    files: list[tuple[str, str, bytes, str | None]] = field(default_factory=list)


def is_tnef(part: Part) -> bool:
    """Whether the part is declared or named as TNEF."""
    return part.content_type in TYPES or part.given_name.lower() == "winmail.dat"


def read_tnef(data: bytes) -> TnefContent | None:
    """Return the content; None where the bytes are no TNEF, are cut off, or hold neither text nor file."""
    if not data.startswith(SIGNATURE):
        return None
    content, file = TnefContent(), dict[int, bytes]()
    try:
        for attribute, value in _attributes(data):
            if attribute == BEGINS:
                _add_file(file, content)
                file = {}
            _read_attribute(attribute, value, file, content)
    except (struct.error, ValueError):
        return None
    _add_file(file, content)
    return content if content.texts or content.files else None


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each attribute with its bytes; ValueError or struct.error where the file is cut off."""
    at = 6
    while at < len(data):
        _, name, _, length = struct.unpack_from("<BHHI", data, at)
        if at + 9 + length > len(data):
            raise ValueError(name)
        yield name, data[at + 9 : at + 9 + length]
        at += 11 + length


def _read_attribute(attribute: int, value: bytes, file: dict[int, bytes], content: TnefContent) -> None:
    if attribute == BODY:
        content.texts.append((_text(value), False))
    elif attribute == PROPERTIES:
        found = dict(_properties(value))
        filled = (name for name in (TEXT, HTML) if found.get(name, b"").strip(b"\0 \r\n"))
        content.texts += [(_text(found[name]), name == HTML) for name in filled]
    elif attribute == TITLE:
        file.setdefault(FILE_NAME, value)
    elif attribute == DATA:
        file[FILE_DATA] = value
    elif attribute == FILE_PROPERTIES:
        file.update((name, found) for name, found in _properties(value) if name != FILE_DATA or name not in file)


def _add_file(file: dict[int, bytes], content: TnefContent) -> None:
    """Add the file if its data is known; an attached mail is a file, too."""
    if FILE_DATA not in file or len(content.files) >= MAX_FILES:
        return
    name = _text(file.get(LONG_NAME) or file.get(FILE_NAME) or b"")
    kind = _text(file.get(TYPE, b"")).strip().lower() or "application/octet-stream"
    content.files.append((name, kind, file[FILE_DATA], _text(file.get(CONTENT_ID, b"")).strip("<> ") or None))


def _text(value: bytes) -> str:
    return clean(decode(value.rstrip(b"\0")).text)


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each property with its bytes, UTF-16 texts as UTF-8; of several values the last."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, len(data) // 8)):
        kind, name = struct.unpack_from("<HH", data, at)
        at = _after_name(data, at + 4) if name >= NAMED else at + 4
        many, kind = kind & MANY, kind & ~MANY
        number = 1
        if many or kind in OF_ANY_LENGTH:
            (number,) = struct.unpack_from("<I", data, at)
            at += 4
        if number > len(data):
            raise ValueError(number)
        value = b""
        for _ in range(number):
            value, at = _value(data, at, kind)
        yield name, value


def _after_name(data: bytes, at: int) -> int:
    """Return the offset after the name of a named property: a number, or a text with its length."""
    (form,) = struct.unpack_from("<I", data, at + 16)
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + (_padded(length) if form else 0)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    if kind not in OF_ANY_LENGTH:
        return data[at : at + SIZES[kind]] if kind in SIZES else b"", at + SIZES.get(kind, 4)
    (length,) = struct.unpack_from("<I", data, at)
    value = data[at + 4 : at + 4 + length]
    if len(value) < length:
        raise ValueError(length)
    if kind == WIDE:
        value = value.decode("utf-16-le", "replace").encode("utf-8", "replace")
    # An object begins with 16 bytes for its class.
    return value[16:] if kind == OBJECT else value, at + 4 + _padded(length)


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4
