"""The parts of a MIME tree: each node with its type, its names and its decoded bytes."""

import re
from dataclasses import dataclass
from functools import cached_property

from mail.mime.encodings import decoded
from mail.mime.headers import Headers
from mail.mime.parameters import parameters

_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+)(?=[\s;,]|\Z)")


@dataclass(frozen=True)
class Part:
    """One node of the tree: its header, and its body as a stretch of the mail's bytes; a multipart has children.

    What stands before the first child and behind the last is kept as `beside`.
    """

    raw: bytes
    headers: Headers
    start: int
    end: int
    default_type: str = "text/plain"
    children: tuple["Part", ...] = ()
    beside: tuple[bytes, ...] = ()

    @cached_property
    def content_type(self) -> str:
        """The declared type in lower case; the default of the place where it is missing or broken (RFC 2045, 5.2)."""
        text = self.headers.text("content-type").lower()
        found = _TYPE.match(text)
        if found:
            return found[1]
        text = text.partition(";")[0].strip()
        return "text/html" if text == "html" else "text/plain" if text else self.default_type

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of Content-Type."""
        return parameters(self.headers.text("content-type"))

    @property
    def disposition(self) -> str:
        """`attachment`, `inline` or what else Content-Disposition says (RFC 2183); empty where it is missing."""
        return self.headers.text("content-disposition").partition(";")[0].strip().lower()

    @cached_property
    def given_name(self) -> str:
        """The file name as the mail gives it; empty where it gives none."""
        named = parameters(self.headers.text("content-disposition"))
        return named.get("filename") or self.parameters.get("name") or ""

    @property
    def content_id(self) -> str | None:
        """Content-ID without its brackets, or None."""
        return self.headers.text("content-id").strip("<> ") or None

    def content(self) -> tuple[bytes, str | None]:
        """Return the decoded bytes, and a sentence where they had to be repaired; those of children as they stand."""
        data = memoryview(self.raw)[self.start : self.end]
        encoding = self.headers.text("content-transfer-encoding").partition(";")[0].strip().lower()
        # The standard allows no encoding around parts, and some programs name one all the same.
        return decoded(data, "" if self.children else encoding, self.content_type)
