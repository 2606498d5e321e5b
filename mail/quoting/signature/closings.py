"""Closing formulas, with the name and the card below them: `Kind regards`, `Thanks,` and a name, in many languages."""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import re
from collections.abc import Sequence

from mail.mime.text import lowered

SHORT = 80
CLOSING_LINES = 16
MOST_WORDS = 5
_PARAGRAPHS = 4

# A closing of this kind closes by itself.
_SIGN_OFF = (
    "(?:with )?(?:(?:my )?(?:best|kind|kindest|warm|warmest) )?(?:regards|wishes)|"
    "(?:mit )?(?:freundliche[nm]?|beste[nm]?|herzliche[nm]?|viele[nm]?|liebe[nm]?|schöne[nm]?|"
    "sonnige[nm]?) (?:grüße[n]?|"
    "gruß|gruss|grüsse[n]?)|mfg|hochachtungsvoll|(?:bien )?cordialement|(?:bien|très) cordialement|bien à vous|"
    "(?:sincères |meilleures )?salutations(?: distinguées)?|"
    "(?:met )?(?:vriendelijke|hartelijke|beste) groet(?:en|jes)?|"
    "(?:un )?(?:cordial saludo|saludos(?: cordiales)?|saludo cordial)|atentamente|atenciosamente|"
    "(?:com os )?(?:melhores )?cumprimentos|(?:cordiali|distinti) saluti|med (?:vänlig|vennlig|venlig) hilsen|"
    "(?:de bedste|bedste|beste|mange) hilsn?(?:er|ener|en)|"
    "med vänliga? hälsning(?:ar)?|vänliga hälsningar|(?:mvh|vh)|ystävällisin terveisin|"
    "z poważaniem|(?:serdecznie )?pozdrawiam|s pozdravem|s pozdravom|с уважением|с наилучшими пожеланиями|з повагою|"
    "üdvözlettel|tisztelettel|cu stimă|cu respect|saygılarımla|με εκτίμηση|s poštovanjem|srdačan pozdrav|lijep pozdrav|"
    "lep pozdrav|с уважение|с поштовањем|pagarbiai|ar cieņu|lugupidamisega|בברכה|مع التحية|مع أطيب التحيات|"
    "trân trọng|hormat saya|salam hormat|ขอแสดงความนับถือ|敬具|此致|祝好"
)
# These close where a name stands below them; alone they are what the sender says.
_BRIEF = (
    "(?:all the |all my )?best|cheers|sincerely(?: yours)?|yours(?: sincerely| faithfully| truly)?|faithfully|"
    "respectfully|take care|warmly|rgds|brgds|kr|br|regards|lg|vg|bg|gr[uü](?:ß|ss)e?|ciao|servus|tschüss|cdlt|cdt|bàv|"
    "amicalement|bonne journée|un (?:saludo|abrazo)|abrazos?|(?:un )?salut[oi]|cordialmente|a presto|abraços?|att|"
    "groet(?:en|jes)?|mvg|hälsningar|hej då|hilsen|kh|(?:parhain )?terveisin|terv|pozdr|zdravím|üdv|o zi bună|"
    "iyi çalişmalar|selamlar|всего доброго|поздрави|поздрав|pozdrav|lp|χαιρετισμούς|φιλικά|تحياتي|parimat|salam"
)
# These too, but only with a comma: `Thanks` and a name below may as well thank that person.
_THANKS = (
    "(?:many |best )?thanks(?: again| in advance| so much| a lot)?|thank you(?: very much| so much| in advance|"
    " again)?|"
    "thx|tia|(?:vielen |besten |herzlichen |lieben )?dank(?: im voraus| vorab)?|danke(?:schön| schön| sehr)?|"
    "(?:vielen |besten )?danke? (?:und|&) (?:gruß|grüße|viele grüße|liebe grüße|beste grüße)|"
    "merci(?: beaucoup| d'avance| d’avance| bien)?|(?:muchas |mil )?gracias(?: de antemano| por todo)?|"
    "grazie(?: mille| in anticipo)?|(?:muito |desde já )?obrigad[oa](?: desde já)?|(?:alvast )?bedankt|"
    "dank(?: je wel| u wel)|(?:stort )?tack(?: så mycket| på förhand)?|(?:mange |tusen )?takk?(?: på forhånd|"
    " for hjelpen)?|"
    "kiitos(?: etukäteen| paljon)?|dzięki|(?:z góry )?dziękuję|děkuji|díky|děkuju|ďakujem|vďaka|(?:előre is )?köszönöm|"
    "köszi|mulțumesc|multumesc|teşekkürler|teşekkür ederim|(?:заранее )?спасибо|дякую|благодаря|хвала|hvala|ευχαριστώ|"
    "תודה|شكرا|aitäh|tänan|paldies|ačiū|terima kasih|cảm ơn|ขอบคุณ|谢谢|謝謝|よろしくお願いします|"
    "よろしくお願いいたします|ありがとうございます|감사합니다|고맙습니다"
)
CLOSES = re.compile(rf"[\s*_]*(?:{lowered(_SIGN_OFF)})")
BRIEF = re.compile(rf"[\s*_]*(?:(?:{_BRIEF})[\s*_]*[,.!，。！]?|(?:{_THANKS})[\s*_]*[,，、。])[\s*_]*")
_CLOSING = re.compile(
    rf"[\s*_]*(?:{_SIGN_OFF})[\s*_]*[,.!，]?(?:[\s*_]+(?P<name>[^\s,.!?*_][^,.!?*_]{{0,40}}))?[\s*_]*", re.IGNORECASE
)
_NAME = re.compile(r"[\s*_]*[^\W\d_][\w.'\u2019-]*(?: [(]?[^\W\d_][\w.'\u2019)-]*){0,4}[\s*_]*,?")
CAPITALS = 3
_NOTE = re.compile(
    r"[\s*_]*(?:p\.? ?s\.?|p\.? ?p\.? ?s\.?|n\.? ?b\.?|edit|nachtrag|з\.? ?ы\.?|追伸)\s*[:.,\u2013-]", re.IGNORECASE
)
# Words of a request or a sentence, which no card holds.
_SAYS = re.compile(
    r"\b(?:I|i|we|you|he|she|they|please|pls|is|are|was|can|could|will|call me|ich|wir|sie|Sie|bitte|ist|sind|je|nous|"
    r"vous|est|merci de|yo|por favor|per favore|está|è|não|ik|wij|u|jij|graag|jag|vi|du|är|jeg|er|proszę|jest|prosím|"
    r"пожалуйста|я|мы|вы)\b"
)
_CONTACT = re.compile(
    r"\b(?:tel|telefon|phone|mobil|mobile|cell|fax|telefax|t|m|f|e|email|e-mail|web|www|kvk|btw|iban|vat|"
    r"ust)\b\s*[.:+]|"
    r"https?://|\bwww\.|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w|\+\d[\d ()/.-]{6,}|\(?0\d{1,4}[)/ -][\d /.-]{5,}|"
    r"\b(?:kvk|btw|iban|web|bel)\b",
    re.IGNORECASE,
)
COMPANY = re.compile(
    r"\b(?:gmbh|ag|kg|ohg|ug|e\.?v|se|ltd|llc|llp|inc|corp|plc|co|limited|company|group|s\.?a|s\.?a\.?s|s\.?r\.?l|"
    r"sarl|b\.?v|"
    r"n\.?v|oy|ab|as|a/s|aps|sp\. ?z ?o\.? ?o|kft|s\.?r\.?o|ооо|department|dept|team|division|university|institute)\b",
    re.IGNORECASE,
)


