"""Loops end by themselves: one alert, automatic mail is held, all others go on, and an admin resets it."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.gate.caps import fold, loops_of
from desk.limits import USUAL
from desk.notices.events import Alert, AlertKey
from models.events.rows import add_alert
from models.outbox.breakers import open_breaker
from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, process, query
from tests.support.values.words import plain
from worker.announce.run import announce_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

LOOPS = loops_of(USUAL, staff=False)
STAFF_LOOPS = loops_of(USUAL, staff=True)

ROBOT = "robot@noisy.example"
MOST_ROUNDS = 40


pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx")


def written_to(services: Services, recipient: str, fate: str = "waiting") -> list[dict[str, Any]]:
    statement = "SELECT * FROM mail.outbox WHERE recipient = :to AND coalesce(fate, 'waiting') = :fate ORDER BY id"
    return query(services, statement, to=recipient, fate=fate)


def alerts(services: Services) -> list[dict[str, Any]]:
    return query(services, "SELECT details -> 'alert' AS alert, fate FROM mail.event WHERE kind = 'alert'")


def write(services: Services, sender: str, number: int) -> None:
    """A new mail of somebody, which names no other and does not say that a robot wrote it.

    Our server vouches for it: whoever only claims an address is answered once a day, which is no loop.
    """
    domain = sender.rpartition("@")[2]
    passed = b"" if domain == "desk.example" else b"Authentication-Results: mx; dmarc=pass header.from=%b\n"
    raw = a_raw_mail(f"Thank you for mail {number}.", **{"from": sender, "message_id": f"<{number}@{sender}>"})
    process(services, passed.replace(b"%b", domain.encode()) + raw)


def loop(services: Services, sender: str = ROBOT, first: int = 1) -> int:
    """Answer each mail with a new one, as a robot does that knows no better; how many mails it wrote until it ended."""
    answered = len(written_to(services, sender))
    for number in range(first, first + MOST_ROUNDS):
        write(services, sender, number)
        if len(written_to(services, sender)) == answered:
            return number - first + 1
        answered = len(written_to(services, sender))
    return MOST_ROUNDS


def came_before(services: Services, sender: str, number: int, age: str) -> None:
    """So many further mails of somebody, proven and stored just now, which came to their server some time ago."""
    execute(
        services,
        f"""INSERT INTO mail.ledger
            (mailbox_id, folder, uidvalidity, uid, internal_date, size, fingerprint, fate, sender, evidence)
        SELECT mailbox_id, folder, uidvalidity, 1000 + n, now() - interval '{age}', 0, '', 'applied', sender,
            evidence || jsonb_build_object('proof', 'proven')
        FROM mail.ledger, generate_series(1, {number}) n WHERE sender = :sender""",
        sender=sender,
    )


def test_a_robot_that_answers_everything_is_cut_off_with_one_alert(services: Services) -> None:
    rounds = loop(services)

    assert rounds == LOOPS[0].most // 2 + 1
    for number in range(100, 103):
        write(services, ROBOT, number)
    held = written_to(services, ROBOT, "held")
    assert len(held) == 4
    assert "20 mails in 10 minutes" in held[0]["reason"]
    assert "The loop breaker is open" in held[-1]["reason"]
    assert [alert["fate"] for alert in alerts(services)] == ["announced"]
    told = query(services, "SELECT recipient, text FROM mail.outbox WHERE template = 'alert'")
    assert [mail["recipient"] for mail in told] == ["ada@desk.example"]
    assert f"supportdesk loop reset {ROBOT}" in " ".join(told[0]["text"].split())


def test_mails_to_others_go_on_while_a_breaker_is_open(services: Services) -> None:
    loop(services)

    write(services, "ann@customer.example", 1)

    assert len(written_to(services, "ann@customer.example")) == 1


def test_what_a_person_writes_goes_through_an_open_breaker(services: Services) -> None:
    loop(services)

    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c-one', 'Please stop.', (SELECT id FROM "Ticket" LIMIT 1), u.id, now(), now()
        FROM "User" u WHERE email = 'bob@desk.example'""",
        "UPDATE mail.event SET due_at = now() WHERE fate IS NULL",
    )
    announce_due(services)

    assert written_to(services, ROBOT)[-1]["template"] == "comment-to-customer"


def test_spellings_of_one_address_share_one_breaker(services: Services) -> None:
    for number in range(MOST_ROUNDS):
        write(services, f"robot+{number}@noisy.example", number)

    (breaker,) = query(services, "SELECT address FROM mail.breaker")
    assert breaker["address"] == ROBOT
    assert len(alerts(services)) == 1


def test_an_open_breaker_holds_every_spelling_of_its_address(services: Services) -> None:
    with transaction(services.engine) as session:
        open_breaker(session, ROBOT, "too fast")

    write(services, "Ro.Bot+x@noisy.example", 1)

    (held,) = written_to(services, "ro.bot+x@noisy.example", "held")
    assert held["reason"] == "The loop breaker is open: too fast"


def test_two_alerts_of_one_transaction_are_two_mails(services: Services) -> None:
    with transaction(services.engine) as session:
        for name in ("one", "two"):
            add_alert(session, Alert(AlertKey.LOOP, plain(f"This is {name}"), plain("Why."), plain("What.")))

    announce_due(services)

    told = written_to(services, "ada@desk.example")
    assert [mail["subject"] for mail in told] == ["SupportDesk: This is one", "SupportDesk: This is two"]


