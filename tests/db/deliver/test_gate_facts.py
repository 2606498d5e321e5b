"""What the send gate is told of one correspondent: counted over all spellings, and by the indexes."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from desk.gate import verdict as gate
from desk.gate.caps import Limit, caps_of, loops_of
from desk.limits import USUAL
from desk.notices.recipients import BY_TEMPLATE
from desk.trust.judge import Proof
from mail.outbound.sentence_json import from_json
from models.db.claims import Claimed
from models.outbox.breakers import breaker_key, open_breaker, reset_breaker
from models.outbox.delivery import TAKE, lock_mail
from models.outbox.gate_facts import ASK, Mailing, ask_values, counted, read_gate_facts
from models.outbox.rows import OutboxRow
from tests.support.database.services import a_raw_mail, execute, make_staff, process, query
from tests.support.values.words import english
from worker.deliver.objection import carry_out_objection
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

CAPS = caps_of(USUAL, staff=False)
LOOPS = loops_of(USUAL, staff=False)
STAFF_CAPS = caps_of(USUAL, staff=True)

ANN = "ann@customer.example"
SPELLINGS = [ANN, "a.n.n@customer.example", "ann+shop@customer.example"]
SECOND = "interval '1 second'"
# So many mails of others, over hours, that reading all of them would not pay.
OTHERS = 20_000
# More than a customer's cap, and more than the smallest of staff, but fewer than the greatest.
MORE = 250
pytestmark = pytest.mark.services(a_raw_mail())


def first_row(services: Services) -> dict[str, Any]:
    """The first mail that was written to Ann."""
    return query(services, "SELECT * FROM mail.outbox ORDER BY id LIMIT 1")[0]


def facts(services: Services) -> gate.GateFacts:
    """What the gate is told of a mail to Ann that is to be written because of her first mail."""
    return facts_of_each(services, ANN)[0]


def facts_of_each(services: Services, *recipients: str) -> list[gate.GateFacts]:
    """What it is told of such mails to these addresses, all of which are hers, that are to be written at once."""
    cause = query(services, "SELECT min(id) AS id FROM mail.ledger WHERE sender IS NOT NULL")[0]["id"]
    person = first_row(services)["person_number"]
    mailings = [Mailing(BY_TEMPLATE["ticket-opened"], recipient, person, cause) for recipient in recipients]
    with transaction(services.engine) as session:
        return read_gate_facts(session, mailings, frozenset(), USUAL)


def sending_again(services: Services) -> gate.GateFacts:
    """What it is told of the first mail to her when that is to be sent."""
    claimed = Claimed(uuid4(), (first_row(services)["id"],))
    execute(
        services, "UPDATE mail.outbox SET claimed_by = :token WHERE id = :row", token=claimed.token, row=claimed.ids[0]
    )
    with transaction(services.engine) as session:
        taken = lock_mail(session, claimed, claimed.ids[0], frozenset(), USUAL)
    assert taken
    return taken[1]


def wrote_back(services: Services, number: int, recipient: str) -> None:
    """So many mails of ours that were sent just now, each like the acknowledgement that Ann got."""
    execute(
        services,
        f"""INSERT INTO mail.outbox
            (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text, html,
            message_id, dated, token_expires_at, auto_submitted, event_id, attempts, fate, sent_at, written_at)
        SELECT template, kind, mailbox, role, {recipient}, recipient_name, sender, sender_name, subject, text, html,
            gen_random_uuid(), dated, token_expires_at, auto_submitted, event_id, 1, 'sent', now(),
            now() - n * {SECOND}
        FROM mail.outbox, generate_series(1, {number}) n WHERE id = (SELECT min(id) FROM mail.outbox)""",
    )


def wrote_to_us(services: Services, number: int, sender: str) -> None:
    """So many mails that came just now."""
    execute(
        services,
        f"""INSERT INTO mail.ledger
            (mailbox_id, folder, uidvalidity, uid, internal_date, stored_at, size, fingerprint, fate, sender, evidence)
        SELECT mailbox_id, folder, uidvalidity, (SELECT max(uid) FROM mail.ledger) + n, now(), now() - n * {SECOND},
            0, '', 'applied', {sender}, evidence
        FROM mail.ledger, generate_series(1, {number}) n WHERE id = (SELECT min(id) FROM mail.ledger)""",
    )


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_mails_to_every_spelling_of_an_address_fill_one_cap(services: Services, spelling: str) -> None:
    wrote_back(services, CAPS[0].most - 1, f"'{spelling}'")

    found = facts(services)

    assert len(found.send_times) == CAPS[0].most


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_mails_of_every_spelling_of_an_address_count_as_one_correspondents(services: Services, spelling: str) -> None:
    wrote_to_us(services, 3, f"'{spelling}'")

    found = facts(services)

    assert len(found.loop_times) == 2 + 3


def test_mails_to_another_address_do_not_count(services: Services) -> None:
    for stranger in ("anna@customer.example", "ann@other.example"):
        wrote_back(services, 5, f"'{stranger}'")
        wrote_to_us(services, 5, f"'{stranger}'")
    wrote_back(services, CAPS[0].most - 1, f"'{ANN}'")

    found = facts(services)

    assert (len(found.send_times), len(found.loop_times)) == (CAPS[0].most, 1 + CAPS[0].most)


def test_what_was_held_never_went_to_anybody(services: Services) -> None:
    wrote_back(services, 5, f"'{ANN}'")
    execute(services, "UPDATE mail.outbox SET fate = 'held', sent_at = NULL WHERE fate = 'sent'")
    wrote_back(services, CAPS[0].most - 1, f"'{ANN}'")

    found = facts(services)

    assert (len(found.send_times), len(found.loop_times)) == (CAPS[0].most, 1 + CAPS[0].most)


def test_two_mails_that_would_both_open_a_breaker_are_one_alert(services: Services) -> None:
    with transaction(services.engine) as session:
        row = session.get_one(OutboxRow, first_row(services)["id"])
        for _ in range(2):
            carry_out_objection(session, row, gate.Withhold("too fast", opens=True))

    assert len(query(services, "SELECT id FROM mail.event WHERE kind = 'alert'")) == 1


def test_the_command_of_an_alert_can_be_copied_into_a_shell(services: Services) -> None:
    with transaction(services.engine) as session:
        row = session.get_one(OutboxRow, first_row(services)["id"])
        row.recipient = "ann;reboot@customer.example"
        carry_out_objection(session, row, gate.Withhold("too fast", opens=True))

    (alert,) = query(services, "SELECT details -> 'alert' -> 'advice' AS advice FROM mail.event WHERE kind = 'alert'")
    assert english(from_json(alert["advice"])).endswith("supportdesk loop reset 'ann;reboot@customer.example'")


@pytest.mark.parametrize(("auto_submitted", "noted"), [(None, [True]), ("auto-replied", [])])
def test_only_what_a_person_wrote_and_nobody_got_is_noted_on_the_ticket(
    services: Services, auto_submitted: str | None, noted: list[bool]
) -> None:
    with transaction(services.engine) as session:
        row = session.get_one(OutboxRow, first_row(services)["id"])
        row.auto_submitted = auto_submitted
        carry_out_objection(session, row, gate.Withhold("too much"))

    assert ["too much" in note["text"] for note in query(services, "SELECT text FROM mail.note")] == noted


def test_after_a_reset_only_what_passed_since_counts(services: Services) -> None:
    with transaction(services.engine) as session:
        open_breaker(session, breaker_key(ANN, Proof.CLAIMED), "too fast")
    execute(services, "UPDATE mail.breaker SET opened_at = now() - interval '1 hour'")
    # Else the answer to the second mail would be held, since nothing shows that the address is its sender's.
    execute(services, "UPDATE mail.outbox SET written_at = now() - interval '25 hours'")
    with transaction(services.engine) as session:
        reset_breaker(session, ANN)
    before = facts(services).loop_times

    process(services, a_raw_mail(message_id="<2@customer>"))

    assert (before, len(facts(services).loop_times)) == ((), 2)


def test_the_last_mail_that_fits_into_the_window_is_still_sent_when_its_turn_comes(services: Services) -> None:
    wrote_to_us(services, LOOPS[0].most, f"'{ANN}'")

    written, sent = facts(services), sending_again(services)

    assert isinstance(gate.verdict(written), gate.Withhold)
    assert gate.verdict(sent) == gate.Send()


def test_a_mail_that_is_to_be_sent_counts_the_others_and_not_itself(services: Services) -> None:
    wrote_back(services, CAPS[0].most - 1, f"'{ANN}'")
    fits = sending_again(services)
    wrote_back(services, 1, f"'{ANN}'")
    full = sending_again(services)

    assert (gate.verdict(fits), type(gate.verdict(full))) == (gate.Send(), gate.Defer)
    assert len(full.send_times) == CAPS[0].most


def test_a_mail_whose_turn_comes_later_takes_no_room_from_one_that_goes_now(services: Services) -> None:
    wrote_back(services, CAPS[0].most, f"'{ANN}'")
    full = sending_again(services)
    execute(
        services, "UPDATE mail.outbox SET fate = NULL, sent_at = NULL, attempts = 0, due_at = now() + interval '1 hour'"
    )

    assert (len(full.send_times), sending_again(services).send_times) == (CAPS[0].most, ())


def test_of_mails_to_staff_as_many_are_counted_as_their_own_cap_asks_for(services: Services) -> None:
    wrote_back(services, MORE, f"'{ANN}'")
    to_a_customer = sending_again(services)
    execute(services, "UPDATE \"User\" SET role = 'agent' WHERE email = :ann", ann=ANN)
    make_staff(services, ANN)

    assert (len(to_a_customer.send_times), len(sending_again(services).send_times)) == (CAPS[-1].most, MORE)


@pytest.mark.parametrize("limits", [CAPS, STAFF_CAPS], ids=["customer", "staff"])
def test_a_cap_that_filled_since_a_mail_was_written_lets_it_wait(services: Services, limits: tuple[Limit, ...]) -> None:
    if limits is STAFF_CAPS:
        execute(services, "UPDATE \"User\" SET role = 'agent' WHERE email = :ann", ann=ANN)
        make_staff(services, ANN)
    hour, day = limits
    sent, verdicts = 0, list[gate.Verdict]()
    for most, age in (
        (hour.most - 1, "0 hours"),
        (hour.most, "0 hours"),
        (day.most - 1, "2 hours"),
        (day.most, "2 hours"),
    ):
        wrote_back(services, most - sent, f"'{ANN}'")
        ago = f"now() - interval '{age}' - {SECOND}"
        execute(services, f"UPDATE mail.outbox SET sent_at = {ago}, written_at = {ago} WHERE fate = 'sent'")
        sent = most
        verdicts.append(gate.verdict(sending_again(services)))

    assert [isinstance(verdict, gate.Defer) for verdict in verdicts] == [False, True, False, True]


@pytest.mark.parametrize("limits", [CAPS, STAFF_CAPS], ids=["customer", "staff"])
def test_what_mails_followed_from_is_asked_where_those_of_one_batch_could_fill_a_cap(
    services: Services, limits: tuple[Limit, ...]
) -> None:
    if limits is STAFF_CAPS:
        execute(services, "UPDATE \"User\" SET role = 'agent' WHERE email = :ann", ann=ANN)
        make_staff(services, ANN)
    hour, day = limits
    counts = list[list[int]]()
    # With her first mail there are two less than fill the hour, and afterwards the day.
    wrote_back(services, hour.most - 3, f"'{ANN}'")
    for age in ("0 hours", "2 hours"):
        ago = f"now() - interval '{age}' - {SECOND}"
        execute(services, f"UPDATE mail.outbox SET sent_at = {ago}, written_at = {ago}, due_at = {ago}")
        counts.append([len(one.send_times) for one in facts_of_each(services, *SPELLINGS, ANN)])
        wrote_back(services, day.most - hour.most, f"'{ANN}'")

    assert counts == [[0, 0, hour.most - 2, hour.most - 2], [0, 0, day.most - 2, day.most - 2]]


def test_mails_of_another_class_fill_no_cap(services: Services) -> None:
    wrote_back(services, CAPS[0].most, f"'{ANN}'")
    execute(services, "UPDATE mail.outbox SET event_id = NULL WHERE fate = 'sent'")

    assert gate.verdict(sending_again(services)) == gate.Send()


def plans_of(services: Services) -> list[str]:
    """How PostgreSQL goes about what the gate asks when a mail is written, and when it is sent."""
    mailing = Mailing(BY_TEMPLATE["ticket-opened"], ANN, first_row(services)["person_number"], None)
    taking = {"id": first_row(services)["id"], "token": uuid4(), **counted(USUAL)}
    asking = ((ASK, ask_values([mailing], {}, USUAL)), (TAKE, taking))
    with transaction(services.engine) as session:
        return [
            "\n".join(row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {ask.statement}", values))
            for ask, values in asking
        ]


def test_no_count_reads_all_mails_that_ever_passed(services: Services) -> None:
    wrote_back(services, OTHERS, "'someone' || n || '@customer.example'")
    wrote_to_us(services, OTHERS, "'someone' || n || '@customer.example'")
    with services.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE mail.outbox, mail.ledger"))

    plans = plans_of(services)

    assert len(plans) == 2
    assert [plan for plan in plans if "Seq Scan on outbox" in plan or "Seq Scan on ledger" in plan] == []
