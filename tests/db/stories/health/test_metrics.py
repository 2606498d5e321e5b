"""What a scrape says is what the database says: problems, queues, mailboxes, processes, and what became of mails."""

import pytest

from desk.reports.health.facts import AlarmKind
from models.reports.fates import Counted, Mark, begin_reading, read_fates
from tests.support.database.pulses import A_MAIL, FAULTS, OURS, all_is_well
from tests.support.database.scrapes import families, samples, scraped, sight_of, value
from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from tests.support.values.postfix_bounces import a_postfix_bounce, mail_to
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

# Rows of transactions that may not be over yet are left for later; a test does not wait for that.
AGED = (
    "UPDATE mail.ledger SET stored_at = stored_at - interval '1 minute'",
    "UPDATE mail.event SET happened_at = happened_at - interval '1 minute'",
    "UPDATE mail.outbox SET written_at = written_at - interval '1 minute'",
)
SENT = "UPDATE mail.outbox SET fate = 'sent', sent_at = now(), decided_at = now() WHERE fate IS NULL"
NAMES = {
    *("supportdesk_up", "supportdesk_build_info", "supportdesk_look_seconds", "supportdesk_problems"),
    *("supportdesk_queue_due", "supportdesk_queue_oldest_seconds", "supportdesk_outbox_waiting_mails"),
    *("supportdesk_outbox_stuck_mails", "supportdesk_quarantined_mails", "supportdesk_asked_mails"),
    *("supportdesk_mailbox_lag_seconds", "supportdesk_mailbox_refused_logins", "supportdesk_mailbox_in_trouble"),
    *("supportdesk_processes", "supportdesk_pulse_age_seconds", "supportdesk_process_info"),
    *("supportdesk_clock_offset_seconds", "supportdesk_disk_free_bytes", "supportdesk_disk_size_bytes"),
    *("supportdesk_database_size_bytes", "supportdesk_mails_total", "supportdesk_news_total"),
    *("supportdesk_outbox_mails_total", "supportdesk_bounces_total"),
    *("supportdesk_mail_to_ticket_seconds_bucket", "supportdesk_mail_to_notification_seconds_bucket"),
}


@pytest.fixture
def desk(services: Services) -> Services:
    """A desk with which all is well."""
    all_is_well(services)
    return services


def problems(text: str) -> list[str]:
    """The kinds of the problems that a scrape names, each with its severity."""
    found = samples(text)["supportdesk_problems"]
    return [f"{dict(labels)['problem']} {dict(labels)['severity']}" for labels, count in found.items() if count]


def test_a_scrape_has_every_figure_and_each_family_says_what_it_is(desk: Services) -> None:
    text = scraped(sight_of(desk))

    assert NAMES - samples(text).keys() == set()
    assert [one.name for one in families(text) if not one.documentation.endswith(".") or one.type == "unknown"] == []
    assert value(text, "supportdesk_up") == 1


def test_what_follows_from_another_problem_is_not_named_besides(desk: Services) -> None:
    execute(desk, "DELETE FROM mail.pulse", FAULTS["an undecided mail"][1])

    text = scraped(sight_of(desk))

    assert sorted(problems(text)) == ["no_beat critical", "no_worker critical"]
    assert value(text, "supportdesk_problems", problem="no_worker", severity="critical") == 2


def test_each_kind_of_problem_is_there_before_it_is(desk: Services) -> None:
    named = samples(scraped(sight_of(desk)))["supportdesk_problems"]

    assert {dict(labels)["problem"] for labels in named} == set(AlarmKind)


def test_what_became_of_mails_is_counted_once_and_how_long_it_took(desk: Services) -> None:
    sight = sight_of(desk)
    at_first = scraped(sight)
    process(desk, a_raw_mail())
    execute(desk, *AGED, "UPDATE mail.ledger SET internal_date = decided_at - interval '4 s'", SENT)

    text, again = scraped(sight), scraped(sight)

    assert value(at_first, "supportdesk_mails_total", fate="applied") == 0
    for read in (text, again):
        assert value(read, "supportdesk_mails_total", fate="applied") == 1
        assert value(read, "supportdesk_mail_to_ticket_seconds_sum") == 4
        assert value(read, "supportdesk_mail_to_ticket_seconds_bucket", le="2.0") == 0
        assert value(read, "supportdesk_mail_to_ticket_seconds_bucket", le="5.0") == 1
        # The acknowledgement and the assignment, both about that mail.
        assert value(read, "supportdesk_outbox_mails_total", fate="sent") == 2
        assert value(read, "supportdesk_mail_to_notification_seconds_count") == 2
        assert 8 <= value(read, "supportdesk_mail_to_notification_seconds_sum") < 60
        assert value(read, "supportdesk_news_total", fate="announced") > 0


