"""The program itself: where options may stand, and what it says to a command that it does not know."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from bench.commands import summary
from worker.cli.main import COMMANDS, Commands, main

ROOT = Path(__file__).parents[4]
MISSING = "nowhere.toml"


@pytest.mark.parametrize(
    "words",
    [
        ("--config", MISSING, "config", "check"),
        ("config", "--config", MISSING, "check"),
        ("config", "check", "--config", MISSING),
        ("config", "check", f"--config={MISSING}"),
    ],
)
def test_the_settings_file_is_named_before_or_after_the_command(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, words)

    assert result.exit_code == 2
    assert MISSING in result.output


def test_what_follows_two_dashes_is_nobodys_option(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["mail", "read", "--", "--config", MISSING])

    assert "--config: the file cannot be read" in result.output


@pytest.mark.parametrize(("word", "near"), [("tikcet", "ticket"), ("statsu", "status"), ("queue", "")])
def test_an_unknown_command_gets_the_nearest_one_named(word: str, near: str) -> None:
    result = CliRunner().invoke(main, [word])

    assert result.exit_code == 2
    told = f"Did you mean '{near}'?" if near else "`supportdesk --help` lists them."
    assert told in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version_is_said(option: str) -> None:
    assert CliRunner().invoke(main, [option]).output == f"supportdesk {version('supportdesk')}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_all_commands_says_of_each_what_it_says_of_itself(name: str) -> None:
    assert isinstance(main, Commands)
    context = click.Context(main)
    command = main.get_command(context, name)

    assert command is not None
    assert main.summary(context, name) == summary(command)


def test_the_page_of_all_commands_names_each_and_the_options() -> None:
    page = CliRunner().invoke(main, ["--help"]).output

    assert [name for name in COMMANDS if f"\n  {name} " not in page] == []
    assert "\n  --config FILE" in page


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        ((), "tic", ["ticket"]),
        (("ticket",), "li", ["list"]),
        (("--config", "supportdesk.toml", "mailbox"), "re", ["resume"]),
        (("ticket", "list"), "--mo", ["--most"]),
        (("ticket", "list", "--priority"), "h", ["high"]),
        (("ticket", "status", "SD-1042"), "re", ["resolved"]),
        (("user", "staff"), "", ["add", "list", "remove"]),
        (("tikcet",), "li", []),
    ],
)
def test_a_shell_completes_commands_options_and_values(words: tuple[str, ...], begun: str, offered: list[str]) -> None:
    completion = ShellComplete(main, {}, "supportdesk", "_SUPPORTDESK_COMPLETE")

    found = [one.value for one in completion.get_completions(list(words), begun)]

    assert [value for value in found if value not in ("--help", "-h")] == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_page_says_how_each_shell_learns_it(shell: str) -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")

    result = CliRunner(env={"_SUPPORTDESK_COMPLETE": f"{shell}_source"}).invoke(main, [], prog_name="supportdesk")

    assert f"_SUPPORTDESK_COMPLETE={shell}_source supportdesk" in page
    assert "_supportdesk_completion" in result.output


# What stands on the page, and then what the key Tab does with the words that are typed.
TYPED = r"""
eval "$(_SUPPORTDESK_COMPLETE=bash_source supportdesk)"
[[ $(complete -p supportdesk) =~ -F\ ([^ ]+) ]] || exit 1
COMP_WORDS=(supportdesk ticket list --status in) COMP_CWORD=4
"${BASH_REMATCH[1]}" supportdesk in
echo "${COMPREPLY[*]}"
"""


def test_bash_completes_by_what_the_page_says(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    told = subprocess.run([bash, "-c", "echo ${BASH_VERSINFO[0]}"], capture_output=True, text=True, check=True)
    if int(told.stdout) < 5:
        pytest.skip("this bash may be too old for it")
    program = tmp_path / "supportdesk"
    program.write_text(f"#!{sys.executable}\nfrom worker.cli.main import main\nmain(prog_name='supportdesk')\n")
    program.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    done = subprocess.run([bash, "--norc", "-c", TYPED], env=environ, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("in_progress\n", "")
