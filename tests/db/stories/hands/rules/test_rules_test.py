"""`supportdesk rules test`: stored mails through other rules; what would differ, and nothing is written."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from models.reports.history import openings
from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, Supportdesk, a_raw_mail, execute, process, query
from tests.support.values.replies import answer, last_mail
from worker.runtime.services import Services

pytestmark = [pytest.mark.services(ADMIN, AGENT, SECOND_AGENT), pytest.mark.usefixtures("settings_here")]
BOB, CAT = AGENT[0], SECOND_AGENT[0]
NUMBERS = count(1)
COUNTS = """SELECT (SELECT count(*) FROM mail.event) AS events, (SELECT count(*) FROM mail.outbox) AS outbox,
    (SELECT max("updatedAt") FROM public."Ticket") AS changed, (SELECT count(*) FROM public."TicketActivity") AS done"""


def write(services: Services, sender: str, subject: str, body: str = "Please have a look.") -> int:
    values = {"from": sender, "subject": subject, "message_id": f"<t{next(NUMBERS)}@customer>"}
    return int(process(services, a_raw_mail(body, **values))["id"])


def tried(supportdesk: Supportdesk, rules: str, *options: object) -> dict[str, Any]:
    Path("other.toml").write_text(rules, encoding="utf-8")
    shown = supportdesk("rules", "test", "other.toml", "--json", *options)
    assert shown.exit_code == 0, shown.output
    return dict(json.loads(shown.stdout))


def rule(name: str, when: str, then: str) -> str:
    return f"[[rule]]\nname = \"{name}\"\nwhen = '{when}'\nthen = {{ {then} }}\n"


SAME = Path(__file__).parents[5] / "supportdesk.toml"


def test_the_same_rules_differ_in_nothing(services: Services, supportdesk: Supportdesk) -> None:
    for subject in ("Outage", "A wish: please add a button", "My invoice is wrong"):
        write(services, "ann@customer.example", subject)

    found = tried(supportdesk, SAME.read_text(encoding="utf-8"))

    assert found == {"tried": 3, "without_bytes": 0, "differ": 0, "differences": []}


def test_each_difference_is_shown_with_what_was_and_what_would_be_and_nothing_is_written(
    services: Services, supportdesk: Supportdesk
) -> None:
    first = write(services, "shop@news.example", "Our offers")
    second = write(services, "ann@customer.example", "Printer \x1b[31mred")
    write(services, "eve@customer.example", "Nothing changes here")
    rules = rule("shops", 'sender.domain == "news.example"', "drop = true") + rule(
        "printers", '"Printer" in ticket.title', f'priority = "high", assign = {{ among = ["{CAT}"] }}'
    )
    before = query(services, COUNTS)

    found = tried(supportdesk, rules, "--last", 3)
    table = supportdesk("rules", "test", "other.toml").output

    assert (found["tried"], found["differ"]) == (3, 2)
    differences = found["differences"]
    assert [one["mail"] for one in differences] == [second, first]
    assert (differences[0]["would"]["priority"], differences[0]["would"]["owner"]) == ("high", CAT)
    assert (differences[1]["was"]["dropped_by"], differences[1]["would"]["dropped_by"]) == ("", "shops")
    assert 'dropped by "shops"' in table
    assert "3 mails were routed by both: 2 differ. Nothing was written." in table
    assert "\x1b" not in table
    assert query(services, COUNTS) == before


def test_what_was_known_then_counts_and_not_what_the_mail_itself_made(
    services: Services, supportdesk: Supportdesk
) -> None:
    first = write(services, "ann@customer.example", "One")
    second = write(services, "ann@customer.example", "Two")

    found = tried(supportdesk, rule("new", "sender.is_new", 'priority = "high"'))

    differences = found["differences"]
    assert [one["mail"] for one in differences if one["would"]["priority"] == "high"] == [first]
    assert second > first


def test_mail_of_staff_and_answers_are_never_dropped(services: Services, supportdesk: Supportdesk) -> None:
    write(services, "ann@customer.example", "One")
    execute(services, """UPDATE public."Ticket" SET status = 'closed', "closedAt" = now()""")
    answer(services, last_mail(services, "ann@customer.example"), "It is broken again.")

    found = tried(supportdesk, rule("all", "true", "drop = true"))

    dropped = [bool(one["would"]["dropped_by"]) for one in found["differences"]]
    assert (found["tried"], dropped.count(True), dropped[-1]) == (2, 1, True)


def test_a_mail_whose_bytes_are_gone_is_counted(services: Services, supportdesk: Supportdesk) -> None:
    gone = write(services, "ann@customer.example", "One")
    write(services, "ann@customer.example", "Two")
    execute(services, "DELETE FROM mail.raw_chunk WHERE ledger_id = :row", row=gone)

    found = tried(supportdesk, rule("all", "true", 'priority = "high"'))

    assert (found["tried"], found["without_bytes"], found["differ"]) == (1, 1, 1)
    assert ", and 1 more have no bytes" in supportdesk("rules", "test", "other.toml").output


def test_pages_follow_one_another(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings, "PAGE", 2)
    rows = [write(services, "ann@customer.example", f"Mail {n}") for n in range(5)]

    found = [tried(supportdesk, rule("all", "true", 'priority = "low"'), "--last", most) for most in (5, 3, 4, 99)]

    assert [[one["mail"] for one in each["differences"]] for each in found] == [
        *(rows[::-1], rows[:1:-1], rows[:0:-1], rows[::-1]),
    ]
