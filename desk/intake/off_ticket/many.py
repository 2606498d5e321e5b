"""Rule on mail of staff about many tickets: each line names one with a command, and one answer tells of all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from desk.commands.command import Changes, CommandAnswer, Order
from desk.commands.lines.many import ManyLines, TicketOrder, read_many
from desk.commands.lines.parser import CommandLines, stand_in
from desk.commands.merging import may_work_on
from desk.commands.obey import obey
from desk.commands.table import COMMANDS
from desk.intake.assessment import Assessment
from desk.intake.cc import setting_of
from desk.intake.decision import Act, ActOnMany, Decision, Hold, LinesOfTicket
from desk.intake.objections import SEND_AGAIN, UNSURE, objection_to_added
from desk.intake.staff import with_status
from desk.ticket import Person, Ticket
from desk.trust.judge import Power
from mail.outbound.catalogue import Said, said

# More is no list that somebody read through.
MOST_LINES = 50


def many_tickets(assessment: Assessment) -> Decision | None:
    """A mail of staff off a ticket, of nothing but lines with a ticket and a command, is carried out line by line."""
    staff = assessment.staff
    if staff is None or assessment.trust.power is not Power.FULL or assessment.is_on_ticket:
        return None
    lines = read_many(assessment.mail.reply)
    if not lines.orders:
        return None
    if reason := _why_held(assessment, lines):
        return Hold(staff, reason, SEND_AGAIN)
    parts: list[LinesOfTicket] = []
    for number, places in _by_ticket(lines.orders).items():
        parts.append(_unless_target_is_gone(_part(assessment, staff, number, places), parts))
    acts = sum(part.act is not None for part in parts)
    return ActOnMany(staff, tuple(parts), f"{staff.email} wrote about {len(parts)} tickets, and {acts} of them change.")


def _why_held(assessment: Assessment, lines: ManyLines) -> Said | None:
    """Why nothing of the mail is done: each line must be its author's, and nothing may stand there for nobody."""
    mail = assessment.mail
    if mail.confidence <= UNSURE:
        return said("held.others_words")
    if unseen := stand_in(mail.unseen, (one.order for one in lines.orders)):
        return said("held.unseen_command", line=unseen.line)
    if lines.others:
        return said("held.many_words", line=lines.others[0][:80])
    if any(not (file.inline or file.of_signature) for file in mail.attachments):
        return said("held.many_files")
    return said("held.many_lines", count=MOST_LINES) if len(lines.orders) > MOST_LINES else None


def _by_ticket(orders: Sequence[TicketOrder]) -> Mapping[int, list[tuple[int, Order]]]:
    """The lines about each ticket, with their places in the mail, by the number that they were written with."""
    found: dict[int, list[tuple[int, Order]]] = {}
    for place, one in enumerate(orders):
        found.setdefault(one.number, []).append((place, one.order))
    return found


def _unless_target_is_gone(part: LinesOfTicket, before: Sequence[LinesOfTicket]) -> LinesOfTicket:
    """The same, or refused where it merges a ticket into one that lines above have merged into another."""
    into = part.act.changes.merge_into if part.act else None
    gone = {one.act.ticket: one.act.changes.merge_into for one in before if one.act and one.act.changes.merge_into}
    if into not in gone:
        return part
    reason = said("commands.is_part", tag=f"SD-{into}", target=f"SD-{gone[into]}")
    return LinesOfTicket(
        part.places, tuple(CommandAnswer(one.line, done=False, sentence=reason) for one in part.outcomes)
    )


def _part(assessment: Assessment, staff: Person, number: int, lines: Sequence[tuple[int, Order]]) -> LinesOfTicket:
    places, orders = tuple(place for place, _ in lines), [order for _, order in lines]
    known = assessment.facts.tickets.get(number)
    reason = _why_not(assessment, staff, number)
    if reason is not None or known is None:
        return _refused(places, orders, reason or said("commands.no_such_ticket", tag=f"SD-{number}"))
    on_it = replace(assessment, thread=replace(assessment.thread, number=number))
    allowed, refused = _sorted(orders)
    changes, done = obey(allowed, setting_of(on_it, staff, answers_note=False))
    words = CommandLines(tuple(allowed), "", ()).with_answer(changes.answer)
    if changes.answer and not changes.note and (reason := objection_to_added(on_it, words)):
        return _refused(places, orders, reason)
    obeyed = iter(done)
    outcomes = tuple(refused.get(place) or next(obeyed) for place in range(len(orders)))
    # A list is answered with a line for each of its lines, and not with the texts that went out.
    outcomes = tuple(replace(one, detail=()) for one in outcomes)
    return LinesOfTicket(places, outcomes, _act(on_it, staff, known.ticket, (changes, words.text_and_notes, outcomes)))


def _act(
    assessment: Assessment, staff: Person, ticket: Ticket, asked: tuple[Changes, str, tuple[CommandAnswer, ...]]
) -> Act | None:
    """What is written on the ticket; None where every line about it was refused."""
    changes, text, outcomes = asked
    if not any(outcome.done for outcome in outcomes):
        return None
    return Act(
        person=staff,
        ticket=ticket.number,
        text=text,
        changes=with_status(changes, ticket, answered=bool(text) and not changes.note),
        outcomes=(),
        reason=assessment.thread.sentence,
    )


def _why_not(assessment: Assessment, staff: Person, number: int) -> Said | None:
    """Why nothing may be done on a ticket by a line of such a mail; None where something may."""
    facts, tag = assessment.facts, f"SD-{number}"
    if number in facts.put_away:
        return said("commands.in_archive", tag=tag)
    known = facts.tickets.get(facts.end_of(number))
    if known is not None and not may_work_on(staff, known.ticket):
        return said("commands.not_yours", tag=tag)
    if number in facts.merged:
        return said("commands.is_part", tag=tag, target=f"SD-{facts.merged[number]}")
    return None


def _sorted(orders: Sequence[Order]) -> tuple[list[Order], dict[int, CommandAnswer]]:
    """The orders that may stand in a list, and the answer to each of the others, by its place."""
    allowed: list[Order] = []
    refused: dict[int, CommandAnswer] = {}
    for place, order in enumerate(orders):
        command = COMMANDS.get(order.name)
        if command is not None and not command.in_lists:
            reason = said("commands.not_in_lists", name=command.name)
        elif command is not None and order.argument and not command.takes:
            reason = said("commands.takes_nothing_in_lists", name=command.name)
        else:
            allowed.append(order)
            continue
        refused[place] = CommandAnswer(order.line, done=False, sentence=reason)
    return allowed, refused


def _refused(places: tuple[int, ...], orders: Sequence[Order], reason: Said) -> LinesOfTicket:
    return LinesOfTicket(places, tuple(CommandAnswer(order.line, done=False, sentence=reason) for order in orders))
