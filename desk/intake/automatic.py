"""Rules on automatic mail: bounces are filed, answers of programs become notes, and none of it is ever answered."""

from collections.abc import Iterator
from datetime import timedelta

from desk.intake.admission import no_single_sender, our_own_address
from desk.intake.assessment import Assessment
from desk.intake.decision import Decision, Drop, FileBounce, KeepNote, NotApplied
from desk.intake.new_ticket import PREFIXES
from desk.ticket import Role
from desk.tokens import Claim, Grant, is_ours, proves, read_message_id
from desk.trust.judge import Power
from desk.trust.threads import ThreadEvidence, envelope_claims
from mail.bounce.failure import Bounce, Failure
from mail.inbound.message import InboundMail, MailKind
from mail.inbound.reaction import Reaction, words_beside
from mail.mime.text import one_line

ROBOTS = frozenset({MailKind.AUTOMATIC, MailKind.RECEIPT, MailKind.REPORT})
REPORTS = frozenset({MailKind.RECEIPT, MailKind.REPORT})
# The weight of a part that no person makes, such as a null reverse-path (`mail/bounce/signs.py`).
PROGRAM = 6
# A bounce that comes later is not believed, because somebody may have made it from an old mail.
BELIEVED_FOR = timedelta(days=10)
WEEK = timedelta(days=7)
# After so many mails that failed within a week because a mailbox is full, nothing is sent to it for that time.
OFTEN_FULL, FULL_FOR = 3, timedelta(days=3)
LONGEST_NAME = 100
NOT_OURS = "It reports on a mail, but shows no signature of a mail of ours to that address, so it counts for nothing."


def bounced_mail(assessment: Assessment) -> Decision | None:
    """A bounce is filed once on the ticket of the mail that it reports on, where it shows our signature.

    The signature says which mail that is, so From may hold no address or several. A bounce without a signature is left
    to the rules on From where these object, and is not applied otherwise.
    """
    bounce = assessment.mail.bounce
    if bounce is None or assessment.facts.oversize is not None or _is_of_its_owner(assessment):
        return None
    grant = next(_grants_of_bounced(assessment, bounce), None)
    is_certain = assessment.mail.kind is MailKind.BOUNCE
    if grant is None and not is_certain:
        return None
    if grant is None:
        return (
            None if no_single_sender(assessment) or our_own_address(assessment) else NotApplied(NOT_OURS, Drop.BOUNCE)
        )
    answered = assessment.facts.answered.get(grant.id)
    if answered is None or assessment.facts.now - answered.written_at > BELIEVED_FOR:
        return NotApplied(f"It reports on our mail {grant.id}, which is older than {BELIEVED_FOR.days} days.")
    if any((earlier.outbox, earlier.permanent) == (grant.id, bounce.final) for earlier in assessment.facts.bounces):
        return NotApplied(f"It reports on our mail {grant.id} what was reported before.")
    return _file_bounce(assessment, bounce, grant)


def _is_of_its_owner(assessment: Assessment) -> bool:
    """True at a live signed address of ours, from the person it was given to, unless a program's part denies it."""
    at_address = assessment.thread.evidence is ThreadEvidence.REPLY_ADDRESS and assessment.is_proven
    return at_address and not any(sign.machine and sign.weight >= PROGRAM for sign in assessment.mail.signs)


def _grants_of_bounced(assessment: Assessment, bounce: Bounce) -> Iterator[Grant]:
    """The grants of the mail that came back: by our signed envelope sender, then by its signed Message-ID.

    Only mail servers see the envelope. People see the Message-ID in what they answer and pass on, so it counts only for
    a bounce that names its own recipient or nobody, and not at all once it is spent, nor for what only may be a bounce.
    """
    yield from _signed(assessment, envelope_claims(assessment.mail, assessment.policy.own_addresses))
    if assessment.mail.kind is not MailKind.BOUNCE:
        return
    quoted = read_message_id(bounce.original_message_id or "")
    failed_addresses = {recipient.address for recipient in bounce.recipients}
    for grant in _signed(assessment, (quoted,) if quoted else ()):
        if not grant.spent and (not failed_addresses or grant.address in failed_addresses):
            yield grant


def _signed(assessment: Assessment, claims: tuple[Claim, ...]) -> Iterator[Grant]:
    for claim in claims:
        grant = assessment.facts.grants.get(claim.id)
        if grant and proves(assessment.policy.keys, claim, grant):
            yield grant


def _file_bounce(assessment: Assessment, bounce: Bounce, grant: Grant) -> FileBounce:
    status = f" (status {bounce.status})" if bounce.status else ""
    outcome = "could not be delivered" if bounce.final else "is delayed"
    ticket = assessment.facts.end_of(grant.ticket or 0)
    # A server gave up on a temporary failure: final for this mail, but no fault of the address.
    failure = Failure.TRANSIENT if bounce.final and not bounce.permanent else bounce.failure
    return FileBounce(
        outbox=grant.id,
        address=grant.address,
        ticket=ticket if ticket in assessment.facts.tickets else None,
        text=f"A mail of this ticket to {grant.address} {outcome}{status}.\n\n{assessment.full_text}",
        failure=failure,
        permanent=bounce.final,
        status=bounce.status,
        suppress=_suppression_time(assessment, bounce, grant),
        reason=f"It reports that our mail to {grant.address} {outcome}{status}: {failure}.",
        # A delay ends by itself, and a notice about a mail to staff might fail in the same way.
        tells=bounce.final and grant.role == Role.CUSTOMER,
    )


