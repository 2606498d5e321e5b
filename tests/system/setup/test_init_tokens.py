"""`supportdesk init` for mailboxes that are opened by OAuth2: what it asks for, what it tries, and what it writes."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from mail.auth.oauth.client import GrantType, OAuthClient
from mail.auth.oauth.client import Provider as TokenProvider
from mail.auth.oauth.consent import BrowserConsent, ask_in_browser
from seed.stack.servers import Stack
from tests.support.servers.token_mail import USER, TokenMail
from tests.support.servers.token_server import CLIENT, PAGE, SECRET, Provider
from worker.cli.commands import init
from worker.cli.main import main
from worker.runtime.mailboxes import authorize as flow
from worker.runtime.mailboxes.loopback import Loopback
from worker.settings.load import load_settings
from worker.settings.sections.oauth import OAuthSettings

ACCOUNT = json.dumps({"client_email": "desk@project.example", "private_key": "-----BEGIN-hush"})
wait = Loopback.wait


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, and no variable that answers anything."""
    monkeypatch.chdir(tmp_path)
    for variable in ("DATABASE_URL", "REDIS_URL", "SUPPORTDESK_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SSH_CONNECTION", "")
    return tmp_path


@pytest.fixture
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that options name."""
    folder = tmp_path_factory.mktemp("answers")
    (folder / "client_secret").write_text(f"{SECRET}\n", encoding="utf-8")
    (folder / "account.json").write_text(f"{ACCOUNT}\n", encoding="utf-8")
    return folder


@pytest.fixture
def options(stack: Stack, empty_database: str, provider: Provider, servers: TokenMail, answers: Path) -> dict[str, str]:
    """Every answer for an application that needs nobody's consent."""
    return {
        "--address": USER,
        "--imap-host": "127.0.0.1",
        "--imap-port": str(servers.imap_port),
        "--imap-security": "plain",
        "--smtp-host": "127.0.0.1",
        "--smtp-port": str(servers.smtp_port),
        "--smtp-security": "plain",
        "--database-url": empty_database,
        "--broker-url": stack.redis_url,
        "--grant": "client_credentials",
        "--client-id": CLIENT,
        "--client-secret-file": str(answers / "client_secret"),
        "--token-url": f"{provider.address}/token",
        "--scopes": "mail more",
    }


def with_consent(options: dict[str, str], provider: Provider) -> dict[str, str]:
    places = {"--authorize-url": f"{provider.address}/authorize", "--device-url": f"{provider.address}/device"}
    return options | places | {"--grant": "code"}


def run(options: dict[str, str], *flags: str, typed: str = "") -> Result:
    words = [word for option in options.items() if option[1] for word in option]
    return CliRunner().invoke(main, ["init", *words, *flags], input=typed)


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "has_terminal", lambda: True)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[str], object]]:
    """What a person's browser does with the address that it is given: the last one of the list."""
    doing: list[Callable[[str], object]] = [lambda _: None]
    asked: list[BrowserConsent] = []

    def ask(client: OAuthClient, redirect: str) -> BrowserConsent:
        asked.append(ask_in_browser(client, redirect))
        return asked[-1]

    def browse_and_wait(loopback: Loopback, seconds: float) -> dict[str, str] | None:
        Thread(target=doing[-1], args=(asked[-1].address,), daemon=True).start()
        return wait(loopback, seconds)

    monkeypatch.setattr(flow, "ask_in_browser", ask)
    monkeypatch.setattr(Loopback, "wait", browse_and_wait)
    monkeypatch.setattr("worker.cli.commands.mailbox.has_browser", lambda _: True)
    return doing


def written(folder: Path) -> OAuthSettings:
    """The table `[mailbox.oauth]` as it was written."""
    oauth = load_settings(folder / "supportdesk.toml", {}).mailbox[0].oauth
    assert oauth is not None
    return oauth


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_application_logs_in_while_it_is_asked_for_and_its_secret_lies_in_a_file(
    folder: Path, options: dict[str, str], servers: TokenMail, provider: Provider
) -> None:
    result = run(options, "--yes", "--plus-addressing")

    oauth, secret = written(folder), folder / "secrets/support_client_secret"
    assert (result.exit_code, result.stderr) == (0, "")
    assert [(protocol, mechanism) for protocol, mechanism, _ in servers.logins] == [
        ("imap", "XOAUTH2"),
        ("smtp", "XOAUTH2"),
    ]
    assert provider.grants == ["by secret"]
    assert (oauth.grant, oauth.client_id, oauth.scopes) == (GrantType.CLIENT_CREDENTIALS, CLIENT, ("mail", "more"))
    assert (secret.read_text("utf-8"), stat.S_IMODE(secret.stat().st_mode)) == (f"{SECRET}\n", 0o600)
    assert SECRET not in (folder / "supportdesk.toml").read_text("utf-8") + result.output
    assert [name for name in left(folder) if "password" in name] == []
    assert CliRunner().invoke(main, ["config", "check"]).output == "supportdesk.toml: fine\n"


