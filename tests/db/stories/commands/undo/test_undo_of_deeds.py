"""`#undo` of what commands did beside the fields of a ticket: who takes part, watches, waits or is away; what stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.commands.command import Undo
from desk.commands.table import COMMANDS
from desk.commands.taking_back import DEEDS
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    a_raw_mail,
    execute,
    guests,
    participants,
    query,
)
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.admin.forget import forget
from worker.announce.run import announce_due
from worker.runtime.services import Services

ANN, BOB, CAT, DAN = "ann@customer.example", "bob@desk.example", "cat@desk.example", "dan@customer.example"
KOFI, DORA = "kofi@ledger.example", "dora@acme.example"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
SETTINGS = {"AUTHSERV_ID": "mx.desk.example", "TRUST__STAFF": "both", "LIMITS__RETRY_SECONDS": "0"}
STATE = """
SELECT 'takes part' AS what, p.person_number::text AS who FROM mail.participant p
UNION ALL SELECT 'guest', g.address || g.name FROM mail.guest g
UNION ALL SELECT 'watches', w.person_number::text || ' ' || w.ticket_number FROM mail.watch w
UNION ALL SELECT 'waits', w.until::text FROM mail.wait w
UNION ALL SELECT 'away', a.person_number::text FROM mail.absence a WHERE a.until > now() ORDER BY 1, 2
"""
THEN, END, LATER = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (10, 11, 20))
WAIT_ELSE = """INSERT INTO mail.wait (ticket_number, person_number, until)
    SELECT 1001, number, '2030-01-01 09:00Z' FROM mail.person LIMIT 1
    ON CONFLICT (ticket_number) DO UPDATE SET until = excluded.until"""
GIVE_AWAY = """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = 'cat@desk.example')"""
pytestmark = pytest.mark.services(ADMIN, AGENT, SECOND_AGENT, a_raw_mail(), **SETTINGS)


def by_bob(services: Services, text: str) -> dict[str, Any]:
    """Bob's answer to the mail with the newest address for the ticket."""
    return dict(answer(services, last_mail(services, BOB, "ticket-assigned"), text, **PASS))


def alone(services: Services, text: str) -> str:
    """A mail of Bob about no ticket, with full power by his confirmation; what he is answered."""
    write_mail(services, BOB, text, subject="Oh", **PASS)
    if mails_to(services, BOB)[-1]["template"] == "mail-unconfirmed":
        answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)
    return told(services)


def told(services: Services) -> str:
    announce_due(services)
    return " ".join(last_mail(services, BOB, "command-answer")["text"].split())


def undo(services: Services) -> str:
    by_bob(services, "#undo")
    return told(services)


def state(services: Services) -> list[dict[str, Any]]:
    return query(services, STATE)


# What is said before, what is taken back, and what its author reads of it.
TAKEN_BACK = [
    ("", f"#cc +{KOFI}", f"Who was added takes part no longer: {KOFI}."),
    (f"#cc +{DAN} +{KOFI}", f"#cc -{DAN}", f"Who was taken off takes part again: {DAN}."),
    (
        f"#cc +{DAN}",
        f"#cc +{KOFI} -{DAN}",
        f"Who was added takes part no longer: {KOFI}. Who was taken off takes part again: {DAN}.",
    ),
    ("", f"#cc +{KOFI}\n#cc -{KOFI}", f"Who was added takes part no longer: {KOFI}."),
    ("", "#watch", "You watch SD-1001 no longer."),
    ("", "#watch SD-1001\n#wait 3d", "You watch SD-1001 no longer."),
    ("#watch", "#unwatch", "You watch SD-1001 again."),
    ("", "#wait 3d", "The ticket waits no longer."),
    ("", "#wait 3d\n#wait 5d", "The ticket waits no longer."),
    ("#wait 3d", "#wait 5d", "The ticket waits as it did before."),
    ("#wait 3d", "#wait off", "The ticket waits as it did before."),
]


@pytest.mark.parametrize(("first", "text", "line"), TAKEN_BACK)
def test_what_a_command_did_is_taken_back_once(services: Services, first: str, text: str, line: str) -> None:
    if first:
        by_bob(services, first)
    before = state(services)
    by_bob(services, text)

    said = undo(services)

    assert line in said
    assert "Your last mail on SD-1001 is taken back." in said
    assert state(services) == before
    assert "is taken back already; #undo goes one step." in undo(services)
    assert state(services) == before


