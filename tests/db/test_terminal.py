"""What somebody wrote into the database is shown by `supportdesk explain` and never obeyed by the terminal."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.offices import AGENT, MakeServices, a_raw_mail, rows, run, take_in
from worker.cli.main import main
from worker.office import Office

# Colour, the window's title, the control character that starts both in eight bits, and text that runs backwards.
ORDERS = "\x1b[31mred\x1b]0;owned\x07\x9b31m\N{RIGHT-TO-LEFT OVERRIDE}"
OBEYED = set("\x1b\x07\x9b\N{RIGHT-TO-LEFT OVERRIDE}")
EVIL = (
    'UPDATE "Ticket" SET title = :orders',
    "UPDATE mail.ledger SET error = :orders, reason = :orders, sender = :orders, tries = 1",
    "UPDATE mail.ledger SET evidence = jsonb_set(evidence, '{trust}', to_jsonb(CAST(:orders AS text)))",
    "UPDATE mail.outbox SET reason = :orders, error = :orders",
)


@pytest.fixture
def services(make_services: MakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    # Here lies no settings file, so the database alone is the installation.
    monkeypatch.chdir(tmp_path)
    return make_services(AGENT)


@pytest.mark.parametrize("what", ["SD-{ticket}", "mail-{mail}", "outbox-{sent}"])
def test_orders_to_a_terminal_are_shown_as_marks(services: Office, what: str) -> None:
    mail = take_in(services, a_raw_mail())
    run(services, *EVIL, orders=ORDERS)
    sent = rows(services, "SELECT id FROM mail.outbox WHERE template = 'ticket-opened'")[0]["id"]
    url = services.engine.url.render_as_string(hide_password=False)
    runner = CliRunner(env={"DATABASE_URL": url, "SUPPORTDESK_CONFIG": "", "COLUMNS": "160"})

    name = what.format(ticket=mail["ticket_number"], mail=mail["id"], sent=sent)
    # In colour, for without it click itself takes some of the orders out.
    result = runner.invoke(main, ["explain", name], color=True)

    assert result.exit_code == 0, result.output
    assert "\N{REPLACEMENT CHARACTER}[31mred" in result.output
    assert not OBEYED & set(result.output)
