"""Thanks after the end of a ticket: a comment that the agent is told, which opens nothing and is answered by nobody."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def state(services: Services) -> list[dict[str, Any]]:
    return query(services, 'SELECT status::text, title FROM "Ticket" ORDER BY "createdAt"')


@pytest.mark.parametrize(("command", "status"), [("#resolve", "resolved"), ("#close", "closed")])
def test_thanks_change_nothing_and_the_agent_is_told(services: Services, command: str, status: str) -> None:
    answer(services, last_mail(services, BOB), f"Try this.\n\n{command}")
    to_ann = len(mails_to(services, ANN))

    ledger = answer(services, last_mail(services, ANN), "Thank you, works.\n\nAnn")

    assert (ledger["fate"], ledger["ticket_number"], "thanks and nothing else" in ledger["reason"]) == (
        "applied",
        1001,
        True,
    )
    assert [one["status"] for one in state(services)] == [status]
    assert "Thank you, works." in last_mail(services, BOB, "comment-to-agent")["text"]
    assert len(mails_to(services, ANN)) == to_ann


@pytest.mark.parametrize("text", ["Thank you, but it smokes.", "Thank you. Does it print in colour?"])
def test_what_is_longer_opens_a_resolved_ticket_again(services: Services, text: str) -> None:
    answer(services, last_mail(services, BOB), "Try this.\n\n#resolve")

    answer(services, last_mail(services, ANN), text)

    assert [one["status"] for one in state(services)] == ["open"]
    assert last_mail(services, ANN)["template"] == "ticket-reopened"
