"""A bomb of forged mails under an agent's address asks the agent few times, once an hour, and loses no genuine one."""

from datetime import timedelta

import pytest

from desk.limits import USUAL
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, query, store_in_ledger
from tests.support.servers.real_processes import a_sink
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

MOST_QUESTIONS = USUAL.questions_waiting

BOB = "bob@desk.example"
TAGGED = "Re: [SD-1001] Printer"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def bomb(services: Services, mails: int) -> None:
    """So many forged mails under Bob's address at once."""
    for number in range(mails):
        forged = {"from": BOB, "subject": f"{TAGGED} {number}", "message_id": f"<bomb{number}@x>"}
        store_in_ledger(services, a_raw_mail(f"Forged {number}", **forged))
    receive_due(services)
    announce_due(services)


def test_a_bomb_asks_a_few_times_and_tells_the_admins_once(services: Services) -> None:
    bomb(services, 100)

    asked = mails_to(services, BOB, "mail-unconfirmed")
    alerts = mails_to(services, "ada@desk.example", "alert")
    assert (len(asked), [mail["fate"] for mail in asked]) == (MOST_QUESTIONS, [None] * MOST_QUESTIONS)
    assert [mail["subject"] for mail in alerts] == ["SupportDesk: Many mails under bob@desk.example wait for a word"]
    assert "More mails under your address may have come" in " ".join(asked[-1]["text"].split())
    # The questions have their own cap, so that nobody can cut the agent off by opening the loop breaker.
    assert query(services, "SELECT 1 FROM mail.breaker") == []


def test_questions_wait_for_their_turn_an_hour_apart(services: Services) -> None:
    bomb(services, 4)

    due = [mail["due_at"] for mail in mails_to(services, BOB, "mail-unconfirmed")]

    assert [round((one - due[0]) / timedelta(hours=1), 2) for one in due] == [0, 1, 2, 3]


def test_of_several_questions_one_is_sent_within_the_hour_even_when_all_are_due(make_services: MakeServices) -> None:
    with a_sink() as (sink, port):
        services = make_services(AGENT, SMTP__HOST="127.0.0.1", SMTP__PORT=str(port))
        bomb(services, 3)
        sent = []
        for _ in range(4):
            # An hour goes by while the server is down, so that several are due at once.
            execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
            deliver_due(services)
            sent.append(sink.taken.total())
            execute(services, "UPDATE mail.outbox SET sent_at = sent_at - interval '1 hour'")

    assert sent == [1, 2, 3, 3]


def test_a_genuine_mail_behind_forged_ones_is_still_confirmed(services: Services) -> None:
    bomb(services, 2)
    write_mail(services, BOB, "This one is mine.", subject=TAGGED)

    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm")

    assert [row["content"] for row in query(services, 'SELECT content FROM "Comment"')] == ["This one is mine."]
