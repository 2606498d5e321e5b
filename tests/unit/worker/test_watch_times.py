"""The times that a watch keeps to, which no test can wait for."""

from select import select
from typing import Any, cast

import pytest

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.idle import GATHER_SECONDS, REISSUE_SECONDS
from worker.poll import watch
from worker.poll.pauses import PauseOfMailbox
from worker.poll.watch import FIRST_PAUSE, GOOD_SECONDS, LONGEST_PAUSE, NO_IDLE_SECONDS

MINUTE = 60


class Waits:
    """A stop that comes after the first pause, and how long each wait was to be."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return any(self.seconds)


def test_idle_is_given_anew_before_a_server_may_end_it() -> None:
    # RFC 2177 names 29 minutes; what lies between forgets quiet connections sooner.
    assert REISSUE_SECONDS < 10 * MINUTE


def test_a_server_that_refused_us_is_left_alone_for_minutes_and_not_for_ever() -> None:
    assert FIRST_PAUSE < GOOD_SECONDS < LONGEST_PAUSE <= 10 * MINUTE


def pause_after(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> float:
    """For how many seconds a mailbox is not watched whose server did this."""

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(watch, "imap_account", fail)
    waits, box = Waits(), type("Box", (), {"name": "support", "folder": "INBOX"})()
    watch.watch_mailbox(cast("Any", None), cast("Any", box), cast("Any", waits), lambda *_: None)
    return max(waits.seconds)


def test_a_refused_login_is_tried_eight_times_an_hour_at_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    # Servers lock an account at which many fail, and polls try it besides.
    assert 60 * MINUTE / pause_after(PermanentFailure("no"), monkeypatch) <= 8
    assert pause_after(TemporaryFailure("away"), monkeypatch) <= FIRST_PAUSE


def test_a_server_that_learnt_to_idle_is_noticed_the_same_day() -> None:
    assert NO_IDLE_SECONDS < 24 * 60 * MINUTE


def test_mails_that_follow_a_first_one_wait_for_less_than_a_second() -> None:
    assert GATHER_SECONDS < 1


def test_a_pause_wakes_who_waits_while_it_is_on_however_often_that_is_said() -> None:
    pause = PauseOfMailbox()
    seen = []
    for is_on in (False, True, True, False, False, True, False):
        pause.set(is_on=is_on)
        seen.append((pause.is_on, bool(select([pause.wake], [], [], 0)[0])))

    assert seen == [(is_on, is_on) for is_on in (False, True, True, False, False, True, False)]