def test_where_somebody_has_to_agree_it_says_with_which_command(
    folder: Path, options: dict[str, str], provider: Provider
) -> None:
    result = run(with_consent(options, provider), "--yes", "--plus-addressing")

    assert (result.exit_code, result.stderr, provider.forms) == (0, "", [])
    assert written(folder).device_url == f"{provider.address}/device"
    assert result.output.splitlines()[-3:] == [
        "  supportdesk db upgrade",
        "  supportdesk mailbox authorize support",
        '  supportdesk user staff add you@desk.example --role admin --name "You"',
    ]


# What is given for a known provider, where nothing is tried, and what the table says.
KNOWN = [
    ("microsoft365", {"--client-id": CLIENT}, (TokenProvider.MICROSOFT, GrantType.CODE, "organizations")),
    ("microsoft365", {"--client-id": CLIENT, "--grant": "client_credentials", "--tenant": "desk.example",
                      "--client-secret-file": "client_secret"},
     (TokenProvider.MICROSOFT, GrantType.CLIENT_CREDENTIALS, "desk.example")),
    ("gmail", {"--client-id": CLIENT, "--client-secret-file": "client_secret"},
     (TokenProvider.GOOGLE, GrantType.CODE, "organizations")),
    ("gmail", {"--grant": "service_account", "--key-file": "account.json"},
     (TokenProvider.GOOGLE, GrantType.SERVICE_ACCOUNT, "organizations")),
]  # fmt: skip


@pytest.mark.parametrize(("provider_key", "given", "expected"), KNOWN)
def test_a_known_provider_needs_few_answers(
    folder: Path, answers: Path, provider_key: str, given: dict[str, str], expected: tuple[object, ...]
) -> None:
    files = {name: str(answers / value) for name, value in given.items() if name.endswith("-file")}
    more = {
        "--address": USER,
        "--provider": provider_key,
        "--database-url": "postgresql://d",
        "--broker-url": "redis://b",
    }

    result = run(more | given | files, "--yes", "--no-try")

    oauth = written(folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (oauth.provider, oauth.grant, oauth.tenant) == expected
    assert load_settings(folder / "supportdesk.toml", {}).smtp.password is None


# What is changed, what the provider answers first, and the beginning of the sentence.
WRONG: list[tuple[dict[str, str], tuple[int, bytes] | None, str]] = [
    ({}, (200, PAGE), 'The mailbox cannot be read: 127.0.0.1:{} answered 200 with a page, "Service Unavailable"'),
    ({}, (503, PAGE), 'The mailbox cannot be read: 127.0.0.1:{} answered 503 with a page, "Service Unavailable"'),
    ({}, (200, b"[]"), "The mailbox cannot be read: 127.0.0.1:{} "),
    ({}, (401, b'{"error": "invalid_client", "error_description": "no such app"}'),
     "The mailbox cannot be read: 127.0.0.1:{} gives no token for support@desk.example: invalid_client: no such app."),
    ({}, (200, b'{"access_token": "bad-hush"}'), "The mailbox cannot be read: the login of support@desk.example"),
    ({"--token-url": "http://far.example/token"}, None, "token_url: must start with https://."),
    ({"--token-url": ""}, None, "Nobody is asked here, and --token-url is not given"),
    ({"--client-id": ""}, None, "Nobody is asked here, and --client-id is not given"),
    ({"--client-secret-file": ""}, None, "Nobody is asked here, and --client-secret-file is not given"),
    ({"--client-secret-file": "gone"}, None, "gone cannot be read: No such file or directory."),
    ({"--grant": "code"}, None, 'authorize_url: is missing; a provider "custom" has no address of its own.'),
    ({"--provider": "gmail"}, None, "grant: Google gives an application no token for mail; choose "),
    ({"--provider": "microsoft365"}, None, "Nobody is asked here, and --tenant is not given"),
    ({"--provider": "microsoft365", "--grant": "service_account", "--key-file": "account.json"}, None,
     "grant: Microsoft has no service accounts; its applications use "),
    ({"--grant": "service_account", "--key-file": "client_secret"}, None,
     "key: give key_file with the path of the service account's JSON file."),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "trouble", "sentence"), WRONG)
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(
    options: dict[str, str],
    provider: Provider,
    changed: dict[str, str],
    trouble: tuple[int, bytes] | None,
    sentence: str,
) -> None:
    provider.troubles = [trouble] if trouble else []
    answers = Path(options["--client-secret-file"]).parent
    files = {name: str(answers / value) for name, value in changed.items() if value and (answers / value).is_file()}

    result = run(options | changed | files, "--yes", "--plus-addressing")

    said = result.stderr.splitlines()
    assert (result.exit_code, said[-1], len(said)) == (2, "Nothing was written.", 2)
    assert said[0].startswith(sentence.format(provider.port))
    assert "hush" not in result.output
    assert left(Path.cwd()) == []


