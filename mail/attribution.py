"""The lines that mail programs write above what they quote, in the languages of their users."""

import re
from collections.abc import Iterator, Sequence

LONGEST = 400
FOLDED = 4
HEADER_LINES = 8

_LEADS = (
    r"on|am|le|el|il|em|op|den|dne|dnia|w dniu|wiadomość|pada|på|kl|tarihinde|ngày|la data|dňa|dana|den|vào|"
    r"în data|a\(z\)|sunday|monday|tuesday|wednesday|thursday|friday|saturday|в|от|στις|в"
)
_VERBS = (
    "wrote",
    "writes",
    "said",
    "schrieb",
    "écrit",
    "ecrit",
    "escribió",
    "escribio",
    "ha scritto",
    "scrive",
    "escreveu",
    "schreef",
    "napsal",
    "napsala",
    "napísal",
    "pisze",
    "napisał",
    "skrev",
    "kirjoitti",
    "yazd\u0131",
    "написал",
    "написала",
    "пишет",
    "a scris",
    "írta",
    "έγραψε",
    "viết",
    "写道",
    "寫道",
    "のメール",
    "のメッセージ",
    "escribieron",
    "schrieben",
    "ont écrit",
    "escreveram",
    "さんは書きました",
    "님이 작성",
    "menulis",
    "geschreven",
    "escrit",
    "작성",
    "作成",
    "написав",
    "пише",
    "написао",
    "напісаў",
    "het volgende",
    "scrisse",
    "escriure",
    "va escriure",
    "napisała",
    "kirjutas",
    "rašė",
    "je napisao",
    "написа",
    "כתב",
    "كتب",
    "เขียน",
)
_LEAD = re.compile(rf"[\"'*_\s]*(?:{_LEADS})\b", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d年|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")

# A sentence of the sender about what somebody wrote, unless a quote follows.
_SAYING = re.compile(
    r"\b(?:I|you|we|they|ich|wir|ik) wrote:|\b(?:I|you|we) (?:said|writes?):|schrieb (?:ich|ihr|sie|wir)\b"
)
_STAMPED = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? (?:(?:um|at|à|o|a las|alle|kl\.?|в) )?\d{1,2}[:.]\d{2}\b")
# `Ann <a@x.example> wrote:`, without a date.
_SIGNED = re.compile(r"[^<>:]{1,80}<[^<>\s]{1,200}@[^<>\s]{1,200}> ?[^<>:\d]{1,30}:$")
_DATED = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b")

_CLOCK = re.compile(r"\d{1,2}:\d{2}\b")
_LABELS = {
    "from": "from|von|de|da|van|od|fra|från|lähettäjä|kimden|от|от кого|отправитель|差出人|发件人|寄件者|"
    "보낸 사람|feladó|de la|від",
    "date": "trimis|elküldve|gönderildi|надіслано|sent|sent at|date|message du|"
    "gesendet|datum|envoyé|enviado|enviado el|data|inviato|fecha|verzonden|"
    "wysłano|odesláno|dato|sendt|skickat|lähetetty|tarih|дата|отправлено|送信日時|日付|发送时间|日期|보낸 날짜|dátum",
    "to": "către|to|an|à|para|a|aan|do|komu|til|till|vastaanottaja|kime|кому|宛先|收件人|받는 사람|címzett",
    "subject": "subiect|subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|předmět|emne|ämne|aihe|konu|тема|"
    "件名|主题|제목|tárgy",
    "cc": "cc|kopie|copie à|kopia|kopi|копия|reply-to|importance|priority|attachments",
}
_LABEL = re.compile(
    r"[*_\s]*(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()) + r")[*_\s]*[:\uff1a]",
    re.IGNORECASE,
)

_ORIGINAL = re.compile(
    r"[-_=\s*]*(?:original message|original appointment|originalnachricht|ursprüngliche nachricht|antwort nachricht|"
    r"message d'origine|urspr(?:\.|üngliche) mail|message initial|"
    r"message original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|reply message|"
    r"ursprungligt meddelande|originalmeddelande|oprindelig (?:meddelelse|besked)|opprinnelig melding|"
    r"alkuperäinen viesti|původní (?:zpráva|e-mail)|pôvodná správa|mesajul original|eredeti üzenet|"
    r"orijinal (?:mesaj|ileti)|"
    r"oryginalna wiadomość|wiadomość oryginalna|исходное сообщение|"
    r"оригинальное сообщение|原始邮件|原始郵件|元のメッセージ|"
    r"원본 메시지|tin nhắn gốc|pesan asli|αρχικό μήνυμα|missatge original)[-_=\s*]*",
    re.IGNORECASE,
)
# `---- Ann wrote ----`, as telephones draw it.
_DASHED = re.compile(
    r"-{3,}[^-\s].{3,200}?\b(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)\s?:?\s?-{3,}|"
    r"-{3,}\s.{3,200}?\b(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)\s?:?\s?-{3,}",
    re.IGNORECASE,
)
# Tobit David draws no line.
_PROCESSED = "Original Message processed by"
_WRAPPED = ("<", "[mailto:")
_FORWARDED = re.compile(
    r"[-_=\s*]*(?:begin forwarded message|forwarded message|forwarded by|weitergeleitete nachricht|"
    r"anfang der weitergeleiteten|message transféré|message transmis|mensaje reenviado|messaggio inoltrato|"
    r"mensagem encaminhada|doorgestuurd bericht|videresendt|vidarebefordrat|переадресованное|пересылаемое|"
    r"転送されたメッセージ|转发的邮件|wiadomość przekazana|přeposlaná zpráva)",
    re.IGNORECASE,
)


