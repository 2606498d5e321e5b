"""A mail becomes a new ticket: title, description, category, priority and owner."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from desk.facts import Facts, Policy
from desk.intake.decision import OpenTicket
from desk.routing.classify import Classification, classify
from desk.routing.route import route
from desk.routing.rule_input import CaseMail, CaseSender, CaseTicket, RuleInput
from desk.routing.rules import Judgement
from desk.ticket import Person, Role
from desk.trust.threads import effective_role
from mail.inbound.message import Attachment, InboundMail
from mail.mime.addresses import Address
from mail.quoting.forward import Forward
from mail.quoting.labels import ANSWER_SUBJECT, FORWARD_SUBJECT, LONGEST_SUBJECT

LONGEST_TITLE = 200
READ_CHARACTERS = 2_000
PASSED_ON = "Staff passed the mail on; its sender did not write to this desk."
# Answer and forward prefixes of the common clients: "Re:", "AW:", "RE[2]:", "Fwd:", "WG:", "Sv:", "Rif:" …
PREFIXES = re.compile(
    r"^(?:\s*(?:re|aw|antw|sv|vs|rif|res|ynt|fw|fwd|wg|tr|rv|enc)(?:\[\d{1,3}\])?\s*:)+\s*", re.IGNORECASE
)
TAGS = re.compile(r"\[SD-\d{1,18}\]\s*", re.IGNORECASE)

# What gateways put in front of the subjects of mail from outside: `[EXTERNAL]`, `{Extern}`, `*EXT*`, `EXTERNAL:`.
GATEWAY_TAGS = re.compile(
    r"^\s*(?:[\[({<*]{1,3}\s*(?:external|extern|externe|esterno|externo|ext|outside|caution|warning|spam\??)"
    r"(?:[ -](?:e-?mail|mail|sender|message))?\s*[\])}>*]{1,3}|external\s*:)\s*",
    re.IGNORECASE,
)
# Of shorter subjects, one may begin like another by chance.
CUT_OFF = 15


def title_of(subject: str, text: str) -> str:
    """The subject without prefixes and tags, or the first line of the text; at most LONGEST_TITLE characters."""
    subject = _without_prefixes(" ".join(subject.split())).strip()
    lines = (_without_tags(line).strip() for line in text.splitlines())
    title = subject or next((line for line in lines if line), "") or "(no subject)"
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def new_subject(subject: str, known: Iterable[str]) -> str:
    """The subject of an answer where it says something else than the `known` ones, on one line; otherwise empty.

    Prefixes of answers and forwards in all languages, tags of ours and of gateways, signs and case do not count, nor
    does it count where the end is cut off.
    """
    said = " ".join(subject[:LONGEST_SUBJECT].split())
    # Some programs leave the mark of an answer alone, without its colon.
    words = "" if PREFIXES.fullmatch(f"{said}:") else _words_of(said)
    for one in known:
        other = _words_of(one)
        is_cut = len(words) >= CUT_OFF and other.startswith(words)
        # A long title is cut off by us.
        if words == other or is_cut or (one.endswith("…") and words.startswith(other)):
            return ""
    return _without_prefixes(said).strip() if words else ""


def _words_of(subject: str) -> str:
    """The letters and digits of a subject without prefixes and tags, in one case."""
    bare = _without_prefixes(subject)
    while prefix := ANSWER_SUBJECT.match(bare) or FORWARD_SUBJECT.match(bare):
        bare = _without_prefixes(bare[prefix.end() :])
    return "".join(filter(str.isalnum, bare.casefold()))


def _without_prefixes(subject: str) -> str:
    """The subject without `Re:` and the like, tags of ours and tags of gateways, in whatever order they stand."""
    found = _without_tags(subject)
    while (left := PREFIXES.sub("", GATEWAY_TAGS.sub("", found))) != found:
        found = _without_tags(left)
    return found


def _without_tags(subject: str) -> str:
    """The subject without tags; what is left around one may be a tag by now, so that none is left in the end."""
    found = subject[:READ_CHARACTERS]
    while (left := TAGS.sub("", found)) != found:
        found = left
    return found


def stored_text(text: str, attachments: Sequence[Attachment]) -> str:
    """A mail's text as a ticket stores it; where it has no words, a sentence with the number of its files."""
    if text.strip():
        return text.strip("\r\n")
    listed = sum(not file.of_signature for file in attachments)
    if not listed:
        return "(The mail has no text.)"
    files = "1 file is" if listed == 1 else f"{listed} files are"
    return f"(The mail has no text; {files} attached.)"


