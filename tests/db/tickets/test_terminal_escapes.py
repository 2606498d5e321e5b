"""What somebody wrote into the database is shown by `supportdesk explain` and never obeyed by the terminal."""

import pytest

from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, execute, process, query
from worker.runtime.services import Services

# Colour, the window's title, the control character that starts both in eight bits, and text that runs backwards.
ORDERS = "\x1b[31mred\x1b]0;owned\x07\x9b31m\N{RIGHT-TO-LEFT OVERRIDE}"
OBEYED = set("\x1b\x07\x9b\N{RIGHT-TO-LEFT OVERRIDE}")
EVIL = (
    'UPDATE "Ticket" SET title = :orders',
    "UPDATE mail.ledger SET error = :orders, reason = :orders, sender = :orders, tries = 1",
    "UPDATE mail.ledger SET evidence = jsonb_set(evidence, '{trust}', to_jsonb(CAST(:orders AS text)))",
    "UPDATE mail.outbox SET reason = :orders, error = :orders",
)
pytestmark = pytest.mark.services(AGENT)


@pytest.mark.parametrize("what", ["SD-{ticket}", "mail-{mail}", "outbox-{sent}"])
def test_orders_to_a_terminal_are_shown_as_marks(services: Services, supportdesk: Supportdesk, what: str) -> None:
    mail = process(services, a_raw_mail())
    execute(services, *EVIL, orders=ORDERS)
    sent = query(services, "SELECT id FROM mail.outbox WHERE template = 'ticket-opened'")[0]["id"]

    name = what.format(ticket=mail["ticket_number"], mail=mail["id"], sent=sent)
    # In colour, for without it click itself takes some of the orders out.
    result = supportdesk("explain", name, color=True)

    assert result.exit_code == 0, result.output
    assert "\N{REPLACEMENT CHARACTER}[31mred" in result.output
    assert not OBEYED & set(result.output)
