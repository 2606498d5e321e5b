"""The settings of one installation: read once, checked as a whole, then never changed."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from worker.settings.checks import Finding, checked_across
from worker.settings.environment import Layered, overlay
from worker.settings.messages import sentence, where
from worker.settings.model import Settings
from worker.settings.secrets import read_secrets

DEFAULT_FILE: Final = Path("supportdesk.toml")


class ConfigFailure(Exception):
    """The settings cannot be used: one sentence for each thing wrong, ready to print."""

    def __init__(self, messages: tuple[str, ...]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check the file at `path`, else at SUPPORTDESK_CONFIG, else `supportdesk.toml` where we stand.

    The environment overrides the file. Raises ConfigFailure with every finding; nothing but files is touched.
    """
    file = path or Path(environ.get("SUPPORTDESK_CONFIG") or DEFAULT_FILE)
    layered = overlay(_read(file), environ, Settings)
    unread = read_secrets(layered.data, file.parent)
    problems = [*layered.problems, *_sentences(layered, file, unread)]
    try:
        settings = Settings.model_validate(layered.data)
    except ValidationError as failure:
        # A secret that could not be read is reported once, and not again as one that is missing or too short.
        unreadable = {path for path, _ in unread}
        findings = (sentence(error, Settings) for error in failure.errors())
        others = [(path, text) for path, text in findings if (*path[:-1], f"{path[-1]}_file") not in unreadable]
        raise ConfigFailure((*problems, *_sentences(layered, file, others))) from None
    settings, found = checked_across(settings, file.parent)
    problems += _sentences(layered, file, found)
    if problems:
        raise ConfigFailure(tuple(problems))
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        message = "there is no such file; name yours with SUPPORTDESK_CONFIG"
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        message = f"cannot be read: {reason}"
    except tomllib.TOMLDecodeError as failure:
        message = f"is not TOML: {failure}"
    raise ConfigFailure((f"{file}: {message}",))


def _sentences(layered: Layered, file: Path, found: list[Finding]) -> list[str]:
    return [f"{where(path, layered.data, str(file), layered.origins)}: {text}" for path, text in found]
