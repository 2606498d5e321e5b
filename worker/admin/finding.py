"""What a check of the doctor finds; a file of its own, since two files of checks make these."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mail.server import reason_of
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


def reason_of_broker(error: BaseException) -> str:
    """Why the broker cannot be used, in words: its library puts what the network said behind errors of its own."""
    network: OSError | None = None
    further: BaseException | None = error
    while further is not None:
        network = further if isinstance(further, OSError) else network
        further = further.__cause__ or further.__context__
    if isinstance(network, ssl.SSLError) and not isinstance(network, ssl.SSLCertVerificationError):
        return "it does not speak TLS there; see whether its URL should begin with redis://"
    return reason_of(network or error)


Check = Callable[[Services], Iterator[Finding]]
