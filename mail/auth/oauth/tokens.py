"""What a provider gave: an access token, and a refresh token with which to ask for the next (RFC 6749, section 5.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mail.failures import TemporaryFailure

# Visible ASCII: it stands in a command, and must not end it.
_TOKEN: Final = re.compile(r"[!-~]+")
# Where the provider does not say how long a token lives.
USUAL_SECONDS: Final = 3600
LONGEST_SECONDS: Final = 366 * 86400


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as the provider gave them; their times are in seconds from then on.

    `refresh` is empty where it gave none, and `refresh_seconds` None where that does not end by a date.
    """

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    seconds: int = USUAL_SECONDS
    refresh_seconds: int | None = None
    scope: str = ""


def read_tokens(answer: Mapping[str, Any], host: str) -> Tokens:
    """The tokens of an answer; raises TemporaryFailure where it holds none that can be used."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token", "")
    kind = str(answer.get("token_type", "bearer")).lower()
    if not _is_token(access) or (refresh and not _is_token(refresh)) or kind != "bearer":
        raise TemporaryFailure(f"{host} gave an answer without a token that could be used")
    scope = answer.get("scope", "")
    return Tokens(
        str(access),
        str(refresh or ""),
        _seconds(answer.get("expires_in")) or USUAL_SECONDS,
        # Google calls it so, and Keycloak.
        _seconds(answer.get("refresh_token_expires_in") or answer.get("refresh_expires_in")),
        scope if isinstance(scope, str) else "",
    )


def _is_token(value: object) -> bool:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _seconds(value: object) -> int | None:
    try:
        seconds = int(str(value))
    except ValueError:
        return None
    return min(seconds, LONGEST_SECONDS) if seconds > 0 else None
