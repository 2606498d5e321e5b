"""A pause as a watching process sees it: whoever waits on its file descriptor wakes while it is on, and only then."""

from select import select

from worker.poll.pauses import PauseOfMailbox


def wakes(pause: PauseOfMailbox) -> bool:
    return bool(select([pause.wake], [], [], 0)[0])


def test_it_wakes_while_it_is_on_however_often_that_is_said() -> None:
    pause = PauseOfMailbox()
    seen = [(pause.is_on, wakes(pause))]
    for is_on in (True, True, False, False, True, False):
        pause.set(is_on=is_on)
        seen.append((pause.is_on, wakes(pause)))

    assert seen == [(is_on, is_on) for is_on in (False, True, True, False, False, True, False)]
