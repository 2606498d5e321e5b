"""`supportdesk mail again`: mails without effect are decided once more, those with one are refused."""

import json
from typing import Any

import pytest

from models.reports.fates import MAY_CHANGE, Counted
from models.reports.history.standings import make_fresh
from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, process, query
from tests.support.values.replies import answer, last_mail
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT)
FATES = "SELECT id, fate, evidence ->> 'rule' AS rule FROM mail.ledger ORDER BY id"
HEARD = "SELECT (SELECT count(*) FROM mail.event) AS events, (SELECT count(*) FROM mail.outbox) AS mails"
NO_SENDER = a_raw_mail(**{"from": "undisclosed"})
ROBOT = a_raw_mail(auto_submitted="auto-replied", message_id="<robot@customer>")
OF_STAFF = a_raw_mail(**{"from": "bob@desk.example", "message_id": "<staff@desk>"})


def quarantined(services: Services) -> int:
    return int(process(services, NO_SENDER)["id"])


def given_up(services: Services) -> int:
    row = quarantined(services)
    execute(services, "UPDATE mail.ledger SET fate = 'dropped', reason = 'It was dropped by command.'")
    return row


# Each fate that a mail may have again: how it comes about, what is said of it, and what comes of it once it can.
FATES_AGAIN: dict[str, tuple[Any, str, str]] = {
    "quarantined": (quarantined, "It is taken as if it had come now.", "quarantined"),
    "dropped": (given_up, "It ends as before unless the program", "quarantined"),
    "not applied": (
        lambda services: process(services, ROBOT)["id"],
        "It is read anew; `supportdesk mail",
        "not_applied",
    ),
    "held": (lambda services: process(services, OF_STAFF)["id"], "Its sender is asked again", "not_applied"),
}


@pytest.mark.parametrize(("make", "may_come", "fate"), FATES_AGAIN.values(), ids=FATES_AGAIN)
def test_a_mail_without_effect_is_decided_once_more(
    services: Services, supportdesk: Supportdesk, make: Any, may_come: str, fate: str
) -> None:
    row = int(make(services))
    before = query(services, FATES)

    shown = supportdesk("mail", "again", row)
    assert (shown.exit_code, query(services, FATES)) == (0, before)
    assert f"Mail {row} from " in shown.output
    assert may_come in shown.output
    assert f"Nothing was changed. To do it: supportdesk mail again {row} --yes" in shown.output

    done = supportdesk("mail", "again", row, "--yes")
    assert (done.exit_code, query(services, FATES)[0]["fate"]) == (0, None)
    assert f"{row} is decided again." in done.output
    receive_due(services)
    announce_due(services)
    assert query(services, FATES)[0]["fate"] == fate
    # Nobody gets the mails of a ticket, for there is none.
    assert query(services, 'SELECT count(*) AS n FROM public."Ticket"') == [{"n": 0}]


def test_a_mail_that_is_a_persons_by_now_has_its_effect_once(services: Services, supportdesk: Supportdesk) -> None:
    row = process(services, a_raw_mail())["id"]
    execute(
        services,
        "SET LOCAL supportdesk.quiet = 'on'",
        """DELETE FROM public."Ticket" """,
        "DELETE FROM mail.reading",
        "DELETE FROM mail.message_id",
        """UPDATE mail.ledger SET fate = 'not_applied', ticket_number = NULL,
            evidence = '{"rule": "automatic_mail", "drop": "automatic"}'""",
    )

    supportdesk("mail", "again", row, "--yes")
    supportdesk("mail", "again", row, "--yes")
    receive_due(services)
    receive_due(services)

    assert query(services, FATES)[0] == {"id": row, "fate": "applied", "rule": "new_ticket"}
    done = """SELECT action, count(*) AS n FROM public."TicketActivity" WHERE action = 'created' GROUP BY 1"""
    assert query(services, done) == [{"action": "created", "n": 1}]
    assert "would open a second ticket" in supportdesk("mail", "again", row, "--yes").stderr


def test_what_had_its_effect_is_refused_with_what_would_double(services: Services, supportdesk: Supportdesk) -> None:
    opened = process(services, a_raw_mail())
    answered = answer(services, last_mail(services, "bob@desk.example"), "Turn it off.")
    before, heard = query(services, FATES), query(services, HEARD)

    shown = supportdesk("mail", "again", opened["id"], answered["id"], "--yes")

    ticket = opened["ticket_number"]
    assert shown.exit_code == 2
    assert f"Mail {opened['id']} opened SD-{ticket}: decided again it would open a second ticket" in shown.stderr
    assert f"Mail {answered['id']} is on SD-{ticket}: decided again its words and commands" in shown.stderr
    assert (query(services, FATES), query(services, HEARD)) == (before, heard)


REFUSED = {
    "bytes that are gone": ("DELETE FROM mail.raw_chunk", "has no bytes here any more"),
    "headers alone": ("UPDATE mail.ledger SET partial = true", "was too large: only its headers are here"),
    "a mail that waits": ("UPDATE mail.ledger SET fate = NULL", "is not decided yet; it waits for a worker."),
    "a mark of the folder": ("UPDATE mail.ledger SET fate = 'baseline'", "was there before the desk"),
}


@pytest.mark.parametrize(("statement", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_decided_is_said_in_a_sentence(
    services: Services, supportdesk: Supportdesk, statement: str, told: str
) -> None:
    row = quarantined(services)
    execute(services, statement)

    shown = supportdesk("mail", "again", row, 999_999, "--yes")

    assert shown.exit_code == 2
    assert f"Mail {row} {told}" in shown.stderr
    assert "No mail 999999 came." in shown.stderr


@pytest.mark.parametrize(
    ("change", "fate"), [("fate = 'dropped'", "dropped"), ("decided_at = decided_at + interval '1s'", "quarantined")]
)
def test_one_that_another_changed_meanwhile_is_left(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch, change: str, fate: str
) -> None:
    """Another fate, or the same once more, which is another decision."""
    row = quarantined(services)
    execute(services, "UPDATE mail.ledger SET decided_at = now()")

    def meanwhile(*arguments: Any) -> bool:
        execute(services, f"UPDATE mail.ledger SET {change}")
        return make_fresh(*arguments)

    monkeypatch.setattr("worker.history.again.make_fresh", meanwhile)
    shown = supportdesk("mail", "again", row, "--yes")

    assert (shown.exit_code, shown.stderr) == (2, f"Mail {row} changed meanwhile; left as it is.\n")
    assert query(services, FATES)[0]["fate"] == fate


def test_the_metrics_look_again_at_each_fate_that_a_mail_may_lose() -> None:
    assert MAY_CHANGE[Counted.MAILS] == {"quarantined", "dropped", "not_applied"}


def test_for_scripts_there_is_one_object_a_mail(services: Services, supportdesk: Supportdesk) -> None:
    row = quarantined(services)

    (found,) = json.loads(supportdesk("mail", "again", row, "--json").output)

    assert (found["mail"], found["fate"], found["rule"]) == (row, "quarantined", "no_single_sender")
    assert list(found) == ["mail", "sender", "subject", "fate", "rule", "reason", "may_come"]
