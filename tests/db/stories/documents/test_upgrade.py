"""An upgrade of a desk with work in hand: nothing of another version starts, and all that waited is done afterwards."""

from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    query,
    store_in_ledger,
)
from worker.admin import migrate
from worker.admin.doctor.run import database, look_over
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

WAITING = """
SELECT (SELECT count(*) FROM mail.ledger WHERE fate IS NULL) AS mails,
    (SELECT count(*) FROM mail.outbox) AS ours, (SELECT count(*) FROM public."Ticket") AS tickets
"""


def before(revision: str) -> str:
    """The revision before another one."""
    return f"{int(revision) - 1:04}"


def troubles(services: Services) -> list[str]:
    """Why a process would not start, as far as the database is the reason."""
    return [finding.trouble for finding in look_over(services, (database,)) if finding.trouble]


def test_no_process_starts_on_an_older_database_and_what_waited_is_done_after_the_upgrade(
    make_services: MakeServices, supportdesk: Supportdesk
) -> None:
    newest = migrate.newest()
    services = make_services(ADMIN, AGENT, a_raw_mail())
    store_in_ledger(services, a_raw_mail("Another one.", message_id="<2@customer>", subject="Scanner"))
    migrate.downgrade(services.engine, before(newest))
    waited = query(services, WAITING)
    refused = troubles(services)

    upgraded = supportdesk("db", "upgrade")

    while receive_due(services).done:
        pass
    announce_due(services)
    assert refused == [f"The database is at {before(newest)}, not at {newest}: run `supportdesk db upgrade`."]
    assert upgraded.output.startswith(f"The database went from {before(newest)} to {newest}.")
    assert (troubles(services), waited) == ([], [{"mails": 1, "ours": 2, "tickets": 1}])
    assert query(services, WAITING) == [{"mails": 0, "ours": 4, "tickets": 2}]


def test_an_older_program_neither_starts_on_a_newer_database_nor_upgrades_it(
    make_services: MakeServices, supportdesk: Supportdesk
) -> None:
    services = make_services()
    execute(services, "UPDATE mail.alembic_version SET version_num = '9999'")
    sentence = f"The database is at 9999, and this program is older: it knows {migrate.newest()}. Start a newer one."

    upgraded = supportdesk("db", "upgrade")

    assert troubles(services) == [sentence]
    assert (upgraded.exit_code, upgraded.output) == (2, f"{sentence}\n")
