"""Each alert rule of docs/monitoring fires on the state that it is for, and on no other; so says promtool too."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from operator import eq, gt
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.reports.health.facts import AlarmKind
from desk.reports.health.findings import severity_of
from models.reports.health.gather import count_unsent
from tests.support.database.databases import drop_database, new_database
from tests.support.database.pulses import FAULTS, all_is_well
from tests.support.database.scrapes import families, samples, text_of
from tests.support.database.services import services_on
from worker.runtime.health.look import look
from worker.runtime.health.probes.counters import Counters
from worker.runtime.health.probes.sight import Seen
from worker.runtime.services import Services

PLACE = Path(__file__).parents[4] / "docs" / "monitoring"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((PLACE / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
BOARD: dict[str, Any] = json.loads((PLACE / "grafana.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]]
METRIC = re.compile(r"\bsupportdesk_\w+")
# The forms of an expression that the rules use: a series compared with a number, and a series that is not there.
COMPARED = re.compile(r"(supportdesk_\w+)(?:\{(\w+)=\"(\w+)\"\})? (==|>) (\d+)")
ABSENT = re.compile(r"absent\((supportdesk_\w+)\)")
OPERATORS = {"==": eq, ">": gt}
MINUTE = 60
WELL, AWAY, GONE = "all is well", "the database is away", "nothing is scraped"
TOKEN = "a consent that ends"
NEVER = "a reconciliation that never was"
STATES: dict[str, tuple[AlarmKind, str]] = {name: fault[:2] for name, fault in FAULTS.items()} | {
    TOKEN: (AlarmKind.TOKEN, "UPDATE mail.mailbox_token SET ends_at = now() + interval '6 days'"),
    NEVER: (AlarmKind.RECONCILE, f"DELETE FROM mail.report_run; {FAULTS[NEVER][1]}"),
}
# Time that passes while these tests run is none for the desk. Each figure is there that may be there.
NOW = """
UPDATE mail.pulse SET beat_at = now();
UPDATE mail.mailbox SET polled_at = now(), certificate_ends_at = now() + interval '90 days';
INSERT INTO mail.mailbox_token (mailbox, ends_at) VALUES ('support', now() + interval '60 days') ON CONFLICT DO NOTHING;
INSERT INTO mail.report_run (name, due_at, made_at) VALUES ('reconcile', now() - interval '1 hour', now());
"""


@pytest.fixture(scope="module")
def desk(postgres_url: str, template_database: str) -> Iterator[Services]:
    """A desk with which all is well, and whose mailbox is opened by a token."""
    url = new_database(postgres_url, template_database)
    services = services_on(url)
    all_is_well(services)
    box = services.settings.mailbox[0].model_copy(update={"oauth": True})
    yield replace(services, settings=services.settings.model_copy(update={"mailbox": (box,)}))
    services.engine.dispose()
    drop_database(postgres_url, url)


@pytest.fixture(scope="module")
def scrapes(desk: Services) -> Mapping[str, str]:
    """The text of a scrape in each state, by its name."""
    named = {name: scraped_in(desk, statement) for name, (_, statement) in STATES.items()}
    away = text_of(Seen(trouble="away"), Counters())
    return named | {WELL: scraped_in(desk, ""), AWAY: away, GONE: ""}


def scraped_in(desk: Services, statement: str) -> str:
    """A scrape of the desk after a statement, of which nothing stays."""
    with Session(desk.engine) as session:
        session.execute(text(NOW + statement))
        return text_of(Seen(look(session, desk), count_unsent(session)), Counters())


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule as our own reader of its few forms understands it; `lasts` is in seconds."""

    name: str
    expression: str
    lasts: int

    def holds(self, scrape: str) -> bool:
        """Whether the expression gives anything for the values of one scrape."""
        values = samples(scrape)
        if absent := ABSENT.fullmatch(self.expression):
            return absent[1] not in values
        compared = COMPARED.fullmatch(self.expression)
        assert compared, self.expression
        name, label, word, sign, number = compared.groups()
        chosen = [value for labels, value in values.get(name, {}).items() if label is None or (label, word) in labels]
        return any(OPERATORS[sign](value, float(number)) for value in chosen)

    def fires(self, scrape: str, seconds: int) -> bool:
        """Whether it fires where each scrape was like this one for so long."""
        return seconds >= self.lasts and self.holds(scrape)


def rules() -> list[Rule]:
    return [Rule(one["alert"], one["expr"], int(one["for"].removesuffix("m")) * MINUTE) for one in RULES]


def rule_of(kind: AlarmKind) -> str:
    """The name of the rule about a kind of problem."""
    return "SupportDesk" + "".join(word.title() for word in kind.split("_"))


