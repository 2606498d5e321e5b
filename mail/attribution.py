"""The lines that mail programs write above what they quote, in the languages of their users."""

import re
from collections.abc import Sequence

LONGEST = 400
FOLDED = 3
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
    "さんは書きました",
    "님이 작성",
    "menulis",
)
_LEAD = re.compile(rf"[\"'*_\s]*(?:{_LEADS})\b", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d年|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")

_LABELS = {
    "from": "from|von|de|da|van|od|fra|från|lähettäjä|kimden|от|от кого|отправитель|差出人|发件人|寄件者|"
    "보낸 사람|feladó",
    "date": "sent|sent at|date|gesendet|datum|envoyé|enviado|enviado el|data|inviato|fecha|verzonden|wysłano|odesláno|"
    "dato|sendt|skickat|lähetetty|tarih|дата|отправлено|送信日時|日付|发送时间|日期|보낸 날짜|dátum",
    "to": "to|an|à|para|a|aan|do|komu|til|till|vastaanottaja|kime|кому|宛先|收件人|받는 사람|címzett",
    "subject": "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|předmět|emne|ämne|aihe|konu|тема|"
    "件名|主题|제목|tárgy",
    "cc": "cc|kopie|copie à|kopia|kopi|копия|reply-to|importance|priority|attachments",
}
_LABEL = re.compile(
    r"[*_\s]*(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()) + r")[*_\s]*[:\uff1a]",
    re.IGNORECASE,
)

_ORIGINAL = re.compile(
    r"[-_=\s*]*(?:original message|original appointment|originalnachricht|ursprüngliche nachricht|"
    r"message d'origine|"
    r"message original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|reply message|"
    r"ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|původní zpráva|"
    r"oryginalna wiadomość|wiadomość oryginalna|исходное сообщение|原始邮件|元のメッセージ)[-_=\s*]*",
    re.IGNORECASE,
)
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
    return line[: LONGEST + 100].strip(" \t\xa0>|*_\u200b\u200e\u200f\ufeff")


def is_forward_mark(line: str) -> bool:
    """Whether a forwarded mail begins here; one that is quoted was forwarded before."""
    return not is_quoted(line) and _FORWARDED.match(bare(line)) is not None


def is_original_mark(line: str) -> bool:
    """Whether the line is a divider such as `-----Original Message-----`."""
    divider = line.strip()[:LONGEST]
    return "-" * 3 in divider and _ORIGINAL.fullmatch(divider) is not None


def attribution_length(lines: Sequence[str], at: int) -> int:
    """How many lines the attribution takes that begins at `at`, 1 to 3; 0 where none begins there."""
    joined = ""
    for count in range(1, FOLDED + 1):
        line = bare(lines[at + count - 1]) if at + count <= len(lines) else ""
        joined = f"{joined} {line}".strip()
        if not line or len(joined) > LONGEST:
            return 0
        if _is_attribution(joined, quote_follows=_quote_follows(lines, at + count)):
            return count
        # Only a line that begins like an attribution may go on in the next one.
        if not (_LEAD.match(joined) or "@" in joined or _TIME.search(joined)):
            return 0
    return 0


def _quote_follows(lines: Sequence[str], at: int) -> bool:
    return next((is_quoted(line) for line in lines[at : at + 3] if line.strip()), False)


def _is_attribution(text: str, *, quote_follows: bool) -> bool:
    ends = text.endswith((":", "\uff1a"))
    if not (ends or quote_follows) or _is_divided(text):
        return False
    dated, named, led = _TIME.search(text) is not None, "@" in text, _LEAD.match(text) is not None
    if _says_wrote(text):
        return (dated and (led or named)) or (ends and quote_follows and (dated or named))
    if not ends:
        return False
    return (dated or named) if quote_follows else (dated and named and text[-2] in ">])")


def _is_divided(text: str) -> bool:
    """Whether own words share the line with what stands behind a divider; then the line must stay."""
    before, divider, after = text.partition("---")
    return bool(divider and before.strip() and after.strip("- "))


def _says_wrote(text: str) -> bool:
    lowered = text.lower()
    return any(verb in lowered for verb in _VERBS)


def is_header_block(lines: Sequence[str], at: int) -> bool:
    """Whether a block such as `From: … Sent: … To: …` begins here: three kinds of label in eight lines."""
    if _label(lines[at]) is None:
        return False
    kinds = {_label(line) for line in lines[at : at + HEADER_LINES]} - {None}
    return "from" in kinds and len(kinds) >= 3


def _label(line: str) -> str | None:
    match = _LABEL.match(bare(line))
    return match.lastgroup if match else None
