"""Who stands in To and Cc of a mail is its writer's claim: only staff's mail of full power spares anybody a notice."""

import pytest

from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, SUPPORT, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.runtime.services import Services

ANN, BOB, CAT, EVE = "ann@customer.example", "bob@desk.example", "cat@desk.example", "eve@elsewhere.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), SECOND_AGENT)
WHERE = [{"to": f"{{}}, {BOB}"}, {"to": f"{BOB}, {{}}"}, {"cc": BOB}, {"cc": f"Bob <BOB@desk.example>, {EVE}"}]
NEWS = """
SELECT template FROM mail.outbox
WHERE recipient = :to AND template IN ('comment-to-agent', 'note-to-agent') AND fate IS DISTINCT FROM 'held'
"""


def news_for(services: Services, recipient: str) -> list[str]:
    """The mails about others' words that an agent gets."""
    return [row["template"] for row in query(services, NEWS, to=recipient)]


def named(headers: dict[str, str], desk: str) -> dict[str, str]:
    """The headers that name the agent, with the desk's address where it belongs."""
    return {"to": desk} | {name: value.format(desk) for name, value in headers.items()}


@pytest.mark.parametrize("headers", WHERE)
def test_a_customer_who_names_the_agent_keeps_the_agent_from_no_news(
    services: Services, headers: dict[str, str]
) -> None:
    desk = str(last_mail(services, ANN)["reply_to"])

    answer(services, last_mail(services, ANN), "It burns.", **named(headers, desk))

    assert news_for(services, BOB) == ["comment-to-agent"]


@pytest.mark.parametrize("headers", WHERE)
def test_nor_does_who_only_claims_to_be_the_customer(services: Services, headers: dict[str, str]) -> None:
    write_mail(services, ANN, "It burns.", subject="Re: [SD-1001] Printer", **named(headers, SUPPORT))

    assert news_for(services, BOB) == ["comment-to-agent"]


@pytest.mark.parametrize("headers", WHERE)
def test_nor_does_a_stranger_with_a_customers_signed_address(services: Services, headers: dict[str, str]) -> None:
    desk = str(last_mail(services, ANN)["reply_to"])

    write_mail(services, EVE, "Click here.", **named(headers, desk))

    assert news_for(services, BOB) == ["note-to-agent"]


def test_nor_does_staff_that_was_demoted(services: Services) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#assign cat")
    notice = last_mail(services, CAT, "ticket-assigned")
    answer(services, last_mail(services, BOB, "ticket-assigned"), "It is the fuse.")
    execute(services, "UPDATE \"User\" SET role = 'customer' WHERE email = :email", email=BOB)
    told = news_for(services, CAT)

    write_mail(services, BOB, "It is not.", to=f"{notice['reply_to']}, {CAT}")

    assert news_for(services, CAT) == [*told, "note-to-agent"]


@pytest.mark.parametrize("named", [{"cc": CAT}, {"cc": f"{ANN}, {CAT}"}])
def test_a_colleague_whom_an_agent_wrote_to_as_well_is_not_told_again(
    services: Services, named: dict[str, str]
) -> None:
    assigned = last_mail(services, BOB, "ticket-assigned")
    answer(services, assigned, "#assign cat")

    answer(services, assigned, "It is the fuse.", **named)

    assert news_for(services, CAT) == []
    assert len(mails_to(services, ANN, "comment-to-customer")) == (0 if ANN in named["cc"] else 1)