def expected(state: str) -> list[str]:
    """The rules that fire in a state."""
    others = {WELL: [], AWAY: ["SupportDeskDatabaseUnreadable"], GONE: ["SupportDeskNotScraped"]}
    return others[state] if state in others else [rule_of(STATES[state][0])]


@pytest.mark.parametrize("state", [*STATES, WELL, AWAY, GONE])
def test_in_each_state_the_rule_for_it_fires_and_no_other(state: str, scrapes: Mapping[str, str]) -> None:
    firing = [one.name for one in rules() if one.fires(scrapes[state], 15 * MINUTE)]
    early = [one.name for one in rules() if one.fires(scrapes[state], MINUTE - 1)]

    assert (firing, early) == (expected(state), [])


def test_each_kind_of_problem_has_one_rule_of_its_severity_and_a_state_here() -> None:
    about = {rule["alert"]: rule["labels"]["severity"] for rule in RULES if "problem=" in rule["expr"]}

    assert about == {rule_of(kind): severity_of(kind) for kind in AlarmKind}
    assert {kind for kind, _ in STATES.values()} == set(AlarmKind)


def test_each_rule_says_in_sentences_what_is_wrong_and_what_to_do() -> None:
    words = [text for rule in RULES for text in (rule["annotations"]["summary"], rule["annotations"]["description"])]

    assert [text for text in words if not re.fullmatch(r"[A-Z`].+\.", text)] == []


def test_each_metric_of_rules_and_board_is_in_a_scrape(scrapes: Mapping[str, str]) -> None:
    there = set(samples(scrapes[WELL]))
    used = {name for words in (*EXPRESSIONS, *(rule["expr"] for rule in RULES)) for name in METRIC.findall(words)}

    assert used - there == set()
    assert len(used) > 20


def test_the_page_has_each_metric_and_no_other(scrapes: Mapping[str, str]) -> None:
    page = (PLACE / "README.md").read_text()

    there = {f"{one.name}{'_total' if one.type == 'counter' else ''}" for one in families(scrapes[WELL])}
    assert set(re.findall(r"^\| `(supportdesk_\w+)", page, re.MULTILINE)) == there


def test_the_panels_of_the_board_are_whole_and_none_lies_upon_another() -> None:
    cells: list[tuple[int, int]] = []
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells += [
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    assert [panel["title"] for panel in PANELS if not panel["description"].endswith(".")] == []


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed, so our own reader of the rules alone is asked")
    return found


def test_promtool_says_the_same_of_each_state(promtool: str, scrapes: Mapping[str, str], tmp_path: Path) -> None:
    asked = {
        "rule_files": [str(PLACE / "alerts.yml")],
        "evaluation_interval": "1m",
        "tests": [promtool_test(state, scrape) for state, scrape in scrapes.items()],
    }
    (tmp_path / "states.yml").write_text(yaml.safe_dump(asked))

    done = subprocess.run(
        [promtool, "test", "rules", tmp_path / "states.yml"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def promtool_test(state: str, scrape: str) -> dict[str, Any]:
    """A scrape that lasts for half an hour, and what each rule is to say of it then, and in its first moment."""
    used = {"supportdesk_up", "supportdesk_problems"}
    series = [
        {"series": name + written(labels), "values": f"{value:g}x30"}
        for name, found in samples(scrape).items()
        for labels, value in found.items()
        if name in used
    ]
    firing = expected(state)
    checks = [
        {"eval_time": moment, "alertname": rule["alert"], "exp_alerts": [fired(rule)] if at_all else []}
        for rule in RULES
        for moment, at_all in (("0m", False), ("20m", rule["alert"] in firing))
    ]
    return {"interval": "1m", "name": state, "input_series": series, "alert_rule_test": checks}


def written(labels: frozenset[tuple[str, str]]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels)) + "}" if labels else ""


def fired(rule: Mapping[str, Any]) -> dict[str, Any]:
    """An alert as promtool expects it: with the labels of its series, of which a severity is the rule's."""
    compared = COMPARED.fullmatch(rule["expr"])
    label = {compared[2]: compared[3]} if compared and compared[2] else {}
    return {"exp_labels": {**label, **rule["labels"]}, "exp_annotations": rule["annotations"]}


def test_promtool_reads_each_expression_of_the_board(promtool: str, tmp_path: Path) -> None:
    named = [
        {"record": f"board:{n}", "expr": words.replace("$__rate_interval", "5m").replace("$instance", ".*")}
        for n, words in enumerate(EXPRESSIONS)
    ]
    (tmp_path / "board.yml").write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": named}]}))

    done = subprocess.run(
        [promtool, "check", "rules", tmp_path / "board.yml"], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
