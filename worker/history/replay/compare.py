"""A stored mail read and decided by what the program is today, beside what was stored of it then."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.orm import Session

from desk.intake.assessment import as_persons, more_words, with_own_words
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, Drop, FileBounce, KeepNote, NotApplied, OpenTicket
from desk.intake.rule_names import RuleName
from desk.routing.route import Candidate
from desk.trust.web_forms import resolve_author
from mail.inbound.message import NO_MORE_WORDS, InboundMail, MailKind, MoreWords
from mail.inbound.parse import parse
from models.reports.history.decided import MASK, DecidedMail
from worker.history.replay.facts import OPENING, facts_then
from worker.runtime.services import Services

# What these decide depends on the moment: on what came lately, on a question that was open, on what was shown before.
OF_THEIR_MOMENT = frozenset(
    {
        *(RuleName.SAME_MAIL_TWICE, RuleName.ROUND_TRIP, RuleName.TOO_LARGE, RuleName.CONFIRMATION),
        *(RuleName.TOO_MANY_BYTES, RuleName.TOO_MANY_ON_TICKET, RuleName.TOO_MANY_REFUTED, RuleName.TOO_MANY_TICKETS),
        *(RuleName.STAFF_WITHOUT_POWER, RuleName.WAITING_ANSWER, RuleName.STAFF_OFF_TICKET, RuleName.BOUNCED_MAIL),
        RuleName.TAKING_BACK,
    }
)
# The evidence that says on what ground a decision stood.
GROUND = ("thread", "standing", "proof", "trust")
MAY_RESTORE = frozenset({Drop.AUTOMATIC, Drop.BOUNCE, Drop.REPORT})


class What(StrEnum):
    """What differs of a mail; `--json` has the value."""

    KIND = "kind"
    SENDER = "sender"
    FATE = "fate"
    DESCRIPTION = "description"
    COMMENT = "comment"
    NOTE = "note"
    HTML = "html"
    SIGNATURE_FILES = "signature_files"
    CATEGORY = "category"
    PRIORITY = "priority"


TEXTS = frozenset({What.DESCRIPTION, What.COMMENT, What.NOTE})


class Ground(StrEnum):
    """How much of a mail could be compared, and if not all of it, why."""

    ALL = "all"
    READING = "reading"
    NO_BYTES = "no_bytes"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ReplayDifference:
    """One thing that is stored otherwise than it would be today; `safe` where `--apply` may write it."""

    what: What
    was: str
    would: str
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored mail with what differs; `mail` is today's reading, None where there is none, and `more` what is kept.

    `restores` says that it was dropped as a program's, and is a person's by today's reading.
    """

    stored: DecidedMail
    ground: Ground
    differences: tuple[ReplayDifference, ...] = ()
    mail: InboundMail | None = None
    more: MoreWords = NO_MORE_WORDS
    restores: bool = False

    @property
    def is_safe(self) -> bool:
        """True where `--apply` has something to write."""
        return self.restores or any(one.safe for one in self.differences)


def replay(
    session: Session, services: Services, stored: DecidedMail, raw: bytes, staff: tuple[Candidate, ...]
) -> Replayed:
    """Read and decide a mail as if for the first time, and compare; the transaction must be rolled back afterwards."""
    if stored.partial or not raw:
        return Replayed(stored, Ground.NO_BYTES)
    try:
        parsed = parse(raw)
    except Exception:  # noqa: BLE001  one that is beyond this process must not end the others
        return Replayed(stored, Ground.UNREADABLE)
    parsed = as_persons(parsed) if stored.restored else parsed
    mail, form = resolve_author(parsed, stored.mailbox, services.policy)
    found = Replayed(
        stored,
        Ground.READING,
        tuple(_reading(stored, mail)),
        mail,
        restores=stored.evidence.get("drop") in MAY_RESTORE and mail.kind is MailKind.PERSON,
    )
    if not stored.rule or stored.rule in OF_THEIR_MOMENT:
        return found
    facts = facts_then(session, stored, mail, raw, services.policy, staff)
    facts = replace(facts, by_form=form is not None and form.author is not None)
    mail = with_own_words(mail, facts, services.policy)
    rule, decision = decide(mail, facts, services.policy, form)
    return _with_decision(replace(found, mail=mail), rule, decision)


def _with_decision(found: Replayed, rule: RuleName, decision: Decision) -> Replayed:
    """The same with what differs of the decision, where it stands on the ground on which it stood then."""
    stored, mail = found.stored, found.mail
    moved_on = any(decision.why.get(name) != stored.evidence.get(name) for name in GROUND)
    if mail is None or moved_on or rule in OF_THEIR_MOMENT:
        return found
    found = replace(found, ground=Ground.ALL)
    was, would = (stored.rule, _effect_then(stored)), (str(rule), _effect(decision))
    if was != would:
        fate = ReplayDifference(What.FATE, " ".join(was), " ".join(would))
        is_fate = not _depends_on_facts(stored, decision)
        return replace(found, differences=(*found.differences, fate)) if is_fate else found
    texts, more = tuple(_texts(stored, decision)), _more(mail, decision)
    is_safe = all(one.safe for one in texts if one.what in TEXTS)
    kept = tuple(_kept(stored, mail, more, decision)) if is_safe else ()
    return replace(found, differences=(*found.differences, *texts, *kept), more=more)


