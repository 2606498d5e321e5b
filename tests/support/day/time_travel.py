"""Time that goes by at a desk: what is stored of moments is made older, as nothing shall be waited for."""

from collections.abc import Callable
from typing import Any

Ask = Callable[..., list[dict[str, Any]]]
# Columns of moments that decide when something is due or too old.
MOMENTS = (("outbox", "due_at"), ("command", "changed_at"), ("wait", "until"))


class Clock:
    """Makes what a desk has stored older."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def release_answers(self) -> None:
        """Let the mails go that wait."""
        self._ask("UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL AND claimed_by IS NULL")

    def advance(self, minutes: int) -> None:
        """Let so many minutes go by."""
        for table, column in MOMENTS:
            self._ask(f"UPDATE mail.{table} SET {column} = {column} - make_interval(mins => %s)", minutes)
