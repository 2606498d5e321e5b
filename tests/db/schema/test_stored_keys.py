"""Rules and sentences under other names: what was stored is found as before, for it was stored under keys."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from desk.intake import decide as intake
from desk.intake.assessment import Assessment
from desk.intake.decision import Decision
from desk.ticket import Role
from desk.trust import judge as trust
from desk.trust.judge import Standing
from models.outbox.breakers import list_breakers
from models.people.staff import remove_staff
from models.removal.privacy.find import find_subject, find_traces
from tests.support.database.services import execute, make_staff, process, query, services_on
from tests.support.values.replies import answer, last_mail, write_mail
from worker.admin import migrate
from worker.admin.forget import Forgetting, forget
from worker.runtime.clock import now
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB, EVE = "ann@customer.example", "bob@desk.example", "eve@elsewhere.example"
SENT = "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE fate IS NULL"
STANDING = "SELECT id, evidence ->> 'standing' AS standing FROM mail.ledger WHERE id > 1"
UNSIGNED_BOUNCE = b"""From: mailer-daemon@mx.example
To: support@desk.example
Message-ID: <bounce@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ann@customer.example
Action: failed
Status: 5.1.1

--b--
"""
# Evidence as rows had it before it held the standing, by ledger id; two ids stand on both sides of a batch's end.
OLD_EVIDENCE = {
    2: ('{"rule": "staff_on_ticket", "trust": "Its sender is staff and shows no live token. It is so."}', "staff"),
    9_999: ('{"trust": "Its sender is a stranger and shows a token of somebody else."}', "stranger"),
    10_000: ('{"trust": "Its sender is a customer of the ticket and shows no live token."}', "customer"),
    10_001: ('{"trust": "Its sender is staff and shows no live token. Its sender confirmed it."}', "staff"),
    10_002: ('{"trust": "It said: Its sender is staff and shows no live token."}', None),
    30_001: ('{"trust": "Its sender is staff and shows a live token of its sender."}', "staff"),
    # What was erased has no sentence any more, what never had a rule none at all.
    30_002: ('{"rule": "staff_on_ticket"}', None),
    30_003: ('{"gaps": true}', None),
    30_004: ("{}", None),
}
# The sentence of today may have other words than that of the version that wrote the row.
SENTENCE_OF_THEN = """
UPDATE mail.ledger SET evidence = evidence || '{"trust": "Its sender is staff and shows no live token. It is so."}'
WHERE id = :id
"""
OLD_ROW = """
INSERT INTO mail.ledger (id, mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate, evidence)
OVERRIDING SYSTEM VALUE
SELECT :id, id, 'INBOX', 1, :id, 10, sha256('x'), 'applied', CAST(:evidence AS jsonb)
FROM mail.mailbox WHERE name = 'support'
"""


@pytest.fixture
def services(fresh_database: str) -> Iterator[Services]:
    services = services_on(fresh_database)
    make_staff(services, "ada@desk.example", Role.ADMIN)
    make_staff(services, BOB)
    yield services
    services.engine.dispose()


@pytest.fixture
def other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule's function has another name, and the sentence on trust other words."""

    def renamed(rule: Callable[[Assessment], Decision | None]) -> Callable[[Assessment], Decision | None]:
        def another_name(assessment: Assessment) -> Decision | None:
            return rule(assessment)

        return another_name

    monkeypatch.setattr(intake, "RULES", tuple((name, renamed(rule)) for name, rule in intake.RULES))
    monkeypatch.setattr(trust, "STANDING_WORDS", {one: f"somebody else's {one.name}" for one in Standing})


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def an_answer_of_who_is_no_staff_any_more(services: Services) -> int:
    """Bob's answer to Ann's mail, which quotes her, by its ledger id; by now he has left."""
    write_mail(services, ANN, "I am Rumpelstilz.")
    answered = answer(services, last_mail(services, BOB, "ticket-assigned"), "Try another cable.")
    execute(services, SENT)
    with transaction(services.engine) as session:
        remove_staff(session, BOB, now=now())
    return int(answered["id"])


def answers_to_ann(services: Services) -> list[int]:
    with transaction(services.engine) as session:
        return list(find_traces(session, find_subject(session, ANN)).answers)


def mails_with_bytes(services: Services) -> list[int]:
    return [row["ledger_id"] for row in query(services, "SELECT ledger_id FROM mail.raw_chunk ORDER BY 1")]


