"""Mail of listed web forms: taken as written by whom its Reply-To names, and believed no further than that name."""

from dataclasses import dataclass, replace

from desk.facts import Policy
from desk.tokens import is_ours
from mail.addresses import Address, read_addresses
from mail.auth_results import Outcome, read_results
from mail.headers import ADDRESSES_BYTES
from mail.message import InboundMail

NO_ONE = "it does not name exactly one address in Reply-To"
OUR_OWN = "its Reply-To is an address of this desk"
NOT_VOUCHED = "our mail server does not vouch for that address"


@dataclass(frozen=True, slots=True)
class Form:
    """A mail from the address of a web form; `author` is whom it is taken from, None where it is the form's own."""

    author: Address | None
    evidence: str


def read_form(mail: InboundMail, mailbox: str, policy: Policy) -> Form | None:
    """The web form of this mailbox that From names, with whom it wrote for; None where From is no such form."""
    listed = policy.web_forms.get(mailbox, frozenset())
    address = _only_address(mail, "from") if listed else None
    if address is None or address.email not in listed or is_ours(address.email, policy.own_addresses):
        return None
    author = _only_address(mail, "reply-to")
    why_not = _why_not(mail, mailbox, policy, (address, author))
    if why_not or author is None:
        evidence = f"{address.email} is a web form, but {why_not}, so Reply-To counts for nothing."
        return Form(None, evidence)
    return Form(author, f"The web form {address.email} names {author.email} in Reply-To, which proves nothing of them.")


def as_written(mail: InboundMail, mailbox: str, policy: Policy) -> InboundMail:
    """The mail with its author as its one sender where a listed web form wrote it for them, else as it is."""
    form = read_form(mail, mailbox, policy)
    return replace(mail, senders=(form.author,)) if form and form.author else mail


def _only_address(mail: InboundMail, name: str) -> Address | None:
    """The one address of the one header of this name."""
    values = mail.headers.texts(name, ADDRESSES_BYTES)
    found = read_addresses(values) if len(values) == 1 else ()
    return found[0] if len(found) == 1 else None


def _why_not(mail: InboundMail, mailbox: str, policy: Policy, named: tuple[Address, Address | None]) -> str | None:
    form, author = named
    if author is None:
        return NO_ONE
    if is_ours(author.email, policy.own_addresses):
        return OUR_OWN
    # Else whoever forges the form's From would get past what DMARC says of the address that they put into Reply-To.
    pin = policy.pins.get(mailbox)
    if pin and read_results(mail.headers, pin, form.email).verdict is not Outcome.PASS:
        return NOT_VOUCHED
    return None
