"""Mail of a listed web form on its way through the desk: who becomes its customer, who is answered, who is not."""

import json
from typing import Any

import pytest

from desk.explain import explain
from models.reports.accounts import read_mail
from tests.support.database.services import ADMIN, AGENT, MakeServices, query
from tests.support.values.replies import last_mail, mails_to, write_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

FORM, ANN, BOB = "forms@site.example", "ann@customer.example", "bob@desk.example"
TRUSTING = {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example", "WEB_FORMS": json.dumps([FORM])}
pytestmark = pytest.mark.services(ADMIN, AGENT, **TRUSTING)


def vouched(word: str) -> str:
    """What our server says of the form's own address."""
    return f"mx.desk.example; dmarc={word} header.from=site.example"


def fill_in(services: Services, text: str = "It burns.", word: str = "pass", **headers: str) -> Any:
    """What the form sends when somebody fills it in."""
    given = {"reply_to": f"Ann <{ANN}>", "authentication_results": vouched(word), "subject": "Fire"}
    return write_mail(services, FORM, text, **(given | headers))


def people(services: Services) -> dict[str, bool]:
    """Every customer's address, and whether it is proven theirs."""
    found = 'SELECT email, "emailVerified" IS NOT NULL AS proven FROM "User" WHERE role = \'customer\''
    return {row["email"]: row["proven"] for row in query(services, found)}


def test_who_filled_the_form_in_is_the_customer_and_gets_the_acknowledgement(services: Services) -> None:
    ledger = fill_in(services)

    assert (people(services), ledger["sender"]) == ({ANN: False}, ANN)
    assert [mail["template"] for mail in mails_to(services, ANN)] == ["ticket-opened"]
    assert mails_to(services, FORM) == []


def test_a_claimed_address_is_acknowledged_once_a_day(services: Services) -> None:
    fill_in(services)

    fill_in(services, "It still burns.")

    assert len([mail for mail in mails_to(services, ANN) if mail["fate"] != "held"]) == 1


def test_the_words_of_the_form_do_not_go_to_the_address_that_it_names(services: Services) -> None:
    fill_in(services, "Buy cheap pills.", subject="Cheap pills")

    assert "pills" not in f"{last_mail(services, ANN)['subject']}{last_mail(services, ANN)['text']}".lower()


def test_a_form_that_our_server_does_not_vouch_for_is_not_believed(services: Services) -> None:
    ledger = fill_in(services, word="fail")

    # Neither is made a person: who is refuted stands in nobody's name.
    assert (people(services).keys().isdisjoint({ANN, FORM}), ledger["sender"]) == (True, FORM)
    assert mails_to(services, ANN) == mails_to(services, FORM) == []


def test_a_form_in_the_name_of_staff_does_nothing_but_ask_them(services: Services) -> None:
    fill_in(services)

    ledger = fill_in(services, "#close", reply_to=BOB, subject="[SD-1001] Fire")

    assert (ledger["fate"], query(services, 'SELECT status::text FROM "Ticket"')) == (
        "not_applied",
        [{"status": "open"}],
    )
    assert [mail["template"] for mail in mails_to(services, BOB)][-1] == "mail-unconfirmed"


def test_a_signed_address_in_a_form_verifies_nobody_and_gives_staff_no_power(services: Services) -> None:
    fill_in(services)
    keys = {who: str(last_mail(services, who)["reply_to"]) for who in (ANN, BOB)}

    anns = fill_in(services, "#close", to=keys[ANN])
    bobs = fill_in(services, "#close", to=keys[BOB], reply_to=BOB)

    assert (anns["fate"], bobs["fate"], people(services)) == ("applied", "not_applied", {ANN: False})
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]
    assert query(services, 'SELECT content FROM "Comment"') == [{"content": "#close"}]


def test_explain_says_that_a_form_wrote_it_and_for_whom(services: Services) -> None:
    ledger = fill_in(services)

    with transaction(services.engine) as session:
        account = read_mail(session, ledger["id"])

    assert account
    assert f"  Form: The web form {FORM} names {ANN} in Reply-To, which proves nothing of them." in explain(account)


def test_without_the_setting_reply_to_counts_for_nothing(make_services: MakeServices) -> None:
    services = make_services(AGENT)

    ledger = fill_in(services)

    assert (services.policy.web_forms, ledger["sender"]) == ({}, FORM)
