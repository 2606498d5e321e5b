"""Signed addresses and Message-IDs: known again, and of nobody else's making."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.tokens import (
    MOST_ID,
    Claim,
    Grant,
    Keys,
    Purpose,
    ReplyKind,
    is_ours,
    message_id,
    proves,
    read_address,
    read_message_id,
    reply_address,
    to_base36,
)
from mail.mime.addresses import normalise
from tests.support.values.builders import KEYS, SUPPORT, a_grant, address_of, id_of

OWN = frozenset({SUPPORT})
GRANT = a_grant()
OTHER_KEY = Keys((b"another key",))

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
NUMBERS = st.integers(0, MOST_ID)
GRANTS = st.builds(
    Grant, NUMBERS, st.sampled_from(ReplyKind), TEXTS, st.none() | NUMBERS, st.none() | NUMBERS, TEXTS, TEXTS, NUMBERS
)
SECRETS = st.binary(min_size=1, max_size=64)


def claim_of(address: str) -> Claim:
    claim = read_address(address, OWN)
    assert claim is not None
    return claim


@given(GRANTS, SECRETS)
def test_a_signed_address_proves_its_grant(grant: Grant, secret: bytes) -> None:
    keys = Keys((secret,))

    claim = claim_of(reply_address(keys, grant, SUPPORT))

    assert claim.id == grant.id
    assert proves(keys, claim, grant)


@given(GRANTS, SECRETS)
def test_a_signed_message_id_proves_its_grant(grant: Grant, secret: bytes) -> None:
    keys = Keys((secret,))

    claim = read_message_id(message_id(keys, grant, "desk.example"))

    assert claim is not None
    assert (claim.id, proves(keys, claim, grant)) == (grant.id, True)


@given(GRANTS, GRANTS)
def test_a_signature_proves_no_other_grant(grant: Grant, other: Grant) -> None:
    claim = claim_of(address_of(grant))

    proven = proves(KEYS, claim, other)

    # The note address of a mail that is answered in public is its own with that one word changed.
    is_its_note = other.kind is ReplyKind.PUBLIC and grant == replace(other, kind=ReplyKind.NOTE)
    assert proven == (grant == other or is_its_note)


ALTERED = [
    ("id", 72),
    ("kind", ReplyKind.NOTE),
    ("mailbox", "sales"),
    ("ticket", 1043),
    ("ticket", None),
    ("person", 2),
    ("person", None),
    ("address", "dan@customer.example"),
    ("role", "admin"),
    ("expires_at", GRANT.expires_at + 1),
]


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize(("field", "value"), ALTERED)
def test_every_field_of_a_grant_is_covered(field: str, value: object, purpose: Purpose) -> None:
    claim = claim_of(address_of(GRANT)) if purpose is Purpose.ADDRESS else read_message_id(id_of(GRANT))

    altered = replace(GRANT, **{field: value})  # type: ignore[arg-type]

    assert claim is not None
    assert not proves(KEYS, claim, altered)


@pytest.mark.parametrize("place", range(20))
def test_one_altered_letter_of_the_mac_proves_nothing(place: int) -> None:
    claim = claim_of(address_of(GRANT))
    letter = "b" if claim.mac[place] == "a" else "a"

    altered = replace(claim, mac=claim.mac[:place] + letter + claim.mac[place + 1 :])

    assert not proves(KEYS, altered, GRANT)


RUNS = [("ab", "c", "a", "bc"), ("a:b", "c", "a", "b:c"), ("a1:b", "c", "a", "b1:c"), ("a|b", "c", "a", "b|c")]


@pytest.mark.parametrize(("address", "role", "other_address", "other_role"), RUNS)
def test_a_field_does_not_run_into_the_next(address: str, role: str, other_address: str, other_role: str) -> None:
    claim = claim_of(address_of(replace(GRANT, address=address, role=role)))

    moved = replace(GRANT, address=other_address, role=other_role)

    assert not proves(KEYS, claim, moved)


def test_the_purposes_do_not_stand_in_for_each_other() -> None:
    address, identifier = claim_of(address_of(GRANT)), read_message_id(id_of(GRANT))
    assert identifier is not None

    swapped = replace(address, purpose=Purpose.MESSAGE_ID), replace(identifier, purpose=Purpose.ADDRESS)

    assert not any(proves(KEYS, claim, GRANT) for claim in swapped)


def test_the_mac_of_a_message_id_in_an_address_proves_nothing() -> None:
    dotted = id_of(GRANT).partition(".sd@")[0]

    claim = claim_of(f"support+{dotted}@desk.example")

    assert not proves(KEYS, claim, GRANT)


def test_another_key_proves_nothing() -> None:
    claim = claim_of(address_of(GRANT, OTHER_KEY))

    proven = proves(KEYS, claim, GRANT)

    assert not proven


def test_after_a_change_of_keys_the_old_one_is_known_and_the_new_one_signs() -> None:
    changed = Keys((b"the next key", *KEYS.secrets))

    before, after = claim_of(address_of(GRANT)), claim_of(address_of(GRANT, changed))

    assert proves(changed, before, GRANT)
    assert proves(changed, after, GRANT)
    assert not proves(KEYS, after, GRANT)


def test_a_key_that_was_dropped_proves_nothing_any_more() -> None:
    claim = claim_of(address_of(GRANT))

    proven = proves(OTHER_KEY, claim, GRANT)

    assert not proven


@pytest.mark.parametrize("fold", [str.upper, str.title, str.lower])
def test_an_address_whose_case_a_mail_system_folded_still_proves(fold: Callable[[str], str]) -> None:
    address = normalise(fold(address_of(GRANT)))
    assert address is not None

    claim = claim_of(address)

    assert proves(KEYS, claim, GRANT)


def test_a_message_id_whose_case_was_folded_still_proves() -> None:
    claim = read_message_id(id_of(GRANT).upper().replace(".SD@", ".sd@"))

    assert claim is not None
    assert proves(KEYS, claim, GRANT)


MAC = "a" * 20
UNREADABLE = [
    "",
    "support",
    SUPPORT,
    f"support+@{'desk.example'}",
    f"support+7{MAC}@desk.example",
    f"support+.{MAC}@desk.example",
    f"support+7.{MAC[1:]}@desk.example",
    f"support+7.{MAC}a@desk.example",
    f"support+7_.{MAC}@desk.example",
    f"support+-7.{MAC}@desk.example",
    f"support+{'z' * 14}.{MAC}@desk.example",
    f"support+{to_base36(MOST_ID + 1)}.{MAC}@desk.example",
    f"support+7.{'ä' * 20}@desk.example",
    f"support+7.\u212a{MAC[1:]}@desk.example",
    f"support+\u0667.{MAC}@desk.example",
    f"sales+7.{MAC}@desk.example",
    f"support+7.{MAC}@elsewhere.example",
]


@pytest.mark.parametrize("address", UNREADABLE)
def test_an_address_of_another_form_or_place_holds_no_claim(address: str) -> None:
    claim = read_address(address, OWN)

    assert claim is None


@pytest.mark.parametrize(
    "identifier",
    ["", "7", f"7.{MAC}", f"7.{MAC}@desk.example", f"7.{MAC}.sdx@desk.example", f"7.{MAC[1:]}.sd@desk.example"],
)
def test_a_message_id_of_another_form_holds_no_claim(identifier: str) -> None:
    claim = read_message_id(identifier)

    assert claim is None


def test_a_mailbox_whose_own_address_holds_a_plus_sign_knows_its_signed_addresses() -> None:
    mailbox = "support+eu@desk.example"

    claim = read_address(reply_address(KEYS, GRANT, mailbox), frozenset({mailbox}))

    assert claim is not None
    assert proves(KEYS, claim, GRANT)


@given(GRANTS)
def test_a_signed_local_part_takes_at_most_35_characters_of_its_64(grant: Grant) -> None:
    address = reply_address(KEYS, grant, "s@desk.example")

    added = len(address) - len("s@desk.example")

    assert added <= 35


@given(NUMBERS)
def test_a_short_number_reads_back(number: int) -> None:
    digits = to_base36(number)

    assert int(digits, 36) == number


OURS = [
    (SUPPORT, True),
    ("support+7.abc@desk.example", True),
    ("support+a+b@desk.example", True),
    ("support+@desk.example", True),
    ("supporter@desk.example", False),
    ("bob+support@desk.example", False),
    ("support@elsewhere.example", False),
    ("", False),
]


@pytest.mark.parametrize(("address", "ours"), OURS)
def test_our_addresses_are_known_with_anything_after_a_plus_sign(address: str, ours: bool) -> None:
    known = is_ours(address, OWN)

    assert known == ours
