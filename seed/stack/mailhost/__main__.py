"""A mail provider in memory: SMTP in, IMAP out, and a web page over every inbox.

usage: python -m seed.stack.mailhost < SETTINGS

The settings are JSON; the ports on which it listens are written, as JSON, to the file that they name as `report`.
No mail leaves this machine.
"""

import asyncio
import json
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP
from mail_devel.auth import SMTPAuthenticator
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, DictBackend
from pymap.backend.dict.filter import FilterSet
from pymap.imap import IMAPServer

from seed.stack.mailhost.imap_engine import Logins, WholeLines, keep_keywords
from seed.stack.mailhost.inboxes import Delivery, Inboxes
from seed.stack.mailhost.web_inbox import WebInbox

# In a container other containers have to reach it; everywhere else nobody but this machine.
LOOPBACK = "127.0.0.1"
LARGEST_MAIL = 64 * 1024 * 1024


def configure(user: str, password: str, host: str) -> Config:
    """The settings of the IMAP engine."""
    # Without it the engine asks for this machine's full name, a look-up that can take seconds.
    os.environ["FQDN"] = "localhost"
    names = ("cert", "key", "passlib_cfg", "proxy_protocol", "inherited_sockets")
    args = Namespace(
        host=host, port=0, debug=False, tls=False, demo_data=False, demo_user=user, demo_password=password,
        **dict.fromkeys(names),
    )  # fmt: skip
    return Config.from_args(args)


async def listen_imap(config: Config, inboxes: Inboxes, host: str, port: int) -> asyncio.Server:
    """Serve IMAP on a port; 0 is a free one."""
    login = Logins(config, inboxes)
    await DictBackend._add_demo_user(config, login)  # noqa: SLF001
    serve = IMAPServer(login, config)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, info: SocketInfo) -> None:
        await serve(reader, cast("asyncio.StreamWriter", WholeLines(writer)), info)

    proxied = ProxyProtocolReader(config.proxy_protocol).get_callback(talk)
    return await asyncio.start_server(proxied, host, port)


async def listen_smtp(inboxes: Inboxes, login: tuple[str, str], host: str, port: int) -> asyncio.Server:
    """Serve SMTP, with a login or without one, as other mail servers deliver here too."""
    check = SMTPAuthenticator(*login, multi_user=True)

    def connection() -> SMTP:
        return SMTP(
            Delivery(inboxes), hostname="localhost", data_size_limit=LARGEST_MAIL, authenticator=check,
            auth_require_tls=False, loop=asyncio.get_running_loop(),
        )  # fmt: skip

    return await asyncio.get_running_loop().create_server(connection, host, port)


async def serve(settings: dict[str, Any]) -> None:
    """Serve IMAP, SMTP and the web page until the process is ended, and report their ports."""
    user, password, ports = settings["user"], settings["password"], settings["ports"]
    host = settings.get("host", LOOPBACK)
    keep_keywords()
    config = configure(user, password, host)
    inboxes = Inboxes(config, FilterSet(), multi_user=True)
    inboxes.aliases.update({alias.lower(): target.lower() for alias, target in settings["aliases"].items()})
    for address in settings["addresses"]:
        await inboxes.get(address.lower())
    imap = await listen_imap(config, inboxes, host, ports["imap"])
    smtp = await listen_smtp(inboxes, (user, password), host, ports["smtp"])
    page = WebInbox(inboxes, user=user, host=host, port=ports["web"], client_max_size=LARGEST_MAIL, multi_user=True)
    web = await page.start()
    bound = {"imap": imap.sockets[0], "smtp": smtp.sockets[0]}
    found = {name: listener.getsockname()[1] for name, listener in bound.items()} | {"web": web.addresses[0][1]}
    report(Path(settings["report"]), found)
    await asyncio.Event().wait()


def report(file: Path, ports: dict[str, int]) -> None:
    """Write the ports by a rename, so that a reader sees all of them or none."""
    half = file.with_suffix(".half")
    half.write_text(json.dumps(ports))
    half.rename(file)


if __name__ == "__main__":
    asyncio.run(serve(json.load(sys.stdin)))
