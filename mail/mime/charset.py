"""Bytes become text: the labels that mails use, and what to do where a label lies or is missing."""

import codecs
import re
from dataclasses import dataclass

import chardet
from chardet.enums import EncodingEra

# Labels of the Encoding Standard that Python does not know, or reads more narrowly than senders mean them.
ALIASES = {
    "ansi_x3.4-1968": "ascii",
    "big5": "big5hkscs",
    "cp-850": "cp850",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-11": "cp874",
    "iso-8859-6-e": "iso8859-6",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-9": "cp1254",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "latin1": "cp1252",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "us-ascii": "ascii",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "windows-949": "cp949",
    "x-gbk": "gb18030",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
    "x-x-big5": "big5hkscs",
}

# These take text to text or bytes to bytes, or answer with program escapes: no mail is written in them.
FORBIDDEN = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"})

SHORT = 20
DETECTED_BYTES = 65_536
FALLBACK = "cp1252"
NUL = "NUL characters were left out"

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text out of bytes, with one sentence where it had to be repaired."""

    text: str
    repair: str | None = None


def clean(text: str) -> str:
    """Return the text without NUL and with lone surrogates replaced, so that UTF-8 and PostgreSQL take it."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        # Nothing but a lone surrogate cannot be encoded, which is found sooner this way than by looking for one.
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def codec_of(label: str) -> str | None:
    """Return the Python text codec that a charset label means; None where there is none."""
    name = label.strip().strip("\"'").lower()
    if not name or len(name) > 40 or not name.isascii():
        return None
    try:
        info = codecs.lookup(ALIASES.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return None
    # The codec registry marks by this one attribute what `bytes.decode` will accept.
    is_text = getattr(info, "_is_text_encoding", False)
    return info.name if is_text and info.name.replace("_", "-") not in FORBIDDEN else None


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Return the text of bytes: as declared, else UTF-8, else as detected, else windows-1252; never raises."""
    if not declared and data.isascii() and b"\0" not in data and b"\x1b" not in data:
        return Decoded(data.decode("ascii"))
    codec = codec_of(declared) if declared else None
    text = _decode_strictly(data, codec or "utf-8")
    if text is not None and (codec or not declared) and not _is_escaped_japanese(data, codec):
        return Decoded(clean(text), NUL if "\0" in text else None)
    guess = _guess(data, codec)
    return Decoded(clean(guess.text), _repair_sentence(declared, codec, guess.repair))


def plainly(data: bytes) -> str:
    """Return the text that `decode` makes of bytes without a declared charset: most of a header is plain ASCII."""
    if data.isascii() and b"\0" not in data and b"\x1b" not in data:
        return data.decode("ascii")
    return decode(data).text


def _is_escaped_japanese(data: bytes, codec: str | None) -> bool:
    return b"\x1b$" in data and codec in (None, "ascii", "utf-8") and (b"\x1b$B" in data or b"\x1b$@" in data)


def _decode_strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _guess(data: bytes, codec: str | None) -> Decoded:
    """Return the likeliest reading; `repair` holds the name of the charset it was read as."""
    if _is_escaped_japanese(data, codec):
        return Decoded(data.decode("iso2022_jp_ext", "replace"), "iso-2022-jp")
    text = _decode_strictly(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8")
    if codec and codec != "ascii":
        mended = data.decode(codec, "replace")
        if _fits_mostly(mended):
            return Decoded(mended, codec)
    name = _detected_charset(data)
    return Decoded(data.decode(codec_of(name) or FALLBACK, "replace"), name)


def _fits_mostly(mended: str) -> bool:
    """Whether most of what lies beyond ASCII could be read, so that the label is right and some bytes are broken."""
    broken = mended.count("\ufffd")
    beyond = len(mended) - len(mended.encode("ascii", "ignore"))
    return broken <= 1 + len(mended) // 50 and beyond - broken > broken


def _detected_charset(data: bytes) -> str:
    if len(data) < SHORT:
        return "windows-1252"
    found = chardet.detect(data[:DETECTED_BYTES], encoding_era=EncodingEra.MODERN_WEB)["encoding"]
    return (found or "windows-1252").lower()


def _repair_sentence(declared: str | None, codec: str | None, read_as: str | None) -> str:
    if not declared:
        return f"no charset is named; read as {read_as}"
    label = clean(declared)[:40]
    if codec is None:
        return f"charset {label!r} is unknown; read as {read_as}"
    return f"bytes do not fit charset {label!r}; read as {read_as}"
