"""The page about running the desk: each problem has its section, and each systemd unit starts what is there."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from desk.reports.health.facts import AlarmKind
from tests.support.values.command_lines import parse, program_of
from worker.deliver.run import LONGEST_RUN_SECONDS
from worker.runtime.queue_run import RUN_SECONDS
from worker.settings.sections.limits import LimitsSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
FOLDER = ROOT / "docs/systemd"
UNITS = sorted(path.name for path in FOLDER.iterdir())
SERVICES = [name for name in UNITS if name.endswith(".service")]
WORKERS = {name for name in SERVICES if " worker " in (FOLDER / name).read_text(encoding="utf-8")}
PROGRAMS = "/opt/supportdesk/bin/"
SPAN = {"s": 1, "min": 60}
# What each process of ours gets by with.
HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "SystemCallFilter": "@system-service",
}


def entries(name: str) -> list[tuple[str, str]]:
    """The keys of a unit with their values, in their order; a key may stand there more than once."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [(key, value) for line in lines if line[:1].isalpha() for key, _, value in [line.partition("=")]]


def value(name: str, key: str) -> str:
    """The one value of a key; an error where there are several or none."""
    (found,) = [one for known, one in entries(name) if known == key]
    return found


def seconds(span: str) -> int:
    found = re.fullmatch(r"(\d+)(s|min)", span)
    assert found, span
    return int(found[1]) * SPAN[found[2]]


def started(name: str) -> list[str]:
    """The command line that a unit starts, from the name of its program on."""
    line = value(name, "ExecStart")
    assert line.startswith(PROGRAMS)
    return line.removeprefix(PROGRAMS).split()


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_starts_a_command_that_is_there_with_options_that_it_takes(name: str) -> None:
    program, words = program_of(started(name))
    parse(program, words)


@pytest.mark.parametrize(
    "line", ["supportdesk worker -Q wire --concurrence 2", "supportdesk wach", "celery -A worker.app beats"]
)
def test_a_command_line_that_is_wrong_is_seen(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(*program_of(line.split()))


@pytest.mark.parametrize("name", UNITS)
def test_systemd_itself_finds_nothing_wrong_with_a_unit(name: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed, so no unit is verified")
    for unit in UNITS:
        # Where the program is not installed under /opt, systemd would find fault with that alone.
        text = (FOLDER / unit).read_text(encoding="utf-8").replace(PROGRAMS, f"{Path(sys.executable).parent}/")
        (tmp_path / unit).write_text(text, encoding="utf-8")

    done = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", [name for name in SERVICES if "watchman" not in name])
def test_a_process_comes_back_whatever_ended_it_and_stops_with_the_desk(name: str) -> None:
    kept = (value(name, "Type"), value(name, "Restart"), value(name, "StartLimitIntervalSec"), value(name, "PartOf"))

    assert kept == ("exec", "always", "0", "supportdesk.target")


def test_a_stop_lets_a_worker_end_what_it_has_in_hand() -> None:
    wire, desk = (seconds(value(f"supportdesk-{queue}.service", "TimeoutStopSec")) for queue in ("wire", "desk"))

    assert {name: value(name, "KillMode") for name in WORKERS} == dict.fromkeys(WORKERS, "mixed")
    assert wire >= LONGEST_RUN_SECONDS
    assert desk >= RUN_SECONDS + LimitsSettings().mail_seconds


@pytest.mark.parametrize("name", SERVICES)
def test_a_process_has_a_user_of_its_own_and_may_do_little_else(name: str) -> None:
    known = dict(entries(name))

    assert known["User"] == "supportdesk"
    assert {key: known.get(key) for key in HARDENED} == HARDENED


def test_the_page_names_each_unit() -> None:
    assert [name for name in UNITS if f"systemd/{name}" not in PAGE] == []


def test_each_unit_that_a_command_names_is_there() -> None:
    lines = re.findall(r"(?:systemctl|journalctl) [^`\n]*", PAGE)
    named = {name for line in lines for name in re.findall(r"supportdesk[\w.-]*", line)} - {"supportdesk-"}

    there = {name for unit in UNITS for name in (unit, unit.removesuffix(".service"))}
    assert named - there == set()
    assert len(named) > 6


def problem_sections() -> Iterator[tuple[str, str]]:
    """Each section about a problem: its name, and its text."""
    part = PAGE.partition("\n## What each alert means")[2].partition("\n## ")[0]
    for section in part.split("\n### ")[1:]:
        heading, _, text = section.partition("\n")
        yield heading.strip("`"), text


def test_each_problem_has_one_section_in_the_order_of_their_kinds_and_no_section_is_of_another() -> None:
    assert [name for name, _ in problem_sections()] == [kind.value for kind in AlarmKind]


@pytest.mark.parametrize("kind", AlarmKind)
def test_a_section_says_what_it_means_what_customers_notice_and_what_to_type(kind: AlarmKind) -> None:
    text = dict(problem_sections())[kind.value]

    answered = [label for label in ("**It means**", "**Customers**", "**First**", "**Then**") if label in text]

    assert answered == ["**It means**", "**Customers**", "**First**", "**Then**"]
    assert re.search(r"^\$ \S", text, re.MULTILINE)
