"""The times that a watch keeps to, which no test can wait for."""

from mail.imap.idle import GATHER_SECONDS, REISSUE_SECONDS
from worker.poll.watch import FIRST_PAUSE, GOOD_SECONDS, LONGEST_PAUSE, NO_IDLE_SECONDS

MINUTE = 60


def test_idle_is_given_anew_before_a_server_may_end_it() -> None:
    # RFC 2177 names 29 minutes; what lies between forgets quiet connections sooner.
    assert REISSUE_SECONDS < 10 * MINUTE


def test_a_server_that_refused_us_is_left_alone_for_minutes_and_not_for_ever() -> None:
    assert FIRST_PAUSE < GOOD_SECONDS < LONGEST_PAUSE <= 10 * MINUTE


def test_a_server_that_learnt_to_idle_is_noticed_the_same_day() -> None:
    assert NO_IDLE_SECONDS < 24 * 60 * MINUTE


def test_mails_that_follow_a_first_one_wait_for_less_than_a_second() -> None:
    assert GATHER_SECONDS < 1
