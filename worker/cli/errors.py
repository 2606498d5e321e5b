"""Known errors in plain words: one sentence on stderr and exit status 2, never a traceback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from worker.cli.installation import Installation

EXIT_STATUS = 2
STOPPED_STATUS = 130
# Whatever a command does, it does in transactions.
STOPPED = "Stopped by Ctrl-C: what was done till then stays, and the same command can be given again."

# SQLSTATE classes and codes that have a plain answer.
_NO_DESK = frozenset({"42P01", "3F000"})
_LOCKED = frozenset({"55P03"})
_NO_RIGHTS = frozenset({"42501"})


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Print the errors that an operator can do something about as sentences and end the command; others are raised."""
    try:
        yield
    except Exception as error:
        sentences = sentences_of(error)
        if not sentences:
            raise
        refuse(*sentences)


@contextmanager
def stopped_as_sentence() -> Iterator[None]:
    """Say in a sentence that Ctrl-C ended the command, with the exit status that shells give for it."""
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        click.echo(f"\n{STOPPED}", err=True)
        raise click.exceptions.Exit(STOPPED_STATUS) from None


def stop(sentence: str) -> NoReturn:
    """Say that Ctrl-C ended a command, and what that means here."""
    click.echo(f"\nStopped by Ctrl-C. {sentence}", err=True)
    raise click.exceptions.Exit(STOPPED_STATUS)


def refuse(*sentences: str) -> NoReturn:
    """Say why nothing was done and end with exit status 2."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    raise click.exceptions.Exit(EXIT_STATUS)


def checked_address(text: str, argument: str) -> str:
    """A mail address in comparable form; raises click.BadParameter about that argument where the text is none."""
    from mail.mime.addresses import normalise

    address = normalise(text)
    if address is None:
        raise click.BadParameter(f"{text} is no mail address.", param_hint=argument)
    return address


def sentences_of(error: Exception) -> tuple[str, ...]:
    """The sentences for an error of the table below; empty for any other."""
    for kind in type(error).__mro__:
        sentences = _SENTENCES.get(f"{kind.__module__}.{kind.__qualname__}")
        if sentences:
            return sentences(error)
    return ()


def _itself(error: Any) -> tuple[str, ...]:
    return (str(error),)


def _database(error: Any) -> tuple[str, ...]:
    code = getattr(error.orig, "sqlstate", None)
    if code is None:
        from worker.admin.doctor.finding import DATABASE_STEP

        return (f"The database {_where()}cannot be reached: {_first_line(error.orig)}. {DATABASE_STEP}",)
    if code in _LOCKED:
        return ("Somebody else holds a lock on the tables for longer than we wait; that step was not done, try again.",)
    if code in _NO_DESK:
        return ("This database has no desk, or an older one: run `supportdesk db upgrade`.",)
    if code in _NO_RIGHTS:
        return (f"The database's role may not do this: {_first_line(error.orig)}.",)
    # Trouble of the infrastructure is nobody's bug; any other code is ours and keeps its traceback.
    is_infrastructure = type(error).__name__ == "OperationalError"
    return (f"The database {_where()}says: {_first_line(error.orig)}.",) if is_infrastructure else ()


def _broker(error: Any) -> tuple[str, ...]:
    from worker.admin.doctor.finding import BROKER_STEP

    return (f"The broker cannot be reached: {_first_line(error)}. {BROKER_STEP}",)


def _where() -> str:
    """Where the database of this command is, as "at HOST " for a sentence; empty outside a command."""
    context = click.get_current_context(silent=True)
    installation = context.find_object(Installation) if context else None
    if installation is None:
        return ""
    from models.db.engine import host_and_port
    from worker.settings.load import ConfigFailure

    try:
        return f"at {host_and_port(installation.database_url)} "
    except ConfigFailure:
        # Of a demo, which has settings of its own.
        return ""


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")


# By name, so that no library is imported that the command did not use.
_SENTENCES: dict[str, Callable[[Any], tuple[str, ...]]] = {
    "worker.settings.load.ConfigFailure": lambda error: tuple(error.messages),
    "worker.cli.installation.NoSuchMailbox": _itself,
    "models.schema.adoption.DatabaseDiffers": lambda error: (*error.differences, "Nothing was changed."),
    "models.schema.ground.GroundRefused": lambda error: (str(error), "Nothing was changed."),
    "worker.admin.migrate.DatabaseIsNewer": _itself,
    "models.schema.versions.VersionDiffers": _itself,
    "models.db.engine.UrlRefused": _itself,
    "mail.outbound.render.TemplateFailure": _itself,
    "mail.failures.TemporaryFailure": _itself,
    "mail.failures.PermanentFailure": _itself,
    "seed.stack.account.StackError": _itself,
    "sqlalchemy.exc.DBAPIError": _database,
    "sqlalchemy.exc.ArgumentError": lambda _: ("The database's URL cannot be read.",),
    "alembic.util.exc.CommandError": _itself,
    "redis.exceptions.RedisError": _broker,
    "kombu.exceptions.KombuError": _broker,
}
