"""Every kind of mail that staff write, and who is told what of it within a minute: no row ends in silence."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.support.database.services import (
    ADMIN,
    AGENT,
    SUPPORT,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail, write_mail
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

BOB, ADA, EVE = "bob@desk.example", "ada@desk.example", "eve@elsewhere.example"
PASS = {"authentication_results": "mx; dmarc=pass header.from=desk.example"}
FAIL = {"authentication_results": "mx; dmarc=fail header.from=desk.example"}
TAGGED = {"subject": "Re: [SD-1001] Printer"}
FORWARD = f"See below.\n\n---------- Forwarded message ---------\nFrom: {EVE}\nSubject: Q\n\nHow?\n"
NUMBERS = count(1)
BOTH = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")
pytestmark = BOTH

Row = dict[str, Any]


def key(services: Services) -> Row:
    return last_mail(services, BOB, "ticket-assigned")


def at_key(text: str, **headers: str) -> Callable[[Services], Row]:
    """An answer at Bob's live address."""

    def write(services: Services) -> Row:
        row: Row = answer(services, key(services), text, **(headers or PASS))
        return row

    return write


def at_spent(text: str, **headers: str) -> Callable[[Services], Row]:
    def write(services: Services) -> Row:
        execute(services, "UPDATE mail.outbox SET spent_at = now()")
        return at_key(text, **headers)(services)

    return write


def off_key(text: str, **headers: str) -> Callable[[Services], Row]:
    """A mail of Bob's that shows no signature of ours."""

    def write(services: Services) -> Row:
        row: Row = write_mail(services, BOB, text, **headers)
        return row

    return write


def to_question(text: str, spoil: str = "SELECT 1", **headers: str) -> Callable[[Services], Row]:
    """An answer to the question whether a mail is Bob's."""

    def write(services: Services) -> Row:
        write_mail(services, BOB, "Mine.", **TAGGED, **PASS)
        execute(services, spoil)
        row: Row = answer(services, last_mail(services, BOB, "mail-unconfirmed"), text, **(headers or PASS))
        return row

    return write


def to_held(services: Services) -> Row:
    """An answer to a mail that takes none."""
    at_key("#reslove")(services)
    row: Row = answer(services, last_mail(services, BOB, "mail-held"), "#resolve", **PASS)
    return row


def to_deleted(services: Services) -> Row:
    mail = key(services)
    execute(services, 'DELETE FROM "Ticket"')
    row: Row = answer(services, mail, "Try this.", **PASS)
    return row


def at_anothers(services: Services) -> Row:
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    return off_key("#close", to=last_mail(services, "ann@customer.example")["reply_to"], **PASS)(services)


def large(times: int) -> Callable[[Services], Row]:
    def write(services: Services) -> Row:
        for _ in range(times):
            number = next(NUMBERS)
            raw = a_raw_mail("", **{"from": BOB, "message_id": f"<large{number}@desk>"} | PASS)
            row = store_in_ledger(services, raw)
            execute(services, "UPDATE mail.ledger SET partial = true, size = 90000000 WHERE id = :row", row=row)
            receive_due(services)
            announce_due(services)
        return query(services, "SELECT * FROM mail.ledger ORDER BY id DESC LIMIT 1")[0]

    return write


def twice(services: Services) -> Row:
    headers = {"message_id": "<twice@desk>", "date": "Mon, 2 Nov 2026 12:00:00 +0000"}
    for _ in range(2):
        row: Row = answer(services, key(services), "#priority high", **PASS, **headers)
    return row


