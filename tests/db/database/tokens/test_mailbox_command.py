"""`supportdesk mailbox authorize`: in a browser, on a device, for an application; what goes wrong changes nothing."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner, Result

from mail.auth.oauth.client import OAuthClient
from mail.auth.oauth.consent import BrowserConsent, ask_in_browser
from tests.support.database.services import EXAMPLE, SECRET, execute, query, services_on
from tests.support.servers.token_mail import TokenMail
from tests.support.servers.token_server import Provider
from worker.admin.doctor import run as doctor
from worker.admin.doctor.token_findings import tokens
from worker.cli.commands.mailbox import has_browser
from worker.cli.main import main
from worker.runtime.health.look import look_once
from worker.runtime.mailboxes import authorize as flow
from worker.runtime.mailboxes.loopback import Loopback
from worker.runtime.services import Services

Run = Callable[..., Result]
wait = Loopback.wait


def settings_of(provider: Provider, servers: TokenMail, **table: object) -> dict[str, str]:
    return {
        "PASSWORD": "",
        "OAUTH": json.dumps(provider.table(**table)),
        "HOST": "127.0.0.1",
        "PORT": str(servers.imap_port),
        "SMTP__HOST": "127.0.0.1",
        "SMTP__PORT": str(servers.smtp_port),
        "SMTP__USER": "support@desk.example",
    }


@pytest.fixture
def services(database_url: str, provider: Provider, servers: TokenMail) -> Iterator[Services]:
    services = services_on(database_url, **settings_of(provider, servers))
    yield services
    execute(services, "DELETE FROM mail.mailbox_token")
    services.engine.dispose()


@pytest.fixture
def authorize(
    database_url: str, services: Services, provider: Provider, servers: TokenMail, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs the command; a browser does `browse` with the address that it prints."""

    def run(*words: str, browse: Callable[[str], object] = lambda _: None, **table: object) -> Result:
        environ = {
            "DATABASE_URL": str(table.pop("DATABASE", database_url)),
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SUPPORTDESK_CONFIG": str(EXAMPLE),
            "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
            "SSH_CONNECTION": "",
        }
        for name, value in settings_of(provider, servers, **table).items():
            environ[f"SUPPORTDESK_{name}" if "__" in name else f"SUPPORTDESK_MAILBOX__SUPPORT__{name}"] = value
        asked: list[BrowserConsent] = []

        def ask(client: OAuthClient, redirect: str) -> BrowserConsent:
            asked.append(ask_in_browser(client, redirect))
            return asked[-1]

        def browse_and_wait(loopback: Loopback, seconds: float) -> dict[str, str] | None:
            Thread(target=browse, args=(asked[-1].address,), daemon=True).start()
            return wait(loopback, seconds)

        monkeypatch.setattr(flow, "ask_in_browser", ask)
        monkeypatch.setattr(Loopback, "wait", browse_and_wait)
        return CliRunner(env=environ).invoke(main, ["mailbox", "authorize", "support", *words])

    return run


def kept(services: Services) -> int:
    return len(query(services, "SELECT FROM mail.mailbox_token"))


def test_a_consent_in_a_browser_is_tried_and_kept(
    authorize: Run, services: Services, provider: Provider, servers: TokenMail
) -> None:
    done = authorize("--browser", browse=provider.agree)

    assert done.exit_code == 0, done.output
    assert "Open this address in a browser on this machine, and sign in as support@desk.example" in done.output
    assert done.output.endswith(
        "Mailbox support has its token.\n"
        f"127.0.0.1:{servers.imap_port} let support@desk.example in with it.\n"
        f"127.0.0.1:{servers.smtp_port} let support@desk.example in with it.\n"
    )
    assert "hush" not in done.output
    assert [(finding.part, finding.trouble) for finding in (*doctor.mailboxes(services), *doctor.smtp(services))] == [
        ("mailbox support", ""),
        ("SMTP server", ""),
    ]
    assert provider.grants == ["by code"]


def test_a_consent_on_another_device_is_waited_for(authorize: Run, services: Services, provider: Provider) -> None:
    provider.pending = 2

    done = authorize("--device")

    assert done.exit_code == 0, done.output
    assert f"{provider.address}/activate\n  WDJB-MJHT\n" in done.output
    assert provider.grants == ["by device"] * 3
    assert kept(services) == 1


def test_an_application_needs_no_browser(authorize: Run, services: Services, provider: Provider) -> None:
    done = authorize(grant="client_credentials")

    assert done.exit_code == 0, done.output
    assert done.output.startswith("Mailbox support has its token.\n")
    assert kept(services) == 1


def test_an_answer_with_another_state_is_none(authorize: Run, provider: Provider) -> None:
    refused: list[int] = []

    def browse(address: str) -> None:
        try:
            provider.agree(address, state="forged")
        except HTTPError as error:
            refused.append(error.code)
        provider.agree(address)

    done = authorize("--browser", browse=browse)

    assert done.exit_code == 0, done.output
    assert refused == [404]


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ((400, b'{"error": "invalid_client", "error_description": "no such app"}'), "invalid_client: no such app"),
        ((200, b"<title>Login</title>"), 'answered 200 with a page, "Login"'),
        ((200, b'{"access_token": "a"}'), "gave no refresh token, so this one would end soon"),
        ((200, b'{"access_token": "bad-hush", "refresh_token": "r"}'), "Sign in as support@desk.example"),
    ],
    ids=["refused", "a page", "no refresh token", "another account"],
)
def test_what_goes_wrong_is_one_sentence_and_changes_nothing(
    authorize: Run, services: Services, provider: Provider, trouble: tuple[int, bytes], told: str
) -> None:
    provider.troubles = [trouble]

    done = authorize("--browser", browse=provider.agree)

    assert done.exit_code == 2
    assert told in done.output
    assert done.output.endswith("Nothing was changed.\n")
    assert "hush" not in done.output
    assert kept(services) == 0


