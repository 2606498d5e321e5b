"""The lines of a reply give the line where its signature begins; one rule for each kind, tried in order."""

# Letters of other alphabets are intended here.
# ruff: noqa: RUF001

import re
from collections.abc import Callable, Sequence

from mail.mime.text import lowered

# Only so many lines at the end are looked at, and no line beyond so many characters.
EXAMINED_LINES = 60
LONGEST = 500
SIGNATURE_LINES = 20
BLOCK_LINES = 8
CARD_LINES = 14
SHORT = 80
LIST_RULE = 20
NOTICE = 80
DASHES = frozenset({"--", "__"})

FOOTER = re.compile(
    r"[\s>*_\u200e]*(?:sent (?:from|with|via|using) (?:my |(?P<program>[a-z0-9]))|get (?:outlook|bluemail) for |"
    r"(?:outlook|yahoo mail) (?:für|for|pour|para|per|voor|til|för) (?:ios|android|iphone)\b|"
    r"von mein(?:em|er) |"
    r"(?:diese nachricht wurde )?(?:gesendet|geschickt) (?:von|mit|über) |envoyé (?:de|depuis|à partir|avec) |"
    r"(?:téléchargez|obtenez|descarga|obtener|scarica|download) outlook |enviad[oa] (?:desde|do|de|com|a partir) |"
    r"inviato (?:da|dal|con) |verzonden (?:vanaf|met|via|van) |verstuurd (?:vanaf|met|via) |"
    r"wysłan[eo] (?:z|przy) |odesláno z|skickat från |skickades från |sendt fra |lähetetty |"
    r"отправлено (?:с|из) |отправлено из|trimis (?:de|din) |elküldve |εστάλη από |"
    r"(?:gönderen|.{1,40}(?:'dan|'den|mdan|mden) gönderildi)|(?:iphone|ipad|android).{0,10}(?:から送信|发送|傳送|送信)|"
    r"发自|發自|從我的|나의 iphone)"
)
_NAMED_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_LINK = re.compile(r"<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]")
_LIST = re.compile(r"mailing list|mailman|listinfo|unsubscribe|google groups|googlegroups", re.IGNORECASE)
_DASHED_NAME = re.compile(r"\s*(?:-|--|[\u2013\u2014]\s?)[^\W\d_a-z][\w.'\u2019]*(?: [^\W\d_a-z][\w.'\u2019]*){0,2}\s*")

_SIGN_OFF = (
    "(?:with )?(?:(?:my )?(?:best|kind|kindest|warm|warmest) )?(?:regards|wishes)|"
    "(?:mit )?(?:freundliche[nm]?|beste[nm]?|herzliche[nm]?|viele[nm]?|liebe[nm]?|schöne[nm]?) (?:grüße[n]?|gruß|gruss|"
    "grüsse[n]?)|mfg|hochachtungsvoll|(?:bien )?cordialement|(?:bien|très) cordialement|"
    "(?:met )?(?:vriendelijke|hartelijke|beste) groet(?:en|jes)?|"
    "(?:un )?(?:cordial saludo|saludos(?: cordiales)?|saludo cordial)|atentamente|atenciosamente|"
    "(?:com os )?(?:melhores )?cumprimentos|(?:cordiali|distinti) saluti|med (?:vänlig|vennlig|venlig) hilsen|"
    "med vänliga? hälsning(?:ar)?|vänliga hälsningar|(?:mvh|vh)|ystävällisin terveisin|"
    "z poważaniem|(?:serdecznie )?pozdrawiam|s pozdravem|с уважением|с наилучшими пожеланиями|"
    "üdvözlettel|cu stimă|saygılarımla|με εκτίμηση"
)
CLOSES = re.compile(rf"[\s*_]*(?:{lowered(_SIGN_OFF)})")
_CLOSING = re.compile(
    rf"[\s*_]*(?:{_SIGN_OFF})[\s*_]*[,.!]?(?:[\s*_]+(?P<name>[^\s,.!?*_][^,.!?*_]{{0,40}}))?[\s*_]*", re.IGNORECASE
)

_CONTACT = re.compile(
    r"\b(?:tel|telefon|phone|mobil|mobile|cell|fax|telefax|t|m|f|e|email|e-mail|web|www|kvk|btw|iban|vat|ust)\b\s*[.:+]|"
    r"https?://|\bwww\.|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w|\+\d[\d ()/.-]{6,}|\(?0\d{1,4}[)/ -][\d /.-]{5,}|"
    r"\b(?:kvk|btw|iban|web|bel)\b",
    re.IGNORECASE,
)
# A disclaimer holds a word of each list, in lower case: no expressions, as a paragraph of every mail is searched.
SECRET = (
    *("confidential", "privileged", "intended for", "intended solely for", "intended only for"),
    *("intended recipient", "intended solely recipient", "intended only recipient", "vertraulich", "confidentiel"),
    *("riservat", "confidencia", "vertrouwelijk", "poufn", "konfidenti", "fortrolig", "luottamuksell", "bizalmas"),
    *("конфиденциальн", "gizli", "機密", "保密", "consider the environment", "before printing"),
)
MAIL = (
    *("email", "e-mail", "message", "nachricht", "messaggio", "mensaje", "mensagem", "bericht", "wiadomo", "zpráv"),
    *("meddel", "viesti", "üzenet", "сообщени", "письм", "ileti", "メール", "邮件", "courriel", "correo"),
    "informazioni",
)


