"""A picture among the words of a mail goes out where it stood, both ways, and the mail is what mail programs expect."""

import base64
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from desk.notices.events import ChangeSet, Event, Letter
from models.announce.change_set import read_change_set, read_change_sets
from tests.support.database.services import AGENT, SUPPORT, a_raw_mail, process
from tests.support.values.replies import last_mail, raw_mail
from worker.announce import run
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGNgYPiPB4xKj0BpAFuqY53NtlbVAAAAAElFTkSuQmCC"
)
WORDS = "Look here:\n\nThat is the switch."
HTML = (
    '<p>Look <b>here</b>:</p><p><img src="cid:shot@their.example"></p><ul><li>That is the switch.</li></ul>'
    '<p><a href="https://a.example/help">More</a></p>'
)
pytestmark = pytest.mark.services(AGENT, a_raw_mail())


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each comment the letter that its mail held."""

    def with_letter(event: Event) -> Event:
        remark = event.remark and replace(event.remark, letter=Letter(f"{event.remark.text}\n\nRegards", HTML))
        return replace(event, remark=remark)

    def with_letters(one: ChangeSet) -> ChangeSet:
        return replace(one, events=tuple(map(with_letter, one.events)))

    monkeypatch.setattr(run, "read_change_set", lambda *given: with_letters(read_change_set(*given)))
    monkeypatch.setattr(run, "read_change_sets", lambda *given: [with_letters(one) for one in read_change_sets(*given)])


def write(services: Services, sender: str, picture: bytes = PNG, filename: str = "shot.png", number: int = 1) -> None:
    """An answer with HTML and a picture to the last mail that its sender got."""
    answered = last_mail(services, sender)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, answered["reply_to"] or SUPPORT, answered["subject"]
    mail["Message-ID"], mail["In-Reply-To"] = f"<{number}@their.example>", f"<{answered['message_id']}>"
    mail.set_content(WORDS)
    mail.add_alternative(HTML, subtype="html")
    _, html = mail.iter_parts()
    assert isinstance(html, EmailMessage)
    html.add_related(picture, "image", "png", cid="<shot@their.example>", filename=filename, disposition="inline")
    assert process(services, mail.as_bytes())["fate"] == "applied"


def got(services: Services, recipient: str) -> EmailMessage:
    message = message_from_bytes(raw_mail(services, last_mail(services, recipient)), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def files(message: EmailMessage) -> list[str | None]:
    return [part.get_filename() for part in message.iter_attachments()]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize(("author", "reader"), [(BOB, ANN), (ANN, BOB)])
def test_a_picture_stands_where_its_author_put_it(services: Services, author: str, reader: str) -> None:
    write(services, author)

    message = got(services, reader)
    pictures = [one for one in message.walk() if one.get_content_maintype() == "image"]
    assert [(one.get_content_type(), one.get_content(), one.get_filename()) for one in pictures] == [
        ("image/png", PNG, "shot.png")
    ]
    cid = str(pictures[0]["Content-ID"]).strip("<>")
    assert cid.startswith("image-")
    assert f'<img src="cid:{cid}" alt="shot.png"' in part(message, "html")
    for kept in ("<b>here</b>", ">That is the switch.</li>", 'href="https://a.example/help"'):
        assert kept in part(message, "html")
    assert [one.get_content_type() for one in message.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    assert "File: shot.png" not in part(message, "html")


def test_the_text_names_the_picture_and_keeps_the_sign_off(services: Services) -> None:
    write(services, BOB)

    text = part(got(services, ANN), "plain").replace("\r\n", "\n")
    assert text.startswith("Look here:\n[image: shot.png]\n\nThat is the switch.\n\nRegards\n")


@pytest.mark.parametrize(
    ("picture", "filename"), [(b"<svg xmlns='x' onload='alert(1)'/>", "shot.png"), (PNG, "shot.svg")]
)
def test_what_is_no_picture_is_named_and_shown_to_nobody(services: Services, picture: bytes, filename: str) -> None:
    write(services, BOB, picture, filename)

    message = got(services, ANN)
    assert "<img" not in part(message, "html")
    assert f"[image: {filename}]" in part(message, "html")
    assert f"- {filename} (" in part(message, "plain")
    assert "image/png" not in [one.get_content_type() for one in message.walk()]
    assert files(message) == (["shot.png"] if filename == "shot.png" else [])


def test_a_picture_that_comes_back_in_a_quote_is_no_file_of_the_answer(services: Services) -> None:
    write(services, BOB)

    write(services, ANN, number=2)

    assert last_mail(services, BOB)["template"] == "comment-to-agent"
    assert files(got(services, BOB)) == []
    assert "shot.png" not in part(got(services, BOB), "plain")