def test_a_mail_that_waited_when_counting_began_is_counted_when_it_is_decided(desk: Services) -> None:
    store_in_ledger(desk, a_raw_mail())
    sight = sight_of(desk)
    waiting = scraped(sight)
    receive_due(desk)

    text = scraped(sight)

    assert value(waiting, "supportdesk_queue_due", queue="mails") == 1
    assert value(waiting, "supportdesk_mails_total", fate="applied") == 0
    assert value(text, "supportdesk_queue_due", queue="mails") == 0
    assert value(text, "supportdesk_mails_total", fate="applied") == 1


def test_a_mail_that_was_decided_before_is_not_counted(desk: Services) -> None:
    process(desk, a_raw_mail())
    execute(desk, *AGED)

    text = scraped(sight_of(desk))

    assert value(text, "supportdesk_mails_total", fate="applied") == 0


def test_a_row_of_a_transaction_that_may_not_be_over_is_left_for_later(desk: Services) -> None:
    sight = sight_of(desk)
    scraped(sight)
    process(desk, a_raw_mail())
    early = scraped(sight)
    execute(desk, *AGED)

    assert value(early, "supportdesk_mails_total", fate="applied") == 0
    assert value(scraped(sight), "supportdesk_mails_total", fate="applied") == 1


def test_a_backlog_that_is_too_long_to_remember_is_counted_to_its_end(desk: Services) -> None:
    execute(desk, *(A_MAIL.format("1 minute", "NULL").replace("1, 1, 9", f"1, {uid}, 9") for uid in range(1, 8)))
    with transaction(desk.engine, quiet=True) as session:
        mark = begin_reading(session, Counted.MAILS, 2)
    counted = []
    for last in (3, 3, 7, 7, 7):
        execute(desk, f"UPDATE mail.ledger SET fate = 'applied' WHERE uid <= {last}")
        with transaction(desk.engine, quiet=True) as session:
            rows, mark = read_fates(session, Counted.MAILS, mark, 2)
        counted.append(len(rows))

    assert (counted, mark.seen) == ([3, 0, 4, 0, 0], {})


def read(desk: Services, table: Counted, mark: Mark, most: int = 2000) -> tuple[list[str], Mark]:
    """The fates that are counted since a mark."""
    with transaction(desk.engine, quiet=True) as session:
        rows, mark = read_fates(session, table, mark, most)
    return [row.fate for row in rows], mark


def begun(desk: Services, table: Counted, most: int = 2000) -> Mark:
    with transaction(desk.engine, quiet=True) as session:
        return begin_reading(session, table, most)


def test_a_fate_that_a_person_changes_is_counted_as_well(desk: Services) -> None:
    mark = begun(desk, Counted.MAILS)
    execute(desk, A_MAIL.format("1 minute", "'quarantined'"))
    counted = []
    for fate in (None, "'quarantined'", "NULL", "'applied'", "'applied'"):
        execute(desk, f"UPDATE mail.ledger SET fate = {fate}" if fate else "SELECT 1")
        fates, mark = read(desk, Counted.MAILS, mark)
        counted.append(fates)

    assert counted == [["quarantined"], [], [], ["applied"], []]


def test_after_a_restore_to_an_older_state_counting_begins_anew(desk: Services) -> None:
    execute(desk, *(A_MAIL.format("1 minute", "NULL").replace("1, 1, 9", f"1, {uid}, 9") for uid in range(1, 4)))
    newest = begun(desk, Counted.MAILS).after

    _, mark = read(desk, Counted.MAILS, Mark(newest + 1000, {}))
    execute(desk, "UPDATE mail.ledger SET fate = 'applied'")

    assert (mark.after, read(desk, Counted.MAILS, mark)[0]) == (newest, ["applied"] * 3)


def test_rows_that_are_gone_are_remembered_no_more(desk: Services) -> None:
    _, mark = read(desk, Counted.MAILS, Mark(0, dict.fromkeys(range(-4000, 0), "")))
    execute(desk, A_MAIL.format("1 minute", "'applied'"))

    assert (mark.seen, read(desk, Counted.MAILS, mark)[0]) == ({}, ["applied"])


