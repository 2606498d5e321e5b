"""Mail that nothing proves limits no proven mail, nor the person whom it names: every limit counts by proof class."""

from itertools import count
from typing import Any

import pytest

from desk.gate.caps import caps_of, loops_of
from desk.limits import USUAL
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SUPPORT,
    MakeServices,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from tests.support.database.waiting_mails import repeat_sent
from tests.support.values.replies import last_mail, mails_to
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

CAPS = caps_of(USUAL, staff=False)
LOOPS = loops_of(USUAL, staff=False)
MOST_BYTES = USUAL.megabytes_from_address_a_day * 1024**2
MOST_TICKETS_OF_ADDRESS = USUAL.tickets_from_address_an_hour
MOST_TICKETS_OF_DOMAIN = USUAL.tickets_from_domain_an_hour
MOST_QUESTIONS = USUAL.questions_waiting

ANN, BOB = "ann@customer.example", "bob@desk.example"
PROVIDER = "ann@gmail.com"
NUMBERS = count(1)
pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx", TRUST__STAFF="both")


def raw(sender: str = ANN, dmarc: str | None = None, **headers: str) -> bytes:
    """A mail of somebody, with what our server found out about its sender."""
    given = {"from": sender, "to": SUPPORT, "message_id": f"<{next(NUMBERS)}@classes>"} | headers
    results = f"Authentication-Results: mx; dmarc={dmarc} header.from={sender.rpartition('@')[2]}\n"
    return (results.encode() if dmarc else b"") + a_raw_mail(f"It is mail {next(NUMBERS)}.", **given)


def write(services: Services, sender: str = ANN, dmarc: str | None = None, **headers: str) -> dict[str, Any]:
    """A mail that is decided and announced; its ledger row."""
    found: dict[str, Any] = process(services, raw(sender, dmarc, **headers))
    return found


def write_all(services: Services, mails: list[bytes]) -> None:
    """Many mails at once."""
    for mail in mails:
        store_in_ledger(services, mail)
    receive_due(services)
    announce_due(services)


def repeat(services: Services, times: int, sender: str, **changes: str) -> None:
    """So many further mails in the ledger like the last one; values are SQL that may name `n`."""
    size = changes.get("size", "size")
    execute(
        services,
        f"""INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate, sender,
            ticket_number, evidence)
        SELECT mailbox_id, folder, uidvalidity, (SELECT max(uid) FROM mail.ledger) + n, {size}, '', 'applied', {sender},
            ticket_number, evidence
        FROM mail.ledger, generate_series(1, {times}) n WHERE id = (SELECT max(id) FROM mail.ledger)""",
    )


def answered(services: Services, recipient: str = ANN) -> list[str | None]:
    """The fates of the acknowledgements to somebody."""
    return [mail["fate"] for mail in mails_to(services, recipient, "ticket-opened")]


def questions(services: Services) -> list[dict[str, Any]]:
    return mails_to(services, BOB, "mail-unconfirmed")


# Of which class a flood is, and which mail then comes in; those of one class limit one another.
FLOODS = [
    ("fail", "pass", "applied"),
    ("fail", None, "applied"),
    (None, "pass", "applied"),
    ("pass", None, "applied"),
    ("fail", "fail", "quarantined"),
    (None, None, "quarantined"),
    ("pass", "pass", "quarantined"),
]


@pytest.mark.parametrize(("flood", "mail", "fate"), FLOODS)
@pytest.mark.parametrize(
    ("times", "sender", "size"),
    [
        (MOST_TICKETS_OF_ADDRESS, f"'{ANN}'", "10"),
        (MOST_TICKETS_OF_DOMAIN, "'someone' || n || '@customer.example'", "10"),
        (1, f"'{ANN}'", str(MOST_BYTES)),
    ],
    ids=["address", "domain", "bytes"],
)
def test_a_flood_parks_mail_of_its_own_class_alone(  # noqa: PLR0917
    services: Services, flood: str | None, mail: str | None, fate: str, times: int, sender: str, size: str
) -> None:
    write(services, dmarc=flood)
    repeat(services, times, sender, size=size)

    assert write(services, dmarc=mail)["fate"] == fate


def test_a_providers_customers_do_not_park_one_another(services: Services) -> None:
    write(services, PROVIDER)
    repeat(services, MOST_TICKETS_OF_DOMAIN, "'someone' || n || '@gmail.com'")

    another = write(services, "dan@gmail.com")["fate"]
    repeat(services, MOST_TICKETS_OF_ADDRESS, "'d.a.n+' || n || '@gmail.com'")

    assert (another, write(services, "dan@gmail.com")["fate"]) == ("applied", "quarantined")


@pytest.mark.parametrize("domains", ['["Shop.example"]', '["mail.example", "shop.example"]'])
@pytest.mark.parametrize(("sender", "fate"), [("dan@shop.example", "applied"), ("dan@other.example", "quarantined")])
def test_a_domain_that_the_settings_call_shared_is_counted_by_address(
    make_services: MakeServices, domains: str, sender: str, fate: str
) -> None:
    services = make_services(ADMIN, AGENT, LIMITS__SHARED_DOMAINS=domains)
    domain = sender.partition("@")[2]
    write(services, f"ann@{domain}")
    repeat(services, MOST_TICKETS_OF_DOMAIN, f"'someone' || n || '@{domain}'")

    assert write(services, sender)["fate"] == fate


