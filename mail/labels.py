"""Sentences about parts that nobody can read here, so that no mail seems empty: encrypted and signed mail."""

import re

from mail.parts import Part

SMIME = "[Encrypted with S/MIME: it can be read with its recipient's key only. It is attached as it came.]"
PGP = "[Encrypted with PGP: it can be read with its recipient's key only. It is attached as it came.]"
SIGNED = "[Signed with S/MIME, text and signature in one file: it is attached as it came.]"
PGP_TEXT = "[The text below is encrypted with PGP: it can be read with its recipient's key only.]"

PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
# Of these forms, the content is signed or packed only (RFC 8551, 3.2.2).
UNENCRYPTED = frozenset({"signed-data", "compressed-data"})

_PGP_TEXT = re.compile(r"^-----BEGIN PGP MESSAGE-----\s*$", re.MULTILINE)


def label_of(part: Part) -> str | None:
    """Return the sentence that stands for an encrypted part, or None for any other (RFC 8551, RFC 3156)."""
    if part.content_type == "multipart/encrypted":
        protocol = part.parameters.get("protocol", "").lower()
        return SMIME if "pkcs7" in protocol else PGP
    if part.content_type not in PKCS7:
        return None
    form = part.parameters.get("smime-type", "").lower()
    # A request for a certificate, or a list of them, holds no text.
    if form == "certs-only" or part.given_name.lower().endswith((".p7s", ".p7c")):
        return None
    return SIGNED if form in UNENCRYPTED else SMIME


def label_of_text(text: str) -> list[str]:
    """Return the sentence for a text that holds an encrypted one; nothing for any other."""
    return [PGP_TEXT] if "-----BEGIN PGP MESSAGE-----" in text and _PGP_TEXT.search(text) else []
