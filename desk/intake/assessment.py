"""A mail on its way in: everything that a rule of intake looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from desk.commands.parser import CommandLines
from desk.facts import Facts, KnownTicket, Policy, Wanted
from desk.intake import new_ticket
from desk.ticket import Person, Ticket
from desk.tokens import ReplyKind
from desk.trust.judge import Shown, Trust, judge
from desk.trust.threads import Thread, all_claims, find_thread, subject_tags, tickets_to_merge_into
from desk.trust.web_forms import Form
from mail.auth.results import AuthOutcome
from mail.inbound.message import InboundMail
from mail.mime.addresses import Address

# More than this no honest mail names; a forged one shall not lock half the desk.
MOST_IDS = 50


@dataclass(frozen=True, slots=True)
class Assessment:
    """A mail with what is known about it, the ticket it belongs to and how far it is trusted.

    `form` is the web form that it came from.
    """

    mail: InboundMail
    facts: Facts
    policy: Policy
    thread: Thread
    trust: Trust
    form: Form | None = None

    @property
    def author(self) -> Address:
        """The one mailbox of From; only for rules behind the one that wants exactly one."""
        return self.mail.senders[0]

    @property
    def sender(self) -> Person | None:
        """The sender where the desk knows them."""
        return self.facts.sender

    @property
    def staff(self) -> Person | None:
        """The sender where they are staff."""
        return self.sender if self.sender is not None and self.sender.is_staff else None

    @property
    def known_ticket(self) -> KnownTicket | None:
        """The ticket that the mail belongs to with who takes part in it, whether or not its sender fits."""
        return self.facts.tickets.get(self.thread.number or 0)

    @property
    def ticket(self) -> Ticket | None:
        """The ticket that the mail belongs to, whether or not its sender fits."""
        return self.known_ticket.ticket if self.known_ticket else None

    @property
    def named_tickets(self) -> Mapping[int, Ticket]:
        """The tickets that the mail names, by each number that it names them by: where the merges of that one end."""
        tickets, merged = self.facts.tickets, self.facts.merged
        ends = {number: number for number in tickets} | dict(merged)
        return {number: tickets[end].ticket for number, end in ends.items() if end in tickets}

    @property
    def answer_kind(self) -> ReplyKind | None:
        """What an answer to the mail that was answered becomes; None where no signed mail of ours was."""
        return self.thread.grant.kind if self.thread.grant else None

    @property
    def is_proven(self) -> bool:
        """True where the sender shows a live token of their own, and no mail server denies the mail."""
        return self.trust.shown is Shown.OWN and self.trust.outcome is not AuthOutcome.FAIL

    @property
    def full_text(self) -> str:
        """All of the mail's text; never empty."""
        return new_ticket.stored_text(self.mail.text, self.mail.attachments)


def questions(mail: InboundMail, policy: Policy) -> Wanted:
    """What has to be known before a mail is decided; at most MOST_IDS Message-IDs and as many mails of ours."""
    return Wanted(
        author=mail.senders[0] if len(mail.senders) == 1 else None,
        sender=mail.senders[0].email if mail.senders else "",
        message_id=mail.message_id,
        refers=tuple(mail.refers[:MOST_IDS]),
        outbox=tuple(claim.id for claim in all_claims(mail, policy.own_addresses)[:MOST_IDS]),
        tickets=subject_tags(mail.subject),
        merges=tickets_to_merge_into(mail),
        reply=mail.reply,
        bounced=mail.bounce is not None,
    )


def assess(mail: InboundMail, facts: Facts, policy: Policy, form: Form | None = None) -> Assessment:
    """Find out where a mail belongs and how far it is trusted; `form` is the web form that sent it."""
    facts = replace(facts, by_form=form is not None and form.author is not None)
    thread = find_thread(mail, facts, policy)
    return Assessment(mail, facts, policy, thread, judge(mail, facts, policy, thread), form)


def text_of(mail: InboundMail, words: CommandLines) -> str:
    """What the mail says; empty where it holds only commands. Pictures of a signature say nothing beside those."""
    files = tuple(file for file in mail.attachments if not (words.orders and file.inline))
    if words.text_and_notes or (words.orders and not files):
        return words.text_and_notes
    return new_ticket.stored_text("" if words.orders else mail.text, files)
