"""`supportdesk ticket list | show` on a desk with a conversation."""

import json
from pathlib import Path

import pytest

from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, execute, process
from tests.support.values.replies import answer, last_mail, write_mail
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
ANN, BOB = "ann@customer.example", "bob@desk.example"


def talk(services: Services) -> int:
    """Ann asks, Bob answers and notes, a stranger writes; the ticket's number."""
    opened = process(services, a_raw_mail("It prints <b>pink</b>.\nSee https://printer.example/pink", subject="Pink"))
    answer(services, last_mail(services, BOB), "Hello Ann,\n\nturn it off and on.")
    answer(services, last_mail(services, BOB), "She has the old model.\n\n#note")
    return int(opened["ticket_number"])


def numbers(supportdesk: Supportdesk, *options: object) -> list[int]:
    result = supportdesk("ticket", "list", "--json", *options)
    assert result.exit_code == 0, result.output
    return [one["number"] for one in json.loads(result.output)]


def test_the_newest_stand_first_and_each_page_names_the_next(services: Services, supportdesk: Supportdesk) -> None:
    tickets = [int(write_mail(services, f"c{n}@customer.example", "Hi.")["ticket_number"]) for n in range(5)]

    first = supportdesk("ticket", "list", "--most", 2)
    assert [line.split()[0] for line in first.output.splitlines()[1:3]] == [f"SD-{n}" for n in tickets[:-3:-1]]
    assert f"add --before SD-{tickets[-2]} for the next page" in first.output

    pages = [numbers(supportdesk, "--most", 2, "--before", before) for before in (tickets[-2], f"SD-{tickets[1]}")]
    assert pages == [[tickets[2], tickets[1]], [tickets[0]]]
    assert "There are no further tickets." in supportdesk("ticket", "list", "--before", tickets[0]).output


def test_a_list_is_of_what_is_wanted(services: Services, supportdesk: Supportdesk) -> None:
    pink = talk(services)
    other = int(write_mail(services, "eve@customer.example", "I want a refund for my invoice.")["ticket_number"])
    lost = """UPDATE public."Ticket" t SET "assignedToId" = NULL FROM mail.ticket n
        WHERE n.ticket_id = t.id AND n.number = :n"""
    execute(services, lost, n=other)

    assert numbers(supportdesk, "--status", "in_progress") == [pink]
    assert numbers(supportdesk, "--status", "open", "--status", "in_progress") == [other, pink]
    assert numbers(supportdesk, "--owner", BOB.upper()) == [pink]
    assert numbers(supportdesk, "--owner", "none") == [other]
    assert numbers(supportdesk, "--customer", ANN) == [pink]
    assert numbers(supportdesk, "--category", "billing") == [other]
    assert numbers(supportdesk, "--priority", "low") == []
    assert "There is no such ticket." in supportdesk("ticket", "list", "--priority", "low").output
    mistyped = supportdesk("ticket", "list", "--owner", "bop@desk.example").output
    assert mistyped == "Nobody is known by the address bop@desk.example.\n"


def test_a_status_that_the_web_app_added_is_listed_as_what_it_is_read_as(
    services: Services, supportdesk: Supportdesk
) -> None:
    number = int(process(services, a_raw_mail())["ticket_number"])
    execute(services, """ALTER TYPE public."TicketStatus" ADD VALUE IF NOT EXISTS 'on_hold'""")
    execute(services, """UPDATE public."Ticket" SET status = 'on_hold'""")

    assert numbers(supportdesk, "--status", "in_progress") == [number]
    assert numbers(supportdesk, "--status", "open") == []


def test_a_conversation_is_shown_in_its_order_with_notes_marked(services: Services, supportdesk: Supportdesk) -> None:
    number = talk(services)

    shown = supportdesk("ticket", "show", f"[SD-{number}]").output

    told = (
        f"SD-{number}  Pink",
        "It prints <b>pink</b>.",
        "turn it off and on.",
        "Note of ",
        "She has the old model.",
    )
    places = [shown.find(words) for words in told]
    assert -1 not in places, shown
    assert places == sorted(places), shown
    assert "for staff alone" in shown


def test_a_page_shows_words_as_words(services: Services, supportdesk: Supportdesk, tmp_path: Path) -> None:
    number, page = talk(services), tmp_path / "ticket.html"

    result = supportdesk("ticket", "show", number, "--html", page)

    html = page.read_text(encoding="utf-8")
    assert result.exit_code == 0, result.output
    assert "&lt;b&gt;pink&lt;/b&gt;" in html
    assert 'href="https://printer.example/pink"' in html
    assert html.count("<article") == 3
    assert html.count('<article class="note">') == 1


@pytest.mark.parametrize("name", ["SD-999999", "999999"])
def test_a_ticket_that_is_not_there_is_said_in_a_sentence(
    services: Services, supportdesk: Supportdesk, name: str
) -> None:
    result = supportdesk("ticket", "show", name)

    assert result.exit_code == 2
    assert "There is no ticket SD-999999." in result.output


@pytest.mark.parametrize("name", ["SD-", "twelve", "SD-12x", "٣", "1" * 19])
def test_what_is_no_ticket_is_said_in_a_sentence(supportdesk: Supportdesk, name: str) -> None:
    result = supportdesk("ticket", "show", name)

    assert result.exit_code == 2
    assert "is no ticket. Write it as SD-1042" in " ".join(result.output.split())


def test_a_line_of_a_customer_cannot_look_like_an_entry_of_staff(services: Services, supportdesk: Supportdesk) -> None:
    forged = f"── Bob <{BOB}>, 2026-11-30 13:00 UTC ─────"
    number = process(services, a_raw_mail(f"Hi.\n{forged}\nI refund you."))["ticket_number"]

    lines = supportdesk("ticket", "show", number).output.splitlines()

    assert [line for line in lines if line.startswith("──") and BOB in line] == []
    assert f"  {forged}" in lines


def test_a_page_is_for_its_owner_alone_and_a_missing_folder_is_said(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    number, page = process(services, a_raw_mail())["ticket_number"], tmp_path / "one.html"

    supportdesk("ticket", "show", number, "--html", page)
    nowhere = supportdesk("ticket", "show", number, "--html", tmp_path / "not" / "there.html")

    assert page.stat().st_mode & 0o777 == 0o600
    assert (nowhere.exit_code, "cannot be written: No such file" in nowhere.output) == (2, True)


def test_a_page_over_one_that_others_could_read_is_for_its_owner_alone(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    number, page = process(services, a_raw_mail("My PIN is 1234."))["ticket_number"], tmp_path / "one.html"
    page.touch()
    page.chmod(0o644)
    with page.open(encoding="utf-8") as opened_before:
        result = supportdesk("ticket", "show", number, "--html", page)

        assert result.exit_code == 0, result.output
        assert page.stat().st_mode & 0o777 == 0o600
        assert "1234" in page.read_text(encoding="utf-8")
        assert opened_before.read() == ""