@pytest.mark.usefixtures("other_words")
def test_a_decision_is_stored_under_the_same_keys(services: Services) -> None:
    stored = write_mail(services, ANN, "My printer is broken.")

    assert (stored["evidence"]["rule"], stored["evidence"]["standing"]) == ("new_ticket", "stranger")
    assert stored["evidence"]["trust"].startswith("Its sender is somebody else's STRANGER and shows")


@pytest.mark.usefixtures("other_words")
def test_erasure_finds_the_answers_that_quote_a_person(services: Services) -> None:
    answered = an_answer_of_who_is_no_staff_any_more(services)
    found, before = answers_to_ann(services), mails_with_bytes(services)

    forgotten = forget(services.engine, ANN)

    assert isinstance(forgotten, Forgetting), forgotten
    assert (found, before, mails_with_bytes(services)) == ([answered], [1, answered], [])


@pytest.mark.usefixtures("other_words")
def test_a_flood_is_parked(services: Services) -> None:
    limits = replace(services.policy.limits, tickets_from_address_an_hour=2)
    services = replace(services, policy=replace(services.policy, limits=limits))

    became = [write_mail(services, ANN, f"Mail {number}.")["evidence"]["rule"] for number in range(3)]

    assert became == ["new_ticket", "new_ticket", "too_many_tickets"]


@pytest.mark.usefixtures("other_words")
def test_a_held_mail_is_confirmed(services: Services) -> None:
    write_mail(services, ANN, "My printer is broken.")
    held = write_mail(services, BOB, "Try this.", subject="Re: [SD-1001] Printer")

    confirmed = answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm")

    assert [mail["evidence"]["rule"] for mail in (held, confirmed)] == ["staff_without_power", "confirmation"]
    assert (held["fate"], comments(services)) == ("not_applied", ["Try this."])


@pytest.mark.usefixtures("other_words")
def test_a_note_is_accepted(services: Services) -> None:
    write_mail(services, ANN, "My printer is broken.")
    noted = write_mail(services, EVE, "It is the toner.", to=str(last_mail(services, ANN)["reply_to"]))

    answer(services, last_mail(services, BOB, "note-to-agent"), "#accept")

    assert (noted["evidence"]["rule"], comments(services)) == ("only_a_note", ["It is the toner."])


@pytest.mark.usefixtures("other_words")
def test_a_bounce_that_nobody_could_place_is_found_by_its_bytes(services: Services) -> None:
    bounced = process(services, UNSIGNED_BOUNCE)
    with transaction(services.engine) as session:
        found = find_traces(session, find_subject(session, ANN)).mails

    assert (bounced["evidence"]["rule"], list(found)) == ("bounced_mail", [bounced["id"]])


def test_old_rows_are_given_the_standing_that_their_sentence_tells(services: Services) -> None:
    write_mail(services, ANN, "My printer is broken.")
    migrate.downgrade(services.engine, "0009")
    for row, (evidence, _) in OLD_EVIDENCE.items():
        execute(services, OLD_ROW, id=row, evidence=evidence)

    migrate.upgrade(services.engine)

    found = {row["id"]: row["standing"] for row in query(services, STANDING)}
    assert found == {row: standing for row, (_, standing) in OLD_EVIDENCE.items()}


def test_erasure_finds_what_was_decided_before_rows_held_the_standing(services: Services) -> None:
    answered = an_answer_of_who_is_no_staff_any_more(services)
    migrate.downgrade(services.engine, "0009")
    execute(services, SENTENCE_OF_THEN, id=answered)

    migrate.upgrade(services.engine)

    named = answers_to_ann(services)
    execute(services, "UPDATE mail.ledger SET evidence = evidence - 'standing' WHERE id = :id", id=answered)
    assert (named, answers_to_ann(services)) == ([answered], [])


def test_a_breaker_that_was_reset_before_it_was_marked_by_a_key_stays_reset(services: Services) -> None:
    migrate.downgrade(services.engine, "0010")
    execute(
        services, "INSERT INTO mail.breaker (address, reason) VALUES ('ann@x', 'It was reset.'), ('bob@x', 'Too fast.')"
    )

    migrate.upgrade(services.engine)

    with transaction(services.engine) as session:
        assert [breaker.address for breaker in list_breakers(session)] == ["bob@x"]


def test_a_breaker_that_was_reset_is_told_from_others_by_the_version_before_the_key_too(services: Services) -> None:
    execute(services, "INSERT INTO mail.breaker (address, reason) VALUES ('ann@x', 'reset'), ('bob@x', 'Too fast.')")

    migrate.downgrade(services.engine, "0010")

    found = {row["address"]: row["reason"] for row in query(services, "SELECT address, reason FROM mail.breaker")}
    assert found == {"ann@x": "It was reset.", "bob@x": "Too fast."}
