"""Raw bytes become a mail, whatever the bytes are."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.html.kept.page import kept_html
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse

LINES = st.sampled_from(
    [
        b"From: =?utf-8?B?w?= <a@b.example>",
        b"Subject: =?x?q?=FF?= =?utf-7?q?+2AA-?= \x00",
        b"Date: Mon, 99 Nov 99999 99:99:99 +9999",
        b"Content-Type: multipart/mixed; boundary=x",
        b"Content-Type: multipart/alternative; boundary=x",
        b"Content-Type: text/html; charset*=utf-8''rot13",
        b"Content-Type: text/plain; charset=utf-7",
        b"Content-Type: message/rfc822",
        b"Content-Disposition: attachment; filename*9999*=a'b'%ff; filename*0=\"\xed\xa0\x80",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode",
        b"",
        b"--x",
        b"--x--",
        b"<p>a<blockquote type=cite>b \xff",
        b"+2AA- \xff\x00",
        b"On Mon, 2 Nov 2026 09:12 a@b.example wrote:",
        b"> quoted",
    ]
)
MAILS = st.one_of(
    st.binary(max_size=300), st.lists(st.one_of(LINES, st.binary(max_size=20)), max_size=30).map(b"\n".join)
)


def texts(mail: InboundMail) -> list[str]:
    """Every text of a mail that is stored."""
    people = (*mail.senders, *mail.to, *mail.cc)
    files = [part for file in mail.attachments for part in (file.filename, file.content_type, file.content_id or "")]
    names = [part for person in people for part in (person.name, person.email)]
    ids = [mail.message_id or "", *mail.in_reply_to, *mail.references]
    bodies = [mail.subject, mail.text, mail.reply, mail.removed, mail.signature, mail.automatic or "", *mail.repairs]
    return [*names, *files, *ids, *mail.delivered_to, *bodies]


def plain(body: bytes, *fields: bytes) -> bytes:
    return b"\n".join((b"From: a@b.example", *fields, b"", body))


@settings(max_examples=400, deadline=None)
@given(MAILS)
def test_any_bytes_become_a_mail_that_the_database_can_store(raw: bytes) -> None:
    mail = parse(raw)

    stored = "".join(texts(mail))

    assert "\0" not in stored
    assert stored.encode("utf-8").decode("utf-8") == stored


@settings(max_examples=200, deadline=None)
@given(MAILS)
def test_reply_and_removed_hold_every_line_of_the_text(raw: bytes) -> None:
    mail = parse(raw)

    stored = (mail.reply, mail.signature, mail.removed)
    kept = {line.strip() for text in stored for line in text.split("\n")}

    assert {line.strip() for line in mail.text.split("\n") if line.strip()} <= kept


@settings(max_examples=200, deadline=None)
@given(MAILS)
def test_a_mail_with_text_has_a_reply(raw: bytes) -> None:
    mail = parse(raw)

    assert bool(mail.reply.strip()) == bool(mail.text.strip())


def test_bytes_beyond_ascii_keep_their_meaning_under_a_charset_given_as_rfc_2231() -> None:
    raw = plain("Grüße".encode(), b"Content-Type: text/plain; charset*=us-ascii'de'utf-8")

    mail = parse(raw)

    assert mail.text == "Grüße"


def test_parts_nested_too_deep_to_read_still_give_their_text() -> None:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (at, at) for at in range(3000))

    mail = parse(b"From: a@b.example\n" + head + b"\nhello")

    assert mail.text.endswith("hello")
    assert mail.repairs == ("the parts are nested too deep; the body is shown as it stands",)


def test_more_parts_than_anyone_sends_are_cut_off_and_noted() -> None:
    raw = plain(b"--x\n\nhello\n" * 3000, b"Content-Type: multipart/mixed; boundary=x")

    mail = parse(raw)

    assert mail.text.count("hello") <= 1000
    assert mail.repairs == ("the mail has too many parts; the rest was left out",)


def test_five_thousand_recipients_end_at_a_thousand() -> None:
    people = b", ".join(b"P%d <p%d@b.example>" % (at, at) for at in range(5000))

    mail = parse(plain(b"hello", b"To: " + people))

    assert len(mail.to) == 1000


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"--x\nContent-Type: text/plain\n\nplain\n--x\nContent-Type: text/html\n\n<p>html\n--x--", "plain"),
        (b"--x\nContent-Type: text/plain\n\n \n--x\nContent-Type: text/html\n\n<p>html\n--x--", "html"),
        (b"--x\nContent-Type: text/html\n\n<p>html\n--x--", "html"),
        (b"--x\nContent-Type: text/calendar\n\nBEGIN\n--x\n\nplain\n--x--", "plain"),
        (b"only text before the parts\n--x\nContent-Type: image/png\n\nz\n--x--", "only text before the parts"),
        (b"--x\nContent-Type: text/plain; name=a.txt\n\nin a file\n--x--", "in a file"),
        (b"no part begins here", "no part begins here"),
    ],
)
def test_of_several_forms_the_best_that_has_text_is_read(body: bytes, text: str) -> None:
    mail = parse(plain(body, b"Content-Type: multipart/alternative; boundary=x"))

    assert mail.text == text


@pytest.mark.parametrize(
    "kind",
    [
        b'multipart/mixed; boundary="foo\n bar"',
        b'multipart/mixed\n\tboundary="foo bar"',
        b'Multipart/Mixed\r\n BOUNDARY="foo bar"',
    ],
)
def test_a_boundary_that_a_program_broke_is_mended(kind: bytes) -> None:
    mail = parse(plain(b"--foo bar\n\nhello\n--foo bar--", b"Content-Type: " + kind))

    assert mail.text == "hello"
    assert mail.repairs == ("the boundary of the parts was mended",)


@pytest.mark.parametrize(
    ("given", "name"), [("", "message.eml"), ("Version 2.0", "Version 2.0.eml"), ("a.txt", "a.txt"), ("b.EML", "b.EML")]
)
def test_an_attached_mail_keeps_the_name_of_a_file(given: str, name: str) -> None:
    attached = f'--x\nContent-Type: message/rfc822; name="{given}"\n\nSubject: a\n\nb\n--x--'

    mail = parse(plain(attached.encode(), b"Content-Type: multipart/mixed; boundary=x"))

    assert [file.filename for file in mail.attachments] == [name]


def test_what_the_delivery_headers_name_is_read_topmost_first() -> None:
    fields = (b"Delivered-To: <Support@Desk.example>", b"X-Original-To: help@desk.example", b"Envelope-To: nobody")

    mail = parse(plain(b"hello", *fields))

    assert mail.delivered_to == ("support@desk.example", "help@desk.example")


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (b"Mon, 02 Nov 2026 09:30:00 +0100", datetime(2026, 11, 2, 8, 30, tzinfo=UTC)),
        (b"Mon, 02 Nov 2026 09:30:00 -0000", datetime(2026, 11, 2, 9, 30, tzinfo=UTC)),
        (b"Fri, 31 Dec 9999 23:30:00 -0900", None),
        (b"yesterday", None),
        (b"", None),
    ],
)
def test_a_date_is_aware_utc_or_none(value: bytes, date: datetime | None) -> None:
    mail = parse(plain(b"hello", b"Date: " + value))

    assert mail.date == date


def test_a_forward_stays_whole_although_its_program_marked_the_quote() -> None:
    html = b'<div>see below</div><div class="gmail_quote">the forwarded words</div>'

    mail = parse(plain(html, b"Subject: Fwd: Printer", b"Content-Type: text/html"))

    assert (mail.reply, mail.removed) == ("see below\n\nthe forwarded words", "")


def test_the_second_of_two_content_types_is_that_of_the_text_at_the_beginning() -> None:
    double = (b"Content-Type: multipart/mixed; boundary=x", b"Content-Type: text/plain; charset=latin1")

    mail = parse(plain(b"Gr\xfc\xdfe\n--x\nContent-Type: text/plain\n\nbelow\n--x--", *double))

    assert mail.text == "Grüße\n\nbelow"
    assert mail.repairs == ("a part has two Content-Types; the second is that of the text at its beginning",)


def test_a_phrase_for_programs_without_mime_is_no_text() -> None:
    body = b"This is a multi-part message in MIME format.\n\n--x\nContent-Type: image/png\n\nz\n--x--"

    mail = parse(plain(body, b"Content-Type: multipart/mixed; boundary=x"))

    assert mail.text == ""


@pytest.mark.parametrize(
    "head",
    [
        b"Subject : hello\nTo: b@b.example\n\n",
        b"\r\n\r\nSubject: hello\r\n\r\n",
        b"\xef\xbb\xbfSubject: hello\n\n",
        b"From a@b.example Mon Nov  2 09:12:00 2026\nSubject: hello\n\n",
        b">From a@b.example Mon Nov  2 09:12:00 2026\nSubject: hello\n\n",
        b" " * 200 + b"\nSubject: hello\n\n",
        b"Subject: hello\r\r",
    ],
)
def test_a_header_is_found_whatever_a_program_put_above_it(head: bytes) -> None:
    mail = parse(head + b"body")

    assert (mail.subject, mail.text) == ("hello", "body")


def test_a_line_that_is_no_field_ends_the_header_and_is_not_lost() -> None:
    mail = parse(b"Subject: hello\nDear all,\nsee: below")

    assert (mail.subject, mail.text) == ("hello", "Dear all,\nsee: below")


def test_a_cr_within_a_field_makes_no_other_field() -> None:
    mail = parse(b"Subject: hello\rFrom: boss@desk.example\nFrom: a@b.example\n\nbody")

    assert [sender.email for sender in mail.senders] == ["a@b.example"]
    assert mail.repairs == ("a header holds a bare CR; it is read as a space",)


def test_an_attached_mail_keeps_its_bytes() -> None:
    attached = b"Subject:  two  spaces\r\nX-Odd\t:tab\r\n\r\nbody \r\n"
    parts = b"--x\r\nContent-Type: message/rfc822\r\n\r\n" + attached + b"\r\n--x--"

    mail = parse(plain(parts, b"Content-Type: multipart/mixed; boundary=x"))

    assert [file.content for file in mail.attachments] == [attached]


def pictures(html: str) -> bytes:
    """A mail with HTML and the picture `chart.png` under the content id `c1`."""
    image = '--x\nContent-Type: image/png; name="chart.png"\nContent-ID: <c1@b>\n\nz\n--x--'
    text = f"--x\nContent-Type: text/html\n\n{html}\n{image}".encode()
    return plain(text, b"Content-Type: multipart/related; boundary=x")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p>see <img src="cid:c1@b" alt="a"> here</p>', "see [image: chart.png] here"),
        ("<p>see <IMG width=9 SRC=cid:C1@B>here</p>", "see [image: chart.png] here"),
        ('<p>see <img src="cid:gone@b">here</p>', "see here"),
        ('<p>see <img src="https://x.example/p.gif">here</p>', "see here"),
    ],
)
def test_a_picture_of_the_mail_leaves_its_name_where_it_stands(html: str, text: str) -> None:
    mail = parse(pictures(html))

    assert " ".join(mail.text.split()) == text
    assert [(file.inline, file.content_id) for file in mail.attachments] == [(True, "c1@b")]


def two_forms(text: str, html: str) -> bytes:
    """A mail with both forms and the pictures `chart.png` and `plan.png` under the content ids `c1` and `c2`."""
    forms = f"--y\n\n{text}\n--y\nContent-Type: text/html\n\n{html}\n--y--"
    images = "".join(
        f'\n--x\nContent-Type: image/png; name="{name}.png"\nContent-ID: <{cid}@b>\n\nz'
        for name, cid in (("chart", "c1"), ("plan", "c2"))
    )
    parts = f"--x\nContent-Type: multipart/alternative; boundary=y\n\n{forms}{images}\n--x--"
    return plain(parts.encode(), b"Content-Type: multipart/related; boundary=x")


C1, C2 = '<img alt="image0.png" src="cid:c1@b">', "<img src=cid:c2@b alt='image0.png'>"


@pytest.mark.parametrize(
    ("text", "html", "read"),
    [
        ("see\nimage0.png\nhere", f"<p>see{C1}here", "see\n[image: chart.png]\nhere"),
        ("image0.png\nor\n image0.png", f"<p>{C1}or{C2}", "[image: chart.png]\nor\n[image: plan.png]"),
        ("see [Plan &c] here", "<p>see <img src=cid:c1@b alt='Plan &amp;c'> here", "see [image: chart.png] here"),
        ("see [[b]] here", "<p>see <img src=cid:c1@b alt='[b]'> here", "see [image: chart.png] here"),
        ("image0.png <http://x.example>\nb", f"<a>{C1}</a>", "[image: chart.png] <http://x.example>\nb"),
        ("see image0.png here", f"<p>see image0.png here{C1}", "see image0.png here"),
        ("see\nPlan\nhere", "<p>see<img src=cid:c1@b alt='Plan'>here", "see\nPlan\nhere"),
        ("see [image0.png] here", "<p>see <img src=cid:gone@b alt=image0.png> here", "see [image0.png] here"),
        ("see [image0.png] here", "<p>see <img src=https://x.example/1 alt=image0.png>", "see [image0.png] here"),
        ("see [Solved] here", f"<p>see [Solved] here{C1}", "see [Solved] here"),
    ],
)
def test_a_picture_that_the_plain_form_names_leaves_its_name(text: str, html: str, read: str) -> None:
    assert parse(two_forms(text, html)).text == read


def divided(picture: str, below: str = "text/html") -> bytes:
    """Plain text beside HTML that is divided where the picture `chart.png` stands."""
    parts = f"--z\nContent-Type: text/html\n\n<p>see</p>\n{picture}\n--z\nContent-Type: {below}\n\n<p>here</p>\n--z--"
    forms = f"--y\n\nsee\n\nhere\n--y\nContent-Type: multipart/mixed; boundary=z\n\n{parts}\n--y--"
    return plain(forms.encode(), b"Content-Type: multipart/alternative; boundary=y")


PICTURE = '--z\nContent-Type: image/png; name="chart.png"\nContent-Disposition: inline\n\nz'


def test_html_that_is_divided_where_a_picture_stands_shows_the_picture_there() -> None:
    mail = parse(divided(PICTURE))

    cid = mail.attachments[0].content_id
    assert cid
    assert cid.endswith("@place.invalid")
    kept = kept_html(mail.html, mail.text).replace("\n", "")
    assert kept == f'<p>see</p><div><img src="cid:{cid}"></div><p>here</p>'


@pytest.mark.parametrize(
    ("picture", "below", "content_id"),
    [
        (PICTURE.replace("inline", "attachment"), "text/html", None),
        (PICTURE.replace("image/png", "application/pdf"), "text/html", None),
        (PICTURE.replace("\n\n", "\nContent-ID: <c1@b>\n\n"), "text/html", "c1@b"),
        (PICTURE, "text/html; name=x.html", None),
    ],
)
def test_other_files_between_html_are_files(picture: str, below: str, content_id: str | None) -> None:
    mail = parse(divided(picture, below))

    assert mail.attachments[0].content_id == content_id
    assert "<img" not in mail.html


def test_html_beside_plain_text_is_not_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mail.inbound.text_part.read_html", pytest.fail)
    body = b"--x\n\nplain\n--x\nContent-Type: text/html\n\n<p>html\n--x--"

    mail = parse(plain(body, b"Content-Type: multipart/alternative; boundary=x"))

    assert mail.text == "plain"
