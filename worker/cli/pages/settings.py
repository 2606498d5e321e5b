"""Every key of the settings as the page docs/configuration.md."""

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from worker.settings.origins.reference import Key, Table, tables

WIDTH: Final = 120
HEAD: Final = """# The settings

This page is made from the types of the settings by `supportdesk config document`; a test compares the two.

The settings are one file: that of `supportdesk --config FILE`, else that of `SUPPORTDESK_CONFIG`, else
`supportdesk.toml` in the folder where you are. `supportdesk init` asks for what it needs and writes it;
[supportdesk.toml](../supportdesk.toml) at the top of the sources shows every key in its place.

- **To start a desk** it takes name, address and secret key of the desk, the database, the broker, one mailbox and an
  outgoing server. All else has a default.
- **After a change** say `supportdesk config check`, which names each mistake. Then start the processes again, as they
  read the file when they start. Only some files of secrets are read again by themselves; it is said where.
- **Where a value comes from** is shown by `supportdesk config show`, with secrets masked.
- **The environment** wins over the file. A variable is named after table and key: `SUPPORTDESK_SMTP__HOST`. Where there
  may be several tables it names the one that is meant, in capitals and with `_` for all other signs: below, `SUPPORT`
  stands for a mailbox named `support`, `INVOICES` for a rule and `DAILY` for a report. Lists and tables are written as
  JSON: `["mon", "tue"]`. An empty variable counts as not set.
- **Secrets** should not stand in the file. Give them in the environment, or name a file that holds nothing else: for
  `password` that is `password_file`. Its path begins at the folder of the settings, and its mode is 0640 at most.
- **Gmail and Microsoft 365** want tokens in place of a password: a table [`[mailbox.oauth]`](#table-mailboxoauth).
"""


def page() -> str:
    """The page docs/configuration.md."""
    every = tuple(tables())
    return "\n".join([HEAD, *_index(every), *(line for table in every for line in _section(table))]).rstrip() + "\n"


def _index(every: tuple[Table, ...]) -> Iterator[str]:
    yield "## All keys\n\n| table | keys |\n| --- | --- |"
    for table in every:
        keys = " · ".join(_link(key.name, f"{key.name} in {table.name}") for key in table.keys)
        yield f"| {_link(_bracketed(table), f'table {table.name}')} | {keys} |"
    yield ""


def _section(table: Table) -> Iterator[str]:
    yield f"## Table `{_bracketed(table)}`\n\n{_wrapped(table.meaning)}\n"
    for key in table.keys:
        yield f"### `{key.name}` in `[{table.name}]`\n\n{_wrapped(key.meaning)}\n"
        yield from _lines(key, table)
        yield ""


def _lines(key: Key, table: Table) -> Iterator[str]:
    yield f"- Value: {key.kind}; {_default(key)}"
    if key.file_key:
        again = ", which is read again when it changes" if key.read_again else ""
        yield f"- Secret: in a file of its own, named by `{key.file_key}`{again}; or in the environment"
    if key.example:
        yield f"- Example: `{key.example}`"
    elif key.kind == "table":
        yield f"- Its keys: {_link(f'[{table.name}.{key.name}]', f'table {table.name}.{key.name}')}"
    yield f"- Environment: {', '.join(f'`{variable}`' for variable in key.variables)}"


def _default(key: Key) -> str:
    if key.default is None:
        return "not set by default"
    if not key.default:
        return "must be given"
    if key.default == "[]":
        return "empty by default"
    return f"by default {key.default}" if key.name == "port" else f"by default `{key.default}`"


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def _bracketed(table: Table) -> str:
    return f"[[{table.name}]]" if table.many else f"[{table.name}]"


def _link(words: str, heading: str) -> str:
    """A link to a heading of this page, by the anchor that hosts of Markdown give it."""
    return f"[`{words}`](#{re.sub(r'[^a-z0-9_ -]', '', heading.lower()).replace(' ', '-')})"
