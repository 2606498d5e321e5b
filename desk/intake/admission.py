"""Rules on which mails are taken in: each once, with one sender, not from ourselves, not too large, not in floods."""

from desk.facts import LesserTwin
from desk.intake.assessment import Assessment
from desk.intake.decision import Decision, NotApplied, Quarantine, Refuse
from desk.notices.events import TooLarge
from desk.tokens import MARK_HEADER, is_ours, is_own_mark, read_message_id
from desk.trust.judge import PROOFS, Power, Proof, Shown, Trust
from mail.inbound.message import MailKind

# Beyond a limit a mail waits for an admin (docs/security.md#floods). Mails are counted by proof class, so that whoever
# forges an address keeps nobody out who shows that it is theirs.


def same_mail_twice(assessment: Assessment) -> Decision | None:
    """A mail that the ledger has already, from another mailbox or under another UID, is not applied again.

    A copy that proves more is decided again, unless the first had its whole effect: anybody can send a copy first.
    """
    facts, trust = assessment.facts, assessment.trust
    twins = (*([facts.twin] if facts.twin else []), *(one.row for one in facts.lesser_twins if not outdoes(trust, one)))
    if not twins:
        return None
    return NotApplied(f"This is the same mail as ledger row {twins[0]}, which was taken in already.")


def outdoes(trust: Trust, twin: LesserTwin) -> bool:
    """True where a mail proves more than its twin did, or has the power that the twin is held for want of.

    Or where it has further words, and nothing proves the twin: anybody can send a shorter one ahead.
    """
    if twin.shorter and Proof(twin.proof) is not Proof.PROVEN:
        return True
    # A pass proves staff, too, and still their mail is held without a token.
    return (twin.held and trust.power is Power.FULL) or PROOFS.index(trust.proof) > PROOFS.index(Proof(twin.proof))


def no_single_sender(assessment: Assessment) -> Decision | None:
    """A mail whose From headers do not give exactly one address goes to quarantine (RFC 5322, 3.6.2)."""
    # An address without a domain does not count: no mail server could say whose it is, and no answer would reach it.
    senders = {address.email for address in assessment.mail.senders if address.domain}
    headers = len(assessment.mail.headers.raw("from"))
    if headers > 1:
        return Quarantine(f"It has {headers} From headers; a mail needs exactly one.")
    if len(senders) == 1:
        return None
    number = "no address" if not senders else f"{len(senders)} addresses"
    return Quarantine(f"From holds {number}; a mail needs exactly one sender.")


def round_trip(assessment: Assessment) -> Decision | None:
    """A mail that `supportdesk doctor --round-trip` sent to itself has no effect: it shows a mark that we signed.

    From is not asked, since the test is whether servers change it; the mark alone says that it is ours.
    """
    marks = assessment.mail.headers.raw(MARK_HEADER.lower())
    if len(marks) != 1:
        return None
    mark, now = marks[0].decode("ascii", "replace").strip(), int(assessment.facts.now.timestamp())
    if not is_own_mark(assessment.policy.keys, mark, now):
        return None
    return NotApplied("The desk sent it to itself, to see how mail arrives (`supportdesk doctor --round-trip`).")


def our_own_address(assessment: Assessment) -> Decision | None:
    """A mail with an address of the desk in From goes to quarantine: it is a loop or a forgery.

    An old one is an answer where the operator vouches for those, unless a desk like this one wrote it.
    """
    if not is_ours(assessment.author.email, assessment.policy.own_addresses):
        return None
    imported, own = assessment.facts.imported, assessment.mail.message_id
    if imported and imported.vouched and not (own and read_message_id(own)):
        return None
    return Quarantine("From is an address of the desk itself.")


def too_large(assessment: Assessment) -> Decision | None:
    """A mail above the size limit is refused, and its sender is told, but no robot is, and nobody twice a day.

    Otherwise a forged From would let anybody fill another's mailbox with our answers. What was told of mails of another
    proof class does not count. Only its headers are here.
    """
    oversize = assessment.facts.oversize
    if oversize is None:
        return None
    largest = assessment.policy.largest_mail
    reason = f"It has {oversize.size} bytes, and {largest} are taken; its body is still on the server."
    if assessment.mail.automatic is not None:
        return NotApplied(f"{reason} It is automatic mail, which is not answered.")
    # Who is proven to be staff is told each time: nobody else can fill their mailbox with these.
    each_time = assessment.staff is not None and assessment.trust.proof is Proof.PROVEN
    if assessment.trust.proof in oversize.told and not each_time:
        return NotApplied(f"{reason} Its sender was told so of another mail within a day.")
    if assessment.trust.proof is Proof.REFUTED and assessment.sender is None:
        return Quarantine(f"{reason} Our mail server says that it is not its sender's, so nobody is told.")
    return Refuse(assessment.author, TooLarge(oversize.size, largest), f"{reason} Its sender is told.")


def too_many_bytes(assessment: Assessment) -> Decision | None:
    """Above so many bytes a day from an address, mails go to quarantine; staff are exempt."""
    megabytes = assessment.policy.limits.megabytes_from_address_a_day
    if assessment.staff is not None or assessment.flood.size <= megabytes * 1024**2:
        return None
    return Quarantine(f"{assessment.author.email} sent more than {megabytes} MB within a day; it is parked.")


def too_many_on_ticket(assessment: Assessment) -> Decision | None:
    """Above so many comments and notes an hour of an address on a ticket, mails go to quarantine; staff are exempt.

    What a program writes in the name of staff is noise as any other, unless it is proven.
    """
    ticket, is_person = assessment.ticket, assessment.mail.kind is MailKind.PERSON
    if ticket is None or not assessment.writes_on_ticket:
        return None
    if assessment.staff is not None and (is_person or assessment.trust.proof is Proof.PROVEN):
        return None
    written = assessment.flood.on_tickets.get(ticket.number, 0)
    if written < assessment.policy.limits.mails_to_ticket_an_hour:
        return None
    words = f"{assessment.author.email} wrote {written} mails to SD-{ticket.number} within an hour"
    return Quarantine(f"{words}; the mail is parked.")


def too_many_refuted(assessment: Assessment) -> Decision | None:
    """Above so many mails an hour that their senders' servers deny, further ones go to quarantine, whoever they name.

    A live token of staff is always asked about. What would have no effect anyway is left to its own rule.
    """
    most = assessment.policy.limits.denied_mails_an_hour
    if assessment.trust.proof is not Proof.REFUTED or assessment.flood.in_all < most:
        return None
    is_robot = assessment.mail.kind not in {MailKind.PERSON, MailKind.LIST}
    if is_robot and not assessment.writes_on_ticket:
        return None
    if assessment.staff is not None and assessment.trust.shown is Shown.OWN and not is_robot:
        return None
    return Quarantine(
        f"{assessment.flood.in_all} mails that their senders' servers deny came within an hour; the mail is parked."
    )


def too_many_tickets(assessment: Assessment) -> Decision | None:
    """Above so many new tickets an hour from an address or domain, mails go to quarantine; staff are exempt."""
    flood, author, limits = assessment.flood, assessment.author, assessment.policy.limits
    if assessment.staff is not None:
        return None
    if flood.of_address >= limits.tickets_from_address_an_hour:
        return Quarantine(f"{author.email} opened {flood.of_address} tickets within an hour; the mail is parked.")
    if flood.of_domain >= limits.tickets_from_domain_an_hour:
        return Quarantine(f"{author.domain} opened {flood.of_domain} tickets within an hour; the mail is parked.")
    return None
