"""`supportdesk db`: the database's life cycle."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.errors import refuse, stop
from worker.cli.installation import AS_JSON, YES, Installation, pass_installation

if TYPE_CHECKING:
    from sqlalchemy import Engine


DATABASE = click.option("--database", metavar="NAME", help="The database's name, as a check.")


ADOPTED = "SupportDesk's tables were there and are adopted; nothing in them was changed."
MADE = "SupportDesk's tables were not there and are made."


@click.group()
def db() -> None:
    """Make, change, fill and mend the database."""


@db.command()
@click.argument("revision", default="head", help="The number of a migration; the newest without it.")
@pass_installation
def upgrade(installation: Installation, revision: str) -> None:
    """Bring the database to the newest state, or to REVISION.

    A database that SupportDesk's Prisma made is adopted after a check; nothing in it is changed.
    """
    from worker.admin import migrate

    with installation.engine_of_any_version() as engine:
        old = migrate.current(engine) or "nothing"
        with _saying_where_it_stands(engine, old):
            migrate.upgrade(engine, revision)
        click.echo(f"The database went from {old} to {migrate.current(engine) or 'nothing'}.")
        if old == "nothing":
            click.echo(ADOPTED if migrate.adopted(engine) else MADE)
        _echo_additions(migrate.additions(engine))


@db.command()
@click.argument("revision", help="The number of a migration, or `base`.")
@YES
@DATABASE
@pass_installation
def downgrade(installation: Installation, revision: str, yes: bool, database: str | None) -> None:
    """Take the database back to REVISION (`base`: before us). Mails and numbers are lost; adopted tables stay."""
    from worker.admin import migrate

    with installation.engine_of_any_version() as engine:
        _check_meant(engine, yes, database)
        migrate.downgrade(engine, revision)
        click.echo(f"The database is at {migrate.current(engine) or 'nothing'}.")


@db.command()
@YES
@DATABASE
@pass_installation
def reset(installation: Installation, yes: bool, database: str | None) -> None:
    """Drop everything of ours and make it anew; SupportDesk's tables too, unless they were there before us."""
    from worker.admin import migrate

    with installation.engine_of_any_version() as engine:
        _check_meant(engine, yes, database)
        migrate.reset(engine)
        click.echo(f"The database is new, at {migrate.current(engine)}.")


@db.command()
@pass_installation
def seed(installation: Installation) -> None:
    """Put in example people and tickets, once; nobody is told."""
    from models.db.clock import read_now
    from models.schema.examples import plant
    from seed.people import people
    from seed.tickets import tickets
    from worker.runtime.transaction import transaction

    with installation.engine_of_any_version() as engine, transaction(engine, quiet=True) as session:
        now = read_now(session)
        planted = plant(session, people(now), tickets(now))
    if planted.conflicts:
        refuse(f"Nothing was put in: somebody else has {', '.join(planted.conflicts)} already.")
    if not planted.people and not planted.tickets:
        click.echo("The examples are there already; nothing was changed.")
        return
    click.echo(f"Put in {planted.people} people and {planted.tickets} tickets.")


@db.command()
@pass_installation
def repair(installation: Installation) -> None:
    """Put back our triggers, foreign keys and numbers after Prisma made its tables anew."""
    from models.schema.repair import repair as put_back

    with installation.engine_of_any_version() as engine, engine.begin() as connection:
        repaired = put_back(connection)
    counts = (
        (repaired.tickets_released, "tickets are gone; their numbers stay with their mails"),
        (repaired.people_released, "people are gone; their numbers stay with their mails"),
        (repaired.tickets_numbered, "tickets were numbered"),
        (repaired.people_numbered, "people were numbered"),
    )
    done = [f"Put back {what}." for what in repaired.put_back]
    done += [f"{count} {what}." for count, what in counts if count]
    click.echo("\n".join(done) or "All was in place; nothing was changed.")
    _echo_additions(repaired.additions)


