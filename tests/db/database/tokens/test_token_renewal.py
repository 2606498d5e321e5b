"""The token of a mailbox: renewed before it ends, once for all processes, and never lost; refusals and troubles."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from mail.auth.oauth.grants import renew
from mail.auth.oauth.tokens import Tokens
from mail.failures import PermanentFailure, TemporaryFailure
from models.ledger.access_tokens import claim_renewal, put_tokens, store_renewed
from tests.support.database.services import SECRET, execute, query, services_on
from tests.support.servers.token_server import PAGE, Provider
from worker.runtime.mailboxes import access as access_module
from worker.runtime.mailboxes.access import MailboxAccess, sealed_tokens
from worker.runtime.mailboxes.accounts import access_to
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

LATER = "another secret of the tests, 32 bytes"
Open = Callable[..., Services]


@pytest.fixture
def open_desk(database_url: str, provider: Provider) -> Iterator[Open]:
    """Opens a desk whose mailbox has tokens of the provider, with a consent that was given before."""
    opened: list[Services] = []

    def open_desk(*, consent: bool = True, **settings: str) -> Services:
        table = provider.table(**json.loads(settings.pop("TABLE", "{}")))
        services = services_on(database_url, PASSWORD="", OAUTH=json.dumps(table), **settings)
        opened.append(services)
        if consent:
            agree(services, provider)
        return services

    yield open_desk
    for services in opened:
        execute(services, "DELETE FROM mail.mailbox_token")
        services.engine.dispose()


def agree(services: Services, provider: Provider, **more: Any) -> None:
    given = provider.give()
    tokens = Tokens(given["access_token"], given["refresh_token"], provider.life, **more)
    with transaction(services.engine) as session:
        put_tokens(session, "support", sealed_tokens("support", tokens, services.policy.keys.secrets))


def access(services: Services, early: timedelta = timedelta(minutes=1)) -> MailboxAccess:
    return access_to(services, services.mailbox("support"), early)


def pass_by(services: Services, seconds: int) -> None:
    """Let so many seconds pass for the token, and for what waits."""
    columns = ("renewed_at", "expires_at", "ends_at", "claimed_until", "retry_at")
    changes = ", ".join(f"{name} = {name} - interval '{seconds} seconds'" for name in columns)
    execute(services, f"UPDATE mail.mailbox_token SET {changes}")


def test_a_token_is_used_as_long_as_it_is_good(open_desk: Open, provider: Provider) -> None:
    services = open_desk()

    assert {access(services).token(), access(services).token()} == {"access-1-hush"}
    assert provider.forms == []


@pytest.mark.parametrize(
    ("passed", "early", "token"),
    [(3500, 60, 1), (3550, 60, 2), (2900, 600, 1), (3010, 600, 2), (3700, 60, 2)],
    ids=["good for others", "due for others", "good for a poll", "due for a poll", "over"],
)
def test_a_poll_renews_earlier_than_the_others(
    open_desk: Open, provider: Provider, passed: int, early: int, token: int
) -> None:
    services = open_desk()
    pass_by(services, passed)

    assert access(services, timedelta(seconds=early)).token() == f"access-{token}-hush"
    assert provider.grants == ["by refresh"] * (token - 1)


def test_a_token_that_lives_for_seconds_only_is_used_for_most_of_them(open_desk: Open, provider: Provider) -> None:
    provider.life = 30
    services = open_desk()

    pass_by(services, 15)
    first = access(services, timedelta(minutes=10)).token()
    pass_by(services, 10)
    second = access(services, timedelta(minutes=10)).token()

    assert (first, second) == ("access-1-hush", "access-2-hush")


def test_what_was_given_is_written_before_it_is_used(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    pass_by(services, 3700)
    access(services).token()
    pass_by(services, 3700)

    assert access(services).token() == "access-3-hush"
    assert [form["refresh_token"] for form in provider.forms] == ["refresh-1-hush", "refresh-2-hush"]


def test_many_threads_that_need_a_token_at_once_renew_it_once(open_desk: Open, provider: Provider) -> None:
    services, provider.slow = open_desk(), 0.1
    pass_by(services, 3700)

    with ThreadPoolExecutor(5) as threads:
        tokens = list(threads.map(lambda _: access(services).token(), range(5)))

    assert set(tokens) == {"access-2-hush"}
    assert provider.grants == ["by refresh"]


def test_while_another_renews_a_token_that_is_still_good_is_used(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    pass_by(services, 3550)
    with transaction(services.engine) as session:
        assert claim_renewal(session, "support", 1, timedelta(minutes=1))

    assert access(services).token() == "access-1-hush"
    assert provider.forms == []


def test_a_claim_of_a_process_that_died_ends(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    with transaction(services.engine) as session:
        claim_renewal(session, "support", 1, timedelta(minutes=1))
    pass_by(services, 3700)

    assert access(services).token() == "access-2-hush"


def test_a_consent_that_came_meanwhile_is_not_written_over(
    open_desk: Open, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = open_desk()
    pass_by(services, 3700)
    ask = renew

    def slowly(*words: Any) -> Tokens:
        tokens = ask(*words)
        agree(services, provider)
        return tokens

    monkeypatch.setattr(access_module, "renew", slowly)

    assert access(services).token() == "access-3-hush"


def test_what_was_given_is_written_again_where_the_database_was_away(
    open_desk: Open, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = open_desk()
    pass_by(services, 3700)
    write, times = store_renewed, iter([True, True, False])

    def fail_twice(*words: Any) -> bool:
        if next(times):
            raise OperationalError("x", None, Exception("server closed the connection"), connection_invalidated=True)
        return write(*words)

    monkeypatch.setattr(access_module, "store_renewed", fail_twice)
    monkeypatch.setattr(access_module, "LOOK_SECONDS", 0.01)

    assert access(services).token() == "access-2-hush"


def test_a_token_that_a_server_refuses_is_renewed_before_its_end(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    pass_by(services, 61)

    assert access(services).token("access-1-hush") == "access-2-hush"


def test_a_token_that_is_quite_new_is_not_renewed_for_a_server_that_refuses_it(
    open_desk: Open, provider: Provider
) -> None:
    services = open_desk()

    assert access(services).token("access-1-hush") == "access-1-hush"
    assert provider.forms == []


def test_a_token_that_another_process_has_renewed_already_is_taken(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    pass_by(services, 3700)
    access(services).token()

    assert access(services).token("access-1-hush") == "access-2-hush"
    assert provider.grants == ["by refresh"]


def test_a_refusal_is_told_with_the_providers_words_and_what_to_do(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    provider.revoke()
    pass_by(services, 3700)

    for _ in range(2):
        with pytest.raises(PermanentFailure) as caught:
            access(services).token()

        host, words = f"127.0.0.1:{provider.port}", "invalid_grant: Token has been expired or revoked"
        told = f"{host} gives no token for support@desk.example: {words}"
        assert str(caught.value) == f"{told}. Say `supportdesk mailbox authorize support`"
    assert provider.grants == ["by refresh"]


def test_a_new_consent_ends_a_refusal(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    provider.revoke()
    pass_by(services, 3700)
    with pytest.raises(PermanentFailure):
        access(services).token()

    agree(services, provider)

    assert access(services).token() == "access-2-hush"


def test_a_wrong_secret_of_the_application_is_told_and_asked_again_after_a_minute(
    open_desk: Open, provider: Provider
) -> None:
    services = open_desk()
    provider.troubles = [(401, b'{"error": "invalid_client", "error_description": "wrong secret"}')]
    pass_by(services, 3700)

    with pytest.raises(PermanentFailure, match=r"invalid_client: wrong secret\. Look at the table oauth"):
        access(services).token()
    pass_by(services, 61)

    assert access(services).token() == "access-2-hush"


def test_a_provider_that_answers_html_is_left_alone_for_longer_each_time(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    provider.troubles = [(200, PAGE)] * 9
    pass_by(services, 3700)
    waits = []

    for _ in range(9):
        with pytest.raises(TemporaryFailure, match='answered 200 with a page, "Service Unavailable"'):
            access(services).token()
        (row,) = query(services, "SELECT round(extract(epoch FROM retry_at - now())) AS s FROM mail.mailbox_token")
        waits.append(int(row["s"]))
        pass_by(services, waits[-1] + 1)

    assert waits == [2, 5, 15, 30, 60, 120, 300, 300, 300]
    assert access(services).token() == "access-2-hush"


def test_trouble_of_the_provider_hurts_nobody_while_the_token_is_good(open_desk: Open, provider: Provider) -> None:
    services = open_desk()
    provider.troubles = [(503, PAGE)]
    pass_by(services, 3550)

    assert access(services).token() == "access-1-hush"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_of_the_process_that_is_an_hour_off_changes_nothing(
    open_desk: Open, provider: Provider, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time  # noqa: PLC0415

    real = time.time
    services = open_desk()
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)

    assert access(services).token() == "access-1-hush"
    pass_by(services, 3550)
    assert access(services).token() == "access-2-hush"
    assert provider.grants == ["by refresh"]


def test_a_mailbox_that_nobody_agreed_to_says_so(open_desk: Open) -> None:
    services = open_desk(consent=False)

    with pytest.raises(PermanentFailure, match="has no token yet: say `supportdesk mailbox authorize support`"):
        access(services).token()


def test_an_application_needs_nobodys_consent(open_desk: Open, provider: Provider) -> None:
    services = open_desk(consent=False, TABLE='{"grant": "client_credentials"}')

    assert [access(services).token() for _ in range(2)] == ["access-1-hush"] * 2
    pass_by(services, 3700)
    assert access(services).token() == "access-2-hush"
    assert provider.grants == ["by secret", "by secret"]


def test_a_new_secret_key_loses_no_token_and_seals_the_next(open_desk: Open, provider: Provider) -> None:
    open_desk()
    services = open_desk(consent=False, DESK__SECRET_KEY=LATER, DESK__PREVIOUS_SECRET_KEYS=json.dumps([SECRET]))

    first = access(services).token()
    pass_by(services, 3700)
    access(services).token()
    later = open_desk(consent=False, DESK__SECRET_KEY=LATER)

    assert (first, access(later).token()) == ("access-1-hush", "access-2-hush")


def test_a_token_of_a_key_that_is_gone_is_told_and_left_as_it_is(open_desk: Open, provider: Provider) -> None:
    open_desk()
    services = open_desk(consent=False, DESK__SECRET_KEY=LATER)

    with pytest.raises(PermanentFailure, match="encrypted with a secret key that the settings do not hold"):
        access(services).token()

    assert query(services, "SELECT trouble, failures FROM mail.mailbox_token") == [{"trouble": None, "failures": 0}]


def test_an_application_whose_key_is_gone_asks_for_another_token(open_desk: Open, provider: Provider) -> None:
    by_secret = '{"grant": "client_credentials"}'
    access(open_desk(consent=False, TABLE=by_secret)).token()
    services = open_desk(consent=False, TABLE=by_secret, DESK__SECRET_KEY=LATER)

    assert access(services).token() == "access-2-hush"


def test_neither_the_database_nor_the_log_shows_a_token_or_a_secret(
    open_desk: Open, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    services = open_desk()
    pass_by(services, 3700)
    access(services).token()
    provider.troubles = [
        (400, json.dumps({"error": "invalid_grant", "error_description": "client-hush, refresh-2-hush"}).encode())
    ]
    pass_by(services, 3700)
    with pytest.raises(PermanentFailure):
        access(services).token()

    rows = query(services, "SELECT t::text FROM mail.mailbox_token t")

    assert "hush" not in f"{rows}{caplog.text}"
    assert "The token of mailbox support was renewed" in caplog.text
