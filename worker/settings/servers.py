"""The sections of `supportdesk.toml` about mail servers: mailboxes, and the servers that mail goes out by."""

import re
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import Field, SecretStr, model_validator

from mail.server import Security
from worker.settings.sections.oauth import OAuthSettings
from worker.settings.types import (
    Address,
    After,
    FromName,
    Language,
    Name,
    Port,
    Section,
    is_loopback,
    same_folder,
    with_port,
)

BOTH_OR_NEITHER: Final = "give both user and password (or password_file), or neither"
# RFC 5321, 4.5.3.1.1: a local part has at most 64 octets. A signed address adds "+", an id, "." and a MAC.
LONGEST_LOCAL_PART: Final = 64
SIGNED_SUFFIX: Final = 1 + 13 + 1 + 20
AUTHSERV_ID: Final = re.compile(r'[^\s;="()]+')
# One label alone, such as "com", would let anybody be ours.
DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


class ServerSettings(Section):
    """A mail server that is spoken to; without a port it is the usual one for the protection chosen."""

    USUAL_PORTS: ClassVar[dict[str, int]]

    host: Name
    """The name or address of the server. Such as `"mail.desk.example"`."""
    port: Port
    """Its port."""
    security: Security = Security.TLS
    """How the connection is protected: `tls` from its first byte, `starttls` from a command on, or `plain`, not at
    all. To another machine `plain` needs `force_plain = true`. Such as `"starttls"`."""
    force_plain: bool = False
    """Lets the password go to another machine in the clear, where others can read it."""

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, data: Any) -> Any:
        return with_port(data, cls.USUAL_PORTS)

    @model_validator(mode="after")
    def _check_protection(self) -> Self:
        if self.security is Security.PLAIN and not self.force_plain and not is_loopback(self.host):
            raise ValueError(
                'security: "plain" sends the password where others can read it;'
                " choose tls or starttls, or add force_plain = true"
            )
        return self


class SmtpSettings(ServerSettings):
    """The SMTP server that mail goes out by."""

    USUAL_PORTS: ClassVar[dict[str, int]] = {"tls": 465, "starttls": 587, "plain": 25}

    user: Name | None = None
    """The user that the desk logs in with; without one it does not log in. Where there is no password it is the user of
    a mailbox with a table `oauth`, whose token opens this server too. Such as `"support@desk.example"`."""
    password: SecretStr | None = None
    """The password of that user."""
    connections: Annotated[int, Field(ge=1, le=50)] = 8
    """How many connections a process opens at most, with one mail in flight on each; more are opened only where several
    mails wait for each. Where the provider refuses one, the desk does with fewer."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.user is None and self.password is not None:
            raise ValueError(f"user: {BOTH_OR_NEITHER}")
        return self


class MailboxSettings(ServerSettings):
    """One IMAP folder that is read, and the address whose mail it holds; one table for each, and one at least."""

    USUAL_PORTS: ClassVar[dict[str, int]] = {"tls": 993, "starttls": 143, "plain": 143}

    name: Name
    """What the mailbox is called in settings, commands and logs. Such as `"support"`."""
    address: Address
    """The address that customers write to, and the From of mails about its tickets. Such as
    `"support@desk.example"`."""
    aliases: tuple[Address, ...] = ()
    """Further addresses that deliver here: all of them are the desk, which never writes to itself. Such as
    `["help@desk.example"]`."""
    groups: tuple[Address, ...] = ()
    """Groups and lists that deliver here and write their own address into From: who is named in X-Original-From or
    Reply-To is taken as the author, without any proof. Such as `["team@desk.example"]`."""
    folder: Name = "INBOX"
    """The IMAP folder that is read. Such as `"INBOX/Support"`."""
    user: Name
    """The user that the desk logs in with. Such as `"support@desk.example"`."""
    password: SecretStr | None = None
    """The password of that user; Gmail wants an app password. Microsoft 365 takes none: give a table `[mailbox.oauth]`
    in its place."""
    oauth: OAuthSettings | None = None
    """Tokens in place of the password, for Gmail and Microsoft 365."""
    from_name: FromName | None = None
    """As `from_name` in `[desk]`, for the tickets of this mailbox. Such as `"{author} (Sales)"`."""
    language: Language | None = None
    """The language of its mails to customers, in place of the desk's. Such as `"de"`."""
    smtp: SmtpSettings | None = None
    """Its own outgoing server, for the mails that come from this address."""
    plus_addressing: bool = False
    """Whether the server delivers support+anything@desk.example here. A mailbox needs that, or `authserv_id`."""
    authserv_id: Name | None = None
    """The name that your own mail server writes into Authentication-Results, which are believed then. `supportdesk
    doctor` says whether it is the right one. Such as `"mx.desk.example"`."""
    own_hosts: tuple[Name, ...] = ()
    """Further servers of yours whose Received lines may stand above Authentication-Results; those of your own domain
    need no entry. Such as `["mail.provider.example"]`."""
    nameless_results: bool = False
    """Believe Authentication-Results without a name, as Microsoft 365 writes them, with `own_hosts = ["outlook.com"]`.
    Only where no other server can put one there."""
    arc_forwarders: tuple[Name, ...] = ()
    """Forwarders and lists whose seal (ARC) counts where your server says `arc=pass`. Such as
    `["lists.partner.example"]`."""
    web_forms: tuple[Address, ...] = ()
    """Web forms that send mail here: who is named in Reply-To is taken as its author, without any proof. Such as
    `["forms@site.example"]`."""
    after: After = After.LEAVE
    """What happens on the server to a mail that is stored: it stays as it is, is flagged, or moves to `move_to`.
    Such as `"flag"`."""
    move_to: Name | None = None
    """The folder that stored mails move to, with `after = "move"`. Such as `"Archive"`."""
    poll_every_seconds: Annotated[int, Field(ge=5, le=86400)] = 60
    """How often it is looked at. With `supportdesk watch` new mail is heard of at once."""
    from_start: bool = False
    """Take the mails that are there already; otherwise only what comes from now on."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        sentence = (
            _why_not_let_in(self)
            or _why_not_known(self)
            or _why_not_pinned(self)
            or _why_not_a_form(self)
            or _why_not_moved(self)
        )
        if sentence:
            raise ValueError(sentence)
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that delivers here."""
        return (self.address, *self.aliases, *self.groups)

    @property
    def is_pinned(self) -> bool:
        """True where a server's word about senders is believed."""
        return self.authserv_id is not None or self.nameless_results


