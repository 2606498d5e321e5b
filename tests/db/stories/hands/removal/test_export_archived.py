"""What is in the archive is in the copies too: its rows in the desk's, its conversation in the person's."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.hands.old_tickets import make_old
from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, execute, query
from worker.admin.retention import let_go_for
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
pytestmark = pytest.mark.services(AGENT, a_raw_mail(), RETENTION__EVENT_DAYS="400", RETENTION__OUTBOX_TEXT_DAYS="400")


@pytest.fixture(autouse=True)
def archived(services: Services, supportdesk: Supportdesk) -> int:
    """The number of an archived ticket with an answer and a note."""
    number = int(query(services, "SELECT number FROM mail.ticket")[0]["number"])
    supportdesk("ticket", "comment", number, "Turn it off.", "--as", BOB)
    supportdesk("ticket", "comment", number, "The old model.", "--note", "--as", BOB)
    make_old(services.engine)
    assert "1 ticket" in supportdesk("archive", "run", "--older-than", "2y").output
    return number


def lines(file: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        found.setdefault(value["kind"], []).append(value)
    return found


def test_a_copy_of_the_desk_has_its_rows_and_the_bytes_of_its_mails(
    supportdesk: Supportdesk, archived: int, tmp_path: Path
) -> None:
    for name, words in (("all", ()), ("one", ("--tickets", archived))):
        result = supportdesk("export", f"{name}.jsonl", *words)
        found = lines(tmp_path / f"{name}.jsonl")

        assert "1 archived ticket, 1 mail that came" in result.output
        assert [(one["number"], one["customer"]) for one in found["archived"]] == [(archived, ANN)]
        rows = json.dumps(found["archived"][0]["rows"])
        assert all(words in rows for words in ("Turn it off.", "The old model.", "My printer is broken."))
        assert [base64.b64decode(one["raw"]) for one in found["mail"]] == [a_raw_mail()]


def test_what_did_not_change_since_is_left_out_with_its_mails(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    execute(services, "UPDATE mail.ledger SET stored_at = stored_at - interval '3 years'")
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '3 years'")
    supportdesk("export", "long.jsonl", "--since", "2001-01-01")
    supportdesk("export", "new.jsonl", "--since", f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}")

    found = [
        {kind: len(one) for kind, one in lines(tmp_path / f"{name}.jsonl").items() if kind in ("archived", "mail")}
        for name in ("long", "new")
    ]
    assert found == [{"archived": 1, "mail": 1}, {}]


def test_who_is_only_named_on_a_ticket_gets_none_of_it(supportdesk: Supportdesk, tmp_path: Path) -> None:
    """As staff, who have no part in the lives of customers."""
    result = supportdesk("user", "export", BOB, "bob.jsonl")

    assert result.exit_code == 0, result.output
    assert "archived" not in lines(tmp_path / "bob.jsonl")


def test_a_person_gets_the_conversation_without_the_notes(supportdesk: Supportdesk, tmp_path: Path) -> None:
    result = supportdesk("user", "export", ANN, "ann.jsonl")
    found = lines(tmp_path / "ann.jsonl")

    assert result.exit_code == 0, result.output
    said = [(one["author"], one["email"], one["text"]) for one in found["archived"][0]["entries"]]
    assert said == [("Ann", ANN, "My printer is broken."), ("Bob", None, "Turn it off.")]
    assert [base64.b64decode(one["raw"]) for one in found["mail"]] == [a_raw_mail()]


def test_it_comes_back_after_old_events_and_texts_were_let_go(
    services: Services, supportdesk: Supportdesk, archived: int
) -> None:
    let_go_for(services, 60.0)

    restored = supportdesk("archive", "restore", archived)

    assert restored.exit_code == 0, restored.output
    assert "Turn it off." in supportdesk("ticket", "show", archived).output
