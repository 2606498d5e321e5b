"""Links: addresses in plain text become links of safe HTML, false links do not stay, and `mailto:` is written."""

import re
from functools import lru_cache
from html import unescape
from itertools import accumulate
from urllib.parse import quote, urlsplit

from markupsafe import escape

from mail.mime.text import one_line
from mail.outbound.safe_headers import addr_spec

LONGEST = 2_000
CRLF = "\r\n"

# It ends before white space, marks of markup, and signs that are not seen or that turn others around.
_URL = re.compile(
    r"(?<!\w)(?:https?://(?=[\w\[])|mailto:(?=\w))"
    '[^\\s<>"`\\\\^{}|\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+',
    re.IGNORECASE,
)
_BEHIND = ".,;:!?'*_~\u2026\u3002\uff0c\u201d\u2019\u00bb"
_CLOSING = {")": "(", "]": "["}
# In what a cleaner wrote, so that each link is closed.
_LINK = re.compile(r'<a href="([^"]*)"[^<>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
# White space is none of them: a link may be broken into lines.
_UNSEEN = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_PAGE = re.compile(r"(?:https?:[/\\]{1,9}|(?<![\w.@-])www\.)[^\s<>\"'()\[\]{}]{1,400}", re.IGNORECASE)
_MAILBOX = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@([\w.-]{1,253})")


def lines_with_links(text: str) -> list[str]:
    """The lines of a person's text as safe HTML, each as `with_links` gives it."""
    if "://" not in text and "lto:" not in text.lower():
        return escaped_lines(text)
    return [with_links(line) for line in text.splitlines()]


def escaped_lines(text: str) -> list[str]:
    """The lines of a text, each as `escaped` gives it; no sign is escaped to the end of a line."""
    return escaped(text).splitlines()


def with_links(line: str) -> str:
    """A line of a person's text as safe HTML: escaped, its URLs links to what they show, runs of spaces kept."""
    if ":" not in line:
        return escaped(line)
    pieces, rest = [], 0
    for found in _URL.finditer(line):
        url = _without_end(found[0])
        if len(url) <= LONGEST and not url.endswith(("//", ":")):
            shown = escape(url)
            pieces += [escaped(line[rest : found.start()]), f'<a href="{shown}">{shown}</a>']
            rest = found.start() + len(url)
    return "".join((*pieces, escaped(line[rest:])))


def _without_end(url: str) -> str:
    """The URL without the punctuation of the sentence: a bracket stays where it was opened within the URL."""
    counts = {bracket: url.count(bracket) for bracket in "()[]"}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in _CLOSING and counts[last] > counts[_CLOSING[last]]:
            counts[last] -= 1
        elif last not in _BEHIND:
            break
        end -= 1
    return url[:end]


def escaped(text: str) -> str:
    """Escaped text; a browser would fold runs of spaces."""
    return str(escape(text)).replace("  ", "&nbsp; ")


def without_false_links(clean: str) -> str:
    """Cleaned HTML in which no link shows an address of another place than it leads to.

    Gateways rewrite links so, too; then the address that is shown is the better one. Other words may lead anywhere.
    """
    return _LINK.sub(lambda link: link[0] if _is_true(unescape(link[1]), link[2]) else link[2], clean)


def _is_true(target: str, html: str) -> bool:
    words = _UNSEEN.sub("", unescape(_TAG.sub("", html)))
    pages = [_host(page) for page in _PAGE.findall(words)]
    if target[:7].lower() == "mailto:":
        domains = {one.rpartition("@")[2].lower() for one in target[7:].partition("?")[0].split(",")}
        return not pages and all({one.rstrip(".").lower()} == domains for one in _MAILBOX.findall(words))
    return not pages or all(_is_same(one, _host(target)) for one in pages)


def _host(page: str) -> str:
    """The host of a page as a browser reads it, without `www.`; empty where there is none."""
    whole = page if page[:4].lower() == "http" else f"https://{page}"
    try:
        host = urlsplit(whole.replace("\\", "/")).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".,;:!?\u2026").removeprefix("www.")


def _is_same(one: str, other: str) -> bool:
    """Whether two hosts are one, or one is a part of the other."""
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return bool(shorter) and (longer == shorter or ("." in shorter and longer.endswith(f".{shorter}")))


def mailto(address: str, subject: str, body: str = "") -> str:
    """The URL that opens a mail to an address, with this subject and body (RFC 6068), at most LONGEST characters.

    All that a program could read otherwise is percent-encoded, with the plus sign of the address, which some take for a
    space. Line ends of the body become `%0D%0A`. What is too long of the subject is left out.
    """
    # Its line ends are written as RFC 6068, section 5, wants them.
    lines = f"&body={_encoded(CRLF.join(body.splitlines()))}" if body else ""
    head = f"mailto:{_encoded_address(address)}?subject="
    whole = _encoded(one_line(subject, LONGEST))
    room = LONGEST - len(head) - len(lines)
    return f"{head}{whole if len(whole) <= room else _shortened(subject, room)}{lines}"


# The buttons of a mail share all but one of their pieces.
@lru_cache(maxsize=100)
def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")


@lru_cache(maxsize=100)
def _encoded_address(address: str) -> str:
    local, _, domain = addr_spec(address).rpartition("@")
    return f"{quote(local, safe='')}@{domain}"


def _shortened(subject: str, room: int) -> str:
    """As many letters as fit, percent-encoded."""
    letters = [quote(letter, safe="", errors="replace") for letter in one_line(subject, LONGEST)]
    return "".join(letters[: sum(size <= room for size in accumulate(map(len, letters)))])


def as_answer(subject: str) -> str:
    """The subject of an answer to a mail with this subject (RFC 5322, section 3.6.5)."""
    return subject if subject.startswith("Re: ") else f"Re: {subject}"
