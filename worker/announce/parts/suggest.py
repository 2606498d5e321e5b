"""Earlier answers to like questions, for the mail about an assignment, and one of them as a draft."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.orm import Session

from desk.commands.lines.letters import name_words
from desk.gate.leaks import find_signatures
from desk.gate.providers import is_shared
from desk.notices.events import DraftAsked
from desk.notices.history import excerpt
from desk.notices.values.earlier import DraftView, EarlierAnswersView, EarlierAnswerView
from desk.reports.earlier.again import SOON, says_the_same
from desk.reports.earlier.likeness import MOST_SHOWN, MOST_SIGNS, Like, like_enough, words_of_question
from desk.reports.earlier.redaction import Known, known_of, redact, redact_line
from desk.reports.search.words import spaced
from desk.ticket import Role, Ticket
from mail.mime.text import one_line
from models.db.statement import only_read, undone
from models.reports.search.like import Answered, Before, find_like, read_answers, read_before
from worker.runtime.services import Services

logger = logging.getLogger(__name__)

# So long may each statement take. The mail about an assignment goes without suggestions where one takes longer.
SECONDS = 0.5
# So many lines of an answer are shown; the draft has all of it.
MOST_ROWS = 8
LONGEST_TITLE = 70
# Programs take no longer address of a mail to be written.
LONGEST_LINK = 1_900


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is shown, and of each answer, in the same order, the number of its ticket and the id of its comment."""

    view: EarlierAnswersView | None = None
    sources: tuple[tuple[int, str], ...] = ()


def earlier_answers(session: Session, services: Services, ticket: Ticket) -> Earlier:
    """Earlier answers to questions like a ticket's; nothing where that cannot be known soon.

    It is asked in the transaction of what is being written, which nothing that fails there reaches.
    """
    try:
        with undone(session):
            return _earlier_answers(session, services, ticket)
    except Exception:
        # Whatever it is, the mail goes out without.
        logger.warning("%s gets no suggestions", ticket.tag, exc_info=True)
        return Earlier()


def _earlier_answers(session: Session, services: Services, ticket: Ticket) -> Earlier:
    names = name_words([ticket.customer.name, ticket.customer.email])
    words = words_of_question(spaced(f"{ticket.title}\n{ticket.description}"[:MOST_SIGNS]), names)
    only_read(session, SECONDS)
    before = read_before(session, ticket.number, SOON)
    likes = like_enough(find_like(session, words, ticket.number, services.question_words)) if words else []
    answers = read_answers(session, [like.number for like in likes]) if likes else {}
    mine = f"{ticket.title}\n{ticket.description}"
    # Into a ticket of nobody an agent merges none, and sees it in the list of those.
    before = [one for one in before if one.owner is not None or _is_of_admin(ticket)]
    again = next((one for one in before if says_the_same(mine, f"{one.title}\n{one.description}")), None)
    shown = _shown(services, likes, answers)
    views = tuple(view for view, _ in shown)
    tag = f"SD-{again.number}" if again else ""
    view = EarlierAnswersView(views, tag, _colleague(ticket, again)) if views or tag else None
    return Earlier(view, tuple(source for _, source in shown))


def _is_of_admin(ticket: Ticket) -> bool:
    return ticket.assignee is not None and ticket.assignee.role is Role.ADMIN


def _colleague(ticket: Ticket, again: Before | None) -> str:
    """Whose the earlier ticket is, where the owner of this one may not merge into it (desk/commands/merging.py)."""
    owner = ticket.assignee
    if again is None or owner is None or _is_of_admin(ticket) or again.owner == owner.number:
        return ""
    return again.owner_name


def _shown(
    services: Services, likes: list[Like], answers: Mapping[int, Answered]
) -> list[tuple[EarlierAnswerView, tuple[int, str]]]:
    """Of each ticket the longest answer, which says most; the same text is shown once."""
    shown, texts = list[tuple[EarlierAnswerView, tuple[int, str]]](), set[str]()
    for found in (answers[like.number] for like in likes if like.number in answers):
        known = _known(services, found)
        redacted = ((_without_others(text, known, author), id_) for id_, text, author in found.texts)
        text, comment = max(redacted, key=lambda one: len(one[0]), default=("", ""))
        if not text or text in texts or len(shown) == MOST_SHOWN:
            continue
        texts.add(text)
        title = redact_line(found.title, known)[:LONGEST_TITLE]
        view = EarlierAnswerView(len(shown) + 1, title, excerpt(text, MOST_ROWS, whole=False))
        shown.append((view, (found.number, comment)))
    return shown


def _known(services: Services, answers: Answered) -> Known:
    """Who the customer and the others on a ticket are; of a domain in which anybody may have an address nothing."""
    names, addresses = zip(*answers.people, strict=True) if answers.people else ((), ())
    shared = services.policy.shared_domains
    own = {address.rpartition("@")[2] for address in services.policy.own_addresses}
    domains = [address.rpartition("@")[2].lower() for address in addresses]
    kept = [
        address.partition("@")[0] + "@" if is_shared(domain, shared) or domain in own else address
        for address, domain in zip(addresses, domains, strict=True)
    ]
    return known_of(names, kept)


def _without_others(text: str, known: Known, author: str) -> str:
    """An answer as it may be shown; empty where a signature of ours is left in it, by which somebody could write."""
    shown = redact(text, known, author)
    return "" if find_signatures(shown) else shown


def draft_view(
    services: Services, asked: DraftAsked, answers: Answered | None, address: str, ticket: Ticket
) -> DraftView:
    """An earlier answer as a draft, where it is still there; `address` is where its reader answers, or empty."""
    if answers is None or not answers.texts:
        return DraftView(asked.place, "")
    _, text, author = answers.texts[0]
    shown = _without_others(text, _known(services, answers), author)
    subject = f"Re: [{ticket.tag}] {one_line(ticket.title, LONGEST_TITLE)}"
    return DraftView(asked.place, shown, _link(address, subject, shown))


def _link(address: str, subject: str, text: str) -> str:
    """A link that opens a mail to this address (RFC 6068); empty where it would be too long for some programs."""
    body = quote(text.replace("\n", "\r\n"), safe="")
    link = f"mailto:{quote(address, safe='@+')}?subject={quote(subject, safe='')}&body={body}"
    return link if address and text and len(link) <= LONGEST_LINK else ""
