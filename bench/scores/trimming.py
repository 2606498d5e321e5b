"""How well the sender's own words are told apart: plain texts, whole mails, HTML bodies."""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.scores.figures import Figure, cases, figure, is_exact, is_soft, is_whole, one_line
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from mail.quoting.reply import Reply, visible_reply

# Marks that our text of an HTML body has and a bare text of it has not.
_MARKUP = re.compile(r"[\s*_|#<>\\-]+")
# Longer texts take some libraries minutes.
LONGEST = 20_000
HTML = b"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"


def score_texts(corpus: Path) -> Iterator[Figure]:
    """Yield soft, exact and whole of all plain texts, of each source, and of each library installed."""
    every = cases(corpus, "trimming")
    replies = {case["id"]: candidates(visible_reply(case["text"]), case) for case in every}
    yield from _figures_of("trimming", every, replies, {"soft": 95, "exact": 72, "nothing lost": 100})
    for source, policy in sorted({(case["source"], case["policy"]) for case in every}):
        some = [case for case in every if (case["source"], case["policy"]) == (source, policy)]
        yield from _figures_of(f"trimming, {source} ({policy})", some, replies)
    for name, read in libraries().items():
        theirs = {case["id"]: [_library_reply(read, case["text"])] for case in every}
        yield from _figures_of(f"trimming by {name}", every, theirs)


def score_mails(corpus: Path) -> Iterator[Figure]:
    """Yield the figures of whole mails."""
    every = cases(corpus, "trimming_eml")
    replies = {case["id"]: candidates(parse((corpus / case["path"]).read_bytes()), case) for case in every}
    yield from _figures_of("whole mails", every, replies, {"exact": 90})


def score_html(corpus: Path) -> Iterator[Figure]:
    """Yield the share of HTML bodies whose reply is the expected one, white space and markup left out."""
    every = cases(corpus, "trimming_html")
    mails = {case["id"]: parse(HTML + case["html"].encode()) for case in every}
    verdicts = [(case["id"], _is_same_html(mails[case["id"]], case["expected_text"])) for case in every]
    yield figure("HTML", "exact", verdicts, 85)
    for source in sorted({case["source"] for case in every}):
        ids = {case["id"] for case in every if case["source"] == source}
        yield figure(f"HTML, {source}", "exact", [one for one in verdicts if one[0] in ids])


def score_contains(corpus: Path) -> Iterator[Figure]:
    """Yield the share of texts whose reply holds what it must and nothing that it must not."""
    every = cases(corpus, "trimming_contains")
    yield figure(
        "must and must not contain", "right", [(case["id"], _contains_as_wanted(corpus, case)) for case in every]
    )


def candidates(parsed: Reply | InboundMail, case: dict[str, Any]) -> list[str]:
    """Return what may stand for the reply: where the source keeps signatures, also together with the signature."""
    keeps = "sig" not in case["policy"]
    together = "\n".join(filter(None, (parsed.reply, parsed.signature)))
    return [parsed.reply, together] if keeps else [parsed.reply]


def _figures_of(
    group: str,
    every: list[dict[str, Any]],
    replies: dict[str, list[str]],
    wanted: Mapping[str, float] | None = None,
) -> Iterator[Figure]:
    expected = [(case["id"], [case["expected_reply"], *case.get("expected_alts", ())]) for case in every]
    for part, judge in (("soft", is_soft), ("exact", is_exact), ("nothing lost", is_whole)):
        verdicts = [(name, judge(replies[name], wanted_texts)) for name, wanted_texts in expected]
        yield figure(group, part, verdicts, (wanted or {}).get(part))


def _library_reply(read: Callable[[str], str], text: str) -> str:
    # Whatever a library raises counts as a reply that it did not find.
    try:
        return read(text)
    except Exception:  # noqa: BLE001
        return ""


def _is_same_html(mail: InboundMail, expected: str) -> bool:
    wanted = _MARKUP.sub("", expected)
    return any(_MARKUP.sub("", text) == wanted for text in (mail.reply, f"{mail.reply}\n{mail.signature}"))


def _contains_as_wanted(corpus: Path, case: dict[str, Any]) -> bool:
    raw = (corpus / case["path"]).read_bytes()
    reply = parse(raw).reply if case["format"] == "eml" else visible_reply(raw.decode("utf-8", "replace")).reply
    text = one_line(reply)
    return all(one_line(part) in text for part in case["must_contain"]) and not any(
        one_line(part) in text for part in case["must_not_contain"]
    )


def libraries() -> dict[str, Callable[[str], str]]:
    """Return the reader of each library that finds replies and is installed, by the name of its package."""
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
