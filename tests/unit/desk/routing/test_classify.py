"""Classification by words, as tables."""

import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.routing import keywords
from desk.routing.classify import DEFAULT, TEXT_LIMIT, Keywords, WordList, classify, tokens_of
from desk.ticket import Category, Priority

CATEGORIES = [
    ("My invoice is wrong", "", Category.BILLING),
    ("Frage", "Die Rechnung vom Mai fehlt mir noch.", Category.BILLING),
    ("Bonjour", "Je n'ai pas reçu l'avoir pour ma facture.", Category.BILLING),
    ("Hola", "Quiero un reembolso, por favor.", Category.BILLING),
    ("Ciao", "Manca la fattura di maggio.", Category.BILLING),
    ("Vraag", "De factuur klopt niet.", Category.BILLING),
    ("Olá", "A minha fatura está errada.", Category.BILLING),
    ("Help", "The app doesn't work since the update", Category.TECHNICAL_ISSUE),
    ("Hilfe", "Die App STÜRZT AB", Category.TECHNICAL_ISSUE),
    ("Aide", "L'application ne marche pas", Category.TECHNICAL_ISSUE),
    ("Ayuda", "La aplicación no funciona", Category.TECHNICAL_ISSUE),
    ("Aiuto", "Il programma non funziona", Category.TECHNICAL_ISSUE),
    ("Hulp", "De app werkt niet meer", Category.TECHNICAL_ISSUE),
    ("Ajuda", "O aplicativo não funciona", Category.TECHNICAL_ISSUE),
    ("Dark mode", "It would be great if it had one", Category.FEATURE_REQUEST),
    ("Idee", "Es wäre schön, wenn es dunkler ginge", Category.FEATURE_REQUEST),
    ("Hello", "Where are you located?", Category.GENERAL_INQUIRY),
    ("", "", Category.GENERAL_INQUIRY),
    ("Hello", "I voiced terrors to the debugger", Category.GENERAL_INQUIRY),
    ("Hello", "What is the price", Category.GENERAL_INQUIRY),
    ("Price?", "", Category.BILLING),
    ("Hello", "What is the price, and can I pay by card?", Category.BILLING),
]

PRIORITIES = [
    ("URGENT", "", Priority.HIGH),
    ("Hello", "Please answer as soon as possible", Priority.HIGH),
    ("Hallo", "Es ist dringend!", Priority.HIGH),
    ("Bonjour", "Il faut agir au plus vite", Priority.HIGH),
    ("Hola", "Es urgente", Priority.HIGH),
    ("Ciao", "Rispondete al più presto", Priority.HIGH),
    ("Hallo", "Dit heeft spoed", Priority.HIGH),
    ("Olá", "Respondam imediatamente", Priority.HIGH),
    ("Hello", "It is not urgent", Priority.LOW),
    ("Hello", "This isn't really urgent", Priority.LOW),
    ("Hello", "No hurry with this one", Priority.LOW),
    ("Hallo", "Es ist nicht so dringend", Priority.LOW),
    ("Bonjour", "Ce n'est pas urgent", Priority.LOW),
    ("Hola", "No es urgente", Priority.LOW),
    ("Ciao", "Non è urgente", Priority.LOW),
    ("Hallo", "Het is niet dringend", Priority.LOW),
    ("Olá", "Não é urgente", Priority.LOW),
    ("Hello", "It does not. Urgent!", Priority.HIGH),
    ("Hello", "It is important", Priority.MEDIUM),
    ("Urgent", "Well, no hurry", Priority.HIGH),
    ("Hello", "Urgent for me, but no hurry", Priority.MEDIUM),
    ("Hello", "insurgents", Priority.MEDIUM),
    ("", "", Priority.MEDIUM),
]


@pytest.mark.parametrize(("title", "text", "expected"), CATEGORIES)
def test_words_decide_the_category(title: str, text: str, expected: Category) -> None:
    found = classify(title, text)

    assert found.category is expected, found.category_reason


@pytest.mark.parametrize(("title", "text", "expected"), PRIORITIES)
def test_words_decide_the_priority(title: str, text: str, expected: Priority) -> None:
    found = classify(title, text)

    assert found.priority is expected, found.priority_reason


def test_a_title_counts_more_than_the_text() -> None:
    found = classify("Bug", "The invoice shows it")

    assert found.category is Category.TECHNICAL_ISSUE


def test_a_repeated_word_counts_once() -> None:
    found = classify("", "price price price price")

    assert found.category is Category.GENERAL_INQUIRY


def test_the_reason_names_the_words_found() -> None:
    found = classify("Invoice", "I want a refund")

    assert found.category_reason == 'billing, because the mail says "invoice" in the title, "refund".'


def test_the_reason_for_the_default_says_that_nothing_was_found() -> None:
    found = classify("Hello", "there")

    assert found.priority_reason == "medium, because no listed word was found."


def test_a_negated_word_is_named_with_its_negation() -> None:
    found = classify("", "it is not very urgent")

    assert found.priority_reason == 'low, because the mail says "not urgent".'


def test_words_beyond_the_cap_do_not_count() -> None:
    found = classify("", "x " * (TEXT_LIMIT // 2) + "invoice")

    assert found.category is Category.GENERAL_INQUIRY


def test_own_words_replace_the_lists() -> None:
    words = Keywords((WordList(Category.FEATURE_REQUEST, 3, ("frobnicate",)),), ())

    found = classify("invoice", "please frobnicate", words)

    assert found.category is Category.FEATURE_REQUEST


@pytest.mark.parametrize(
    "unit", ["so ", "as soon as ", "no ", "'", "a.", "would be ", "\n", "é̀", "not so very "], ids=ascii
)
def test_hostile_text_takes_no_longer_than_plain_text(unit: str) -> None:
    start = time.perf_counter()

    classify(unit * 500_000, unit * 500_000)

    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("name", [name for name in vars(keywords) if name.endswith(("STRONG", "WEAK"))])
def test_no_list_holds_a_word_twice(name: str) -> None:
    words: tuple[str, ...] = getattr(keywords, name)

    twice = [word for word, count in Counter(words).items() if count > 1]

    assert not twice


@pytest.mark.parametrize("lists", [DEFAULT.categories, DEFAULT.priorities], ids=["categories", "priorities"])
def test_no_word_stands_under_two_labels(lists: tuple[WordList, ...]) -> None:
    labels: dict[str, set[Category | Priority]] = {}
    for words in lists:
        for word in words.phrases:
            labels.setdefault(word, set()).add(words.label)

    assert not [word for word, found in labels.items() if len(found) > 1]


@given(st.text(st.one_of(st.sampled_from(" .,;:!?\n\t\r_'-«»\u00a0\u2028İßé5²\uff11\ud800"), st.characters())))
def test_a_token_is_a_word_or_a_mark_in_whatever_letters(text: str) -> None:
    assert list(tokens_of(text)) == re.findall(r"[^\W_]+|[.,;:!?\n]", text.casefold())