@pytest.mark.usefixtures("at_a_terminal")
def test_at_a_terminal_a_dash_for_the_password_leads_to_the_token(
    folder: Path,
    options: dict[str, str],
    provider: Provider,
    servers: TokenMail,
    browser: list[Callable[[str], object]],
) -> None:
    browser.append(provider.agree)
    asked = ("--imap", "--client", "--grant", "--token", "--scopes")
    given = {name: value for name, value in options.items() if not name.startswith(asked)}
    imap = ["dovecot", "127.0.0.1", "plain", str(servers.imap_port), "", "-"]
    tokens = ["code", CLIENT, SECRET, f"{provider.address}/token", f"{provider.address}/authorize", "", "mail"]
    # Then the user of SMTP, plus addresses, and yes to the tables and the token.
    result = run(given | {"--name": "Desk"}, typed="\n".join([*imap, *tokens, "", "y", "y"]) + "\n")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Mailbox support has its token." in result.output
    assert f"127.0.0.1:{servers.imap_port} let {USER} in with it." in result.output
    assert result.output.splitlines()[-3:] == [
        "Go on with this command, with your own address and name:",
        "",
        '  supportdesk user staff add you@desk.example --role admin --name "You"',
    ]
    assert written(folder).client_secret is not None


def test_an_application_gets_its_token_at_once_where_that_is_wanted(
    options: dict[str, str], provider: Provider
) -> None:
    result = run(options, "--yes", "--plus-addressing", "--authorize")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Mailbox support has its token." in result.output
    assert provider.grants == ["by secret"] * 2


# What is there already when the consent goes wrong, and what is left to do.
BROKEN: list[tuple[tuple[int, bytes], str]] = [
    ((200, PAGE), 'answered 200 with a page, "Service Unavailable" where a token was asked for'),
    ((400, b'{"error": "invalid_grant", "error_description": "too late"}'), "invalid_grant: too late"),
]


@pytest.mark.parametrize(("trouble", "sentence"), BROKEN)
def test_a_consent_that_goes_wrong_is_one_sentence_and_the_settings_stay(
    folder: Path, options: dict[str, str], provider: Provider, browser: list[Callable[[str], object]],
    trouble: tuple[int, bytes], sentence: str,
) -> None:  # fmt: skip
    browser.append(provider.agree)
    provider.troubles = [trouble]

    result = run(with_consent(options, provider), "--yes", "--plus-addressing", "--authorize")

    said = result.stderr.splitlines()
    assert (result.exit_code, len(said), said[1], sentence in said[0]) == (2, 2, "Nothing was changed.", True)
    assert result.output.splitlines()[-2:-1] == ["  supportdesk mailbox authorize support"]
    assert written(folder).client_id == CLIENT


@pytest.mark.usefixtures("at_a_terminal")
def test_whoever_wants_no_token_yet_is_told_the_commands(
    folder: Path, options: dict[str, str], provider: Provider
) -> None:
    # The name, the user, that of SMTP and plus addresses; then the end of what is typed, as Ctrl-C.
    result = run(with_consent(options, provider), typed="\n\n\ny\n")

    assert (result.exit_code, "  supportdesk mailbox authorize support" in result.output) == (0, True)
    assert written(folder).grant is GrantType.CODE
