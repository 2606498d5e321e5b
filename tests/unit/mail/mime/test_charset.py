"""Bytes become text, whatever label they bear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.charset import clean, codec_of, decode


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode(), None, "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Prüfung".encode("cp1252"), None, "Prüfung"),
        ("Prüfung".encode("cp1252"), "utf-8", "Prüfung"),
        ("5 €".encode("cp1252"), "iso-8859-1", "5 €"),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어"),
        ("שלום".encode("iso8859-8"), "iso-8859-8-i", "שלום"),
        ("①日本".encode("cp932"), "x-sjis", "①日本"),
        ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),
        ("日本語".encode("iso2022_jp"), None, "日本語"),
        ("日本語".encode("iso2022_jp"), "us-ascii", "日本語"),
        ("Привет, это обычное письмо о заказе.".encode("koi8-r"), "x-unknown", "Привет, это обычное письмо о заказе."),  # noqa: RUF001
        ("日本語です".encode("cp932"), "iso-2022-jp", "日本語です"),
        ("はい".encode("cp932"), "iso-2022-jp", "はい"),
        ("日本語です".encode("euc_jp"), "iso-2022-jp", "日本語です"),
        ("한국어".encode("cp949"), "iso-2022-kr", "한국어"),
        ("朱镕基".encode("gb18030"), "hz", "朱镕基"),
        ("Tür".encode(), "iso-8859-1", "Tür"),
        ("Grüße, schöne Öfen".encode(), "windows-1252", "Grüße, schöne Öfen"),
        ("5 € “ok”".encode(), "iso-8859-15", "5 € “ok”"),
        ("Dziękuję za łódź".encode(), "iso-8859-2", "Dziękuję za łódź"),
        # A capital before a quotation mark or a no-break space is no letter of UTF-8.
        ("LE CAFÉ\xa0!".encode("cp1252"), "iso-8859-1", "LE CAFÉ\xa0!"),
        ("AMANHÃ\xa0!".encode("cp1252"), "iso-8859-1", "AMANHÃ\xa0!"),
        ("Grüße".encode("cp1252"), "iso-8859-1", "Grüße"),
        ("«\xa0CAFÉ\xa0»".encode("cp1252"), "iso-8859-1", "«\xa0CAFÉ\xa0»"),
        (b"plain text", "utf-16", "plain text"),
        ("Tür".encode("utf-16"), "utf-16", "Tür"),
        (b"uryyb", "rot13", "uryyb"),
        (b"a\\u0041", "unicode_escape", "a\\u0041"),
        (b"YQ==", "base64", "YQ=="),
        (b"a\x00b", "utf-8", "ab"),
    ],
)
def test_bytes_are_read_as_their_writer_meant_them(data: bytes, declared: str | None, text: str) -> None:
    assert decode(data, declared).text == text


@pytest.mark.parametrize(
    ("data", "declared", "repair"),
    [
        (b"plain", "utf-8", None),
        (b"plain", None, None),
        (b"plain", "foo", "charset 'foo' is unknown; read as utf-8"),
        (b"caf\xe9", "foo", "charset 'foo' is unknown; read as windows-1252"),
        (b"caf\xe9", "utf-8", "bytes do not fit charset 'utf-8'; read as windows-1252"),
        (b"caf\xe9", None, "no charset is named; read as windows-1252"),
        (b"a\x00b", None, "NUL characters were left out"),
    ],
)
def test_what_was_repaired_is_said(data: bytes, declared: str | None, repair: str | None) -> None:
    if repair == "bytes do not fit charset 'utf-8'; read as windows-1252":
        data = data + b" \xe9\xe8\xe7"

    assert decode(data, declared).repair == repair


def test_one_bad_byte_in_a_long_text_is_marked_and_the_rest_kept() -> None:
    data = "Привет ".encode() * 20 + b"\xff" + "мир".encode()

    decoded = decode(data, "utf-8")

    assert decoded.text == "Привет " * 20 + "\ufffdмир"  # noqa: RUF001
    assert decoded.repair == "bytes do not fit charset 'utf-8'; read as utf-8"


@pytest.mark.parametrize(
    "label", ["rot13", "hex", "zlib", "idna", "punycode", "unicode_escape", "undefined", "", "a\0b", "é"]
)
def test_only_text_codecs_are_taken_from_a_mail(label: str) -> None:
    assert codec_of(label) is None


@given(
    st.binary(max_size=200),
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["utf-7", "utf-16", "hz", "big5"])),
)
def test_any_bytes_under_any_label_become_storable_text(data: bytes, declared: str | None) -> None:
    text = decode(data, declared).text

    assert "\0" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize(
    ("text", "expected"), [("\ud800", "\ufffd"), ("\u00e9\udc80", "\u00e9\ufffd"), ("\u00e9", "\u00e9")]
)
def test_half_a_letter_is_replaced_wherever_it_stands(text: str, expected: str) -> None:
    assert clean(f"a{text}b") == f"a{expected}b"
