"""The sections of `supportdesk.toml` about what is spoken to: mail servers, and the program that hears of alarms."""

from typing import Annotated, Any, Final, Self

from pydantic import Field, SecretStr, model_validator

from mail.server import Security
from worker.settings.types import Name, Port, Section, is_loopback, with_port

BOTH_OR_NEITHER: Final = "give both user and password (or password_file), or neither"


class ServerSettings(Section):
    """A mail server that is spoken to; without a port it is the usual one for the protection chosen."""

    host: Name
    port: Port
    security: Security = Security.TLS
    force_plain: bool = False

    @model_validator(mode="after")
    def _check_protection(self) -> Self:
        if self.security is Security.PLAIN and not self.force_plain and not is_loopback(self.host):
            raise ValueError(
                'security: "plain" sends the password where others can read it;'
                " choose tls or starttls, or add force_plain = true"
            )
        return self


class SmtpSettings(ServerSettings):
    """The server that takes outgoing mail, over so many connections of a process; without a user nobody logs in.

    A user without a password is that of a mailbox with `oauth`, whose token opens both.
    """

    user: Name | None = None
    password: SecretStr | None = None
    connections: Annotated[int, Field(ge=1, le=50)] = 8

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, data: Any) -> Any:
        return with_port(data, {"tls": 465, "starttls": 587, "plain": 25})

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.user is None and self.password is not None:
            raise ValueError(f"user: {BOTH_OR_NEITHER}")
        return self


class AlarmSettings(Section):
    """The program and its arguments that tell somebody where our own mail may not arrive; `{text}` is what it is."""

    run: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.run and not any("{text}" in word for word in self.run[1:]):
            raise ValueError('run: must be a program and arguments, one of them with {text}: ["page-me", "{text}"]')
        return self
