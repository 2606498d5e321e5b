"""A comment on a ticket in which its writer had no other part stays theirs in the archive: it is given and erased."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.hands.old_tickets import make_old
from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, execute, query
from worker.runtime.services import Services

ANN, EVE, NEW = "ann@customer.example", "eve@other.example", "eva@new.example"
pytestmark = pytest.mark.services(AGENT, a_raw_mail())

ADD_EVE = """INSERT INTO public."User" (id, email, name, role, "updatedAt")
    VALUES ('eve', 'Eve@other.example', 'Eve', 'customer', now())"""
SAY = """INSERT INTO public."Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
    SELECT 'own-' || moment, 'Mine is red, too. ' || moment, ticket_id, 'eve', CAST(moment AS timestamp), now()
    FROM mail.ticket, unnest(ARRAY['2020-02-03 04:05:06.5', '2020-02-03 04:05:06']) AS moment"""


@pytest.fixture(autouse=True)
def commented(services: Services, supportdesk: Supportdesk) -> None:
    """Ann's ticket with an answer of Bob, and two comments by Eve, who was told of none of it."""
    execute(services, "SELECT set_config('supportdesk.quiet', 'on', true)", ADD_EVE, SAY)
    supportdesk("ticket", "comment", 1001, "Turn it off.", "--as", "bob@desk.example")


def archive(services: Services, supportdesk: Supportdesk) -> None:
    make_old(services.engine)
    assert "1 ticket" in supportdesk("archive", "run", "--older-than", "2y").output


def copy_of(address: str, supportdesk: Supportdesk, folder: Path, name: str) -> list[dict[str, Any]]:
    result = supportdesk("user", "export", address, name)
    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    return [one for one in found if one["kind"] in ("comment", "ticket", "archived")]


@pytest.mark.parametrize("address", [EVE, NEW])
def test_it_is_given_as_before_it_went_into_the_archive(
    services: Services, supportdesk: Supportdesk, tmp_path: Path, address: str
) -> None:
    before = copy_of(EVE, supportdesk, tmp_path, "before.jsonl")
    archive(services, supportdesk)
    execute(services, f"""UPDATE public."User" SET email = '{address}' WHERE id = 'eve'""")

    after = copy_of(address, supportdesk, tmp_path, "after.jsonl")

    assert [one["at"] for one in before] == ["2020-02-03T04:05:06.000Z", "2020-02-03T04:05:06.500Z"]
    assert after == before


@pytest.mark.parametrize("address", [EVE, NEW])
def test_it_is_erased_with_its_writer(services: Services, supportdesk: Supportdesk, address: str) -> None:
    archive(services, supportdesk)
    execute(services, f"""UPDATE public."User" SET email = '{address}' WHERE id = 'eve'""")

    result = supportdesk("user", "forget", address, "--yes")

    assert result.exit_code == 0, result.output
    left = query(services, 'SELECT content FROM public."Comment" ORDER BY "createdAt"')
    assert [row["content"] for row in left if "red" in row["content"]] == []
    assert left[-1]["content"] == "Turn it off."


def test_a_ticket_is_its_openers_under_their_address_of_today(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    """As of one opened in the web application, of which no mail tells whose it is."""
    opened = """INSERT INTO public."Ticket" (id, title, description, category, priority, "createdById", "updatedAt")
        VALUES ('web', 'A red lamp', 'It blinks.', 'billing', 'low', 'eve', now())"""
    execute(services, "SELECT set_config('supportdesk.quiet', 'on', true)", opened)
    make_old(services.engine)
    supportdesk("archive", "run", "--older-than", "2y")
    execute(services, f"""UPDATE public."User" SET email = '{NEW}' WHERE id = 'eve'""")

    found = copy_of(NEW, supportdesk, tmp_path, "new.jsonl")

    assert [one["entries"][0]["text"] for one in found if one["kind"] == "archived"] == ["It blinks."]
    assert [one["kind"] for one in found] == ["comment", "comment", "archived"]
