"""What of an answer to one customer may be shown in a mail about another's ticket: its words without who it was for."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from desk.commands.lines.letters import SALUTATIONS
from mail.quoting.reply import visible_reply

NAME, ADDRESS, NUMBER, LINK = "[name]", "[address]", "[number]", "[…]"
# Of a longer answer the beginning is taken.
MOST_SIGNS = 4_000
MOST_LINES = 100
LONGEST_GREETING = 60
# What has fewer words of its own left says nothing to anybody else.
FEWEST_WORDS = 6
# So many digits may be a number of somebody: a telephone, an order, an account.
MOST_DIGITS = 5
# Parts of a link that are longer may be a key to what is one person's.
LONGEST_PART = 16
SHORTEST_NAME = 2

# Parts of addresses that are words of anybody, and domains in which anybody may have an address.
_NOBODYS = frozenset(
    """
info support sales office contact admin hello mail email service team billing accounts noreply no reply post kontakt
buero help helpdesk hr it shop web webmaster www com net org gov edu co ac gmail googlemail outlook hotmail live yahoo
icloud gmx aol proton protonmail posteo mailbox
""".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\S+")
# Digits with at most three signs between two of them, as telephone numbers are written.
_DIGITS = re.compile(r"[+(]{0,2}\d(?:[ \u00a0().\-/\u2013]{0,3}\d)*")
_TAG = re.compile(r"\bSD-\d+", re.IGNORECASE)
_AT = re.compile(r"[@\uff20]|%40", re.IGNORECASE)
_SPELLED = re.compile(r"(?<!\S)\S{1,64} ?[(\[](?:at|\u00e4t)[)\]] ?\S{1,64}", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.|[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,8}(?::\d{1,5})?/)", re.IGNORECASE)
# Letters and digits in turn, as in a key or a password, so many times and of so many signs.
_RUN = re.compile(r"[a-z]+|\d+", re.IGNORECASE)
MOST_TURNS, LONGEST_WORD = 2, 7
_STOP = re.compile(r"[,!:;\u3001\uff0c\uff01]|\s[-\u2013\u2014]\s")
_ENDS = ".,;:!?)]>\"'\u201d"
# From here on scripts have no spaces between words.
_UNSPACED = "\u2e80"
# What would act where somebody sends it on.
_COMMAND = re.compile(r"\s*[#\uff03][^\W\d_]")
_MARK = re.compile(r"\[(?:name|address|number)\]")
_EMPTY_LINES = re.compile(r"\n{3,}")
_REPEATED = re.compile(r"(?:\[name\][ -]?)+(?=\[name\])")


@dataclass(frozen=True, slots=True)
class Known:
    """The words that say who somebody is, without accents and in small letters; some are looked for within words."""

    words: frozenset[str]
    within: tuple[str, ...]


def known_of(names: Iterable[str], addresses: Iterable[str]) -> Known:
    """The words of names, of the local parts of addresses, and of domains that are not anybody's."""
    written = [word for name in names for word in _WORD.findall(name)]
    for address in addresses:
        local, _, domain = address.rpartition("@")
        parts = [*_WORD.findall(local), *_WORD.findall(domain.rpartition(".")[0])]
        written += [part for part in parts if part.casefold() not in _NOBODYS and len(part) > SHORTEST_NAME]
    words = [word for word in written if len(word) >= SHORTEST_NAME]
    within = sorted({word for word in words if max(word) >= _UNSPACED}, key=len, reverse=True)
    return Known(frozenset(map(_folded, words)), tuple(within))


def redact(text: str, known: Known, author: str) -> str:
    """An answer that `author` wrote, for anybody to read; empty where too little is left of it.

    Quotes, commands, the greeting, the closing with what stands below it, names, addresses, numbers of six digits and
    more, and what in a link belongs to one person are left out.
    """
    lines = [line.rstrip() for line in text[:MOST_SIGNS].splitlines()[:MOST_LINES]]
    lines = [line for line in lines if not line.lstrip().startswith((">", "|")) and not _COMMAND.match(line)]
    own = _without_closing(_without_greeting(lines), known_of([author], []))
    redacted = "\n".join(_redacted(line, known) for line in own).strip()
    words = _WORD.findall(_MARK.sub("", redacted))
    enough = len(words) >= FEWEST_WORDS or any(max(word) >= _UNSPACED for word in words)
    return _EMPTY_LINES.sub("\n\n", redacted) if enough else ""