@db.command()
@pass_installation
def index(installation: Installation) -> None:
    """Index all tickets anew for the search, which the desk else does by itself, a little at a time.

    Stop it whenever you like: the same command goes on, and so does the desk. Meanwhile a search finds what is indexed.
    """
    from mail.outbound.catalogue import SHIPPED_TEMPLATES, languages
    from worker.admin.search_index import rebuild_index
    from worker.cli.progress import Progress

    codes = None
    if installation.has_settings:
        own = installation.settings.templates.folder
        codes = languages([*([own] if own else []), SHIPPED_TEMPLATES])
    progress = Progress()
    try:
        with progress, installation.engine() as engine:
            tickets = rebuild_index(engine, codes, partial(progress.show, "Tickets indexed"))
    except KeyboardInterrupt:
        stop(f"{progress.done:,} tickets were indexed. The same command goes on, and so does the desk.")
    click.echo(f"All {tickets:,} tickets are indexed." if tickets else "There is no ticket to index.")


@db.command()
@click.option("-m", "--message", required=True, help="A verb and a noun, such as 'add mailbox colour'.")
@pass_installation
def revision(installation: Installation, message: str) -> None:
    """Write the next migration from what the models have and the database has not (for developers)."""
    from worker.admin import migrate

    with installation.engine_of_any_version() as engine:
        click.echo(f"Wrote {migrate.revise(engine, message).name}. Read it before you run it.")


@contextmanager
def _saying_where_it_stands(engine: "Engine", old: str) -> Iterator[None]:
    """Say where an upgrade that stops has left the database; nothing where it has not moved."""
    from sqlalchemy.exc import SQLAlchemyError

    from worker.admin import migrate

    try:
        yield
    except Exception:
        with suppress(SQLAlchemyError):
            stands = migrate.current(engine) or "nothing"
            if stands != old:
                sentence = f"The upgrade stopped: the database went from {old} to {stands} and stands there"
                click.echo(f"{sentence}; the same command goes on from it.", err=True)
        raise


def _echo_additions(sentences: Sequence[str]) -> None:
    from worker.runtime.terminal import printable

    for sentence in sentences:
        click.echo(printable(sentence))


def _check_meant(engine: "Engine", yes: bool, database: str | None) -> None:
    from models.db.engine import database_name

    name = database_name(engine)
    if database is not None and database != name:
        refuse(f"Nothing was done: the database is called {name}, not {database}.")
    if not yes or database is None:
        refuse(f"Nothing was done: this destroys what is in the database; say --yes --database {name} if you mean it.")


@db.group()
def keys() -> None:
    """The keys that sign our mails, by their fingerprints: which are in use, a new one, one that is no longer used."""


@keys.command("list")
@AS_JSON
@pass_installation
def list_all(installation: Installation, as_json: bool) -> None:
    """List the keys."""
    from models.outbox.signing_keys import list_keys
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        entries = list_keys(session)
    if as_json:
        show_json(entries)
        return
    rows = [
        (one.fingerprint, f"{one.since:%Y-%m-%d}", f"{one.retired_at:%Y-%m-%d}" if one.retired_at else "")
        for one in entries
    ]
    show_table(("fingerprint", "since", "retired"), rows)


@keys.command()
@pass_installation
def accept(installation: Installation) -> None:
    """Put the secret key of the settings into use; processes that lack it stop until they are started with it."""
    from desk.tokens import fingerprint
    from models.outbox.signing_keys import accept_key
    from worker.runtime.transaction import transaction

    name = fingerprint(installation.settings.desk.secret_key.get_secret_value().encode())
    with installation.engine() as engine, transaction(engine) as session:
        accept_key(session, name)
    click.echo(f"The key {name} is in use. Start every process again that does not have it.")


@keys.command()
@click.argument("fingerprint", help="As `supportdesk db keys list` shows it.")
@pass_installation
def retire(installation: Installation, fingerprint: str) -> None:
    """Take FINGERPRINT out of use; answers to what it signed are known no longer once no settings name it."""
    from models.outbox.signing_keys import retire_key
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        retired = retire_key(session, fingerprint)
    if not retired:
        refuse(f"Nothing was changed: no key {fingerprint} is in use, or no other is.")
    click.echo(f"The key {fingerprint} is retired. Take it out of desk.previous_secret_keys.")
