"""Mail providers that many desks have, with their hosts and ports; nothing is looked up."""

from dataclasses import dataclass
from typing import Final

from mail.auth.oauth.client import Provider
from mail.server import Security

IMAP_PORTS: Final = {Security.TLS: 993, Security.STARTTLS: 143, Security.PLAIN: 143}
SMTP_PORTS: Final = {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 25}
GMAIL: Final = (
    "Gmail lets programs in by OAuth2, or by an app password where the account has 2-step verification"
    " (myaccount.google.com/apppasswords)."
)
MICROSOFT: Final = (
    "Microsoft 365 lets programs in by OAuth2 alone, and takes no password. Register an application in your directory"
    " first (entra.microsoft.com), with http://localhost as its redirect address."
)


@dataclass(frozen=True, slots=True)
class MailProvider:
    """Where the mailboxes of a provider are read and where their mail goes out; `domains` are of its own addresses.

    `plus_addressing` is None where it differs or is not known. `advice` is a sentence for who chooses it. `tokens` says
    who gives its tokens, where it takes any, and `takes_passwords` whether it lets in without them.
    """

    name: str
    imap_host: str
    smtp_host: str
    domains: tuple[str, ...] = ()
    smtp_security: Security = Security.TLS
    plus_addressing: bool | None = None
    advice: str = ""
    tokens: Provider | None = None
    takes_passwords: bool = True

    @property
    def key(self) -> str:
        """Its name as an answer or option."""
        return self.name.lower().replace(" ", "")


PROVIDERS: Final = (
    MailProvider(
        "Gmail", "imap.gmail.com", "smtp.gmail.com", ("gmail.com", "googlemail.com"), plus_addressing=True,
        advice=GMAIL, tokens=Provider.GOOGLE,
    ),
    MailProvider(
        "Microsoft 365", "outlook.office365.com", "smtp.office365.com",
        ("outlook.com", "hotmail.com", "live.com", "onmicrosoft.com"), Security.STARTTLS, plus_addressing=True,
        advice=MICROSOFT, tokens=Provider.MICROSOFT, takes_passwords=False,
    ),
    MailProvider(
        "Fastmail", "imap.fastmail.com", "smtp.fastmail.com", ("fastmail.com", "fastmail.fm"), plus_addressing=True,
        advice="Fastmail wants an app password, which its settings make under Privacy and Security.",
    ),
    MailProvider("IONOS", "imap.ionos.com", "smtp.ionos.com", ("online.de", "onlinehome.de")),
    MailProvider("OVH", "ssl0.ovh.net", "ssl0.ovh.net", ("ovh.net", "ovh.fr")),
    MailProvider(
        "GMX", "imap.gmx.net", "mail.gmx.net", ("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com"),
        advice="GMX lets programs in only once IMAP is switched on in its settings, under POP3/IMAP.",
    ),
)  # fmt: skip
DOVECOT: Final = "dovecot"
KEYS: Final = (*(provider.key for provider in PROVIDERS), DOVECOT)


def provider_of(address: str) -> MailProvider | None:
    """The provider whose own domain an address is of; None where its domain may be anybody's."""
    domain = address.rpartition("@")[2].lower()
    return next(
        (one for one in PROVIDERS if any(domain == own or domain.endswith(f".{own}") for own in one.domains)), None
    )


def provider_named(key: str, address: str) -> MailProvider:
    """The provider of a key; a Dovecot is taken to be at `mail.` and the domain of the address."""
    host = f"mail.{address.rpartition('@')[2]}"
    own = MailProvider("Dovecot", host, host, tokens=Provider.CUSTOM)
    return next((one for one in PROVIDERS if one.key == key), own)
