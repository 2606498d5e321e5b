"""DMARC, DKIM and SPF results of our own mail server, read from its Authentication-Results header (RFC 8601)."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from mail.auth.arc import Sealed, newest_link
from mail.auth.received import writer
from mail.auth.value import MethodResult, read_id, read_statements
from mail.mime.addresses import normalise
from mail.mime.charset import decode
from mail.mime.headers import Headers, unfold

# Longer than servers accept; senders write parts of it, such as their own domains and local parts.
MAX_BYTES = 65_536
MAX_FIELDS = 200

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
class ResultsHeader:
    """One Authentication-Results header: its authserv-id, the first foreign server above it, and its value.

    The id is in lower case, empty where the header has none and None where it cannot be read; `foreign_host` is empty
    where no Received of a foreign server stands above. It is sound unless it is over 64 KB, or has white space before
    its colon: a server that strips forged results by their exact name leaves such a one, and writes none.
    """

    authserv_id: str | None
    foreign_host: str
    value: str
    is_sound: bool = True

    @property
    def statements(self) -> list[MethodResult] | None:
        """Its results; None where it cannot be read."""
        return read_statements(self.value) if self.is_sound else None


def read_results(headers: Headers, pin: Pin, sender: str) -> AuthResults:
    """Return what the pinned server says of `sender`, the one address of From in comparable form (RFC 8601).

    Only the topmost header of the pinned id counts, and only above the first Received of a foreign server.
    A header that is about another domain gives no result; one that cannot be read counts as a fail, since the sender
    wrote parts of it. Never raises; reads at most 64 KB.
    """
    domain = _domain(sender)
    server = pin.authserv_id or "our server"
    trusted = takewhile(lambda header: not header.foreign_host, results_headers(headers, pin))
    pinned = next((header for header in trusted if is_pinned(header.authserv_id, pin)), None)
    if pinned is None:
        return _nothing(f"No Authentication-Results of {server} stand above the mail.")
    statements = pinned.statements
    if statements is None:
        return _unreadable(f"The Authentication-Results of {server} cannot be read, which counts as a fail.")
    own = _results_for(domain, statements, f"{server} says")
    link = None if own.verdict is AuthOutcome.PASS else _vouched_link(headers, pin, statements)
    if link is None:
        return own
    recorded = read_statements(link.results)
    if recorded is None:
        return _unreadable(f"What {link.domain} recorded (ARC) cannot be read, which counts as a fail.")
    forwarder = _results_for(domain, recorded, f"{server} says arc=pass, and {link.domain} recorded")
    return own if forwarder.verdict is AuthOutcome.NONE else forwarder


def _nothing(evidence: str) -> AuthResults:
    return AuthResults(AuthOutcome.NONE, AuthOutcome.NONE, AuthOutcome.NONE, evidence)


def _unreadable(evidence: str) -> AuthResults:
    return AuthResults(AuthOutcome.FAIL, AuthOutcome.NONE, AuthOutcome.NONE, evidence)


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
    """Yield each Authentication-Results among the first 200 fields, topmost first."""
    foreign_host = ""
    for place, (name, raw) in enumerate(headers.fields[:MAX_FIELDS]):
        if name == "received":
            foreign_host = foreign_host or _foreign_host(raw, pin)
        elif name == "authentication-results":
            value = unfold(decode(raw[: MAX_BYTES + 1]).text)
            # The part that is cut off might hold the one result that matters.
            is_sound = len(raw) <= MAX_BYTES and place not in headers.spaced
            yield ResultsHeader(read_id(value), foreign_host, value, is_sound)


def is_pinned(authserv_id: str | None, pin: Pin) -> bool:
    """Whether the id, as `ResultsHeader` holds it, is that of our server."""
    return authserv_id == pin.authserv_id.lower() if authserv_id else pin.nameless and authserv_id == ""


def _foreign_host(received: bytes, pin: Pin) -> str:
    """Return the host that wrote this Received line; empty for a server of ours, and for a hop without a name."""
    host = writer(unfold(decode(received[:MAX_BYTES]).text))
    if _NAMELESS_HOP.fullmatch(host):
        return ""
    # Hosts beside the pinned one do not count as ours: whether their common parent domain has one owner cannot be
    # known (decision 9).
    ours = filter(None, (own.lower().strip(".") for own in (*pin.hosts, pin.authserv_id)))
    return "" if any(host == own or host.endswith(f".{own}") for own in ours) else host


def _dmarc(statements: Sequence[MethodResult], domain: str) -> AuthOutcome:
    """Return the DMARC result for the domain; a fail outweighs all, and none where two differ or are of others."""
    dmarc = [statement for statement in statements if statement.method == "dmarc"]
    own = {statement.result for statement in dmarc if domain and _author_domain(statement) == domain}
    if AuthOutcome.FAIL in own:
        return AuthOutcome.FAIL
    is_about_another = any(_author_domain(statement) != domain for statement in dmarc)
    return AuthOutcome.NONE if len(own) != 1 or is_about_another else _decisive(own)


def _author_domain(statement: MethodResult) -> str:
    """Return the domain that a DMARC result is about; Cisco names the property `d`."""
    return _domain(statement.properties.get("header.from") or statement.properties.get("d", ""))


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
