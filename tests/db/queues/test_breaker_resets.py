"""A breaker holds only what came after it, and its reset sends what it held, where that is still wanted."""

from datetime import timedelta
from typing import Any

import pytest

from desk.gate.caps import of_strangers
from desk.limits import USUAL
from desk.trust.judge import Proof
from models.db.claims import claim_fresh
from models.outbox.breakers import STRANGERS as EVERYBODY
from models.outbox.breakers import breaker_key, open_breaker
from models.outbox.rows import OUTBOX, SENT, settle_outbox
from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from worker.admin.digests.quarantine import send_digest
from worker.announce.run import announce_due
from worker.deliver.attempt import prepare
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

STRANGERS = of_strangers(USUAL)
MOST_TICKETS_OF_DOMAIN = USUAL.tickets_from_domain_an_hour

MOST = STRANGERS[0].most
# First mails within a minute, all from one provider, for whose senders nothing speaks.
FIRST_MAILS = 206
ANN = "ann@customer.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx")


def raw(sender: str, number: int) -> bytes:
    return a_raw_mail(**{"from": sender, "message_id": f"<{number}@{sender}>"})


def go_out(services: Services) -> list[str]:
    """Let delivery ask the gate about all that is due; who is sent an acknowledgement."""
    gone: list[str] = []
    while True:
        with transaction(services.engine) as session:
            claimed = claim_fresh(session, OUTBOX, timedelta(hours=1), 50)
        for row in claimed.ids:
            if mail := prepare(services, claimed, row):
                with transaction(services.engine) as session:
                    settle_outbox(session, row, SENT)
                gone.append(mail.recipient)
        if not claimed.ids:
            return [one for one in gone if not one.endswith("@desk.example")]


def held(services: Services, recipient: str = "%") -> list[dict[str, Any]]:
    return query(services, "SELECT * FROM mail.outbox WHERE fate = 'held' AND recipient LIKE :to", to=recipient)


def stopped(services: Services, address: str = EVERYBODY) -> None:
    """Open a breaker, and let Ann write a first mail, whose acknowledgement it holds."""
    with transaction(services.engine) as session:
        open_breaker(session, address, "too fast")
    process(services, raw(ANN, 1))
    assert len(held(services, ANN)) == 1


def burst(services: Services, domain: str) -> None:
    """So many people with an address at this domain write their first mail, all within a minute."""
    for number in range(FIRST_MAILS):
        store_in_ledger(services, raw(f"user{number}@{domain}", number))
    while receive_due(services).done or announce_due(services).done:
        pass


# A provider of the list that ships with the program, and one that an installation names.
PROVIDERS = {"gmail.com": {}, "mail.example": {"LIMITS__SHARED_DOMAINS": '["mail.example"]'}}


@pytest.mark.parametrize("domain", PROVIDERS)
def test_of_a_burst_of_first_mails_each_is_a_ticket_and_no_acknowledgement_is_lost(
    make_services: MakeServices, supportdesk: Supportdesk, domain: str
) -> None:
    services = make_services(ADMIN, AGENT, AUTHSERV_ID="mx", **PROVIDERS[domain])
    burst(services, domain)

    at_once = go_out(services)
    said = supportdesk("loop", "reset", EVERYBODY)
    later = go_out(services)

    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == FIRST_MAILS
    assert len(at_once) == MOST
    assert f"next delivery: {FIRST_MAILS - MOST}." in said.stdout
    assert sorted(at_once + later) == sorted(f"user{number}@{domain}" for number in range(FIRST_MAILS))
    to_agent = query(services, "SELECT fate FROM mail.outbox WHERE recipient = :bob", bob=AGENT[0])
    assert len(to_agent) == FIRST_MAILS
    # What is above the agent's limit of an hour waits for the next one.
    assert {row["fate"] for row in to_agent} == {None, SENT}


