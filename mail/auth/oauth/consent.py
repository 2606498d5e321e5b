"""Asking a person to let the desk into a mailbox: in a browser (RFC 8252, 7636), or on any device (RFC 8628)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from authlib.common.security import generate_token

from mail.auth.oauth.client import OAuthClient, Provider
from mail.auth.oauth.grants import TokenRefused, ask, library_client
from mail.auth.oauth.tokens import Tokens
from mail.auth.oauth.transport import FormPost
from mail.auth.oauth.words import in_words
from mail.failures import TemporaryFailure

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
# How much longer to wait between questions where the provider says so (RFC 8628, section 3.5).
SLOWER: Final = 5.0


class ConsentRefused(Exception):
    """The browser brought no consent: the message says why."""


@dataclass(frozen=True, slots=True)
class BrowserConsent:
    """A question that is asked in a browser: the address to open, and where it is answered to."""

    address: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceConsent:
    """A question that is answered on another device: the address to open there, and the word to type.

    It is asked after every `interval` seconds whether that was done, for `seconds` in all.
    """

    address: str
    word: str
    code: str = field(repr=False)
    interval: float
    seconds: float


def ask_in_browser(client: OAuthClient, redirect: str) -> BrowserConsent:
    """A question with a state and a verifier of its own (RFC 7636); `redirect` is the address of the answer."""
    verifier = generate_token(64)
    more = {"login_hint": client.user}
    if client.provider is Provider.GOOGLE:
        # Without these Google gives no refresh token, or only the first time.
        more |= {"access_type": "offline", "prompt": "consent"}
    session = library_client(client, redirect_uri=redirect)
    address, state = session.create_authorization_url(client.endpoints.authorize, code_verifier=verifier, **more)
    return BrowserConsent(address, redirect, state, verifier)


def redeem(client: OAuthClient, consent: BrowserConsent, answer: Mapping[str, str]) -> Tokens:
    """The tokens for what the browser brought.

    Raises ConsentRefused where it brought no consent to this question, TokenRefused and TemporaryFailure.
    """
    if not hmac.compare_digest(answer.get("state", "").encode(), consent.state.encode()):
        raise ConsentRefused("The browser's answer belongs to another question")
    if "error" in answer or "code" not in answer:
        words = in_words(" ".join(answer.get(name, "") for name in ("error", "error_description")))
        raise ConsentRefused(f"The provider says: {words or 'nothing, and gave no code'}")
    session, code = library_client(client, redirect_uri=consent.redirect), answer["code"]
    more = {"grant_type": "authorization_code", "code": code, "code_verifier": consent.verifier}
    return ask(client, lambda: session.fetch_token(client.endpoints.token, **more), code, consent.verifier)


def ask_on_device(client: OAuthClient) -> DeviceConsent:
    """A question for another device (RFC 8628, section 3.2); raises TokenRefused or TemporaryFailure."""
    form = {"client_id": client.client_id, "scope": " ".join(client.scopes)}
    answer = FormPost(client.timeout).post(client.endpoints.device, form)
    try:
        fields = answer.json()
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or answer.status_code >= 500:
        answer.raise_for_status()
    if "error" in fields:
        code = str(fields["error"])
        words = in_words(f"{code}: {fields.get('error_description', '')}", client.secret)
        raise TokenRefused(f"{client.host} does not let another device answer: {words}", code)
    try:
        # Google's older name stands beside the standard's.
        address = str(fields.get("verification_uri") or fields["verification_url"])
        word, code = in_words(str(fields["user_code"])), str(fields["device_code"])
        interval, seconds = float(fields.get("interval") or 5), float(fields.get("expires_in") or 900)
        return DeviceConsent(in_words(address), word, code, interval, seconds)
    except (KeyError, ValueError):
        raise TemporaryFailure(f"{client.host} gave an answer without a code for another device") from None


def answered_on_device(client: OAuthClient, consent: DeviceConsent) -> Tokens | DeviceConsent:
    """The tokens, or the question as it is to be asked again after its interval; raises as `redeem` does."""
    session = library_client(client)
    more = {"grant_type": DEVICE_GRANT, "device_code": consent.code}
    try:
        return ask(client, lambda: session.fetch_token(client.endpoints.token, **more), consent.code)
    except TokenRefused as refusal:
        if refusal.code == "authorization_pending":
            return consent
        if refusal.code == "slow_down":
            return replace(consent, interval=consent.interval + SLOWER)
        raise