def open_passed_on(mail: InboundMail, forward: Forward, staff: Person, facts: Facts, policy: Policy) -> OpenTicket:
    """The ticket that a mail passed on by staff opens for its original sender, who gets no acknowledgement."""
    original = passed_on_mail(mail, forward)
    # What is known of the sender is known of staff, not of the customer.
    unknown = replace(facts, sender=None, served_before=None)
    reason = f"{staff.email} passed on a mail of {original.senders[0].email}."
    ticket = open_ticket(original, unknown, policy, continues=None, reason=reason)
    return replace(ticket, by=staff, note=forward.message, unanswered=PASSED_ON)


def open_by_staff(mail: InboundMail, customer: Address, staff: Person, facts: Facts, policy: Policy) -> OpenTicket:
    """The ticket that staff open by a mail for a customer, whose text is that mail's own words."""
    unknown = replace(facts, sender=None, served_before=None)
    told = replace(mail, senders=(customer,), cc=(), text=mail.reply)
    reason = f"{staff.email} opened it for {customer.email}."
    return replace(open_ticket(told, unknown, policy, continues=None, reason=reason), by=staff)


def passed_on_mail(mail: InboundMail, forward: Forward) -> InboundMail:
    """The mail that staff passed on, as one of its first sender to the desk."""
    first = Address(forward.from_name, forward.from_email)
    return replace(mail, senders=(first,), subject=forward.subject, text=forward.text, reply=forward.text, cc=())


@dataclass(frozen=True, slots=True)
class JudgedOpening:
    """What a mail gives a new ticket by its words, and what the routing rules make of it."""

    title: str
    text: str
    classification: Classification
    judgement: Judgement


def judge_opening(mail: InboundMail, facts: Facts, policy: Policy, *, is_answer: bool) -> JudgedOpening:
    """Title, text, classification and judgement of a mail as the first of a ticket; `is_answer` to a closed one."""
    text = stored_text(mail.reply if is_answer else mail.text, mail.attachments)
    title = title_of(mail.subject, text)
    classification = classify(title, text)
    return JudgedOpening(
        title, text, classification, policy.rules.judge(_rule_input(mail, facts, title, text, classification))
    )


def open_ticket(
    mail: InboundMail,
    facts: Facts,
    policy: Policy,
    *,
    continues: int | None,
    reason: str,
) -> OpenTicket:
    """Classify and route a mail that opens a ticket; `continues` is the number of the closed ticket that it answers.

    Quotes are kept unless it continues a ticket: those in the mail of a stranger may be the question itself.
    """
    opening = judge_opening(mail, facts, policy, is_answer=continues is not None)
    classification, judgement = opening.classification, opening.judgement
    owner = route(judgement, policy.default_assign, facts.candidates, facts.served_before)
    why = {
        "category": classification.category_reason,
        "priority": classification.priority_reason,
        "owner": owner.sentence,
    }
    why |= {f"rule {step.rule}": step.sentence for step in judgement.trace}
    return OpenTicket(
        sender=mail.senders[0],
        title=opening.title,
        description=opening.text,
        category=judgement.category or classification.category,
        priority=judgement.priority or classification.priority,
        owner=owner,
        continues=continues,
        reason=reason,
        why=why,
        dropped_by=judgement.dropped_by,
    )


def _rule_input(mail: InboundMail, facts: Facts, title: str, text: str, classification: Classification) -> RuleInput:
    sender, person = mail.senders[0], facts.sender
    # A "User" row that only calls itself an agent's is a customer's for the rules too.
    role = effective_role(person) if person else Role.CUSTOMER
    return RuleInput(
        CaseTicket(title, text, classification.category, classification.priority),
        CaseSender(sender.email, sender.domain, sender.name, role, person is None),
        CaseMail(
            subject=mail.subject,
            to=tuple(address.email for address in mail.to),
            cc=tuple(address.email for address in mail.cc),
            mailbox=facts.mailbox,
            has_attachments=bool(mail.attachments),
            automatic=mail.automatic is not None,
        ),
    )
