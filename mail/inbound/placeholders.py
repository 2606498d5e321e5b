"""Texts in place of others: our sentences for encrypted parts, and texts or forms that people are not shown."""

import re

from mail.mime.parts import Part
from mail.mime.text import WordTable, lowered, with_lf

SMIME = "[Encrypted with S/MIME: it can be read with its recipient's key only. It is attached as it came.]"
PGP = "[Encrypted with PGP: it can be read with its recipient's key only. It is attached as it came.]"
SIGNED = "[Signed with S/MIME, text and signature in one file: it is attached as it came.]"
SIGNED_TEXT = "[Signed with S/MIME, text and signature in one file: the signature was not checked.]"
PGP_TEXT = "[The text below is encrypted with PGP: it can be read with its recipient's key only.]"

PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
# With these smime-types the content is only signed or compressed (RFC 8551, section 3.2.2).
UNENCRYPTED = frozenset({"signed-data", "compressed-data"})

# Forms of a text that no mail program shows as a file, also where a gateway gave them a name.
FORMS = frozenset({"text/x-amp-html", "text/watch-html", "text/vnd.google.email-reaction+json"})
# Types beside text/* that are a form of the text where they have no name, and those of text/* that people open.
OTHER_FORMS = frozenset({"application/rtf", "application/json", "application/ld+json"})
OPENED = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/xml"})

# A longer plain text is a text of its own, even if it mentions HTML.
LONGEST_STUB = 600
STUB_WORDS = 12

_PGP_TEXT = re.compile(r"^-----BEGIN PGP MESSAGE-----\s*$", re.MULTILINE)
_LINK = re.compile(r"[<(\[]?\s?(?:https?://|www\.|mailto:)[^\s<>()\[\]]{1,2000}\s?[>)\]]?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[^.!?\n]{0,400}[.!?\n]?")
# Phrases in the sentences of a stub, in several languages.
_NAMES_HTML = re.compile(
    r"\bhtml\b|"
    r"\b(?:view|read|open|see|display)\b.{0,60}\b(?:browser|online|web ?page|web version)\b|"
    r"\bbrowser\b.{0,60}\b(?:anzeigen|ansehen|öffnen|lesen)\b|"
    r"\b(?:navigateur|navegador)\b|\bnel (?:tuo )?browser\b|\bbrowser (?:bekijken|openen)\b|"
    r"\b(?:mail|message) (?:program|client|reader|software)\b.{0,60}\b(?:not|unable|n't)\b",
    re.IGNORECASE,
)
# One of these stands in each such phrase, and in few other texts.
_MAY_NAME_HTML = WordTable(
    "html", "browser", "online", "web", "navigateur", "navegador", "program", "client", "reader", "ware"
)


def is_pkcs7(part: Part) -> bool:
    """Whether a part is declared as PKCS #7, or named so by a gateway that changed its type (RFC 8551, 3.2.1)."""
    if part.content_type in PKCS7:
        return True
    return part.content_type == "application/octet-stream" and part.given_name.lower().endswith(".p7m")


def label_of(part: Part) -> str | None:
    """Return our sentence for an encrypted part, or None for any other part (RFC 8551, RFC 3156)."""
    if part.content_type == "multipart/encrypted":
        protocol = part.parameters.get("protocol", "").lower()
        return SMIME if "pkcs7" in protocol else PGP
    if not is_pkcs7(part):
        return None
    form = part.parameters.get("smime-type", "").lower()
    # A request for a certificate, or a list of them, holds no text.
    if form == "certs-only" or part.given_name.lower().endswith((".p7s", ".p7c")):
        return None
    return SIGNED if form in UNENCRYPTED else SMIME


def is_other_form(part: Part) -> bool:
    """Whether a part of multipart/alternative is the text once more for other programs, such as AMP, and no file."""
    if part.children or part.content_type in FORMS:
        return not part.children
    if part.given_name or part.disposition == "attachment" or part.content_type in OPENED:
        return False
    return part.content_type.startswith("text/") or part.content_type in OTHER_FORMS


def label_of_text(text: str) -> list[str]:
    """Return our sentence for a text that holds a PGP message, in a list; empty for any other text."""
    return [PGP_TEXT] if "-----BEGIN PGP MESSAGE-----" in text and _PGP_TEXT.search(with_lf(text)) else []


def is_stub(text: str) -> bool:
    """Whether a plain text is a stub for the HTML: a link alone, or only a note that the HTML is not shown."""
    if len(text) > LONGEST_STUB:
        return False
    bare = _LINK.sub(" ", text)
    if bare != text and not _WORD.search(bare):
        return True
    if not _MAY_NAME_HTML.stand_in(lowered(bare)):
        return False
    sentences = _SENTENCE.findall(bare)
    rest = [sentence for sentence in sentences if not _NAMES_HTML.search(sentence)]
    return len(rest) < len(sentences) and len(_WORD.findall(" ".join(rest))) <= STUB_WORDS
