"""Addresses are read from header values and from text, and normalised to the one form in which they are compared."""

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from mail.mime.address_list import AddressEntry, read_entries
from mail.mime.headers import decode_words

MAX_BYTES = 254
MAX_ADDRESSES = 1_000
MAX_NAME = 500

# An address in running text.
ADDRESS = r"[^\s<>()\[\]\",;:@\\]{1,64}@[^\s<>()\[\]\",;:@\\!]{1,253}"

_ADDRESS = re.compile(ADDRESS)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_LABELS = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_LITERAL = re.compile(r"\[(?:ipv6:)?[0-9a-f.:]{3,45}\]")
_ATOMS = re.compile(r"[^\s\"(),:;<>@\[\\\]]+")
_QUOTED = re.compile(r"\"[^\s\"\\]+\"")
_BETWEEN = re.compile(r"[\s,;]+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: its display name (may be empty) and its address as `normalise` returns it.

    The local part is ASCII-lowercased, the domain a lowercased A-label; other letters keep their case.
    """

    name: str
    email: str

    @property
    def domain(self) -> str:
        """The part after the last at sign; empty where there is none."""
        return self.email.rpartition("@")[2] if "@" in self.email else ""


def normalise(address: str) -> str | None:
    """Return the comparable form of an address, or None where the text is no address.

    The local part is ASCII-lowercased and the domain becomes a lowercased A-label (RFC 5890, 2.3.2.1).
    Letters outside ASCII never become ASCII ones: the Kelvin sign in lower case is `k`, which would be
    another person's address. White space, control and invisible characters are refused; at most 254 bytes.
    """
    return _normalised(address) if address and len(address) <= MAX_BYTES else None


# A mail names the same few addresses many times.
@lru_cache(maxsize=256)
def _normalised(address: str) -> str | None:
    if not _is_visible(address):
        return None
    local, at, domain = address.rpartition("@")
    local_part, host = _local_part(local), _host(domain)
    if not (at and local_part and host):
        return None
    result = f"{local_part}@{host}"
    return result if len(result.encode()) <= MAX_BYTES else None


def _is_visible(text: str) -> bool:
    if text.isascii():
        return text.isprintable() and " " not in text
    return not any(unicodedata.category(letter) in _INVISIBLE for letter in text)


def _local_part(local: str) -> str | None:
    # A quoted local part that needs no quotes is the same mailbox without them (RFC 5321, 4.1.2).
    if _QUOTED.fullmatch(local):
        bare = local[1:-1]
        return (bare if _ATOMS.fullmatch(bare) else local).translate(_LOWER)
    return local.translate(_LOWER) if _ATOMS.fullmatch(local) else None


def _host(domain: str) -> str | None:
    domain = domain.removesuffix(".").translate(_LOWER)
    if not domain.isascii():
        domain = ".".join(_a_label(label) for label in domain.split("."))
    return domain if _LABELS.fullmatch(domain) or _LITERAL.fullmatch(domain) else None


def _a_label(label: str) -> str:
    """Return the A-label of a U-label (RFC 5890, 2.3.2.1); plain punycode where the codec would change letters.

    Empty for a label with a letter that becomes ASCII when it is composed (the Kelvin sign).
    """
    if label.isascii():
        return label
    if any(unicodedata.normalize("NFC", letter).isascii() for letter in label if not letter.isascii()):
        return ""
    lowered = unicodedata.normalize("NFC", label.lower())
    try:
        encoded = lowered.encode("idna").decode("ascii")
        if encoded.encode("ascii").decode("idna") == lowered:
            return encoded.lower()
    except UnicodeError:
        pass
    return "xn--" + lowered.encode("punycode").decode("ascii").translate(_LOWER)


def read_addresses(header_values: Sequence[str]) -> tuple[Address, ...]:
    """Return the mailboxes of address headers in order, each once, at most 1,000; groups give none (RFC 5322, 3.4).

    Values are unfolded text whose encoded words are still encoded, so that no encoded comma or bracket
    can make an address.
    """
    addresses: dict[str, Address] = {}
    for value in header_values:
        for entry in read_entries(value):
            for email in _emails(entry):
                addresses.setdefault(email, Address(_display_name(entry, email), email))
            if len(addresses) >= MAX_ADDRESSES:
                return tuple(addresses.values())[:MAX_ADDRESSES]
    return tuple(addresses.values())


def read_senders(header_values: Sequence[str]) -> tuple[Address, ...]:
    """Return what `read_addresses` does; where that is empty, local parts in brackets that have no domain."""
    return read_addresses(header_values) or tuple(islice(_without_domain(header_values), MAX_ADDRESSES))


def addresses_in(text: str) -> Sequence[str]:
    """Return the addresses in a text in comparable form, each once and in their order."""
    found = (normalise(match[0].strip("'`*.")) for match in _ADDRESS.finditer(text))
    return tuple(dict.fromkeys(address for address in found if address))


def _without_domain(header_values: Sequence[str]) -> Iterator[Address]:
    for entry in chain.from_iterable(map(read_entries, header_values)):
        for name in entry.routes:
            local = _local_part(name) if len(name) <= MAX_BYTES and _is_visible(name) else None
            if local:
                yield Address(_display_name(entry, local), local)


def _emails(entry: AddressEntry) -> Iterator[str]:
    candidates = entry.routes or (entry.text,)
    for candidate in candidates:
        # A source route before the colon is ignored (RFC 5322, 4.4).
        bare = candidate.rpartition(":")[2] if candidate.startswith(("@", "mailto:")) else candidate
        # A quoted local part may hold spaces; its last word must not be read as another person's address.
        is_one = '"' in bare or not _BETWEEN.search(bare)
        for word in [bare] if is_one else _BETWEEN.split(bare.strip()):
            email = normalise(word.strip("'")) if "@" in word else None
            if email:
                yield email


def _display_name(entry: AddressEntry, email: str) -> str:
    name = entry.phrase if entry.routes else entry.comment
    name = " ".join(decode_words(name[:MAX_NAME]).split())
    return "" if name.lower() == email else name
