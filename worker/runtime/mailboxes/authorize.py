"""Getting a mailbox's first token: somebody agrees, the servers let us in with it, and only then is it written."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mail.auth.oauth.client import GrantType, OAuthClient, Provider
from mail.auth.oauth.consent import ConsentRefused, answered_on_device, ask_in_browser, ask_on_device, redeem
from mail.auth.oauth.grants import renew
from mail.auth.oauth.tokens import Tokens
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.server import Server
from mail.smtp.connection import SmtpServer, try_login
from models.db.clock import read_now
from models.ledger.access_tokens import list_tokens, put_tokens
from worker.runtime.mailboxes.access import MailboxAccess, sealed_tokens
from worker.runtime.mailboxes.accounts import smtp_servers_of
from worker.runtime.mailboxes.loopback import listening_for_answer
from worker.runtime.services import Services, imap_server, smtp_server
from worker.runtime.transaction import transaction
from worker.settings.servers import MailboxSettings

Say = Callable[[str], None]
BROWSER_SECONDS: Final = 600.0

IN_BROWSER: Final = """\
Open this address in a browser on this machine, and sign in as {user}:

  {address}

If your browser is on another machine, first say this there, with the name of this machine:

  ssh -L {port}:127.0.0.1:{port} NAME

The answer is waited for ten minutes; Ctrl-C changes nothing."""
ON_DEVICE: Final = """\
Open this address on any device, type the word, and sign in as {user}:

  {address}
  {word}

The answer is waited for {minutes} minutes; Ctrl-C changes nothing."""


class NotAuthorized(Exception):
    """The mailbox got no token, and nothing was changed: the message says why."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A token that is tried before it is written."""

    access: str

    def token(self, refused: str = "") -> str:  # noqa: ARG002  there is no other
        """The token, whatever a server says of it."""
        return self.access


def authorize(services: Services, box: MailboxSettings, *, on_device: bool, say: Say) -> tuple[str, ...]:
    """Get tokens for a mailbox, log in with them, and write them; sentences about what came of it.

    `say` is given what the person at the terminal has to do. Raises NotAuthorized, TemporaryFailure and
    PermanentFailure; nothing was changed then.
    """
    if box.oauth is None:
        raise NotAuthorized(f"Mailbox {box.name} has a password and no table oauth, so it needs no token.")
    client = box.oauth.client(box.user, MailboxAccess.MOST_SECONDS)
    with transaction(services.engine, quiet=True) as session:
        # Before anybody is asked: the database is there, and has the table.
        list_tokens(session)
        now = int(read_now(session).timestamp())
    tokens = _ask(client, now, on_device=on_device, say=say)
    told = (*_try_imap(services, box, tokens), *_try_smtp(services, box, tokens))
    with transaction(services.engine, quiet=True) as session:
        put_tokens(session, box.name, sealed_tokens(box.name, tokens, services.policy.keys.secrets))
    return (f"Mailbox {box.name} has its token.", *told)


def _ask(client: OAuthClient, now: int, *, on_device: bool, say: Say) -> Tokens:
    if client.grant is not GrantType.CODE:
        return renew(client, "", now)
    if on_device and not client.endpoints.device:
        raise NotAuthorized(f"{client.host} gives no token for mail to another device; say it without --device.")
    tokens = _on_device(client, say) if on_device else _in_browser(client, say)
    if not tokens.refresh:
        raise NotAuthorized(
            f"{client.host} gave no refresh token, so this one would end soon: allow the application offline access."
        )
    return tokens


def _in_browser(client: OAuthClient, say: Say) -> Tokens:
    with listening_for_answer() as loopback:
        # Microsoft takes any port for the name alone, and the others for the address (RFC 8252, section 7.3).
        host = "localhost" if client.provider is Provider.MICROSOFT else "127.0.0.1"
        consent = ask_in_browser(client, f"http://{host}:{loopback.port}")
        loopback.expect(consent.state)
        say(IN_BROWSER.format(user=client.user, address=consent.address, port=loopback.port))
        answer = loopback.wait(BROWSER_SECONDS)
    if answer is None:
        raise NotAuthorized("No answer came within ten minutes.")
    try:
        return redeem(client, consent, answer)
    except ConsentRefused as refusal:
        raise NotAuthorized(f"{refusal}.") from None


def _on_device(client: OAuthClient, say: Say) -> Tokens:
    consent = ask_on_device(client)
    minutes = max(1, round(consent.seconds / 60))
    say(ON_DEVICE.format(user=client.user, address=consent.address, word=consent.word, minutes=minutes))
    ends = time.monotonic() + consent.seconds
    while time.monotonic() < ends:
        time.sleep(min(consent.interval, max(0.0, ends - time.monotonic())))
        try:
            answer = answered_on_device(client, consent)
        except TemporaryFailure as failure:
            # The next question may be answered (RFC 8628, section 3.5).
            say(str(failure))
            continue
        if isinstance(answer, Tokens):
            return answer
        consent = answer
    raise NotAuthorized(f"No answer came within {minutes} minutes.")


def _try_imap(services: Services, box: MailboxSettings, tokens: Tokens) -> tuple[str, ...]:
    """Log in and open the folder; raises NotAuthorized where the server refuses."""
    server: Server = imap_server(box, services.limits, _Given(tokens.access))
    try:
        with open_mailbox(server) as mailbox:
            mailbox.select(box.folder)
    except PermanentFailure as failure:
        raise NotAuthorized(f"{failure}. Sign in as {box.user}, which has to have the right to use IMAP.") from None
    except TemporaryFailure as failure:
        return (f"It could not be tried: {failure}",)
    return (f"{server} let {box.user} in with it.",)


def _try_smtp(services: Services, box: MailboxSettings, tokens: Tokens) -> tuple[str, ...]:
    told = []
    for smtp in smtp_servers_of(services, box):
        server: SmtpServer = smtp_server(smtp, services.limits, _Given(tokens.access))
        try:
            try_login(server, services.domain)
            told.append(f"{server} let {box.user} in with it.")
        except (TemporaryFailure, PermanentFailure) as failure:
            told.append(f"Mail cannot be sent with it: {failure}")
    return tuple(told)
