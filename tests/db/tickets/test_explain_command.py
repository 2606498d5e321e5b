"""`supportdesk explain` on a database in which mails came and went."""

import json

import pytest

from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, process, query
from tests.support.values.replies import answer, last_mail
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)


@pytest.mark.parametrize("name", ["{id}", "mail-{id}", "<1@customer>", "1@customer"])
def test_a_mail_is_explained_by_its_number_or_message_id(
    services: Services, supportdesk: Supportdesk, name: str
) -> None:
    mail = process(services, a_raw_mail())

    result = supportdesk("explain", name.format(id=mail["id"]))

    assert result.exit_code == 0, result.output
    told = (
        f"Mail {mail['id']} from ann@customer.example",
        "It was applied. It opened SD-",
        "Rule new_ticket:",
        "Thread: Nothing in the mail names a ticket.",
        "Trust: Its sender is a stranger",
        "Owner: ",
        "(ticket-opened) to ann@customer.example",
    )
    assert [sentence for sentence in told if sentence not in result.output] == []


def test_a_ticket_is_explained_with_its_routing(services: Services, supportdesk: Supportdesk) -> None:
    mail = process(services, a_raw_mail())

    result = supportdesk("explain", f"SD-{mail['ticket_number']}")

    assert result.exit_code == 0, result.output
    for sentence in (f"SD-{mail['ticket_number']} “Printer” is open.", "Routed on ", "Mail ", "Our mail "):
        assert sentence in result.output


def test_a_mail_of_ours_is_explained_by_its_number_or_message_id(services: Services, supportdesk: Supportdesk) -> None:
    process(services, a_raw_mail())
    ours = query(services, "SELECT id, message_id FROM mail.outbox WHERE template = 'ticket-opened'")[0]

    results = [supportdesk("explain", f"outbox-{ours['id']}"), supportdesk("explain", f"<{ours['message_id']}>")]

    assert results[0].output == results[1].output
    assert "It is still to be sent" in results[0].output


def test_an_account_can_be_read_by_scripts(services: Services, supportdesk: Supportdesk) -> None:
    mail = process(services, a_raw_mail())

    accounts = json.loads(supportdesk("explain", str(mail["id"]), "--json").output)

    assert (accounts[0]["evidence"]["rule"], accounts[0]["sent"][0]["cause"]) == ("new_ticket", mail["id"])


def test_each_command_of_a_mail_stands_there_with_its_outcome(services: Services, supportdesk: Supportdesk) -> None:
    process(services, a_raw_mail())
    row = answer(services, last_mail(services, AGENT[0]), "#priority high\n#assign nobody", x_nothing="1")

    shown = supportdesk("explain", f"mail-{row['id']}").output
    (account,) = json.loads(supportdesk("explain", f"mail-{row['id']}", "--json").output)

    assert [line.strip()[:25] for line in shown.splitlines() if "#" in line][:2] == [
        "Done: #priority high: The",
        "Refused: #assign nobody: ",
    ]
    assert "It changed the priority from medium to high." in shown
    assert [(one["line"], one["done"]) for one in account["commands"]] == [
        ("#priority high", True),
        ("#assign nobody", False),
    ]
    assert account["changed"] == [{"field": "priority", "old": "medium", "new": "high"}]


def test_what_a_customers_command_changed_stands_there(services: Services, supportdesk: Supportdesk) -> None:
    process(services, a_raw_mail())
    row = answer(services, last_mail(services, "ann@customer.example"), "#close", x_nothing="1")

    assert "It changed the status from open to closed." in supportdesk("explain", f"mail-{row['id']}").output


@pytest.mark.parametrize("name", ["SD-9999", "9999", "outbox-9999", "nobody@nowhere.example", "what"])
def test_what_is_not_there_is_refused_with_the_forms_that_are(
    services: Services, supportdesk: Supportdesk, name: str
) -> None:
    result = supportdesk("explain", name)

    assert result.exit_code == 2
    assert f"Nothing here is called {name}." in result.output


def test_what_a_mail_says_is_never_obeyed_by_the_terminal(services: Services, supportdesk: Supportdesk) -> None:
    mail = process(services, a_raw_mail(subject="=?utf-8?q?=1B[31m[link=3Dhttp://x]red?="))

    result = supportdesk("explain", f"SD-{mail['ticket_number']}")

    assert "\x1b" not in result.output
    assert "[link=http://x]" in result.output
