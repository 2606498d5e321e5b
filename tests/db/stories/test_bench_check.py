"""The benchmark's check of its mails: whoever changes one row, or one mail on its way, is found out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from bench.speed.check import check, check_taken, look
from bench.speed.mails import MX, Recipe, mailbox
from bench.speed.stage.sink import SinkLog, Taken, running_sink
from seed.stack.child import free_port
from tests.support.database.databases import drop_database, new_database
from tests.support.database.services import ADMIN, AGENT, services_on, store_in_ledger
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

MAILS = mailbox(3, Recipe(count=6, replies=0.34, files=0.5, html_size=(1_000, 2_000), file_size=(500, 900)))


@pytest.fixture(scope="module")
def desk(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Services, Sequence[Taken]]]:
    """A desk that has taken in all mails, and what its SMTP server got."""
    url, port = new_database(postgres_url, template_database), free_port()
    smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(port), "SMTP__SECURITY": "plain"}
    services = services_on(url, ADMIN, AGENT, AUTHSERV_ID=MX, **smtp)
    for mail in MAILS:
        store_in_ledger(services, mail.raw)
    with running_sink(tmp_path_factory.mktemp("sink"), port) as log:
        for run in (receive_due, announce_due, deliver_due):
            run(services)
        yield services, SinkLog(log.file).mails()
    services.engine.dispose()
    drop_database(postgres_url, url)


def test_what_nobody_changed_is_as_it_should_be(desk: tuple[Services, Sequence[Taken]]) -> None:
    services, taken = desk

    assert check(services.engine, MAILS).wrong == []
    assert check_taken(services, taken) == []
    assert len(taken) == 2 * sum(mail.opens for mail in MAILS) + sum(not mail.opens for mail in MAILS)


OTHER = """(SELECT id FROM "User" WHERE email = 'ada@desk.example')"""
TAMPERED: dict[str, tuple[str, str]] = {
    "a fate": ("UPDATE mail.ledger SET fate = 'dropped' WHERE id = 1", "fate"),
    "the rule": ("""UPDATE mail.ledger SET evidence = '{"rule": "reaction"}' WHERE id = 1""", "fate"),
    "the ticket of a mail": ("UPDATE mail.ledger SET ticket_number = NULL WHERE id = 1", "ticket"),
    "a mail taken away": (
        "UPDATE mail.ledger SET message_id = 'other@mail.example' WHERE id = 1",
        "rows in the ledger",
    ),
    "the words of a ticket": ("""UPDATE "Ticket" SET description = 'x'""", "words there"),
    "the words of a comment": ("""UPDATE "Comment" SET content = 'x'""", "words there"),
    "the creator of a ticket": (f"""UPDATE "Ticket" SET "createdById" = {OTHER}""", "creator"),
    "the author of a comment": (f"""UPDATE "Comment" SET "userId" = {OTHER}""", "authors"),
    "the owner of a ticket": ("""UPDATE "Ticket" SET "assignedToId" = NULL""", "owned"),
    "the bytes of a file": (
        "UPDATE mail.blob SET content = overlay(content PLACING 'x'::bytea FROM 1)",
        "files' bytes",
    ),
    "a file": ("DELETE FROM mail.attachment", "files"),
    "the raw bytes": ("UPDATE mail.raw_chunk SET content = content || 'x'::bytea", "bytes"),
    "the recipient of a notice": ("UPDATE mail.outbox SET recipient = 'eve@other.example' WHERE id = 1", "notices"),
    "the template of a notice": ("UPDATE mail.outbox SET template = 'alert' WHERE id = 1", "notices"),
    "the text of a notice": ("UPDATE mail.outbox SET text = '' WHERE id = 1", "notices that go"),
    "a notice that was not sent": (
        "UPDATE mail.outbox SET fate = 'held', sent_at = NULL, reason = 'x' WHERE id = 1",
        "notices that go",
    ),
    "the history": ("""UPDATE "TicketActivity" SET action = 'updated'""", "activities"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_row_that_somebody_changed_is_named(what: str, desk: tuple[Services, Sequence[Taken]]) -> None:
    statement, named = TAMPERED[what]

    with desk[0].engine.connect() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(statement)).rowcount
        wrong = look(connection, MAILS).wrong

    assert any(named in sentence for sentence in wrong), wrong


def without(taken: Sequence[Taken]) -> Sequence[Taken]:
    return taken[1:]


def twice(taken: Sequence[Taken]) -> Sequence[Taken]:
    return [*taken, taken[0]]


def for_another(taken: Sequence[Taken]) -> Sequence[Taken]:
    return [replace(taken[0], recipients=("eve@other.example",)), *taken[1:]]


def for_one_more(taken: Sequence[Taken]) -> Sequence[Taken]:
    return [replace(taken[0], recipients=(*taken[0].recipients, "eve@other.example")), *taken[1:]]


def with_other_bytes(taken: Sequence[Taken]) -> Sequence[Taken]:
    return [replace(taken[0], digest="0" * 64), *taken[1:]]


def of_nobody(taken: Sequence[Taken]) -> Sequence[Taken]:
    return [*taken, replace(taken[0], message_id="unknown@desk.example")]


@pytest.mark.parametrize("tamper", [without, twice, for_another, for_one_more, with_other_bytes, of_nobody])
def test_a_mail_that_came_otherwise_is_named(
    tamper: Callable[[Sequence[Taken]], Sequence[Taken]], desk: tuple[Services, Sequence[Taken]]
) -> None:
    services, taken = desk

    assert len(check_taken(services, tamper(taken))) == 1


def test_the_mails_of_this_test_are_of_both_kinds_and_some_have_files() -> None:
    kinds = {(mail.opens, bool(mail.files)) for mail in MAILS}

    assert {opens for opens, _ in kinds} == {True, False}
    assert any(files for _, files in kinds)
