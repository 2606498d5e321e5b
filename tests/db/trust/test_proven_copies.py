"""A copy of greater proof is decided again: an unproven one that came first never makes it "the same mail"."""

from typing import Any

import pytest

from models.ledger.quarantine import give_back
from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, execute, process, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB = "ann@customer.example", "bob@desk.example"
TAGGED = "Re: [SD-1001] Printer"
TRUSTING = {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example"}
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(message_id="<first@customer>"), **TRUSTING)


def copy(sender: str, dmarc: str | None, text: str = "Words.", to: str = SUPPORT, **headers: str) -> bytes:
    """A copy of one and the same mail, of which our server says what it found out about its sender."""
    domain = sender.rpartition("@")[2]
    said = f"Authentication-Results: mx.desk.example; dmarc={dmarc} header.from={domain}\n" if dmarc else ""
    received = "Received: from x by mx.desk.example; Mon, 2 Nov 2026 12:00:00 +0000\n"
    return (said + received).encode() + a_raw_mail(
        text, **({"from": sender, "to": to, "message_id": "<m@x>"} | headers)
    )


def key_of(services: Services, email: str) -> str:
    return str(last_mail(services, email)["reply_to"])


def said(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt", id')]


def fate_of(services: Services, ledger: Any) -> tuple[str, str]:
    row = query(services, "SELECT fate, evidence->>'rule' AS rule FROM mail.ledger WHERE id = :row", row=ledger["id"])[
        0
    ]
    return row["fate"], row["rule"]


HELD = ("not_applied", "staff_without_power")
# What the server said of the copy that came first and of the next, and whether each showed Bob's token.
AGENTS = [((None, True), ("pass", True)), (("fail", True), ("pass", True)), (("pass", False), ("pass", True))]


@pytest.mark.parametrize(("before", "after"), AGENTS)
def test_an_agents_answer_is_carried_out_though_a_copy_of_it_is_held(
    services: Services, before: tuple[str | None, bool], after: tuple[str, bool]
) -> None:
    key = key_of(services, BOB)
    first, second = (
        process(services, copy(BOB, dmarc, "Try this.", key if shown else SUPPORT)) for dmarc, shown in (before, after)
    )

    assert (fate_of(services, first), fate_of(services, second)) == (HELD, ("applied", "staff_on_ticket"))
    assert said(services) == ["Try this."]
    assert "proves more than the same mail" in second["evidence"]["twin"]


def test_the_question_about_the_held_copy_does_it_no_second_time(services: Services) -> None:
    key = key_of(services, BOB)
    first = process(services, copy(BOB, None, "Try this.", key))
    question = last_mail(services, BOB, "mail-unconfirmed")
    process(services, copy(BOB, "pass", "Try this.", key))

    answer(services, question, "#confirm")

    assert (fate_of(services, first), said(services)) == (("not_applied", "same_mail_twice"), ["Try this."])


@pytest.mark.parametrize("more", [("pass",), (None, "pass"), ("pass", "fail", None, "pass")])
def test_a_customers_request_is_answered_though_a_refuted_copy_came_first(
    services: Services, more: tuple[str | None, ...]
) -> None:
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '2 days'")
    before = len(mails_to(services, ANN, "ticket-opened"))

    first = process(services, copy(ANN, "fail"))
    unanswered = len(mails_to(services, ANN, "ticket-opened")) - before
    for dmarc in more:
        process(services, copy(ANN, dmarc))

    sent = [mail for mail in mails_to(services, ANN, "ticket-opened")[before:] if mail["fate"] is None]
    assert (fate_of(services, first)[1], unanswered) == ("new_ticket", 0)
    assert len(sent) == 1


def test_a_customers_comment_is_one_though_a_refuted_copy_is_a_note(services: Services) -> None:
    first, second, third = (process(services, copy(ANN, dmarc, subject=TAGGED)) for dmarc in ("fail", "pass", "pass"))

    rules = [fate_of(services, one)[1] for one in (first, second, third)]
    assert (rules, said(services)) == (["only_a_note", "customer_on_ticket", "same_mail_twice"], ["Words."])


@pytest.mark.parametrize("fate", ["quarantined", "dropped"])
def test_a_copy_that_an_admin_parked_or_dropped_is_not_in_the_way_of_a_proven_one(
    services: Services, fate: str
) -> None:
    first = process(services, copy(ANN, "fail", subject=TAGGED))
    execute(services, "UPDATE mail.ledger SET fate = :fate WHERE id = :id", id=first["id"], fate=fate)

    second = process(services, copy(ANN, "pass", subject=TAGGED))
    with transaction(services.engine) as session:
        give_back(session, [first["id"]])
    receive_due(services)

    assert (second["fate"], said(services)) == ("applied", ["Words."])
    expected = "same_mail_twice" if fate == "quarantined" else "only_a_note"
    assert fate_of(services, first)[1] == expected


# What the server said of the copies in their order: the second proves no more, or the first had its whole effect.
SAME = [
    ("pass", "pass"),
    ("pass", None),
    ("pass", "fail"),
    (None, "fail"),
    (None, None),
    ("fail", "fail"),
    (None, "pass"),
]


@pytest.mark.parametrize("dmarc", SAME)
def test_a_copy_that_proves_no_more_or_follows_one_with_its_whole_effect_is_the_same_mail(
    services: Services, dmarc: tuple[str | None, str | None]
) -> None:
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '2 days'")
    first, second = (process(services, copy(ANN, one)) for one in dmarc)

    assert (first["fate"], fate_of(services, second)) == ("applied", ("not_applied", "same_mail_twice"))
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 2


@pytest.mark.parametrize("dmarc", [("pass", "pass"), (None, None), (None, "fail"), ("pass", None)])
def test_copies_of_an_agents_mail_that_prove_no_more_are_asked_about_once(
    services: Services, dmarc: tuple[str | None, str | None]
) -> None:
    for one in dmarc:
        process(services, copy(BOB, one, "Try this.", subject=TAGGED))

    assert len(mails_to(services, BOB, "mail-unconfirmed")) == 1


def test_a_request_is_answered_though_a_copy_of_it_by_a_list_was_not(services: Services) -> None:
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '2 days'")
    by_list = process(services, copy(ANN, None, to=f"{SUPPORT}, users@list.example", list_id="<users.list.example>"))
    answered = len(mails_to(services, ANN, "ticket-opened"))

    process(services, copy(ANN, "pass", to=f"{SUPPORT}, users@list.example"))

    assert "unanswered" in by_list["evidence"]
    assert len(mails_to(services, ANN, "ticket-opened")) == answered + 1
