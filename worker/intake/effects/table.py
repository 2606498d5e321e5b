"""The effects that commands ask for, each with its function and with the key by which it is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk.commands.command import Effect
from desk.commands.each.use import UseAnswer
from worker.intake.effects.deed import CarryOut, TakeBack
from worker.intake.effects.use import bring_draft


class EffectKey(StrEnum):
    """The key of an effect where the database keeps what it did; a value never changes."""

    USE = "use"


@dataclass(frozen=True, slots=True)
class Carrier:
    """How an effect is carried out, and how it is taken back, None where it stays."""

    key: EffectKey
    carry_out: CarryOut
    take_back: TakeBack | None = None


# One function for each type of effect; `Away` alone is an absence (worker/intake/carry_out.py).
EFFECTS: Mapping[type[Effect], Carrier] = {UseAnswer: Carrier(EffectKey.USE, bring_draft)}
TAKE_BACK: Mapping[EffectKey, TakeBack] = {one.key: one.take_back for one in EFFECTS.values() if one.take_back}
