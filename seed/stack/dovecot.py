"""A private Dovecot, where it is installed: the IMAP server that the contract of our own client is measured by."""

import grp
import pwd
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seed.stack.account import NotInstalledError, private_folder, server_uid
from seed.stack.child import Program, serving

PASSWORD = "demo"  # noqa: S105
# Debian keeps it outside the search path of plain users.
PLACES = "/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/sbin"

# All of Dovecot's own users become the one that it runs as, for only root could change to another.
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
{ssl}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = no
passdb {{
  driver = {passwords}
  args = {arguments}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
    ssl = {implicit}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  chroot =
}}
"""


# What Dovecot asks of each token (RFC 7662), where it takes nothing else.
TOKENS = """
introspection_mode = post
introspection_url = {address}
username_attribute = username
active_attribute = active
active_value = true
"""


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate and its key as PEM files, for TLS from the first byte (`implicit`) or after STARTTLS."""

    certificate: Path
    key: Path
    implicit: bool


def dovecot_binary() -> str | None:
    """Return where Dovecot is, None where it is not installed."""
    return shutil.which("dovecot") or shutil.which("dovecot", path=PLACES)


@contextmanager
def running_dovecot(folder: Path, tls: Tls | None = None, tokens: str = "") -> Iterator[int]:
    """Run Dovecot and give its IMAP port on 127.0.0.1: any user name, the one password, an empty mailbox each.

    With `tokens` it takes no password, but the tokens that this address calls good.
    """
    binary = dovecot_binary()
    if binary is None:
        raise NotInstalledError("Dovecot is not installed")
    uid = server_uid()
    folder.mkdir(parents=True, exist_ok=True)
    program = Program("Dovecot", folder / "dovecot.log", uid)
    with private_folder(folder / "data", uid, keep=False) as place:

        def command(port: int) -> list[str]:
            configuration = place / "dovecot.conf"
            configuration.write_text(_configuration(place, uid, port, tls, tokens))
            configuration.chmod(0o644)
            return [binary, "-F", "-c", str(configuration)]

        with serving(program, command, _listens if tls else _greets) as port:
            yield port


def _configuration(place: Path, uid: int, port: int, tls: Tls | None, tokens: str) -> str:
    user = pwd.getpwuid(uid)
    group = grp.getgrgid(user.pw_gid).gr_name
    asking = place / "tokens.conf"
    asking.write_text(TOKENS.format(address=tokens))
    asking.chmod(0o644)
    return CONFIGURATION.format(
        folder=place,
        user=user.pw_name,
        group=group,
        port=port,
        mechanisms="xoauth2 oauthbearer" if tokens else "plain login",
        passwords="oauth2" if tokens else "static",
        arguments=asking if tokens else f"password={PASSWORD}",
        ssl=f"ssl = yes\nssl_cert = <{tls.certificate}\nssl_key = <{tls.key}" if tls else "ssl = no",
        implicit="yes" if tls and tls.implicit else "no",
    )


def _listens(port: int, _pid: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def _greets(port: int, _pid: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            return link.recv(1024).startswith(b"* OK")
    except OSError:
        return False
