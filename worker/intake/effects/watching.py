"""Who of staff watches a ticket, as `#watch` and `#unwatch` ask for it."""

from desk.commands.each.watch import Watch
from desk.ticket import Person, Ticket
from mail.outbound.catalogue import said
from models.tickets.participants import WatchOutcome, end_watch, watch_ticket
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def change_watch(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: Watch) -> Deed:
    """Let somebody watch a ticket, or watch it no longer; what was before is whether they did."""
    tag, before = f"SD-{effect.ticket}", {"ticket": effect.ticket, "watched": effect.ends}
    if effect.ends:
        ended = end_watch(transaction.session, effect.ticket, person.number)
        return Deed(before=before) if ended else Deed(refused=said("writing.did_not_watch", tag=tag))
    match watch_ticket(transaction.session, effect.ticket, person.number):
        case WatchOutcome.GONE:
            return Deed(refused=said("writing.not_here", tag=tag))
        case WatchOutcome.BEFORE:
            return Deed(refused=said("writing.watched_before", tag=tag))
        case WatchOutcome.NOW:
            return Deed(before=before)
