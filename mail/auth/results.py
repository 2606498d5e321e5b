"""DMARC, DKIM and SPF results of our own mail server, read from its Authentication-Results header (RFC 8601)."""

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
    """The result of a check; all that is neither pass nor fail (neutral, softfail, errors) counts as none."""

    PASS = "pass"  # noqa: S105 - a result, not a secret.
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Pin:
    """Which Authentication-Results header is believed: the one with the authserv-id of our server.

    `hosts` are names or parent domains of our own servers, whose Received lines do not end the search.
    `nameless` also believes a header without any id, as Microsoft 365 writes it. `forwarders` are the domains whose
    ARC seals count where our server says `arc=pass` (RFC 8617).
    """

    authserv_id: str
    hosts: tuple[str, ...] = ()
    nameless: bool = False
    forwarders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthResults:
    """DMARC, and DKIM and SPF aligned with the domain of From; `evidence` is a sentence that explains them."""

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
    """One result of a header: the method, its result, and its properties; all but the property values in lower case."""

    method: str
    result: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class ResultsHeader:
    """One Authentication-Results header: its authserv-id, the first foreign server above it, and its value.

    The id is in lower case, empty where the header has none and None where it cannot be read; `foreign_host` is empty
    where no Received of a foreign server stands above.
    """

    authserv_id: str | None
    foreign_host: str
    value: str


def read_results(headers: Headers, pin: Pin, sender: str) -> AuthResults:
    """Return what the pinned server says of `sender`, the one address of From in comparable form (RFC 8601).

    Only the topmost header of the pinned id counts, and only above the first Received of a foreign server.
    A header that cannot be read, or that is about another domain, gives no result. Never raises; reads at most 4 KB.
    """
    domain = _domain(sender)
    server = pin.authserv_id or "our server"
    trusted = takewhile(lambda header: not header.foreign_host, results_headers(headers, pin))
    pinned = next((header for header in trusted if is_pinned(header.authserv_id, pin)), None)
    if pinned is None:
        return _nothing(f"No Authentication-Results of {server} stand above the mail.")
    statements = _statements(pinned.value)
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
    """Return the newest set of the ARC chain, if our server says `arc=pass` and a pinned forwarder sealed it."""
    if {statement.result for statement in statements if statement.method == "arc"} != {AuthOutcome.PASS}:
        return None
    link = newest_link(headers)
    return link if link and link.domain in {domain.lower().rstrip(".") for domain in pin.forwarders} else None


def results_headers(headers: Headers, pin: Pin) -> Iterator[ResultsHeader]:
    """Yield each Authentication-Results among the first 200 fields, topmost first; one over 4 KB cannot be read."""
    foreign_host = ""
    for name, raw in headers.fields[:MAX_FIELDS]:
        if name == "received":
            foreign_host = foreign_host or _foreign_host(raw, pin)
        elif name == "authentication-results":
            value = unfold(decode(raw[: MAX_BYTES + 1]).text)
            # The part that is cut off might hold the one result that matters, so such a header is made unreadable.
            yield ResultsHeader(_authserv_id(value), foreign_host, value if len(raw) <= MAX_BYTES else "(")


def is_pinned(authserv_id: str | None, pin: Pin) -> bool:
    """Whether the id, as `ResultsHeader` holds it, is that of our server."""
    return authserv_id == pin.authserv_id.lower() if authserv_id else pin.nameless and authserv_id == ""


def _foreign_host(received: bytes, pin: Pin) -> str:
    """Return the host that wrote this Received line; empty for a server of ours, and for a hop without a name."""
    named = _BY.search(unfold(decode(received[:MAX_BYTES]).text))
    if named is None or _NAMELESS_HOP.fullmatch(named[1]):
        return ""
    host = named[1].lower().rstrip(".")
    # Hosts beside the pinned one do not count as ours: whether their common parent domain has one owner cannot be
    # known (decision 9).
    ours = filter(None, (own.lower().strip(".") for own in (*pin.hosts, pin.authserv_id)))
    return "" if any(host == own or host.endswith(f".{own}") for own in ours) else host


def _authserv_id(value: str) -> str | None:
    pieces = _pieces(value, first=True)
    words = pieces[0] if pieces else []
    if not words:
        return None
    return "" if "=" in words[0] else words[0].lower()


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
    """Return the end of the comment whose bracket stands before `at`; -1 where it has none (RFC 5322, 3.2.2)."""
    depth = 1
    while depth:
        match = _INSIDE.match(value, at)
        if match is None:
            return -1
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        at = match.end()
    return at


def _add(words: list[str], text: str, *, glued: bool) -> None:
    """Add a word, or join it to the last one where no space or an equals sign stands between them."""
    binds = bool(words) and (glued or text.startswith("=") or words[-1].find("=") == len(words[-1]) - 1 >= 0)
    if binds:
        words[-1] += text
    else:
        words.append(text)


def _statement(words: Sequence[str]) -> MethodResult | None:
    """Return `method=result` and its properties (RFC 8601, section 2.2); None where broken or a property is doubled."""
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
    """Return the DMARC result for the domain; none where two differ, or one is about another domain."""
    dmarc = [statement for statement in statements if statement.method == "dmarc"]
    results = {statement.result for statement in dmarc}
    is_about_another = any(_domain(statement.properties.get("header.from", "")) != domain for statement in dmarc)
    if len(results) != 1 or not domain or is_about_another:
        return AuthOutcome.NONE
    return _decisive(results)


def _aligned(statements: Sequence[MethodResult], method: str, domain: str) -> AuthOutcome:
    """Return the DKIM or SPF result for this domain; a pass outweighs a fail, as a mail may be signed twice."""
    own = [one for one in statements if one.method == method and _is_aligned(_checked_domain(one), domain)]
    return _decisive({statement.result for statement in own})


def _is_aligned(domain: str, sender: str) -> bool:
    """Whether a domain that was checked counts for the domain of From (RFC 7489, section 3.1, but stricter).

    It must be the same, or a parent of it: the owner of a domain decides about its subdomains. A subdomain proves
    nothing for its parent, since no list of public suffixes is used (decision 9).
    """
    return bool(domain) and (sender == domain or ("." in domain and sender.endswith(f".{domain}")))


def _checked_domain(statement: MethodResult) -> str:
    """Return the domain that a DKIM or SPF result is about (RFC 8601, sections 2.7.1 and 2.7.2)."""
    properties = statement.properties
    if statement.method == "spf":
        return _domain(properties.get("smtp.mailfrom", ""))
    return _domain(properties.get("header.d") or properties.get("header.i", ""))


def _decisive(results: Collection[str]) -> AuthOutcome:
    """Return pass if it is among the results, else fail, else none."""
    return next((one for one in (AuthOutcome.PASS, AuthOutcome.FAIL) if one in results), AuthOutcome.NONE)


def _domain(text: str) -> str:
    """Return the comparable domain of an address, or of a bare domain; empty where it is none."""
    address = normalise(f"x@{text.strip('<>').rpartition('@')[2]}")
    return address.rpartition("@")[2] if address else ""
