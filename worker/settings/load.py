"""The settings of one installation: read once, checked as a whole, then never changed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from worker.settings.checks import Finding, checked_across
from worker.settings.environment import Layered, overlay
from worker.settings.keys import Path as KeyPath
from worker.settings.messages import sentence, where
from worker.settings.model import Settings
from worker.settings.secrets import named_files, read_secrets

DEFAULT_FILE: Final = Path("supportdesk.toml")


class ConfigFailure(Exception):
    """The settings cannot be used: one sentence for each thing wrong, ready to print."""

    def __init__(self, messages: tuple[str, ...]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings with their file, its text, and where they came from.

    `variables` are the environment variables that set a value, by its path, and `secret_files` the files that hold one,
    as the settings name them. A path is counted in the tables of the file.
    """

    settings: Settings
    file: Path
    text: str
    variables: Mapping[KeyPath, str]
    secret_files: Mapping[KeyPath, str]


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check the file at `path`, else at SUPPORTDESK_CONFIG, else `supportdesk.toml` where we stand.

    The environment overrides the file. Raises ConfigFailure with every finding; nothing but files is touched.
    """
    return load(path, environ).settings


def load(path: Path | None, environ: Mapping[str, str]) -> Loaded:
    """The same, with where each value came from."""
    file = settings_file(path, environ)
    text, data = read_tables(file)
    return check_tables(file, text, data, environ, file.parent)


def check_tables(file: Path, text: str, data: dict[str, Any], environ: Mapping[str, str], folder: Path) -> Loaded:
    """The settings of tables that a file holds, whose paths are relative to `folder`; raises ConfigFailure."""
    layered = overlay(data, environ, Settings)
    secret_files = named_files(layered.data)
    unread = read_secrets(layered.data, folder)
    problems = [*layered.problems, *_sentences(layered, file, unread)]
    try:
        settings = Settings.model_validate(layered.data)
    except ValidationError as failure:
        # A secret that could not be read is reported once, and not again as one that is missing or too short.
        unreadable = {path for path, _ in unread}
        findings = (sentence(error, Settings) for error in failure.errors())
        known = [(path, text) for path, text in findings if (*path[:-1], f"{path[-1]}_file") not in unreadable]
        # Of a list with too few values each of the missing ones is found.
        others = list(dict.fromkeys(known))
        raise ConfigFailure((*problems, *_sentences(layered, file, others))) from None
    settings, found = checked_across(settings, folder)
    problems += _sentences(layered, file, found)
    if problems:
        raise ConfigFailure(tuple(problems))
    return Loaded(settings, file, text, layered.origins, secret_files)


def settings_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The file that is read: `path`, else what SUPPORTDESK_CONFIG names, else `supportdesk.toml` where we stand."""
    return path or Path(environ.get("SUPPORTDESK_CONFIG") or DEFAULT_FILE)


def read_tables(file: Path) -> tuple[str, dict[str, Any]]:
    """The text of a settings file and its tables; raises ConfigFailure."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        message = "there is no such file; `supportdesk init` writes one, SUPPORTDESK_CONFIG names it"
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        message = f"cannot be read: {reason}"
    except tomllib.TOMLDecodeError as failure:
        # Of a file that ends too early the library does not say where that is.
        last = f"(at the end of the file, line {text.count(chr(10), 0, -1) + 1})"
        message = f"is not TOML: {str(failure).replace('(at end of document)', last)}"
    raise ConfigFailure((f"{file}: {message}",))


def _sentences(layered: Layered, file: Path, found: list[Finding]) -> list[str]:
    return [f"{where(path, layered.data, str(file), layered.origins)}: {text}" for path, text in found]
