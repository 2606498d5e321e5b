"""`supportdesk rules check` on a desk with a staff list."""

import json
from pathlib import Path

import pytest

from tests.support.database.services import AGENT, EXAMPLE, Supportdesk, execute
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
ROUTING = """[[rule]]
name = "to Zoe"
when = "sender.is_new"
then = { assign = { among = ["zoe@desk.example"] } }

[[rule]]
name = "too late"
when = "sender.is_new and mail.automatic"
then = { assign = { role = "agent" } }

[[rule]]
name = "closed"
when = 'ticket.status == "closed"'
then = { priority = "low" }

[[rule]]
name = "\\u001b[31mred"
when = 'ticket.colour == "red"'
then = { priority = "low" }
"""
TOLD = [
    (1, "to Zoe", "unknown_person", "names zoe@desk.example, who is not staff"),
    (1, "to Zoe", "nobody", "assigns to nobody: none of those whom it names is staff, so any agent gets its tickets"),
    (6, "too late", "no_effect", 'has no effect: all that it takes is assigned by "to Zoe" before it, and the first'),
    (11, "closed", "never", "can never match: ticket.status is open wherever rules are asked"),
    (16, "\x1b[31mred", "unreadable", '"ticket" has no "colour"; did you mean'),
]


@pytest.fixture(autouse=True)
def environ(settings_here: Path) -> Path:
    """A folder with the settings of the example, and a file of other rules."""
    (settings_here / "rules.toml").write_text(ROUTING, encoding="utf-8")
    return settings_here


def test_each_fault_is_named_with_file_and_line(services: Services, supportdesk: Supportdesk) -> None:
    shown, listed = supportdesk("rules", "check", "rules.toml"), supportdesk("rules", "check", "rules.toml", "--json")

    assert (shown.exit_code, listed.exit_code) == (1, 1)
    found = json.loads(listed.output)
    assert [(one["line"], one["rule"], one["fault"]) for one in found] == [row[:3] for row in TOLD]
    for one, line, (number, _, _, words) in zip(found, shown.output.splitlines(), TOLD, strict=True):
        assert one["sentence"].startswith(words)
        assert line.startswith(f"rules.toml:{number}: ")
        assert words in line
    assert "\x1b" not in shown.output


def test_the_settings_that_are_in_force_are_checked_and_the_example_names_its_missing_agent(
    services: Services, supportdesk: Supportdesk
) -> None:
    shown = supportdesk("rules", "check")

    assert shown.exit_code == 1
    (line,) = shown.output.splitlines()
    assert line.endswith('"Invoices to the billing pair" names carol@desk.example, who is not staff.')
    execute(services, "INSERT INTO mail.absence VALUES (1, 'gone', now(), now() + interval '9 years')")
    assert "bob@desk.example is away for more than a year" in supportdesk("rules", "check").output


def test_without_a_database_the_conditions_are_checked_and_that_is_said(
    environ: Path, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTDESK_DATABASE__URL", "postgresql+psycopg://x@127.0.0.1:1/x")
    text = EXAMPLE.read_text(encoding="utf-8").replace("carol@", "bob@")
    (environ / "alone.toml").write_text(text, encoding="utf-8")

    shown = supportdesk("--config", "alone.toml", "rules", "check", "rules.toml")

    assert shown.exit_code == 1
    assert "zoe" not in shown.stdout
    assert len(shown.stdout.splitlines()) == 3


@pytest.mark.usefixtures("services")
def test_rules_in_which_nothing_is_wrong_are_said_to_be_fine(supportdesk: Supportdesk, environ: Path) -> None:
    (environ / "rules.toml").write_text(ROUTING.partition("\n\n")[0].replace("zoe", "bob"), encoding="utf-8")

    shown = supportdesk("rules", "check", "rules.toml")

    assert (shown.exit_code, shown.output) == (0, "rules.toml: 1 rule, and nothing is wrong.\n")
    refused = supportdesk("rules", "check", "gone.toml")
    assert (refused.exit_code, "gone.toml: there is no such file" in refused.output) == (2, True)
