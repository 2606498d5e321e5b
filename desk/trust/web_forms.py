"""Mail of listed web forms and groups, which are its From: its author is named elsewhere, which nothing proves."""

from dataclasses import dataclass, replace

from desk.facts import Policy
from desk.tokens import is_ours
from mail.auth.results import AuthOutcome, Pin, is_pinned, read_results, results_headers
from mail.inbound.message import InboundMail
from mail.mime.addresses import Address, read_addresses
from mail.mime.headers import ADDRESSES_BYTES

# Where a group says who wrote a mail, the first that is there counts: Google Groups write all three, Mailman the last.
ORIGINALS = ("x-original-from", "x-original-sender", "reply-to")
NO_ORIGINAL = "it does not name exactly one author"
NO_ONE = "it does not name exactly one address in Reply-To"
OUR_OWN = "its Reply-To is an address of this desk"
NOT_VOUCHED = "our mail server does not vouch for that address"


@dataclass(frozen=True, slots=True)
class Form:
    """A listed web form or group that sent a mail; `author` is whom it names, None where that does not count."""

    author: Address | None
    evidence: str


def resolve_author(mail: InboundMail, mailbox: str, policy: Policy) -> tuple[InboundMail, Form | None]:
    """A mail with its author as the one sender, and the form or group that sent it; None for other mail."""
    listed, groups = (each.get(mailbox, frozenset()) for each in (policy.web_forms, policy.groups))
    address = _only_address(mail, "from") if listed or groups else None
    if address is not None and address.email in groups:
        return _of_group(mail, address, mailbox, policy)
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


def _of_group(mail: InboundMail, group: Address, mailbox: str, policy: Policy) -> tuple[InboundMail, Form]:
    """A mail that a group passed on in its own name, as written by whom it names; else From stays the desk's own."""
    name = next((name for name in ORIGINALS if mail.headers.texts(name, ADDRESSES_BYTES)), ORIGINALS[-1])
    values = mail.headers.texts(name, ADDRESSES_BYTES)
    named = {address.email: address for address in (read_addresses(values) if len(values) == 1 else ())}
    # A list may add itself to Reply-To.
    others = [address for email, address in named.items() if not is_ours(email, policy.own_addresses)]
    why = "" if len(others) == 1 else OUR_OWN if named and not others else NO_ORIGINAL
    if why or not _may_come_from(mail, group, policy.pins.get(mailbox)):
        return mail, Form(None, f"{group.email} is a group, but {why or NOT_VOUCHED}, so nobody else is its author.")
    evidence = f"The group {group.email} names {others[0].email} in {name.title()}, which proves nothing of them."
    return replace(mail, senders=(others[0],)), Form(others[0], evidence)


def _may_come_from(mail: InboundMail, group: Address, pin: Pin | None) -> bool:
    """False where our server does not vouch for the group; without its word the mail never crossed our border."""
    if pin is None or read_results(mail.headers, pin, group.email).verdict is AuthOutcome.PASS:
        return True
    names = (header.authserv_id for header in results_headers(mail.headers, pin))
    return not any(name is None or is_pinned(name, pin) for name in names)


def _only_address(mail: InboundMail, name: str) -> Address | None:
    """The one address of the one header of this name; None where there are several headers or addresses, or none."""
    values = mail.headers.texts(name, ADDRESSES_BYTES)
    addresses = read_addresses(values) if len(values) == 1 else ()
    return addresses[0] if len(addresses) == 1 else None


def _form_without_author(form: Address, why: str) -> Form:
    return Form(None, f"{form.email} is a web form, but {why}, so Reply-To counts for nothing.")
