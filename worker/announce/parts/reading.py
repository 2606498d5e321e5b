"""What a reading command asked for, read when its answer is written, so that its reader gets what they may see then."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from desk import tokens
from desk.commands.command import CommandAnswer
from desk.commands.reading.ask import OF_QUARANTINE, Ask, Listed
from desk.commands.reading.found import ReadAnswer
from desk.notices.recipients import Notice
from desk.notices.values.reading_views import ListReader, ReadingView, reading_view
from desk.tokens import ReplyKind
from mail.mime.text import one_line
from mail.outbound.catalogue import Catalogue, Said, said
from mail.outbound.links import mailto
from models.events.outcomes import listed_to_json
from models.removal.archive.conversation import read_archived
from models.removal.archive.restore import CannotRestore
from models.reports.reading import find
from worker.admin.digests.quarantine import find_mails
from worker.announce.parts.draft import Draft, WriteContext
from worker.runtime.services import Services

LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class ReadAnswers:
    """What was found for each command of a mail, None for those that do not read."""

    findings: tuple[ReadAnswer | None, ...]

    @property
    def listed(self) -> Listed | None:
        """What the mail shows, in order, and how the last of it goes on; None where it shows nothing."""
        found = [one for one in self.findings if one and (one.numbers or one.mails or one.more)]
        if not found:
            return None
        numbers = dict.fromkeys(number for one in found for number in one.numbers)
        mails = dict.fromkeys(mail.number for one in found for mail in one.mails)
        more = next((one.more for one in reversed(found) if one.more), None)
        return Listed(tuple(numbers), more, mails=tuple(mails))

    @property
    def only_ticket(self) -> int | None:
        """The number of the ticket that is all that the mail shows; None where that is more, or a list."""
        found = [one for one in self.findings if one and one.numbers]
        return found[0].ticket.number if len(found) == 1 and found[0].ticket else None


NOTHING = ReadAnswers(())


def read(context: WriteContext, notice: Notice) -> ReadAnswers:
    """What the commands of a mail ask for; nothing is read for a mail without such a command."""
    if not any(one.ask for one in notice.event.outcomes):
        return NOTHING
    return ReadAnswers(tuple(_find(context, notice, one.ask) if one.ask else None for one in notice.event.outcomes))


def _find(context: WriteContext, notice: Notice, ask: Ask) -> ReadAnswer:
    if ask.view in OF_QUARANTINE:
        return find_mails(context.session, notice.person, ask)
    try:
        return find(context.session, notice.person, ask, read_archived)
    except CannotRestore:
        return ReadAnswer(done=False, sentence=said("lists.damaged", tag=f"SD-{ask.ticket}"))


def with_findings(notice: Notice, reading: ReadAnswers) -> Notice:
    """The notice, whose answers say whether what was asked for could be shown."""
    if reading is NOTHING:
        return notice
    outcomes = tuple(map(_answered, notice.event.outcomes, reading.findings))
    return replace(notice, event=replace(notice.event, outcomes=outcomes))


def _answered(answer: CommandAnswer, finding: ReadAnswer | None) -> CommandAnswer:
    if finding is None:
        return answer
    return replace(answer, done=finding.done, sentence=finding.sentence or answer.sentence)


def with_views(
    values: Mapping[str, object], context: WriteContext, draft: Draft, reading: ReadAnswers, words: Catalogue
) -> Mapping[str, object]:
    """The values of a mail with what its commands asked for."""
    if reading is NOTHING:
        return {**values, **_reason_off_ticket(draft, words, said("reasons.came"))}
    reader = ListReader(
        person=draft.announcement.notice.person,
        words=words,
        now=context.moment,
        link=lambda number, subject: _link(context.services, draft, number, subject),
        answers=answered_at(context.services, draft, reading) is not None,
    )
    outcomes: Any = values["outcomes"]
    views = _views(reading, reader)
    shown = tuple(replace(one, reading=view) for one, view in zip(outcomes, views, strict=True))
    return {**values, "outcomes": shown, **_reason_off_ticket(draft, words, said("lists.reason"))}


def _reason_off_ticket(draft: Draft, words: Catalogue, reason: Said) -> Mapping[str, str]:
    """Why its reader gets an answer to commands about no ticket: they work on none."""
    is_answer = draft.announcement.notice.template.name == "command-answer" and draft.announcement.ticket is None
    return {"reason": words.say(reason)} if is_answer else {}


def _views(reading: ReadAnswers, reader: ListReader) -> list[ReadingView | None]:
    last = next((one for one in reversed(reading.findings) if one and one.more), None)
    return [reading_view(one, reader, is_last=one is last) if one else None for one in reading.findings]


def answered_at(services: Services, draft: Draft, reading: ReadAnswers) -> str | None:
    """The address of the one ticket that a mail shows, to which its answers go; None where they go to the mail's own.

    Only of a mail about no ticket: an answer to any other is on that one.
    """
    if draft.grant.ticket is not None or reading.only_ticket is None or not draft.box.plus_addressing:
        return None
    return tokens.row_address(services.policy.keys, draft.grant, reading.only_ticket, draft.box.address)


def _link(services: Services, draft: Draft, number: int, subject: str) -> str:
    """The link by which the reader writes a mail on a ticket of the list."""
    if draft.grant.kind is ReplyKind.NONE or not draft.box.plus_addressing:
        return ""
    address = tokens.row_address(services.policy.keys, draft.grant, number, draft.box.address)
    return mailto(address, one_line(subject, LONGEST_SUBJECT))


def listed_columns(reading: ReadAnswers) -> dict[str, Any] | None:
    """What the row of the mail in the outbox keeps of it."""
    return listed_to_json(reading.listed) if reading.listed else None
