"""Mails that were dropped as ones that no person wrote: the admins are told, and one word takes one in after all."""

import json
from dataclasses import replace

import pytest

from desk.limits import USUAL
from desk.routing.rules import Rule, Then, compile_rules
from models.ledger.dropped import MOST_TOLD
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SUPPORT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from worker.admin.digests.dropped import send_dropped_digest
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

MOST_IN_DIGEST = USUAL.dropped_in_digest

pytestmark = pytest.mark.services(ADMIN, AGENT)

MARA = "mara@customer.example"
AUTOMATIC = {"Auto-Submitted": "auto-replied"}
NOTICE = """It could not be delivered to these recipients:

<mara@customer.example>: host mx.customer.example said: 550 5.1.1 User unknown
"""
DROPPED: dict[str, tuple[dict[str, str], str, str]] = {
    "an automatic answer": (AUTOMATIC, "I am away until Monday.", "automatic"),
    "a vacation program's answer": ({"X-Autoreply": "yes"}, "We have your mail.", "automatic"),
    "a bounce of nothing of ours": (
        {"Subject": "Undelivered Mail Returned to Sender", "X-Failed-Recipients": MARA, "Return-Path": "<>"},
        NOTICE,
        "bounce",
    ),
    "a receipt": (
        {"Content-Type": "multipart/report; report-type=disposition-notification; boundary=b"},
        "--b\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\nDisposition: a/b; displayed\n--b--",
        "report",
    ),
}


def a_mail(text: str = "The printer is on fire.", **more: str) -> bytes:
    given = {"From": f"Mara <{MARA}>", "To": SUPPORT, "Subject": "The printer", "Message-ID": "<m@customer>"} | more
    return ("".join(f"{name}: {value}\n" for name, value in given.items()) + f"\n{text}\n").encode()


def tickets(services: Services) -> list[str]:
    return [str(row["title"]) for row in query(services, 'SELECT title FROM "Ticket" ORDER BY id')]


def first_mail_to_ann(services: Services) -> str:
    """The Message-ID of our first mail to her."""
    sql = "SELECT message_id FROM mail.outbox WHERE recipient = 'ann@customer.example' ORDER BY id"
    return str(query(services, sql)[0]["message_id"])


def told(services: Services) -> list[str]:
    """The digests as the admins read them."""
    announce_due(services)
    found = query(services, "SELECT text FROM mail.outbox WHERE template = 'quarantine-digest' ORDER BY id")
    return [str(row["text"]) for row in found]


@pytest.mark.parametrize("kind", DROPPED)
def test_what_was_dropped_is_told_to_the_admins_and_taken_in_by_one_word(
    services: Services, supportdesk: Supportdesk, kind: str
) -> None:
    headers, text, drop = DROPPED[kind]
    found = process(services, a_mail(text, **headers))
    assert (found["fate"], found["evidence"]["drop"], tickets(services)) == ("not_applied", drop, [])

    send_dropped_digest(services)
    digest = told(services)[0]
    said = supportdesk("mail", "restore", str(found["id"]))
    receive_due(services)

    assert f"Number {found['id']}" in digest
    assert MARA in digest
    assert said.exit_code == 0
    assert len(tickets(services)) == 1


SHOP = {"From": "Shop <noreply@shop.example>"}
NEWS = """sender.email == "noreply@shop.example" or sender.domain == "desk.example" or ticket.title =~~ "Dropped" """
DROPS = compile_rules([Rule("News", NEWS.strip(), Then(drop=True))])
KEPT: dict[str, dict[str, str]] = {
    "another sender": {"From": "orders@shop.example"},
    "an address within the address": {"From": "noreply@shop.example.evil.example"},
    "a name that looks like the address": {"From": '"noreply@shop.example" <mara@customer.example>'},
}


def with_rule(services: Services) -> Services:
    """The services of a desk with a rule that drops mails."""
    return replace(services, policy=replace(services.policy, rules=DROPS))


