"""The compose file, checked as far as that goes without a container engine."""

import ast
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from itertools import takewhile
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from jsonschema import Draft202012Validator

from worker.settings.environment import PLAIN_NAMES
from worker.settings.load import load_settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
DESK = sorted(name for name in OURS if "secrets" in SERVICES[name])
# Read by Celery itself, before any of our settings.
CELERYS = {"REMAP_SIGTERM"}
SECRETS = {
    "secret_key": "0123456789abcdef" * 4,
    "imap_password": "demo",
    "smtp_password": "demo",
    "database_url": "postgresql://supportdesk:secret@postgres:5432/supportdesk",
}

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
SPAN = {"type": "string", "pattern": "^[0-9]+(s|m)$"}


def table(required: tuple[str, ...] = (), **properties: object) -> dict[str, object]:
    """The schema of a mapping with these keys and no others."""
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


# The part of the Compose Specification that we use, and no more: a mistyped key is found.
HEALTHCHECK = table(
    ("test",), test=TEXTS, interval=SPAN, timeout=SPAN, start_period=SPAN, retries={"type": "integer", "minimum": 1}
)
CONDITION = {"enum": ["service_healthy", "service_completed_successfully"]}
SERVICE = table(
    ("image", "restart"),
    image=TEXT,
    build=table(("context",), context=TEXT, args={"type": "object", "additionalProperties": TEXT}),
    command=TEXTS,
    environment={"type": "object", "additionalProperties": TEXT},
    volumes=TEXTS,
    secrets=TEXTS,
    ports={"type": "array", "items": {"type": "string", "pattern": r"^127\.0\.0\.1:"}},
    profiles=TEXTS,
    user={"type": "string", "pattern": "^[1-9][0-9]*:[1-9][0-9]*$"},
    read_only={"type": "boolean"},
    init={"type": "boolean"},
    tmpfs=TEXTS,
    cap_drop=TEXTS,
    security_opt=TEXTS,
    shm_size={"type": "string", "pattern": "^[0-9]+(m|g)b$"},
    restart={"enum": ["no", "unless-stopped"]},
    stop_grace_period=SPAN,
    healthcheck=HEALTHCHECK,
    depends_on={"type": "object", "additionalProperties": table(("condition",), condition=CONDITION)},
)
SCHEMA = {
    **table(
        ("services",),
        services={"type": "object", "additionalProperties": SERVICE},
        volumes={"type": "object", "additionalProperties": {"type": "null"}},
        secrets={"type": "object", "additionalProperties": table(("file",), file=TEXT)},
    ),
    "patternProperties": {"^x-": {}},
}


def compose_program() -> list[str]:
    """The Compose that is installed, in either of its forms; the test is skipped without one."""
    for program in (["docker-compose"], ["docker", "compose"]):
        if shutil.which(program[0]):
            found = subprocess.run([*program, "version"], capture_output=True, check=False, timeout=60)
            if found.returncode == 0:
                return program
    pytest.skip("Compose is not installed")


def commands_of(name: str) -> list[str]:
    """What a service runs, as words: its command, and for a shell the line that the shell gets."""
    words: list[str] = SERVICES[name]["command"]
    return shlex.split(words[2]) if words[:2] == ["sh", "-c"] else words


def is_known(words: list[str]) -> bool:
    """Whether we have what a command line starts: a command of ours, a Celery app or a module."""
    match words:
        case ["supportdesk", *rest]:
            return is_command(rest)
        case ["celery", "-A", app, "worker" | "beat", *_]:
            return importlib.util.find_spec(app) is not None
        case ["exec", "python", "-P", "-m", module, *_]:
            return importlib.util.find_spec(module) is not None
    return False


def is_command(words: list[str]) -> bool:
    """Whether `supportdesk` has the command, down to its last word."""
    command: click.Command | None = importlib.import_module("worker.cli.main").main
    for word in takewhile(lambda word: not word.startswith("-"), words):
        if not isinstance(command, click.Group):
            return False
        command = command.get_command(click.Context(command), word)
    return command is not None and not isinstance(command, click.Group)


