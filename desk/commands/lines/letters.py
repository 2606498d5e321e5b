"""Whether words of staff beside an internal command are for the customer, or for colleagues: by how they begin."""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desk.commands.command import Order
from desk.commands.each.assign import COMMAND as ASSIGN
from desk.commands.each.assign import NOBODY, ONESELF

_MOST = 200
# How letters begin, in the languages of the parser; the longest that fits counts.
SALUTATIONS = tuple(
    """
hello|hello there|hi|hi there|hey|dear|good day|good morning|good afternoon|good evening|greetings|hallo|guten tag|
guten morgen|guten abend|moin|grüezi|servus|sehr geehrte|sehr geehrter|liebe|lieber|werte|werter|bonjour|bonsoir|salut|
cher|chère|chers|hola|buenos días|buenas tardes|buenas|estimado|estimada|estimados|querido|querida|ciao|salve|
buongiorno|buonasera|gentile|egregio|cara|caro|olá|oi|bom dia|boa tarde|prezado|prezada|caro|hoi|dag|goedendag|
goedemorgen|goedemiddag|beste|geachte|hej|hei|kära|bästa|kære|kjære|god dag|hyvä|päivää|tere|sveiki|laba diena|cześć|
dzień dobry|witam|szanowny|szanowna|szanowni|dobrý den|dobrý deň|vážený|vážená|milý|milá|pozdravljeni|poštovani|
poštovana|zdravo|dobar dan|szia|jó napot|tisztelt|kedves|bună ziua|bună|stimate|stimată|merhaba|sayın|здравствуйте|
добрый день|привет|уважаемый|уважаемая|доброго дня|вітаю|шановний|шановна|здравейте|уважаеми|поштовани|γεια σας|
γεια|καλημέρα|αγαπητέ|αγαπητή|שלום|مرحبا|السلام عليكم|عزيزي|عزيزتي|halo|selamat pagi|xin chào|kính gửi|สวัสดี|您好|
你好|尊敬的|こんにちは|お世話になっております|안녕하세요
""".replace("\n", "")
    .casefold()
    .split("|")
)
# Who may stand behind them besides the customer's name; nobody calls a colleague so.
FORMAL = frozenset(
    """
sir madam sirs customer client user mr mrs ms miss mx dr prof damen herren frau herr kunde kundin monsieur madame client
cliente señor señora sr sra signor signora sig senhor senhora heer mevrouw herra rouva pan pani państwo pane paní úr bey
hanım and or und et y e en och og i a и oder ou o of
""".casefold().split()
)
_WORD = re.compile(r"[^\W\d_]+")
_STOP = re.compile(r"[,!.:;，、！。\n]|\s[-–—]\s")


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may be spoken to: what the customer and what staff are called, and whether a colleague gets the ticket."""

    customer: frozenset[str]
    staff: frozenset[str]
    hands_over: bool


def name_words(names: Iterable[str]) -> frozenset[str]:
    """The words of names and of the local parts of addresses, in lower case."""
    return frozenset(word for name in names for word in _WORD.findall(name.partition("@")[0].casefold()))


def hands_over(orders: Sequence[Order]) -> bool:
    """True where a command gives the ticket to a colleague, to whom the words may be said."""
    return any(order.name == ASSIGN.name and order.argument.lower() not in {ONESELF, NOBODY} for order in orders)


def begins_like_a_letter(text: str, readers: Readers) -> bool:
    """True where a text begins as only a letter to the customer does; in doubt it does not.

    1. A salutation and nothing but the customer's name or a formal word: `Dear Ann,`, `Dear customer,`.
    2. The customer's name alone on its line.
    3. A salutation alone on its line, where no colleague gets the ticket.
    """
    first, _, rest = text.strip()[:_MOST].partition("\n")
    line = first.strip().casefold()
    salutation = max((one for one in SALUTATIONS if _begins(line, one)), key=len, default="")
    named = _STOP.split(line[len(salutation) :].strip(), maxsplit=1)
    words = _WORD.findall(named[0].replace(".", " "))
    alone = bool(rest.strip()) and not "".join(named[1:]).strip()
    if readers.staff.intersection(words):
        return False
    if not words:
        return bool(salutation) and alone and not readers.hands_over
    if not salutation:
        return alone and readers.customer.issuperset(words)
    return (readers.customer | FORMAL).issuperset(words)


def _begins(line: str, salutation: str) -> bool:
    behind = line[len(salutation) : len(salutation) + 1]
    # Some scripts put no space between words.
    return line.startswith(salutation) and (not behind.isalpha() or not salutation[-1:] < "\u0e00")
