"""`supportdesk mail show | export` on mails that came."""

from pathlib import Path

import pytest

from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, process
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)


def test_a_mail_is_shown_with_what_became_of_it_and_how_it_is_understood(
    services: Services, supportdesk: Supportdesk
) -> None:
    number = process(services, a_raw_mail("My printer \x1b[31mis red."))["id"]

    shown = supportdesk("mail", "show", number)

    assert shown.exit_code == 0, shown.output
    for words in (f"Mail {number} from ann@customer.example", "It opened SD-", f"mail {number}: person", "My printer"):
        assert words in shown.output
    assert "\x1b" not in shown.output


def test_its_bytes_are_exported_once_for_one_person(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    raw, file = a_raw_mail(), tmp_path / "one.eml"
    number = process(services, raw)["id"]

    first, again = (supportdesk("mail", "export", number, file) for _ in range(2))

    assert first.output == f"{len(raw)} bytes are in {file}.\n"
    assert file.read_bytes() == raw
    assert file.stat().st_mode & 0o777 == 0o600
    assert again.exit_code == 2
    assert "is there already, and nothing was written over it. Name a new file." in again.output


@pytest.mark.parametrize("words", [("show", "999999"), ("export", "999999", "nowhere.eml")])
def test_a_mail_that_never_came_is_said_in_a_sentence(supportdesk: Supportdesk, words: tuple[str, ...]) -> None:
    result = supportdesk("mail", *words)

    assert result.exit_code == 2
    assert "999999" in result.output
    assert "name mails by their numbers." in result.output
    assert not Path("nowhere.eml").exists()
