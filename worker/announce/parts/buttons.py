"""The buttons of a mail on its way into the outbox, which open mails to its own signed address."""

from desk import tokens
from desk.commands.command import Who
from desk.notices.recipients import Notice
from desk.notices.values.buttons import ButtonView, Occasion, body_of, offered
from desk.ticket import Ticket
from desk.tokens import ReplyKind
from mail.outbound.catalogue import Catalogue
from mail.quoting.labels import delimiter_in
from worker.announce.parts.draft import Draft
from worker.runtime.services import Services


def signed_address(services: Services, draft: Draft) -> str:
    """The signed address that a mail is answered at; empty where it takes no answer, or its mailbox has none."""
    grant, box = draft.grant, draft.box
    if grant.kind is ReplyKind.NONE or not box.plus_addressing:
        return ""
    return tokens.reply_address(services.policy.keys, grant, box.address)


def button_views(services: Services, draft: Draft, note_address: str, words: Catalogue) -> tuple[ButtonView, ...]:
    """The buttons of a mail about a ticket: without a signed address a command would prove nothing, so it has none."""
    notice, ticket = draft.announcement.notice, draft.announcement.change_set.ticket
    address = signed_address(services, draft)
    who = _reader(notice, ticket)
    if ticket is None or who is None or not address:
        return ()
    has_it = ticket.assignee is not None and ticket.assignee.number == notice.person.number
    delimiter = delimiter_in(words.language)
    buttons = (
        (one, address if one.line else note_address)
        for one in offered(Occasion(notice.template.name, who, ticket.status, has_it))
    )
    return tuple(ButtonView(words.say(one.label), to, body_of(one, delimiter)) for one, to in buttons if to)


def _reader(notice: Notice, ticket: Ticket | None) -> Who | None:
    if notice.template.to_staff:
        return Who.STAFF if notice.person.is_staff else None
    if notice.to_guest:
        return Who.GUEST
    return Who.OWNER if ticket and ticket.customer.number == notice.person.number else None
