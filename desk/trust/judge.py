"""How far a mail is trusted: who its sender claims to be, what proves it, and what the mail may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk.facts import Facts, Policy, StaffTrust
from desk.tokens import is_ours
from desk.trust.threads import Thread, Void
from mail.auth.results import AuthOutcome, AuthResults, read_results
from mail.inbound.message import InboundMail


class Proof(StrEnum):
    """How well it is known that a mail is from its sender."""

    PROVEN = "proven"
    CLAIMED = "claimed"
    REFUTED = "refuted"


# From the least to the best.
PROOFS = (Proof.REFUTED, Proof.CLAIMED, Proof.PROVEN)


class Standing(StrEnum):
    """Who the sender claims to be on the ticket that the mail belongs to; a value is a key in the ledger's evidence."""

    STAFF = "staff"
    CUSTOMER = "customer"
    STRANGER = "stranger"


STANDING_WORDS: Mapping[Standing, str] = {
    Standing.STAFF: "staff",
    Standing.CUSTOMER: "a customer of the ticket",
    Standing.STRANGER: "a stranger",
}


class Shown(StrEnum):
    """Which of our signed addresses or Message-IDs a mail shows; a void one counts as none."""

    NONE = "no live token"
    OWN = "a live token of its sender"
    ANOTHERS = "a token of somebody else"


class Power(StrEnum):
    """What a mail may do."""

    FULL = "full power"
    NO_CC = "full power, but nobody in Cc is added"
    READ = "forwards, absences and commands that only read"
    CLAIMED = "a comment, and no command"
    NOTE = "a note for staff"
    HELD = "nothing until it is confirmed"
    ANSWERED = "a ticket and its acknowledgement"
    CAPPED = "a ticket, and an acknowledgement within the caps"
    SILENT = "a ticket without any mail out"


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a mail is trusted; `evidence` is the sentence on what mail servers say of its sender.

    `outcome` is the authentication result (RFC 8601). `confirmed` says that staff confirmed the mail as theirs.
    """

    standing: Standing
    shown: Shown
    outcome: AuthOutcome
    power: Power
    evidence: str
    confirmed: bool = False

    @property
    def proof(self) -> Proof:
        """How well it is known that the sender sent the mail."""
        if self.confirmed:
            return Proof.PROVEN
        if self.outcome is AuthOutcome.FAIL:
            return Proof.REFUTED
        # A token proves who answers on a ticket. With a new request it counts as none: the matrix caps its answers.
        token = self.shown is Shown.OWN and self.standing is not Standing.STRANGER
        return Proof.PROVEN if token or self.outcome is AuthOutcome.PASS else Proof.CLAIMED

    @property
    def sentence(self) -> str:
        """The finding and what it allows, as sentences for people."""
        found = f"Its sender is {STANDING_WORDS[self.standing]} and shows {self.shown}. {self.evidence}"
        return f"{found} It has {self.power}." if not self.confirmed else f"{found} Its sender confirmed it."


ASKS_NOBODY = "This desk asks no mail server about its senders."
BY_FORM = "A web form wrote it, so no mail server can say whether it is theirs."
# So many characters of a mail can a question quote.
MOST_SEEN = 100_000
FROM_A_FILE = "It was brought along from a file, where nothing proves a sender."
VOUCHED = "It was brought along from a file, and the operator vouches for staff's mails there."
NOT_TO_US = "No address of this desk stands in its To or Cc."

Cells = Mapping[AuthOutcome, Power]


def _cells(without: Power, on_pass: Power, on_fail: Power) -> Cells:
    return {AuthOutcome.NONE: without, AuthOutcome.PASS: on_pass, AuthOutcome.FAIL: on_fail}


# What the mail shows, then without results, with a pass, with a fail (docs/security.md#what-a-mail-may-do).
MATRIX: Mapping[tuple[Standing, Shown], Cells] = {
    (Standing.STAFF, Shown.NONE): _cells(Power.HELD, Power.READ, Power.HELD),
    (Standing.STAFF, Shown.OWN): _cells(Power.HELD, Power.FULL, Power.HELD),
    (Standing.STAFF, Shown.ANOTHERS): _cells(Power.HELD, Power.HELD, Power.HELD),
    (Standing.STRANGER, Shown.NONE): _cells(Power.CAPPED, Power.ANSWERED, Power.SILENT),
    (Standing.STRANGER, Shown.OWN): _cells(Power.CAPPED, Power.ANSWERED, Power.SILENT),
    (Standing.STRANGER, Shown.ANOTHERS): _cells(Power.NOTE, Power.NOTE, Power.NOTE),
    (Standing.CUSTOMER, Shown.NONE): _cells(Power.CLAIMED, Power.FULL, Power.NOTE),
    (Standing.CUSTOMER, Shown.OWN): _cells(Power.NO_CC, Power.FULL, Power.CLAIMED),
    (Standing.CUSTOMER, Shown.ANOTHERS): _cells(Power.NOTE, Power.NOTE, Power.NOTE),
}


def judge(mail: InboundMail, facts: Facts, policy: Policy, thread: Thread) -> Trust:
    """How far a mail is trusted; Authentication-Results count only where From holds one single sender."""
    results = results_of(mail, facts, policy)
    outcome = results.verdict if results else AuthOutcome.NONE
    if facts.imported and outcome is AuthOutcome.PASS:
        # What lies in a file can speak against its sender, and never for them.
        outcome = AuthOutcome.NONE
    standing, shown = _standing(facts, thread), _shown(thread)
    # What a person has confirmed is theirs, whatever mail servers say of it.
    confirmed = facts.confirmed and standing is Standing.STAFF and can_be_seen(mail)
    token_is_enough = policy.staff_trust is StaffTrust.TOKEN and outcome is not AuthOutcome.FAIL
    by_token = standing is Standing.STAFF and shown is Shown.OWN and token_is_enough
    vouched = _is_vouched(facts, standing, outcome)
    power = Power.FULL if confirmed or by_token or vouched else MATRIX[standing, shown][outcome]
    evidence = results.evidence if results else BY_FORM if facts.by_form else ASKS_NOBODY
    if facts.imported:
        evidence = f"{evidence} {VOUCHED if vouched else FROM_A_FILE}"
    elif power is Power.FULL and _is_passed_along(mail, policy) and standing is Standing.STAFF and not confirmed:
        power, evidence = Power.HELD, f"{evidence} {NOT_TO_US}"
    return Trust(standing, shown, outcome, power, evidence, confirmed)


def _is_vouched(facts: Facts, standing: Standing, outcome: AuthOutcome) -> bool:
    """True for what the operator takes for staff's, unless our own mail server denied it when it came."""
    vouched = facts.imported is not None and facts.imported.vouched
    return vouched and standing is Standing.STAFF and outcome is not AuthOutcome.FAIL


