"""A received mail, assessed: the one value that every rule of intake is given."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from desk.commands.lines.many import named_in_lines
from desk.commands.lines.parser import CommandLines
from desk.commands.reading.ask import Listed
from desk.facts import Facts, Flood, KnownTicket, Policy, Wanted
from desk.gate.providers import is_shared
from desk.intake import new_ticket
from desk.ticket import Person, Ticket
from desk.tokens import ReplyKind, RowClaims, proves
from desk.trust.copies import has_further_words, is_same_but_edges
from desk.trust.judge import Shown, Trust, judge
from desk.trust.threads import (
    Thread,
    Void,
    address_claims,
    all_claims,
    find_thread,
    subject_tags,
    tickets_to_merge_into,
)
from desk.trust.web_forms import Form
from mail.auth.results import AuthOutcome
from mail.html.kept.formatting import says_more
from mail.html.kept.page import kept_html, paragraph
from mail.inbound.message import NO_MORE_WORDS, InboundMail, MailKind, MoreWords
from mail.inbound.parse import parse
from mail.mime.addresses import Address
from mail.quoting.comparison import cut_by_sent, sign_off_of

# No honest mail names more; a forged one must not lock half the tickets of the desk.
MOST_IDS = 50
# Of a mail about many tickets: each of its lines may name two.
MOST_NAMED = 100
# A mail is compared with so many of ours.
MOST_COMPARED = 6
CUT_BY_SENT = "What stands in the mails that we sent to its sender was taken for a quote, wherever it stands."
# What is asked by mails of these kinds is decided by the first word of an answer.
FIRST_WORD_DECIDES = frozenset({ReplyKind.CONFIRM, ReplyKind.WAITING})
# What an answer of staff to a mail of these kinds could be is decided before it would be one on a ticket.
TAKE_NO_ANSWER = frozenset({ReplyKind.NONE, ReplyKind.CONFIRM, ReplyKind.WAITING})
NO_FLOOD = Flood(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A mail with the facts about it, the ticket it belongs to and how far it is trusted.

    `form` is the web form that it came from, None for other mail.
    """

    mail: InboundMail
    facts: Facts
    policy: Policy
    thread: Thread
    trust: Trust
    form: Form | None = None

    @property
    def author(self) -> Address:
        """The one mailbox of From; only for rules that come after `no_single_sender`."""
        return self.mail.senders[0]

    @property
    def sender(self) -> Person | None:
        """The sender's person; None where no person has the address."""
        return self.facts.sender

    @property
    def staff(self) -> Person | None:
        """The sender where they are staff; None otherwise."""
        return self.sender if self.sender is not None and self.sender.is_staff else None

    @property
    def known_ticket(self) -> KnownTicket | None:
        """The ticket that the mail belongs to with its participants, whether or not the sender may write there."""
        return self.facts.tickets.get(self.thread.number or 0)

    @property
    def ticket(self) -> Ticket | None:
        """The ticket that the mail belongs to, whether or not the sender may write there."""
        return self.known_ticket.ticket if self.known_ticket else None

    @property
    def is_on_ticket(self) -> bool:
        """True where the mail is about a ticket, and is no answer to a mail of ours that takes none."""
        return self.ticket is not None and self.answer_kind not in TAKE_NO_ANSWER

    @property
    def writes_on_ticket(self) -> bool:
        """True where the mail may become a comment or a note of its ticket, whoever or whatever wrote it."""
        return self.ticket is not None and (self.thread.fits or self.thread.grant is not None)

    @property
    def named_tickets(self) -> Mapping[int, Ticket]:
        """The tickets that the mail names, by the number in the mail; for a merged one, where its merges end."""
        tickets, merged = self.facts.tickets, self.facts.merged
        ends = {number: number for number in tickets} | dict(merged)
        return {number: tickets[end].ticket for number, end in ends.items() if end in tickets}

    @property
    def answer_kind(self) -> ReplyKind | None:
        """What an answer to our mail becomes; None where the mail answers no signed mail of ours."""
        return self.thread.grant.kind if self.thread.grant else None

    @property
    def reading(self) -> Listed | None:
        """What the answered mail of ours listed or showed, to whose reader it went; None where it was no such mail."""
        grant, void = self.thread.grant, self.thread.void
        answered = self.facts.answered.get(grant.id) if grant and void is not Void.ANOTHERS else None
        if answered is None or answered.reading is None:
            return None
        return replace(answered.reading, is_old=void is Void.EXPIRED)

    @property
    def is_proven(self) -> bool:
        """True where the sender shows a live token of their own, and no mail server denies the mail."""
        return self.trust.shown is Shown.OWN and self.trust.outcome is not AuthOutcome.FAIL

    @property
    def flood(self) -> Flood:
        """What the sender sent lately that is as well proven as this mail; other mail does not count against it."""
        return self.facts.floods.get(self.trust.proof, NO_FLOOD)

    @property
    def full_text(self) -> str:
        """All of the mail's text, quotes included; never empty."""
        return new_ticket.stored_text(self.mail.text, self.mail.attachments)


def as_persons(mail: InboundMail) -> InboundMail:
    """The mail as a person's, whatever says that a program wrote it; what is known of its sender stays."""
    return replace(mail, kind=MailKind.PERSON, automatic=None, bounce=None, signs=())