def test_of_a_burst_from_a_company_the_admin_is_told_each_address_that_waits(services: Services) -> None:
    burst(services, "customer.example")

    told = send_digest(services)
    announce_due(services)

    parked = query(services, "SELECT sender FROM mail.ledger WHERE fate = 'quarantined'")
    digest = query(services, "SELECT text FROM mail.outbox WHERE template = 'quarantine-digest'")
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == MOST_TICKETS_OF_DOMAIN
    assert told == len(parked) == FIRST_MAILS - MOST_TICKETS_OF_DOMAIN
    assert [row["sender"] for row in parked if row["sender"] not in digest[0]["text"]] == []


BREAKERS = [(EVERYBODY, EVERYBODY), (breaker_key(ANN, Proof.CLAIMED), ANN)]


@pytest.mark.parametrize(("key", "address"), BREAKERS)
def test_a_reset_sends_what_its_breaker_held(
    services: Services, supportdesk: Supportdesk, key: str, address: str
) -> None:
    stopped(services, key)

    supportdesk("loop", "reset", address)

    assert go_out(services) == [ANN]


# What was held, and is sent by no reset.
UNWANTED = {
    "it is older than a day": "written_at = now() - interval '25 hours'",
    "it was dropped": "reason = 'dropped'",
    "it was erased": "html = ''",
    "a line of a note was in it": "reason = 'Its text holds a line of an internal note of the ticket: “x”'",
    "it was above the cap": "reason = 'The recipient gets 30 mails in 60 minutes, and no more.'",
    "it was held for another reason": "reason = NULL",
}


@pytest.mark.parametrize(("key", "address"), BREAKERS)
@pytest.mark.parametrize("why", UNWANTED)
def test_a_reset_does_not_send_what_is_no_longer_wanted_or_was_held_for_something_else(
    services: Services, supportdesk: Supportdesk, key: str, address: str, why: str
) -> None:
    stopped(services, key)
    execute(services, f"UPDATE mail.outbox SET {UNWANTED[why]} WHERE fate = 'held'")

    said = supportdesk("loop", "reset", address)

    assert said.exit_code == 0
    assert go_out(services) == []


def test_a_reset_leaves_held_what_the_admin_does_not_want_to_send(services: Services, supportdesk: Supportdesk) -> None:
    stopped(services)

    said = supportdesk("loop", "reset", EVERYBODY, "--without-held")

    assert said.exit_code == 0
    assert (go_out(services), len(held(services))) == ([], 1)


def test_the_gate_is_asked_again_about_what_a_reset_sends(services: Services, supportdesk: Supportdesk) -> None:
    stopped(services)
    execute(services, "INSERT INTO mail.suppression (address, reason) VALUES (:ann, 'They object.')", ann=ANN)

    supportdesk("loop", "reset", EVERYBODY)

    assert go_out(services) == []
    assert "suppressed" in held(services, ANN)[0]["reason"]


def test_a_reset_of_somebody_sends_nothing_to_others(services: Services, supportdesk: Supportdesk) -> None:
    stopped(services)
    with transaction(services.engine) as session:
        open_breaker(session, "dan@customer.example", "too fast")

    supportdesk("loop", "reset", "dan@customer.example")

    assert go_out(services) == []


def test_a_claimed_address_is_acknowledged_once_by_a_reset_too(services: Services, supportdesk: Supportdesk) -> None:
    stopped(services)
    process(services, raw(ANN, 2))

    supportdesk("loop", "reset", EVERYBODY)

    assert go_out(services) == [ANN]


@pytest.mark.parametrize(("opened", "goes"), [("0", [ANN]), ("1 second", [])])
def test_a_loop_breaker_holds_nothing_that_was_written_before_it_opened(
    services: Services, opened: str, goes: list[str]
) -> None:
    process(services, raw(ANN, 1))
    execute(
        services,
        f"""INSERT INTO mail.breaker (address, reason, opened_at)
        SELECT :key, 'too fast', min(written_at) - interval '{opened}' FROM mail.outbox WHERE recipient = :ann""",
        key=breaker_key(ANN, Proof.CLAIMED),
        ann=ANN,
    )

    assert go_out(services) == goes
