"""The settings file of a new desk, with comments, and the secrets that lie beside it."""

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Final

from worker.cli.setup.answers import Answers, Application, Login
from worker.cli.setup.tokens import table_of

FOLDER: Final = "secrets"
SECRET_KEY: Final = f"{FOLDER}/secret_key"
KEY_BYTES: Final = 48
# The secrets of `[mailbox.oauth]`, and how their files end.
SECRETS: Final = {"client_secret": "client_secret", "key": "service_account"}

HEAD = """# The settings of this desk, written by `supportdesk init`. Each process reads them when it starts; say
# `supportdesk config check` after a change. The supportdesk.toml of the program's sources shows every key there is.
# Secrets lie in files of their own, beside this one, which only their owner may read. Keep a copy of {key}.
"""


def secrets_of(answers: Answers) -> dict[str, str]:
    """The contents of the files that hold secrets, by their names beside the settings; a new key for each call."""
    found = {
        SECRET_KEY: secrets.token_urlsafe(KEY_BYTES),
        f"{FOLDER}/database_url": answers.database_url,
        f"{FOLDER}/broker_url": answers.broker_url,
    }
    if answers.imap.application:
        found |= {f"{FOLDER}/{name}": content for name, content in _token_secrets(answers).values()}
    else:
        found[_password_file(answers)] = answers.imap.password
    if answers.smtp.user and not answers.smtp.application:
        found[_smtp_password_file(answers)] = answers.smtp.password
    return found


def settings_text(answers: Answers) -> str:
    """The settings file, as TOML."""
    tables = [HEAD.format(key=SECRET_KEY), *map("\n".join, (_desk(answers), _mailbox(answers), _smtp(answers)))]
    if not answers.trust.is_pinned:
        tables.append(
            "[trust]\n"
            "# No server's word about senders is known yet, so a signed address alone shows that a mail is of staff.\n"
            '# `supportdesk doctor` names the server once mails came; then set authserv_id above, and "both" here.\n'
            'staff = "token"'
        )
    tables.append(
        "# [outbox]\n"
        "# For a trial beside another desk: customers get nothing; `supportdesk outbox list` shows what was for them.\n"
        '# deliver = "staff"'
    )
    return "\n\n".join(table.rstrip("\n") for table in tables) + "\n"


def _desk(answers: Answers) -> Iterator[str]:
    yield "[desk]"
    yield from _keys({"name": answers.name, "address": answers.address})
    yield "# Reply addresses and Message-IDs are signed with it."
    yield from _keys({"secret_key_file": SECRET_KEY})
    yield "# The language of its mails: en or de."
    yield '# language = "en"'
    yield "\n[database]"
    yield from _keys({"url_file": f"{FOLDER}/database_url"})
    yield "\n[broker]"
    yield from _keys({"url_file": f"{FOLDER}/broker_url"})


def _mailbox(answers: Answers) -> Iterator[str]:
    trust = answers.trust
    yield "# One table for each mailbox that is read."
    yield "[[mailbox]]"
    yield from _keys({"name": answers.mailbox_name, "address": answers.address})
    yield from _server(answers.imap)
    if not answers.imap.application:
        yield from _keys({"password_file": _password_file(answers)})
    yield "# The server delivers name+anything@ here, so that answers come to signed addresses."
    yield from _keys({"plus_addressing": trust.plus_addressing})
    if trust.authserv_id is not None:
        yield "# The server that checks senders; its results (Authentication-Results) are believed."
        yield from _keys({"authserv_id": trust.authserv_id})
    if trust.nameless:
        yield "# The provider writes its results without a name."
        yield from _keys({"nameless_results": True})
    if trust.own_hosts:
        yield from _keys({"own_hosts": list(trust.own_hosts)})
    yield "# What happens on the server to a mail that is stored: leave, flag, or move (with move_to)."
    yield '# after = "leave"'
    yield "# Take the mails that are there already; otherwise only what comes from now on."
    yield "# from_start = false"
    if answers.imap.application:
        yield from _oauth(answers, answers.imap.application)


def _oauth(answers: Answers, application: Application) -> Iterator[str]:
    yield "\n# Tokens in place of a password."
    if application.needs_consent:
        yield f"# `supportdesk mailbox authorize {answers.mailbox_name}` asks for the first one."
    yield "[mailbox.oauth]"
    secrets = _token_secrets(answers)
    yield from _keys({name: value for name, value in table_of(application).items() if name not in SECRETS})
    yield from _keys({f"{key}_file": f"{FOLDER}/{name}" for key, (name, _) in secrets.items()})


def _token_secrets(answers: Answers) -> dict[str, tuple[str, str]]:
    """The secrets of `[mailbox.oauth]` by their keys: the name of the file, and what it holds."""
    assert answers.imap.application is not None
    given = table_of(answers.imap.application)
    return {key: (f"{answers.mailbox_name}_{name}", str(given[key])) for key, name in SECRETS.items() if key in given}


def _smtp(answers: Answers) -> Iterator[str]:
    yield "# The server that mails go out by."
    yield "[smtp]"
    yield from _server(answers.smtp)
    if answers.smtp.application:
        yield "# The token of the mailbox with the same user opens this server too."
    elif answers.smtp.user:
        yield from _keys({"password_file": _smtp_password_file(answers)})


def _server(login: Login) -> Iterator[str]:
    yield from _keys({"host": login.host, "port": login.port, "security": login.security.value})
    if login.user:
        yield from _keys({"user": login.user})


def _keys(values: Mapping[str, object]) -> Iterator[str]:
    # A string of JSON is one of TOML, and so are lists, numbers and booleans.
    for key, value in values.items():
        yield f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _password_file(answers: Answers) -> str:
    return f"{FOLDER}/{answers.mailbox_name}_password"


def _smtp_password_file(answers: Answers) -> str:
    same = (answers.smtp.user, answers.smtp.password) == (answers.imap.user, answers.imap.password)
    return _password_file(answers) if same else f"{FOLDER}/smtp_password"
