"""Logging in to IMAP and SMTP servers that take tokens only: each mechanism, tokens that ended, and what is told."""

from collections.abc import Iterator

import pytest

from mail.failures import PermanentFailure, ServerBusy, TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.smtp.connection import try_login
from tests.support.servers.token_mail import BOTH, TokenMail, running_token_mail


class Tokens:
    """A bearer with one token after another; the last one stays."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.refused: list[str] = []

    def token(self, refused: str = "") -> str:
        if refused:
            self.refused.append(refused)
            self.tokens = self.tokens[1:] or self.tokens
        return self.tokens[0]


class Nothing:
    """A bearer of a mailbox that nobody agreed to."""

    def token(self, refused: str = "") -> str:
        raise PermanentFailure("Mailbox support has no token yet")


@pytest.fixture
def servers() -> Iterator[TokenMail]:
    with running_token_mail(lambda token: token == "good-hush") as servers:
        yield servers


def log_in(servers: TokenMail, protocol: str, bearer: Tokens | Nothing) -> None:
    if protocol == "imap":
        with open_mailbox(servers.imap(bearer)) as mailbox:
            mailbox.select("INBOX")
    else:
        try_login(servers.smtp(bearer), "desk.example")


@pytest.mark.parametrize("protocol", ["imap", "smtp"])
@pytest.mark.parametrize("mechanism", BOTH)
def test_a_token_lets_in_by_each_mechanism(servers: TokenMail, protocol: str, mechanism: str) -> None:
    servers.offers = ("PLAIN", mechanism)

    log_in(servers, protocol, Tokens("good-hush"))

    assert servers.logins == [(protocol, mechanism, "good-hush")]


@pytest.mark.parametrize("protocol", ["imap", "smtp"])
@pytest.mark.parametrize(("mechanism", "answer"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\x01")])
def test_a_token_that_ended_is_changed_once_on_the_same_connection(
    servers: TokenMail, protocol: str, mechanism: str, answer: bytes
) -> None:
    servers.offers = (mechanism,)

    log_in(servers, protocol, Tokens("old-hush", "good-hush"))

    assert servers.logins == [(protocol, mechanism, "old-hush"), (protocol, mechanism, "good-hush")]
    assert servers.answers == [answer]


def test_over_imap_a_refusal_of_the_next_one_too_is_permanent_and_names_no_token(servers: TokenMail) -> None:
    with pytest.raises(PermanentFailure) as caught:
        log_in(servers, "imap", Tokens("old-hush", "new-hush", "good-hush"))

    assert str(caught.value).endswith(
        "failed: it takes no token of this account: [AUTHENTICATIONFAILED] Authentication failed. 400"
    )
    assert len(servers.logins) == 2


def test_over_smtp_a_refusal_blames_no_mail_and_names_no_token(servers: TokenMail) -> None:
    with pytest.raises(TemporaryFailure) as caught:
        log_in(servers, "smtp", Tokens("old-hush", "new-hush", "good-hush"))

    told = f"127.0.0.1:{servers.smtp_port} did not let support@desk.example in over SMTP with a token: 535 5.7.8"
    assert str(caught.value) == f"{told} Authentication credentials invalid 400"
    assert len(servers.logins) == 2


@pytest.mark.parametrize(("protocol", "kind"), [("imap", PermanentFailure), ("smtp", TemporaryFailure)])
def test_where_there_is_no_other_token_the_server_is_not_asked_twice(
    servers: TokenMail, protocol: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        log_in(servers, protocol, Tokens("old-hush"))

    assert len(servers.logins) == 1


def test_an_imap_server_that_is_busy_is_asked_again_later(servers: TokenMail) -> None:
    servers.imap_words = "NO [UNAVAILABLE] Temporary authentication failure"

    with pytest.raises(ServerBusy, match="Temporary authentication failure"):
        log_in(servers, "imap", Tokens("good, but the server does not look"))


def test_an_smtp_server_that_is_busy_costs_no_token(servers: TokenMail) -> None:
    servers.smtp_words, bearer = "454 4.7.0 Temporary authentication failure", Tokens("one", "two")

    with pytest.raises(TemporaryFailure, match=r"454 4\.7\.0 Temporary"):
        log_in(servers, "smtp", bearer)

    assert bearer.refused == []


@pytest.mark.parametrize(
    ("protocol", "kind", "told"),
    [
        ("imap", PermanentFailure, "takes no token: it offers neither AUTH=XOAUTH2 nor AUTH=OAUTHBEARER"),
        ("smtp", TemporaryFailure, "takes no token: it offers neither XOAUTH2 nor OAUTHBEARER over SMTP"),
    ],
)
def test_a_server_without_these_mechanisms_is_told_so(
    servers: TokenMail, protocol: str, kind: type[Exception], told: str
) -> None:
    servers.offers = ("PLAIN", "LOGIN")

    with pytest.raises(kind, match=told):
        log_in(servers, protocol, Tokens("good-hush"))

    assert servers.logins == []


@pytest.mark.parametrize(("protocol", "kind"), [("imap", PermanentFailure), ("smtp", TemporaryFailure)])
def test_a_mailbox_without_a_token_is_told_so(servers: TokenMail, protocol: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="no token yet"):
        log_in(servers, protocol, Nothing())


def test_a_server_prints_no_token_and_is_the_same_with_another(servers: TokenMail) -> None:
    one, other = servers.smtp(Tokens("good-hush")), servers.smtp(Tokens("other"))

    assert "hush" not in repr(one)
    assert {one: 1}[other] == 1
