"""Reports that admins ask for by mail."""

from desk.commands.each.report import AskReport
from desk.notices.events import DueReport
from desk.ticket import Person, Ticket
from mail.outbound.catalogue import said
from models.events.rows import add_report
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def send_report(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: AskReport) -> Deed:
    """Let a report of the settings come to who asks, as it is now; without a name, say which there are."""
    names = [report.name for report in transaction.services.settings.report]
    if not names:
        return Deed(refused=said("writing.no_reports"))
    listed = ", ".join(names)
    if not effect.name:
        return Deed(instead=said("writing.reports_are", names=listed))
    found = next((name for name in names if name.casefold() == effect.name), None)
    if found is None:
        return Deed(refused=said("writing.no_such_report", name=effect.name, names=listed))
    add_report(transaction.session, DueReport(found, transaction.now), person.number, transaction.row)
    return Deed()
