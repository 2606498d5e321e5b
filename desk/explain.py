"""What became of a mail, a ticket or a mail of ours, in lines made of the values read from the database."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import assert_never

from desk.facts import IMPORT_FOLDER
from desk.gate.hold import why_it_waits
from desk.intake.rule_names import RuleName
from desk.notices.recipients import BY_TEMPLATE
from desk.notices.values.unproven import OPENING_MAIL, warning
from desk.reports.accounts import MailAccount, SentAccount, TicketAccount
from mail.outbound.catalogue import in_english

Account = SentAccount | MailAccount | TicketAccount

FATES = {
    "applied": "It was applied",
    "not_applied": "It had no effect, on purpose",
    "quarantined": "It waits in quarantine",
    "dropped": "An admin dropped it",
    "baseline": "It was there before the desk was, and marks the beginning",
    None: "It is not decided yet",
}
SENT_FATES = {
    "sent": "The mail server took it",
    "failed": "It could not be delivered",
    "held": "It was held",
    None: "It is still to be sent",
}
# The evidence in reading order; what is not named here, such as routing rules, comes after it.
EVIDENCE = {
    "kind": "Kind",
    "signs": "Signs of a program",
    "form": "Form",
    "thread": "Thread",
    "trust": "Trust",
    "words": "Own words",
    "category": "Category",
    "priority": "Priority",
    "owner": "Owner",
    "unanswered": "No acknowledgement",
    "restored": "Restored",
    "waited": "Waited",
}
# Keys for the program are not shown: the sentences beside them say the same.
KEYS_ONLY = frozenset({"rule", "standing", "proof", "drop", "withheld"})
# What each rule of intake decides, as a sentence for people; a rule's docstring may say more, and differently.
MEANINGS: Mapping[str, str] = {
    RuleName.SAME_MAIL_TWICE: "The same mail in two mailboxes or under a new UID has its effect once.",
    RuleName.BOUNCED_MAIL: (
        "A report that a mail of ours did not arrive is filed on its ticket, where it shows our signature, and once."
    ),
    RuleName.NO_SINGLE_SENDER: "Identity is the one mailbox of the one From header (RFC 5322, 3.6.2).",
    RuleName.ROUND_TRIP: "A mail of `supportdesk doctor` to the desk itself shows how mail arrives, and no more.",
    RuleName.OUR_OWN_ADDRESS: "A mail that claims to come from the desk itself is a loop or a forgery.",
    RuleName.TOO_LARGE: (
        "Of such a mail only the headers are here; who wrote it is told, but no robot is, and nobody twice a day."
    ),
    RuleName.OUT_OF_OFFICE: (
        "Staff's own mail program says that they are away; anybody else's word for it counts for nothing."
    ),
    RuleName.TOO_MANY_ON_TICKET: (
        "More comments and notes in an hour than people write to one ticket are parked, so that no noise hides news."
    ),
    RuleName.TOO_MANY_REFUTED: (
        "Mails that the servers of their senders deny are parked above a number for all of them together."
    ),
    RuleName.REACTION: "An emoji that somebody tapped below a mail asks for nothing, so it is kept as a note.",
    RuleName.AUTOMATIC_MAIL: "What no person wrote never changes a ticket and is never answered (RFC 3834, section 2).",
    RuleName.PASSED_BY: (
        "What a list sends to all its members is not written to the desk, but where it names the desk or its ticket."
    ),
    RuleName.CONFIRMATION: (
        "`#confirm` as the first word of an answer to our own question, and of a person, releases what it lists."
    ),
    RuleName.PERSONAL_COMMANDS: (
        "A mail of staff that holds only commands that need no ticket is answered at their stored address."
    ),
    RuleName.PASSED_ON: "A mail that staff pass on opens a ticket for who wrote it first, by the outermost block.",
    RuleName.OPENED_FOR: "Staff may open a ticket for who phoned; nobody hears of it before they say so.",
    RuleName.STAFF_WITHOUT_POWER: (
        "From is a claim: staff's mail has power only with what the matrix wants of it, or it is held."
    ),
    RuleName.WAITING_ANSWER: (
        "`#send` or `#drop` as the first word of an answer to our mail says what becomes of an answer that waits."
    ),
    RuleName.MANY_TICKETS: "Each line of staff off a ticket, such as `12 #resolve`, is about a ticket of its own.",
    RuleName.TAKING_BACK: "`#undo`, alone in a mail, takes back what its author's last mail did, within half an hour.",
    RuleName.STAFF_OFF_TICKET: "An answer to a mail that takes none, or whose ticket is gone, goes back to its author.",
    RuleName.STAFF_ON_TICKET: "Staff answer in public, keep a note, or command.",
    RuleName.TOO_MANY_BYTES: "Who sends more in a day than a day's work needs waits for an admin.",
    RuleName.ONLY_A_NOTE: (
        "Mail to somebody else's signed address, or that its sender's server denies, is a note until it is accepted."
    ),
    RuleName.CUSTOMERS_QUESTIONS: (
        "Who is proven reads what is theirs, at their stored address; without proof it is a request like any other."
    ),
    RuleName.CUSTOMER_ON_TICKET: (
        "A participant's mail is a comment; it opens a resolved ticket again, and closes one where they may command."
    ),
    RuleName.TOO_MANY_TICKETS: (
        "More new tickets in an hour than people write are parked, so that nobody's desk is filled by a script."
    ),
    RuleName.NEW_TICKET: (
        "Everything else is a new ticket, which goes on from a closed one where its customer came back to it."
    ),
}


def explain(account: Account) -> list[str]:
    """The lines of an account; a line that belongs to the one above is indented by two more spaces."""
    match account:
        case MailAccount():
            return [*_mail(account), *(f"  {line}" for sent in account.sent for line in _sent(sent))]
        case SentAccount():
            return list(_sent(account))
        case TicketAccount():
            return list(_ticket(account))
        case _:
            assert_never(account)


def _mail(mail: MailAccount) -> Iterator[str]:
    sender = mail.sender or "a sender that nobody has read yet"
    at, file = _at(mail.stored_at), mail.folder.removeprefix(IMPORT_FOLDER)
    came = f"came {at} as UID {mail.uid} of {mail.folder} in mailbox {mail.mailbox}"
    if file != mail.folder:
        came = f"was brought along {at} from the file {file} into mailbox {mail.mailbox}"
    yield f"Mail {mail.number} from {sender} {came}."
    yield f"  {FATES[mail.fate]}. {mail.reason or ''}".rstrip()
    rule = mail.evidence.get("rule")
    if rule:
        yield f"  Rule {rule}: {MEANINGS.get(rule, 'this version of the desk does not have it.')}"
    if mail.confirmed_at:
        yield f"  Its sender confirmed it {_at(mail.confirmed_at)}, and it was decided again."
    if mail.waited_at:
        yield f"  It waited for a word of its author since {_at(mail.waited_at)[3:]}."
    if mail.restored_at:
        yield f"  An admin restored it as a person's {_at(mail.restored_at)}, and it was decided again."
    elif mail.fate == "not_applied" and "drop" in mail.evidence:
        yield f"  If a person wrote it: supportdesk mail restore {mail.number}"
    for command in mail.commands:
        yield f"  {'Done' if command.done else 'Refused'}: {command.line or 'the mail'}: {command.sentence}"
    for change in mail.changed:
        yield f"  It changed the {change.field} from {change.old or 'nothing'} to {change.new or 'nothing'}."
    yield from (f"  {line}" for line in _evidence(mail))
    if mail.tries or mail.error:
        yield f"  It was tried {mail.tries} times. {mail.error or ''}".rstrip()


def _evidence(mail: MailAccount) -> Iterator[str]:
    for name, label in EVIDENCE.items():
        if name in mail.evidence:
            yield f"{label}: {mail.evidence[name]}"
    for name, sentence in mail.evidence.items():
        if name not in EVIDENCE and name not in KEYS_ONLY:
            yield f"{name[:1].upper()}{name[1:]}: {sentence}"
    if mail.confidence is not None:
        yield f"Reading: the desk is {mail.confidence:.0%} sure which words are the sender's own."
    yield from (f"Repaired: {repair}" for repair in mail.repairs)
    if mail.removed:
        yield "Left out of the text, and kept:"
        yield from (f"| {line}" for line in mail.removed.splitlines())


def _sent(sent: SentAccount) -> Iterator[str]:
    template = BY_TEMPLATE.get(sent.template)
    yield f"Our mail {sent.number} ({sent.template}) to {sent.recipient} was written {_at(sent.written_at)}."
    if sent.event:
        cause = f", which mail {sent.cause} brought about" if sent.cause else ""
        yield f"  It tells of the event {sent.event}{cause}."
    if template:
        yield f"  {in_english(template.reason)}"
    when = f" {_at(sent.sent_at)}" if sent.sent_at else f", due {_at(sent.due_at)}" if sent.fate is None else ""
    attempts = f" after {sent.attempts} attempts" if sent.attempts > 1 else ""
    yield f"  {SENT_FATES[sent.fate]}{when}{attempts}. {why_it_waits(sent.reason, sent.attempts)}".rstrip()
    if sent.error:
        yield f"  The last error: {sent.error}"
    if sent.spent_at:
        yield f"  Others saw its reply address {_at(sent.spent_at)}, so it proves nothing since."
    yield from (f"  It came back: {failure}." for failure in sent.bounced)


def _ticket(ticket: TicketAccount) -> Iterator[str]:
    yield from _state(ticket)
    if ticket.unproven:
        yield f"  {in_english(warning(OPENING_MAIL, ticket.unproven))}"
    if ticket.continues:
        yield f"  It goes on from SD-{ticket.continues}, which is closed."
    if ticket.merged_into:
        yield f"  It was merged into SD-{ticket.merged_into}, and its mail goes where that one's goes."
    for assignment in ticket.assignments:
        yield f"  Routed {_at(assignment.assigned_at)}: {assignment.reason}"
    for note in ticket.notes:
        source = f" from mail {note.ledger_id}" if note.ledger_id else ""
        accepted = f" It was accepted as a comment {_at(note.accepted_at)}." if note.accepted_at else ""
        yield f"  Internal note {note.number}{source}, {_at(note.written_at)}: {note.reason}{accepted}"
    for mail in ticket.mails:
        yield from (f"  {line}" for line in _mail(mail))
    for sent in ticket.sent:
        yield from (f"  {line}" for line in _sent(sent))


def _state(ticket: TicketAccount) -> Iterator[str]:
    tag, where = f"SD-{ticket.number}", ""
    if ticket.title is None:
        yield f"{tag} was deleted."
        return
    if ticket.archived_at:
        where = f", and in the archive since {ticket.archived_at:%Y-%m-%d}"
    yield f"{tag} “{ticket.title}” is {ticket.status}{where}."
    if ticket.archived_at:
        yield f"  `supportdesk ticket show {tag}` shows it, `supportdesk archive restore {tag}` brings it back."


def _at(moment: datetime) -> str:
    return f"on {moment:%Y-%m-%d at %H:%M:%S} UTC"
