"""Pictures of emoji in HTML are words, all other pictures are none."""

import pytest

from mail.inbound.parse import parse

PICTURES = {
    '<img class="an1" alt="👍" src="https://fonts.example/1f44d.png">': "👍",
    "<IMG ALT='👍🏽' SRC=x>": "👍🏽",
    "<img src=x alt=❤️>": "❤️",
    '<img src="x" alt="&#128077;">': "👍",
    '<img src="cid:1@x" data-emoji="🎉">': "🎉",
    '<img src="x" alt="👩‍👩‍👧">': "👩‍👩‍👧",
    '<img src="x" alt="🇩🇪">': "🇩🇪",
    '<img src="x" alt="1️⃣">': "1️⃣",
    '<img src="x" alt="Logo">': "",
    '<img src="x" alt="">': "",
    '<img src="x" alt="☎">': "",
    '<img src="x" alt="→">': "",
    '<img src="x" alt="👍 #close">': "",
    '<img src="x" alt="#">': "",
    '<img src="x" alt="5">': "",
    f'<img src="x" alt="{"👍" * 40}">': "",
    '<img src="x" title="👍">': "",
}


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_is_read_where_its_text_is_an_emoji(picture: str) -> None:
    mail = parse(f"Content-Type: text/html; charset=utf-8\n\n<p>Great {picture} thanks.</p>".encode())

    assert mail.reply.split() == ["Great", *([PICTURES[picture]] if PICTURES[picture] else []), "thanks."]


def test_an_answer_of_one_emoji_has_a_text() -> None:
    mail = parse('Content-Type: text/html; charset=utf-8\n\n<div><img alt="👍" src="x"></div>'.encode())

    assert mail.reply == "👍"
