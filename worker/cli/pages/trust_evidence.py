"""What a mail shows for its sender and for its ticket, as far as the file alone can tell."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mail.auth.results import Pin
    from mail.inbound.message import InboundMail
    from worker.cli.installation import Installation

NO_SERVER = "From is a claim; name your mail server with --authserv-id to see what it says of the sender."


def pin_for(installation: "Installation", authserv_id: str | None) -> "Pin | None":
    """The server whose word is shown: with the hosts of its mailbox where --config names a file; None: nobody's.

    Raises worker.settings.load.ConfigFailure where that file cannot be used.
    """
    from mail.auth.results import Pin

    if not authserv_id:
        return None
    if installation.config:
        from worker.runtime.services import pin_of

        boxes = (box for box in installation.settings.mailbox if (box.authserv_id or "").lower() == authserv_id.lower())
        return next(map(pin_of, boxes), Pin(authserv_id))
    return Pin(authserv_id)


def trust_evidence(mail: "InboundMail", pin: "Pin | None") -> str:
    """What the named server's Authentication-Results say of the one sender."""
    from mail.auth.results import read_results

    if len(mail.senders) != 1:
        return f"From holds {len(mail.senders)} addresses, so the mail is nobody's."
    if pin is None:
        return NO_SERVER
    results = read_results(mail.headers, pin, mail.senders[0].email)
    return f"{results.verdict}. {results.evidence}"


def thread_evidence(mail: "InboundMail") -> Iterator[str]:
    """What might tie the mail to a ticket, the strongest first; only the desk itself can check the signatures."""
    from desk.trust.threads import message_id_claims, reference_claims, subject_tags

    signed = {
        "a signed reply address": [one for one in mail.recipients if _is_signed(one)],
        "a signed Message-ID": message_id_claims(mail),
        "a signed reference in its text": reference_claims(mail),
    }
    yield from (f"it shows {name}, which the desk has to check" for name, found in signed.items() if found)
    if mail.refers:
        yield f"it refers to {len(mail.refers)} Message-IDs, the nearest {mail.refers[0]}"
    yield from (f"its subject names SD-{number}" for number in subject_tags(mail.subject))


def _is_signed(address: str) -> bool:
    from desk.tokens import read_address

    local, _, domain = address.rpartition("@")
    return read_address(address, frozenset({f"{local.rpartition('+')[0]}@{domain}"})) is not None
