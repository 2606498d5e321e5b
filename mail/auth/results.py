"""What our own mail server found out about the sender of a mail, read from its Authentication-Results header."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from mail.auth.arc import Sealed, newest_link
from mail.mime.addresses import normalise
from mail.mime.charset import decode
from mail.mime.headers import Headers, unfold

MAX_BYTES = 4_096
MAX_FIELDS = 200

_OUTSIDE = re.compile(r'(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<space>\s+)|(?P<mark>[;(])|(?P<word>[^\s;()"]+)')
_INSIDE = re.compile(r"[^()\\]+|\\.|[()]")
_METHOD = re.compile(r"([a-z0-9-]{1,40})(?:/\d{1,3})?")
_BY = re.compile(r"\bby\s+([^\s;()]{1,255})", re.IGNORECASE)
_NAMELESS_HOP = re.compile(r"\[?[0-9a-f.:]+\]?|localhost|localhost\.localdomain", re.IGNORECASE)


class AuthOutcome(StrEnum):
    """What a check said; everything that is neither a clear pass nor a clear fail is none."""

    PASS = "pass"  # noqa: S105 - a result, not a secret.
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Pin:
    """Which header is believed: the id our server signs its results with, and the hosts that are ours.

    `hosts` are names or parent domains of own servers whose Received lines do not end the search.
    `nameless` also believes a header without any id, as Microsoft 365 writes it. `forwarders` are the domains of
    those whose ARC seal our server may vouch for (RFC 8617).
    """

    authserv_id: str
    hosts: tuple[str, ...] = ()
    nameless: bool = False
    forwarders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthResults:
    """DMARC, and DKIM and SPF as far as they speak for the domain of From, with the sentence that explains them."""

    dmarc: AuthOutcome
    dkim: AuthOutcome
    spf: AuthOutcome
    evidence: str

    @property
    def verdict(self) -> AuthOutcome:
        """DMARC where it says anything, else a pass of either check, else a fail of either."""
        if self.dmarc is not AuthOutcome.NONE:
            return self.dmarc
        return _decisive({self.dkim, self.spf})


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One result of a header: the method, its result, and its properties; all but values in lower case."""

    method: str
    result: str
    properties: dict[str, str]


def read_results(headers: Headers, pin: Pin, sender: str) -> AuthResults:
    """Return what the pinned server says of `sender`, the one address of From in comparable form (RFC 8601).

    Only the topmost header of the pinned id counts, and only above the first Received of another's server.
    A header that cannot be read, or that speaks of another domain, says nothing. Never raises; reads at most 4 KB.
    """
    domain = _domain(sender)
    server = pin.authserv_id or "our server"
    value = _pinned(headers, pin)
    if value is None:
        return _nothing(f"No Authentication-Results of {server} stand above the mail.")
    statements = _statements(value)
    if statements is None:
        return _nothing(f"The Authentication-Results of {server} cannot be read.")
    own = _results_for(domain, statements, f"{server} says")
    link = None if own.verdict is AuthOutcome.PASS else _vouched_link(headers, pin, statements)
    recorded = _statements(link.results) if link else None
    if link is None or recorded is None:
        return own
    forwarder = _results_for(domain, recorded, f"{server} says arc=pass, and {link.domain} recorded")
    return own if forwarder.verdict is AuthOutcome.NONE else forwarder


def _nothing(evidence: str) -> AuthResults:
    return AuthResults(AuthOutcome.NONE, AuthOutcome.NONE, AuthOutcome.NONE, evidence)


def _results_for(domain: str, statements: Sequence[MethodResult], says: str) -> AuthResults:
    dmarc = _dmarc(statements, domain)
    dkim, spf = (_aligned(statements, method, domain) for method in ("dkim", "spf"))
    sentence = f"{says} dmarc={dmarc}, aligned dkim={dkim}, aligned spf={spf} for {domain or 'no domain'}."
    return AuthResults(dmarc, dkim, spf, sentence)


def _vouched_link(headers: Headers, pin: Pin, statements: Sequence[MethodResult]) -> Sealed | None:
    """Return the newest link of the ARC chain, where our server says that it holds and a pinned forwarder sealed it."""
    if {one.result for one in statements if one.method == "arc"} != {AuthOutcome.PASS}:
        return None
    link = newest_link(headers)
    return link if link and link.domain in {one.lower().rstrip(".") for one in pin.forwarders} else None


def stated(headers: Headers, pin: Pin) -> Iterator[tuple[str | None, str, str]]:
    """Give each Authentication-Results, topmost first: its id, the first server of others above it, and its value.

    The id is in lower case, empty where the header has none and None where it cannot be read; the server is empty
    where no Received of others stands above. A value of more than 4 KB is one that cannot be read.
    """
    others = ""
    for name, raw in headers.fields[:MAX_FIELDS]:
        if name == "received":
            others = others or _host_of_others(raw, pin)
        elif name == "authentication-results":
            value = unfold(decode(raw[: MAX_BYTES + 1]).text)
            # What is cut off might hold the one result that matters, so such a header is not read at all.
            yield _id_of(value), others, value if len(raw) <= MAX_BYTES else "("


def is_pinned(authserv_id: str | None, pin: Pin) -> bool:
    """Whether a header with this id, as `stated` gives it, is the one that is believed."""
    return authserv_id == pin.authserv_id.lower() if authserv_id else pin.nameless and authserv_id == ""


def _pinned(headers: Headers, pin: Pin) -> str | None:
    """Return the topmost value of the pinned id; None where a Received of others, or the end, comes first."""
    above = takewhile(lambda one: not one[1], stated(headers, pin))
    return next((value for name, _, value in above if is_pinned(name, pin)), None)


