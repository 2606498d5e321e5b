"""A password that is changed while a process runs: the next poll has it, on a real server."""

from pathlib import Path

import pytest

from mail.server import Server
from tests.support.database.services import MakeServices, mailbox_of
from worker.poll.run import poll_to_the_end


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("wrong", encoding="utf-8")
    file.chmod(0o600)
    return file


def test_a_mailbox_is_read_again_once_its_file_has_the_right_password(
    make_services: MakeServices, server: Server, file: Path
) -> None:
    services = make_services(PASSWORD_FILE=str(file), **mailbox_of(server))

    refused = poll_to_the_end(services, "support")
    file.write_text(server.password, encoding="utf-8")
    taken = poll_to_the_end(services, "support")

    assert refused.trouble
    assert "b'" not in refused.trouble
    assert not taken.trouble
