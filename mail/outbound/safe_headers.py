"""Values of outgoing headers made safe: a value that others chose cannot end its line or add a header."""

import re
from binascii import b2a_base64
from collections.abc import Iterator
from datetime import datetime
from email.utils import encode_rfc2231, format_datetime, quote

from mail.mime.text import one_line

LINE_LENGTH = 78
NAME_LIMIT = 120
FILENAME_LIMIT = 160
ENCODED_WORD_BYTES = 42

UNSAFE_IN_FILENAME = re.compile(r'[<>:"/\\|?*]')
MESSAGE_ID = re.compile(r"[!-;=?-~]{1,500}")
LOCAL_PART = re.compile(r"""[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}|"(?:[ !#-\[\]-~]|\\[ -~]){0,62}\"""")
DOMAIN = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*|\[[A-Za-z0-9:.]+\]")
PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


def fold_header(name: str, value: str) -> str:
    """Return one header with its CRLF, in lines of at most 78 characters where its words allow (RFC 5322, 2.2.3).

    ValueError for a value with a control or a character that is not ASCII: it has not been made safe.
    """
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"The header {name} holds a character that it must not.")
    if len(name) + len(value) <= LINE_LENGTH - 2:
        return f"{name}: {value}\r\n"
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + len(word) >= LINE_LENGTH and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line, ""])


def filename_parameter(filename: str) -> str:
    """Return the parameter of Content-Disposition for this name, made safe; by RFC 2231 where it is not ASCII."""
    name = safe_filename(filename)
    return f'filename="{name}"' if name.isascii() else f"filename*={encode_rfc2231(name, 'utf-8')}"


def safe_filename(filename: str) -> str:
    """Return the name without path and special characters, at most 160 bytes of UTF-8; never empty."""
    line = UNSAFE_IN_FILENAME.sub("_", one_line(filename, 1000)).strip(" .")
    stem, dot, ending = line.rpartition(".")
    kept = len(f"{dot}{ending}".encode())
    if not stem or kept > FILENAME_LIMIT // 2:
        return _shortened(line, FILENAME_LIMIT) or "file"
    return _shortened(stem, FILENAME_LIMIT - kept) + dot + ending


def _shortened(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def date_value(date: datetime) -> str:
    """Return the value of Date (RFC 5322, section 3.3); ValueError for a naive one."""
    if date.tzinfo is None:
        raise ValueError("The date of a mail must know its zone.")
    return format_datetime(date)


def own_id(message_id: str) -> str:
    """Return a Message-ID of ours without angle brackets; ValueError where a header cannot hold it."""
    bare = _bare(message_id)
    if not MESSAGE_ID.fullmatch(bare) or "@" not in bare:
        raise ValueError(f"The Message-ID {message_id[:80]!r} cannot stand in a header.")
    return bare


def usable_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids that a header can hold, without angle brackets, each once and in their order."""
    # Other programs make ids that no header line can hold; such an id must not keep an answer from leaving.
    return tuple(dict.fromkeys(bare for bare in map(_bare, ids) if MESSAGE_ID.fullmatch(bare)))


def _bare(message_id: str) -> str:
    return message_id.removeprefix("<").removesuffix(">")


def mailbox(name: str, address: str) -> str:
    """Return a mailbox of RFC 5322, section 3.4, its name cleaned; ValueError for an address that cannot be sent."""
    phrase = one_line(name, NAME_LIMIT)
    if not _is_plain(phrase):
        phrase = _encoded_words(phrase)
    elif phrase and not PLAIN_PHRASE.fullmatch(phrase):
        phrase = f'"{quote(phrase)}"'
    return f"{phrase} <{addr_spec(address)}>" if phrase else addr_spec(address)


def addr_spec(address: str) -> str:
    """Return the address with its domain as A-label; ValueError where a header cannot hold it."""
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            domain = ""
    if not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise ValueError(f"The address {address[:80]!r} cannot stand in a header.")
    return f"{local}@{domain}"


def unstructured(text: str, limit: int) -> str:
    """Return a text for a header as one line, by RFC 2047 where it is not plain ASCII."""
    line = one_line(text, limit)
    return line if _is_plain(line) else _encoded_words(line)


def _is_plain(text: str) -> bool:
    # What looks like an encoded word would be decoded as one, and a word too long for a line must be encoded.
    return text.isascii() and "=?" not in text and all(len(word) <= 60 for word in text.split(" "))


def _encoded_words(text: str) -> str:
    return " ".join(f"=?utf-8?b?{b2a_base64(chunk, newline=False).decode()}?=" for chunk in _chunks(text))


def _chunks(text: str) -> Iterator[bytes]:
    """Cut the text between characters into at most 42 bytes, so that each encoded word fits (RFC 2047, section 2)."""
    chunk = b""
    for char in map(str.encode, text):
        if len(chunk + char) > ENCODED_WORD_BYTES:
            yield chunk
            chunk = b""
        chunk += char
    yield chunk
