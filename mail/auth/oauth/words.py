"""What a provider or a server says of a token, fit for a sentence: one line, short, and without any secret."""

import base64
import json
from typing import Final

MOST_CHARACTERS: Final = 400


def in_words(text: str, *secrets: str) -> str:
    """A text on one line, printable, cut at MOST_CHARACTERS, with dots for each of the secrets."""
    for secret in secrets:
        if secret:
            encoded = base64.b64encode(secret.encode()).decode()
            text = text.replace(secret, "...").replace(encoded, "...")
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}..."


def of_challenge(challenge: bytes, *secrets: str) -> str:
    """What the JSON of an error challenge says (RFC 7628, section 3.2.2); empty where it says nothing."""
    try:
        fields = json.loads(challenge)
    except ValueError:
        return in_words(challenge.decode("utf-8", "replace"), *secrets)
    if not isinstance(fields, dict):
        return ""
    told = [str(fields[name]) for name in ("status", "error", "error_description") if fields.get(name)]
    return in_words(" ".join(told), *secrets)
