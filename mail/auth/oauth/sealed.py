"""Tokens as they are kept: encrypted with a key that is made of the secret keys (Fernet; HKDF, RFC 5869)."""

import base64
import json
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"supportdesk: tokens of mailboxes, 1"


class SealBroken(Exception):
    """What is kept cannot be opened with these keys, or is another mailbox's."""


def seal(mailbox: str, access: str, refresh: str, secrets: Sequence[bytes]) -> str:
    """The tokens of a mailbox, encrypted with the first of the secret keys."""
    content = json.dumps({"mailbox": mailbox, "access": access, "refresh": refresh})
    return _box(secrets).encrypt(content.encode()).decode("ascii")


def unseal(mailbox: str, sealed: str, secrets: Sequence[bytes]) -> tuple[str, str]:
    """The access token and the refresh token of a mailbox; raises SealBroken."""
    try:
        content = json.loads(_box(secrets).decrypt(sealed.encode("ascii")))
    except (InvalidToken, ValueError):
        raise SealBroken from None
    if content.get("mailbox") != mailbox:
        raise SealBroken
    return content["access"], content["refresh"]


def _box(secrets: Sequence[bytes]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(secret))) for secret in secrets])


def _key(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
