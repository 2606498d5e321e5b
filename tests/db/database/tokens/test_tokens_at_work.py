"""A desk at servers that take tokens only: polls, delivery and the watch go on while tokens end."""

import json
from functools import partial
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


@pytest.mark.parametrize("within", [False, True], ids=["with a goodbye", "without a word, within a mail"])
@pytest.mark.parametrize("uid", [1, 60, 120])
def test_a_token_that_is_withdrawn_in_mid_fetch_loses_no_mail_and_charges_none(
    services: Services, provider: Provider, servers: TokenMail, uid: int, within: bool
) -> None:
    servers.mails = {one: a_mail(one) for one in range(1, 121)}
    servers.cut_at, servers.within = uid, within
    servers.at_cut = partial(end_token, services, provider)

    first = poll_mailbox(services, "support")
    at_first, servers.fetched = stored(services), []
    second = poll_mailbox(services, "support")
    receive_due(services)

    assert within or "AccessTokenExpired" in (first.trouble or "")
    assert (bool(first.trouble), second.trouble) == (True, None)
    # It goes on from where it was.
    assert servers.fetched == [one for one in servers.mails if one not in at_first]
    assert stored(services) == list(range(1, 121))
    assert [login[2] for login in servers.logins] == ["access-1-hush", "access-1-hush", "access-2-hush"]
    assert query(services, "SELECT stuck_uid, refused_times FROM mail.mailbox") == [
        {"stuck_uid": None, "refused_times": 0}
    ]
    assert query(services, "SELECT id FROM mail.ledger WHERE fate = 'quarantined' OR tries > 0") == []


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


SESSION_OVER = (
    "530 5.7.0 Authentication required",
    "530 5.7.57 Client not authenticated to send mail",
    "535 5.7.3 Authentication unsuccessful",
    "535 5.7.8 Token expired",
    "421 4.7.0 Session expired, closing",
)


@pytest.mark.parametrize("words", SESSION_OVER)
def test_a_session_that_ends_with_its_token_goes_on_with_the_next_and_no_mail_waits(
    services: Services, provider: Provider, servers: TokenMail, words: str
) -> None:
    for uid in range(1, 3):
        process(services, a_mail(uid))
    servers.session_words = words
    ends = iter([True])
    servers.at_sent = lambda: end_token(services, provider) if next(ends, False) else None

    deliver_due(services)

    outbox = query(services, "SELECT fate FROM mail.outbox")
    assert {row["fate"] for row in outbox} == {"sent"}
    assert len(servers.sent) == len(outbox) > 2
    assert {login[2] for login in servers.logins} == {"access-1-hush", "access-2-hush"}


@pytest.mark.parametrize("words", SESSION_OVER[:-1])
def test_a_server_that_lets_us_in_and_then_asks_for_a_login_refuses_us(
    services: Services, provider: Provider, servers: TokenMail, words: str
) -> None:
    process(services, a_mail(1))
    asked: list[str] = []
    servers.session_words = words

    def is_good_at_login(token: str) -> bool:
        is_login = len(servers.logins) > len(asked)
        asked.extend([token] * is_login)
        return is_login

    servers.is_good = is_good_at_login

    deliver_due(services)

    assert {row["reason"] for row in query(services, "SELECT reason FROM mail.outbox")} == {"sender refused"}
    # Once more for all mails of a connection.
    assert len(servers.logins) == 2


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
