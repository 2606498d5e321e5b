"""Which keys a process must have beside those that are in use, and what a changed key does to signatures."""

import pytest

from desk.tokens import (
    Grant,
    Keys,
    Purpose,
    ReplyKind,
    fingerprint,
    key_trouble,
    proves,
    read_address,
    reply_address,
)

OLD, NEW, OTHER = b"the old key", b"the new key", b"somebody else's key"
BOX = "support@desk.example"
GRANT = Grant(71, ReplyKind.PUBLIC, "support", 1042, 1, "ann@customer.example", "customer", 2_000_000_000)
# The keys of a process, those in use, and a word of the sentence.
BESIDE = [
    ((OLD,), (), ""),
    ((OLD,), (OLD,), ""),
    ((NEW, OLD), (OLD, NEW), ""),
    ((OLD, NEW), (OLD, NEW), ""),
    ((OLD, NEW), (OLD,), ""),
    ((NEW, OLD), (NEW,), ""),
    ((NEW,), (OLD,), "not among the keys in use"),
    ((NEW, OLD), (OLD,), "not among the keys in use"),
    ((OLD, NEW), (NEW,), "not among the keys in use"),
    ((OLD,), (OLD, NEW), "is not in the settings here"),
    ((NEW,), (OLD, NEW), "is not in the settings here"),
    ((OTHER,), (OLD, NEW), "not among the keys in use"),
]


@pytest.mark.parametrize(("ours", "in_use", "trouble"), BESIDE)
def test_a_process_has_all_keys_in_use_and_signs_with_one_of_them(
    ours: tuple[bytes, ...], in_use: tuple[bytes, ...], trouble: str
) -> None:
    found = key_trouble(Keys(ours), [fingerprint(secret) for secret in in_use])

    assert (trouble in found, bool(found), "db keys accept" in found) == (True, bool(trouble), bool(trouble))


@pytest.mark.parametrize("ours", [(OLD,), (NEW, OLD), (OTHER, NEW, OLD)])
def test_what_an_earlier_key_signed_counts(ours: tuple[bytes, ...]) -> None:
    signed = reply_address(Keys((OLD,)), GRANT, BOX)

    claim = read_address(signed, frozenset({BOX}), Purpose.ADDRESS)

    assert claim
    assert proves(Keys(ours), claim, GRANT)
    assert not proves(Keys((NEW,)), claim, GRANT)


def test_the_first_key_alone_signs() -> None:
    assert reply_address(Keys((NEW, OLD)), GRANT, BOX) == reply_address(Keys((NEW,)), GRANT, BOX)


def test_a_fingerprint_holds_nothing_of_the_key() -> None:
    assert fingerprint(OLD) != fingerprint(NEW)
    assert (len(fingerprint(OLD)), OLD.decode() in fingerprint(OLD)) == (16, False)
