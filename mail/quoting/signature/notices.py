"""Notices below a mail that no person wrote for it: who may read it, scanners' reports, a company's particulars.

A notice is known by its place, at the end, and by what it says: two things where a drawn line or a signature sets it
apart, three where nothing does. One that asks or speaks in the first person singular is the sender's.
"""

import re
from collections.abc import Callable, Sequence
from itertools import groupby

from mail.mime.text import WordTable, lowered

LONGEST = 500
NOTICE = 80
LINES = 60
SHORT = 30
# The lines of a scanner's report at most.
REPORT_LINES = 5
DRAWN = 5
MARKS = frozenset("*-_=#~+\u2022\u2014\u2013\u2500 ")
# These and all white space: a line with any other character at an end is text.
_EDGES = "".join((*MARKS, *filter(str.isspace, map(chr, range(0x3001)))))

# What a notice says, in lower case: no expressions, as a paragraph of every mail is searched.
SECRET = (
    *("confidential", "privileged", "vertraulich", "confidentiel", "riservat", "confidencia", "vertrouwelijk", "poufn"),
    *("konfidenti", "fortrolig", "luottamuksell", "bizalmas", "конфиденциальн", "конфіденційн", "gizli", "důvěrn"),
    *(
        "dôvern",
        "confidenția",
        "confidenziali",
        "поверителн",
        "povjerljiv",
        "εμπιστευτικ",
        "機密",
        "保密",
        "סודי",
        "سري",
    ),
)
ADDRESSEE = (
    *("intended for", "intended solely", "intended only", "intended recipient", "addressee", "person named above"),
    *("meant for the person", "solely for the use", "only for the use", "for the attention of", "named recipient"),
    *("empfänger", "adressat", "destinataire", "destinatari", "geadresseerde", "bestemd voor", "adresat", "mottagar"),
    *(
        "modtager",
        "mottaker",
        "vastaanottaja",
        "címzett",
        "адресат",
        "получател",
        "alici",
        "παραλήπτη",
        "収信",
        "收件人",
    ),
)
MISTAKE = (
    *("by mistake", "in error", "not the intended", "not the addressee", "irrtümlich", "versehentlich", "par erreur"),
    *("por error", "por engano", "per errore", "ten onrechte", "abusievelijk", "omyłkowo", "av misstag", "ved en fejl"),
    *("erroneamente", "по ошибке", "помилково", "virheellisesti", "tévedés", "din greșeală", "yanlişlikla", "omylem"),
)
ACTION = (
    *("delete", "destroy", "notify the sender", "inform the sender", "copying", "disclos", "distribut", "disseminat"),
    *("löschen", "vernichten", "supprimer", "détruire", "eliminar", "borrar", "cancellare", "distruggere", "apagar"),
    *("verwijder", "vernietig", "usun", "zniszcz", "radera", "slett", "poista", "удалить", "видалити", "silin", "smaž"),
)
MAIL = (
    *("email", "e-mail", "message", "nachricht", "messaggio", "mensaje", "mensagem", "bericht", "wiadomo", "zpráv"),
    *(
        "meddel",
        "viesti",
        "üzenet",
        "сообщени",
        "письм",
        "лист",
        "ileti",
        "メール",
        "邮件",
        "courriel",
        "correo",
        "správ",
    ),
    *("informazioni", "e-post", "mejl", "courrier"),
)
SCANNED = (
    *("virus", "malware", "scanned", "antivirus", "viren", "virenfrei", "geprüft von", "antivirusprogram", "вирус"),
    *("checked for", "virussen", "wirus", "virüs"),
)
PAPER = (
    *("consider the environment", "before printing", "think before you print", "bevor sie diese", "umwelt"),
    *("avant d'imprimer", "antes de imprimir", "prima di stampare", "afdrukken", "save paper", "drukiem"),
)
FIRM = (
    *("registered in england", "registered office", "company registration", "company number", "vat number", "vat no"),
    *("handelsregister", "amtsgericht", "geschäftsführ", "ust-id", "sitz der gesellschaft", "registergericht"),
    *("kvk", "siren", "siret", "partita iva", "nip:", "regon", "org.nr"),
)
TELLING = (SECRET, ADDRESSEE, MISTAKE, SCANNED, PAPER, FIRM)
# These are also words of people's own sentences: one of the others has to be there.
COMMON = (ACTION, MAIL)
_TELLING, _COMMON = [WordTable(*table) for table in TELLING], [WordTable(*table) for table in COMMON]
# How many signs are enough where a signature or a drawn line stands above, and where none does.
SIGNED, UNSIGNED = 2, 3
# In Italian, Polish and Catalan `i` is another word, and `EU` is none of Portuguese.
_FIRST_PERSON = re.compile(
    r"\bi (?:am|was|have|had|got|get|can|could|do|did|will|would|need|want|think|found|received|sent|don't|"
    r"don\u2019t|just|never|also|still|know|see|saw|should|may|must|tried|cannot|can't|can\u2019t|didn't|understand|hope|believe)\b|"
    r"\b(?:i'm|i'll|i've|i'd|i\u2019m|i\u2019ll|i\u2019ve|i\u2019d|me|my|"
    r"ich|mir|mich|mein\w{0,2}|j'|je|moi|mon|yo|mi|io|eu|meu|ik|mij|jag|jeg|я|мне|мой)\b"
)