def signature_start(lines: Sequence[str]) -> int:
    """Return the line where the signature of a reply begins, at least 1; the number of lines where there is none.

    The text above it is never blank. Only the last lines are looked at, so the time does not grow with the text.
    """
    end = _filled_end(lines, len(lines))
    found = end
    while found:
        earlier = next((at for rule in RULES if (at := rule(lines, found)) is not None), None)
        earlier = _filled_end(lines, earlier) if earlier is not None else 0
        if not earlier:
            break
        found = earlier
    return found if found < end else len(lines)


def is_footer(line: str) -> bool:
    """Whether the line is a mail program's footer; a sentence of the sender has a comma, a `?` or more words."""
    text = line[:LONGEST]
    if "[" in text or "(" in text or "<" in text:
        text = _LINK.sub("", _NAMED_LINK.sub(r"\1", text))
    text = text.strip()
    if "," in text or text.endswith("?") or len(text.split()) > 9:
        return False
    match = FOOTER.match(lowered(text))
    # Names of programs begin with a capital letter; `Sent from home` is a sentence.
    return match is not None and not (match["program"] and text[match.start("program")].islower())


def _filled_end(lines: Sequence[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _last_indexes(lines: Sequence[str], end: int, most: int) -> range:
    """Return the indexes of the last `most` lines, without index 0."""
    return range(max(1, end - most), end)


def _paragraph_start(lines: Sequence[str], end: int) -> int:
    """Return the index where the last paragraph begins; `end` where it is longer than any signature."""
    at = end
    while at and end - at <= EXAMINED_LINES and lines[at - 1].strip():
        at -= 1
    return at if end - at <= EXAMINED_LINES else end


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _after_dashes(lines: Sequence[str], end: int) -> int | None:
    """From a line of two dashes on (RFC 3676, section 4.3)."""
    for at in _last_indexes(lines, end, SIGNATURE_LINES):
        if lines[at][:LONGEST].strip() in DASHES and not any(map(_is_quoted, lines[at:end])):
            return at
    return None


def _mobile_footer(lines: Sequence[str], end: int) -> int | None:
    """The last line, or the last two, that a telephone added."""
    return next((at for at in _last_indexes(lines, end, 2) if is_footer(lines[at])), None)


def _list_footer(lines: Sequence[str], end: int) -> int | None:
    """The footer of a mailing list: a drawn line, and a few lines that name the list."""
    for at in _last_indexes(lines, end, BLOCK_LINES):
        drawn = lines[at][:LONGEST].strip()
        is_rule = len(drawn) >= LIST_RULE and not drawn.strip("_-")
        if is_rule and any(_LIST.search(line[:LONGEST]) for line in lines[at:end]):
            return at
    return None


def _dashed_name(lines: Sequence[str], end: int) -> int | None:
    """A name after a dash in a paragraph of its own, unless dashed lines above make it a list."""
    at = end - 1
    if at < 1 or lines[at - 1].strip() or not _DASHED_NAME.fullmatch(lines[at][:LONGEST]):
        return None
    mark = lines[at].lstrip()[0]
    above = lines[max(0, at - 4) : at]
    return None if any(line.lstrip().startswith(mark) for line in above) else at


def _closing_formula(lines: Sequence[str], end: int) -> int | None:
    """`Kind regards` in a paragraph's first line, with only short lines below that are no sentences."""
    for at in _last_indexes(lines, end, BLOCK_LINES):
        if len(lines[at]) > SHORT or lines[at - 1].strip() or not _is_closing(lines[at], alone=at + 1 == end):
            continue
        if all(map(_is_card_line, lines[at + 1 : end])):
            return at
    return None


def _is_closing(line: str, *, alone: bool) -> bool:
    """Whether the line is a closing formula; `alone`, without lines below, it may contain the name."""
    match = _CLOSING.fullmatch(line) if CLOSES.match(lowered(line)) else None
    name = match["name"] if match else None
    return match is not None and (not name or (alone and name[0].isupper() and len(name.split()) <= 3))


def _is_card_line(line: str) -> bool:
    """Whether the line may stand on a business card: it is short and no sentence."""
    text = line.strip()
    return len(text) <= SHORT and not text.endswith(("?", ":", ";")) and not _is_quoted(line) and len(text.split()) <= 9


def _contact_card(lines: Sequence[str], end: int) -> int | None:
    """A paragraph of short lines below a name, at least three of them with a number, an address or a web page."""
    at = _paragraph_start(lines, end)
    block = lines[at:end]
    if not 3 <= len(block) <= CARD_LINES or at < 2 or not all(map(_is_card_line, block)):
        return None
    announced = lines[_filled_end(lines, at) - 1].rstrip().endswith((":", "\uff1a"))
    contacts = sum(_CONTACT.search(line[:LONGEST]) is not None for line in block)
    return at if contacts >= 3 and not announced and not _CONTACT.search(block[0][:LONGEST]) else None


def _disclaimer(lines: Sequence[str], end: int) -> int | None:
    """A last paragraph of at least 80 characters about who may read the mail."""
    at = _paragraph_start(lines, end)
    text = " ".join([line[:LONGEST] for line in lines[at:end]]) if at else ""
    if len(text) < NOTICE or _is_quoted(lines[at]):
        return None
    text = lowered(text)
    says = any(word in text for word in SECRET) and any(word in text for word in MAIL)
    return at if says else None


RULES: tuple[Callable[[Sequence[str], int], int | None], ...] = (
    _after_dashes,
    _mobile_footer,
    _list_footer,
    _dashed_name,
    _closing_formula,
    _contact_card,
    _disclaimer,
)
