"""Header values: encoded words, parameters and file names, also the broken ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.addresses import read_addresses
from mail.mime.encodings import unbase64
from mail.mime.filenames import MAX_BYTES, safe_name, unique_names
from mail.mime.headers import decode_words, read_headers
from mail.mime.parts import parameters


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?q?a_b?= =?utf-8?q?c?= d", "a bc d"),
        ("Re: =?utf-8?q?a?= and =?utf-8?q?b?=", "Re: a and b"),
        ("=?utf-8?q?not encoded?=", "not encoded"),
        ("=?utf-8?q?What's up??=", "What's up?"),
        ("=?utf-8*de?q?Gr=C3=BC?=", "Grü"),
        ("=?foo?q?caf=E9?=", "café"),
        ("=?rot13?q?abc?=", "abc"),
        ("=?utf-8?q?a=0D=0ABcc:_x=40y?=", "a Bcc: x@y"),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?q?a=00b?=", "ab"),
    ],
)
def test_encoded_words_are_read_also_when_broken(value: str, text: str) -> None:
    assert decode_words(value) == text


RAW_WORDS = [
    (b"=?iso-8859-1?Q?T\xfcr_im_S\xfcd?=", "Tür im Süd"),
    ("=?iso-8859-1?Q?Tür?=".encode(), "Tür"),
    ("=?utf-8?Q?Tür?=".encode(), "Tür"),
    (b"=?windows-1251?q?\xc4\xe2\xe5\xf0\xfc?=", "Дверь"),
    (b"=?koi8-r?Q?\xe4\xd7\xc5\xd2\xd8?= 12", "Дверь 12"),
    (b"=?shift_jis?Q?\x83h\x83A?=", "ドア"),
    (b"=?iso-8859-1?Q?T\xfcr=20=FC?= =?iso-8859-1?Q?_\xfc?=", "Tür ü ü"),
    (b"Gr\xfc\xdfe =?iso-8859-1?Q?T\xfcr?=", "Grüße Tür"),
]


@pytest.mark.parametrize(("value", "text"), RAW_WORDS)
def test_raw_letters_of_an_encoded_word_are_read_by_its_charset(value: bytes, text: str) -> None:
    headers, _ = read_headers(b"Subject: " + value + b"\nFrom: " + value + b" <a@b.example>\n\n")

    assert headers.words("subject") == text
    assert [one.name for one in read_addresses(headers.texts("from"))] == [text]


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        ('text/plain; name="a b.txt"', "name", "a b.txt"),
        ("text/plain; name=a b.txt", "name", "a b.txt"),
        ("attachment; filename*=UTF-8''Gr%C3%BC.txt", "filename", "Grü.txt"),
        ("attachment; filename=x; filename*=iso-8859-1'de'Gr%FC.txt", "filename", "Grü.txt"),
        ("attachment; filename*1*=%C3%BC; filename*0*=utf-8''Gr; filename*2=\".txt\"", "filename", "Grü.txt"),
        ('attachment; filename*0="a-"; filename*1="b.txt"', "filename", "a-b.txt"),
        ('attachment; filename="=?utf-8?q?Gr=C3=BC?=.txt"', "filename", "Grü.txt"),
        ('attachment; filename="open.txt', "filename", "open.txt"),
        ("attachment; filename*=nonsense", "filename", "nonsense"),
        (r'attachment; filename="a\"b.txt"', "filename", 'a"b.txt'),
        ('TEXT/PLAIN; CHARSET="utf-8"', "charset", "utf-8"),
    ],
)
def test_a_parameter_is_read_in_every_way_it_is_written(value: str, name: str, text: str) -> None:
    assert parameters(value)[name] == text


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\report.pdf", "report.pdf"),
        ("a\r\nb.txt", "ab.txt"),
        ("\u202efdp.exe", "fdp.exe"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        (".htaccess", "htaccess"),
        ("CON.txt", "_CON.txt"),
        ("  a   b .txt ", "a b .txt"),
        ("", "attachment.pdf"),
        ("..", "attachment.pdf"),
        ("a/", "attachment.pdf"),
    ],
)
def test_a_file_name_is_made_safe(given_name: str, safe: str) -> None:
    assert safe_name(given_name, "application/pdf") == safe


@given(st.text(max_size=400), st.text(max_size=20))
def test_any_file_name_becomes_a_safe_one(given_name: str, content_type: str) -> None:
    name = safe_name(given_name, content_type)

    assert 0 < len(name.encode("utf-8")) <= MAX_BYTES
    assert not set(name) & set('/\\\0\r\n"<>')


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_name("ü" * 300 + ".docx", "application/octet-stream")

    assert name.endswith("ü.docx")
    assert len(name.encode()) <= MAX_BYTES


def test_names_that_repeat_are_told_apart_whatever_their_case() -> None:
    names = unique_names(iter(["a.txt", "A.txt", "a-2.txt", "a.txt", "b"]))

    assert list(names) == ["a.txt", "A-2.txt", "a-2-2.txt", "a-3.txt", "b"]


@pytest.mark.parametrize(
    ("data", "decoded"),
    [
        (b"aGk=", b"hi"),
        (b"aGk", b"hi"),
        (b"aG*k=", b"hi"),
        (b"aGk=aGk=", b"hihi"),
        (b"aGk=\naGkh", b"hihi!"),
        (b"aGk=\n_____\nThe list's footer", b"hi"),
        (b"aGk= ignored", b"hi"),
        (b"a", b""),
        (b"", b""),
        (b"_-8=", b"\xff\xef"),
    ],
)
def test_base64_is_decoded_as_far_as_it_goes(data: bytes, decoded: bytes) -> None:
    assert unbase64(data) == decoded