# What comes, the rule that decides, and the mails that Bob gets of it. Each name says why there may be none.
ASKED, HELD, ANSWERED, DONE = ["mail-unconfirmed"], ["mail-held"], ["command-answer"], ["mail-done"]
KINDS: dict[str, tuple[Callable[[Services], Row], str, list[str]]] = {
    "an answer: it went out as it stands": (at_key("Try this."), "staff_on_ticket", []),
    "a command": (at_key("#priority high"), "staff_on_ticket", ANSWERED),
    "a refused command": (at_key("#assign nobody"), "staff_on_ticket", ANSWERED),
    "a note": (at_key("#note\nFor us."), "staff_on_ticket", ANSWERED),
    "a mistyped command": (at_key("#reslove"), "staff_on_ticket", HELD),
    "a command without its sign": (at_key("/resolve"), "staff_on_ticket", HELD),
    "words beside an internal command": (at_key("#assign ada\nAda, please take it."), "staff_on_ticket", HELD),
    "a command amid the text": (at_key("Hello.\n\n#close\n\nBye."), "staff_on_ticket", HELD),
    "an answer with Cc": (at_key("Try this.", cc=EVE, **PASS), "staff_on_ticket", DONE),
    "a mistyped command with Cc": (at_key("#reslove", cc=EVE, **PASS), "staff_on_ticket", DONE),
    "a spent token and a pass": (at_spent("Try this.", **PASS), "staff_without_power", ASKED),
    "a spent token": (at_spent("Try this.", x_nothing="1"), "staff_without_power", ASKED),
    "a spent token and a fail": (at_spent("Try this.", **FAIL), "staff_without_power", ASKED),
    "a live token without a result": (at_key("Try this.", x_nothing="1"), "staff_without_power", ASKED),
    "a live token and a fail": (at_key("Try this.", **FAIL), "staff_without_power", ASKED),
    "no token": (off_key("Try this.", **TAGGED), "staff_without_power", ASKED),
    "no token and a pass": (off_key("Try this.", **TAGGED, **PASS), "staff_without_power", ASKED),
    "no token and a fail": (off_key("Try this.", **TAGGED, **FAIL), "staff_without_power", ASKED),
    "somebody else's token": (at_anothers, "staff_without_power", ASKED),
    "a mail to no ticket": (off_key("My chair is broken.", **PASS), "staff_without_power", ASKED),
    "a forward without proof": (off_key(FORWARD, subject="Fwd: Q"), "staff_without_power", ASKED),
    "a forward": (off_key(FORWARD, subject="Fwd: Q", **PASS), "passed_on", ["mail-done"]),
    "#help": (off_key("#help", **PASS), "personal_commands", ANSWERED),
    "#away without a day": (off_key("#away", **PASS), "personal_commands", ANSWERED),
    "an answer to a mail that takes none": (to_held, "staff_off_ticket", HELD),
    "an answer about a ticket that is gone": (to_deleted, "staff_off_ticket", HELD),
    "an answer to a question without its word": (to_question("Yes, it is mine."), "confirmation", HELD),
    "an answer to a question about a mail that waits no longer": (
        to_question("#confirm", "UPDATE mail.ledger SET confirmed_at = now()"),
        "confirmation",
        HELD,
    ),
    "#confirm: the mail that it releases is answered": (to_question("#confirm"), "confirmation", []),
    "a mail that is too large": (large(1), "too_large", ["mail-too-large"]),
    "a second one that is too large": (large(2), "too_large", ["mail-too-large"]),
    "the same mail twice: it was answered the first time": (twice, "same_mail_twice", []),
    "an automatic answer: no person wrote it": (
        at_key("Hi.", auto_submitted="auto-replied", **PASS),
        "out_of_office",
        [],
    ),
    "an emoji that was tapped, at a live address": (
        at_key("\N{THUMBS UP SIGN}", **PASS, content_type="text/vnd.google.email-reaction+json"),
        "reaction",
        [],
    ),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_mail_of_staff_waits_in_silence(services: Services, kind: str) -> None:
    write, rule, templates = KINDS[kind]

    row = write(services)

    told = query(
        services,
        """SELECT o.template, o.reason, o.due_at < now() + interval '1 minute' AS soon
        FROM mail.outbox o JOIN mail.event e ON e.id = o.event_id WHERE e.cause = :row AND o.recipient = :to""",
        row=row["id"],
        to=BOB,
    )
    mine = [mail for mail in told if mail["template"] != "ticket-assigned"]
    assert row["evidence"]["rule"] == rule
    if rule == "passed_on" and not mine:
        assert [mail["template"] for mail in told] == ["ticket-assigned"]
    else:
        assert [(mail["template"], mail["reason"], mail["soon"]) for mail in mine] == [
            (template, None, True) for template in templates
        ]


def test_what_a_confirmation_releases_is_answered(services: Services) -> None:
    to_question("#confirm")(services)

    assert last_mail(services, BOB)["template"] == "mail-done"


def test_two_authors_are_nobody_so_the_admins_hear_of_it(services: Services) -> None:
    row = process(services, a_raw_mail("Hi.", **{"from": f"{BOB}, {ADA}", "to": SUPPORT, "message_id": "<two@desk>"}))

    assert (row["fate"], row["evidence"]["rule"]) == ("quarantined", "no_single_sender")


@pytest.mark.services(ADMIN, AGENT, a_raw_mail(), TRUST__STAFF="token")
def test_without_a_server_that_vouches_further_mails_with_a_spent_token_are_asked_about_at_once(
    services: Services,
) -> None:
    for number in range(3):
        at_spent(f"Mail {number}.", x_nothing="1")(services)

    asked = query(services, "SELECT reason FROM mail.outbox WHERE template = 'mail-unconfirmed' ORDER BY id")
    question = " ".join(last_mail(services, BOB, "mail-unconfirmed")["text"].split())
    assert asked == [{"reason": None}] * 3
    assert "number 3 of 3" in question
    assert "once an hour" not in question


@pytest.mark.services(ADMIN, AGENT, a_raw_mail(), TRUST__STAFF="token")
def test_a_bomb_by_who_has_a_spent_token_asks_ten_times_an_hour_and_says_so(services: Services) -> None:
    for number in range(13):
        at_spent(f"Forged {number}.", x_nothing="1")(services)
        execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE fate IS NULL AND reason IS NULL")

    asked = query(services, "SELECT reason, text FROM mail.outbox WHERE template = 'mail-unconfirmed' ORDER BY id")
    assert [mail["reason"] is None for mail in asked] == [True] * 10 + [False] * 3
    says = ["last question of this hour" in " ".join(mail["text"].split()) for mail in asked[:10]]
    assert says == [False] * 9 + [True]


def test_of_mails_with_a_pass_that_come_at_once_each_is_asked_about(services: Services) -> None:
    for number in range(8):
        named = {"from": BOB, "message_id": f"<burst{number}@desk>"}
        store_in_ledger(services, a_raw_mail(f"Mine {number}.", **named | TAGGED | PASS))
    receive_due(services)
    announce_due(services)

    asked = query(services, "SELECT reason FROM mail.outbox WHERE template = 'mail-unconfirmed'")
    assert asked == [{"reason": None}] * 8


@pytest.mark.parametrize("headers", [TAGGED, TAGGED | FAIL])
def test_a_question_about_what_nothing_proves_says_that_it_comes_once_an_hour(
    services: Services, headers: dict[str, str]
) -> None:
    off_key("Try this.", **headers)(services)

    assert "we ask once an hour" in " ".join(last_mail(services, BOB, "mail-unconfirmed")["text"].split())
