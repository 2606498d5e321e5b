"""The effects that commands ask for, each with its function and with the key by which it is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk.commands.command import Effect
from desk.commands.each.away import AwayFor
from desk.commands.each.cc import Cc
from desk.commands.each.quarantine import TryAgain
from desk.commands.each.report import AskReport
from desk.commands.each.split import Split
from desk.commands.each.tell import Tell
from desk.commands.each.use import UseAnswer
from desk.commands.each.wait import PutOff
from desk.commands.each.watch import Watch
from worker.intake.effects.absence import set_absence_of
from worker.intake.effects.circle import change_circle, change_circle_back
from worker.intake.effects.deed import CarryOut, TakeBack
from worker.intake.effects.quarantine import try_again
from worker.intake.effects.reports import send_report
from worker.intake.effects.splitting import split_ticket
from worker.intake.effects.telling import tell_customer
from worker.intake.effects.use import bring_draft
from worker.intake.effects.waiting import change_wait, change_wait_back
from worker.intake.effects.watching import change_watch, change_watch_back


class EffectKey(StrEnum):
    """The key of an effect where the database keeps what it did; a value never changes."""

    CC = "cc"
    WATCH = "watch"
    WAIT = "wait"
    TELL = "tell"
    SPLIT = "split"
    USE = "use"
    QUARANTINE = "quarantine"
    REPORT = "report"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Carrier:
    """How an effect is carried out, and how it is taken back, None where it stays."""

    key: EffectKey
    carry_out: CarryOut
    take_back: TakeBack | None = None


# One function for each type of effect; `Away` alone is an absence (worker/intake/carry_out.py).
EFFECTS: Mapping[type[Effect], Carrier] = {
    Cc: Carrier(EffectKey.CC, change_circle, change_circle_back),
    Watch: Carrier(EffectKey.WATCH, change_watch, change_watch_back),
    Split: Carrier(EffectKey.SPLIT, split_ticket),
    Tell: Carrier(EffectKey.TELL, tell_customer),
    UseAnswer: Carrier(EffectKey.USE, bring_draft),
    TryAgain: Carrier(EffectKey.QUARANTINE, try_again),
    AskReport: Carrier(EffectKey.REPORT, send_report),
    AwayFor: Carrier(EffectKey.AWAY, set_absence_of),
    PutOff: Carrier(EffectKey.WAIT, change_wait, change_wait_back),
}
TAKE_BACK: Mapping[EffectKey, TakeBack] = {one.key: one.take_back for one in EFFECTS.values() if one.take_back}