def test_who_was_written_to_meanwhile_takes_part_no_longer_all_the_same(services: Services) -> None:
    by_bob(services, f"Hello Ann, Kofi knows more.\n\n#cc +{KOFI}\n#resolve")
    execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now(), attempts = 1 WHERE fate IS NULL")
    assert KOFI in participants(services) | guests(services)

    write_mail(services, BOB, "#undo", subject="Oh", **PASS)
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)

    assert KOFI not in participants(services) | guests(services)
    assert "What you wrote stays, for it is out." in told(services)
    assert f"Who was added takes part no longer: {KOFI}." in told(services)


# What Bob writes, what becomes of it meanwhile, and what he reads of what stays.
CHANGED = [
    (f"#cc +{KOFI}", "DELETE FROM mail.guest", "Who takes part was changed since, and stays."),
    ("#watch", "DELETE FROM mail.watch", "You stopped watching SD-1001 since"),
    ("#wait 3d", WAIT_ELSE, "Until when the ticket waits was changed since, and stays."),
    ("#wait 3d", "DELETE FROM mail.wait", "Until when the ticket waits was changed since, and stays."),
    ("#wait 3d\n#wait off", WAIT_ELSE, "Until when the ticket waits was changed since, and stays."),
]


@pytest.mark.parametrize(("text", "meanwhile", "line"), CHANGED)
def test_what_was_changed_meanwhile_stays(services: Services, text: str, meanwhile: str, line: str) -> None:
    by_bob(services, text)
    execute(services, meanwhile)
    before = state(services)

    assert line in undo(services)
    assert "Nothing of your last mail on SD-1001 can be taken back." in told(services)
    assert state(services) == before


def test_who_was_taken_off_and_added_by_another_stays(services: Services) -> None:
    by_bob(services, f"#cc +{KOFI}")
    by_bob(services, f"#cc -{KOFI}")
    execute(
        services,
        f"""INSERT INTO mail.guest (ticket_number, address, name, added_by)
        SELECT 1001, '{KOFI}', '', number FROM mail.person LIMIT 1""",
    )

    assert "Who takes part was changed since, and stays." in undo(services)
    assert KOFI in guests(services)


def test_a_wait_whose_time_is_over_is_not_begun_again(services: Services) -> None:
    by_bob(services, "#wait 3d")
    by_bob(services, "#wait off")
    execute(
        services,
        """UPDATE mail.command SET before = jsonb_set(before, '{wait,0,was}', '"2026-01-01T00:00:00+00:00"')
        WHERE before -> 'wait' -> 0 ->> 'is' IS NULL""",
    )

    assert "The time until which the ticket waited before is over, so that stays." in undo(services)
    assert query(services, "SELECT 1 FROM mail.wait") == []


def test_a_watch_of_a_ticket_that_is_anothers_by_now_is_taken_back(services: Services) -> None:
    by_bob(services, "#watch")
    execute(services, GIVE_AWAY)

    assert "You watch SD-1001 no longer." in undo(services)
    assert query(services, "SELECT 1 FROM mail.watch") == []


def test_of_a_ticket_that_is_anothers_by_now_nothing_else_is(services: Services) -> None:
    by_bob(services, f"#watch\n#cc +{KOFI}")
    execute(services, GIVE_AWAY)

    assert "SD-1001 is not yours any longer" in undo(services)
    assert KOFI in guests(services)


def test_a_refused_deed_leaves_nothing_to_take_back(services: Services) -> None:
    by_bob(services, "#unwatch")

    assert query(services, "SELECT 1 FROM mail.command") == []


def test_split_and_tell_stay_and_are_told(services: Services) -> None:
    by_bob(services, "#priority high\n#split Toner is empty\nCyan and yellow.")
    said = undo(services)

    assert "taken back in part" in said
    assert "SD-1002, which #split opened, stays." in said
    assert query(services, 'SELECT count(*) AS n FROM "Ticket"') == [{"n": 2}]