def _suppression_time(assessment: Assessment, bounce: Bounce, grant: Grant) -> timedelta | None:
    """For how long the address is suppressed: one that is not there, or whose mailbox is often full; None otherwise.

    A bounce that somebody passed on, or of where our mail was passed on to, says nothing of the address.
    """
    if _is_passed_on(assessment.mail, bounce, grant):
        return None
    strikes = {
        Failure.ADDRESS: (1, timedelta(days=assessment.policy.limits.suppressed_days)),
        Failure.MAILBOX_FULL: (OFTEN_FULL, FULL_FOR),
    }
    most, span = strikes.get(bounce.failure, (0, None))
    lately = (one for one in assessment.facts.bounces if one.permanent and assessment.facts.now - one.at < WEEK)
    failed = {one.outbox for one in lately if (one.address, one.failure) == (grant.address, bounce.failure)}
    return span if bounce.permanent and most and len(failed | {grant.id}) >= most else None


def _is_passed_on(mail: InboundMail, bounce: Bounce, grant: Grant) -> bool:
    """True for a bounce that came by somebody's mailbox, or that is about another recipient than the one of our mail.

    A server sends bounces with the null reverse-path and resends none (RFC 3464, section 2; RFC 5322, section 3.6.6).
    """
    failed = {recipient.address for recipient in bounce.recipients}
    if (failed and grant.address not in failed) or PREFIXES.match(mail.subject):
        return True
    reverse_path = mail.headers.text("return-path").replace(" ", "")
    passed = any(name.startswith(("resent-", "x-forwarded-")) for name in mail.headers.names)
    return passed or reverse_path not in {"", "<>"}


def automatic_mail(assessment: Assessment) -> Decision | None:
    """Automatic mail becomes a note on its ticket, or is not applied; it is never answered (RFC 3834, section 2).

    A program's own news that belong to no ticket are left to the rules on new tickets, unless they come from staff.
    """
    is_news = assessment.mail.kind is MailKind.GENERATED
    if assessment.mail.kind not in ROBOTS and not is_news:
        return None
    # Automatic mail of a stranger that only names a ticket does not get on it, as the stranger would not.
    if assessment.ticket is None or not assessment.writes_on_ticket:
        lost = f"Automatic mail that belongs to no ticket: {assessment.mail.automatic}"
        drop = Drop.REPORT if assessment.mail.kind in REPORTS else Drop.AUTOMATIC
        return None if is_news and assessment.staff is None else NotApplied(lost, drop)
    reason = f"Automatic mail: {assessment.mail.automatic}"
    return KeepNote(assessment.author, assessment.ticket.number, assessment.full_text, reason)


def reaction(assessment: Assessment) -> Decision | None:
    """A reaction to a mail of ours becomes a note on its ticket, which keeps its status; it asks for nothing.

    One that belongs to no ticket, or is in the name of staff without their full power, is not applied where all of it
    is a part for programs: anybody can attach one, and a thumb of staff tells colleagues something. A sentence alone,
    and words beside the part, are left to the rules below, since they may be a person's after all.
    """
    found = assessment.mail.reaction
    if found is None:
        return None
    # Whoever wrote words into a mail with such a part must not lose them.
    words = words_beside(assessment.mail.reply) if found.by_part else ""
    is_tap = found.by_part and not words
    if assessment.ticket is None or not assessment.writes_on_ticket:
        return NotApplied(f"A reaction that belongs to no ticket: {found.reason}") if is_tap else None
    if assessment.staff is not None and assessment.trust.power is not Power.FULL:
        lost = f"A reaction in the name of staff, which nothing proves to be theirs: {found.reason}"
        return NotApplied(lost, Drop.AUTOMATIC) if is_tap else None
    return KeepNote(assessment.author, assessment.ticket.number, _told(assessment, found, words), found.reason)


def _told(assessment: Assessment, found: Reaction, words: str) -> str:
    """Who reacted with what, and the words beside it."""
    name = one_line(assessment.author.name or assessment.author.email, LONGEST_NAME)
    text = f"{name} reacted with {found.emoji}" if found.emoji else f"{name} reacted to a mail."
    if found.taken_back:
        text = f"{name} took back {found.emoji}"
    return f"{text}\n\n{words}" if words else text


def passed_by(assessment: Assessment) -> Decision | None:
    """Mail of a mailing list is not applied unless To or Cc names the desk, or it belongs to a ticket."""
    if assessment.mail.kind is not MailKind.LIST or assessment.ticket is not None:
        return None
    recipients = (address.email for address in (*assessment.mail.to, *assessment.mail.cc))
    if any(is_ours(email, assessment.policy.own_addresses) for email in recipients):
        return None
    return NotApplied(f"It came by a mailing list and names no address of the desk: {assessment.mail.automatic}")