def redact_line(line: str, known: Known) -> str:
    """One line, such as a title, without names, addresses and numbers."""
    return _redacted(" ".join(line.split()), known)


def _without_greeting(lines: Sequence[str]) -> list[str]:
    """The lines without those that only greet, and the first one without the greeting at its beginning."""
    kept = [line for line in lines if _greeting_end(line) != len(line) or not line]
    filled = next((at for at, line in enumerate(kept) if line.strip()), None)
    if filled is not None and (end := _greeting_end(kept[filled])):
        rest = kept[filled][end:].lstrip()
        kept[filled] = rest[:1].upper() + rest[1:]
    return kept


def _greeting_end(line: str) -> int:
    """Where the greeting at the beginning of a line ends; 0 where it begins with none."""
    start = line[:LONGEST_GREETING].lstrip().casefold()
    if not any(_begins(start, one) for one in SALUTATIONS):
        return 0
    stop = _STOP.search(line[:LONGEST_GREETING])
    if stop:
        return stop.end() if line[stop.end() :].strip() else len(line)
    return len(line) if len(line) < LONGEST_GREETING and not line.rstrip().endswith((".", "?")) else 0


def _begins(start: str, salutation: str) -> bool:
    behind = start[len(salutation) : len(salutation) + 1]
    return start.startswith(salutation) and (not behind.isalpha() or not salutation[-1:] < "\u0e00")


def _without_closing(lines: Sequence[str], author: Known) -> list[str]:
    """The lines without a signature and what is quoted, and without names of the author at the end."""
    own = visible_reply("\n".join(lines).strip("\n")).reply.split("\n")
    while own and (not own[-1].strip() or _only_names(own[-1], author)):
        own.pop()
    return own


def _only_names(line: str, known: Known) -> bool:
    words = _WORD.findall(line)
    return bool(words) and all(_folded(word) in known.words for word in words)


def _redacted(line: str, known: Known) -> str:
    line = _TOKEN.sub(lambda found: _token(found[0]), _SPELLED.sub(ADDRESS, line))
    line = _DIGITS.sub(_number, _TAG.sub(NUMBER, line))
    for part in known.within:
        line = line.replace(part, NAME)
    line = _WORD.sub(lambda found: NAME if _is_name(found[0], known) else found[0], line)
    return _REPEATED.sub("", line)


def _token(token: str) -> str:
    """What stands between two spaces: an address and a link without what is one person's."""
    core = token.rstrip(_ENDS)
    if _AT.search(token):
        return ADDRESS + token[len(core) :].lstrip(">)]\"'\u201d")
    link = _URL.search(token)
    if link:
        return token[: link.start()] + _link(core[link.start() :]) + token[len(core) :]
    mixed = core.isalnum() and not core.isdigit() and sum(map(str.isdigit, core)) > MOST_DIGITS
    return NUMBER + token[len(core) :] if mixed or _is_code(core) else token


def _is_code(word: str) -> bool:
    """True for what looks like a key, a password or the code of an order: `K7F9-QQ2L-M3ZX`, `AB-1234-XY`."""
    runs = _RUN.findall(word) if word.isascii() else []
    turns = sum(one[0].isdigit() != two[0].isdigit() for one, two in pairwise(runs))
    if turns > MOST_TURNS and sum(map(len, runs)) > LONGEST_WORD:
        return True
    return turns > 0 and word.isupper() and word.count("-") > 1 and sum(map(str.isdigit, word)) >= MOST_DIGITS - 1


def _link(link: str) -> str:
    """A link without its query and its fragment, up to the first part of its path that may be a key."""
    scheme, slashes, rest = link.partition("://") if "://" in link else ("", "", link)
    host, *path = re.split(r"[?#]", rest, maxsplit=1)[0].split("/")
    kept = [host]
    for part in path:
        is_key = len(part) > LONGEST_PART and any(map(str.isdigit, part))
        if is_key or _is_code(part) or sum(map(str.isdigit, part)) > MOST_DIGITS:
            return f"{scheme}{slashes}{'/'.join(kept)}/{LINK}"
        kept.append(part)
    return scheme + slashes + "/".join(kept)


def _number(found: re.Match[str]) -> str:
    return NUMBER if sum(map(str.isdigit, found[0])) > MOST_DIGITS else found[0]


def _is_name(word: str, known: Known) -> bool:
    folded = _folded(word)
    # Names of people have an s behind them for what is theirs.
    return folded in known.words or (len(folded) > SHORTEST_NAME + 1 and folded.removesuffix("s") in known.words)


def _folded(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(sign))
