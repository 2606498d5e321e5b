"""What the doctor and alarms tell people to write is taken by the settings, and what they tell to type is there."""

import re
import ssl
from pathlib import Path

import click
import pytest

from mail.failures import PermanentFailure
from mail.mime.addresses import normalise
from mail.server import Security, Server, reason_of, refuse_bare_password
from models.ledger.mails import Head
from tests.support.values.words import sentences_of
from worker.admin.doctor.mail_findings import Seen, group_finding, pin_finding, rewritten
from worker.admin.doctor.run import AFTER_MENDING, ONE_PROOF_ALONE
from worker.cli.main import main
from worker.settings.load import load_settings
from worker.settings.model import Settings
from worker.settings.servers import MailboxSettings

FILE = """
[desk]
name = "Desk"
address = "support@desk.example"
secret_key = "a secret of the tests, 32 bytes long"
[database]
url = "postgresql://desk@127.0.0.1/desk"
[broker]
url = "redis://127.0.0.1:6379/0"
[smtp]
host = "smtp.desk.example"
[trust]
staff = "token"
[[mailbox]]
name = "support"
address = "support@desk.example"
host = "imap.desk.example"
user = "support"
password = "secret"
security = "tls"
port = 993
authserv_id = "mx.desk.example"
own_hosts = ["store.desk.example"]
groups = ["all@lists.example"]
"""
# A line of the settings file, as sentences name it; and a command.
LINE = re.compile(r"\b([a-z_]+) = (\"[^\"]*\"|\[[^\]]*\]|true|false)")
COMMAND = re.compile(r"`supportdesk ([^`]*)`")
OWN = frozenset({"support@desk.example"})
# What servers call themselves in Received, and whether the settings take that.
HOSTS = {"store.provider.example": True, "xn--rhre-5qa.example": True, "a-1.b-2.example": True, "relay": False}
STRANGE = (
    "[192.0.2.1]",
    "a_b.example",
    "röhre.example",
    'x"y.example',
    "a\\b.example",
    "*.example",
    "a..b",
    "x" * 4000,
)
HOSTS |= dict.fromkeys(STRANGE, False)
GROUPS = ("support@desk.example", "support+list@desk.example", "support+ü@desk.example", 'support+"x@desk.example')
PLAIN = Server("imap.desk.example", 143, Security.PLAIN, "support", "secret")
LISTENS = Server("127.0.0.1", 143, Security.STARTTLS, "support", "secret")


def load(folder: Path, text: str = FILE) -> Settings:
    file = folder / "supportdesk.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {})


def follow(folder: Path, advice: str) -> Settings:
    """The settings with every line that the sentence names in place of the one that was there."""
    text = FILE
    for key, value in LINE.findall(advice):
        without = re.sub(rf"(?m)^{key} = .*\n", "", text)
        place = "[trust]\n" if key == "staff" else "[[mailbox]]\n"
        text = without.replace(place, f"{place}{key} = {value}\n")
    return load(folder, text)


@pytest.fixture
def box(tmp_path: Path) -> MailboxSettings:
    return load(tmp_path).mailbox[0]


@pytest.mark.parametrize("host", HOSTS)
def test_a_server_is_named_as_ones_own_where_the_settings_take_its_name(
    host: str, box: MailboxSettings, tmp_path: Path
) -> None:
    trouble = pin_finding(box, Seen(9, 0, ((7, host),), "")).trouble

    own = follow(tmp_path, trouble).mailbox[0].own_hosts
    assert own == (("store.desk.example", host) if HOSTS[host] else ("store.desk.example",))
    assert ("let it write its full name" in trouble) is not HOSTS[host]
    assert len(trouble) < 500


@pytest.mark.parametrize("address", GROUPS)
def test_a_group_is_named_where_the_settings_take_its_address(
    address: str, box: MailboxSettings, tmp_path: Path
) -> None:
    mail = f"From: Ann via Support <{address}>\nReply-To: ann@customer.example\nList-Id: <support.desk.example>\n\nHi"

    found = rewritten([Head(1, mail.encode())], OWN, box.groups)

    advice = group_finding(box, *found).advice if found else ""
    taken = normalise(address) if address in GROUPS[:2] else None
    assert follow(tmp_path, advice).mailbox[0].groups == tuple(filter(None, ("all@lists.example", taken)))


def words_of_plain_password() -> str:
    with pytest.raises(PermanentFailure) as caught:
        refuse_bare_password(PLAIN)
    return str(caught.value)


def no_tls() -> ssl.SSLError:
    error = ssl.SSLError(1, "wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


ADVICE = {
    "one proof alone": ONE_PROOF_ALONE,
    "TLS where none is spoken": reason_of(no_tls()),
    "a port that says nothing": reason_of(TimeoutError("timed out"), LISTENS),
    "a password in plain": words_of_plain_password(),
}


@pytest.mark.parametrize("advice", ADVICE)
def test_what_is_advised_is_taken(advice: str, tmp_path: Path) -> None:
    named = LINE.findall(ADVICE[advice])

    settings = follow(tmp_path, ADVICE[advice])

    assert named
    assert settings.mailbox[0].name == "support"


SENTENCES = {key: forms for key, forms in sentences_of("en").items() if key.startswith(("alarms.", "admins."))}
TYPED = sorted({command for forms in SENTENCES.values() for form in forms for command in COMMAND.findall(form)})
TYPED += COMMAND.findall(AFTER_MENDING)


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_to_be_typed_is_a_command_with_these_options(typed: str) -> None:
    words = re.sub(r"\{[a-z]+\}", "support", typed).split()
    command: click.Command = main
    context = click.Context(main, info_name="supportdesk")

    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words.pop(0))
        assert found is not None, typed
        command, context = found, click.Context(found, info_name=typed, parent=context, **found.context_settings)

    command.make_parser(context).parse_args(words)
