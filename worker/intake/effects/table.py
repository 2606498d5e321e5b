"""The effects that commands ask for, each with its function and with the kind by which it is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from desk.commands.taking_back import ChangeKind
from worker.intake.effects.absence import set_absence_of
from worker.intake.effects.circle import change_circle
from worker.intake.effects.deed import CarryOut
from worker.intake.effects.quarantine import try_again
from worker.intake.effects.reports import send_report
from worker.intake.effects.splitting import split_ticket
from worker.intake.effects.telling import tell_customer
from worker.intake.effects.use import bring_draft
from worker.intake.effects.waiting import change_wait
from worker.intake.effects.watching import change_watch


@dataclass(frozen=True, slots=True)
class Carrier:
    """How an effect is carried out, and as which kind it is taken back, None where it changes nothing."""

    carry_out: CarryOut
    kind: ChangeKind | None = None


# One function for each type of effect; `Away` alone is an absence (worker/intake/carry_out.py).
EFFECTS: Mapping[type[Effect], Carrier] = {
    Cc: Carrier(change_circle, ChangeKind.CC),
    Watch: Carrier(change_watch, ChangeKind.WATCH),
    Split: Carrier(split_ticket, ChangeKind.SPLIT),
    Tell: Carrier(tell_customer, ChangeKind.TELL),
    UseAnswer: Carrier(bring_draft),
    TryAgain: Carrier(try_again, ChangeKind.QUARANTINE),
    AskReport: Carrier(send_report),
    AwayFor: Carrier(set_absence_of, ChangeKind.AWAY),
    PutOff: Carrier(change_wait, ChangeKind.WAIT),
}