def results_of(mail: InboundMail, facts: Facts, policy: Policy) -> AuthResults | None:
    """What the pinned server says of the mail; None where there is none, several senders, or a form wrote for them."""
    pin = policy.pins.get(facts.mailbox)
    counts = len(mail.senders) == 1 and not facts.by_form
    return read_results(mail.headers, pin, mail.senders[0].email) if pin and counts else None


def can_be_seen(mail: InboundMail) -> bool:
    """True where a question can quote the whole mail; what its reader has not seen they cannot confirm."""
    names = (*(file.filename for file in mail.attachments), *(address.email for address in (*mail.to, *mail.cc)))
    return len(mail.text) + sum(map(len, names)) <= MOST_SEEN


def _standing(facts: Facts, thread: Thread) -> Standing:
    if facts.sender is not None and facts.sender.is_staff:
        return Standing.STAFF
    # A right on no ticket, or on one that is gone, makes nobody a customer of it.
    return Standing.CUSTOMER if thread.fits and thread.number in facts.tickets else Standing.STRANGER


def _is_passed_along(mail: InboundMail, policy: Policy) -> bool:
    """True where To and Cc name no address of ours: who got the signed mail could pass it on to us unchanged."""
    recipients = (address.email for address in (*mail.to, *mail.cc))
    needs_results = policy.staff_trust is StaffTrust.BOTH
    return needs_results and not any(is_ours(email, policy.own_addresses) for email in recipients)


def _shown(thread: Thread) -> Shown:
    if thread.void is Void.ANOTHERS:
        return Shown.ANOTHERS
    return Shown.OWN if thread.grant is not None and thread.void is None else Shown.NONE
