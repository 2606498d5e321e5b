"""Acknowledgements: never to whom a mail is not from, once a day to who only claims it, and not to all strangers."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from desk.caps import STRANGERS
from desk.gate import Hold
from desk.ticket import Role
from mail.auth_results import Pin
from models.breakers import STRANGERS as EVERYBODY
from models.claims import Claimed
from models.outbox import OutboxRow
from tests.offices import a_raw_mail, an_office, deliver_to_ledger, hire, rows, run, take_in
from worker.announce import announce_due
from worker.cli.main import main
from worker.deliver import prepare
from worker.intake import receive_due
from worker.objecting import carry_out_objection
from worker.office import Office
from worker.transaction import transaction

ANN = "ann@customer.example"
PASS = "mx.desk.example; dmarc=pass header.from=customer.example"
FAIL = "mx.desk.example; dmarc=fail header.from=customer.example"
NUMBERS = count(1)
MOST = STRANGERS[0].most


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    """An office that believes its own mail server."""
    office = an_office(fresh_database)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, "bob@desk.example")
    yield replace(office, policy=replace(office.policy, pins={"support": Pin("mx.desk.example")}))
    office.engine.dispose()


def raw(sender: str = ANN, results: str | None = None, **headers: str) -> bytes:
    given = {"from": sender, "message_id": f"<{next(NUMBERS)}@acknowledged>"} | headers
    return (f"Authentication-Results: {results}\n".encode() if results else b"") + a_raw_mail(**given)


def write(office: Office, sender: str = ANN, results: str | None = None, **headers: str) -> dict[str, Any]:
    """A new mail of somebody, and what their server is found to say of it; its ledger row."""
    found: dict[str, Any] = take_in(office, raw(sender, results, **headers))
    return found


def answers(office: Office, recipient: str = ANN) -> list[tuple[str, str | None]]:
    """The acknowledgements to somebody, each with its fate."""
    statement = """SELECT template, fate FROM mail.outbox WHERE recipient = :to AND auto_submitted = 'auto-replied'
        ORDER BY id"""
    return [(str(row["template"]), row["fate"]) for row in rows(office, statement, to=recipient)]


def reasons(office: Office) -> list[str]:
    return [
        str(row["reason"]) for row in rows(office, "SELECT reason FROM mail.outbox WHERE fate = 'held' ORDER BY id")
    ]


def answered_before(office: Office, number: int, *, age: str = "1 minute", held: bool = False) -> None:
    """So many strangers who were answered like Ann, each for the first time."""
    fate = "'held'" if held else "NULL"
    run(
        office,
        f"""INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name,
            subject, text, html, message_id, dated, token_expires_at, fate, written_at, event_id, auto_submitted,
            to_stranger)
        SELECT template, kind, mailbox, role, 's' || n || '@stranger.example', '', sender, sender_name, subject, text,
            html, gen_random_uuid(), dated, token_expires_at, {fate}, now() - interval '{age}', event_id,
            auto_submitted, true
        FROM mail.outbox, generate_series(1, {number}) n
        WHERE id = (SELECT min(id) FROM mail.outbox WHERE auto_submitted = 'auto-replied')""",
    )


def breakers(office: Office) -> list[str]:
    found = rows(office, "SELECT address FROM mail.breaker WHERE reason <> 'It was reset.'")
    return [str(row["address"]) for row in found]


def command(office: Office, *words: str) -> Result:
    url = office.engine.url.render_as_string(hide_password=False)
    return CliRunner(env={"DATABASE_URL": url, "SUPPORTDESK_CONFIG": ""}).invoke(main, words)


# What the server says of two mails of one address within a day, and which of them are answered.
TWICE: list[tuple[str | None, list[tuple[str, str | None]]]] = [
    (None, [("ticket-opened", None), ("ticket-opened", "held")]),
    (PASS, [("ticket-opened", None), ("ticket-opened", None)]),
    (FAIL, []),
]


@pytest.mark.parametrize(("results", "expected"), TWICE)
def test_who_is_answered_depends_on_how_well_the_sender_is_known(
    office: Office, results: str | None, expected: list[tuple[str, str | None]]
) -> None:
    tickets = [write(office, ANN, results)["ticket_number"] for _ in range(2)]

    assert answers(office) == expected
    assert tickets == [1001, 1002]


def test_a_large_mail_of_a_refuted_sender_is_answered_by_nobody(office: Office) -> None:
    row = deliver_to_ledger(office, raw(results=FAIL))
    run(office, "UPDATE mail.ledger SET partial = true, size = 100000000 WHERE id = :row", row=row)
    receive_due(office)
    announce_due(office)

    assert answers(office) == [("mail-too-large", "held")]
    assert "is not theirs" in reasons(office)[0]


def test_a_claimed_address_is_answered_again_the_next_day(office: Office) -> None:
    write(office)
    run(office, "UPDATE mail.outbox SET written_at = written_at - interval '25 hours'")

    write(office)

    assert answers(office) == [("ticket-opened", None)] * 2


@pytest.mark.parametrize("spelling", ["a.n.n@customer.example", "ann+shop@customer.example"])
def test_another_spelling_is_no_other_address(office: Office, spelling: str) -> None:
    write(office)

    write(office, spelling)

    assert answers(office, spelling) == [("ticket-opened", "held")]


def test_that_a_mail_was_too_large_is_told_beside_the_acknowledgement_of_another(office: Office) -> None:
    write(office)
    row = deliver_to_ledger(office, raw())
    run(office, "UPDATE mail.ledger SET partial = true, size = 100000000 WHERE id = :row", row=row)

    receive_due(office)
    announce_due(office)

    assert answers(office) == [("ticket-opened", None), ("mail-too-large", None)]


def test_of_two_answers_written_at_once_one_goes(office: Office) -> None:
    write(office)
    answered_before(office, 1)
    run(office, "UPDATE mail.outbox SET recipient = :ann, person_number = (SELECT min(person_number) FROM mail.outbox "
        "WHERE recipient = :ann) WHERE recipient = 's1@stranger.example'", ann=ANN)  # fmt: skip
    first, second = (row["id"] for row in rows(
        office, "SELECT id FROM mail.outbox WHERE recipient = :to ORDER BY id", to=ANN))  # fmt: skip

    gone = [asked_again(office, row) for row in (first, second)]

    assert gone == [True, False]


def asked_again(office: Office, row: int) -> bool:
    """Whether the gate still lets a mail go when it is about to be sent."""
    token = "00000000-0000-0000-0000-000000000001"
    claim = "UPDATE mail.outbox SET claimed_by = :token, claimed_until = now() + interval '1 hour' WHERE id = :row"
    with office.engine.begin() as connection:
        connection.exec_driver_sql(claim.replace(":token", f"'{token}'").replace(":row", str(row)))
    return prepare(office, Claimed(UUID(token), (row,), 0), row) is not None


def test_strangers_are_answered_up_to_the_cap_and_the_admins_are_told_once(office: Office) -> None:
    write(office)
    answered_before(office, MOST - 2)

    for number in range(4):
        write(office, f"new{number}@elsewhere.example")
    announce_due(office)

    fates = [answers(office, f"new{number}@elsewhere.example")[0][1] for number in range(4)]
    alerts = rows(office, "SELECT recipient, subject, text FROM mail.outbox WHERE template = 'alert'")
    assert fates == [None, "held", "held", "held"]
    assert f"More than {MOST} mails in 60 minutes" in reasons(office)[0]
    assert "Addresses never seen before are not answered at the moment" in reasons(office)[1]
    assert breakers(office) == [EVERYBODY]
    assert [one["recipient"] for one in alerts] == ["ada@desk.example"]
    assert "supportdesk loop reset '*strangers*'" in " ".join(alerts[0]["text"].split())
    assert len(rows(office, 'SELECT 1 FROM "Ticket"')) == 5


def stop(office: Office) -> None:
    """Let the breaker of strangers open."""
    write(office)
    answered_before(office, MOST)
    write(office, "new@elsewhere.example")
    assert breakers(office) == [EVERYBODY]


def test_a_sender_who_is_proven_is_answered_while_strangers_are_not(office: Office) -> None:
    stop(office)

    write(office, "dan@customer.example", PASS)

    assert answers(office, "dan@customer.example") == [("ticket-opened", None)]


def test_somebody_who_was_written_to_before_is_no_stranger(office: Office) -> None:
    stop(office)
    run(office, "UPDATE mail.outbox SET written_at = written_at - interval '2 days' WHERE recipient = :ann", ann=ANN)

    write(office)

    assert answers(office) == [("ticket-opened", None)] * 2


def test_what_was_written_before_they_were_stopped_is_held_when_it_is_to_be_sent(office: Office) -> None:
    write(office, "early@elsewhere.example")
    stop(office)
    row = rows(office, "SELECT min(id) AS id FROM mail.outbox WHERE recipient = 'early@elsewhere.example'")[0]["id"]

    assert not asked_again(office, row)


NOT_COUNTED = {
    "more than an hour ago": "UPDATE mail.outbox SET written_at = now() - interval '61 minutes' WHERE {them}",
    "held": "UPDATE mail.outbox SET fate = 'held' WHERE {them}",
}


@pytest.mark.parametrize("why", NOT_COUNTED)
def test_what_is_no_answer_to_a_stranger_of_this_hour_does_not_count(office: Office, why: str) -> None:
    write(office)
    answered_before(office, MOST)
    run(office, NOT_COUNTED[why].format(them="recipient LIKE 's%@stranger.example'"))

    write(office, "new@elsewhere.example")

    assert answers(office, "new@elsewhere.example") == [("ticket-opened", None)]


def to_strangers(office: Office) -> list[tuple[str, str]]:
    found = rows(office, "SELECT template, recipient FROM mail.outbox WHERE to_stranger ORDER BY id")
    return [(str(row["template"]), str(row["recipient"])) for row in found]


def test_the_answer_to_a_stranger_is_marked_as_one_and_what_goes_to_staff_is_not(office: Office) -> None:
    write(office)

    assert to_strangers(office) == [("ticket-opened", ANN)]


def test_the_answer_to_who_is_proven_is_none_to_a_stranger(office: Office) -> None:
    write(office, results=PASS)

    assert answers(office) == [("ticket-opened", None)]
    assert to_strangers(office) == []


def test_the_second_answer_to_somebody_is_none_to_a_stranger(office: Office) -> None:
    write(office)
    run(office, "UPDATE mail.outbox SET written_at = written_at - interval '2 days'")

    write(office)

    assert answers(office) == [("ticket-opened", None)] * 2
    assert to_strangers(office) == [("ticket-opened", ANN)]


def test_the_breaker_is_shown_and_reset_by_command(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stop(office)

    listed = command(office, "loop", "list", "--json")
    said = command(office, "loop", "reset", "*strangers*")
    write(office, "later@elsewhere.example")

    assert f'"address": "{EVERYBODY}"' in listed.stdout
    assert said.exit_code == 0
    assert answers(office, "later@elsewhere.example") == [("ticket-opened", None)]


def test_two_workers_that_fill_the_hour_at_once_tell_the_admins_once(office: Office) -> None:
    write(office)
    answered_before(office, 2)
    full = Hold("More than that would answer strangers.", stops_strangers=True)

    for number in (1, 2):
        with transaction(office.engine) as session:
            found = session.scalars(select(OutboxRow).where(OutboxRow.recipient == f"s{number}@stranger.example"))
            carry_out_objection(session, found.one(), full)

    assert len(rows(office, "SELECT 1 FROM mail.event WHERE kind = 'alert'")) == 1
