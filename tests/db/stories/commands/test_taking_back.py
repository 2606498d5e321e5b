"""Each effect of a command that can be taken back is so by what it left behind, and its ticket is as it was."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from desk.commands.command import Effect, Undo
from desk.commands.each.cc import Cc
from desk.commands.each.wait import PutOff
from desk.commands.each.watch import Watch
from desk.commands.table import COMMANDS
from models.people.rows import find_person
from models.tickets.rows import read_tickets
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, query
from tests.support.values.replies import answer, last_mail
from worker.intake.effects.table import EFFECTS, TAKE_BACK, EffectKey
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

DAN, KOFI, BOB = "dan@customer.example", "kofi@ledger.example", "bob@desk.example"
FAR = datetime(2030, 1, 1, 9, tzinfo=UTC)
STATE = """
SELECT 'takes part' AS what, p.person_number::text AS who FROM mail.participant p
UNION ALL SELECT 'guest', g.address FROM mail.guest g
UNION ALL SELECT 'watches', w.person_number::text FROM mail.watch w
UNION ALL SELECT 'waits', w.until::text FROM mail.wait w ORDER BY 1, 2
"""
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


@dataclass(frozen=True)
class Now:
    """What the functions of effects ask of the transaction of a mail."""

    session: Session
    now: datetime


def played(services: Services, effect: Effect, *, later: timedelta = timedelta()) -> bool:
    """Whether an effect of Bob's could be taken back, by what a database would keep of it."""
    carrier = EFFECTS[type(effect)]
    with transaction(services.engine, quiet=True) as session:
        there: Any = Now(session, datetime.now(UTC) + later)
        bob = find_person(session, BOB)
        assert bob is not None
        deed = carrier.carry_out(there, bob, read_tickets(session, [1001])[1001], effect)
        before = json.loads(json.dumps(deed.before))
        return TAKE_BACK[carrier.key](there, bob, read_tickets(session, [1001])[1001], before)


EFFECTS_OF = [
    Cc(added=(KOFI,)),
    Cc(removed=(DAN,)),
    Cc(added=(KOFI,), removed=(DAN,)),
    Watch(1001),
    PutOff(FAR),
    PutOff(None),
]


@pytest.mark.parametrize("effect", EFFECTS_OF, ids=repr)
def test_a_ticket_is_as_it_was_after_an_effect_was_taken_back(services: Services, effect: Effect) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), f"#cc +{DAN}\n#wait 3d")
    before = query(services, STATE)

    assert played(services, effect) is True
    assert query(services, STATE) == before


def test_a_watch_that_was_ended_goes_on(services: Services) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#watch")
    before = query(services, STATE)

    assert played(services, Watch(1001, ends=True)) is True
    assert query(services, STATE) == before


def test_a_wait_whose_time_is_over_is_not_begun_again(services: Services) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#wait 2h")

    assert played(services, PutOff(None), later=timedelta(hours=3)) is False


def test_what_a_command_says_of_taking_back_is_so_of_its_effect() -> None:
    by_name = {"cc": EffectKey.CC, "watch": EffectKey.WATCH, "unwatch": EffectKey.WATCH, "wait": EffectKey.WAIT}
    stays = {"tell": EffectKey.TELL, "split": EffectKey.SPLIT}

    assert {COMMANDS[name].undo for name in by_name} == {Undo.VALUES}
    assert {COMMANDS[name].undo for name in stays} == {Undo.STAYS}
    assert TAKE_BACK.keys() >= set(by_name.values())
    assert TAKE_BACK.keys().isdisjoint(stays.values())
