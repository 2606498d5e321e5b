"""A person who asks to be forgotten: all that is theirs goes, nothing of others does, and nobody is written to."""

import json
from concurrent.futures import ThreadPoolExecutor, wait
from unittest.mock import Mock

import pytest
from sqlalchemy import Engine, text

from models.outbox.suppression import suppress
from models.removal.privacy import erase
from tests.support.database.personal_data import (
    ANN,
    BOB,
    DAN,
    DAN_SENDS_HER_FILE,
    SENT,
    SHARED,
    TELL_ANN,
    WORD,
    announce_all,
    comment_by_bob,
    forget_customer,
    leave_one_mail,
    leave_personal_data_everywhere,
    personal_data_settings,
    rows_of_all_tables,
    tables_naming,
)
from tests.support.database.services import ADMIN, AGENT, MakeServices, Supportdesk, execute, query
from worker.admin import forget as forgetting
from worker.admin.forget import Forgetting, NotForgotten, forget
from worker.deliver.run import deliver_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

# Each table that holds something of such a person; a new one has to be named here once something is in it.
LEFT_EVERYWHERE = {
    *(f"mail.{name}" for name in ("attachment", "blob", "bounce", "breaker", "event", "ledger", "note", "outbox")),
    *(f"mail.{name}" for name in ("guest", "outbox_file", "raw_chunk", "reading", "report_run", "suppression")),
    *(f"public.{name}" for name in ("Account", "Comment", "Session", "Ticket", "TicketActivity", "User")),
    *("mail.search", "mail.search_person", "public.VerificationToken"),
}


@pytest.fixture
def empty_services(make_services: MakeServices) -> Services:
    return make_services(ADMIN, AGENT, **personal_data_settings())


@pytest.fixture
def services(empty_services: Services) -> Services:
    """Services that Ann has written to, and in which nothing is left to do but a mail to her."""
    leave_one_mail(empty_services)
    return empty_services


@pytest.fixture
def busy_services(empty_services: Services) -> Services:
    """Services in which Ann has left all that one can leave."""
    leave_personal_data_everywhere(empty_services)
    return empty_services


def test_no_column_of_any_table_names_them_afterwards(busy_services: Services) -> None:
    before = tables_naming(busy_services, ANN, WORD)

    forget_customer(busy_services)

    assert before == LEFT_EVERYWHERE
    assert tables_naming(busy_services, ANN, WORD) == set()


def test_no_message_id_of_theirs_is_known_afterwards(busy_services: Services) -> None:
    own = "SELECT hash FROM mail.message_id WHERE hash = ANY(CAST(:hashes AS bytea[]))"
    theirs = query(busy_services, "SELECT message_id_hash AS hash FROM mail.ledger WHERE sender = :ann", ann=ANN)
    hashes = [bytes(row["hash"]) for row in theirs]
    before = len(query(busy_services, own, hashes=hashes))

    forget_customer(busy_services)

    assert (before, query(busy_services, own, hashes=hashes)) == (4, [])
    assert query(busy_services, "SELECT 1 FROM mail.bounce") == []


def test_tickets_numbers_and_histories_stay_for_the_figures(busy_services: Services) -> None:
    figures = """SELECT a.number, t.status, t.category, t."createdById", t."createdAt", t."updatedAt",
        (SELECT count(*) FROM "Comment" c WHERE c."ticketId" = t.id) AS comments,
        (SELECT count(*) FROM "TicketActivity" h WHERE h."ticketId" = t.id) AS lines
        FROM "Ticket" t JOIN mail.ticket a ON a.ticket_id = t.id ORDER BY 1"""
    before = query(busy_services, figures)

    forget_customer(busy_services)

    assert query(busy_services, figures) == before
    assert query(busy_services, "SELECT DISTINCT title FROM \"Ticket\" WHERE title LIKE 'This was%'") == [
        {"title": erase.ERASED}
    ]


def test_without_yes_it_is_only_shown(busy_services: Services, supportdesk: Supportdesk) -> None:
    before = rows_of_all_tables(busy_services)

    said = supportdesk("user", "forget", ANN)

    shown = " ".join(said.stdout.split())
    assert rows_of_all_tables(busy_services) == before
    assert "UIDVALIDITY 7: UIDs 1, 2, 3, 7, 8, 9, 10, 11" in shown
    assert f"Nothing was changed. To do it: supportdesk user forget {ANN} --yes" in shown


