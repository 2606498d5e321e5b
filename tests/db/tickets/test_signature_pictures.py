"""Pictures of a signature are kept and not listed; a photo that somebody sends inline is listed."""

import base64

import pytest

from mail.inbound.parse import parse
from tests.support.database.services import ADMIN, AGENT, SUPPORT, process, query
from tests.support.values.replies import last_mail
from worker.runtime.services import Services

ANN = "ann@customer.example"
LOGO, PHOTO = b"\x89PNG logo" + b"l" * 4000, b"\xff\xd8 photo" + b"p" * 60_000
IMG = '<img src="cid:{}@x">'
SIGNED = "<div>Regards<br>Ann</div>"
GMAIL = '<div class="gmail_signature">Ann Lee<br>Stone Ltd.{}</div>'
PLAIN = "The reader is dark.\n\n-- \nAnn Lee"


def a_picture(name: str, content: bytes) -> str:
    data = base64.encodebytes(content).decode()
    head = f"Content-Type: image/png; name={name}.png\nContent-ID: <{name}@x>\nContent-Disposition: inline"
    return f"--r\n{head}\nContent-Transfer-Encoding: base64\n\n{data}\n"


def a_mail(html: str, *pictures: tuple[str, bytes], plain: str | None = None, number: int = 1) -> bytes:
    text = f"Content-Type: text/html; charset=utf-8\n\n<html><body>{html}</body></html>\n"
    if plain is not None:
        text = (
            "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain; charset=utf-8\n\n"
            f"{plain}\n--a\n{text}--a--\n"
        )
    files = "".join(a_picture(name, content) for name, content in pictures)
    head = f"From: Ann <{ANN}>\nTo: {SUPPORT}\nSubject: Reader\nMessage-ID: <{number}@customer.example>\n"
    return f"{head}MIME-Version: 1.0\nContent-Type: multipart/related; boundary=r\n\n--r\n{text}{files}--r--\n".encode()


WORDS = "<div>The reader is dark.</div><br>"
LOGO_IMG, PHOTO_IMG = IMG.format("logo"), IMG.format("photo")
# A mail, and the files of it that are listed.
MAILS: list[tuple[str, bytes, list[str]]] = [
    ("Gmail's signature", a_mail(WORDS + GMAIL.format(LOGO_IMG), ("logo", LOGO)), []),
    ("behind dashes", a_mail(f"{WORDS}<div>-- <br>Ann<br>{LOGO_IMG}</div>", ("logo", LOGO)), []),
    ("Outlook's", a_mail(f'{WORDS}<div id="Signature"><p>Ann</p><p>{LOGO_IMG}</p></div>', ("logo", LOGO)), []),
    ("in the HTML form alone", a_mail(WORDS + GMAIL.format(LOGO_IMG), ("logo", LOGO), plain=PLAIN), []),
    ("as Outlook writes plain text", a_mail(WORDS, ("logo", LOGO), plain=f"{PLAIN}\n[cid:logo@x]"), []),
    ("two", a_mail(WORDS + GMAIL.format(LOGO_IMG + IMG.format("icon")), ("logo", LOGO), ("icon", b"icon")), []),
    (
        "a photo above",
        a_mail(f"{WORDS}{PHOTO_IMG}{GMAIL.format(LOGO_IMG)}", ("photo", PHOTO), ("logo", LOGO)),
        ["photo.png"],
    ),
    ("a small photo above", a_mail(f"{WORDS}{PHOTO_IMG}{GMAIL.format('')}", ("photo", b"small")), ["photo.png"]),
    ("a small photo without a signature", a_mail(WORDS + PHOTO_IMG, ("photo", b"small")), ["photo.png"]),
    ("one picture in both", a_mail(f"{WORDS}{LOGO_IMG}{GMAIL.format(LOGO_IMG)}", ("logo", LOGO)), ["logo.png"]),
    ("a large one in the signature", a_mail(WORDS + GMAIL.format(PHOTO_IMG), ("photo", PHOTO)), ["photo.png"]),
    ("nowhere in the text", a_mail(WORDS + GMAIL.format(""), ("photo", b"small")), ["photo.png"]),
    ("in HTML, beside plain text", a_mail(WORDS + PHOTO_IMG, ("photo", b"small"), plain=PLAIN), ["photo.png"]),
]


@pytest.mark.parametrize(("_kind", "raw", "listed"), MAILS, ids=[row[0] for row in MAILS])
def test_a_picture_of_a_signature_is_known_by_its_place(_kind: str, raw: bytes, listed: list[str]) -> None:
    assert [file.filename for file in parse(raw).attachments if not file.of_signature] == listed


@pytest.mark.services(ADMIN, AGENT)
def test_staff_are_told_of_the_photo_alone_and_the_database_keeps_both(services: Services) -> None:
    process(services, a_mail(f"{WORDS}{PHOTO_IMG}{GMAIL.format(LOGO_IMG)}", ("photo", PHOTO), ("logo", LOGO)))

    told = last_mail(services, "bob@desk.example", "ticket-assigned")
    kept = query(services, "SELECT filename, of_signature FROM mail.attachment ORDER BY position")
    assert ("photo.png (59 KB" in told["text"], "logo.png (" in told["text"]) == (True, False)
    assert [(row["filename"], row["of_signature"]) for row in kept] == [("photo.png", False), ("logo.png", True)]


@pytest.mark.services(ADMIN, AGENT)
@pytest.mark.parametrize(
    ("sender", "content", "listed"),
    [(ANN, LOGO, False), ("otto@customer.example", LOGO, True), (ANN, PHOTO, True)],
)
def test_a_small_picture_that_its_sender_sent_on_another_ticket_is_listed_once(
    services: Services, sender: str, content: bytes, listed: bool
) -> None:
    mails = [a_mail(WORDS + LOGO_IMG, ("logo", content), number=number) for number in (1, 2)]
    process(services, mails[0])
    process(services, mails[1].replace(f"Ann <{ANN}>".encode(), sender.encode()).replace(b"Reader", b"Another lamp"))

    kept = query(services, "SELECT of_signature FROM mail.attachment ORDER BY id")
    assert [row["of_signature"] for row in kept] == [False, not listed]
