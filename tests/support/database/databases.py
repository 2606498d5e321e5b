"""Databases that a test has for itself, on the PostgreSQL of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from models.db.engine import make_engine
from worker.admin.migrate import upgrade


def new_database(postgres_url: str, template: str = "template1") -> str:
    """The URL of a new database, a copy of `template`."""
    name = f"desk_{uuid4().hex}"
    # Files are copied in a third of the time in which they are written through the log.
    _administer(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def migrated_database(postgres_url: str) -> Iterator[str]:
    """The URL of a new database with all tables, which is dropped at the end."""
    url = new_database(postgres_url)
    engine = make_engine(url, application_name="tests")
    upgrade(engine)
    engine.dispose()
    yield url
    drop_database(postgres_url, url)


def rename_database(postgres_url: str, url: str) -> str:
    """Give the database at `url`, to which nobody is connected, another name; its URL by that."""
    name = f"desk_{uuid4().hex}"
    _administer(postgres_url, f'ALTER DATABASE "{make_url(url).database}" RENAME TO "{name}"')
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(postgres_url: str, url: str) -> None:
    """Drop the database at `url`, whoever is connected to it."""
    _administer(postgres_url, f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


def empty_database_anew(postgres_url: str, url: str) -> None:
    """Drop the database at `url`, and make an empty one of the same name."""
    drop_database(postgres_url, url)
    _administer(postgres_url, f'CREATE DATABASE "{make_url(url).database}" TEMPLATE template0')


def plain_url(url: str) -> str:
    """The URL as other programs than SQLAlchemy take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _administer(postgres_url: str, statement: str) -> None:
    with psycopg.connect(plain_url(postgres_url), autocommit=True) as connection:
        connection.execute(statement.encode())
