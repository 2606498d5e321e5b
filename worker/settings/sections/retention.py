"""The table `[retention]`: after how many days old bytes and words are let go."""

from collections.abc import Iterator
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from worker.settings.types import Section

LEAST_RAW_DAYS: Final = 30
# A hundred years. Of longer times the database may have no day to count back to, and each turn would fail.
MOST_DAYS: Final = 36_500


class RetentionSettings(Section):
    """For how many days bytes and words are kept; without a value for ever. docs/operations.md says what needs them.

    The rows stay: fate, times, addresses and Message-IDs. What is undecided, in quarantine or on an open ticket is
    kept whatever its age.
    """

    raw_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] = 0
    """The bytes of mails that came: 0 keeps them, else 30 or more. A ticket's stay until it has been resolved or closed
    for as long. Such as `400`."""
    outbox_text_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] = 0
    """The texts of mails of ours: 0 keeps them, else `token_days` of `[limits]` or more. Those to customers stay on a
    ticket with notes. Such as `400`."""
    event_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] = 0
    """What changed on tickets and was told: 0 keeps it, else `token_days` of `[limits]` or more. Such as `400`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if 0 < self.raw_days < LEAST_RAW_DAYS:
            raise ValueError(
                f"raw_days: must be 0, which keeps them, or {LEAST_RAW_DAYS} or more: dropped mails are restored from"
                " their bytes, and questions about mails wait for an answer"
            )
        return self

    def shorter_than(self, token_days: int) -> Iterator[tuple[str, str]]:
        """The keys that let go what answers to mails of ours need, each with a sentence.

        So many days the signed address in a mail of ours lives.
        """
        reasons = {
            "outbox_text_days": "an answer that its address proves is held against the text that it quotes",
            "event_days": "an answer that its address proves is held against what changed since",
        }
        for key, reason in reasons.items():
            if 0 < getattr(self, key) < token_days:
                yield key, f"must be 0, which keeps them, or limits.token_days ({token_days}) or more: {reason}"