def is_quoted(line: str) -> bool:
    """Whether the line is quoted with an angle bracket."""
    return line.lstrip().startswith(">")


def bare(line: str) -> str:
    """Return the line without quote marks, emphasis and white space at its ends."""
    return line[: LONGEST + 100].strip(" \t\xa0>|*_\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff")


def is_forward_mark(line: str) -> bool:
    """Whether a forwarded mail begins here; one that is quoted was forwarded before."""
    return not is_quoted(line) and _FORWARDED.match(bare(line)) is not None


def is_original_mark(line: str) -> bool:
    """Whether the line is a divider such as `-----Original Message-----`."""
    divider = line.strip()[:LONGEST]
    if divider.startswith(_PROCESSED):
        return True
    return "-" * 3 in divider and (_ORIGINAL.fullmatch(divider) or _DASHED.fullmatch(divider)) is not None


def attribution_length(lines: Sequence[str], at: int) -> int:
    """How many lines the attribution takes that begins at `at`, 1 to 6; 0 where none begins there."""
    joined = ""
    for count, line in _unfolded(lines, at):
        # A soft line break that nobody undid (RFC 2045, 6.7) stands in the middle of a word.
        joined = joined[:-1] + line if joined.endswith("=") else f"{joined} {line}".strip()
        if len(joined) > LONGEST:
            return 0
        # Only a line that begins like an attribution may be one, or go on in the next one.
        if not ("@" in joined or _LEAD.match(joined) or _TIME.search(joined)):
            return 0
        if _is_attribution(joined, quote_follows=_quote_follows(lines, at + count)):
            return count
    return 0


def _unfolded(lines: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    """Yield up to four filled lines, each with how many lines it ends; a blank one may stand above an address only."""
    filled = 0
    for count, line in enumerate(lines[at : at + 2 * FOLDED - 2], 1):
        if not bare(line) and not line.strip().startswith(_WRAPPED):
            if not any(below.strip().startswith(_WRAPPED) for below in lines[at + count : at + count + 1]):
                return
            continue
        filled += 1
        yield count, bare(line)
        if filled == FOLDED:
            return


def _quote_follows(lines: Sequence[str], at: int) -> bool:
    return next((is_quoted(line) for line in lines[at : at + 3] if line.strip()), False)


def _is_attribution(text: str, *, quote_follows: bool) -> bool:
    ends = text.endswith((":", "\uff1a"))
    dated, named, led = _TIME.search(text) is not None, "@" in text, _LEAD.match(text) is not None
    # Some programs leave the colon out: `2026/11/2 Ann <a@x.example>` above a quote, `On ... Ann <a@x> wrote`.
    colonless = (named and _DATED.match(text) and quote_follows) or (named and led and text.endswith(_VERBS))
    if not (ends or quote_follows or colonless) or _is_divided(text):
        return False
    if _says_wrote(text):
        if not quote_follows and _SAYING.search(text):
            return False
        stamped = _STAMPED.match(text) is not None
        signed = ends and _SIGNED.match(text) is not None and text[:-1].rstrip().endswith(_VERBS)
        return (
            signed or (dated and (led or named or (ends and stamped))) or (ends and quote_follows and (dated or named))
        )
    if not ends:
        return bool(colonless)
    return (dated or named) if quote_follows else (dated and named and text[-2] in ">])")


def _is_divided(text: str) -> bool:
    """Whether own words share the line with what stands behind a divider; then the line must stay."""
    before, divider, after = text.partition("---")
    return bool(divider and before.strip() and after.strip("- "))


def _says_wrote(text: str) -> bool:
    lowered = text.lower()
    return any(verb in lowered for verb in _VERBS)


def is_header_block(lines: Sequence[str], at: int) -> bool:
    """Whether a block such as `From: … Sent: … To: …` begins here.

    It takes three kinds of label in eight lines, or two that leave no doubt: an address beside a date with its time.
    """
    if _label(lines[at]) is None:
        return False
    # HTML that sets labels in bold without a line break gives them all in one line.
    pieces = [piece for line in lines[at : at + HEADER_LINES] for piece in line[:LONGEST].split("** **")]
    kinds = {_label(piece) for piece in pieces} - {None}
    if "from" in kinds and len(kinds) >= 3:
        return True
    pair = {_label(piece) for piece in pieces[:2] if "@" in piece or _CLOCK.search(piece)}
    return pair in ({"date", "from"}, {"date", "to"}) and any("@" in piece for piece in pieces[:2])


def is_label(line: str) -> bool:
    """Whether the line is one of a block of headers."""
    return _label(line) is not None


def _label(line: str) -> str | None:
    match = _LABEL.match(bare(line))
    return match.lastgroup if match else None
