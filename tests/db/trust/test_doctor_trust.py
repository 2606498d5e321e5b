"""The doctor looks at mails that came and at the staff list, and says what trust rests on."""

from datetime import timedelta

import pytest

from desk.ticket import Role
from mail.mime.headers import HEAD_BYTES
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.mails import latest_heads
from tests.support.database.services import (
    MakeServices,
    a_raw_mail,
    execute,
    make_staff,
    query,
    services_on,
    store_in_ledger,
)
from worker.admin.doctor.mail_findings import pins
from worker.admin.doctor.run import TRUST, shared_domains, trust
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

OURS = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example\n"
OTHERS_HOP = b"Received: from a by relay.x.example; today\n"
PINNED = {"AUTHSERV_ID": "mx.desk.example"}
pytestmark = pytest.mark.services(**PINNED)


def test_a_server_whose_results_stand_on_no_mail_is_named_as_probably_wrong(services: Services) -> None:
    for number in range(20):
        store_in_ledger(services, b"Authentication-Results: mx.google.example; spf=none\n" + mail(number))

    (found,) = pins(services)

    assert found.part == "authserv_id of mailbox support"
    assert found.trouble.endswith("carries mx.desk.example on top; the topmost is of mx.google.example.")


def test_a_server_whose_results_stand_on_top_is_fine(services: Services) -> None:
    for number in range(20):
        store_in_ledger(services, OURS + mail(number) if number == 3 else mail(number))

    (found,) = pins(services)

    assert (found.trouble, found.advice) == ("", "")


def test_a_forged_result_that_came_through_is_named_with_its_mail(services: Services) -> None:
    store_in_ledger(services, OURS + mail(1))
    row = store_in_ledger(services, OURS + OTHERS_HOP + OURS + mail(2))

    (found,) = pins(services)

    assert f"such as mail-{row} of " in found.trouble
    assert "mx.desk.example stands below a server of others, relay.x.example" in found.trouble


@pytest.mark.parametrize(("age", "told"), [("13 days", True), ("15 days", False)])
def test_what_was_found_in_mails_of_last_month_is_not_told_for_ever(age: str, told: bool, services: Services) -> None:
    store_in_ledger(services, OURS + OTHERS_HOP + OURS + mail(1))
    execute(services, f"UPDATE mail.ledger SET stored_at = now() - interval '{age}'")

    (found,) = pins(services)

    assert bool(found.trouble) is told


def test_a_finding_names_the_day_of_its_newest_mail(services: Services) -> None:
    for number in (1, 2):
        store_in_ledger(services, OURS + OTHERS_HOP + OURS + mail(number))
    (row,) = query(
        services, "SELECT id, to_char(stored_at, 'YYYY-MM-DD') AS day FROM mail.ledger ORDER BY id DESC LIMIT 1"
    )

    (found,) = pins(services)

    assert f"such as mail-{row['id']} of {row['day']}, mx" in found.trouble


def test_an_empty_ledger_and_a_mailbox_without_a_pin_are_no_trouble(make_services: MakeServices) -> None:
    without, pinned = make_services(), make_services(**PINNED)

    found = [[*pins(one)] for one in (without, pinned)]

    assert [[(one.trouble, one.advice) for one in each] for each in found] == [[], [("", "")]]


def test_the_latest_heads_of_one_mailbox_are_read_and_no_more_of_them(services: Services) -> None:
    rows = [store_in_ledger(services, mail(number)) for number in range(3)]
    rows.append(store_in_ledger(services, mail(3) + b"x" * (2 * HEAD_BYTES)))
    with transaction(services.engine) as session:
        other = ensure_mailbox(session, "sales", "sales@desk.example")
    execute(services, "UPDATE mail.ledger SET mailbox_id = :other WHERE id = :row", other=other, row=rows[2])

    with transaction(services.engine) as session:
        heads = latest_heads(session, "support", 2, timedelta(days=14))

    assert [head.row for head in heads] == [rows[3], rows[1]]
    assert [len(head.content) for head in heads] == [HEAD_BYTES, len(mail(1))]


def test_a_mailbox_at_the_domain_of_staff_is_advised_about(services: Services) -> None:
    make_staff(services, "ada@elsewhere.example", Role.ADMIN)
    before = [*shared_domains(services)]
    make_staff(services, "bob@desk.example")

    (found,) = shared_domains(services)

    assert before == []
    assert (found.part, found.trouble) == ("address of mailbox support", "")
    assert found.advice.startswith("support@desk.example is at the domain of staff's own addresses.")


@pytest.mark.parametrize(("staff", "advised"), [("token", True), ("both", False)])
def test_the_token_alone_is_advised_about(make_services: MakeServices, staff: str, advised: bool) -> None:
    services = make_services(TRUST__STAFF=staff, **PINNED)

    (found,) = trust(services)

    assert (found.trouble, bool(found.advice)) == ("", advised)


def test_a_database_that_is_away_is_told_of_by_its_own_check_only() -> None:
    services = services_on("postgresql://x@127.0.0.1:1/x", **PINNED)

    found = [finding.part for check in TRUST for finding in check(services)]

    assert found == ["trust of staff"]


def mail(number: int) -> bytes:
    """One mail of many."""
    return a_raw_mail(message_id=f"<{number}@customer>")
