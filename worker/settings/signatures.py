"""The folder of signatures: `signature.txt` and `signature.html` of the desk, and a folder of them for each agent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mail.html.text import read_html
from mail.mime.addresses import normalise
from mail.outbound.signature import Signature, active_part, clean, trim, with_bare_links, without_emphasis

TEXT: Final = "signature.txt"
HTML: Final = "signature.html"
LARGEST: Final = 10_000
# An answer that quotes it would give it back to us.
_COMMAND: Final = re.compile(r"\s*[#\uff03/][^\W\d_]+\s*(?:$|\s)")


@dataclass(frozen=True, slots=True)
class Signatures:
    """The desk's own signature, and those of agents by address."""

    desk: Signature | None = None
    agents: Mapping[str, Signature] = field(default_factory=dict)

    def of(self, address: str) -> Signature | None:
        """An agent's own signature, or else the desk's."""
        return self.agents.get(_folded(address), self.desk)


class SignatureFailure(Exception):
    """A signature that cannot be used: the message names its file and what is wrong with it."""


def read_signatures(folder: Path) -> tuple[Signatures, list[str]]:
    """The signatures of a folder, and a sentence for each that cannot be used; a hidden folder is nobody's."""
    if not folder.is_dir():
        return Signatures(), [f'"{folder}" is no folder']
    troubles: list[str] = []
    found: dict[str, Signature] = {}
    inside = (one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    people = sorted(one for one in inside if one.name not in {TEXT, HTML})
    for place in (folder, *people):
        try:
            signature = _read(place)
        except SignatureFailure as failure:
            troubles.append(str(failure))
            continue
        if signature:
            found["" if place is folder else _folded(place.name)] = signature
        elif place is not folder or not people:
            troubles.append(f'"{place}" holds neither {TEXT} nor {HTML}')
    return Signatures(found.pop("", None), found), troubles


def _folded(address: str) -> str:
    return normalise(address) or address.lower()


def _read(folder: Path) -> Signature | None:
    text, html = _content(folder / TEXT), _content(folder / HTML)
    if text is None and html is None:
        return None
    if html is not None and (active := active_part(html)):
        raise SignatureFailure(f'"{folder / HTML}" holds {active}, which no mail may have')
    cleaned = clean(html) if html else None
    shown = trim(with_bare_links(read_html(without_emphasis(cleaned)).own)) if cleaned else ""
    plain = shown if text is None else trim(text)
    for line in (*plain.splitlines(), *shown.splitlines()):
        if _COMMAND.match(line):
            raise SignatureFailure(f'"{folder}" has a line that reads as a command: {line.strip()[:60]}')
    if not plain:
        raise SignatureFailure(f'"{folder / (TEXT if text is not None else HTML)}" shows no words')
    return Signature(plain, cleaned) if cleaned else Signature(plain)


def _content(file: Path) -> str | None:
    """What a file holds; None where there is none. Raises SignatureFailure where it cannot be used."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise SignatureFailure(f'"{file}" is larger than {LARGEST // 1000} kB')
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise SignatureFailure(f'"{file}" is not UTF-8 text') from None
    except OSError as error:
        raise SignatureFailure(f'"{file}" cannot be read: {error.strerror}') from None
    if not text.strip():
        raise SignatureFailure(f'"{file}" is empty')
    return text
