"""Bytes become text by their charset label, or by detection where the label is missing, unknown or wrong."""

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

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

# What else programs of a language write under one of its labels; which it is shows only where the bytes decode.
JAPANESE, KOREAN, CHINESE = ("cp932", "euc_jp"), ("cp949",), ("gb18030", "big5hkscs")
FAMILIES = {
    "iso2022_jp": JAPANESE, "iso2022_jp_ext": JAPANESE, "cp932": ("euc_jp",), "euc_jp": ("cp932",),
    "iso2022_kr": KOREAN, "johab": KOREAN, "hz": CHINESE, "gb18030": ("big5hkscs",), "big5hkscs": ("gb18030",),
}  # fmt: skip
# In these any bytes are letters, so UTF-8 under such a label shows only as pairs like `Ã¼`.
WESTERN = frozenset({"cp1252", "iso8859-15", "cp1254", "cp1250", "iso8859-2", "cp1257", "mac_roman", "cp850", "cp437"})
EXACT = frozenset({"utf-8", "ascii"})
WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})

SHORT = 20
DETECTED_BYTES = 65_536
FALLBACK = "cp1252"
NUL = "NUL characters were left out"

# Two letters of UTF-8, or one that no pair of Western letters is; a capital may stand before a no-break space.
_UTF8 = re.compile(
    rb"[\xe0-\xf4][\x80-\xbf]{2}|\xc3[\x80-\x9f\xa1-\xbf]"
    rb"|[\xc2-\xdf][\x80-\xbf][^\x80-\xff]{0,2000}+[\xc2-\xdf][\x80-\xbf]"
)
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
    return _codec_of(name) if name and len(name) <= 40 and name.isascii() else None


# Each mail asks of the same few labels.
@lru_cache(maxsize=256)
def _codec_of(name: str) -> str | None:
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
    text = None if codec and _is_mislabelled(data, codec) else _decode_strictly(data, codec or "utf-8")
    if text is not None and codec in EXACT and b"\0" not in data and b"\x1b" not in data:
        # Such text holds no lone surrogates, and bytes are searched faster than letters.
        return Decoded(text)
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


def _is_mislabelled(data: bytes, codec: str) -> bool:
    """Whether the bytes are UTF-8 under the label of a smaller charset, or ASCII under that of a wider one."""
    if data.isascii():
        return codec in WIDE and b"\0" not in data
    return codec in WESTERN and _UTF8.search(data) is not None and _decode_strictly(data, "utf-8") is not None


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
    for other in FAMILIES.get(codec or "", ()):
        text = _decode_strictly(data, other)
        if text is not None:
            return text, other
    if codec and codec != "ascii":
        text = data.decode(codec, "replace")
        if _fits_mostly(text):
            return text, codec
    charset = (_detected(data) if len(data) >= SHORT else None) or "windows-1252"
    return data.decode(codec_of(charset) or FALLBACK, "replace"), charset


def _detected(data: bytes) -> str | None:
    # It takes 2 MB and 30 ms to import, and few texts have no charset that fits.
    import chardet  # noqa: PLC0415
    from chardet.enums import EncodingEra  # noqa: PLC0415

    detected = chardet.detect(data[:DETECTED_BYTES], encoding_era=EncodingEra.MODERN_WEB)["encoding"]
    return detected.lower() if detected else None


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
