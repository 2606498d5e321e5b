"""Mail of listed web forms: taken as written by whom its Reply-To names, and believed no further than that name."""

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
    """A listed web form that sent a mail; `author` is whom the mail is taken from, None where it is the form's own."""

    author: Address | None
    evidence: str


def resolve_author(mail: InboundMail, mailbox: str, policy: Policy) -> tuple[InboundMail, Form | None]:
    """A mail with who wrote it as its one sender, and the web form of this mailbox that sent it, if one did."""
    listed = policy.web_forms.get(mailbox, frozenset())
    address = _only_address(mail, "from") if listed else None
    if address is None or address.email not in listed or is_ours(address.email, policy.own_addresses):
        return mail, None
    author = _only_address(mail, "reply-to")
    if author is None:
        return mail, _disbelieved(address, NO_ONE)
    if is_ours(author.email, policy.own_addresses):
        return mail, _disbelieved(address, OUR_OWN)
    # Else whoever forges the form's From would get past what DMARC says of the address that they put into Reply-To.
    pin = policy.pins.get(mailbox)
    if pin and read_results(mail.headers, pin, address.email).verdict is not AuthOutcome.PASS:
        return mail, _disbelieved(address, NOT_VOUCHED)
    evidence = f"The web form {address.email} names {author.email} in Reply-To, which proves nothing of them."
    return replace(mail, senders=(author,)), Form(author, evidence)


def _only_address(mail: InboundMail, name: str) -> Address | None:
    """The one address of the one header of this name; None where there are several headers or addresses, or none."""
    values = mail.headers.texts(name, ADDRESSES_BYTES)
    found = read_addresses(values) if len(values) == 1 else ()
    return found[0] if len(found) == 1 else None


def _disbelieved(form: Address, why: str) -> Form:
    return Form(None, f"{form.email} is a web form, but {why}, so Reply-To counts for nothing.")