def test_of_a_long_outbox_none_is_forgotten_whatever_is_due_first(desk: Services) -> None:
    execute(desk, OURS.format("- interval '1 minute', NULL, NULL", 4))
    # The first to be sent is the last that was written.
    execute(desk, "UPDATE mail.outbox SET due_at = now() - id * interval '1 second'", *AGED)
    mark, counted = begun(desk, Counted.OUTBOX, 1), []
    execute(desk, SENT)
    for _ in range(5):
        fates, mark = read(desk, Counted.OUTBOX, mark, 1)
        counted += fates

    assert counted == ["sent"] * 4


def test_a_row_is_not_passed_over_for_a_later_one_whose_transaction_began_before(desk: Services) -> None:
    mark = begun(desk, Counted.MAILS)
    execute(desk, *(A_MAIL.format("1 minute", "'applied'").replace("1, 1, 9", f"1, {uid}, 9") for uid in (1, 2)))
    execute(desk, "UPDATE mail.ledger SET stored_at = now() WHERE uid = 1")
    early, mark = read(desk, Counted.MAILS, mark)
    execute(desk, *AGED)

    assert (early, read(desk, Counted.MAILS, mark)[0]) == ([], ["applied"] * 2)


def test_bounces_held_mails_and_those_given_up_are_counted(make_services: MakeServices) -> None:
    desk = make_services(ADMIN, AGENT, a_raw_mail())
    all_is_well(desk)
    sight = sight_of(desk)
    scraped(sight)
    process(desk, a_postfix_bounce(mail_to(desk, "ann@customer.example")[1]))
    execute(desk, OURS.format("- interval '1 minute', 'held', NULL", 3))
    execute(desk, "UPDATE mail.outbox SET fate = 'failed', reason = 'dropped' WHERE fate IS NULL", *AGED)

    text = scraped(sight)

    assert value(text, "supportdesk_bounces_total") == 1
    assert value(text, "supportdesk_outbox_mails_total", fate="held") == 3
    assert value(text, "supportdesk_outbox_mails_total", fate="dropped") > 0
    assert value(text, "supportdesk_outbox_mails_total", fate="failed") == 0


def test_queues_mailboxes_and_processes_are_as_the_database_has_them(desk: Services) -> None:
    execute(
        desk,
        FAULTS["a server that takes no mails"][1],
        "UPDATE mail.mailbox SET polled_at = now() - interval '100 s', trouble = 'no', refused_times = 2",
        "UPDATE mail.mailbox SET certificate_ends_at = to_timestamp(2000000000)",
        "UPDATE mail.pulse SET clock_off = -7, disk_free = 5e10, disk_total = 9e10, version = '1.2', key = 'ab12'",
        "UPDATE mail.pulse SET host = 'one.example', beat_at = now() - interval '20 s'",
    )
    execute(desk, A_MAIL.format("5 minutes", "'quarantined'"))

    text = scraped(sight_of(desk))

    worker = {"kind": "worker", "host": "one.example", "queues": "desk,wire"}
    assert value(text, "supportdesk_outbox_waiting_mails", state="after_error") == 2
    assert value(text, "supportdesk_outbox_stuck_mails") == 2
    assert value(text, "supportdesk_quarantined_mails") == 1
    assert 100 <= value(text, "supportdesk_mailbox_lag_seconds", mailbox="support") < 130
    assert value(text, "supportdesk_mailbox_refused_logins", mailbox="support") == 2
    assert value(text, "supportdesk_mailbox_in_trouble", mailbox="support") == 1
    assert value(text, "supportdesk_mailbox_certificate_end_timestamp_seconds", mailbox="support") == 2_000_000_000
    assert value(text, "supportdesk_processes", kind="beat") == 1
    assert value(text, "supportdesk_processes", kind="watch") == 0
    assert 20 <= value(text, "supportdesk_pulse_age_seconds", **worker) < 50
    assert value(text, "supportdesk_process_info", version="1.2", key="ab12", **worker) == 1
    assert value(text, "supportdesk_clock_offset_seconds", host="one.example") == -7
    assert value(text, "supportdesk_disk_free_bytes", host="one.example") == 50_000_000_000


def test_no_word_of_a_mail_or_of_a_server_is_in_a_scrape(desk: Services) -> None:
    words = ("SecretSubject", "SecretBody", "ann@customer.example", "the login of support failed")
    execute(desk, FAULTS["a login that was refused"][1])
    store_in_ledger(desk, a_raw_mail(words[1], subject=words[0]))
    receive_due(desk)
    announce_due(desk)
    execute(desk, "UPDATE mail.outbox SET error = subject || recipient")

    text = scraped(sight_of(desk))

    assert query(desk, "SELECT FROM mail.outbox WHERE error LIKE '%SecretSubject%'")
    assert [word for word in (*words, "customer.example") if word in text] == []
