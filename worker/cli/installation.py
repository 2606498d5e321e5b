"""What commands share: the installation that they work on, opened when a command asks, and options of one meaning."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from worker.runtime.services import Services
    from worker.settings.model import Settings


class NoSuchMailbox(Exception):
    """The settings have no mailbox of the name that a command was given; the message says which there are."""


@dataclass(slots=True)
class Installation:
    """The settings file that `--config` names (None: the usual one), read at first use."""

    config: Path | None = None
    _settings: "Settings | None" = None

    @property
    def settings(self) -> "Settings":
        """The whole checked settings; raises worker.settings.load.ConfigFailure."""
        from worker.settings.load import load_settings

        if self._settings is None:
            self._settings = load_settings(self.config, os.environ)
        return self._settings

    @property
    def database_url(self) -> str:
        """The database's URL; without a settings file DATABASE_URL is enough, for a database needs no mailbox."""
        alone = os.environ.get("DATABASE_URL")
        return alone if alone and not self.has_settings else self.settings.database.url.get_secret_value()

    @property
    def has_settings(self) -> bool:
        """True where a settings file is named, or is at its usual place."""
        from worker.settings.load import DEFAULT_FILE

        return bool(self.config or os.environ.get("SUPPORTDESK_CONFIG") or DEFAULT_FILE.exists())

    @property
    def own_addresses(self) -> frozenset[str]:
        """The addresses that the settings give the desk; without a settings file the database alone knows its own."""
        return self.settings.own_addresses if self.has_settings else frozenset()

    def mailbox_names(self, name: str | None) -> tuple[str, ...]:
        """The names of all mailboxes of the settings, or only the given one; raises NoSuchMailbox."""
        names = tuple(box.name for box in self.settings.mailbox)
        if name is None:
            return names
        if name not in names:
            raise NoSuchMailbox(f"There is no mailbox {name}; the settings name {', '.join(names)}.")
        return (name,)

    @contextmanager
    def engine(self) -> Iterator["Engine"]:
        """Give the database's engine and close its connections afterwards.

        Raises models.schema.versions.VersionDiffers before anything is read.
        """
        from models.schema.versions import check_version

        with self.engine_of_any_version() as engine:
            check_version(engine)
            yield engine

    @contextmanager
    def engine_of_any_version(self) -> Iterator["Engine"]:
        """The same for a command that brings the database to another version."""
        from models.db.engine import make_engine

        engine = make_engine(self.database_url, application_name="supportdesk command")
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def services(self, name: str, settings: "Settings | None" = None) -> Iterator["Services"]:
        """Give what a command of this name works with, by its settings or others, and close its connections afterwards.

        Raises models.schema.versions.VersionDiffers before anything is read.
        """
        from models.schema.versions import check_version
        from worker.runtime.services import open_services

        services = open_services(settings or self.settings, application_name=f"supportdesk {name}")
        try:
            check_version(services.engine)
            yield services
        finally:
            services.engine.dispose()


pass_installation = click.make_pass_decorator(Installation, ensure=True)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
YES = click.option("--yes", is_flag=True, help="Do it; without it nothing is changed.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
