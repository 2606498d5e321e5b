"""Acknowledgements: never to whom a mail is not from, once a day to who only claims it, and not to all strangers."""

from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from desk.gate.caps import of_strangers
from desk.gate.verdict import Withhold
from desk.limits import USUAL
from models.db.claims import Claimed
from models.outbox.breakers import STRANGERS as EVERYBODY
from models.outbox.rows import OutboxRow
from tests.support.database.services import (
    ADMIN,
    AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail
from worker.announce.run import announce_due
from worker.deliver.attempt import prepare
from worker.deliver.objection import carry_out_objection
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

STRANGERS = of_strangers(USUAL)

ANN = "ann@customer.example"
PASS = "mx.desk.example; dmarc=pass header.from=customer.example"
FAIL = "mx.desk.example; dmarc=fail header.from=customer.example"
NUMBERS = count(1)
MOST = STRANGERS[0].most
pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx.desk.example")


def raw(sender: str = ANN, results: str | None = None, **headers: str) -> bytes:
    given = {"from": sender, "message_id": f"<{next(NUMBERS)}@acknowledged>"} | headers
    return (f"Authentication-Results: {results}\n".encode() if results else b"") + a_raw_mail(**given)


def write(services: Services, sender: str = ANN, results: str | None = None, **headers: str) -> dict[str, Any]:
    """A new mail of somebody, and what their server is found to say of it; its ledger row."""
    found: dict[str, Any] = process(services, raw(sender, results, **headers))
    return found


def answers(services: Services, recipient: str = ANN) -> list[tuple[str, str | None]]:
    """The acknowledgements to somebody, each with its fate."""
    statement = """SELECT template, fate FROM mail.outbox WHERE recipient = :to AND auto_submitted = 'auto-replied'
        ORDER BY id"""
    return [(str(row["template"]), row["fate"]) for row in query(services, statement, to=recipient)]


def reasons(services: Services) -> list[str]:
    return [
        str(row["reason"]) for row in query(services, "SELECT reason FROM mail.outbox WHERE fate = 'held' ORDER BY id")
    ]


def answered_before(services: Services, number: int, *, age: str = "1 minute", held: bool = False) -> None:
    """So many strangers who were answered like Ann, each for the first time."""
    fate = "'held'" if held else "NULL"
    execute(
        services,
        f"""INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name,
            subject, text, html, message_id, dated, token_expires_at, fate, written_at, event_id, auto_submitted,
            to_stranger)
        SELECT template, kind, mailbox, role, 's' || n || '@stranger.example', '', sender, sender_name, subject, text,
            html, gen_random_uuid(), dated, token_expires_at, {fate}, now() - interval '{age}', event_id,
            auto_submitted, true
        FROM mail.outbox, generate_series(1, {number}) n
        WHERE id = (SELECT min(id) FROM mail.outbox WHERE auto_submitted = 'auto-replied')""",
    )


def breakers(services: Services) -> list[str]:
    found = query(services, "SELECT address FROM mail.breaker WHERE reason <> 'reset'")
    return [str(row["address"]) for row in found]


# What the server says of two mails of one address within a day, and which of them are answered.
TWICE: list[tuple[str | None, list[tuple[str, str | None]]]] = [
    (None, [("ticket-opened", None), ("ticket-opened", "held")]),
    (PASS, [("ticket-opened", None), ("ticket-opened", None)]),
    (FAIL, []),
    (f"mx.desk.example; spf=none (domain of a(b@x.example) smtp.mailfrom=x.example; {FAIL.partition('; ')[2]}", []),
]


@pytest.mark.parametrize(("results", "expected"), TWICE)
def test_who_is_answered_depends_on_how_well_the_sender_is_known(
    services: Services, results: str | None, expected: list[tuple[str, str | None]]
) -> None:
    tickets = [write(services, ANN, results)["ticket_number"] for _ in range(2)]

    assert answers(services) == expected
    assert tickets == [1001, 1002]


def test_a_large_mail_of_a_refuted_sender_is_answered_by_nobody(services: Services) -> None:
    write(services, results=PASS)
    row = store_in_ledger(services, raw(results=FAIL))
    execute(services, "UPDATE mail.ledger SET partial = true, size = 100000000 WHERE id = :row", row=row)
    receive_due(services)
    announce_due(services)

    assert answers(services)[1:] == [("mail-too-large", "held")]
    assert "is not theirs" in reasons(services)[0]


def test_a_claimed_address_is_answered_again_the_next_day(services: Services) -> None:
    write(services)
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '25 hours'")

    write(services)

    assert answers(services) == [("ticket-opened", None)] * 2


@pytest.mark.parametrize("spelling", ["a.n.n@customer.example", "ann+shop@customer.example"])
def test_another_spelling_is_no_other_address(services: Services, spelling: str) -> None:
    write(services)

    write(services, spelling)

    assert answers(services, spelling) == [("ticket-opened", "held")]


def test_that_a_mail_was_too_large_is_told_beside_the_acknowledgement_of_another(services: Services) -> None:
    write(services)
    row = store_in_ledger(services, raw())
    execute(services, "UPDATE mail.ledger SET partial = true, size = 100000000 WHERE id = :row", row=row)

    receive_due(services)
    announce_due(services)

    assert answers(services) == [("ticket-opened", None), ("mail-too-large", None)]


def test_of_two_answers_written_at_once_one_goes(services: Services) -> None:
    write(services)
    answered_before(services, 1)
    execute(services, "UPDATE mail.outbox SET recipient = :ann, person_number = (SELECT min(person_number) "
        "FROM mail.outbox WHERE recipient = :ann) WHERE recipient = 's1@stranger.example'", ann=ANN)  # fmt: skip
    first, second = (row["id"] for row in query(
        services, "SELECT id FROM mail.outbox WHERE recipient = :to ORDER BY id", to=ANN))  # fmt: skip

    gone = [asked_again(services, row) for row in (first, second)]

    assert gone == [True, False]


def asked_again(services: Services, row: int) -> bool:
    """Whether the gate still lets a mail go when it is about to be sent."""
    token = "00000000-0000-0000-0000-000000000001"
    claim = "UPDATE mail.outbox SET claimed_by = :token, claimed_until = now() + interval '1 hour' WHERE id = :row"
    with services.engine.begin() as connection:
        connection.exec_driver_sql(claim.replace(":token", f"'{token}'").replace(":row", str(row)))
    return prepare(services, Claimed(UUID(token), (row,), 0), row) is not None


def test_strangers_are_answered_up_to_the_cap_and_the_admins_are_told_once(services: Services) -> None:
    write(services)
    answered_before(services, MOST - 2)

    for number in range(4):
        write(services, f"new{number}@elsewhere.example")
    announce_due(services)

    fates = [answers(services, f"new{number}@elsewhere.example")[0][1] for number in range(4)]
    alerts = query(services, "SELECT recipient, subject, text FROM mail.outbox WHERE template = 'alert'")
    assert fates == [None, "held", "held", "held"]
    assert f"More than {MOST} mails in 60 minutes" in reasons(services)[0]
    assert "Addresses never seen before are not answered at the moment" in reasons(services)[1]
    assert breakers(services) == [EVERYBODY]
    assert [one["recipient"] for one in alerts] == ["ada@desk.example"]
    assert "supportdesk loop reset '*strangers*'" in " ".join(alerts[0]["text"].split())
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 5


def stop(services: Services) -> None:
    """Let the breaker of strangers open."""
    write(services)
    answered_before(services, MOST)
    write(services, "new@elsewhere.example")
    assert breakers(services) == [EVERYBODY]


def test_a_sender_who_is_proven_is_answered_while_strangers_are_not(services: Services) -> None:
    stop(services)

    write(services, "dan@customer.example", PASS)

    assert answers(services, "dan@customer.example") == [("ticket-opened", None)]


def test_somebody_who_was_written_to_before_is_no_stranger(services: Services) -> None:
    stop(services)
    execute(
        services, "UPDATE mail.outbox SET written_at = written_at - interval '2 days' WHERE recipient = :ann", ann=ANN
    )

    write(services)

    assert answers(services) == [("ticket-opened", None)] * 2


@pytest.mark.parametrize(("opened", "goes"), [("interval '0'", True), ("interval '1 minute'", False)])
def test_what_was_written_before_they_were_stopped_goes_all_the_same(
    services: Services, opened: str, goes: bool
) -> None:
    """It was within the cap; what was written while they were stopped does not go, whoever let it wait."""
    write(services, "early@elsewhere.example")
    stop(services)
    early = "FROM mail.outbox WHERE recipient = 'early@elsewhere.example'"
    execute(services, f"UPDATE mail.breaker SET opened_at = (SELECT min(written_at) {early}) - {opened}")
    row = query(services, f"SELECT min(id) AS id {early}")[0]["id"]

    assert asked_again(services, row) is goes


NOT_COUNTED = {
    "more than an hour ago": "UPDATE mail.outbox SET written_at = now() - interval '61 minutes' WHERE {them}",
    "held": "UPDATE mail.outbox SET fate = 'held' WHERE {them}",
}


@pytest.mark.parametrize("why", NOT_COUNTED)
def test_what_is_no_answer_to_a_stranger_of_this_hour_does_not_count(services: Services, why: str) -> None:
    write(services)
    answered_before(services, MOST)
    execute(services, NOT_COUNTED[why].format(them="recipient LIKE 's%@stranger.example'"))

    write(services, "new@elsewhere.example")

    assert answers(services, "new@elsewhere.example") == [("ticket-opened", None)]


def to_strangers(services: Services) -> list[tuple[str, str]]:
    found = query(services, "SELECT template, recipient FROM mail.outbox WHERE to_stranger ORDER BY id")
    return [(str(row["template"]), str(row["recipient"])) for row in found]


def test_the_answer_to_a_stranger_is_marked_as_one_and_what_goes_to_staff_is_not(services: Services) -> None:
    write(services)

    assert to_strangers(services) == [("ticket-opened", ANN)]


def test_the_answer_to_who_is_proven_is_none_to_a_stranger(services: Services) -> None:
    write(services, results=PASS)

    assert answers(services) == [("ticket-opened", None)]
    assert to_strangers(services) == []


def test_the_second_answer_to_somebody_is_none_to_a_stranger(services: Services) -> None:
    write(services)
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '2 days'")

    write(services)

    assert answers(services) == [("ticket-opened", None)] * 2
    assert to_strangers(services) == [("ticket-opened", ANN)]


def test_the_breaker_is_shown_and_reset_by_command(services: Services, supportdesk: Supportdesk) -> None:
    stop(services)

    listed = supportdesk("loop", "list", "--json")
    said = supportdesk("loop", "reset", "*strangers*")
    write(services, "later@elsewhere.example")

    assert f'"address": "{EVERYBODY}"' in listed.stdout
    assert said.exit_code == 0
    assert answers(services, "later@elsewhere.example") == [("ticket-opened", None)]


def test_two_workers_that_fill_the_hour_at_once_tell_the_admins_once(services: Services) -> None:
    write(services)
    answered_before(services, 2)
    full = Withhold("More than that would answer strangers.", stops_strangers=True)

    for number in (1, 2):
        with transaction(services.engine) as session:
            found = session.scalars(select(OutboxRow).where(OutboxRow.recipient == f"s{number}@stranger.example"))
            carry_out_objection(session, found.one(), full)

    assert len(query(services, "SELECT 1 FROM mail.event WHERE kind = 'alert'")) == 1


SECOND = ["An answer.", "#resolve", "Hello Ann, take this.\n\n#priority low"]


@pytest.mark.parametrize("text", SECOND)
def test_a_second_request_of_the_day_learns_its_number_in_the_first_mail_that_it_gets(
    services: Services, text: str
) -> None:
    write(services)
    write(services)
    assert answers(services) == [("ticket-opened", None), ("ticket-opened", "held")]

    answer(services, last_mail(services, "bob@desk.example", "ticket-assigned"), text)

    shown = last_mail(services, ANN)
    assert (shown["ticket_number"], shown["fate"]) == (1002, None)
    assert "SD-1002" in shown["subject"]
    assert "SD-1002" in shown["text"]
