"""Sessions and one-time tokens of NextAuth go a day after they ended; nothing else in `public` changes."""

from typing import Any

import pytest

from models.removal import web_logins
from tests.support.database.services import AGENT, a_raw_mail, execute, query
from worker.admin.web_logins import purge_for
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(AGENT, a_raw_mail())
LONG = 60.0
MADE = (
    """INSERT INTO public."Session" (id, "sessionToken", "userId", expires)
    SELECT 's' || hours, 'secret' || hours, u.id, (now() - hours * interval '1 hour') AT TIME ZONE 'UTC'
    FROM unnest(ARRAY[-1, 0, 23, 25, 9000]) AS hours, (SELECT id FROM public."User" ORDER BY id LIMIT 1) u""",
    """INSERT INTO public."VerificationToken" (identifier, token, expires)
    SELECT 'ann@customer.example', 't' || hours, (now() - hours * interval '1 hour') AT TIME ZONE 'UTC'
    FROM unnest(ARRAY[-1, 0, 23, 25, 9000]) AS hours""",
    """INSERT INTO public."Account" (id, "userId", type, provider, "providerAccountId", expires_at)
    SELECT 'a', id, 'oauth', 'x', 'y', 1 FROM public."User" ORDER BY id LIMIT 1""",
)
OTHERS = ("User", "Account", "Ticket", "Comment", "TicketActivity")


def left(services: Services) -> tuple[list[Any], list[Any]]:
    sessions = query(services, 'SELECT id FROM public."Session" ORDER BY expires DESC')
    tokens = query(services, 'SELECT token FROM public."VerificationToken" ORDER BY expires DESC')
    return [row["id"] for row in sessions], [row["token"] for row in tokens]


def a_new_day(services: Services) -> None:
    execute(services, "UPDATE mail.report_run SET due_at = due_at - interval '1 day' WHERE name = 'web_logins'")


def test_what_ended_a_day_ago_goes_and_nothing_else(services: Services) -> None:
    execute(services, *MADE)
    before = {table: query(services, f'SELECT * FROM public."{table}"') for table in OTHERS}

    assert purge_for(services, LONG) is False

    assert left(services) == (["s-1", "s0", "s23"], ["t-1", "t0", "t23"])
    assert {table: query(services, f'SELECT * FROM public."{table}"') for table in OTHERS} == before


def test_it_is_done_once_a_day(services: Services) -> None:
    purge_for(services, LONG)
    execute(services, *MADE)

    purge_for(services, LONG)
    same_day = left(services)
    a_new_day(services)
    purge_for(services, LONG)

    assert [len(ids) for ids in same_day] == [5, 5]
    assert [len(ids) for ids in left(services)] == [3, 3]


def test_it_goes_on_where_it_was_broken_off_and_no_mark_holds_a_token(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(
        services,
        """INSERT INTO public."VerificationToken" (identifier, token, expires)
        SELECT 'ann@customer.example', 'secret' || n, '2020-01-01' FROM generate_series(1, 2000) AS n""",
    )
    monkeypatch.setattr(web_logins.purge, "__defaults__", (5,))

    calls = 0
    while purge_for(services, 0.001) and calls < 1000:
        calls += 1

    assert left(services)[1] == []
    figures = query(services, "SELECT figures FROM mail.report_run WHERE name = 'web_logins'")
    assert figures == [{"figures": {"Session": -1, "VerificationToken": -1}}]


def test_a_row_that_somebody_works_on_is_left_to_the_next_day(services: Services) -> None:
    execute(services, *MADE)
    with services.engine.begin() as connection:
        connection.exec_driver_sql("""SELECT FROM public."Session" WHERE id = 's25' FOR UPDATE""")
        purge_for(services, LONG)
    first = left(services)[0]
    a_new_day(services)
    purge_for(services, LONG)

    assert (first, left(services)[0]) == (["s-1", "s0", "s23", "s25"], ["s-1", "s0", "s23"])


def test_a_batch_looks_at_its_own_pages_alone(services: Services) -> None:
    execute(services, *MADE)
    for login in web_logins.WebLogin:
        with transaction(services.engine) as session:
            gone = [web_logins.purge(session, login, first).gone for first in (1000, 0)]

        assert gone == [0, 2], login
