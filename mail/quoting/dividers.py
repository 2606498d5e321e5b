"""Lines that a mail program or a desk puts between an answer and what it answers, in many languages."""

import re

from mail.mime.text import lowered
from mail.quoting.labels import LABELS

LONGEST = 400
LONGEST_LABEL = 40
LONGEST_DELIMITER = 160
SHORTEST_DELIMITER, LONGEST_REQUEST = 8, 100

_ORIGINAL = re.compile(
    r"[-_=\s*]*(?:original message|original appointment|original[- ]?nachricht|ursprüngliche (?:nachricht|e-?mail)|"
    r"antwort nachricht|message d['\u2019]origine|urspr(?:\.|üngliche) mail|message initial|"
    r"message original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|"
    r"(?:reply|replied) message|"
    r"ursprungligt meddelande|originalmeddelande|oprindelig (?:meddelelse|besked)|opprinnelig melding|"
    r"original ?(?:melding|meddelelse|besked)|alkuperäinen viesti|původní (?:zpráva|e-mail)|pôvodná správa|"
    r"mesaj(?:ul)? original|eredeti üzenet|orijinal (?:mesaj|ileti)|"
    r"oryginalna wiadomość|wiadomość oryginalna|исходное (?:сообщение|письмо)|"
    r"оригинальное (?:сообщение|письмо)|початкове повідомлення|оригінальне повідомлення|"
    r"原始邮件|原始郵件|原郵件|回复的原邮件|回覆的原郵件|元のメッセージ|"
    r"원본 ?메[시세]지|tin nhắn gốc|pesan asli|αρχικό μήνυμα|missatge original|הודעה מקורית|الرسالة الأصلية)[-_=\s*]*",
    re.IGNORECASE,
)
# `---- Ann wrote ----`, of programs on telephones.
_DASHED = re.compile(
    r"-{3,}[^-\s].{3,200}?\b(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)\s?:?\s?-{3,}|"
    r"-{3,}\s.{3,200}?\b(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)\s?:?\s?-{3,}",
    re.IGNORECASE,
)
# Other strokes that are drawn in place of hyphens.
_STROKES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2500\u2501=_"), "-")
_LONG_STROKES = ("\u2014\u2014", "\u2500\u2500", "\u2013\u2013", "===", "___")
# The first characters of lines that may be dividers without three hyphens.
STROKES = frozenset("O=_*\u2013\u2014\u2500")
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}\b")
# Tobit David's divider, which has no dashes.
PROCESSED = "Original Message processed by"

# What other desks write above their mails: `##- Please type your reply above this line -##`.
_ABOVE_THIS_LINE = (
    *("above this line", "below this line", "above the line", "oberhalb dieser", "über dieser", "über diese"),
    *("unterhalb dieser", "unter dieser", "dessus de cette ligne", "dessous de cette ligne", "encima de esta l"),
    *("arriba de esta l", "debajo de esta l", "sopra questa", "sopra di questa", "sotto questa", "acima desta"),
    *("abaixo desta", "acima dessa", "boven deze", "onder deze", "ovanför den här", "ovanför denna", "over denne"),
    *("over denne", "ovenfor denne", "tämän rivin yläpuol", "tämän viivan yläpuol", "powyżej tej", "nad tą lin"),
    *("nad tímto", "nad tento", "nad tuto", "e sor fölé", "a sor fölé", "e vonal fölé", "sor felett", "vonal felett"),
    *("deasupra acestei", "deasupra acestui", "bu satirin üst", "bu çizginin üst", "bu satirin üzer", "над этой"),
    *("выше этой", "выше данной", "над цим", "над цією", "вище цієї", "вище цього", "πάνω από αυτή", "πάνω από τη"),
    *("מעל שורה זו", "מעל לשורה זו", "מעל השורה הזו", "מעל לקו זה", "מעל קו זה", "فوق هذا السطر", "أعلى هذا السطر"),
    *(
        "فوق هذا الخط",
        "此行上方",
        "此行以上",
        "这条线以上",
        "此线上方",
        "此線上方",
        "這條線以上",
        "この行より上",
        "この線より上",
    ),
    *("この行の上", "この線の上", "이 줄 위", "이 선 위", "이 줄 위에", "이 라인 위"),
)
# The beginning of each language's words for "answer", "write" and "enter".
_ANSWER = (
    *("repl", "respon", "type", "write", "answer", "enter", "antwort", "schreib", "répon", "répond", "écri", "saisi"),
    *("contest", "escrib", "rispo", "scriv", "digit", "escrev", "antwoord", "typ ", "typ", "schrijf", "svar", "skriv"),
    *("geben sie", "ingres", "introdu", "inseri", "insir", "indique", "voer ", "ange ", "do not", "ne pas", "nicht "),
    *("vasta", "kirjoit", "odpow", "odpis", "napis", "wpis", "odpov", "napiš", "piš", "válasz", "írj", "írd", "răspun"),
    *(
        "scrie",
        "yanit",
        "cevap",
        "cevab",
        "yaz",
        "ответ",
        "отвеч",
        "напиш",
        "пиш",
        "введ",
        "відпов",
        "απαντ",
        "απάντ",
        "γράψ",
        "πληκτρολογ",
    ),
    *("השב", "תשוב", "כתוב", "כתב", "رد", "اكتب", "回复", "回覆", "答复", "输入", "輸入", "返信", "入力", "記入"),
    *("회신", "답장", "답변", "입력", "작성"),
)
# A line in a frame such as `##- ... -##` or `--- ... ---` is no sentence of a person.
_FRAMED = re.compile(
    r"[#=*~_+<>|\[\s\-\u2010-\u2015\u2500]{2,40}[^\n]{8,140}?[#=*~_+<>|\]\s\-\u2010-\u2015\u2500]{2,40}"
)
_POLITE = (
    *(
        "please ",
        "bitte ",
        "veuillez ",
        "merci de ",
        "por favor ",
        "por favor, ",
        "si prega di ",
        "per favore ",
        "gelieve te ",
        "gelieve ",
    ),
    *("vänligen ", "var god ", "vennligst ", "proszę ", "prosím ", "prosím, ", "kérjük, ", "kérjük ", "vă rugăm să "),
    *("lütfen ", "пожалуйста, ", "пожалуйста ", "будь ласка, ", "παρακαλώ ", "παρακαλούμε ", "נא ", "אנא ", "يرجى "),
    *("الرجاء ", "请", "請"),
)


