"""What is said to and by servers about tokens: first words, error challenges, and answers that hold no token."""

import pytest

from mail.auth.oauth.client import GrantType, Provider, endpoints_of, is_safe, scopes_of, service_account
from mail.auth.oauth.sasl import Conversation, Mechanism, choose
from mail.auth.oauth.tokens import Tokens, read_tokens
from mail.auth.oauth.words import in_words, of_challenge
from mail.failures import TemporaryFailure
from mail.server import Security, Server

SERVER = Server("imap.desk.example", 993, Security.TLS, "a,b=c@desk.example", "")


def test_the_first_word_of_xoauth2_is_as_google_and_microsoft_write_it() -> None:
    first = Conversation(Mechanism.XOAUTH2, SERVER, "t0ken").first

    assert first == "user=a,b=c@desk.example\x01auth=Bearer t0ken\x01\x01"


def test_the_first_word_of_oauthbearer_is_that_of_rfc_7628() -> None:
    first = Conversation(Mechanism.OAUTHBEARER, SERVER, "t0ken").first

    assert first == "n,a=a=2Cb=3Dc@desk.example,\x01host=imap.desk.example\x01port=993\x01auth=Bearer t0ken\x01\x01"


@pytest.mark.parametrize(("mechanism", "answer"), [(Mechanism.XOAUTH2, ""), (Mechanism.OAUTHBEARER, "\x01")])
def test_an_error_challenge_is_answered_so_that_the_server_says_no(mechanism: Mechanism, answer: str) -> None:
    conversation = Conversation(mechanism, SERVER, "t0ken")

    assert conversation.answer(b"") == conversation.first
    assert conversation.answer(b'{"status":"401","schemes":"bearer"}') == answer
    assert conversation.refusal == "401"


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["PLAIN", "XOAUTH2", "OAUTHBEARER"], Mechanism.XOAUTH2),
        (["plain", "oauthbearer"], Mechanism.OAUTHBEARER),
        (["PLAIN", "LOGIN"], None),
        ([], None),
    ],
)
def test_the_mechanism_is_one_that_the_server_offers(offered: list[str], chosen: Mechanism | None) -> None:
    assert choose(offered) is chosen


@pytest.mark.parametrize(
    ("challenge", "words"),
    [
        (b'{"status":"invalid_token","scope":"mail"}', "invalid_token"),
        (b'{"status":"400","error":"x","error_description":"y\\nz"}', "400 x y z"),
        (b"not JSON\r\nat all", "not JSON at all"),
        (b"[1]", ""),
        (b"{}", ""),
        (b'{"error":"t0ken is bad"}', "... is bad"),
    ],
)
def test_a_challenge_is_told_in_words_and_without_the_token(challenge: bytes, words: str) -> None:
    assert of_challenge(challenge, "t0ken") == words


def test_words_are_one_short_line() -> None:
    assert in_words("a\x00b\r\n" + "c" * 1000) == "a b " + "c" * 396 + "..."


@pytest.mark.parametrize(
    ("answer", "tokens"),
    [
        ({"access_token": "a"}, Tokens("a")),
        (
            {"access_token": "a", "refresh_token": "r", "expires_in": "60", "scope": "mail"},
            Tokens("a", "r", 60, None, "mail"),
        ),
        ({"access_token": "a", "expires_in": 0, "refresh_token_expires_in": 604800}, Tokens("a", "", 3600, 604800)),
        ({"access_token": "a", "expires_in": "soon", "refresh_expires_in": 1800}, Tokens("a", "", 3600, 1800)),
        ({"access_token": "a", "expires_in": 10**12, "token_type": "BEARER"}, Tokens("a", "", 366 * 86400)),
        ({"access_token": "a", "refresh_token": None, "scope": ["x"]}, Tokens("a")),
    ],
)
def test_an_answer_is_read(answer: dict[str, object], tokens: Tokens) -> None:
    assert read_tokens(answer, "login.example") == tokens


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a\x01b"},
        {"access_token": "a b"},
        {"access_token": "a\r\nA2 LOGOUT"},
        {"access_token": "a", "refresh_token": "r\n"},
        {"access_token": "a", "token_type": "mac"},
    ],
)
def test_an_answer_without_a_usable_token_is_no_answer(answer: dict[str, object]) -> None:
    with pytest.raises(TemporaryFailure, match=r"login\.example gave an answer without a token"):
        read_tokens(answer, "login.example")


def test_no_value_shows_a_token_when_it_is_printed() -> None:
    assert "hush" not in repr(Tokens("access-hush", "refresh-hush"))


def test_the_places_of_microsoft_are_those_of_a_tenant() -> None:
    place = "https://login.microsoftonline.com/desk.example/oauth2/v2.0"

    found = endpoints_of(Provider.MICROSOFT, "desk.example")

    assert (found.token, found.authorize, found.device) == (
        f"{place}/token",
        f"{place}/authorize",
        f"{place}/devicecode",
    )


def test_google_gives_no_token_for_mail_to_a_device() -> None:
    assert endpoints_of(Provider.GOOGLE, "").device == ""


def test_an_application_of_microsoft_asks_for_all_that_it_was_given() -> None:
    assert scopes_of(Provider.MICROSOFT, GrantType.CLIENT_CREDENTIALS) == ("https://outlook.office365.com/.default",)


def test_a_person_agrees_to_reading_and_sending_for_a_long_time() -> None:
    assert scopes_of(Provider.MICROSOFT, GrantType.CODE) == (
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    )


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://login.example/token", True),
        ("http://127.0.0.1:8080/token", True),
        ("http://localhost/token", True),
        ("http://login.example/token", False),
        ("ftp://127.0.0.1/", False),
        ("https://", False),
        ("token", False),
        ("http://[::1", False),
    ],
)
def test_secrets_go_to_https_and_to_this_machine_only(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


@pytest.mark.parametrize(
    "key", ["", "{", "[]", "{}", '{"client_email": "a"}', '{"client_email": 1, "private_key": "k"}']
)
def test_a_file_without_an_account_and_a_key_is_no_service_account(key: str) -> None:
    assert service_account(key) is None
