"""Scheduled reports: started once each when they are due, put together when they are written."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desk.notices.events import DueReport
from desk.notices.values.template_values import ChartView
from desk.reports.report import days_of, figures, open_by_agent, view
from desk.reports.schedule import Schedule, is_due, last_due, period, period_until
from mail.outbound.catalogue import Catalogue
from mail.outbound.report.chart import daily_chart
from models.db.clock import read_now
from models.events.rows import add_report
from models.outbox.writing import FileOut
from models.reports.figures import gather_figures
from models.reports.report_runs import start_run, store_figures
from models.tickets.attachments import store_blob
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction
from worker.settings.model import ReportSettings

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHART_ID = "daily-chart@supportdesk"


@dataclass(frozen=True, slots=True)
class ReportContent:
    """The values that a report adds to its template's, and its chart as a file of the mail."""

    context: Mapping[str, object]
    chart: FileOut


@dataclass(frozen=True, slots=True)
class ReportReader:
    """The moment (aware) at which a report is written, and the words of who reads it.

    `asked` says that they asked for it.
    """

    moment: datetime
    words: Catalogue
    asked: bool = False


def schedule_of(report: ReportSettings) -> Schedule:
    """A report's timetable, with its days as numbers from 0 for Monday."""
    return Schedule(report.name, report.at, frozenset(WEEK.index(day) for day in report.days), report.timezone)


def start_due_reports(services: Services) -> int:
    """Start each report that is due and was not started yet; the number of those."""
    with autocommit(services.engine) as session:
        moment = read_now(session)
    schedules = [schedule_of(report) for report in services.settings.report]
    due = [schedule for schedule in schedules if is_due(schedule, moment)]
    return sum(start_report(services, schedule, moment) for schedule in due)


def start_report(services: Services, schedule: Schedule, now: datetime) -> bool:
    """Start the report of the latest due time; False where it was started already, which its unique row shows."""
    due_at = last_due(schedule, now)
    if due_at is None:
        return False
    with transaction(services.engine) as session:
        started = start_run(session, schedule.name, due_at)
        if started:
            add_report(session, DueReport(schedule.name, due_at))
    return started


def report_content(session: Session, services: Services, due: DueReport, reader: ReportReader) -> ReportContent:
    """Sum up and store the figures of the period that a due report covers, and draw its chart.

    One that somebody asked for is about the time since then, and is no run.
    """
    now, words = reader.moment, reader.words
    report = next(one for one in services.settings.report if one.name == due.name)
    covered = (period_until if reader.asked else period)(schedule_of(report), due.due_at)
    assert covered, "a report that was due has a period"
    report_figures = figures(gather_figures(session, covered, now), covered, now)
    values = view(report_figures, words)
    chart = daily_chart(days_of(report_figures, words), open_by_agent(report_figures, words), words)
    picture = FileOut("chart.png", store_blob(session, chart.png), CHART_ID)
    if not reader.asked:
        store_figures(session, due.name, due.due_at, asdict(view(report_figures, services.renderer.words())))
    return ReportContent({"report": values, "chart": ChartView(CHART_ID, chart.alt)}, picture)
