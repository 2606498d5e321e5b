"""One sender's noise delays nobody else's news: it is parked above a cap, and what is left has its turn by ticket."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count

import pytest

from desk.gate.caps import caps_of
from desk.gate.verdict import Send, verdict
from desk.limits import USUAL
from models.db.claims import claim_fresh
from models.events.rows import EVENTS, claim_events, settle_events
from models.outbox.delivery import lock_mail
from models.outbox.rows import OUTBOX
from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, execute, process, query, store_in_ledger
from tests.support.values.replies import last_mail, mails_to
from worker.admin.digests.quarantine import send_digest, try_again
from worker.announce import run as announce
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

STAFF_CAPS = caps_of(USUAL, staff=True)
MOST_ON_TICKET = USUAL.mails_to_ticket_an_hour
MOST_REFUTED = USUAL.denied_mails_an_hour

ANN, BOB, HONEST = "ann@customer.example", "bob@desk.example", "dan@other.example"
NOISE = 260
NUMBERS = count(1)
pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx", TRUST__STAFF="both")


@pytest.fixture
def services(services: Services) -> Services:
    """Ann has a ticket, which Bob works on."""
    process(services, raw(ANN, "pass"))
    return services


def raw(sender: str, dmarc: str | None = None, **headers: str) -> bytes:
    """A mail of somebody, with what our server found out about its sender."""
    number = next(NUMBERS)
    given = {"from": sender, "to": SUPPORT, "message_id": f"<{number}@turns>"} | headers
    results = f"Authentication-Results: mx; dmarc={dmarc} header.from={sender.rpartition('@')[2]}\n"
    return (results.encode() if dmarc else b"") + a_raw_mail(f"It is mail {number}.", **given)


def store_all(services: Services, mails: Sequence[bytes]) -> list[int]:
    """The ledger rows of mails that are decided, and not announced yet."""
    rows = [store_in_ledger(services, mail) for mail in mails]
    while receive_due(services).more:
        pass
    return [row for row in rows if row is not None]


def decided(services: Services, rows: Sequence[int]) -> list[tuple[str, str]]:
    found = query(services, "SELECT fate, evidence FROM mail.ledger WHERE id = ANY(:rows) ORDER BY id", rows=list(rows))
    return [(row["fate"], row["evidence"]["rule"]) for row in found]


def parked(services: Services, rows: Sequence[int]) -> int:
    return sum(fate == "quarantined" for fate, _ in decided(services, rows))


def to_ann(services: Services) -> str:
    """The signed address that Ann got, which others have seen."""
    return str(last_mail(services, ANN)["reply_to"])


def tag(services: Services) -> str:
    return f"Re: [SD-{last_mail(services, ANN)['ticket_number']}] Printer"


# Who writes to Ann's ticket, and by which rule it is taken in below the cap.
Mails = Callable[[Services], list[bytes]]
BY_STRANGER: Mails = lambda services: [raw("who@elsewhere.example", to=to_ann(services)) for _ in range(NOISE)]  # noqa: E731
BY_CLAIM: Mails = lambda services: [raw(ANN, subject=tag(services)) for _ in range(NOISE)]  # noqa: E731
BY_FORGER: Mails = lambda services: [raw(ANN, "fail", subject=tag(services)) for _ in range(NOISE)]  # noqa: E731
BY_ROBOT: Mails = lambda services: [  # noqa: E731
    raw(ANN, subject=tag(services), auto_submitted="auto-replied") for _ in range(NOISE)
]
BY_OWNER: Mails = lambda services: [raw(ANN, "pass", subject=tag(services)) for _ in range(NOISE)]  # noqa: E731
BY_SPELLINGS: Mails = lambda services: [  # noqa: E731
    raw(f"w.h.o+{number}@elsewhere.example", to=to_ann(services)) for number in range(NOISE)
]
ON_ONE_TICKET = [
    (BY_STRANGER, "only_a_note"),
    (BY_CLAIM, "customer_on_ticket"),
    (BY_FORGER, "only_a_note"),
    (BY_ROBOT, "automatic_mail"),
    (BY_OWNER, "customer_on_ticket"),
    (BY_SPELLINGS, "only_a_note"),
]


@pytest.mark.parametrize(
    ("mails", "rule"), ON_ONE_TICKET, ids=["stranger", "claim", "forger", "robot", "owner", "tags"]
)
def test_noise_on_a_ticket_is_parked_from_a_cap_on(services: Services, mails: Mails, rule: str) -> None:
    rows = store_all(services, mails(services))

    found = decided(services, rows)

    assert found == [("applied", rule)] * MOST_ON_TICKET + [("quarantined", "too_many_on_ticket")] * (
        NOISE - MOST_ON_TICKET
    )


def test_refuted_mail_is_parked_by_the_number_of_all_of_it(services: Services) -> None:
    rows = store_all(services, [raw(f"ann@victim{number}.example", "fail") for number in range(MOST_REFUTED + 20)])
    forged_staff = store_all(services, [raw(BOB, "fail")])

    others = store_all(services, [raw(HONEST, "pass"), raw("eve@other.example"), raw("fay@victim1.example", "pass")])

    assert (parked(services, rows[:MOST_REFUTED]), parked(services, rows)) == (0, 20)
    assert decided(services, [rows[-1], *forged_staff]) == [("quarantined", "too_many_refuted")] * 2
    assert parked(services, others) == 0


def test_noise_parks_nothing_of_the_owner_of_the_ticket_who_proves_it_nor_of_staff(services: Services) -> None:
    ticket, note = tag(services), last_mail(services, BOB)
    store_all(services, BY_CLAIM(services) + BY_FORGER(services) + BY_STRANGER(services))
    answered = {"to": str(note["reply_to"]), "in_reply_to": f"<{note['message_id']}>"}

    rows = store_all(services, [raw(ANN, "pass", subject=ticket), raw(BOB, "pass", **answered)])

    assert decided(services, rows) == [("applied", "customer_on_ticket"), ("applied", "staff_on_ticket")]


def test_the_live_token_of_staff_is_asked_about_in_a_flood_of_refuted_mail(services: Services) -> None:
    note = last_mail(services, BOB)
    store_all(services, [raw(f"ann@victim{number}.example", "fail") for number in range(MOST_REFUTED)])

    rows = store_all(services, [raw(BOB, "fail", to=str(note["reply_to"]))])

    assert decided(services, rows) == [("not_applied", "staff_without_power")]


def test_who_is_over_the_cap_on_one_ticket_may_open_another(services: Services) -> None:
    store_all(services, BY_CLAIM(services))

    rows = store_all(services, [raw(ANN)])

    assert decided(services, rows) == [("applied", "new_ticket")]


def test_what_was_parked_is_told_of_in_a_digest_and_comes_back_by_hand(services: Services) -> None:
    rows = store_all(services, BY_CLAIM(services)[: MOST_ON_TICKET + 3])
    comments = 'SELECT 1 FROM "Comment"'
    at_first = len(query(services, comments))

    told = send_digest(services)
    execute(services, "UPDATE mail.ledger SET stored_at = stored_at - interval '61 minutes'")
    try_again(services.engine, None)
    receive_due(services)

    assert (at_first, told, len(query(services, comments))) == (MOST_ON_TICKET, 3, MOST_ON_TICKET + 3)
    assert parked(services, rows) == 0


def claims_until(services: Services, ticket: int) -> int:
    """How many claims are made, one after the other, until one holds an event of this ticket; that one too."""
    for number in range(1, 1000):
        with transaction(services.engine) as session:
            claims = claim_events(session, services.queue(EVENTS).lease, announce.BATCH)
            settle_events(session, claims.claimed.ids, "announced")
        if query(
            services,
            "SELECT 1 FROM mail.event WHERE id = ANY(:ids) AND ticket_number = :ticket",
            ids=list(claims.claimed.ids),
            ticket=ticket,
        ):
            return number
    raise AssertionError


def changed(services: Services, ticket: int, times: int) -> None:
    """So many changes of a ticket, each by a transaction of its own, that nobody announced yet."""
    execute(
        services,
        """INSERT INTO mail.event (kind, ticket_number, transaction, field)
        SELECT 'ticket_changed', :ticket, 1000000 + :ticket * 10000 + n, 'status' FROM generate_series(1, :times) n""",
        ticket=ticket,
        times=times,
    )


def tickets(services: Services, number: int) -> list[int]:
    """So many tickets of strangers, of which everybody was told."""
    store_all(services, [raw(f"eve@stranger{next(NUMBERS)}.example") for _ in range(number)])
    execute(services, "UPDATE mail.event SET fate = 'announced' WHERE fate IS NULL")
    return [row["number"] for row in query(services, "SELECT number FROM mail.ticket ORDER BY number")][-number:]


# How many tickets are noisy and how much, how many claims come before an honest one, and the first ticket or the last.
NOISY = [(1, 260, 1), (2, 260, 1), (19, 60, 1), (25, 60, 2), (59, 30, 3)]


@pytest.mark.parametrize(("noisy", "times", "claims"), NOISY)
@pytest.mark.parametrize("place", [0, -1])
def test_a_ticket_has_its_turn_whatever_waits_of_others(
    services: Services, noisy: int, times: int, claims: int, place: int
) -> None:
    numbers = tickets(services, noisy + 1)
    honest = numbers.pop(place)
    for number in numbers:
        changed(services, number, times)
    claims_until(services, numbers[0])
    changed(services, honest, 1)

    found = claims_until(services, honest)

    assert found <= claims


def test_what_an_agent_hears_of_noise_comes_after_what_is_new(services: Services) -> None:
    """260 mails of a stranger to a ticket came, then an honest mail, before anybody was told of anything."""
    store_all(services, BY_STRANGER(services))
    before = len(mails_to(services, BOB))
    store_all(services, [raw(HONEST, subject="Production down")])

    announce_due(services)

    told = [mail["subject"] for mail in mails_to(services, BOB)[before:]]
    place = next(n for n, subject in enumerate(told) if "Production down" in subject)
    assert len(told) == MOST_ON_TICKET + 1
    assert place < announce.BATCH


def went(services: Services, ticket: int | None, times: int) -> None:
    """So many mails about a ticket went to Bob within the hour."""
    execute(
        services,
        f"""INSERT INTO mail.outbox
            (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text, html,
            message_id, dated, token_expires_at, fate, sent_at, attempts, person_number, event_id, ticket_number)
        SELECT template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text, html,
            gen_random_uuid(), dated, token_expires_at, 'sent', now(), 1, person_number, event_id,
            CAST(:ticket AS bigint)
        FROM (SELECT * FROM mail.outbox WHERE recipient = '{BOB}' ORDER BY id LIMIT 1) AS first,
            generate_series(1, {times})""",
        ticket=ticket,
    )


def test_the_noise_of_one_ticket_leaves_an_agents_hour_to_the_others(services: Services) -> None:
    noisy = last_mail(services, BOB)["ticket_number"]
    went(services, noisy, STAFF_CAPS[0].most)

    process(services, raw(HONEST, "pass"))
    process(services, raw(ANN, "pass", subject=tag(services)))

    honest, noise = mails_to(services, BOB)[-2:]
    assert (honest["reason"], noise["ticket_number"]) == (None, noisy)
    assert f"{STAFF_CAPS[0].most} mails in 60 minutes" in noise["reason"]
    assert timedelta(minutes=50) < noise["due_at"] - honest["due_at"] <= timedelta(hours=1)


def test_the_gate_is_as_fair_when_mails_are_sent(services: Services) -> None:
    noisy = last_mail(services, BOB)["ticket_number"]
    process(services, raw(HONEST, "pass"))
    honest = last_mail(services, BOB)
    went(services, noisy, STAFF_CAPS[0].most)

    with transaction(services.engine) as session:
        claimed = claim_fresh(session, OUTBOX, timedelta(minutes=1), 100)
        taken = lock_mail(session, claimed, honest["id"], services.policy.own_addresses, USUAL)

    assert taken is not None
    assert len(taken[1].send_times) >= STAFF_CAPS[0].most
    assert verdict(taken[1]) == Send()