@pytest.mark.parametrize("flood", ["fail", None])
def test_forged_mails_open_no_breaker_of_whom_they_name(services: Services, flood: str | None) -> None:
    write(services, dmarc=flood)
    repeat(services, LOOPS[0].most + 1, f"'{ANN}'")

    write(services, dmarc="pass")
    execute(services, """UPDATE "Ticket" SET status = 'closed' WHERE id = (SELECT max(id) FROM "Ticket")""")
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)

    assert [mail["fate"] for mail in mails_to(services, ANN)][-2:] == [None, None]
    assert query(services, "SELECT * FROM mail.breaker") == []


def test_a_breaker_that_claimed_mails_opened_holds_answers_to_such_mails_alone(
    services: Services, supportdesk: Any
) -> None:
    write(services)
    repeat(services, LOOPS[0].most, f"'{ANN}'")
    execute(services, "UPDATE mail.outbox SET written_at = now() - interval '25 hours'")
    write(services)

    write(services, dmarc="pass")
    found = mails_to(services, ANN)
    reset = supportdesk("loop", "reset", ANN)

    assert [mail["fate"] for mail in found] == [None, "held", None]
    assert (reset.exit_code, query(services, "SELECT 1 FROM mail.breaker WHERE reason <> 'reset'")) == (0, [])


def test_one_class_is_answered_within_a_day_of_another(services: Services) -> None:
    for dmarc in ("fail", None, None, "pass"):
        write(services, dmarc=dmarc)
    proven_first = "dan@other.example"
    for dmarc in ("pass", None):
        write(services, proven_first, dmarc)

    assert answered(services) == [None, "held", None]
    assert answered(services, proven_first) == [None, None]


@pytest.mark.parametrize(("dmarc", "waits"), [(None, False), ("pass", True)])
def test_mails_that_claimed_ones_caused_delay_no_proven_ones(
    services: Services, dmarc: str | None, *, waits: bool
) -> None:
    write(services, dmarc=dmarc)
    repeat_sent(services, ANN, CAPS[0].most)
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c-one', 'Try again.', t.id, u.id, now(), now() FROM "Ticket" t, "User" u
        WHERE email = 'bob@desk.example'""",
        "UPDATE mail.event SET due_at = now() WHERE fate IS NULL",
    )

    announce_due(services)

    said = last_mail(services, ANN, "comment-to-customer")
    assert (said["reason"] is not None) == waits


def ask_often(services: Services, dmarc: str | None, times: int = MOST_QUESTIONS + 1) -> None:
    """Mails under Bob's address, about each of which he would be asked."""
    write_all(services, [raw(BOB, dmarc, subject="Re: [SD-1001] Printer") for _ in range(times)])


@pytest.mark.parametrize("flood", ["fail", None])
def test_an_agents_mail_with_a_live_token_is_asked_about_at_once(services: Services, flood: str | None) -> None:
    write(services)
    ask_often(services, flood)
    token = str(last_mail(services, BOB, "ticket-assigned")["reply_to"])

    rows = [write(services, BOB, dmarc, to=token)["id"] for dmarc in (None, "fail", None)]

    asked = query(
        services,
        """SELECT o.reason, o.fate FROM mail.outbox o JOIN mail.event e ON e.id = o.event_id
        WHERE o.template = 'mail-unconfirmed' AND e.cause = ANY(:rows)""",
        rows=rows,
    )
    assert asked == [{"reason": None, "fate": None}] * 3


@pytest.mark.parametrize(
    ("flood", "mail", "asked"),
    [
        ("fail", None, 1),
        ("fail", "pass", 1),
        (None, "pass", 1),
        (None, "fail", 1),
        (None, None, 0),
        ("fail", "fail", 0),
    ],
)
def test_the_slots_of_questions_are_those_of_a_class(
    services: Services, flood: str | None, mail: str | None, asked: int
) -> None:
    write(services)
    ask_often(services, flood)

    ask_often(services, mail, 1)

    assert len(questions(services)) == MOST_QUESTIONS + asked


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        ("fail", None, False),
        ("fail", "pass", False),
        (None, "pass", False),
        # What is refuted is asked about last: after all that waits, whatever it shows.
        (None, "fail", True),
        ("pass", "fail", True),
        ("fail", "fail", True),
        (None, None, True),
        # Where a mail server vouches for both, the list of what waits is renewed at once.
        ("pass", "pass", False),
    ],
)
def test_a_question_waits_for_those_of_its_own_class_and_a_refuted_one_for_all(
    services: Services, first: str | None, second: str | None, *, waits: bool
) -> None:
    write(services)
    ask_often(services, first, 1)

    ask_often(services, second, 1)

    one, two = questions(services)
    assert (one["reason"], two["reason"] is not None) == (None, waits)