def closing_start(lines: Sequence[str], end: int) -> int | None:
    """Return the line of a closing formula with nothing but a name and a card from there to `end`, or None."""
    for at in range(end - 1, max(0, end - CLOSING_LINES), -1):
        line = lines[at]
        if len(line) > SHORT:
            return None
        if line and not line.isspace():
            if _begins(lines, at, end):
                return at if _is_card(lines[at + 1 : end]) else None
            if not is_card_line(line):
                return None
    return None


def is_closing(line: str, *, alone: bool) -> bool:
    """Whether the line is a closing formula; `alone`, without lines below, it may contain the name."""
    match = _CLOSING.fullmatch(line) if CLOSES.match(lowered(line)) else None
    name = match["name"] if match else None
    return match is not None and (not name or (alone and name[0].isupper() and len(name.split()) <= 3))


def is_card_line(line: str) -> bool:
    """Whether the line may stand on a business card: it is short and no sentence."""
    text, words = line.strip(), line.split()
    if len(words) > 9 or len(text) > SHORT or text.endswith(("?", ":", ";")) or text.startswith(">"):
        return False
    ends = text.endswith((".", "!")) and len(words) > 4 and not COMPANY.search(text)
    if ends or (len(words) > 2 and _SAYS.search(text[:1].lower() + text[1:])):
        return False
    return _NOTE.match(text) is None


def has_contact(line: str) -> bool:
    """Whether the line holds a number, an address or a web page."""
    return _CONTACT.search(line) is not None


def is_name(line: str) -> bool:
    """Whether the line may be a person's name: one to three words in capitals, or a lone word; no digits."""
    words = line.strip(" \t*_,").split()
    if not words or not _NAME.fullmatch(line):
        return False
    capitals = sum(not word[0].islower() for word in words)
    return len(words) == 1 or (not words[0][0].islower() and len(words) - 2 <= capitals <= CAPITALS)


def is_made_of_cards(lines: Sequence[str]) -> bool:
    """Whether a paragraph is of a card: names, titles, companies, contacts."""
    return all(map(is_card_line, lines)) and (
        any(has_contact(line) or COMPANY.search(line) for line in lines) or all(map(_is_titled, lines))
    )


def _begins(lines: Sequence[str], at: int, end: int) -> bool:
    """Whether a closing begins here: its paragraph, or right below the text where a comma and a name follow."""
    line, below = lines[at], lines[at + 1] if at + 1 < end else ""
    apart = not lines[at - 1].strip()
    if not apart and not line.rstrip(" *_").endswith(","):
        return False
    if is_closing(line, alone=at + 1 == end):
        return apart or is_name(below)
    if len(line.split()) > MOST_WORDS or not BRIEF.fullmatch(lowered(line)):
        return False
    if not below.strip():
        below = lines[at + 2] if at + 2 < end else ""
    return is_name(below)


def _is_card(lines: Sequence[str]) -> bool:
    """Whether the lines below a closing are a name and cards: after the first paragraph each must look like one."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    filled = [one for one in paragraphs if one]
    if len(filled) > _PARAGRAPHS or not all(map(is_card_line, filled[0] if filled else ())):
        return False
    return all(map(is_made_of_cards, filled[1:]))


def _is_titled(line: str) -> bool:
    """Whether most words begin with a capital letter or a digit, as on cards."""
    words = [word for word in line.strip().split() if word[0].isalnum()]
    return bool(words) and 2 * sum(not word[0].islower() for word in words) > len(words)
