"""Whether trust rests on what it should: the results of our mail server, and who may read what comes to the desk.

The mails that came are looked at; none is sent to find out, for only the gate sends mail (decision 10).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from desk.facts import StaffTrust
from mail.auth_results import Pin, is_pinned, stated
from mail.headers import read_headers
from models.arrivals import Head, latest_heads
from models.staff import list_staff
from worker.doctor_findings import Check, Finding
from worker.office import Office
from worker.settings_sections import MailboxSettings
from worker.transaction import transaction

MOST_MAILS = 200
# Of fewer mails it may be by chance that none has them, as where all came from colleagues.
ENOUGH_MAILS = 20
LONGEST_ID = 100

ONE_PROOF_ALONE = (
    'trust.staff is "token": whoever gets hold of a mail that we sent to an agent can write as that agent. Where your '
    'mail server checks senders, pin its authserv_id for each mailbox and choose "both".'
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What mails show of the pinned results: in how many these stand on top, and in which below somebody else's server.

    `below` are ledger rows, each with that server; `topmost` is the id that stands on top most often, empty where
    none does.
    """

    mails: int
    on_top: int
    below: tuple[tuple[int, str], ...]
    topmost: str


def look(heads: Sequence[Head], pin: Pin) -> Seen:
    """Look through the heads of mails for the results of the pinned server."""
    below: list[tuple[int, str]] = []
    tops, on_top = Counter[str](), 0
    for head in heads:
        found = [(name, others) for name, others, _ in stated(read_headers(head.content)[0], pin)]
        ours = [others for name, others in found if is_pinned(name, pin)]
        on_top += "" in ours
        below += [(head.row, others) for others in ours if others][:1]
        tops.update(name for name, others in found[:1] if name and not others)
    return Seen(len(heads), on_top, tuple(below), next((name for name, _ in tops.most_common(1)), ""))


def pins(office: Office) -> Iterator[Finding]:
    """The pinned server's results stand on top of the mails, and no forged ones below."""
    # What is wrong with the database is said by the check that asks for it.
    with suppress(SQLAlchemyError), transaction(office.engine, quiet=True) as session:
        for box in office.settings.mailbox:
            if box.is_pinned:
                pin = office.policy.pins[box.name]
                yield judged(box, look(latest_heads(session, box.name, MOST_MAILS), pin))


def judged(box: MailboxSettings, seen: Seen) -> Finding:
    """What is to be said of a mailbox by what its mails show."""
    part = f"authserv_id of mailbox {box.name}"
    name = box.authserv_id or "results without a name"
    if seen.below:
        return Finding(part, _said_below(name, box, seen))
    if seen.on_top or not seen.mails:
        return Finding(part)
    topmost = f"the topmost is of {seen.topmost[:LONGEST_ID]}" if seen.topmost else "no other stands there either"
    sentence = f"none of the last {seen.mails} mails of mailbox {box.name} carries {name} on top; {topmost}."
    if seen.mails < ENOUGH_MAILS:
        return Finding(part, advice=f"So far {sentence}")
    return Finding(part, f"The {part} is probably wrong: {sentence}")


def _said_below(name: str, box: MailboxSettings, seen: Seen) -> str:
    row, host = seen.below[0]
    place = f"In {len(seen.below)} of {seen.mails} mails of mailbox {box.name}, such as mail-{row}, {name} stands"
    forged = "the server lets forged results of its own id through, and must take them off"
    if seen.on_top:
        return f"{place} below a server of others, {host}: {forged}."
    return f"{place} below {host}, and never on top: if that server is yours, name it in own_hosts; if not, {forged}."


def shared_domains(office: Office) -> Iterator[Finding]:
    """Where a mailbox is at the domain of staff's own addresses, others may take the desk for one of them."""
    with suppress(SQLAlchemyError), transaction(office.engine, quiet=True) as session:
        domains = {member.email.rpartition("@")[2] for member in list_staff(session)}
        for box in office.settings.mailbox:
            domain = box.address.rpartition("@")[2]
            if domain in domains:
                yield Finding(f"address of mailbox {box.name}", advice=_shared(box.address, domain))


def _shared(address: str, domain: str) -> str:
    return (
        f"{address} is at the domain of staff's own addresses. Services that let in everybody with an address at "
        f"{domain} may take a stranger for a colleague, who has their links sent to the desk; a subdomain for the "
        "desk alone avoids that."
    )


def trust(office: Office) -> Iterator[Finding]:
    """What a mail of staff must show."""
    yield Finding("trust of staff", advice=ONE_PROOF_ALONE if office.policy.staff_trust is StaffTrust.TOKEN else "")


CHECKS: tuple[Check, ...] = (pins, shared_domains, trust)
