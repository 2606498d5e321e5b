"""Challenges: mails of programs that keep ours back until we confirm that we wrote it, which no desk does."""

import re
from collections.abc import Sequence
from itertools import islice

from mail.mime.headers import Headers
from mail.mime.text import lowered

# Programs that leave a header field of their own: how its name begins.
FIELDS = (
    *("x-tmda-", "x-askversion", "x-qconfirm", "x-choicemail-", "x-boxbe-", "x-spamarrest-", "x-mailinblack"),
    *("x-challenge", "x-cr-", "x-bitbounce"),
)
# Programs that sign with their name, and services that write nothing else, with the field that says so.
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
# How a challenge is titled, in lower case; another header must agree, as a person may ask for a confirmation, too.
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
AGREE = frozenset({"in-reply-to", "references", "auto-submitted", "precedence", "x-auto-response-suppress"})
ANSWER = re.compile(r"\s{0,9}(?:re|aw|sv|fwd?|wg|tr)\s?:")


def why_challenge(headers: Headers) -> str | None:
    """Return a sentence that names what shows that a mail asks us to confirm one of ours; None for all other mail.

    Some programs also mark what their owners write, so a mark alone says nothing.
    """
    service = _signed_field(headers, SERVICES)
    if service:
        return f"It asks us to confirm a mail of ours: {service}."
    subject = lowered(headers.words("subject")[:300])
    marked = _own_field(headers) or _signed_field(headers, PROGRAMS)
    agrees = marked or not AGREE.isdisjoint(headers.names) or headers.text("return-path").replace(" ", "") == "<>"
    if not agrees or ANSWER.match(subject) or not ASKS.search(subject):
        return None
    return f"It asks us to confirm a mail of ours: {marked or f'Subject says {subject[:40]!r}'}."


def _own_field(headers: Headers) -> str | None:
    own = (name for name in islice(headers.names, 200) if name[:2] == "x-")
    name = next((name for name in own if name.startswith(FIELDS)), None)
    return f"{name[:40].title()} is set" if name else None


def _signed_field(headers: Headers, names: Sequence[tuple[str, Sequence[str]]]) -> str | None:
    """Say which field names a program, where one does."""
    for field, signed in names:
        value = headers.text(field)[:1_000].lower()
        found = next((name for name in signed if name in value), None) if value else None
        if found:
            return f"{field.title()} names {found!r}"
    return None
