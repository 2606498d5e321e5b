"""Forwards as five programs write them, each in the languages of its users; the mail and its cover are our own."""

# The letters of other alphabets are meant.
# ruff: noqa: RUF001

import pytest

from mail.quoting.forward import read_forward
from mail.quoting.labels import is_forward_subject
from mail.quoting.reply import visible_reply

TEXT = "The printer burns.\n\nPlease come."
COVER = "Can you help him?"
NAME, EMAIL = "Bob Fire", "bob@far.example"

# By language: the labels of Outlook, and the marks of Gmail, Apple Mail, Thunderbird and Yahoo; the subject's prefix.
LANGUAGES: dict[str, tuple[tuple[str, str, str, str], tuple[str, str, str, str], str]] = {
    "English": (
        ("From", "Sent", "To", "Subject"),
        ("Forwarded message", "Begin forwarded message:", "Forwarded Message", "Forwarded message"),
        "Fwd",
    ),
    "German": (
        ("Von", "Gesendet", "An", "Betreff"),
        ("Forwarded message", "Anfang der weitergeleiteten Nachricht:", "Weitergeleitete Nachricht",
         "Weitergeleitete Nachricht"),
        "WG",
    ),
    "French": (
        ("De", "Envoyé", "À", "Objet"),
        ("Forwarded message", "Début du message transféré :", "Message transféré", "Message transmis"),
        "TR",
    ),
    "Spanish": (
        ("De", "Enviado", "Para", "Asunto"),
        ("Forwarded message", "Inicio del mensaje reenviado:", "Mensaje reenviado", "Mensaje reenviado"),
        "RV",
    ),
    "Italian": (
        ("Da", "Inviato", "A", "Oggetto"),
        ("Forwarded message", "Inizio messaggio inoltrato:", "Messaggio Inoltrato", "Messaggio inoltrato"),
        "I",
    ),
    "Portuguese": (
        ("De", "Enviado", "Para", "Assunto"),
        ("Forwarded message", "Início da mensagem encaminhada:", "Mensagem encaminhada", "Mensagem encaminhada"),
        "ENC",
    ),
    "Dutch": (
        ("Van", "Verzonden", "Aan", "Onderwerp"),
        ("Forwarded message", "Begin doorgestuurd bericht:", "Doorgestuurd bericht", "Doorgestuurd bericht"),
        "Doorst",
    ),
    "Polish": (
        ("Od", "Wysłane", "Do", "Temat"),
        ("Forwarded message", "Początek przekazywanej wiadomości:", "Treść przekazanej wiadomości",
         "Przekazana wiadomość"),
        "PD",
    ),
    "Russian": (
        ("От", "Отправлено", "Кому", "Тема"),
        ("Forwarded message", "Начало переадресованного сообщения:", "Пересылаемое сообщение",
         "Пересылаемое сообщение"),
        "Пересл",
    ),
    "Japanese": (
        ("差出人", "送信日時", "宛先", "件名"),
        ("Forwarded message", "転送されたメッセージ:", "転送メッセージ", "転送メッセージ"),
        "転送",
    ),
}  # fmt: skip
PROGRAMS = ("Outlook", "Outlook with a rule", "Gmail", "Apple Mail", "Thunderbird", "Yahoo")


def written(program: str, language: str) -> str:
    """The body of a forward: the cover, the mark, the block of labels, and the mail."""
    labels, (gmail, apple, thunderbird, yahoo), _ = LANGUAGES[language]
    rows = [f"{NAME} <{EMAIL}>", "2 November 2026 11:00", "ann@desk.example", "It burns"]
    mark, quote = {
        "Outlook": ("", ""),
        "Outlook with a rule": ("________________________________", ""),
        "Gmail": (f"---------- {gmail} ---------", ""),
        "Apple Mail": (f"{apple}\n", "> "),
        "Thunderbird": (f"-------- {thunderbird} --------", ""),
        "Yahoo": (f"----- {yahoo} -----", ""),
    }[program]
    block = [f"{label}: {row}" for label, row in zip(labels, rows, strict=True)]
    passed = "\n".join(f"{quote}{line}".rstrip() for line in [*block, "", *TEXT.split("\n")])
    return f"{COVER}\n\n{mark}\n{passed}\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_forward_gives_its_sender_its_subject_and_its_text(program: str, language: str) -> None:
    found = read_forward(written(program, language), f"{LANGUAGES[language][2]}: It burns")

    assert found is not None
    assert (found.from_name, found.from_email, found.subject) == (NAME, EMAIL, "It burns")
    assert (found.text, found.message) == (TEXT, COVER)


@pytest.mark.parametrize(
    "prefix",
    ["Re", "AW", "Aw", "SV", "Antw", "Odp", "YNT", "RIF", "R", "RES", "Vá", "На", "Απ", "回复", "答复", "回覆", "返信",
     "답장", "RE[2]", "Re^2", "Re(3)", "Ynt", "ATB", "Trả lời", "[desk] Re", "Re "],
)  # fmt: skip
def test_an_answer_by_outlook_is_no_forward_in_any_language(prefix: str) -> None:
    assert read_forward(written("Outlook", "English"), f"{prefix}: It burns") is None
    assert not is_forward_subject(f"{prefix}: It burns")


@pytest.mark.parametrize(
    "prefix", [one[2] for one in LANGUAGES.values()] + ["FW", "VB", "VL", "Fs", "转发", "轉寄", "전달"]
)
def test_a_subject_says_that_a_mail_is_passed_on(prefix: str) -> None:
    assert is_forward_subject(f"{prefix}: It burns")
    assert not is_forward_subject(f"Re: {prefix}: It burns")
    assert not is_forward_subject(f"It burns, {prefix}: it does")


@pytest.mark.parametrize("subject", ["Fwd: It burns", "WG: Es brennt", ""])
@pytest.mark.parametrize(
    "text",
    [
        "It burns. Please come.",
        "From: here on it burns.\nTo: all of you, please come.",
        "It burns.\n\nRegards,\nAnn",
        "It burns.\n\n> Does it?\n\nYes.",
    ],
)
def test_a_customer_who_writes_forward_and_passes_nothing_on_passes_nothing_on(text: str, subject: str) -> None:
    assert read_forward(text, subject) is None


def test_words_before_a_colon_within_a_subject_stay() -> None:
    text = written("Gmail", "English").replace("Subject: It burns\n", "")

    found = read_forward(text, "Our contr: it burns")

    assert found is not None
    assert found.subject == "Our contr: it burns"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", ["Gmail", "Apple Mail", "Thunderbird", "Yahoo"])
def test_a_forward_whose_subject_does_not_say_so_stays_whole_and_unsure(program: str, language: str) -> None:
    found = visible_reply(written(program, language), "It burns")

    assert ("Please come." in found.reply, found.confidence <= 0.5) == (True, True)
