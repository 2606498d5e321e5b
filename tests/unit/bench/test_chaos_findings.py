"""The verdicts of the chaos run: each column of its table sees what it is there for, and nothing else."""

from collections import Counter

import pytest

from bench.chaos.faults import TakenMail
from bench.chaos.findings import Findings, RunRecord, is_explained, is_whole, misplaced, torn_threads
from bench.chaos.kills import Kill
from bench.chaos.mails import DeskMail
from bench.chaos.plan import Act, Effect, Step

OPENS, REPLY, AGAIN, ROBOT = (
    Step(0, 0, Act.OPENS),
    Step(1, 0, Act.REPLY, 0),
    Step(2, 0, Act.AGAIN, 1),
    Step(3, 1, Act.ROBOT),
)
EARLY, PARENT = Step(4, 2, Act.EARLY, 5), Step(5, 2, Act.PARENT)
FED = (OPENS, REPLY, AGAIN, ROBOT, EARLY, PARENT)

Words = tuple[list[str], list[str], list[str]]
# Where each mail's word is: in a ticket, in a comment, in a note.
SOUND: Words = (["mark0x", "mark4x"], ["mark1x", "mark5x"], [])
FOUND: list[tuple[Words, dict[str, list[str]]]] = [
    (SOUND, {}),
    # Whichever of these two was decided first is the ticket.
    ((["mark0x", "mark5x"], ["mark1x", "mark4x"], []), {}),
    ((["mark0x", "mark4x"], ["mark5x"], []), {"lost": ["mark1x"]}),
    ((["mark0x", "mark4x"], ["mark1x", "mark1x", "mark5x"], []), {"doubled": ["mark1x"]}),
    ((["mark0x", "mark4x"], ["mark1x", "mark5x"], ["mark1x"]), {"doubled": ["mark1x"]}),
    ((["mark0x", "mark0x", "mark4x"], ["mark1x", "mark5x"], []), {"doubled": ["mark0x"]}),
    ((["mark0x", "mark4x"], ["mark5x"], ["mark1x"]), {"odd": ["mark1x"]}),
    ((["mark0x", "mark3x", "mark4x"], ["mark1x", "mark5x"], []), {"odd": ["mark3x"]}),
    ((["mark0x", "mark4x", "mark5x"], ["mark1x"], []), {"torn": ["topic2x"]}),
    ((["mark0x", "mark1x", "mark4x"], ["mark5x"], []), {"odd": ["mark1x"], "torn": ["topic0x"]}),
]


@pytest.mark.parametrize(("words", "wrong"), FOUND)
def test_a_mail_that_is_not_where_it_belongs_stands_in_its_column(words: Words, wrong: dict[str, list[str]]) -> None:
    found = dict(zip((Effect.TICKET, Effect.COMMENT, Effect.NOTE), map(Counter, words), strict=True))

    columns = misplaced(FED, found) | {"torn": torn_threads(FED, found[Effect.TICKET])}

    assert {column: [line.split()[0] for line in lines] for column, lines in columns.items() if lines} == wrong


CUT, SENT = (True, None), (False, None)
CHILD, DESKS, BROKER = "wire child", "desk child", "broker"
# How often a mail was taken (cut off or not, and when its client left), who was killed when, how often it lies there.
Ended = tuple[str, float, frozenset[int]]
ITS, OTHERS = frozenset({7, 8}), frozenset({9})
TAKEN: list[tuple[list[tuple[bool, float | None]], list[Ended], int, bool]] = [
    ([SENT], [], 1, True),
    ([CUT, SENT], [], 2, True),
    ([CUT, CUT, SENT], [], 3, True),
    ([SENT, SENT], [], 2, False),
    ([SENT, CUT], [], 2, False),
    ([SENT, SENT], [(CHILD, 10.0, ITS)], 2, False),
    ([(False, 10.5), SENT], [(CHILD, 10.0, ITS)], 2, True),
    ([(False, 10.5), SENT], [("wire worker", 11.0, ITS)], 2, True),
    ([(False, 10.5), SENT], [(CHILD, 10.0, OTHERS)], 2, False),
    ([(False, 14.0), SENT], [(CHILD, 10.0, ITS)], 2, False),
    ([(False, 10.5), SENT], [(DESKS, 10.0, ITS), (BROKER, 10.4, ITS)], 2, False),
    ([(False, 10.5), SENT, SENT], [(CHILD, 10.0, ITS)], 3, False),
    # What lies there more often than it was handed over was doubled behind us, or went past us.
    ([SENT], [], 2, False),
    ([CUT, SENT], [], 1, False),
]


@pytest.mark.parametrize(("taken", "kills", "lies", "explained"), TAKEN)
def test_a_mail_sent_twice_needs_a_cut_or_a_kill_for_each_time_but_the_last(
    taken: list[tuple[bool, float | None]], kills: list[Ended], lies: int, explained: bool
) -> None:
    mail = DeskMail("ann@acme.example", "About", "1.a.sd@desk.example", "")
    mails = [TakenMail(mail, 10.0, cut, left_at, client=7) for cut, left_at in taken]

    found = is_explained(mail.message_id, lies, RunRecord((), mails, [Kill(*kill) for kill in kills]))

    assert found is explained


OPENED = ["Ticket created: About topic0x", "Ticket assigned"]
HISTORIES: list[tuple[list[str], str, int, bool]] = [
    (OPENED, "open", 0, True),
    ([*OPENED, "Added a comment"], "open", 1, True),
    ([*OPENED, "Added a comment"], "open", 2, False),
    ([*OPENED, "Added a comment", "Added a comment"], "open", 1, False),
    (OPENED[:1], "open", 0, False),
    ([*OPENED, *OPENED], "open", 0, False),
    ([*OPENED, "Status changed from open to resolved"], "resolved", 0, True),
    ([*OPENED, "Status changed from open to resolved"], "open", 0, False),
    ([*OPENED, "Priority changed from low to high"], "open", 0, False),
]


@pytest.mark.parametrize(("said", "status", "comments", "whole"), HISTORIES)
def test_a_ticket_has_an_activity_for_each_thing_that_happened_and_no_other(
    said: list[str], status: str, comments: int, whole: bool
) -> None:
    assert is_whole(said, status, comments) is whole


@pytest.mark.parametrize(
    ("effects", "promises", "sound"),
    [
        ({"tickets": (2, 2)}, {"lost": 0}, True),
        ({"tickets": (2, 1)}, {"lost": 0}, False),
        ({"tickets": (2, 3)}, {"lost": 0}, False),
        ({"tickets": (2, 2)}, {"lost": 0, "doubled": 1}, False),
    ],
)
def test_one_count_that_is_off_breaks_the_run(
    effects: dict[str, tuple[int, int]], promises: dict[str, int], sound: bool
) -> None:
    assert Findings(effects, promises, {}, ()).sound is sound
