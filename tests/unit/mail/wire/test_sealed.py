"""Tokens as they are kept: nobody reads them without the secret key, and a change of keys loses none."""

import pytest

from mail.auth.oauth.sealed import SealBroken, seal, unseal

OLD, NEW = b"an older secret of the desk, 32 bytes", b"the secret of the desk today, 32 bytes"


def test_what_was_sealed_is_opened_with_the_same_key() -> None:
    assert unseal("support", seal("support", "access-hush", "refresh-hush", [NEW]), [NEW]) == (
        "access-hush",
        "refresh-hush",
    )


def test_the_sealed_text_shows_nothing_of_the_tokens() -> None:
    assert "hush" not in seal("support", "access-hush", "refresh-hush", [NEW])


def test_no_two_seals_are_the_same() -> None:
    assert seal("support", "a", "r", [NEW]) != seal("support", "a", "r", [NEW])


def test_a_seal_of_the_previous_key_is_opened_as_long_as_that_is_there() -> None:
    assert unseal("support", seal("support", "a", "r", [OLD]), [NEW, OLD]) == ("a", "r")


def test_the_first_key_seals() -> None:
    assert unseal("support", seal("support", "a", "r", [NEW, OLD]), [NEW]) == ("a", "r")


@pytest.mark.parametrize(
    ("mailbox", "secrets", "change"),
    [
        ("support", [OLD], lambda text: text),
        ("sales", [NEW], lambda text: text),
        ("support", [NEW], lambda text: text[:-2]),
        ("support", [NEW], lambda text: f"A{text[1:]}x"),
        ("support", [NEW], lambda _: ""),
    ],
    ids=["another key", "another mailbox's row", "cut", "changed", "nothing"],
)
def test_whatever_is_not_ours_stays_closed(mailbox: str, secrets: list[bytes], change: object) -> None:
    assert callable(change)
    sealed = change(seal("support", "a", "r", [NEW]))

    with pytest.raises(SealBroken):
        unseal(mailbox, sealed, secrets)
