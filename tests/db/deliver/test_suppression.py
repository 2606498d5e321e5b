"""The suppression list: who stands on it, why and until when, and what the command says."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.outbox.suppression import lift_suppression, list_suppressed, suppress, suppress_if_free
from tests.support.database.services import Supportdesk

ANN = "ann@customer.example"
SOON = datetime.now(UTC) + timedelta(days=30)
PAST = datetime.now(UTC) - timedelta(seconds=1)


def why_suppressed(session: Session, address: str) -> str | None:
    """The reason of an address's entry; None where none is in force."""
    return {entry.address: entry.reason for entry in list_suppressed(session)}.get(address)


@pytest.mark.parametrize(("ends", "reason"), [(None, "asked us"), (SOON, "asked us"), (PAST, None)])
def test_an_entry_counts_until_it_ends(session: Session, ends: datetime | None, reason: str | None) -> None:
    suppress(session, ANN, "asked us", ends)

    assert why_suppressed(session, ANN) == reason
    assert len(list_suppressed(session)) == (reason is not None)


@pytest.mark.parametrize(("ends", "reason"), [(None, "asked us"), (SOON, "asked us"), (PAST, "unknown")])
def test_a_servers_word_does_not_replace_what_a_person_entered(
    session: Session, ends: datetime | None, reason: str
) -> None:
    suppress(session, ANN, "asked us", ends)

    added = suppress_if_free(session, ANN, "unknown", SOON + timedelta(days=1))

    assert (added, why_suppressed(session, ANN)) == (reason == "unknown", reason)


def test_a_second_entry_of_a_person_replaces_the_first(session: Session) -> None:
    suppress(session, ANN, "asked us", SOON)

    suppress(session, ANN, "asked us again", None)

    (entry,) = list_suppressed(session)
    assert (entry.reason, entry.expires_at) == ("asked us again", None)


def test_who_is_taken_off_may_be_written_to(session: Session) -> None:
    suppress(session, ANN, "asked us", None)

    assert (lift_suppression(session, ANN), lift_suppression(session, ANN)) == (True, False)
    assert why_suppressed(session, ANN) is None


def test_the_command_adds_lists_and_removes_in_comparable_form(supportdesk: Supportdesk) -> None:
    added = supportdesk("suppression", "add", "Ann@Customer.example", "--reason", "asked us", "--days", "7")
    listed = supportdesk("suppression", "list", "--json")
    removed = supportdesk("suppression", "remove", "ANN@customer.example")

    (entry,) = json.loads(listed.stdout)
    assert (entry["address"], entry["reason"]) == (ANN, "asked us")
    assert 6 < (datetime.fromisoformat(entry["expires_at"]) - datetime.now(UTC)) / timedelta(days=1) <= 7
    assert (added.exit_code, removed.exit_code) == (0, 0)
    assert json.loads(supportdesk("suppression", "list", "--json").stdout) == []


@pytest.mark.parametrize("words", [("remove", ANN), ("add", "nobody", "--reason", "x"), ("add", ANN)])
def test_what_cannot_be_done_is_said_with_status_2(supportdesk: Supportdesk, words: tuple[str, ...]) -> None:
    said = supportdesk("suppression", *words)

    assert said.exit_code == 2
    assert said.stderr
