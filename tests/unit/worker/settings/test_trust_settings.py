"""Which mail server's word about senders the settings let a desk believe, mailbox by mailbox."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desk.facts import StaffTrust
from mail.auth.results import Pin
from worker.runtime.services import open_services
from worker.settings.load import ConfigFailure, load_settings

GOOD = (Path(__file__).parents[3] / "settings/good.toml").read_text(encoding="utf-8")
PINNED = 'authserv_id = "mx.desk.example"'
PIN = Pin("mx.desk.example", ("desk.example",))


def pins_of(folder: Path, *keys: str) -> tuple[dict[str, Pin], StaffTrust]:
    """The pins of services whose first mailbox has these keys in place of its authserv_id."""
    file = folder / "supportdesk.toml"
    file.write_text(GOOD.replace(PINNED, "\n".join(keys), 1), encoding="utf-8")
    policy = open_services(load_settings(file, {}), application_name="tests").policy
    return dict(policy.pins), policy.staff_trust


CHOICES: list[tuple[tuple[str, ...], Pin]] = [
    ((PINNED,), PIN),
    ((PINNED, 'own_hosts = ["google.com"]'), replace(PIN, hosts=("google.com", "desk.example"))),
    ((PINNED, 'arc_forwarders = ["lists.example"]'), replace(PIN, forwarders=("lists.example",))),
    (
        ("nameless_results = true", 'own_hosts = ["outlook.com"]'),
        Pin("", ("outlook.com", "desk.example"), nameless=True),
    ),
]


@pytest.mark.parametrize(("keys", "pin"), CHOICES)
def test_each_mailbox_has_the_pin_that_its_settings_name(tmp_path: Path, keys: tuple[str, ...], pin: Pin) -> None:
    pins, trust = pins_of(tmp_path, *keys)

    assert (pins, trust) == ({"support": pin, "Sales team": PIN}, StaffTrust.BOTH)


def test_without_a_pin_in_each_mailbox_the_word_of_a_server_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure) as failure:
        pins_of(tmp_path)

    assert 'mailbox "support" pins no authserv_id' in str(failure.value)


@pytest.mark.parametrize("keys", [(), (PINNED,)])
def test_where_the_token_alone_is_chosen_in_so_many_words_a_pin_is_not_needed(
    tmp_path: Path, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: Any = GOOD.replace("[smtp]", '[trust]\nstaff = "token"\n[smtp]')
    monkeypatch.setattr(f"{__name__}.GOOD", chosen)

    pins, trust = pins_of(tmp_path, *keys)

    assert (list(pins), trust) == ([*(["support"] if keys else []), "Sales team"], StaffTrust.TOKEN)
