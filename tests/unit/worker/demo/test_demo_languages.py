"""The demo's day in German: nobody writes or reads an English word in it, and nothing but the words differs."""

import pytest

from mail.inbound.parse import parse
from seed.example_words import LANGUAGES, WORDS, example_words
from seed.story.day import DAY, DayMail
from seed.story.letters import BLANK, MAILS, file_of
from seed.tickets import OUTLINES
from tests.support.values.english_words import english_words
from tests.support.values.words import sentences_of

OTHERS = {"rechnung", "rechnung-row", "imprimante", "nouki", "reembolso", "reembolso-answer"}
OWN = [letter for letter in DAY if not letter.again and letter.word not in OTHERS]
# English sentences without a word that only English has.
ALIKE = {
    "admins.quarantine_title",
    "base.also",
    "formats.two_sentences",
    "base.ticket",
    "formats.bytes",
    "commands.help",
    "formats.plain",
    "formats.short_hours",
    "formats.short_minutes",
    "lists.place_number",
    "lists.mail_in_quarantine",
    "base.file",
}
NO_WORDS = {"formats.time", "formats.day", "formats.date", "formats.short_day", "formats.local_time"}
ENGLISH_SENTENCES = {key: forms for key, forms in sentences_of("en").items() if key not in ALIKE | NO_WORDS}


def test_the_day_is_there_in_each_language() -> None:
    assert {path.name for path in MAILS.iterdir()} == {path.stem for path in WORDS.iterdir()} == set(LANGUAGES)
    assert {path.stem for path in (MAILS / "de").iterdir()} == {letter.word for letter in OWN}


@pytest.mark.parametrize("letter", OWN, ids=lambda letter: letter.word)
def test_a_letter_differs_in_its_words_alone(letter: DayMail) -> None:
    english, german = (parse(file_of(letter.word, language).read_bytes()) for language in ("en", "de"))

    assert (english.senders, english.to, english.message_id) == (german.senders, german.to, german.message_id)
    assert [one.content_type for one in english.attachments] == [one.content_type for one in german.attachments]
    assert english.kind == german.kind


@pytest.mark.parametrize("letter", OWN, ids=lambda letter: letter.word)
def test_nobody_in_the_german_day_writes_english(letter: DayMail) -> None:
    mail = parse(BLANK.sub(b"", file_of(letter.word, "de").read_bytes()))

    assert english_words(f"{mail.subject}\n{mail.reply}\n{mail.removed}") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_example_ticket_has_its_words(language: str) -> None:
    words = example_words(language)

    assert list(words.tickets) == [outline.word for outline in OUTLINES]
    said = " ".join(" ".join((one.title, one.text, *one.comments)) for one in words.tickets.values())
    assert (english_words(said) == []) is (language == "de")


@pytest.mark.parametrize("key", ENGLISH_SENTENCES)
def test_each_english_sentence_would_be_seen_among_german_ones(key: str) -> None:
    assert english_words(" ".join(ENGLISH_SENTENCES[key]))


def test_no_german_sentence_holds_an_english_word() -> None:
    german = {key: english_words(" ".join(forms)) for key, forms in sentences_of("de").items() if key not in NO_WORDS}

    assert {key: words for key, words in german.items() if words} == {}
