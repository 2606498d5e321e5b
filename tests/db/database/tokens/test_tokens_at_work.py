"""A desk at servers that take tokens only: polls, delivery and the watch go on while tokens end."""

import json
from threading import Thread

import pytest

from mail.auth.oauth.tokens import Tokens
from models.ledger.access_tokens import put_tokens
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, process, query
from tests.support.servers.token_mail import TokenMail
from tests.support.servers.token_server import Provider
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.poll.run import poll_mailbox
from worker.poll.watch import Stop, watch_mailbox
from worker.runtime.mailboxes.access import sealed_tokens
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ROUNDS = 10


@pytest.fixture
def services(make_services: MakeServices, provider: Provider, servers: TokenMail) -> Services:
    return make_services(
        ADMIN,
        AGENT,
        PASSWORD="",
        OAUTH=json.dumps(provider.table(grant="client_credentials")),
        HOST="127.0.0.1",
        PORT=str(servers.imap_port),
        FROM_START="true",
        AFTER="leave",
        SMTP__HOST="127.0.0.1",
        SMTP__PORT=str(servers.smtp_port),
        SMTP__USER="support@desk.example",
    )


def a_mail(uid: int) -> bytes:
    return a_raw_mail("Hello", message_id=f"<{uid}@customer.example>", **{"from": f"ann{uid}@customer.example"})


def end_token(services: Services, provider: Provider) -> None:
    """End the token as a provider does that withdraws it, a while after it was given."""
    provider.end_all()
    execute(services, "UPDATE mail.mailbox_token SET renewed_at = renewed_at - interval '1 minute'")


def stored(services: Services) -> list[int]:
    return [row["uid"] for row in query(services, "SELECT uid FROM mail.ledger WHERE uid > 0 ORDER BY uid")]


def test_a_token_that_is_withdrawn_in_mid_fetch_loses_no_mail_and_charges_none(
    services: Services, provider: Provider, servers: TokenMail
) -> None:
    servers.mails = {uid: a_mail(uid) for uid in range(1, 121)}
    servers.cut_at = 60

    def cut() -> None:
        end_token(services, provider)

    servers.at_cut = cut
    first = poll_mailbox(services, "support")
    second = poll_mailbox(services, "support")

    assert "AccessTokenExpired" in (first.trouble or "")
    assert second.trouble is None
    assert stored(services) == list(range(1, 121))
    assert [login[2] for login in servers.logins] == ["access-1-hush", "access-1-hush", "access-2-hush"]
    assert query(services, "SELECT stuck_uid FROM mail.mailbox") == [{"stuck_uid": None}]


def test_tokens_that_end_ten_times_lose_nothing_and_send_nothing_twice(
    services: Services, provider: Provider, servers: TokenMail
) -> None:
    for uid in range(1, ROUNDS + 1):
        servers.mails[uid] = a_mail(uid)
        assert poll_mailbox(services, "support").trouble is None
        receive_due(services)
        announce_due(services)
        deliver_due(services)
        end_token(services, provider)

    sent = query(services, "SELECT count(*) AS n FROM mail.outbox WHERE fate = 'sent'")[0]["n"]
    assert stored(services) == list(range(1, ROUNDS + 1))
    assert len(servers.sent) == sent > 0
    assert query(services, "SELECT id FROM mail.outbox WHERE fate IS NULL OR fate <> 'sent'") == []
    assert provider.grants == ["by secret"] * ROUNDS


def test_a_provider_that_is_down_stops_nothing_while_the_token_is_good(
    services: Services, provider: Provider, servers: TokenMail
) -> None:
    assert poll_mailbox(services, "support").trouble is None
    provider.troubles = [(503, b"<title>Down</title>")] * 5
    shorter = "renewed_at = now() - interval '55 minutes', expires_at = now() + interval '5 minutes'"
    execute(services, f"UPDATE mail.mailbox_token SET {shorter}")

    assert poll_mailbox(services, "support").trouble is None
    assert len(provider.troubles) == 4


def test_a_refusal_is_the_trouble_of_the_mailbox_and_harms_no_mail_in_the_outbox(
    services: Services, provider: Provider, servers: TokenMail
) -> None:
    words = "AADSTS7000222: secret expired"
    provider.troubles = [(400, json.dumps({"error": "invalid_client", "error_description": words}).encode())] * 9
    process(services, a_mail(1))

    polled = poll_mailbox(services, "support")
    deliver_due(services)

    assert words in (polled.trouble or "")
    assert query(services, "SELECT trouble FROM mail.mailbox") == [{"trouble": polled.trouble}]
    assert {row["attempts"] for row in query(services, "SELECT attempts FROM mail.outbox")} == {0}
    assert len(provider.troubles) == 8


def test_a_new_consent_opens_at_once_a_mailbox_that_was_refused(services: Services, provider: Provider) -> None:
    provider.troubles = [(400, b'{"error": "invalid_client"}')]
    refused = poll_mailbox(services, "support")
    tokens = Tokens(provider.give()["access_token"])

    left = poll_mailbox(services, "support")
    with transaction(services.engine) as session:
        put_tokens(session, "support", sealed_tokens("support", tokens, services.policy.keys.secrets))

    assert (refused.refused, "left alone until" in (left.trouble or "")) == (True, True)
    assert poll_mailbox(services, "support").trouble is None


def test_the_watch_comes_back_with_the_new_token(services: Services, provider: Provider, servers: TokenMail) -> None:
    rings: list[str] = []
    stop = Stop()

    def ring(*words: str) -> None:
        rings.append(" ".join(words))
        if len(rings) == 1:
            end_token(services, provider)
            servers.kick()
        else:
            stop.request()

    watching = Thread(target=watch_mailbox, args=(services, services.mailbox("support"), stop, ring), daemon=True)
    watching.start()
    watching.join(timeout=10)

    assert rings == ["poll support", "poll support"]
    assert [login[2] for login in servers.logins] == ["access-1-hush", "access-1-hush", "access-2-hush"]
