"""Of an answer to one customer nothing says who it was for, and its words stay."""

import random
import re
from time import process_time

import pytest

from desk.reports.earlier.redaction import Known, known_of, redact, redact_line

CUSTOMER = known_of(["Maria Okafor-Lindqvist"], ["maria.o@okafor-design.example"])
ADVICE = "Please open the settings of your account and choose the language there."
WORD = re.compile(r"[^\W\d_]{2,}")

# What may stand in an answer beside its advice, and what is left of it.
PARTS = {
    "Hello Maria,": "",
    "Dear Ms Okafor-Lindqvist:": "",
    "Hallo Frau Okafor,": "",
    "Hi!": "",
    "Good morning": "",
    "Sehr geehrte Damen und Herren,": "",
    "María, we have changed it.": "[name], we have changed it.",
    "We have sent it to Maria Okafor-Lindqvist.": "We have sent it to [name].",
    "OKAFOR's account is open.": "[name]'s account is open.",
    "Marias Konto ist offen.": "[name] Konto ist offen.",
    "Write to maria.o@okafor-design.example.": "Write to [address].",
    "Write to <other@elsewhere.example>, please.": "Write to [address], please.",
    "Write to kim (at) elsewhere.example": "Write to [address]",
    "Call +49 (0)30 1234-5678 at noon.": "Call [number] at noon.",
    "Call 0170/1234567.": "Call [number].",
    "The order A1234567 is on its way.": "The order [number] is on its way.",
    "The IBAN is DE02 1203 0000 0000 2020 51.": "The IBAN is DE[number].",
    "As in SD-1017 above.": "As in [number] above.",
    "See https://desk.example/help/reset?user=17#top first.": "See https://desk.example/help/reset first.",
    "See https://desk.example/r/ab12cd34ef56ab78cd90ef12.": "See https://desk.example/r/[…].",
    "See https://desk.example/orders/1234567/print now.": "See https://desk.example/orders/[…] now.",
    "The order AB-1234-XY is on its way.": "The order [number] is on its way.",
    "The key is K7F9-QQ2L-M3ZX.": "The key is [number].",
    "Your password is Tr0ub4dor&3, now.": "Your password is [number], now.",
    "The token is eyJhbGciOiJIUzI1NiIsInR5cCI6.": "The token is [number].",
    "See desk.example/reset/k7f9qq2lm3zx?for=maria now.": "See desk.example/reset/[…] now.",
    "See ftp://files.desk.example:2121/in/K7F9-QQ2L-M3ZX.": "See ftp://files.desk.example:2121/in/[…].",
    "See www.desk.example/help/e-mail and/or 1.2/3.4 and 10/100.": (
        "See www.desk.example/help/e-mail and/or 1.2/3.4 and 10/100."
    ),
    "Take the HP-4050n, the HL-L2350DW or the MG3650 with Windows10 (64-bit), v1.2.3-rc4.": (
        "Take the HP-4050n, the HL-L2350DW or the MG3650 with Windows10 (64-bit), v1.2.3-rc4."
    ),
    "Choose 3 of 12 in version 10.4.": "Choose 3 of 12 in version 10.4.",
    "> My name is Maria, and I need it.": "",
    "#close": "",
    "  \uff03assign bob": "",
    "Take socket #3 and then #4.": "Take socket #3 and then #4.",
    "I may ask you to wait, and that will help.": "I may ask you to wait, and that will help.",
}
CLOSINGS = (
    "",
    "Best wishes\nInes",
    "Kind regards,\nInes Laurent\nNorthwind Support\n+49 30 1234567",
    "-- \nInes Laurent\ninés@desk.example",
    "Ines",
    "Mit freundlichen Grüßen\n\nInes Laurent",
)


@pytest.mark.parametrize("closing", CLOSINGS)
@pytest.mark.parametrize(("part", "left"), PARTS.items())
def test_what_says_who_it_was_for_is_left_out_and_the_rest_stays(part: str, left: str, closing: str) -> None:
    answer = f"{part}\n\n{ADVICE}\n\n{closing}"

    shown = redact(answer, CUSTOMER, "Ines Laurent")

    assert shown == f"{left}\n\n{ADVICE}".strip()


def test_a_greeting_before_a_sentence_goes_and_the_sentence_stays() -> None:
    answer = "Hello Maria, thank you for the picture. Please send us the number of the device too."

    assert redact(answer, CUSTOMER, "") == "Thank you for the picture. Please send us the number of the device too."


@pytest.mark.parametrize(
    "answer", ["", "Hello Maria,\n\nBest wishes\nInes", "Done.", "> Only a quote of yours", "12345678"]
)
def test_of_an_answer_that_says_nothing_nothing_is_shown(answer: str) -> None:
    assert redact(answer, CUSTOMER, "Ines Laurent") == ""


def test_a_name_in_a_script_without_spaces_is_found_within_its_line() -> None:
    known = known_of(["山田 太郎"], [])

    assert (
        redact("設定を開いてください。山田様の言語を選べます。", known, "")
        == "設定を開いてください。[name]様の言語を選べます。"
    )


def test_the_words_of_common_addresses_are_no_names() -> None:
    known = known_of([], ["info@gmail.com", "support@acme.example"])

    assert known.words == {"acme"}


def test_a_title_is_shown_without_names_and_numbers() -> None:
    assert redact_line("Maria's  invoice 2026118701", CUSTOMER) == "[name]'s invoice [number]"


def test_no_word_of_a_name_and_no_address_is_ever_shown() -> None:
    rng, names = random.Random(18), ["Zoë Adébáyò", "Ó Briain, Liam", "Chloë van der Meer", "Müller-Łukasz Ёлкин"]
    for _ in range(400):
        name, domain = rng.choice(names), f"{rng.choice(('acme', 'globex', 'initech'))}{rng.randrange(10)}.example"
        address = f"{WORD.findall(name)[0].lower()}{rng.randrange(100)}@{domain}"
        pieces = [name, name.upper(), address, f"<{address}>", f"mailto:{address}", *WORD.findall(name)]
        words = ADVICE.split()
        for piece in rng.sample(pieces, 3):
            words.insert(rng.randrange(len(words)), piece + rng.choice(("", ",", ".", "'s", "!")))
        known = known_of([name], [address])

        shown = redact(" ".join(words), known, "")

        assert not _named(shown, known), (words, shown)
        assert "@" not in shown
        assert "settings" in shown


def _named(text: str, known: Known) -> set[str]:
    return {word for word in WORD.findall(text) if known_of([word], []).words & known.words}


@pytest.mark.parametrize("sign", ["a", "1", "a1", "a.", "A-1-", " ", "@", "1 ", "[name]", "http://a/", "hello "])
def test_long_answers_cost_no_more_than_their_length(sign: str) -> None:
    started = process_time()

    redact(sign * 50_000, CUSTOMER, "")
    redact_line(sign * 4_000, CUSTOMER)

    assert process_time() - started < 0.5
