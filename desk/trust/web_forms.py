"""Mail of listed web forms: its author is the address in Reply-To, which nothing proves."""

from dataclasses import dataclass, replace

from desk.facts import Policy
from desk.tokens import is_ours
from mail.auth.results import AuthOutcome, read_results
from mail.inbound.message import InboundMail
from mail.mime.addresses import Address, read_addresses
from mail.mime.headers import ADDRESSES_BYTES

NO_ONE = "it does not name exactly one address in Reply-To"
OUR_OWN = "its Reply-To is an address of this desk"
NOT_VOUCHED = "our mail server does not vouch for that address"


@dataclass(frozen=True, slots=True)
class Form:
    """A listed web form that sent a mail; `author` is the address in Reply-To, None where that does not count."""

    author: Address | None
    evidence: str


def resolve_author(mail: InboundMail, mailbox: str, policy: Policy) -> tuple[InboundMail, Form | None]:
    """A mail with its author as the one sender, and the web form of the mailbox that sent it; None for other mail."""
    listed = policy.web_forms.get(mailbox, frozenset())
    address = _only_address(mail, "from") if listed else None
    if address is None or address.email not in listed or is_ours(address.email, policy.own_addresses):
        return mail, None
    author = _only_address(mail, "reply-to")
    if author is None:
        return mail, _form_without_author(address, NO_ONE)
    if is_ours(author.email, policy.own_addresses):
        return mail, _form_without_author(address, OUR_OWN)
    # Otherwise whoever forges the form's From would get past the DMARC result of the address in Reply-To.
    pin = policy.pins.get(mailbox)
    if pin and read_results(mail.headers, pin, address.email).verdict is not AuthOutcome.PASS:
        return mail, _form_without_author(address, NOT_VOUCHED)
    evidence = f"The web form {address.email} names {author.email} in Reply-To, which proves nothing of them."
    return replace(mail, senders=(author,)), Form(author, evidence)


def _only_address(mail: InboundMail, name: str) -> Address | None:
    """The one address of the one header of this name; None where there are several headers or addresses, or none."""
    values = mail.headers.texts(name, ADDRESSES_BYTES)
    addresses = read_addresses(values) if len(values) == 1 else ()
    return addresses[0] if len(addresses) == 1 else None


def _form_without_author(form: Address, why: str) -> Form:
    return Form(None, f"{form.email} is a web form, but {why}, so Reply-To counts for nothing.")
