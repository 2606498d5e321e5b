"""Whether a server's "not now" says that we have too many connections open, and nothing of the mail."""

from typing import Final

# Exchange Online's code for it, which no standard has.
CODE: Final = 432
SAYS: Final = (
    "too many connections",
    "too many concurrent",
    "too many simultaneous",
    "concurrent connection",
    "connections limit",
    "connection limit",
    "thread limit",
)


def is_crowded(code: int, reply: str) -> bool:
    """Whether fewer connections would do, as a reply of 4xx says; with 421 the server closes the connection itself."""
    folded = reply.casefold()
    return code == CODE or (400 <= code < 500 and any(words in folded for words in SAYS))
