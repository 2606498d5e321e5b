"""The installation that a command works on: its settings file and its database, opened when a command asks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from worker.settings_sections import Settings


@dataclass(slots=True)
class Installation:
    """What `--config` names; the settings are read at first use."""

    config: Path | None = None
    _settings: "Settings | None" = None

    @property
    def settings(self) -> "Settings":
        """The whole checked settings; raises worker.settings.ConfigFailure."""
        from worker.settings import load_settings

        if self._settings is None:
            self._settings = load_settings(self.config, os.environ)
        return self._settings

    @property
    def database_url(self) -> str:
        """The database's URL; without a settings file DATABASE_URL is enough, for a database needs no mailbox."""
        alone = os.environ.get("DATABASE_URL")
        if alone and self._has_no_file():
            return alone
        return self.settings.database.url.get_secret_value()

    @contextmanager
    def engine(self) -> Iterator["Engine"]:
        """Give the database's engine and close its connections afterwards."""
        from models.engine import make_engine

        engine = make_engine(self.database_url, application_name="supportdesk command")
        try:
            yield engine
        finally:
            engine.dispose()

    def _has_no_file(self) -> bool:
        from worker.settings import DEFAULT_FILE

        return not (self.config or os.environ.get("SUPPORTDESK_CONFIG") or DEFAULT_FILE.exists())


pass_installation = click.make_pass_decorator(Installation, ensure=True)