def wheel_packages() -> list[str]:
    """The packages that the wheel is made of."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return packages


def test_the_compose_file_has_the_form_that_compose_expects() -> None:
    wrong = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(COMPOSE)]

    assert wrong == []


@pytest.mark.parametrize("profile", [[], ["--profile", "demo"]])
def test_compose_itself_reads_the_file(profile: list[str]) -> None:
    check = [*compose_program(), *profile, "config", "--quiet"]

    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", OURS)
def test_a_service_starts_something_that_exists(name: str) -> None:
    words = commands_of(name)

    assert is_known(words)


@pytest.mark.parametrize("name", DESK)
def test_the_settings_of_a_service_are_complete_and_known(name: str, tmp_path: Path) -> None:
    for secret in SERVICES[name]["secrets"]:
        (tmp_path / secret).write_text(SECRETS[secret] + "\n")
        (tmp_path / secret).chmod(0o640)
    config = tmp_path / "supportdesk.toml"
    config.write_text((ROOT / "docker/supportdesk.toml").read_text().replace("/run/secrets", str(tmp_path)))
    environ = {key: text.replace("/run/secrets", str(tmp_path)) for key, text in SERVICES[name]["environment"].items()}

    settings = load_settings(config, environ)

    assert settings.database.url.get_secret_value() == SECRETS["database_url"]


@pytest.mark.parametrize("name", DESK)
def test_a_service_is_given_no_variable_that_nobody_reads(name: str) -> None:
    given = {key for key in SERVICES[name]["environment"] if not key.startswith("SUPPORTDESK_")}

    assert given <= set(PLAIN_NAMES) | CELERYS


@pytest.mark.parametrize("name", OURS)
def test_our_processes_own_nothing_and_can_write_only_to_tmp(name: str) -> None:
    service = SERVICES[name]

    rights = (service["user"], service["read_only"], service["tmpfs"], service["cap_drop"], service["security_opt"])

    assert rights == ("10001:10001", True, ["/tmp"], ["ALL"], ["no-new-privileges:true"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_service_uses_is_declared(name: str) -> None:
    service = SERVICES[name]
    named = {volume.partition(":")[0] for volume in service.get("volumes", ()) if volume[0] not in "./$"}

    assert named <= set(COMPOSE["volumes"])
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert set(service.get("depends_on", ())) <= set(SERVICES)


def test_each_secret_is_one_that_the_script_makes() -> None:
    script = (ROOT / "docker/make-secrets").read_text(encoding="utf-8")

    made = set(re.findall(r"^make (\w+)", script, re.MULTILINE))

    assert {secret["file"] for secret in COMPOSE["secrets"].values()} == {f"./docker/secrets/{name}" for name in made}


def test_the_script_lets_the_group_read_a_secret_and_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "make-secrets").write_bytes((ROOT / "docker/make-secrets").read_bytes())

    subprocess.run(["/bin/sh", str(tmp_path / "make-secrets")], check=True, capture_output=True, timeout=60)

    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()}
    assert modes == {0o640}


def test_the_demos_mail_server_is_given_no_setting_that_it_does_not_read() -> None:
    given = json.loads((ROOT / "docker/mailhost.json").read_text(encoding="utf-8"))
    tree = ast.parse((ROOT / "seed/stack/mailhost/__main__.py").read_text(encoding="utf-8"))

    read = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}

    assert set(given) - read == set()


def test_the_image_holds_every_package_of_the_wheel_and_its_user_is_the_one_of_compose() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8")

    copied = set(re.findall(r"^COPY (\w+) \1$", dockerfile, re.MULTILINE))

    assert copied - {"requirements"} == set(wheel_packages())
    assert copied <= set(re.findall(r"^!(\w+)$", let_in, re.MULTILINE))
    assert "USER 10001:10001" in dockerfile
