"""The addresses that stand in a text are all found, for whoever is forgotten is looked for by them."""

import json
import re
import time

import pytest

from models.removal.archive.named import addresses_in
from models.removal.privacy.mask import pattern_of

EVE = "eve@far.example"


@pytest.mark.parametrize(
    "text",
    [
        EVE, "Eve@Far.EXAMPLE", f"<{EVE}>", f"mailto:{EVE}", f"x={EVE}", f"({EVE})", f"{EVE}.", f"{EVE},", f'"{EVE}"',
        f"a/b?to={EVE}&x=1", f"\n{EVE}\n", f"[{EVE}]", f"a@b@{EVE}", f"*{EVE}*", f"'{EVE}'", f"~{EVE}", f"ö {EVE} ö",
    ],
)  # fmt: skip
def test_what_is_masked_is_found(text: str) -> None:
    # PostgreSQL's classes in words of Python.
    pattern = pattern_of([EVE]).replace("[[:alnum:]._+-]", "[\\w.+-]").replace("[[:alnum:]-]", "[\\w-]")
    assert re.search(pattern.replace("[[:alnum:]]", "\\w"), text, re.IGNORECASE)

    assert EVE in addresses_in(json.dumps({"text": text, "more": None}))


@pytest.mark.parametrize("text", ["", "no address", "@", "eve@", "@far.example", "eve @ far.example"])
def test_what_is_none_is_not(text: str) -> None:
    assert addresses_in(json.dumps({"text": text})) == set()


def test_a_long_text_takes_no_longer_than_it_is() -> None:
    started = time.process_time()

    for text in ("a" * 1_000_000 + "@", "@" * 200_000, "=" * 1_000_000 + "@x", "a@" * 100_000):
        addresses_in(json.dumps({"text": text}))

    assert time.process_time() - started < 5