ADDRESSES = [
    ROBOT,
    "Ro.Bot+x@Noisy.example",
    "robots@noisy.example",
    "robot@other.example",
    "+tag@noisy.example",
    "...@noisy.example",
    "a.b+c+d@noisy.example",
    '"a@b"@noisy.example',
    "ß\u212a@noisy.example",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_database_folds_addresses_as_the_desk_does(services: Services, address: str) -> None:
    write(services, ROBOT, 1)

    execute(services, "UPDATE mail.ledger SET sender = :address", address=address)

    assert query(services, "SELECT DISTINCT correspondent FROM mail.ledger") == [{"correspondent": fold(address)}]


def test_after_a_reset_mails_go_again_and_a_new_loop_opens_it_again(
    services: Services, supportdesk: Supportdesk
) -> None:
    loop(services)

    said = supportdesk("loop", "reset", "Robot+tag@noisy.example")
    rounds = loop(services, first=200)

    assert said.exit_code == 0
    assert rounds == LOOPS[0].most // 2 + 1
    assert len(alerts(services)) == 2


def test_two_workers_that_open_it_at_once_make_one_notice(services: Services) -> None:
    opened: list[bool] = []
    both = threading.Barrier(2, timeout=10)

    def work() -> None:
        with transaction(services.engine) as session:
            both.wait()
            opened.append(open_breaker(session, ROBOT, "too fast"))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=20)

    assert sorted(opened) == [False, True]


def test_news_of_many_tickets_is_no_loop_for_staff(services: Services) -> None:
    for number in range(LOOPS[0].most + 2):
        write(services, f"someone{number}@customer.example", number)

    assert written_to(services, "bob@desk.example", "held") == []
    assert query(services, "SELECT * FROM mail.breaker") == []


def test_a_robot_at_an_agents_address_is_cut_off_too(services: Services) -> None:
    write(services, "bob@desk.example", 1)
    came_before(services, "bob@desk.example", STAFF_LOOPS[0].most - 2, "0 days")

    # It thanks for our question again and again, and is told each time which word we wait for.
    to = query(services, "SELECT reply_to FROM mail.outbox WHERE template = 'mail-unconfirmed'")[0]["reply_to"]
    for number in (2, 3):
        robot = {"from": "bob@desk.example", "to": str(to), "message_id": f"<{number}@robot>"}
        process(services, a_raw_mail(f"Thank you for mail {number}.", **robot))

    held = written_to(services, "bob@desk.example", "held")
    assert [mail["template"] for mail in held] == ["mail-held"]
    assert len(alerts(services)) == 1


def test_mails_that_waited_on_their_server_do_not_count_as_a_burst(services: Services) -> None:
    write(services, ROBOT, 0)
    came_before(services, ROBOT, 100, "3 days")

    write(services, ROBOT, 1)

    assert len(written_to(services, ROBOT)) == 2


def test_automatic_mail_above_the_cap_is_held_and_what_a_person_wrote_waits(services: Services) -> None:
    write(services, "ann@customer.example", 1)
    execute(
        services,
        """INSERT INTO mail.outbox
            (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text, html,
            message_id, dated, token_expires_at, fate, sent_at, attempts, person_number)
        SELECT template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text, html,
            'old' || n, dated, token_expires_at, 'sent', now(), 1, person_number
        FROM mail.outbox, generate_series(1, 30) n WHERE recipient = 'ann@customer.example'""",
        """UPDATE "Ticket" SET status = 'closed'""",
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c-one', 'Try again.', t.id, u.id, now(), now() FROM "Ticket" t, "User" u
        WHERE email = 'bob@desk.example'""",
    )
    # The status and the comment are two change sets: of one, only the weightier mail would be written.
    execute(services, "UPDATE mail.event SET transaction = 1 WHERE kind = 'ticket_changed' AND fate IS NULL")
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")

    announce_due(services)

    statement = "SELECT template, fate, reason, due_at FROM mail.outbox WHERE recipient LIKE 'ann%' ORDER BY id DESC"
    found = {row["template"]: row for row in query(services, statement + " LIMIT 2")}
    closed, said = found["status-closed"], found["comment-to-customer"]
    assert (closed["fate"], said["fate"]) == ("held", None)
    assert 50 < (said["due_at"] - datetime.now(UTC)).total_seconds() / 60 <= 60
    assert closed["reason"] == said["reason"] == "The recipient gets 30 mails in 60 minutes, and no more."


def test_the_list_names_what_is_open_and_no_more(services: Services, supportdesk: Supportdesk) -> None:
    with transaction(services.engine) as session:
        open_breaker(session, ROBOT, "too fast")
        open_breaker(session, "other@noisy.example", "too fast")
    supportdesk("loop", "reset", "other@noisy.example")

    said = supportdesk("loop", "list", "--json")

    assert [(one["address"], one["reason"]) for one in json.loads(said.stdout)] == [(ROBOT, "too fast")]


def test_a_breaker_that_is_not_open_cannot_be_reset(services: Services, supportdesk: Supportdesk) -> None:
    said = supportdesk("loop", "reset", ROBOT)

    assert said.exit_code == 2
    assert "no loop breaker is open" in said.stderr
