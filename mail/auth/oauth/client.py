"""Who asks a provider for tokens, for which account, and where: the settings of OAuth2 as one value (RFC 6749)."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from mail.server import is_loopback


class Provider(StrEnum):
    """Whose addresses and scopes are known; `CUSTOM` names its own."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    CUSTOM = "custom"


class GrantType(StrEnum):
    """How a token is come by.

    `CODE`: somebody agreed once, which left a refresh token (RFC 6749, section 4.1, and RFC 8628).
    `CLIENT_CREDENTIALS`: the secret of the application (section 4.4). `SERVICE_ACCOUNT`: its key (RFC 7523).
    """

    CODE = "code"
    CLIENT_CREDENTIALS = "client_credentials"
    SERVICE_ACCOUNT = "service_account"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of a provider; an empty one: it has none, or none that gives tokens for mail."""

    token: str = ""
    authorize: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An application that asks for tokens of the account `user`.

    `key` is the JSON of a Google service account; `timeout` in seconds is for one question in all.
    """

    user: str
    provider: Provider
    grant: GrantType
    endpoints: Endpoints
    scopes: tuple[str, ...]
    client_id: str = ""
    secret: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    timeout: float = 30

    @property
    def host(self) -> str:
        """The host that gives the tokens, for sentences."""
        return urlsplit(self.endpoints.token).netloc


_MICROSOFT: Final = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/{what}"
# Google's device flow gives no token for mail.
_GOOGLE: Final = Endpoints("https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/v2/auth")


def endpoints_of(provider: Provider, tenant: str) -> Endpoints:
    """The addresses of a known provider, for Microsoft those of a tenant; none for a custom one."""
    if provider is Provider.GOOGLE:
        return _GOOGLE
    if provider is Provider.MICROSOFT:
        token, authorize, device = (
            _MICROSOFT.format(tenant=tenant, what=what) for what in ("token", "authorize", "devicecode")
        )
        return Endpoints(token, authorize, device)
    return Endpoints()


def scopes_of(provider: Provider, grant: GrantType) -> tuple[str, ...]:
    """What has to be asked for to read a mailbox over IMAP and to send over SMTP; empty for a custom provider."""
    if provider is Provider.GOOGLE:
        return ("https://mail.google.com/",)
    if provider is Provider.MICROSOFT and grant is GrantType.CLIENT_CREDENTIALS:
        return ("https://outlook.office365.com/.default",)
    if provider is Provider.MICROSOFT:
        office = "https://outlook.office.com"
        return (f"{office}/IMAP.AccessAsUser.All", f"{office}/SMTP.Send", "offline_access")
    return ()


def is_safe(address: str) -> bool:
    """Whether secrets may be sent to an address: HTTPS, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def service_account(key: str) -> dict[str, str] | None:
    """The fields of a service account's key file, all of them text; None where it is none."""
    try:
        fields = json.loads(key)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    return texts if texts.get("client_email") and texts.get("private_key") else None
