"""The secret of an application is changed while a process runs: the next question for a token goes with the new one."""

import json
from pathlib import Path

from tests.support.database.services import execute, services_on
from tests.support.servers.token_server import Provider
from worker.runtime.mailboxes.accounts import imap_account
from worker.runtime.services import Services


def token_of(services: Services, refused: str = "") -> str:
    """The token of the next login, after the one before was refused and is not new any more."""
    execute(services, "UPDATE mail.mailbox_token SET renewed_at = renewed_at - interval '1 hour'")
    bearer = imap_account(services, services.mailbox("support")).bearer
    assert bearer is not None
    return bearer.token(refused)


def test_the_next_token_is_asked_for_with_the_new_secret(database_url: str, provider: Provider, tmp_path: Path) -> None:
    file = tmp_path / "client_secret"
    file.touch(mode=0o600)
    file.write_text("old\n", encoding="utf-8")
    table = provider.table(grant="client_credentials", client_secret_file=str(file))
    del table["client_secret"]
    services = services_on(database_url, PASSWORD="", OAUTH=json.dumps(table))
    try:
        tokens = [token_of(services)]
        file.write_text("new-one\n", encoding="utf-8")
        tokens.append(token_of(services, tokens[0]))
    finally:
        execute(services, "DELETE FROM mail.mailbox_token")
        services.engine.dispose()

    assert [form["client_secret"] for form in provider.forms] == ["old", "new-one"]
    assert tokens == ["access-1-hush", "access-2-hush"]
