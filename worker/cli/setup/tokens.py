"""The questions about OAuth2: which application asks for tokens, and how; and tokens of one that needs no consent."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final, Protocol

from mail.auth.oauth.client import GrantType, Provider
from mail.server import Bearer
from worker.cli.setup.answers import Application
from worker.runtime.clock import now
from worker.settings.sections.oauth import ALL_TENANTS, OAuthSettings, mistake_in

# By which grants each provider gives tokens for mail.
GRANTS: Final = {
    Provider.MICROSOFT: (GrantType.CODE, GrantType.CLIENT_CREDENTIALS),
    Provider.GOOGLE: (GrantType.CODE, GrantType.SERVICE_ACCOUNT),
    Provider.CUSTOM: (GrantType.CODE, GrantType.CLIENT_CREDENTIALS),
}
WAYS: Final = {
    GrantType.CODE: "somebody agrees in a browser (code)",
    GrantType.CLIENT_CREDENTIALS: "an application of your directory asks with its secret (client_credentials)",
    GrantType.SERVICE_ACCOUNT: "a service account of your Workspace asks with its key (service_account)",
}


class Questions(Protocol):
    """What asks, as the dialogue of `supportdesk init` does."""

    def text(self, option: str, question: str, default: str | None = None) -> str:
        """One answer."""

    def choice(self, option: str, question: str, choices: tuple[str, ...], default: str) -> str:
        """One answer of those."""

    def secret(self, option: str, question: str, default: str | None = None) -> str:
        """The content of a file, or what is typed and not shown."""

    def content(self, option: str, question: str) -> str:
        """The content of a file that is named."""


def ask_application(questions: Questions, provider: Provider) -> Application:
    """The application that asks for tokens of a mailbox; whether its answers fit together is not looked at."""
    how = f"How does it get its tokens: {', or '.join(WAYS[one] for one in GRANTS[provider])}?"
    choices = tuple(one.value for one in GRANTS[provider])
    grant = GrantType(questions.choice("grant", how, choices, GrantType.CODE.value))
    if grant is GrantType.SERVICE_ACCOUNT:
        return Application(provider, grant, key=questions.content("key_file", "The file of the service account (JSON)"))
    needs_secret = grant is GrantType.CLIENT_CREDENTIALS
    client_id = questions.text("client_id", "The client id of your application there")
    secret = questions.secret("client_secret", "Its client secret", None if needs_secret else "")
    application = Application(provider, grant, client_id, secret)
    if provider is Provider.MICROSOFT:
        usual = None if needs_secret else ALL_TENANTS
        return replace(application, tenant=questions.text("tenant", "Your directory: its id or a domain of it", usual))
    return _with_places(application, questions) if provider is Provider.CUSTOM else application


def mistake_of(application: Application) -> str | None:
    """What of it does not fit together, as a sentence."""
    mistake = mistake_in(table_of(application))
    return f"{mistake}." if mistake else None


def table_of(application: Application) -> Mapping[str, object]:
    """The table `[mailbox.oauth]` with its secrets, and without what is left to the provider."""
    given = {one.name: getattr(application, one.name) for one in fields(application)}
    return {name: value for name, value in given.items() if value}


def bearer_of(application: Application, user: str, seconds: float) -> Bearer | None:
    """What gives tokens of this account, each question within so many seconds; None where somebody has to agree."""
    return None if application.needs_consent else _ApplicationTokens(application, user, seconds)


class _ApplicationTokens:
    """The tokens of an application that needs nobody; one is asked for, and kept for all that is tried."""

    def __init__(self, application: Application, user: str, seconds: float) -> None:
        self._application, self._user, self._seconds = application, user, seconds
        self._token = ""

    def token(self, refused: str = "") -> str:  # noqa: ARG002  the next one would be refused as well
        """The token; raises what the provider answers in its place."""
        # What speaks to a provider takes 10 MB, which only who has tokens needs.
        from mail.auth.oauth.grants import renew

        if not self._token:
            client = OAuthSettings.model_validate(table_of(self._application)).client(self._user, self._seconds)
            self._token = renew(client, "", int(now().timestamp())).access
        return self._token


def _with_places(application: Application, questions: Questions) -> Application:
    """Where a provider is asked that is not known, and for what."""
    token_url = questions.text("token_url", "The address at which tokens are asked for")
    authorize_url = device_url = ""
    if application.needs_consent:
        authorize_url = questions.text("authorize_url", "The address at which somebody agrees in a browser", "")
        device_url = questions.text("device_url", "The address at which another device may be asked for", "")
    scopes = tuple(questions.text("scopes", "The scopes that are asked for, separated by spaces", "").split())
    return replace(application, token_url=token_url, authorize_url=authorize_url, device_url=device_url, scopes=scopes)
