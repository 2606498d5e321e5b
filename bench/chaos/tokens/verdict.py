"""What is to be said of the ends of the token: when the desk worked again, and who spent a refresh token twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import median
from typing import Final

from bench.chaos.kills import Kill
from bench.chaos.tokens.gate import IMAP, SMTP, Gate
from bench.chaos.tokens.provider import Asked, End, Provider

# So many seconds after the provider is well the desk is to work again. A quiet machine needs a few, and one on which a
# killed worker takes twenty to start again needs more.
WITHIN: Final = 60.0
# Who is killed while it renews holds the claim for a minute.
CLAIM: Final = 60.0
# A kill shows in what a process did shortly before.
SOON: Final = 3.0
PROMISE: Final = f"ends of a token after which the desk did not work again within {WITHIN:.0f} s"
TWICE: Final = "refresh tokens spent twice without a kill"


@dataclass(frozen=True, slots=True)
class TokenFindings:
    """The promises are counts that must be 0; `examples` name what broke them."""

    promises: dict[str, int]
    facts: dict[str, object]
    examples: Sequence[str]

    @property
    def sound(self) -> bool:
        """True where no promise is broken."""
        return not any(self.promises.values())


def judge(provider: Provider, gate: Gate, kills: Sequence[Kill]) -> TokenFindings:
    """What is to be said of a whole run."""
    slow = [*late(provider, gate, IMAP, kills), *late(provider, gate, SMTP, kills)]
    twice = spent_twice(provider.asked, kills)
    waits = sorted(_until_works(end, gate, IMAP) for end in provider.ends)
    given = [one for one in provider.asked if one.given]
    return TokenFindings(
        promises={PROMISE: len(slow), TWICE: len(twice)},
        facts={
            "tokens ended before their time": len(provider.ends),
            "  of them in the middle of a FETCH": sum(end.in_fetch for end in provider.ends),
            "tokens renewed": sum(bool(one.refresh) for one in given),
            "tokens given because somebody agreed": sum(not one.refresh for one in given),
            **{f"questions to a provider that {name}": count for name, count in sorted(provider.troubled.items())},
            **dict(sorted(gate.done.items())),
            "seconds until mail was read again, median": round(median(waits), 1) if waits else "none",
            "seconds until mail was read again, longest": round(waits[-1], 1) if waits else "none",
        },
        examples=[*slow, *twice],
    )


def late(provider: Provider, gate: Gate, protocol: str, kills: Sequence[Kill]) -> list[str]:
    """The ends after which nobody was let in for too long."""
    return [
        f"{protocol} worked again {_until_works(end, gate, protocol):.1f} s after the token ended ({end.trouble})"
        for end in provider.ends
        if _until_works(end, gate, protocol) > WITHIN + (CLAIM if _was_killed_renewing(end, provider, kills) else 0)
    ]


def spent_twice(asked: Iterable[Asked], kills: Sequence[Kill]) -> list[str]:
    """The refresh tokens that brought a token twice, though the process that had the first answer was not killed."""
    by_token: dict[str, list[Asked]] = {}
    for one in asked:
        if one.given and one.refresh:
            by_token.setdefault(one.refresh, []).append(one)
    return [
        f"{token} was spent again after {later.at - first.at:.1f} s, by process {later.process} after {first.process}"
        for token, uses in by_token.items()
        for first, later in pairwise(uses)
        if not _is_killed_soon(first, kills)
    ]


def _until_works(end: End, gate: Gate, protocol: str) -> float:
    """The seconds until somebody was let in again, infinite where nobody was.

    They run from when the provider was well again; where mail is sent, from when somebody came to do that afterwards.
    """
    began = end.well_at if protocol == IMAP else _first(gate.came, protocol, end.well_at)
    if protocol == SMTP and began == inf:
        return 0.0
    let_in = _first(gate.let_in, protocol, end.at)
    return inf if inf in (began, let_in) else max(0.0, let_in - began)


def _first(times: Iterable[tuple[str, float]], protocol: str, after: float) -> float:
    return next((at for was, at in times if was == protocol and at > after), inf)


def _was_killed_renewing(end: End, provider: Provider, kills: Sequence[Kill]) -> bool:
    asked = [one for one in provider.asked if one.at > end.at - CLAIM]
    return any(_is_killed_soon(one, kills) for one in asked)


def _is_killed_soon(one: Asked, kills: Sequence[Kill]) -> bool:
    return any(one.process in kill.processes and 0 <= kill.at - one.at <= SOON for kill in kills)