@pytest.mark.parametrize("headers", [{}, {"Auto-Submitted": "auto-generated"}], ids=["unmarked", "marked"])
def test_a_rule_drops_a_senders_mail_and_the_admins_are_told(
    services: Services, supportdesk: Supportdesk, headers: dict[str, str]
) -> None:
    services = with_rule(services)
    found = process(services, a_mail(**SHOP, **headers))
    before = tickets(services)

    send_dropped_digest(services)
    supportdesk("mail", "restore", str(found["id"]))
    receive_due(services)

    assert (found["fate"], found["evidence"]["rule"], found["evidence"]["drop"]) == (
        "not_applied",
        "new_ticket",
        "rule",
    )
    assert "Matched: sender.email" in found["evidence"]["rule News"]
    assert "Rule 'News' drops it." in told(services)[0]
    assert (before, tickets(services)) == ([], ["The printer"])


@pytest.mark.parametrize("kept", KEPT)
def test_a_rule_drops_no_other_senders_mail(services: Services, kept: str) -> None:
    services = with_rule(services)

    assert process(services, a_mail(**KEPT[kept]))["fate"] == "applied"


def test_a_rule_drops_nothing_that_belongs_to_a_ticket_and_nothing_of_staff(services: Services) -> None:
    services = with_rule(services)
    process(services, a_raw_mail())
    announce_due(services)
    execute(services, "UPDATE \"Ticket\" SET status = 'closed', \"closedAt\" = now() - interval '30 days'")
    ours = query(services, "SELECT message_id FROM mail.outbox WHERE recipient = 'ann@customer.example'")[0][
        "message_id"
    ]
    given = {"From": "ann@customer.example", "Subject": "Re: Printer Dropped", "In-Reply-To": f"<{ours}>"}

    answer = process(services, a_mail("It burns again.", **given))
    of_staff = process(services, a_mail("#help", From="bob@desk.example", **{"Message-ID": "<s@desk>"}))

    assert answer["fate"] == "applied"
    assert "drop" not in of_staff["evidence"]


def test_twice_is_once(services: Services, supportdesk: Supportdesk) -> None:
    number = str(process(services, a_mail(**AUTOMATIC))["id"])

    first = supportdesk("mail", "restore", number)
    again = supportdesk("mail", "restore", number)
    receive_due(services)
    after = supportdesk("mail", "restore", number)
    receive_due(services)

    assert [one.exit_code for one in (first, again, after)] == [0, 2, 2]
    assert "it is not a dropped mail" in after.stderr
    assert tickets(services) == ["The printer"]


def test_only_what_was_dropped_is_restored(services: Services, supportdesk: Supportdesk) -> None:
    applied = process(services, a_mail())
    parked = process(services, a_mail(From="a@x.example, b@x.example"))

    said = supportdesk("mail", "restore", str(applied["id"]), str(parked["id"]), "4711")
    receive_due(services)

    assert said.exit_code == 2
    assert query(services, "SELECT 1 FROM mail.ledger WHERE restored_at IS NOT NULL") == []
    assert tickets(services) == ["The printer"]


RESULTS = "mx.desk.example; spf={0} smtp.mailfrom=customer.example; dkim={0} header.d=customer.example; dmarc={0}"
TRUST = {"fail": "refuted", "none": "unproven", "pass": "proven"}


@pytest.mark.parametrize("result", TRUST)
def test_a_restored_mail_is_trusted_as_it_was(
    make_services: MakeServices, supportdesk: Supportdesk, result: str
) -> None:
    services = make_services(MAILBOX__SUPPORT__AUTHSERV_ID="mx.desk.example")
    results = {"Authentication-Results": RESULTS.format(result)}
    before = process(services, a_mail(**AUTOMATIC, **results))
    plain = process(services, a_mail("Another one.", **{**results, "Message-ID": "<n@customer>"}))

    supportdesk("mail", "restore", str(before["id"]))
    receive_due(services)

    after = query(services, "SELECT evidence, confirmed_at FROM mail.ledger WHERE id = :id", id=before["id"])[0]
    keys = ("proof", "standing", "trust", "unanswered")
    assert before["evidence"]["proof"] == after["evidence"]["proof"] == plain["evidence"]["proof"]
    assert [after["evidence"].get(key) for key in keys] == [plain["evidence"].get(key) for key in keys]
    assert after["confirmed_at"] is None


