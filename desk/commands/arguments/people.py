"""How a command names somebody of the desk and a ticket: one place for all commands that take either."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence

from desk.routing.route import Candidate
from desk.ticket import number_in
from mail.outbound.catalogue import Said, said


def read_number(argument: str) -> int | None:
    """The ticket number in `12`, `SD-12`, `#12` or `[SD-12]`; None where the argument is none of these."""
    return number_in(argument.strip())


def names_ticket(argument: str, staff: Collection[str]) -> bool:
    """True for nothing and for the number of a ticket."""
    return not argument or read_number(argument) is not None


def find_people(word: str, staff: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Who of the staff is meant by a word, none where it is nobody: who is called so, or else whose name begins so.

    They are called by their address, by what stands before its @, and by their whole name; that name may also begin
    at any of its words. In any case of letters.
    """
    wanted = _comparable(word)
    called = tuple(one for one in staff if wanted in _callings(one))
    if called or not wanted:
        return called
    return tuple(one for one in staff if any(part.startswith(wanted) for part in _beginnings(one)))


def several_fit(word: str, fitting: Sequence[Candidate]) -> Said:
    """The sentence that refuses a word which means several people, with what tells these apart."""
    names = [one.email.partition("@")[0] for one in fitting]
    shown = (name if names.count(name) == 1 else one.email for name, one in zip(names, fitting, strict=True))
    return said("commands.several_people", word=word, names=", ".join(shown))


def _callings(one: Candidate) -> tuple[str, ...]:
    email = _comparable(one.email)
    return email, email.partition("@")[0], _comparable(one.name)


def _beginnings(one: Candidate) -> Iterator[str]:
    yield _comparable(one.email)
    words = _comparable(one.name).split()
    yield from (" ".join(words[place:]) for place in range(len(words)))


def _comparable(words: str) -> str:
    """Words in one form of Unicode, for some systems write an umlaut as two signs, without case and further spaces."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())