def test_what_is_shown_is_what_goes(busy_services: Services, supportdesk: Supportdesk) -> None:
    shown = json.loads(supportdesk("user", "forget", ANN, "--json").stdout)[0]

    gone = json.loads(supportdesk("user", "forget", ANN, "--yes", "--json").stdout)[0]

    found = {name: shown["found"][name] for name in ("mails", "quarantined", "tickets", "comments", "answers", "notes")}
    assert found == {"mails": 7, "quarantined": 2, "tickets": 1, "comments": 2, "answers": 1, "notes": 2}
    assert (shown["found"]["unsent"], shown["found"]["files_shared"], shown["found"]["comments_elsewhere"]) == (1, 1, 1)
    assert gone == shown | {"forgotten": True}


def test_an_interrupted_one_has_changed_nothing_and_can_be_run_again(
    busy_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_of_all_tables(busy_services)
    monkeypatch.setattr(erase, "mask", Mock(side_effect=ConnectionError))
    with pytest.raises(ConnectionError):
        forget(busy_services.engine, ANN)
    kept = rows_of_all_tables(busy_services) == before
    monkeypatch.undo()

    forget_customer(busy_services)

    assert kept
    assert tables_naming(busy_services, ANN, WORD) == set()


def test_a_second_run_finds_nobody(services: Services, supportdesk: Supportdesk) -> None:
    forget_customer(services)

    said = supportdesk("user", "forget", ANN, "--yes")

    assert said.exit_code == 2
    assert said.stderr == f"Nothing was changed: Nobody here has the address {ANN}, and no mail of theirs is stored.\n"


def test_nothing_is_sent_and_nothing_is_said(services: Services) -> None:
    events = len(query(services, "SELECT 1 FROM mail.event"))

    forget_customer(services)
    announce_all(services)

    assert len(query(services, "SELECT 1 FROM mail.event")) == events
    assert query(services, "SELECT recipient FROM mail.outbox WHERE fate IS NULL") == []
    assert deliver_due(services).done == 0


def test_what_staff_write_them_later_is_held_and_staff_see_it(services: Services) -> None:
    forget_customer(services)

    comment_by_bob(services, 1001, "Are you still there?")

    last = query(services, "SELECT fate, reason FROM mail.outbox WHERE recipient LIKE 'forgotten-%' ORDER BY id DESC")[
        0
    ]
    assert last == {"fate": "held", "reason": "The address is suppressed: They asked to be forgotten."}
    assert "did not reach" in str(query(services, "SELECT text FROM mail.note ORDER BY id DESC")[0]["text"])


def test_what_is_left_can_be_looked_at(busy_services: Services, supportdesk: Supportdesk) -> None:
    forget_customer(busy_services)

    asked = (("explain", "mail-1"), ("explain", "SD-1001"), ("explain", "outbox-1"), ("quarantine", "list"))
    said = {words: supportdesk(*words) for words in (*asked, ("user", "list"))}

    assert {words: result.exit_code for words, result in said.items()} == dict.fromkeys(said, 0)
    assert erase.ERASED_MAIL in said["explain", "mail-1"].stdout


def test_they_take_part_in_nothing_any_more(busy_services: Services) -> None:
    forget_customer(busy_services)

    # Dan in his ticket, and the helper in theirs.
    left = query(busy_services, "SELECT ticket_number FROM mail.participant ORDER BY 1")
    assert [row["ticket_number"] for row in left] == [1002, 1003]


def test_they_are_nobodys_guest_and_whom_they_added_stays_without_the_name_that_they_gave(
    busy_services: Services,
) -> None:
    forget_customer(busy_services)

    left = query(busy_services, "SELECT address, name FROM mail.guest")
    assert left == [{"address": "eva@other.example", "name": ""}]


def test_who_was_only_added_in_cc_can_be_forgotten(busy_services: Services) -> None:
    forgotten = forget_customer(busy_services, "eva@other.example")

    left = query(busy_services, "SELECT address FROM mail.guest")
    assert (forgotten.found.guest_of, left) == (1, [{"address": ANN}])


def test_who_writes_to_them_at_that_moment_is_waited_for(services: Services) -> None:
    with ThreadPoolExecutor(1) as beside, services.engine.connect() as announcer:
        announcer.execute(text(TELL_ANN))
        at_work = beside.submit(forget, services.engine, ANN)
        waited = not wait([at_work], 1).done
        announcer.commit()

    assert waited
    assert isinstance(at_work.result(), Forgetting)
    assert tables_naming(services, ANN, WORD) == set()


def test_who_wrote_to_them_just_afterwards_is_met_by_a_second_look(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told_late(engine: Engine, address: str) -> Forgetting | NotForgotten:
        found = once(engine, address)
        monkeypatch.setattr(forgetting, "forget_once", once)
        execute(services, TELL_ANN)
        return found

    once = forgetting.forget_once
    monkeypatch.setattr(forgetting, "forget_once", told_late)
    forget_customer(services)

    assert tables_naming(services, ANN, WORD) == set()
    assert query(services, "SELECT 1 FROM mail.outbox WHERE fate IS NULL") == []


def test_a_file_that_somebody_else_sends_at_that_moment_stays(busy_services: Services) -> None:
    with ThreadPoolExecutor(1) as beside, busy_services.engine.connect() as intake:
        intake.execute(text(DAN_SENDS_HER_FILE))
        at_work = beside.submit(forget, busy_services.engine, ANN)
        wait([at_work], 2)
        intake.commit()

    assert isinstance(at_work.result(), Forgetting)
    assert tables_naming(busy_services, WORD) == {"mail.blob"}


def test_what_others_have_is_untouched(busy_services: Services) -> None:
    theirs = {
        "title": """SELECT t.*, c.content FROM "Ticket" t JOIN "User" u ON u.id = t."createdById"
            LEFT JOIN "Comment" c ON c."ticketId" = t.id AND c."userId" = t."createdById" WHERE u.email = :dan""",
        "raw": "SELECT r.* FROM mail.raw_chunk r JOIN mail.ledger l ON l.id = r.ledger_id WHERE l.sender = :dan",
        "ledger": "SELECT * FROM mail.ledger WHERE sender = :dan OR ticket_number = 1002 ORDER BY id",
        "outbox": "SELECT * FROM mail.outbox WHERE recipient = :dan ORDER BY id",
        "user": 'SELECT * FROM "User" WHERE email = :dan OR email = :bob ORDER BY id',
        "file": "SELECT a.* FROM mail.attachment a JOIN mail.ledger l ON l.id = a.ledger_id WHERE l.sender = :dan",
    }
    before = {name: query(busy_services, statement, dan=DAN, bob=BOB) for name, statement in theirs.items()}

    forget_customer(busy_services)

    assert {name: query(busy_services, statement, dan=DAN, bob=BOB) for name, statement in theirs.items()} == before
    assert all(before.values())
    assert [row["content"] for row in query(busy_services, "SELECT content FROM mail.blob WHERE size = 34")] == [SHARED]


def test_what_staff_wrote_stays_and_only_the_address_is_masked(services: Services) -> None:
    comment_by_bob(services, 1001, f"Write to {ANN}, or <{ANN.upper()}>. Not to jo{ANN}, {ANN}.au, x+{ANN} or ann@x.")
    execute(services, SENT)

    forget_customer(services)

    said = [str(row["content"]) for row in query(services, "SELECT content FROM \"Comment\" WHERE id LIKE 'c-Write%'")]
    assert said == [f"Write to forgotten@invalid, or <forgotten@invalid>. Not to jo{ANN}, {ANN}.au, x+{ANN} or ann@x."]


def test_who_objected_to_mail_for_good_is_not_written_to_later_either(
    services: Services, supportdesk: Supportdesk
) -> None:
    with transaction(services.engine) as session:
        suppress(session, ANN, f"{WORD} asked us", None)

    said = supportdesk("user", "forget", ANN, "--yes")

    assert "whoever objected to our mail gets none later either" in " ".join(said.stdout.split())
    assert tables_naming(services, ANN, WORD) == {"mail.suppression"}
    assert query(services, "SELECT reason FROM mail.suppression WHERE address = :ann", ann=ANN) == [
        {"reason": erase.OBJECTS}
    ]


@pytest.mark.parametrize("address", ["nobody", "ghost@customer.example"])
def test_whom_nobody_knows_is_said_with_status_2(services: Services, supportdesk: Supportdesk, address: str) -> None:
    said = supportdesk("user", "forget", address, "--yes")

    assert said.exit_code == 2
    assert address in said.stderr