def test_a_restored_mail_under_the_name_of_staff_gets_no_power(services: Services, supportdesk: Supportdesk) -> None:
    process(services, a_raw_mail())
    claimed = a_mail("#close", From="bob@desk.example", Subject="Re: [SD-1001] Printer", **AUTOMATIC)
    number = process(services, claimed)["id"]

    supportdesk("mail", "restore", str(number))
    receive_due(services)

    found = query(services, "SELECT fate, evidence FROM mail.ledger WHERE id = :id", id=number)[0]
    assert (found["fate"], found["evidence"]["rule"]) == ("not_applied", "staff_without_power")
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]


def test_a_copy_in_another_mailbox_keeps_no_mail_from_being_restored(
    services: Services, supportdesk: Supportdesk
) -> None:
    first = process(services, a_mail(**AUTOMATIC))
    copy = store_in_ledger(services, a_mail(**AUTOMATIC), uid=77)
    receive_due(services)

    supportdesk("mail", "restore", str(first["id"]))
    receive_due(services)

    rules = query(services, "SELECT id, evidence->>'rule' AS rule FROM mail.ledger ORDER BY id")
    assert [(row["id"], row["rule"]) for row in rules] == [(first["id"], "new_ticket"), (copy, "same_mail_twice")]


def test_the_admins_get_one_digest_a_day_with_a_few_names_and_the_number_of_the_rest(services: Services) -> None:
    for number in range(MOST_IN_DIGEST + 3):
        store_in_ledger(
            services, a_mail(**AUTOMATIC, Subject=f"No {number}", **{"Message-ID": f"<{number}@x>"}), uid=number + 1
        )
    receive_due(services)

    counts = [send_dropped_digest(services) for _ in range(2)]
    process(services, a_mail(**AUTOMATIC, Subject="A late one", **{"Message-ID": "<late@x>"}))
    counts.append(send_dropped_digest(services))
    execute(services, "UPDATE mail.ledger SET reported_at = reported_at - interval '25 hours'")
    counts.append(send_dropped_digest(services))

    digests = told(services)
    assert counts == [MOST_IN_DIGEST, 0, 0, 1]
    assert "And 3 more." in digests[0]
    assert "A late one" in digests[1]
    assert MOST_TOLD > MOST_IN_DIGEST


def test_what_a_person_may_have_written_is_named_before_reports(services: Services) -> None:
    process(services, a_mail(**AUTOMATIC, Subject="Perhaps a person"))
    headers, text, _ = DROPPED["a receipt"]
    for number in range(MOST_IN_DIGEST):
        raw = a_mail(text, **headers, Subject=f"Receipt {number}", **{"Message-ID": f"<{number}@x>"})
        store_in_ledger(services, raw, uid=number + 50)
    receive_due(services)

    send_dropped_digest(services)

    assert "Perhaps a person" in told(services)[0]


def test_what_is_a_note_on_its_ticket_is_told_in_no_digest(services: Services) -> None:
    process(services, a_raw_mail())
    announce_due(services)
    ours = first_mail_to_ann(services)
    answer = a_mail("I am away.", **AUTOMATIC, From="ann@customer.example", **{"In-Reply-To": f"<{ours}>"})

    found = process(services, answer)

    assert (found["fate"], send_dropped_digest(services)) == ("applied", 0)


def test_explain_says_that_a_mail_was_dropped_and_restored(services: Services, supportdesk: Supportdesk) -> None:
    number = str(process(services, a_mail(**AUTOMATIC))["id"])

    before = supportdesk("explain", number).stdout
    supportdesk("mail", "restore", number)
    receive_due(services)
    after = supportdesk("explain", number).stdout

    assert f"If a person wrote it: supportdesk mail restore {number}" in before
    assert "An admin restored it as a person's on" in after
    assert "proves nothing of its sender" in after
    assert "mail restore" not in after


def test_dropped_mails_are_listed(services: Services, supportdesk: Supportdesk) -> None:
    empty = supportdesk("mail", "dropped").stdout
    process(services, a_mail(**AUTOMATIC))

    shown = supportdesk("mail", "dropped", "--json").stdout

    assert "No mail was dropped." in empty
    assert [(one["sender"], one["subject"], one["drop"]) for one in json.loads(shown)] == [
        (MARA, "The printer", "automatic")
    ]
    assert "The printer" in supportdesk("mail", "dropped").stdout
