"""`#use`: the draft of an earlier answer is on its way to who asked for it."""

from desk.commands.each.use import UseAnswer
from desk.notices.events import DraftAsked
from desk.ticket import Person, Ticket
from mail.outbound.catalogue import said
from models.events.rows import add_draft
from models.outbox.suggested import read_suggested
from models.reports.search.like import read_answers
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def bring_draft(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: UseAnswer) -> Deed:
    """Let the answer that the author's mail about this ticket showed at a place come to them, as it is by then."""
    session = transaction.session
    shown = read_suggested(session, ticket.number, person.number) if ticket else []
    if ticket is None or not shown:
        return Deed(refused=said("earlier.none_shown"))
    if effect.place > len(shown):
        return Deed(refused=said("earlier.no_such_place", place=effect.place, count=len(shown)))
    number, comment = shown[effect.place - 1]
    answers = read_answers(session, [number], comment).get(number)
    if answers is None or not answers.texts:
        return Deed(refused=said("earlier.gone", place=effect.place))
    add_draft(session, ticket.number, person.number, DraftAsked(effect.place, number, comment), transaction.row)
    return Deed()