def _reading(stored: DecidedMail, mail: InboundMail) -> Iterator[ReplayDifference]:
    """What of the stored evidence is the mail's alone."""
    kind = str(stored.evidence.get("kind", "")).partition(":")[0]
    if kind and kind != mail.kind:
        yield ReplayDifference(What.KIND, kind, str(mail.kind))
    sender = mail.senders[0].email if mail.senders else ""
    if stored.sender is not None and MASK not in stored.sender and stored.sender != sender:
        yield ReplayDifference(What.SENDER, stored.sender, sender)


def _effect_then(stored: DecidedMail) -> str:
    if stored.ticket is None:
        return "no ticket"
    return "a new ticket" if stored.rule in OPENING else f"on SD-{stored.ticket}"


def _effect(decision: Decision) -> str:
    match decision:
        case OpenTicket():
            return "a new ticket"
        case Act() | KeepNote():
            return f"on SD-{decision.ticket}"
        case FileBounce() if decision.ticket is not None:
            return f"on SD-{decision.ticket}"
    return "no ticket"


def _depends_on_facts(stored: DecidedMail, decision: Decision) -> bool:
    """True where a decision may differ because of the moment, though thread and trust are the same.

    Then a colleague had answered, a note was repeated, or the ticket had another state. What a mail opens, and what a
    rule drops, hangs on the mail and the rules alone.
    """
    by_rule = isinstance(decision, NotApplied) and decision.drop is Drop.RULE
    if by_rule or stored.evidence.get("drop") is not None or stored.rule in OPENING:
        return stored.rule in OPENING and stored.continues is not None
    return stored.rule == RuleName.STAFF_ON_TICKET


def _texts(stored: DecidedMail, decision: Decision) -> Iterator[ReplayDifference]:
    """The words that differ, and what hangs on them; those that somebody edited, or was forgotten in, are not said."""
    match decision:
        case OpenTicket():
            edited = stored.description_edited
            yield from _text(What.DESCRIPTION, stored.description, decision.description, edited=edited)
            if decision.note:
                yield from _text(What.NOTE, stored.note, decision.note)
            for what, was, would in (
                (What.CATEGORY, stored.category, decision.category),
                (What.PRIORITY, stored.priority, decision.priority),
            ):
                if was is not None and was != would:
                    yield ReplayDifference(what, was, str(would))
        case Act() if decision.changes.merge_into is None:
            what = What.NOTE if decision.changes.note else What.COMMENT
            was = stored.note if decision.changes.note else stored.comment
            yield from _text(what, was, decision.text, edited=stored.comment_edited and what is What.COMMENT)
        case KeepNote():
            # A note that was accepted is a comment by now, which is its author's.
            yield from _text(What.NOTE, stored.note, decision.text, is_safe=stored.comment_id is None)


def _text(
    what: What, was: str | None, would: str, *, edited: bool = False, is_safe: bool = True
) -> Iterator[ReplayDifference]:
    # A text that is gone was taken away by somebody, and a mail that became no text had none.
    if was is None or edited or MASK in was or was == would:
        return
    yield ReplayDifference(what, was, would, safe=is_safe and bool(would))


def _more(mail: InboundMail, decision: Decision) -> MoreWords:
    match decision:
        case OpenTicket():
            return more_words(mail, decision.description, signs=decision.continues is not None)
        case Act() if decision.changes.merge_into is None:
            return more_words(mail, decision.text, signs=True)
        case KeepNote():
            return more_words(mail, decision.text, signs=False)
    return NO_MORE_WORDS


def _kept(stored: DecidedMail, mail: InboundMail, more: MoreWords, decision: Decision) -> Iterator[ReplayDifference]:
    """Kept HTML and the marks of signature pictures, where the words themselves are as their mail wrote them."""
    is_merge = isinstance(decision, Act) and decision.changes.merge_into is not None
    edited = stored.comment_edited if stored.comment_id else stored.description_edited and stored.rule in OPENING
    if stored.html is None or edited or is_merge or MASK in stored.html:
        return
    if stored.html != more.html:
        yield ReplayDifference(What.HTML, stored.html, more.html, safe=True)
    # Others are of a signature by what came on other tickets, which is not the mail's alone.
    by_mail = {place for place, file in enumerate(mail.attachments) if file.of_signature}
    may_be = {place for place, file in enumerate(mail.attachments) if file.may_be_signature or file.content_id}
    was = set(stored.signature_files) - may_be | (set(stored.signature_files) & by_mail)
    if len(mail.attachments) == len(stored.files) and was != by_mail:
        yield ReplayDifference(What.SIGNATURE_FILES, _places(was), _places(by_mail), safe=True)


def _places(places: set[int]) -> str:
    return ", ".join(map(str, sorted(places)))
