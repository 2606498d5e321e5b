"""The table `[mailbox.oauth]`: tokens in place of a mailbox's password."""

from collections.abc import Mapping
from typing import Final, Self

from pydantic import SecretStr, ValidationError, model_validator

from mail.auth.oauth.client import (
    Endpoints,
    GrantType,
    OAuthClient,
    Provider,
    endpoints_of,
    is_safe,
    scopes_of,
    service_account,
)
from worker.settings.messages import sentence
from worker.settings.types import Name, Section

# A tenant of Microsoft's that stands for all accounts of companies; an application of its own needs its own tenant.
ALL_TENANTS: Final = "organizations"
ADDRESSES: Final = ("token_url", "authorize_url", "device_url")


class OAuthSettings(Section):
    """Tokens (OAuth2) in place of a mailbox's password. `supportdesk mailbox authorize NAME` asks for the first one."""

    provider: Provider
    """Who gives the tokens. A `custom` one has no addresses and scopes of its own, so the settings name them.
    Such as `"microsoft"`."""
    grant: GrantType = GrantType.CODE
    """How they are given: `code`, somebody agrees in a browser, once; `client_credentials`, to an application of your
    Microsoft directory; `service_account`, to one of a Google Workspace. Such as `"client_credentials"`."""
    client_id: Name | None = None
    """The id of your application at the provider; all grants but `service_account` need it. Such as
    `"5f8d1c2e-client"`."""
    client_secret: SecretStr | None = None
    """The secret of your application, where it has one; `client_credentials` needs it."""
    tenant: Name = ALL_TENANTS
    """Your directory at Microsoft: its id, or a domain of it. `client_credentials` needs it. Such as
    `"desk.example"`."""
    key: SecretStr | None = None
    """The JSON file of a Google service account, for `service_account`."""
    scopes: tuple[Name, ...] = ()
    """What is asked for, in place of the provider's own. Such as `["https://mail.example/read"]`."""
    token_url: Name | None = None
    """Where tokens are asked for, in place of the provider's own. Such as `"https://login.example/token"`."""
    authorize_url: Name | None = None
    """Where somebody agrees in a browser. Such as `"https://login.example/authorize"`."""
    device_url: Name | None = None
    """Where a code is asked for, which somebody types in on another device. Such as `"https://login.example/device"`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        sentence = _why_not_granted(self) or _why_not_asked(self)
        if sentence:
            raise ValueError(sentence)
        return self

    def client(self, user: str, timeout: float) -> OAuthClient:
        """The client that asks for tokens of this account, each question within `timeout` seconds."""
        usual = endpoints_of(self.provider, self.tenant)
        return OAuthClient(
            user=user,
            provider=self.provider,
            grant=self.grant,
            endpoints=Endpoints(
                self.token_url or usual.token,
                self.authorize_url or usual.authorize,
                self.device_url or usual.device,
            ),
            scopes=self.scopes or scopes_of(self.provider, self.grant),
            client_id=self.client_id or "",
            secret=self.client_secret.get_secret_value() if self.client_secret else "",
            key=self.key.get_secret_value() if self.key else "",
            timeout=timeout,
        )


def mistake_in(table: Mapping[str, object]) -> str | None:
    """The first thing that is wrong with a table, after its key; None where it can be used."""
    try:
        OAuthSettings.model_validate(table)
    except ValidationError as failure:
        path, text = sentence(failure.errors()[0], OAuthSettings)
        return f"{'.'.join(map(str, path))}: {text}"
    return None


def _why_not_granted(oauth: OAuthSettings) -> str | None:
    """What the grant needs and has not."""
    if oauth.grant is GrantType.SERVICE_ACCOUNT:
        return _why_no_account(oauth)
    if oauth.key is not None:
        return 'key: has no meaning without grant = "service_account"'
    if oauth.client_id is None:
        return "client_id: is missing"
    return _why_no_credentials(oauth) if oauth.grant is GrantType.CLIENT_CREDENTIALS else None


def _why_no_account(oauth: OAuthSettings) -> str | None:
    if oauth.provider is Provider.MICROSOFT:
        return 'grant: Microsoft has no service accounts; its applications use "client_credentials"'
    if oauth.key is None or service_account(oauth.key.get_secret_value()) is None:
        return "key: give key_file with the path of the service account's JSON file"
    return None


def _why_no_credentials(oauth: OAuthSettings) -> str | None:
    if oauth.provider is Provider.GOOGLE:
        return 'grant: Google gives an application no token for mail; choose "code" or "service_account"'
    if oauth.client_secret is None:
        return (
            "client_secret: is missing; give client_secret, or client_secret_file with the path of a file that holds it"
        )
    if oauth.provider is Provider.MICROSOFT and oauth.tenant == ALL_TENANTS:
        return "tenant: is missing; give the id or a domain of your directory"
    return None


def _why_not_asked(oauth: OAuthSettings) -> str | None:
    """What is wrong with the addresses."""
    for name in ADDRESSES:
        address = getattr(oauth, name)
        if address is not None and not is_safe(address):
            return f"{name}: must start with https://"
    if oauth.provider is Provider.CUSTOM and oauth.token_url is None:
        return 'token_url: is missing; a provider "custom" has no address of its own'
    if (
        oauth.provider is Provider.CUSTOM
        and oauth.grant is GrantType.CODE
        and not (oauth.authorize_url or oauth.device_url)
    ):
        return 'authorize_url: is missing; a provider "custom" has no address of its own'
    return None
