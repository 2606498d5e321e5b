"""An answer of a file alone shows the file, not the quote; words are never hidden by it."""

import pytest

from mail.inbound.parse import parse

WROTE = "On Mon, 2 Nov 2026 at 17:02, Support <support@lifts.example> wrote:"
LABELS = "From: Support <support@lifts.example>\nSent: 2 November 2026 17:02\nTo: Ida\nSubject: Lift"
ONLY_QUOTES = [
    f"\n\n{WROTE}\n> Which lift is it?\n",
    f"{WROTE}\n\n> Which lift is it?\n>\n> Is it stuck?\n",
    "Am 02.11.2026 um 17:02 schrieb Support:\n> Welcher Aufzug?\n",
    f"________________________________\n{LABELS}\n\n> Which lift is it?\n",
    f"-----Original Message-----\n{LABELS}\n\n> Which lift is it?\n",
    "> Which lift is it?\n",
]


def mail(text: str, subject: str = "Re: Lift", disposition: str = "attachment", more: str = "") -> bytes:
    return (
        f"From: ida@stone.example\nTo: support@lifts.example\nSubject: {subject}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="xx"\n\n'
        f"--xx\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        f'--xx\nContent-Type: image/jpeg; name="plate.jpg"\nContent-Disposition: {disposition}; filename="plate.jpg"\n'
        f"{more}Content-Transfer-Encoding: base64\n\nampq\n--xx--\n"
    ).encode()


@pytest.mark.parametrize("text", ONLY_QUOTES)
@pytest.mark.parametrize("disposition", ["attachment", "inline"])
def test_the_quote_is_not_shown_where_only_a_file_was_sent(text: str, disposition: str) -> None:
    found = parse(mail(text, disposition=disposition))
    assert (found.reply, [file.filename for file in found.attachments]) == ("", ["plate.jpg"])
    assert found.removed.strip() == text.strip()


@pytest.mark.parametrize("text", ONLY_QUOTES)
def test_the_text_stays_where_the_picture_may_be_of_the_quote_or_the_mail_is_no_answer(text: str) -> None:
    assert parse(mail(text, more="Content-ID: <a@stone.example>\n")).reply == text.strip()
    assert parse(mail(text, subject="Lift")).reply == text.strip()
    assert parse(mail(text, subject="Fwd: Lift")).reply == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        f"{WROTE}\nThe north one.",
        f"{WROTE}\n> Which lift is it?\n\nThe north one.",
        "The north one.",
        f"-----Original Message-----\n{LABELS}\n\nWhich lift is it?\n\nThe north one.",
        f"---------- Forwarded message ---------\n{LABELS}\n\nWhich lift?",
    ],
)
def test_words_of_the_sender_are_shown_beside_the_file(text: str) -> None:
    found = parse(mail(text))
    assert text.rsplit("\n", 1)[-1] in found.reply