def is_drawn_line(line: str) -> bool:
    """Whether the line holds nothing but strokes, at least four, of any kind."""
    drawn = line[:LONGEST].strip("> \t\r*").translate(_STROKES)
    return len(drawn) >= 4 and not drawn.strip("- ")


def may_divide(line: str) -> bool:
    """Whether the line may be a divider: a quick test."""
    if "---" in line:
        return True
    return line[:1] in STROKES and (PROCESSED in line or any(stroke in line for stroke in _LONG_STROKES))


def is_original_mark(line: str) -> bool:
    """Whether the line is a divider such as `-----Original Message-----`, or one with the first label behind it."""
    if not may_divide(line):
        return False
    divider = line.strip()[:LONGEST]
    if divider.startswith(PROCESSED):
        return True
    drawn = divider.translate(_STROKES)
    if "---" not in drawn or not drawn.strip("- "):
        return False
    return (_ORIGINAL.fullmatch(drawn) or _DASHED.fullmatch(drawn)) is not None or _has_label_behind(drawn)


def _has_label_behind(divider: str) -> bool:
    """Whether a label follows in the same line, as Samsung writes it: `--- Original message ---From: Ann`."""
    title, dashes, rest = divider.lstrip("-* ").partition("---")
    label, colon, value = rest[:LONGEST_LABEL].replace("\uff1a", ":").partition(":")
    if (
        not (dashes and title and colon and value.strip())
        or not divider.startswith("---")
        or len(title) > LONGEST_LABEL
    ):
        return False
    if _ORIGINAL.fullmatch(title):
        return " ".join(label.strip("-* ").split()).casefold() in LABELS
    # In an unknown language, the address and the time show what the line is.
    return "@" in rest and _CLOCK.search(rest) is not None


def may_ask(line: str) -> bool:
    """Whether the line may be another desk's delimiter: a quick test of its ends, which most lines fail."""
    if not line or len(line) > 2 * LONGEST_DELIMITER or line[0] == ">":
        return False
    first = line[0]
    if first.isalnum():
        return line[:4].lower() in _BEGINNINGS or (first > "\u0500" and not _BEGINNINGS.isdisjoint((first, line[:2])))
    text = line.strip()
    is_drawn = len(text) > SHORTEST_DELIMITER and (text[0] in "*[_" or not text[1].isalnum())
    return is_drawn and not text[0].isalnum() and not text[-1].isalnum()


def is_desk_delimiter(line: str) -> bool:
    """Whether the line is the one above the mails of another desk: `Please type your reply above this line`."""
    if not may_ask(line):
        return False
    text = lowered(line[: LONGEST_DELIMITER + 1].strip("> \t\xa0\u200b\u200e\u200f\ufeff"))
    if len(text) > LONGEST_DELIMITER or not any(words in text for words in _ABOVE_THIS_LINE):
        return False
    return any(stem in text for stem in _ANSWER) and (_FRAMED.fullmatch(text) is not None or _asks(text))


def _asks(text: str) -> bool:
    """Whether a line without a frame begins with the request to answer, as a sentence about the line would not."""
    asked = text.strip("*-#[]_ ")
    polite = next((words for words in _POLITE if asked.startswith(words)), "")
    rest = asked[len(polite) :].lstrip("在于於 ")
    return len(text) <= LONGEST_REQUEST and rest.startswith((*_ANSWER, *_ABOVE_THIS_LINE))


_BEGINNINGS = frozenset(words[:4] for words in (*_ANSWER, *_POLITE, *_ABOVE_THIS_LINE))
