"""Which mails are reactions, and which only begin like one."""

# Letters of other alphabets are meant.
# ruff: noqa: RUF001

import base64

import pytest

from mail.inbound.message import InboundMail, MailKind
from mail.inbound.parse import parse

JSON = "text/vnd.google.email-reaction+json; charset=utf-8"


def gmail(
    emoji: str = '{"emoji": "👍", "version": 1}', text: str = "", kind: str = JSON, more: str = ""
) -> InboundMail:
    """A mail as Gmail sends it: the emoji as text, as JSON and as HTML."""
    text = text or "👍\n\nMara Quist reacted via Gmail <https://mail.example/about>\n\n" + QUOTE
    forms = (("text/plain; charset=utf-8", text), (kind, emoji), ("text/html; charset=utf-8", "<p>👍</p>"))
    parts = "".join(
        f"--x\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\n"
        f"{base64.encodebytes(content.encode()).decode()}\n"
        for kind, content in forms
    )
    head = "From: Mara Quist <mara@far.example>\nSubject: Re: Lift\nContent-Type: multipart/alternative; boundary=x\n"
    return parse(f"{head}\n{parts}{more}--x--".encode())


QUOTE = "On Tue, Feb 10, 2026 at 9:02 AM Support <desk@desk.example> wrote:\n> The reader was replaced.\n"


@pytest.mark.parametrize(
    ("emoji", "wanted"),
    [
        ('{"emoji": "👍", "version": 1}', "👍"),
        ('{"version": 2, "emoji": "\\u2764\\ufe0f"}', "❤️"),
        ('{"emoji": "👩🏽‍🔧"}', "👩🏽‍🔧"),
        ('{"emoji": "🇩🇪"}', "🇩🇪"),
        # What is broken or none of an emoji's is not shown; it stays a reaction.
        ('{"emoji": "<b>Pay now</b>"}', ""),
        ('{"emoji": 5}', ""),
        ("[" * 399, ""),
        ("{" + " " * 5000 + "}", ""),
        ("", ""),
    ],
)
def test_gmails_part_is_a_reaction_with_its_emoji_and_without_a_file(emoji: str, wanted: str) -> None:
    mail = gmail(emoji)

    assert (mail.kind, mail.attachments) == (MailKind.REACTION, ())
    assert mail.reaction is not None
    assert (mail.reaction.emoji, mail.reaction.by_part) == (wanted, True)


def test_an_emoji_with_the_disposition_of_a_reaction_is_one() -> None:
    mail = parse(
        "From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: reaction\n\n👍".encode()
    )

    assert mail.reaction is not None
    assert mail.reaction.emoji == "👍"


LONG = "👍\n\nThank you, it works again. One more question:\nwhen will you come for the door?\nIt hangs.\n\n" + QUOTE


@pytest.mark.parametrize(
    "mail",
    [
        gmail(text=LONG),
        gmail(text="👍\n#close\n" + QUOTE),
        gmail(more="--x\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nxx\n"),
        gmail(text="👍\n" + QUOTE, kind="application/json"),
    ],
)
def test_a_mail_with_words_a_command_or_a_file_of_its_own_is_a_persons(mail: InboundMail) -> None:
    assert (mail.kind, mail.reaction) == (MailKind.PERSON, None)


def by_words(text: str, sender: str = "Mara Quist") -> InboundMail:
    return parse(f"From: {sender} <mara@far.example>\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode())


BLOCK = (
    "\n\n________________________________\nFrom: Desk <desk@desk.example>\nSent: Monday\nTo: Mara\nSubject: Lift\n\nOk."
)
SENTENCES = {
    "Mara Quist reacted to your message:" + BLOCK: "",
    "👍  Mara Quist reacted to your message:" + BLOCK: "👍",
    "👍\n\nMara Quist hat auf Ihre Nachricht reagiert:" + BLOCK: "👍",
    "👍\nMara Quist a réagi à votre message :" + BLOCK: "👍",
    "❤️\nMara Quist reaccionó a tu mensaje:" + BLOCK: "❤️",
    "Mara Quist reageerde op je bericht:" + BLOCK: "",
    "🎉\nMara Quist さんがメッセージにリアクションしました:" + BLOCK: "🎉",
    "👍\n\nMara Quist reacted via Gmail <https://mail.example/about>\n\n" + QUOTE: "👍",
    "👍\n\nMara Quist hat über Gmail reagiert\n\n" + QUOTE: "👍",
    "Liked “The reader was replaced.”": "👍",
    'Loved "The reader was replaced."': "❤️",
    "Laughed at “Line one\n\nline two”": "😂",
    "Disliked an image": "👎",
    "Emphasized “Done”": "‼️",
    "Questioned “Done”": "❓",
    "Reacted 🎉 to “Done”": "🎉",
    "Removed a like from “Done”": "👍",
    "A aimé « C’est fait. »": "👍",
    "Le encantó “Hecho.”": "❤️",
    "Понравилось «Готово.»": "👍",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_the_sentence_of_a_mail_program_is_a_reaction(text: str) -> None:
    mail = by_words(text)

    assert mail.reaction is not None, mail.reply
    assert (mail.kind, mail.reaction.emoji, mail.reaction.by_part) == (MailKind.REACTION, SENTENCES[text], False)


WORDS_OF_PEOPLE = [
    "👍",
    "👍 thank you",
    'Liked "the offer", please send it.',
    "Liked “the first one” but not “the second one”",
    'I liked "The Lift".',
    "Liked the visit.",
    "Loved an image of yours, can I print it?",
    "Liked “the old one\n\nPlease bring it back.",
    "Mara Quist reacted to your message: she wants her money back.",
    "Ron Hale reacted to your message:" + BLOCK,
    "Mara Quist reacted to your message.\nPlease call her.",
    "Mara Quist reacted badly to the new drug.",
    "My skin reacted to your cream:\n- red spots",
    'Liked "Done."\n\nMara',
]


@pytest.mark.parametrize("text", WORDS_OF_PEOPLE)
def test_a_persons_words_that_only_begin_so_stay_a_persons(text: str) -> None:
    mail = by_words(text)

    assert (mail.kind, mail.reaction) == (MailKind.PERSON, None)
