"""Mail of a listed web form on its way through the desk: who becomes its customer, who is answered, who is not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from desk.explaining import explain
from desk.ticket import Role
from models.accounts import read_mail
from tests.answers import last_to, mails_to, write
from tests.offices import an_office, hire, rows
from worker.office import Office
from worker.transaction import transaction

FORM, ANN, BOB = "forms@site.example", "ann@customer.example", "bob@desk.example"


def vouched(word: str) -> str:
    """What our server says of the form's own address."""
    return f"mx.desk.example; dmarc={word} header.from=site.example"


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    settings = {"MAILBOX__SUPPORT__AUTHSERV_ID": "mx.desk.example", "MAILBOX__SUPPORT__WEB_FORMS": json.dumps([FORM])}
    office = an_office(fresh_database, TRUST__STAFF="both", **settings)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, BOB)
    yield office
    office.engine.dispose()


def fill_in(office: Office, text: str = "It burns.", word: str = "pass", **headers: str) -> Any:
    """What the form sends when somebody fills it in."""
    given = {"reply_to": f"Ann <{ANN}>", "authentication_results": vouched(word), "subject": "Fire"}
    return write(office, FORM, text, **(given | headers))


def people(office: Office) -> dict[str, bool]:
    """Every customer's address, and whether it is proven theirs."""
    found = 'SELECT email, "emailVerified" IS NOT NULL AS proven FROM "User" WHERE role = \'customer\''
    return {row["email"]: row["proven"] for row in rows(office, found)}


def test_who_filled_the_form_in_is_the_customer_and_gets_the_acknowledgement(office: Office) -> None:
    ledger = fill_in(office)

    assert (people(office), ledger["sender"]) == ({ANN: False}, ANN)
    assert [mail["template"] for mail in mails_to(office, ANN)] == ["ticket-opened"]
    assert mails_to(office, FORM) == []


def test_a_claimed_address_is_acknowledged_once_a_day(office: Office) -> None:
    fill_in(office)

    fill_in(office, "It still burns.")

    assert len([mail for mail in mails_to(office, ANN) if mail["fate"] != "held"]) == 1


def test_the_words_of_the_form_do_not_go_to_the_address_that_it_names(office: Office) -> None:
    fill_in(office, "Buy cheap pills.", subject="Cheap pills")

    assert "pills" not in f"{last_to(office, ANN)['subject']}{last_to(office, ANN)['text']}".lower()


def test_a_form_that_our_server_does_not_vouch_for_is_not_believed(office: Office) -> None:
    ledger = fill_in(office, word="fail")

    assert (people(office), ledger["sender"]) == ({FORM: False}, FORM)
    assert mails_to(office, ANN) == mails_to(office, FORM) == []


def test_a_form_in_the_name_of_staff_does_nothing_but_ask_them(office: Office) -> None:
    fill_in(office)

    ledger = fill_in(office, "#close", reply_to=BOB, subject="[SD-1001] Fire")

    assert (ledger["fate"], rows(office, 'SELECT status::text FROM "Ticket"')) == ("not_applied", [{"status": "open"}])
    assert [mail["template"] for mail in mails_to(office, BOB)][-1] == "mail-unconfirmed"


def test_a_signed_address_in_a_form_verifies_nobody_and_gives_staff_no_power(office: Office) -> None:
    fill_in(office)
    keys = {who: str(last_to(office, who)["reply_to"]) for who in (ANN, BOB)}

    anns = fill_in(office, "#close", to=keys[ANN])
    bobs = fill_in(office, "#close", to=keys[BOB], reply_to=BOB)

    assert (anns["fate"], bobs["fate"], people(office)) == ("applied", "not_applied", {ANN: False})
    assert rows(office, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]
    assert rows(office, 'SELECT content FROM "Comment"') == [{"content": "#close"}]


def test_explain_says_that_a_form_wrote_it_and_for_whom(office: Office) -> None:
    ledger = fill_in(office)

    with transaction(office.engine) as session:
        account = read_mail(session, ledger["id"])

    assert account
    assert f"  Form: The web form {FORM} names {ANN} in Reply-To, which proves nothing of them." in explain(account)


def test_without_the_setting_reply_to_counts_for_nothing(fresh_database: str) -> None:
    office = an_office(fresh_database)
    hire(office, BOB)

    ledger = fill_in(office)

    office.engine.dispose()
    assert (office.policy.web_forms, ledger["sender"]) == ({}, FORM)
