"""What pairs of measurements say: how many times as much one tree takes as the other, and how sure that is."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

RESAMPLES = 2_000
# The bounds of an interval that holds the true median nineteen times of twenty.
LOW, HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of pairs (other, ours) of the same work the medians, and of other/ours median, quartiles, and 95 % interval."""

    pairs: int
    other: float
    ours: float
    middle: float
    quartiles: tuple[float, float]
    interval: tuple[float, float]


def ratio_of(pairs: Sequence[tuple[float, float]]) -> Ratio:
    """The ratio of pairs, of which there is one at least and ours is never nothing.

    Each pair was measured within a second, so what slows the machine down for longer is in both. The interval is that
    of the median of ratios drawn again and again from those there are, by dice that always fall alike.
    """
    ratios = [other / ours for other, ours in pairs]
    dice = random.Random(len(ratios))  # noqa: S311
    drawn = sorted(median(dice.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    cuts = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Ratio(
        len(pairs),
        median(other for other, _ in pairs),
        median(ours for _, ours in pairs),
        median(ratios),
        (cuts[0], cuts[2]),
        (drawn[int(LOW * RESAMPLES)], drawn[int(HIGH * RESAMPLES)]),
    )
