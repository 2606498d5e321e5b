"""Other libraries that find the reply in a text, as far as they are installed."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

# Longer texts take some of them minutes.
LONGEST = 20_000


def libraries() -> dict[str, Callable[[str], str]]:
    """Return the reader of each library that is installed, by the name of its package."""
    return {name: reader for name, reader in READERS.items() if find_spec(name)}


def _mail_parser_reply(text: str) -> str:
    parser = import_module("mailparser_reply").EmailReplyParser(languages=["en", "de", "fr", "es", "it", "nl", "pl"])
    return str(parser.read(text[:LONGEST]).replies[0].body)


def _email_reply_parser(text: str) -> str:
    return str(import_module("email_reply_parser").EmailReplyParser.parse_reply(text[:LONGEST]))


def _quotequail(text: str) -> str:
    return "\n".join(part for is_own, part in import_module("quotequail").quote(text[:LONGEST]) if is_own)


def _talon(text: str) -> str:
    return str(import_module("talon.quotations").extract_from_plain(text[:LONGEST]))


READERS: dict[str, Callable[[str], str]] = {
    "mailparser_reply": _mail_parser_reply,
    "email_reply_parser": _email_reply_parser,
    "quotequail": _quotequail,
    "talon": _talon,
}
