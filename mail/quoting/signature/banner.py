"""The warning that a mail gateway puts above a mail from outside: `CAUTION: This email came from outside …`."""

import re
from collections.abc import Sequence

from mail.mime.text import WordTable, lowered
from mail.quoting.attribution import attribution_length, is_quoted
from mail.quoting.signature.notices import MAIL, is_drawn, is_in_first_person

LONGEST = 700
LINES = 8
SHORT = 60
PARAGRAPHS = 3

_WARNS = re.compile(
    r"[\s*_\[|>#!\u26a0\ufe0f-]*(?:caution|warning|external|attention|notice|be careful|achtung|vorsicht|warnung|"
    r"hinweis|extern|"
    r"avertissement|prudence|attenzione|avviso|atención|cuidado|precaución|advertencia|atenção|aviso|let op|"
    r"waarschuwing|"
    r"uwaga|ostrzeżenie|varning|obs|advarsel|varoitus|huomio|upozornění|pozor|figyelem|atenție|dikkat|uyari|"
    r"внимание|осторожно|увага|обережно|προσοχή|זהירות|שים לב|تنبيه|تحذير|注意|警告|주의)"
)
OUTSIDE = (
    *(
        "outside",
        "external",
        "ausserhalb",
        "außerhalb",
        "extern",
        "extérieur",
        "esterno",
        "esterna",
        "externo",
        "externa",
    ),
    *("fuera de", "fora da", "buiten", "zewnętrz", "spoza", "utanför", "udefra", "utenfor", "uden for", "ulkopuol"),
    *("mimo ", "vnější", "külső", "kívülről", "dişinda", "внешн", "извне", "зовнішн", "εξωτερικ", "חיצוני", "خارج"),
    *("外部", "외부", "社外"),
)
ADVICE = (
    *("click", "links", "attachment", "recognize", "recognise", "know the sender", "verify", "anhänge", "anhang"),
    *("klicken", "absender", "cliquez", "liens", "pièces jointes", "expéditeur", "allegati", "clic", "enlaces"),
    *("adjuntos", "remitente", "anexos", "remetente", "bijlage", "afzender", "załącznik", "nadawc", "bifog", "vedhæft"),
    *("vedlegg", "avsender", "liitte", "příloh", "odesílatel", "melléklet", "bağlant", "ek dosya", "вложен", "ссылк"),
    *("вкладен", "συνημμ", "添付", "附件", "첨부"),
)
# Microsoft's words about somebody who writes for the first time.
SELDOM = (
    *("don't often get email from", "don\u2019t often get email from", "don't often get emails from"),
    *("erhalten nicht oft e-mails von", "erhalten nicht häufig e-mails von", "n'obtenez pas souvent d'e-mail"),
    *("no suele recibir correo", "no suele recibir correos", "non si ricevono spesso messaggi", "non ricevi spesso"),
    *("não costuma receber", "ontvangt niet vaak e-mail", "nie otrzymujesz często", "får inte ofta e-post"),
)
_QUICK = WordTable(*OUTSIDE, *SELDOM)
_EXTERNAL = re.compile(
    r"[\s|]*+[\[(<{*_=#-][\[(<{*_=#\s-]*+(?:ext|extern|external|externe|externo|esterno|outside)"
    r"(?:[ -]?(?:e-?mail|mail|sender|message))?\s*+[\])>}*_=#-][\])>}*_=#\s|:-]*+"
)
# The title of Proofpoint's banner.
_TITLED = re.compile(
    r"[\s*_|]*this (?:message|e-?mail) is from an? (?:new |known )?(?:external|untrusted|unknown|unverified) sender"
    r"[\s*_|]*"
)
_START, _END = "bannerstart", "bannerend"


def banner_end(lines: Sequence[str]) -> int:
    """Return how many lines at the top are a gateway's banner; 0 where there is none, or where no text would stay."""
    end = 0
    for _ in range(PARAGRAPHS):
        found = _paragraph_end(lines, end)
        if found == end:
            break
        end = found
    return end if end and any(line.strip() for line in lines[end:]) else 0


def _paragraph_end(lines: Sequence[str], start: int) -> int:
    """Return the line after a banner that begins at `start`, or `start`."""
    at = start
    while at < len(lines) and (not lines[at].strip() or is_drawn(lines[at].strip(" |:"), least=3)):
        at += 1
    if start and at < len(lines) and is_quoted(lines[at]) and not is_quoted(lines[start - 1]):
        return start
    marked = _marked_end(lines, at)
    if marked:
        return marked
    end = at
    while end < len(lines) and _goes_on(lines, at, end):
        end += 1
    if not _names_outside(lowered(" ".join([line[:LONGEST] for line in lines[at:end]]))):
        return start
    low = lowered(lines[at][:SHORT])
    if not (_WARNS.match(low) or _EXTERNAL.match(low)) and attribution_length(lines, at):
        return start
    # A sentence of the sender may stand right below: the fewest lines that say all are the banner.
    for stop in range(at + 1, min(end, at + LINES) + 1):
        if _is_banner(" ".join(line[:LONGEST] for line in lines[at:stop])):
            return _after_rule(lines, stop, end)
    return start


def _goes_on(lines: Sequence[str], start: int, at: int) -> bool:
    """Whether a paragraph that begins at `start` holds a line: a quote below words of the sender is another one."""
    line = lines[at]
    return bool(line.strip(" \t\xa0>")) and at - start <= LINES and (is_quoted(lines[start]) or not is_quoted(line))


def _marked_end(lines: Sequence[str], at: int) -> int:
    if at < len(lines) and _START in lines[at][:LONGEST].lower():
        near = range(at, min(len(lines), at + 3 * LINES))
        return next((one + 1 for one in near if _END in lines[one][:LONGEST].lower()), 0)
    return 0


def _after_rule(lines: Sequence[str], stop: int, end: int) -> int:
    """Return the end of the banner: its last sentence may be wrapped, and a line may be drawn below it."""
    ended = stop == end or lines[stop - 1].rstrip(" *_|]").endswith((".", "!", "。"))
    rest = lowered(" ".join(line[:LONGEST] for line in lines[stop:end]))
    advises = any(word in rest for word in ADVICE) and "?" not in rest
    at = stop if not advises and (ended or end - stop > 2) else end
    return at + 1 if at < len(lines) and is_drawn(lines[at].strip(" |:"), least=3) else at


def _names_outside(low: str) -> bool:
    """Whether the text may be a banner at all: a quick test, as the beginning of every mail is asked."""
    return _QUICK.stand_in(low) or _EXTERNAL.match(low[:SHORT]) is not None


def _is_banner(text: str) -> bool:
    """Whether the text warns of mail from outside; a question, or the first person singular, is a person's."""
    low = lowered(text)
    if len(low) > LONGEST or "?" in low or is_in_first_person(text):
        return False
    if _TITLED.fullmatch(low) or _EXTERNAL.fullmatch(low) or any(words in low for words in SELDOM):
        return True
    if not (any(word in low for word in OUTSIDE) and any(word in low for word in MAIL)):
        return False
    return any(word in low for word in ADVICE) or _WARNS.match(low) is not None