_CAPITAL_I = re.compile(r"\bI\b(?![.:-]|\s?[A-Z]{2})")


def is_in_first_person(text: str) -> bool:
    """Whether a text speaks in the first person singular, in any letters."""
    return _CAPITAL_I.search(text) is not None or _FIRST_PERSON.search(lowered(text.replace("EU", ""))) is not None


def is_drawn(line: str, *, least: int = DRAWN) -> bool:
    """Whether the line is drawn: only signs such as `*`, `-`, `_`, `=` and blanks, at least `least` signs."""
    if line[:1] not in MARKS:
        return False
    if line[:LONGEST].strip(_EDGES):
        return False
    drawn = line[:LONGEST].replace(" ", "").strip()
    return len(drawn) >= least and set(drawn) <= MARKS


def signs_of(text: str) -> int:
    """Return how many different things of a notice a text says; 0 where it asks, or is in the first person singular."""
    if "?" in text or "\uff1f" in text:
        return 0
    low = lowered(text)
    # The tables are long: most paragraphs of persons speak of the person.
    if is_in_first_person(text):
        return 0
    said = sum(words.stand_in(low) for words in _TELLING)
    return said + sum(words.stand_in(low) for words in _COMMON) if said else 0


def notice_start(lines: Sequence[str], end: int, is_signed: Callable[[int], bool]) -> int | None:
    """Return the line where the notices at the end begin; None where there are none or nothing stands above them.

    `is_signed` tells whether a signature ends above a line, so that fewer signs are enough.
    """
    drawn = _between_rules(lines, end)
    if drawn is not None:
        return drawn
    start, said = end, 0
    while start:
        begin = _paragraph_start(lines, start)
        signs = _signs_between(lines, begin, start, is_last=start == end)
        if not signs:
            break
        start, said = _filled(lines, begin), said + signs
    if said < SIGNED or not start or sum(len(line) for line in lines[start:end]) < NOTICE:
        return None
    first = _next_filled(lines, start)
    is_apart = said >= UNSIGNED or is_signed(start) or _is_of_scanner(lines, first, end)
    return first if is_apart else None


def _is_of_scanner(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether a scanner's report stands below a drawn line, however short, with the scanner's page as its last line."""
    last = lines[end - 1].strip(" \t<>()[]").lower()
    is_page = last.startswith(("www.", "http")) and " " not in last
    is_scan = any(word in lowered(line[:LONGEST]) for line in lines[start:end] for word in SCANNED)
    return is_page and is_scan and end - start <= REPORT_LINES and is_drawn(lines[start], least=3)


def _signs_between(lines: Sequence[str], begin: int, end: int, *, is_last: bool) -> int:
    """Return the signs of one paragraph; a short one at the very end must tell of a scanner or say two things."""
    if not begin or lines[begin].lstrip().startswith(">"):
        return 0
    text = " ".join([line[:LONGEST] for line in lines[begin:end]])
    signs = signs_of(text) if len(text) >= SHORT else 0
    return signs if signs > 1 or not is_last or len(text) >= NOTICE or any(word in text for word in SCANNED) else 0


def _between_rules(lines: Sequence[str], end: int) -> int | None:
    """Return the drawn line below which nothing but notices stand, by at least two signs."""
    for at in range(max(1, end - LINES), end):
        if lines[at][:1] in MARKS and is_drawn(lines[at]):
            inside = " ".join([line[:LONGEST] for line in lines[at + 1 : end] if not is_drawn(line)])
            is_quoted = any(line.lstrip().startswith(">") for line in lines[at:end])
            if signs_of(inside) >= SIGNED and not is_quoted and _is_notices_alone(lines[at + 1 : end]):
                return at
    return None


def _is_notices_alone(lines: Sequence[str]) -> bool:
    """Whether no paragraph but the first, which may be a title, says nothing of a notice: it would be its author's."""
    grouped = groupby(lines, lambda line: bool(line.strip()) and not is_drawn(line))
    paragraphs = [" ".join(line[:LONGEST] for line in group) for is_filled, group in grouped if is_filled]
    is_title = bool(paragraphs) and len(paragraphs[0]) <= SHORT
    return all(signs_of(one) for one in paragraphs[is_title:])


def _filled(lines: Sequence[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _next_filled(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _paragraph_start(lines: Sequence[str], end: int) -> int:
    """Return the index where the last paragraph begins, 0 where it is longer than any notice."""
    at = end
    while at and end - at <= LINES and lines[at - 1].strip():
        at -= 1
    return at if end - at <= LINES else 0
