"""Thanks and nothing else, told apart from all that may ask for something."""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import pytest

from desk.commands.lines.thanks import ADDED, GREETINGS, THANKS, is_thanks

NAMES = ("Ann Meyer", "Bob", "ann")

ONLY_THANKS = [
    "Thank you!",
    "thanks",
    "THANK YOU VERY MUCH",
    "Thanks!!!",
    "Thank you, works.",
    "Thank you.\n\nIt works now.",
    "It works now, thank you!",
    "Perfect, thanks",
    "Great! Thanks a lot :)",
    "Hi Bob, thank you for the quick help!",
    "Hello Bob,\n\nthank you!\n\nAnn",
    "Thank you!\nAnn Meyer",
    "Thanks Bob 👍",
    "🙏 Thank you 🙏🏽",
    "*Thanks!*",
    "“Thank you”",
    "Thanks again!",
    "Ok, thanks.",
    "Vielen Dank!",
    "Vielen lieben Dank, Bob!",
    "Danke, es funktioniert wieder.",
    "Super, danke!",
    "Danke schön und vielen Dank",
    "Merci beaucoup !",
    "Merci, ça marche.",
    "Merci, c’est parfait.",
    "Muchas gracias",
    "¡Gracias! Ya funciona.",
    "Grazie mille",
    "Muito obrigada!",
    "Bedankt, het werkt weer.",
    "Tack så mycket!",
    "Tusen takk",
    "Mange tak",
    "Kiitos",
    "Dziękuję bardzo",
    "Děkuji.",
    "Köszönöm szépen!",
    "Mulțumesc",
    "Teşekkür ederim.",
    "Спасибо большое!",
    "Спасибо, всё работает",
    "Дякую!",
    "Ευχαριστώ πολύ!",
    "תודה רבה",
    "شكرا جزيلا",
    "Cảm ơn bạn",
    "ขอบคุณครับ",
    "谢谢！",
    "謝謝。",
    "ありがとうございました。",
    "감사합니다!",
]


@pytest.mark.parametrize("text", ONLY_THANKS)
def test_short_thanks_in_many_languages_are_thanks(text: str) -> None:
    assert is_thanks(text, NAMES)


MORE = [
    "",
    " \n",
    "👍",
    "Works.",
    "Hello Bob",
    "Ann",
    "Thank you?",
    "Thanks, works?",
    "谢谢？",
    "شكرا؟",
    "Ευχαριστώ;",
    "Thank you, but it is broken again.",
    "Thank you, it does not work.",
    "No, thank you.",
    "Thanks for nothing!",
    "Thanks in advance",
    "Vielen Dank im Voraus!",
    "Danke im Voraus",
    "Merci d'avance",
    "Gracias de antemano",
    "Grazie in anticipo",
    "Alvast bedankt",
    "Tack på förhand",
    "Заранее спасибо",
    "Thank you. One more thing: the other printer.",
    "Again. Thanks.",
    "Thanks, please close it.",
    "Thank you, call me at 5",
    "Thanks 👎",
    "Thanks 😡",
    "Danke, geht nicht",
    "Danke, leider nein",
    "Danke. Noch eine Frage",
    "Merci, mais non",
    "Dziękuję, nie działa",
    "Спасибо, не работает",
    "Thank you https://files.example/x",
    "Thanks, see ann@customer.example",
    "Thanks #reopen",
    "よろしくお願いします。",
    "Bitte",
    "Subject: URGENT\n\nThank you",
    "Thank you Carol",
    "> Thank you",
    "Thanks " * 20,
    "Thanks" + " " * 1000,
]


@pytest.mark.parametrize("text", MORE)
def test_what_is_more_than_thanks_or_not_thanks_at_all_is_none(text: str) -> None:
    assert not is_thanks(text, NAMES)


def _phrases(table: str) -> list[str]:
    return table.replace("\n", "").split("|")


@pytest.mark.parametrize("text", _phrases(THANKS))
def test_every_line_of_the_table_is_known_in_any_case(text: str) -> None:
    assert is_thanks(f"{text.capitalize()}!")
    assert is_thanks(text.upper()) or text.upper().casefold() != text


@pytest.mark.parametrize("text", [*_phrases(ADDED), *_phrases(GREETINGS)])
def test_what_may_stand_beside_thanks_is_none_alone(text: str) -> None:
    assert not is_thanks(text)
    assert is_thanks(f"{text}, danke")
