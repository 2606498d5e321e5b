"""What `status` shows of mailboxes: when consent, token and certificate end, in colour where that is soon."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desk.reports.health.facts import Health, MailboxState
from worker.cli.pages.health import look_as_json, show_look
from worker.runtime.health.look import Look

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WELL = Health(at=NOW, mailboxes=(MailboxState("support", read_at=NOW),))
YELLOW, RED = "\x1b[33m", "\x1b[1;31m"
# Each end: what is known, and what is shown of it.
ENDS: dict[str, tuple[Health, str, str]] = {
    "a consent of months": (replace(WELL, tokens={"support": NOW + 80 * DAY}), "consent ends", " in 80 d"),
    "a consent of a week": (replace(WELL, tokens={"support": NOW + 7 * DAY}), "consent ends", " in 7 d"),
    "a consent of less": (replace(WELL, tokens={"support": NOW + 7 * DAY - MINUTE}), "consent ends", f"{YELLOW}in 6 d"),
    "a consent that is over": (replace(WELL, tokens={"support": NOW - DAY}), "consent ends", f"{RED}1 d ago"),
    "a token that is renewed in time": (
        replace(WELL, access_tokens={"support": NOW + 40 * MINUTE}),
        "token ends",
        " in 40 min",
    ),
    "a token that was not": (replace(WELL, access_tokens={"support": NOW - MINUTE}), "token ends", f"{RED}1 min ago"),
    "a certificate": (
        replace(WELL, mailboxes=(MailboxState("support", certificate_ends_at=NOW + 13 * DAY),)),
        "certificate ends",
        f"{YELLOW}in 13 d",
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_each_end_is_shown_in_its_colour(
    end: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    health, column, shown = ENDS[end]
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")

    show_look(Look(health, (), {}))

    output = capsys.readouterr().out
    assert column in output
    assert shown in output


def test_a_column_in_which_nothing_stands_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_look(Look(WELL, (), {}))

    assert " ends" not in capsys.readouterr().out


def test_scripts_get_the_ends_with_their_mailbox() -> None:
    health = replace(WELL, tokens={"support": NOW + DAY}, access_tokens={"support": NOW + MINUTE})

    (box,) = json.loads(look_as_json(Look(health, (), {})))["mailboxes"]

    assert (box["consent_ends_at"], box["token_ends_at"]) == ("2026-12-01 12:00:00+00:00", "2026-11-30 12:01:00+00:00")
