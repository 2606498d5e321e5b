"""What `supportdesk poll` says, before and after it has spoken to a server."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from mail.imap.mailbox import Unfetched
from worker.cli.commands import poll
from worker.cli.main import main
from worker.poll.run import Polled

SETTINGS = Path(__file__).parents[4] / "supportdesk.toml"
SECRETS = {
    "DATABASE_URL": "postgresql://127.0.0.1:1/desk",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SUPPORTDESK_DESK__SECRET_KEY": "k" * 32,
    "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "secret",
}


@pytest.mark.parametrize(
    ("polled", "sentence"),
    [
        (Polled(), "support: nothing new."),
        (Polled(stored=1), "support: 1 new mail stored."),
        (Polled(stored=12, known=3), "support: 12 new mails stored, 3 known already."),
        (
            Polled(unfetched=(Unfetched("INBOX", 1, 7, "too large"),)),
            "support: nothing new, 1 could not be fetched.",
        ),
        (
            Polled(stored=2, trouble="the server went away"),
            "support: 2 new mails stored; not polled to the end: the server went away.",
        ),
        (Polled(left_alone=1), "support: nothing new. 1 older mail was left alone; --from-start takes it."),
        (Polled(left_alone=12), "support: nothing new. 12 older mails were left alone; --from-start takes them."),
    ],
)
def test_a_poll_is_told_in_a_sentence(polled: Polled, sentence: str) -> None:
    assert poll.sentence("support", polled) == sentence


def test_a_mailbox_that_the_settings_do_not_have_is_refused() -> None:
    done = CliRunner().invoke(main, ["--config", str(SETTINGS), "poll", "sales"], env=SECRETS)

    assert (done.exit_code, done.stderr) == (2, "There is no mailbox sales; the settings name support.\n")


def test_a_database_that_is_away_is_told_in_a_sentence() -> None:
    done = CliRunner().invoke(main, ["--config", str(SETTINGS), "poll"], env=SECRETS)

    assert done.exit_code == 2
    assert "127.0.0.1:1 cannot be reached" in done.stderr