def test_whoever_declines_changes_nothing(authorize: Run, services: Services, provider: Provider) -> None:
    def decline(address: str) -> None:
        provider.agree(address, error="access_denied", error_description="The user said no")

    done = authorize("--browser", browse=decline)

    assert done.output.endswith("The provider says: access_denied The user said no.\nNothing was changed.\n")
    assert kept(services) == 0


def test_nobodys_answer_changes_nothing(authorize: Run, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "BROWSER_SECONDS", 0.05)

    done = authorize("--browser")

    assert done.output.endswith("No answer came within ten minutes.\nNothing was changed.\n")
    assert kept(services) == 0


def test_control_c_changes_nothing(authorize: Run, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(flow, "redeem", interrupted)

    done = authorize("--browser", browse=lambda address: Provider().agree(address))

    assert done.exit_code == 130
    assert done.output.endswith("\nStopped by Ctrl-C. Nothing was changed.\n")
    assert kept(services) == 0


def test_a_server_that_is_away_keeps_no_consent_from_being_kept(
    authorize: Run, services: Services, provider: Provider, servers: TokenMail
) -> None:
    servers.imap_port = servers.smtp_port = 1

    done = authorize("--browser", browse=provider.agree)

    assert done.exit_code == 0, done.output
    assert "It could not be tried: 127.0.0.1:1 cannot be reached over IMAP" in done.output
    assert "Mail cannot be sent with it: 127.0.0.1:1 cannot be reached over SMTP" in done.output
    assert kept(services) == 1


def test_a_mailbox_with_a_password_needs_none(supportdesk: Callable[..., Result], tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for line, more in (
        ("[desk]\n", f"secret_key = '{SECRET}'\n"),
        ("[broker]\n", "url = 'redis://127.0.0.1:1/0'\n"),
        ('user = "support@desk.example"\n', 'password = "demo"\n'),
    ):
        text = text.replace(line, line + more, 1)
    (tmp_path / "supportdesk.toml").write_text(text, encoding="utf-8")

    done = supportdesk("mailbox", "authorize", "support")

    assert done.output == (
        "Mailbox support has a password and no table oauth, so it needs no token.\nNothing was changed.\n"
    )


def test_nobody_is_asked_where_the_database_has_no_table_for_tokens(
    authorize: Run, provider: Provider, empty_database: str
) -> None:
    done = authorize("--browser", browse=provider.agree, DATABASE=empty_database)

    assert done.output == "This database has no desk, or an older one: run `supportdesk db upgrade`.\n"
    assert provider.forms == []


def test_the_doctor_says_when_a_token_is_missing(services: Services) -> None:
    (finding,) = doctor.mailboxes(services)

    assert finding.trouble.endswith("Mailbox support has no token yet: say `supportdesk mailbox authorize support`")


def test_the_doctor_says_when_a_consent_ends_soon(authorize: Run, services: Services, provider: Provider) -> None:
    provider.extra = {"refresh_token_expires_in": 6 * 86400}
    authorize("--browser", browse=provider.agree)

    (soon,) = (one for one in doctor.health(services) if "token" in one.part)
    execute(services, "UPDATE mail.mailbox_token SET ends_at = now() + interval '8 days'")

    assert soon.part == "health: token support"
    assert soon.trouble.startswith("The consent to read mailbox support ends soon. It ends at ")
    assert not any("token" in one.part for one in doctor.health(services))


def test_the_doctor_says_when_a_token_is_not_renewed(authorize: Run, services: Services, provider: Provider) -> None:
    authorize("--browser", browse=provider.agree)

    (good,) = tokens(services)
    execute(services, "UPDATE mail.mailbox_token SET trouble = 'a page'")
    (stuck,) = tokens(services)

    assert (good.trouble, good.advice) == ("", "")
    assert stuck.advice.startswith("The token of mailbox support could not be renewed and ends at 20")


@pytest.mark.parametrize(
    ("environ", "browser"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": "localhost:10", "SSH_CONNECTION": "x"}, False),
        ({}, False),
    ],
)
def test_a_browser_is_at_hand_on_a_desktop(environ: dict[str, str], browser: bool) -> None:
    assert has_browser(environ) is browser


def test_status_knows_when_consent_and_token_end(authorize: Run, services: Services, provider: Provider) -> None:
    provider.extra = {"refresh_token_expires_in": 30 * 86400}
    authorize("--browser", browse=provider.agree)

    health = look_once(services).health

    left = [ends["support"] - health.at for ends in (health.tokens, health.access_tokens)]
    assert timedelta(days=29) < left[0] <= timedelta(days=30)
    assert timedelta(0) < left[1] <= timedelta(seconds=provider.life)