def _why_not_let_in(box: MailboxSettings) -> str | None:
    if box.password is None and box.oauth is None:
        return "password: is missing; give password, or password_file with the path of a file that holds it"
    if box.password is not None and box.oauth is not None:
        return "oauth: its tokens stand in place of the password; give one of the two"
    return None


def _why_not_known(box: MailboxSettings) -> str | None:
    if not box.plus_addressing and not box.is_pinned:
        return "plus_addressing: needs plus_addressing = true or an authserv_id, or nobody who writes could be known"
    longest = LONGEST_LOCAL_PART - SIGNED_SUFFIX
    local = box.address.partition("@")[0]
    if box.plus_addressing and len(local) > longest:
        return f"address: with plus addressing the part before @ may have {longest} characters, and has {len(local)}"
    return None


def _why_not_pinned(box: MailboxSettings) -> str | None:
    if box.authserv_id is not None and not AUTHSERV_ID.fullmatch(box.authserv_id):
        return f'authserv_id: must be one word without quotes, semicolons and equals signs, not "{box.authserv_id}"'
    if box.nameless_results and not box.own_hosts:
        return 'own_hosts: nameless_results needs the servers that write them, such as own_hosts = ["outlook.com"]'
    for key, domains in (("own_hosts", box.own_hosts), ("arc_forwarders", box.arc_forwarders)):
        strange = next((domain for domain in domains if not DOMAIN.fullmatch(domain)), None)
        if strange is not None:
            return f'{key}: must hold names such as lists.example, not "{strange}"'
        if domains and not box.is_pinned:
            return f"{key}: has no meaning without an authserv_id"
    return None


def _why_not_a_form(box: MailboxSettings) -> str | None:
    own = next((address for address in box.web_forms if address in box.addresses), None)
    if own is not None:
        return f'web_forms: "{own}" is the mailbox itself, and its own mail is never taken in'
    return None


def _why_not_moved(box: MailboxSettings) -> str | None:
    if (box.after is After.MOVE) != (box.move_to is not None):
        return 'move_to: after = "move" and move_to belong together'
    if box.move_to is not None and same_folder(box.move_to, box.folder):
        return f'move_to: is the polled folder "{box.folder}" itself'
    return None
