"""The database's versions: upgrade, downgrade, reset, each on the migrations that came with the program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from models.db.base import SCHEMA
from models.schema import versions
from models.schema.adoption import DatabaseDiffers, check_known, drop_desk, was_adopted
from models.schema.ground import check_schema
from models.schema.repair import drop_doubled
from models.schema.versions import is_newer, version_trouble

MIGRATIONS = versions.MIGRATIONS


class DatabaseIsNewer(Exception):
    """The database is of a later version than this program, which changed nothing; the message says what to do."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision.

    Raises DatabaseIsNewer, models.schema.adoption.DatabaseDiffers or models.schema.ground.GroundRefused before anything
    is changed. Where a migration fails those before it stay, and `current` says where the database stands.
    """
    stands = current(engine)
    if is_newer(stands, newest()):
        raise DatabaseIsNewer(version_trouble(stands, newest()))
    with engine.connect() as connection:
        command.upgrade(_config(connection), revision)
    if current(engine) == newest():
        with engine.begin() as connection:
            drop_doubled(connection)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to a revision, `base` being the state before us."""
    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def revise(engine: Engine, message: str) -> Path:
    """Write the next migration from the difference between the models and a database at head; its path."""
    with engine.connect() as connection:
        script = command.revision(_config(connection), message=message, autogenerate=True, rev_id=next_revision())
    # Alembic gives several scripts only where several are asked for.
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def reset(engine: Engine) -> None:
    """Drop the tables of the desk and make them anew; SupportDesk's own tables only where our migrations made them."""
    with engine.begin() as connection:
        check_schema(connection)
        drop_desk(connection)
    upgrade(engine)


def current(engine: Engine) -> str | None:
    """The database's revision; None where there is no desk."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
        return context.get_current_revision()


def additions(engine: Engine) -> tuple[str, ...]:
    """A sentence for each thing that the web application has added to its tables, or changed since the adoption."""
    try:
        with engine.begin() as connection:
            return check_known(connection)
    except DatabaseDiffers as error:
        return error.differences


def adopted(engine: Engine) -> bool:
    """True where SupportDesk's tables were there before us."""
    with engine.connect() as connection:
        return was_adopted(connection)


def newest() -> str:
    """The revision that this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def next_revision() -> str:
    """The number after the newest, in four digits."""
    return f"{int(newest()) + 1:04}"


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    # Alembic's options are of configparser's kind, where a percent sign is doubled.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config
