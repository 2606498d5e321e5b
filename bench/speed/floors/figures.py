"""What a floor took."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Floor:
    """One floor: its letter, what is done, mails, seconds, CPU seconds of its own processes and of each server."""

    letter: str
    what: str
    mails: int
    seconds: float
    cpu: float
    servers: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.mails / self.seconds

    @property
    def client(self) -> float:
        """CPU milliseconds a mail, of its own processes alone."""
        return 1000 * self.cpu / self.mails

    @property
    def cpu_a_mail(self) -> float:
        """CPU milliseconds a mail, with those of the servers."""
        return 1000 * (self.cpu + sum(self.servers.values())) / self.mails
