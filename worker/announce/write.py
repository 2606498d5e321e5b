"""Writing mails: the gate's first verdict, the template, and the row in the outbox; for many mails at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from desk import tokens
from desk.gate import caps
from desk.gate import verdict as gate
from desk.gate.hold import may_be_taken_back
from desk.notices.context import reader_name
from desk.notices.events import EventKind
from desk.notices.from_name import from_name
from desk.tokens import ReplyKind
from desk.trust.judge import Proof
from mail.outbound.render import Rendered
from models.announce.thread_context import read_correspondence
from models.outbox.gate_facts import read_gate_facts
from models.outbox.writing import NewMail, let_wait, write
from models.tickets.attachments import files_of_comments, files_of_mails
from models.tickets.thread_index import index_our_ids
from worker.announce import content
from worker.announce.leak_check import leaks
from worker.announce.parts.buttons import signed_address
from worker.announce.parts.draft import Announcement, Draft, WriteContext, draft_of
from worker.deliver.objection import carry_out_objection
from worker.runtime.services import Services

MOST_REFERENCES = 20


def write_notices(session: Session, services: Services, announcements: Sequence[Announcement]) -> list[gate.Verdict]:
    """Render notices into the outbox; where the gate objects the row is there too, with the reason.

    1. Read what the gate and the mails need to know, for all at once.
    2. Render each notice, and write all rows with their files and Message-IDs.
    3. Ask the check for leaks and the gate about each, and carry out what they object.

    The verdicts come in the order of the notices.
    """
    if not announcements:
        return []
    # What the gate counts is asked for before these mails are among it. The database's time comes with it.
    policy, mailings = services.policy, [one.mailing for one in announcements]
    gate_facts = read_gate_facts(session, mailings, policy.own_addresses, policy.limits)
    context = _read_context(session, services, announcements, gate_facts[0].now)
    parts = zip(announcements, _count_in_order(gate_facts), context.correspondence.ids, strict=True)
    drafts = [draft_of(context, one, facts, id_) for one, facts, id_ in parts]
    for draft in drafts:
        draft.row = _row(context, draft, content.render(context, draft))
    write(session, [(draft.row, draft.files) for draft in drafts])
    _hold_answers(context, drafts)
    index_our_ids(session, [(one.row.ticket_number, one.row.message_id) for one in drafts if one.row.ticket_number])
    for draft in drafts:
        noted = draft.row.ticket_number in context.correspondence.tickets_with_notes
        leak = leaks(session, services.policy.keys, draft.row, draft.files, noted=noted, known=draft.known)
        draft.verdict = leak or gate.verdict(draft.facts, services.policy.deliver)
    for draft in drafts:
        if not isinstance(draft.verdict, gate.Send):
            carry_out_objection(session, draft.row, draft.verdict)
    return [draft.verdict for draft in drafts]


def _hold_answers(context: WriteContext, drafts: Sequence[Draft]) -> None:
    """Have the mails that tell of an answer of staff wait, counted from that, and what comes after them as well."""
    hold = context.services.settings.desk.hold
    if not hold:
        return
    told = ((draft.row.id, draft.announcement) for draft in drafts if draft.row.ticket_number)
    until = {
        id_: one.change_set.happened_at + hold if may_be_taken_back(one.change_set, one.notice) else None
        for id_, one in told
    }
    let_wait(context.session, until)


def _count_in_order(gate_facts: Sequence[gate.GateFacts]) -> list[gate.GateFacts]:
    """The gate's facts as if each had been read after the mails before it were written: those count as sent."""
    tickets_to, strangers = defaultdict[tuple[str, Proof], list[int | None]](list), 0
    counted: list[gate.GateFacts] = []
    for facts in gate_facts:
        counted_as = (caps.fold(facts.recipient), facts.proof_class)
        tickets = tickets_to[counted_as]
        times = (facts.now,) * len(tickets) + facts.send_times
        answers = None if facts.strangers is None else ((facts.now,) * strangers + facts.strangers)
        counted.append(
            replace(facts, send_times=times, send_tickets=(*tickets, *facts.send_tickets), strangers=answers)
        )
        tickets.append(facts.ticket)
        strangers += facts.strangers is not None
    return counted


def _read_context(
    session: Session, services: Services, announcements: Sequence[Announcement], moment: datetime
) -> WriteContext:
    mails = {one.cause for one in announcements if one.cause}
    comments = {one.notice.event.id for one in announcements if one.notice.event.kind is EventKind.COMMENT_ADDED}
    return WriteContext(
        session=session,
        services=services,
        moment=moment,
        correspondence=read_correspondence(session, [(one.ticket, one.notice.person.number) for one in announcements]),
        files_of_mails=files_of_mails(session, sorted(mails)),
        files_of_comments=files_of_comments(session, sorted(comments)),
    )


def _row(context: WriteContext, draft: Draft, rendered: Rendered) -> NewMail:
    notice, grant, services = draft.announcement.notice, draft.grant, context.services
    keys, desk, signed = services.policy.keys, services.settings.desk, signed_address(services, draft)
    return NewMail(
        id=grant.id,
        template=notice.template.name,
        kind=grant.kind,
        mailbox=grant.mailbox,
        event_id=notice.event.id,
        ticket_number=grant.ticket,
        person_number=grant.person,
        role=grant.role,
        recipient=grant.address,
        recipient_name=reader_name(notice, first=draft.first),
        # Its tickets are answered from the mailbox itself; both addresses are the desk's own, and nobody else's.
        sender=draft.box.address if grant.ticket else desk.address,
        sender_name=from_name(notice, desk.name, draft.box.from_name or desk.from_name),
        reply_to=draft.answered_at or signed or (None if grant.kind is ReplyKind.NONE else draft.box.address),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=tokens.message_id(keys, grant, services.domain),
        in_reply_to=draft.earlier[-1] if draft.earlier else None,
        references=list(draft.earlier[-MOST_REFERENCES:]),
        auto_submitted=notice.template.auto_submitted,
        dated=context.moment,
        token_expires_at=datetime.fromtimestamp(grant.expires_at, UTC),
        to_stranger=draft.facts.strangers is not None,
        may_stop=notice.to_guest and bool(signed),
        listed=draft.listed,
        suggested=draft.suggested,
    )