def questions(mail: InboundMail, policy: Policy) -> Wanted:
    """What has to be read before a mail is decided; at most MOST_IDS Message-IDs and as many mails of ours."""
    author = mail.senders[0] if len(mail.senders) == 1 else None
    return Wanted(
        author=author,
        domain=author.domain if author and not is_shared(author.domain, policy.shared_domains) else "",
        sender=mail.senders[0].email if mail.senders else "",
        message_id=mail.message_id,
        refers=tuple(one for one in mail.refers if one != mail.message_id)[:MOST_IDS],
        outbox=tuple(claim.id for claim in all_claims(mail, policy.own_addresses)[:MOST_IDS]),
        tickets=subject_tags(mail.subject),
        merges=tickets_to_merge_into(mail),
        many=tuple(dict.fromkeys(named_in_lines(mail.reply)))[:MOST_NAMED],
        reply=mail.reply,
        bounced=mail.bounce is not None,
        date=mail.date,
        rows=RowClaims(policy.keys, address_claims(mail, policy.own_addresses)),
    )


def with_own_words(mail: InboundMail, facts: Facts, policy: Policy) -> InboundMail:
    """The mail with its reply cut by what we sent, where it shows signatures of ours; itself where nothing is found.

    It is compared only with mails that went to its author's address, so nobody learns what we wrote to others. In an
    answer to a question of ours the first word decides, and nothing is cut from before it.
    """
    if not facts.sent:
        return mail
    claims = all_claims(mail, policy.own_addresses)[:MOST_IDS]
    shown = [grant for claim in claims if (grant := facts.grants.get(claim.id)) and proves(policy.keys, claim, grant)]
    if any(grant.kind in FIRST_WORD_DECIDES for grant in shown):
        return mail
    sent = tuple(dict.fromkeys(text for grant in shown for text in facts.sent.get(grant.id, ())))[:MOST_COMPARED]
    cut = cut_by_sent(mail, sent)
    if (cut.reply, cut.removed, cut.confidence) == (mail.reply, mail.removed, mail.confidence):
        return mail
    return replace(mail, reply=cut.reply, removed=cut.removed, confidence=cut.confidence, signature=cut.signature)


def assess(mail: InboundMail, facts: Facts, policy: Policy, form: Form | None = None) -> Assessment:
    """Find the ticket that a mail belongs to, and judge how far it is trusted; `form` is the web form that sent it."""
    by_form = form is not None and form.author is not None
    facts = facts if facts.by_form is by_form else replace(facts, by_form=by_form)
    if facts.lookalikes:
        facts = _with_edged_copies(mail, facts)
    thread = find_thread(mail, facts, policy)
    return Assessment(mail, facts, policy, thread, judge(mail, facts, policy, thread), form)


def _with_edged_copies(mail: InboundMail, facts: Facts) -> Facts:
    """The facts with those of its lookalikes as twins that differ from the mail only at the edges.

    They never count as having had its whole effect: words that stand in this mail alone may not go by without proof.
    """
    read = ((one.twin, parse(one.raw)) for one in facts.lookalikes)
    copies = (
        replace(twin, shorter=has_further_words(mail, other)) for twin, other in read if is_same_but_edges(mail, other)
    )
    return replace(facts, lesser_twins=(*facts.lesser_twins, *copies))


def text_of(mail: InboundMail, words: CommandLines) -> str:
    """The text that a ticket stores of the mail, never its commands; empty where it holds only commands.

    Beside commands, inline files are taken for pictures of a signature and do not count as text.
    """
    files = tuple(file for file in mail.attachments if not (words.orders and file.inline))
    if words.text_and_notes or (words.orders and not files):
        return words.text_and_notes
    is_quote = bool(mail.removed) and not mail.reply
    return new_ticket.stored_text("" if words.orders or is_quote else mail.text, files)


def more_words(mail: InboundMail, text: str, *, signs: bool) -> MoreWords:
    """What is kept of a mail beside the text that was stored of it; `signs` says that its signature was taken off.

    The HTML follows the decisions on the text: it holds these words and no others, or there is none. There is none,
    too, where the text with its links made clickable says all that it does.
    """
    if not text:
        return NO_MORE_WORDS
    sign_off = sign_off_of(mail) if signs and mail.reply else ""
    whole = f"{text}\n{sign_off}"
    html = _html_of(mail, text, sign_off) if mail.html and says_more(mail.html, whole) else ""
    return MoreWords(sign_off, html if says_more(html, whole) else "")


def _html_of(mail: InboundMail, text: str, sign_off: str) -> str:
    """Clean HTML of a text and the sign-off below it; empty where the mail's HTML does not hold both."""
    head, own, tail = _framed(text, mail.text)
    if not tail:
        html = kept_html(mail.html, f"{own}\n{sign_off}")
        return f"{paragraph(head)}{html}" if html else ""
    html, below = kept_html(mail.html, own), kept_html(mail.html, sign_off)
    is_whole = html and (below or not sign_off)
    return f"{paragraph(head)}{html}{paragraph(tail)}{below}" if is_whole else ""


def _framed(text: str, written: str) -> tuple[str, str, str]:
    """A stored text, without the first and last paragraph that we put there, such as the subject or where to go on."""
    paragraphs = text.split("\n\n")
    head = paragraphs[0] if len(paragraphs) > 1 and paragraphs[0] not in written else ""
    own = paragraphs[1 if head else 0 :]
    tail = own[-1] if len(own) > 1 and own[-1] not in written else ""
    return head, "\n\n".join(own[:-1] if tail else own), tail
