"""What a check of the doctor finds; a file of its own, since two files of checks make these."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from worker.runtime.services import Services


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the installation, and one sentence about what is wrong with it; an empty `trouble` is good news.

    `advice` is a sentence about what works and could be safer; it is shown and is no error, and `found` one of what was
    found where all is well. `blind` says that nobody can tell how the rest is.
    """

    part: str
    trouble: str = ""
    advice: str = ""
    blind: bool = False
    found: str = ""


DATABASE_STEP = "See whether DATABASE_URL, or url in [database], is right, and whether the server runs."
BROKER_STEP = "See whether REDIS_URL, or url in [broker], is right, and whether the server runs."
SMTP_STEP = "See whether host, port, security, user and password of {0} are right, and whether the server runs."
MAILBOX_STEP = "See whether host, port and security of mailbox {0} are right, and whether its server runs."
REFUSED_STEP = (
    "Mend the user, the password or the folder of mailbox {0}, or its token by `supportdesk mailbox authorize {0}`."
)
# Where a sentence says what to do, nothing is added.
_SAYS_WHAT = ("`supportdesk ", "choose ", "see whether ", "let it ", "let whoever ")


def with_next_step(sentence: str, step: str) -> str:
    """A sentence of what does not work, with what to do next where it does not say so itself."""
    if any(words in sentence for words in _SAYS_WHAT):
        return sentence if sentence.endswith((".", "`")) else f"{sentence}."
    return f"{sentence.rstrip('.')}. {step}"


Check = Callable[[Services], Iterator[Finding]]
