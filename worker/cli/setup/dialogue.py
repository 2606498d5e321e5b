"""The questions of `supportdesk init`: each answer is tried at once, and asked for again where it is wrong."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from mail.failures import PermanentFailure, TemporaryFailure
from mail.mime.addresses import normalise
from mail.server import Security
from worker.cli.errors import refuse
from worker.cli.setup import logins
from worker.cli.setup.answers import Answers, Login, Recognition
from worker.cli.setup.own_mail import NotArrived, try_itself
from worker.cli.setup.providers import (
    DOVECOT,
    IMAP_PORTS,
    KEYS,
    PROVIDERS,
    SMTP_PORTS,
    MailProvider,
    provider_named,
    provider_of,
)
from worker.cli.setup.tokens import ask_application, bearer_of, mistake_of

T = TypeVar("T")
# Options that only tokens have.
OF_TOKENS = ("grant", "client_id", "client_secret_file", "key_file", "tenant", "token_url")
# What is typed in place of a password.
TOKENS = "-"
NOTHING_WRITTEN = "Nothing was written."
NO_TERMINAL = "Nobody is asked here, and --{} is not given; `supportdesk init --help` names all options."
MAY_WE = (
    "May {} send two mails to itself, to see whether plus addresses arrive and which server checks senders?"
    " They stay in the mailbox."
)
UNKNOWN_SENDERS = (
    "Neither plus addresses arrive nor does a server say who senders are, so nobody who answers could be known. Ask the"
    " provider for one of them, or give --plus-addressing or --authserv-id."
)


@dataclass(slots=True)
class Dialogue:
    """Where answers come from: options by their names, then defaults or, where it `asks`, a person at the terminal.

    With `tries` each login is tried. `used` are the options that the question at hand has taken.
    """

    options: dict[str, Any]
    asks: bool
    tries: bool
    used: list[str] = field(default_factory=list)

    def answers(self) -> Answers:
        """Every answer, tried as it came; ends the command with a sentence where one is wrong and nobody is asked."""
        name = self.text("name", "What is the desk called?", "SupportDesk")
        address = self.until_right(self._address, lambda one: None if normalise(one) else f"{one} is no mail address.")
        provider = self._provider(address)
        domain = address.rpartition("@")[2]
        imap = self.until_right(lambda: self._imap_login(provider, address), self._imap_trouble)
        smtp = self.until_right(
            lambda: self._smtp_login(provider, imap), self._tried(partial(logins.try_smtp, domain=domain))
        )
        database = self.until_right(self._database, self._tried(logins.try_database))
        broker = self.until_right(self._broker, self._tried(logins.try_broker))
        return Answers(name, address, imap, smtp, database, broker, self._trust(address, provider, imap, smtp))

    def text(self, option: str, question: str, default: str | None = None, *, hidden: bool = False) -> str:
        """One answer: the option, or what a person types, or the default."""
        if (given := self._option(option)) is not None:
            return str(given)
        if self.asks:
            return str(click.prompt(question, default=default, hide_input=hidden, type=str)).strip()
        if default is None:
            refuse(NO_TERMINAL.format(option.replace("_", "-")), NOTHING_WRITTEN)
        return default

    def until_right(self, ask: Callable[[], T], trouble_with: Callable[[T], str | None]) -> T:
        """Ask until nothing is wrong with the answer; without a person the first must be right."""
        self.used.clear()
        while (trouble := trouble_with(answer := ask())) is not None:
            if not self.asks:
                refuse(trouble, NOTHING_WRITTEN)
            click.echo(trouble)
            # What was given as an option was wrong, so it is asked for like the rest.
            for option in self.used:
                self.options.pop(option, None)
        return answer

    def _option(self, name: str) -> Any:
        self.used.append(name)
        return self.options.get(name)

    def _tried(self, attempt: Callable[[T], str | None]) -> Callable[[T], str | None]:
        return attempt if self.tries else lambda _: None

    def _address(self) -> str:
        return self.text("address", "Which address do customers write to?").lower()

    def _provider(self, address: str) -> MailProvider:
        key = self._option("provider")
        found = provider_named(key, address) if key else provider_of(address)
        if found is None:
            chosen = DOVECOT
            if self.asks and self._option("imap_host") is None:
                chosen = click.prompt("Whose mail server is it?", type=click.Choice(KEYS), default=DOVECOT)
            found = provider_named(chosen, address)
        if found.advice:
            click.echo(found.advice)
        return found

    def _imap_login(self, provider: MailProvider, address: str) -> Login:
        host = self._host("imap", "IMAP", provider.imap_host, provider)
        security, port = self._port("imap", "IMAP", provider, Security.TLS, IMAP_PORTS)
        user = self.text("user", "With which user does one log in?", address)
        password = None if self._wants_tokens(provider) else self._imap_password(provider, user)
        if provider.tokens is None or password not in (None, TOKENS):
            return Login(host, port, security, user, password or "")
        application = ask_application(self, provider.tokens)
        bearer = bearer_of(application, user, logins.STEP_SECONDS)
        return Login(host, port, security, user, "", application, bearer)

    def _wants_tokens(self, provider: MailProvider) -> bool:
        """Whether tokens are chosen already: by an option that only they have, or by a provider without passwords."""
        if provider.tokens is None or self._option("password_file") is not None:
            return False
        return not provider.takes_passwords or any(self._option(one) is not None for one in OF_TOKENS)

    def _imap_password(self, provider: MailProvider, user: str) -> str:
        way = f" ({TOKENS} for OAuth2)" if provider.tokens else ""
        return self.secret("password", f"The password of {user}{way}")

    def _imap_trouble(self, login: Login) -> str | None:
        mistake = mistake_of(login.application) if login.application else None
        return mistake or (logins.try_imap(login) if self.tries else None)

    def _smtp_login(self, provider: MailProvider, imap: Login) -> Login:
        host = self._host("smtp", "SMTP", provider.smtp_host, provider)
        security, port = self._port("smtp", "SMTP", provider, provider.smtp_security, SMTP_PORTS)
        user = self.text("smtp_user", "With which user does mail go out? (- for no login)", imap.user)
        if user == "-":
            return Login(host, port, security, "", "")
        if user == imap.user and self._option("smtp_password_file") is None:
            return Login(host, port, security, user, imap.password, imap.application, imap.bearer)
        return Login(host, port, security, user, self.secret("smtp_password", f"The password of {user}"))

    def _host(self, kind: str, protocol: str, usual: str, provider: MailProvider) -> str:
        if provider in PROVIDERS:
            return str(self._option(f"{kind}_host") or usual)
        return self.text(f"{kind}_host", f"On which host is its {protocol} server?", usual)

    def _port(
        self, kind: str, protocol: str, provider: MailProvider, usual: Security, ports: Mapping[Security, int]
    ) -> tuple[Security, int]:
        given = self._option(f"{kind}_security")
        security = Security(given) if given else usual
        if not given and self.asks and provider not in PROVIDERS:
            choices = click.Choice([one.value for one in Security])
            security = Security(click.prompt(f"How does {protocol} protect it?", type=choices, default=usual.value))
        port = self._option(f"{kind}_port")
        if port is None and self.asks and provider not in PROVIDERS:
            port = click.prompt(f"The port for {protocol}", type=click.IntRange(1, 65535), default=ports[security])
        return security, int(port or ports[security])

    def choice(self, option: str, question: str, choices: tuple[str, ...], default: str) -> str:
        """One answer of those: the option, whatever it is, or what a person chooses, or the default."""
        if (given := self._option(option)) is not None or not self.asks:
            return str(given or default)
        return str(click.prompt(question, type=click.Choice(choices), default=default))

    def secret(self, option: str, question: str, default: str | None = None) -> str:
        """The content of the file of an option, or what a person types unseen, or the default."""
        file = self._option(f"{option}_file")
        if file is not None:
            return self._content(file)
        if not self.asks and default is None:
            refuse(NO_TERMINAL.format(f"{option}-file".replace("_", "-")), NOTHING_WRITTEN)
        if not self.asks:
            return str(default)
        more = " (empty for none)" if default == "" else ""
        return str(click.prompt(f"{question}{more}", default=default, show_default=False, hide_input=True))

    def content(self, option: str, question: str) -> str:
        """The content of a file that an option or a person names."""
        return self._content(self.text(option, question))

    def _content(self, file: str) -> str:
        try:
            content = sys.stdin.read() if str(file) == "-" else Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            refuse(
                f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}.", NOTHING_WRITTEN
            )
        return content.rstrip("\r\n")

    def _database(self) -> str:
        usual = os.environ.get("DATABASE_URL") or logins.DATABASE_EXAMPLE
        return self._url("database_url", "The database (PostgreSQL)", "DATABASE_URL", usual)

    def _broker(self) -> str:
        usual = os.environ.get("REDIS_URL") or logins.BROKER_EXAMPLE
        return self._url("broker_url", "The broker (Redis or Valkey)", "REDIS_URL", usual)

    def _url(self, option: str, question: str, variable: str, usual: str) -> str:
        """A URL: that of the environment is not shown, as it may hold a password."""
        if os.environ.get(variable) and self.asks and self._option(option) is None:
            return str(click.prompt(question, default=usual, show_default=f"that of {variable}"))
        return self.text(option, question, usual if self.asks or os.environ.get(variable) else None)

    def _trust(self, address: str, provider: MailProvider, imap: Login, smtp: Login) -> Recognition:
        plus, name = self._option("plus_addressing"), self._option("authserv_id")
        if plus is None or name is None:
            found = self._own_mail(address, imap, smtp)
            if found is not None:
                return Recognition(found.plus_addressing if plus is None else plus, name or found.authserv_id,
                             found.own_hosts if name is None else (), found.nameless and name is None)  # fmt: skip
        if plus is None:
            plus = provider.plus_addressing
        if plus is None and self.asks:
            local, _, domain = address.rpartition("@")
            plus = click.confirm(f"Do mails to {local}+anything@{domain} arrive in the mailbox?", default=True)
        return Recognition(bool(plus), name)

    def _own_mail(self, address: str, imap: Login, smtp: Login) -> Recognition | None:
        """What two mails of the mailbox to itself show; None where nobody wants them, or they did not arrive."""
        if imap.awaits_consent:
            return None
        wanted = self._option("try_mail")
        if wanted is None and self.asks:
            wanted = click.confirm(MAY_WE.format(address), default=True)
        if not wanted or not self.tries:
            return None
        try:
            found = try_itself(address, imap, smtp, click.echo)
        except (NotArrived, TemporaryFailure, PermanentFailure) as failure:
            click.echo(f"Nothing is known of it: {str(failure).rstrip('.')}.")
            return None
        click.echo(f"Plus addresses arrive: {'yes' if found.plus_addressing else 'no'}.")
        click.echo(
            f"The server that checks senders: {found.authserv_id or ('nameless' if found.nameless else 'none')}."
        )
        return found
