"""Mail of a listed group, which writes itself into From: who is its author, and what nobody can do with it."""

import json
from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SUPPORT, MakeServices, query
from tests.support.values.replies import mails_to, write_mail
from worker.admin.doctor.mail_findings import groups
from worker.runtime.services import Services

ANN, BOB, TEAM = "ann@customer.example", "bob@desk.example", "team@desk.example"
PINNED = {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example"}
LISTED = {"GROUPS": json.dumps([SUPPORT, TEAM])}
GOOGLE = {
    "from": f"\"'Ann' via Support\" <{SUPPORT}>",
    "reply_to": f"Ann <{ANN}>",
    "x_original_sender": ANN,
    "x_original_from": f"Ann <{ANN}>",
    "precedence": "list",
    "list_id": "<support.desk.example>",
}
MAILMAN = {
    "from": f"Ann via Team <{TEAM}>",
    "reply_to": f"Ann <{ANN}>, Team <{TEAM}>",
    "list_id": "<team.desk.example>",
}
FORMS: dict[str, dict[str, str]] = {
    "Google Groups": GOOGLE,
    "Google Groups, where the author wants answers elsewhere": GOOGLE | {"reply_to": "pa@customer.example"},
    "Google Groups, where answers go to the group": GOOGLE | {"reply_to": SUPPORT},
    "Mailman": MAILMAN,
    "Mailman, without itself": MAILMAN | {"reply_to": ANN},
}
NOBODY: dict[str, dict[str, str]] = {
    "no author": {"from": SUPPORT, "list_id": "<support.desk.example>"},
    "two authors": GOOGLE | {"x_original_from": f"{ANN}, eve@elsewhere.example"},
    "the desk": GOOGLE | {"x_original_from": SUPPORT},
    "a signed address of the desk": GOOGLE | {"x_original_from": "support+abc.def@desk.example"},
    "no address": MAILMAN | {"reply_to": "Ann"},
}


@pytest.fixture
def desk(make_services: MakeServices) -> Services:
    return make_services(ADMIN, AGENT, **PINNED, **LISTED)


def arrive(services: Services, form: dict[str, str], text: str = "I lost my badge.", **more: str) -> Any:
    return write_mail(services, SUPPORT, text, **(form | {"to": SUPPORT, "subject": "Badge lost"} | more))


@pytest.mark.parametrize("vouched", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_the_author_that_a_group_names_is_the_customer_and_only_claimed(
    desk: Services, form: str, vouched: bool
) -> None:
    results = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"} if vouched else {}

    ledger = arrive(desk, FORMS[form], **results)

    found = query(desk, 'SELECT email, "emailVerified" AS verified FROM "User" WHERE role = \'customer\'')
    assert (ledger["fate"], ledger["sender"], ledger["evidence"]["proof"]) == ("applied", ANN, "claimed")
    assert found == [{"email": ANN, "verified": None}]
    assert mails_to(desk, SUPPORT) == mails_to(desk, TEAM) == []


@pytest.mark.parametrize("form", NOBODY)
def test_a_group_that_names_nobody_stays_in_quarantine(desk: Services, form: str) -> None:
    ledger = arrive(desk, NOBODY[form])

    assert (ledger["fate"], ledger["evidence"]["rule"]) == ("quarantined", "our_own_address")


@pytest.mark.parametrize("word", ["fail", "none", "temperror"])
@pytest.mark.parametrize("form", FORMS)
def test_a_group_that_our_server_does_not_vouch_for_is_a_forgery(desk: Services, form: str, word: str) -> None:
    results = f"mx.desk.example; dmarc={word} header.from=desk.example"

    ledger = arrive(desk, FORMS[form], authentication_results=results)

    assert (ledger["fate"], ledger["evidence"]["rule"]) == ("quarantined", "our_own_address")


def test_staff_who_are_named_by_a_group_have_no_power(desk: Services) -> None:
    arrive(desk, GOOGLE)

    named = GOOGLE | {"x_original_from": BOB}
    ledger = arrive(desk, named, "#close", subject="[SD-1001] Badge lost")

    assert (ledger["fate"], query(desk, 'SELECT status::text FROM "Ticket"')) == ("not_applied", [{"status": "open"}])


def test_without_the_setting_it_is_a_forgery_and_the_doctor_names_the_pattern(make_services: MakeServices) -> None:
    services = make_services(ADMIN, AGENT)
    ledger = arrive(services, GOOGLE)

    (finding,) = groups(services)

    assert (ledger["fate"], finding.trouble) == ("quarantined", "")
    assert f'groups = ["{SUPPORT}"]' in finding.advice
    assert f"such as mail-{ledger['id']}" in finding.advice


@pytest.mark.parametrize(
    "headers",
    [
        {"from": ANN, "list_id": "<x.example>", "reply_to": ANN},
        {"from": SUPPORT, "reply_to": ANN},
        {"from": SUPPORT, "list_id": "<x.example>", "reply_to": SUPPORT},
    ],
)
def test_the_doctor_says_nothing_of_other_mail(make_services: MakeServices, headers: dict[str, str]) -> None:
    services = make_services(ADMIN, AGENT)

    write_mail(services, ANN, "Hello.", **headers)

    assert list(groups(services)) == []


def test_the_doctor_says_nothing_once_the_group_is_named(desk: Services) -> None:
    arrive(desk, GOOGLE)

    assert list(groups(desk)) == []
