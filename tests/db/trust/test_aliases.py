"""Further addresses of a mailbox are the desk: no guest, never written to, and written to by whoever names them."""

import json
from datetime import timedelta
from typing import Any

import pytest

from models.db.claims import claim_fresh
from models.outbox.rows import OUTBOX
from tests.support.database.services import ADMIN, AGENT, execute, participants, query
from tests.support.values.replies import last_mail, write_mail
from worker.deliver.attempt import prepare
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

HELP, ANN, BOB = "help@desk.example", "ann@customer.example", "bob@desk.example"
ALIASES = json.dumps([HELP, "hilfe@desk.example"])
TRUSTING = {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example", "ALIASES": ALIASES}
pytestmark = pytest.mark.services(ADMIN, AGENT, **TRUSTING)


def vouched(domain: str) -> str:
    return f"mx.desk.example; dmarc=pass header.from={domain}"


def ask(services: Services, **headers: str) -> Any:
    given = {"authentication_results": vouched("customer.example"), "subject": "Door reader"}
    return write_mail(services, ANN, "The gate is stuck.", **(given | headers))


@pytest.mark.parametrize("alias", [f"Help Desk <{HELP}>", "help+gate@desk.example", "HILFE@desk.example"])
def test_an_alias_in_cc_is_no_guest_and_gets_no_mail(services: Services, alias: str) -> None:
    ask(services, cc=alias)

    assert not any("help" in one or "hilfe" in one for one in participants(services))
    assert query(services, "SELECT 1 FROM mail.outbox WHERE recipient LIKE 'h%'") == []


def test_staff_who_answer_to_an_alias_have_written_to_the_desk(services: Services) -> None:
    ask(services)
    given = last_mail(services, BOB)

    headers = {"in_reply_to": f"<{given['message_id']}>", "authentication_results": vouched("desk.example")}
    ledger = write_mail(services, BOB, "The second visit is on Friday.", to=HELP, subject="Re: Door reader", **headers)

    assert ledger["fate"] == "applied"
    assert query(services, 'SELECT content FROM "Comment"') == [{"content": "The second visit is on Friday."}]
    assert "The second visit" in last_mail(services, ANN)["text"]


def test_list_mail_that_names_an_alias_opens_a_ticket(services: Services) -> None:
    headers = {"precedence": "bulk", "list_id": "<parcels.carrier.example>"}

    ledger = write_mail(services, "parcel@carrier.example", "Dock 4.", to=HELP, **headers)

    assert (ledger["fate"], ledger["evidence"]["rule"]) == ("applied", "new_ticket")


def test_mail_in_the_name_of_an_alias_is_a_loop_or_a_forgery(services: Services) -> None:
    ledger = write_mail(services, HELP, "Hello.")

    assert (ledger["fate"], ledger["evidence"]["rule"]) == ("quarantined", "our_own_address")


def test_the_gate_holds_what_would_go_to_an_alias(services: Services) -> None:
    ask(services)
    execute(
        services,
        "UPDATE \"User\" SET email = 'help@desk.example' WHERE email = 'ann@customer.example'",
        "UPDATE mail.outbox SET recipient = 'help@desk.example' WHERE recipient = 'ann@customer.example'",
    )
    with transaction(services.engine) as session:
        claimed = claim_fresh(session, OUTBOX, timedelta(minutes=1), 10)

    for row in claimed.ids:
        prepare(services, claimed, row)

    held = query(services, "SELECT recipient, reason FROM mail.outbox WHERE fate = 'held'")
    assert held == [{"recipient": HELP, "reason": "The recipient is an address of the desk itself."}]