def test_a_ticket_for_who_phoned_stays_and_is_told_of(services: Services) -> None:
    write_mail(services, BOB, f"#for Dora Day <{DORA}>\n\nHer printer smells.", subject="A call", **PASS)
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)
    announce_due(services)
    opened = next(mail for mail in mails_to(services, BOB) if mail["ticket_number"] == 1002)

    answer(services, opened, "#undo", **PASS)
    assert "SD-1002, which #for opened, stays; who phoned is told nothing of it before #tell." in told(services)
    answer(services, opened, "#tell", **PASS)
    answer(services, opened, "#undo", **PASS)

    assert f"{DORA} was told of the ticket, and that stays." in told(services)
    announce_due(services)
    # It was not withdrawn.
    assert [row["fate"] for row in mails_to(services, DORA)] == [None]


def test_a_watch_in_a_mail_of_its_own_is_taken_back_by_another_and_twice(services: Services) -> None:
    before = state(services)
    assert "You get the mails about SD-1001" in alone(services, "#watch SD-1001")

    assert "Your last mail is taken back. | You watch SD-1001 no longer." in alone(services, "#undo")
    assert state(services) == before
    assert "Your last mail is taken back already; #undo goes one step." in alone(services, "#undo")


@pytest.mark.parametrize(
    ("first", "text", "line"),
    [
        ("", f"#away until {THEN}", "You get new tickets, as before."),
        (f"#away until {THEN}", f"#away until {LATER}", f"You get no new tickets until {END}, as before."),
        (f"#away until {THEN}", "#back", f"You get no new tickets until {END}, as before."),
    ],
)
def test_an_absence_is_taken_back(services: Services, first: str, text: str, line: str) -> None:
    if first:
        write_mail(services, BOB, first, subject="Away", **PASS)
    until = "SELECT until FROM mail.absence WHERE until > now()"
    before = query(services, until)
    write_mail(services, BOB, text, subject="Away", **PASS)
    assert query(services, until) != before

    assert line in alone(services, "#undo")
    assert query(services, until) == before


def test_an_absence_that_was_said_anew_since_stays(services: Services) -> None:
    write_mail(services, BOB, f"#away until {THEN}", subject="Away", **PASS)
    execute(services, "UPDATE mail.absence SET until = until + interval '5 days'")

    assert "When you are away was changed since, and stays." in alone(services, "#undo")


def test_an_out_of_office_answer_is_no_mail_to_take_back(services: Services) -> None:
    mail = last_mail(services, BOB, "ticket-assigned")
    answer(services, mail, "I am away.", auto_submitted="auto-replied", **PASS)

    assert query(services, "SELECT 1 FROM mail.command") == []


def test_without_full_power_nothing_off_a_ticket_is_taken_back(services: Services) -> None:
    alone(services, "#watch SD-1001")
    write_mail(services, BOB, "#undo", subject="Oh", **PASS)

    assert mails_to(services, BOB)[-1]["template"] == "mail-unconfirmed"
    assert len(query(services, "SELECT 1 FROM mail.watch")) == 1


def test_each_ticket_of_a_mail_about_many_is_taken_back(services: Services) -> None:
    write_mail(services, f"Ann <{ANN}>", "It burns.", subject="Fire")
    before = query(services, 'SELECT status::text FROM "Ticket"'), state(services)
    alone(services, "#help")
    answer(services, last_mail(services, BOB, "command-answer"), "SD-1001 #resolve\nSD-1002 #resolve", **PASS)
    assert len(query(services, "SELECT 1 FROM mail.command")) == 2

    said = alone(services, "#undo")

    assert all(f"Your last mail on SD-{number} is taken back." in said for number in (1001, 1002))
    assert (query(services, 'SELECT status::text FROM "Ticket"'), state(services)) == before


def test_an_address_goes_with_who_asks_to_be_forgotten(services: Services) -> None:
    by_bob(services, f"#cc +{KOFI}")
    by_bob(services, f"#cc -{KOFI} +{DAN}")
    by_bob(services, "#priority high")
    by_bob(services, f"#cc -{DAN}")
    forget(services.engine, KOFI)

    assert KOFI not in str(query(services, "SELECT before FROM mail.command"))
    assert len(query(services, "SELECT 1 FROM mail.command")) == 2


def test_a_command_says_of_taking_back_what_is_so() -> None:
    put_back = {"cc", "watch", "unwatch", "wait", "away", "back", "merge", "say"}
    stays = {"tell", "split", "for"}

    assert {COMMANDS[name].undo for name in put_back} == {Undo.VALUES}
    assert {COMMANDS[name].undo for name in stays} == {Undo.STAYS}
    assert stays <= set(DEEDS)
