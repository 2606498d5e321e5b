"""Challenges: mails of filters that hold ours until we confirm that we wrote it; a desk never confirms."""

import re
from collections.abc import Sequence
from itertools import islice, pairwise

from mail.mime.headers import Headers
from mail.mime.subject import ANSWER
from mail.mime.text import WordTable, lowered

# Programs that add a header field of their own: the beginning of its name.
FIELDS = (
    *("x-tmda-", "x-askversion", "x-qconfirm", "x-choicemail-", "x-boxbe-", "x-spamarrest-", "x-mailinblack"),
    *("x-challenge", "x-cr-", "x-bitbounce"),
)
# Fields that name such a program, and services that send nothing but challenges.
PROGRAMS = (
    ("x-delivery-agent", ("tmda",)),
    ("x-mailer", ("tmda", "spam arrest", "choicemail", "active spam killer")),
)
SERVICES = (
    (
        "from",
        (
            "@spamarrest.com",
            "@boxbe.com",
            "spamblocker-challenge",
            "@antispam.uol.com.br",
            "@mailinblack",
            "@bitbounce",
        ),
    ),
)
# Subjects of challenges in lower case; another header must agree, as a person may ask for a confirmation, too.
ASKS = re.compile(
    r"please (?:confirm|verify|authenticate) "
    r"(?:your (?:message|e-?mail|mail|delivery)|that you (?:sent|wrote)|you sent)(?! address)|"
    r"please confirm \(|\(action required\)|"
    r"(?:confirm|verify) your (?:message|e-?mail|mail) to |"
    r"(?:sender|message|mail|e-?mail) (?:verification|confirmation|authentication) (?:is )?(?:required|needed|request)|"
    r"your (?:message|e-?mail|mail)\b.{0,60} (?:requires|awaits|needs|is awaiting|is waiting for|is held for) "
    r"(?:your )?(?:confirmation|verification|authentication|approval by you)|"
    r"(?:confirmation|verification) (?:required|needed)\b|challenge[- ]response|"
    r"(?:confirmez|merci de confirmer|veuillez confirmer) (?:votre (?:message|envoi|mail|courriel)|l'envoi)|"
    r"merci de vous authentifier|demande d'authentification|"
    r"bitte best\u00e4tigen sie (?:ihre|die) (?:e-?mail|nachricht|zustellung)|"
    r"(?:confirme|por favor,? confirme) (?:su|tu|seu|o seu) (?:mensaje|correo|e-?mail)|"
    r"conferma (?:il )?(?:tuo|suo) messaggio"
)
# Such a subject holds one of these; a search for them is faster.
_HINTS = WordTable("confirm", "verif", "authent", "action required", "approval", "challenge", "bestätig", "conferma")
AGREE = frozenset({"auto-submitted", "precedence", "x-auto-response-suppress"})
REFERS = frozenset({"in-reply-to", "references"})
# What a challenge has us do; a person who answers with such a subject has no such link.
LINK = re.compile(r"https?://|\b(?:[Cc]lick|[Kk]lick|[Cc]liqu|[Cc]lic\b)")
# What such a mail says: that a mail is held, in one sentence or two; and what we are asked to do.
MAILS = re.compile(r"\b(?:messages?|e-?mails?|mails?|nachricht|courriel|mensaje|correo|messaggio|mensagem|bericht)\b")
HELD = re.compile(
    r"\bheld\b|on hold|not (?:yet )?(?:been )?delivered|delivered? (?:it|your)|to deliver|waiting|awaits|pending"
    r"|quarantine|\breach(?:es)?\b|inbox|zugestellt|zustell|zurückgehalten|posteingang|en attente|retenu|remis|livr"
    r"|retenid|entreg|pendiente|in attesa|trattenut|recapitat|retid|pendente|afgeleverd|bezorg|vastgehouden"
)
CONFIRMS = re.compile(
    r"confirm|verif|authenti|click|approve|whitelist|guest list|captcha|bestätig|klick|cliquez|conferm|clic\b|bevestig"
)
# A mark of a question that is no part of a link.
QUESTION = re.compile(r"[?\uff1f](?=\s|$)")
SENTENCE = re.compile(r"[.!?:;\n](?:\s|$)")


def why_challenge(headers: Headers, text: str = "") -> str | None:
    """Return a sentence that names the header which marks the mail as a challenge, or None.

    Some programs also mark the mails that their owners write, so such a mark alone is not enough. `text` is the
    beginning of what the sender wrote.
    """
    subject = lowered(headers.words("subject")[:300])
    service = _signed_field(headers, SERVICES)
    if service and (_asks(subject) or has_form(text)):
        return f"It asks us to confirm a mail of ours: {service}."
    program = _program_of_form(headers, text, subject)
    if program and has_form(text):
        return f"It asks us to confirm a mail of ours: {program}, and the text says so."
    # Most subjects answer something, or ask for no confirmation.
    if not _asks(subject) or ANSWER.match(subject):
        return None
    marked = _program_field(headers) or _signed_field(headers, PROGRAMS)
    agrees = marked or not AGREE.isdisjoint(headers.names) or headers.text("return-path").replace(" ", "") == "<>"
    refers = not REFERS.isdisjoint(headers.names)
    if not agrees and not (refers and "?" not in text and LINK.search(text)):
        return None
    return f"It asks us to confirm a mail of ours: {marked or f'Subject says {subject[:40]!r}'}."


def _asks(subject: str) -> bool:
    return _HINTS.stand_in(subject) and ASKS.search(subject) is not None


def has_form(text: str) -> bool:
    """Whether a text says that a mail is held, and has a link and a word that asks to confirm it."""
    if not LINK.search(text):
        return False
    low = lowered(text)
    # Where the mail is may stand in the sentence after the one that names it.
    sentences = ["", *SENTENCE.split(low)]
    held = any(HELD.search(one) and MAILS.search(f"{above} {one}") for above, one in pairwise(sentences))
    return held and CONFIRMS.search(low) is not None


def _program_of_form(headers: Headers, text: str, subject: str) -> str | None:
    """Return a clause that names the program's mark on an answer to a mail, or None."""
    if headers.names.isdisjoint(REFERS) and not ANSWER.match(subject):
        return None
    if headers.text("return-path").replace(" ", "") == "<>":
        return "Return-Path is empty"
    for name in ("auto-submitted", "precedence"):
        value = headers.text(name)[:40].strip().lower() if name in headers.names else ""
        if value.startswith(("auto", "bulk", "junk")):
            return f"{name.title()} says {value!r}"
    # Some programs mark what their owners write, too.
    program = _program_field(headers) or _signed_field(headers, PROGRAMS)
    return None if program and QUESTION.search(text) else program


def _program_field(headers: Headers) -> str | None:
    own = (name for name in islice(headers.names, 200) if name[:2] == "x-")
    name = next((name for name in own if name.startswith(FIELDS)), None)
    return f"{name[:40].title()} is set" if name else None


def _signed_field(headers: Headers, names: Sequence[tuple[str, Sequence[str]]]) -> str | None:
    """Return a clause that says which field names a program, or None."""
    for field, signed in names:
        value = headers.text(field)[:1_000].lower() if field in headers.names else ""
        found = next((name for name in signed if name in value), None) if value else None
        if found:
            return f"{field.title()} names {found!r}"
    return None