def _host_of_others(received: bytes, pin: Pin) -> str:
    """Return who wrote this Received line, empty where we did; hops without a name belong to what is above."""
    named = _BY.search(unfold(decode(received[:MAX_BYTES]).text))
    if named is None or _NAMELESS_HOP.fullmatch(named[1]):
        return ""
    host = named[1].lower().rstrip(".")
    # The neighbours of the pinned id are not taken for ours: whether the parent of a name is one owner's is not
    # knowable (decision 9).
    ours = filter(None, (own.lower().strip(".") for own in (*pin.hosts, pin.authserv_id)))
    return "" if any(host == own or host.endswith(f".{own}") for own in ours) else host


def _id_of(value: str) -> str | None:
    pieces = _pieces(value, first=True)
    words = pieces[0] if pieces else []
    return None if not words else "" if "=" in words[0] else words[0].lower()


def _statements(value: str) -> list[MethodResult] | None:
    """Return the results of a header value, without its id; None where any of it is broken."""
    pieces = _pieces(value)
    if pieces is None:
        return None
    if pieces and pieces[0] and "=" not in pieces[0][0]:
        if len(pieces[0]) > 2 or any(not word.isdigit() for word in pieces[0][1:]):
            return None
        pieces = pieces[1:]
    statements = []
    for words in pieces:
        if words and words != ["none"]:
            statement = _statement(words)
            if statement is None:
                return None
            statements.append(statement)
    return statements


def _pieces(value: str, *, first: bool = False) -> list[list[str]] | None:
    """Return the words between the semicolons, without comments; quoted strings keep their quotes.

    None where a comment or a quoted string has no end; with `first`, what stands before the first semicolon.
    """
    pieces: list[list[str]] = [[]]
    at, glued = 0, False
    while at < len(value) and not (first and len(pieces[0]) > 1):
        match = _OUTSIDE.match(value, at)
        if match is None:
            return None
        at, kind = match.end(), match.lastgroup
        if match[0] == "(":
            at = _after_comment(value, at)
        if at < 0:
            return None
        if match[0] == ";" and kind == "mark":
            if first:
                break
            pieces.append([])
        elif kind in {"word", "quoted"}:
            _add(pieces[-1], match[0], glued=glued)
        glued = kind in {"word", "quoted"}
    return pieces


def _after_comment(value: str, at: int) -> int:
    """Return where the comment ends whose bracket stands before `at`; -1 where it has no end (RFC 5322, 3.2.2)."""
    depth = 1
    while depth:
        match = _INSIDE.match(value, at)
        if match is None:
            return -1
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        at = match.end()
    return at


def _add(words: list[str], text: str, *, glued: bool) -> None:
    """Add a word; an equals sign with white space around it binds its neighbours together."""
    binds = bool(words) and (glued or text.startswith("=") or words[-1].find("=") == len(words[-1]) - 1 >= 0)
    if binds:
        words[-1] += text
    else:
        words.append(text)


def _statement(words: Sequence[str]) -> MethodResult | None:
    """Return `method=result` and its properties; None where it is no such thing or a property is there twice."""
    name, equals, result = words[0].partition("=")
    method = _METHOD.fullmatch(name.lower())
    if not (equals and method):
        return None
    properties: dict[str, str] = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            continue
        if key.lower() in properties:
            return None
        is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
        properties[key.lower()] = value[1:-1] if is_quoted else value
    return MethodResult(method[1], result.lower(), properties)


def _dmarc(statements: Sequence[MethodResult], domain: str) -> AuthOutcome:
    """Return what DMARC says of the domain; two results that differ, or any of another domain, say nothing."""
    about = [one for one in statements if one.method == "dmarc"]
    results = {one.result for one in about}
    strange = any(_domain(one.properties.get("header.from", "")) != domain for one in about)
    if len(results) != 1 or not domain or strange:
        return AuthOutcome.NONE
    return _decisive(results)


def _aligned(statements: Sequence[MethodResult], method: str, domain: str) -> AuthOutcome:
    """Return what DKIM or SPF says for this domain; a pass outweighs a fail, as a mail may be signed twice."""
    about = [one for one in statements if one.method == method and _speaks_for(_subject(one), domain)]
    return _decisive({one.result for one in about})


def _speaks_for(domain: str, sender: str) -> bool:
    """Whether a domain that was checked vouches for the domain of From (RFC 7489, 3.1, less relaxed).

    It is the same, or above it: who holds a domain decides what its subdomains are. The other way round a subdomain
    may be anybody's, and no list of public suffixes is asked (decision 9).
    """
    return bool(domain) and (sender == domain or ("." in domain and sender.endswith(f".{domain}")))


def _subject(statement: MethodResult) -> str:
    """Return the domain that a DKIM or SPF result is about (RFC 8601, 2.7.1 and 2.7.2)."""
    named = statement.properties
    if statement.method == "spf":
        return _domain(named.get("smtp.mailfrom", ""))
    return _domain(named.get("header.d") or named.get("header.i", ""))


def _decisive(results: Collection[str]) -> AuthOutcome:
    """Return a pass where there is one, else a fail, else none."""
    return next((one for one in (AuthOutcome.PASS, AuthOutcome.FAIL) if one in results), AuthOutcome.NONE)


def _domain(text: str) -> str:
    """Return the comparable domain of an address, or of a bare domain; empty where it is none."""
    address = normalise(f"x@{text.strip('<>').rpartition('@')[2]}")
    return address.rpartition("@")[2] if address else ""
