"""Bytes become text by their charset label, or by detection where the label is missing, unknown or wrong."""

import codecs
import re
from dataclasses import dataclass

import chardet
from chardet.enums import EncodingEra

# Labels of the Encoding Standard that Python does not know, or reads as a smaller charset than senders mean.
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

# Codecs that do not turn bytes into text, or give program escapes: no mail is written in them.
FORBIDDEN = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"})

SHORT = 20
DETECTED_BYTES = 65_536
FALLBACK = "cp1252"
NUL = "NUL characters were left out"

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text made of bytes; `repair` is a sentence that says what was repaired, or None."""

    text: str
    repair: str | None = None


def clean(text: str) -> str:
    """Return the text without NUL and with lone surrogates replaced, so that PostgreSQL can store it as UTF-8."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        # Only a lone surrogate cannot be encoded; to try is faster than to search for one.
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def codec_of(label: str) -> str | None:
    """Return the name of the Python codec for a charset label; None where there is none."""
    name = label.strip().strip("\"'").lower()
    if not name or len(name) > 40 or not name.isascii():
        return None
    try:
        info = codecs.lookup(ALIASES.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return None
    # Only this attribute of the codec registry tells what `bytes.decode` accepts.
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
    text, charset = _guess(data, codec)
    return Decoded(clean(text), _repair_sentence(declared, codec, charset))


def decode_undeclared(data: bytes) -> str:
    """Return the text that `decode` makes of bytes without a declared charset, faster for ASCII as in most headers."""
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


def _guess(data: bytes, codec: str | None) -> tuple[str, str]:
    """Return the most likely text, and the name of the charset that it was decoded with."""
    if _is_escaped_japanese(data, codec):
        return data.decode("iso2022_jp_ext", "replace"), "iso-2022-jp"
    text = _decode_strictly(data, "utf-8")
    if text is not None:
        return text, "utf-8"
    if codec and codec != "ascii":
        text = data.decode(codec, "replace")
        if _fits_mostly(text):
            return text, codec
    detected = None
    if len(data) >= SHORT:
        detected = chardet.detect(data[:DETECTED_BYTES], encoding_era=EncodingEra.MODERN_WEB)["encoding"]
    charset = (detected or "windows-1252").lower()
    return data.decode(codec_of(charset) or FALLBACK, "replace"), charset


def _fits_mostly(text: str) -> bool:
    """Whether most letters outside ASCII could be decoded, so that the label is right and a few bytes are broken."""
    broken = text.count("\ufffd")
    non_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return broken <= 1 + len(text) // 50 and non_ascii - broken > broken


def _repair_sentence(declared: str | None, codec: str | None, read_as: str) -> str:
    if not declared:
        return f"no charset is named; read as {read_as}"
    label = clean(declared)[:40]
    if codec is None:
        return f"charset {label!r} is unknown; read as {read_as}"
    return f"bytes do not fit charset {label!r}; read as {read_as}"
