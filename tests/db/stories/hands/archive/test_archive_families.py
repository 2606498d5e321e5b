"""Tickets that were merged, one into the next: all of them leave and come back, or none."""

import pytest

from bench.hands.old_tickets import add_old_tickets, live_rows, make_old
from tests.support.database.services import AGENT, Supportdesk, execute, query
from worker.admin.archive import bring_back
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
RUN = ("archive", "run", "--older-than", "2y")
AWAY = "SELECT number FROM mail.archive ORDER BY number"
QUIET = "SELECT set_config('supportdesk.quiet', 'on', true)"
FAMILY = [1001, 1002, 1003]
WHERE = "WHERE id = (SELECT ticket_id FROM mail.ticket WHERE number = {})"


def away(services: Services) -> list[int]:
    return [row["number"] for row in query(services, AWAY)]


@pytest.fixture
def chain(services: Services) -> Services:
    """Services with SD-1003, which was merged into SD-1002, and that into SD-1001; all are old."""
    add_old_tickets(services.engine, 3)
    execute(services, "UPDATE mail.ticket SET merged_into = number - 1 WHERE number > 1001")
    return services


def test_whichever_is_asked_for_all_come_back(chain: Services, supportdesk: Supportdesk) -> None:
    before = live_rows(chain.engine)
    for number in FAMILY:
        assert supportdesk(*RUN).output == "3 tickets were archived.\n"

        assert bring_back(chain.engine, number).numbers == tuple(FAMILY)
        assert live_rows(chain.engine) == before
        execute(chain, "UPDATE mail.ticket SET restored_at = NULL")


def test_all_stay_where_one_of_them_may_not_go(chain: Services, supportdesk: Supportdesk) -> None:
    for number in FAMILY:
        execute(chain, QUIET, f"""UPDATE "Ticket" SET "updatedAt" = now() {WHERE.format(number)}""")

        assert supportdesk(*RUN).output.startswith("0 tickets were archived."), number
        make_old(chain.engine)


def test_nobody_waits_for_one_that_somebody_has_locked(chain: Services, supportdesk: Supportdesk) -> None:
    for number in FAMILY:
        with chain.engine.begin() as connection:
            connection.exec_driver_sql(f'SELECT FROM "Ticket" {WHERE.format(number)} FOR UPDATE')
            run = supportdesk(*RUN)

        assert (run.exit_code, away(chain)) == (0, []), number


def test_one_that_the_web_application_deleted_keeps_nobody_here(chain: Services, supportdesk: Supportdesk) -> None:
    execute(chain, QUIET, f'DELETE FROM "Ticket" {WHERE.format(1002)}')

    run = supportdesk(*RUN)

    assert (run.output, away(chain)) == ("2 tickets were archived.\n", [1001, 1003])
    assert bring_back(chain.engine, 1003).numbers == (1001, 1003)
