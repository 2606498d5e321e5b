"""Values as PostgreSQL reads them: as text, of which it knows the type from the statement, and bytes as they are."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.pq import Format
from psycopg.types.json import Jsonb

# A name of this file is looked up in a tenth of the time that a member of an enum takes.
_BINARY, _AS_TEXT = Format.BINARY, Format.TEXT


def encoded(values: Sequence[Any]) -> tuple[list[bytes | None], list[Format]]:
    """Values for the places of a statement, and how each is written; None is NULL.

    Raises psycopg.DataError for text that PostgreSQL cannot hold, and TypeError for a value of an unknown type.
    """
    written = [None if value is None else _ENCODERS[type(value)](value) for value in values]
    return written, [_BINARY if isinstance(value, bytes) else _AS_TEXT for value in values]


def _text(value: str) -> bytes:
    found = value.encode()
    if b"\0" in found:
        # The client library would end the text there.
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return found


def _interval(value: timedelta) -> bytes:
    return b"%d days %d seconds %d microseconds" % (value.days, value.seconds, value.microseconds)


def _array(values: Sequence[Any]) -> bytes:
    return b"{%s}" % b",".join([_element(value) for value in values])


def _element(value: Any) -> bytes:
    if value is None:
        return b"NULL"
    if isinstance(value, list):
        return _array(value)
    found = b"\\x" + value.hex().encode() if isinstance(value, bytes) else _ENCODERS[type(value)](value)
    return found if type(value) is int else b'"%s"' % found.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


class _Encoders(dict[type, Callable[[Any], bytes]]):
    """How values of each type are written; those of a type that is not here as those of the nearest type above it."""

    def __missing__(self, kind: type) -> Callable[[Any], bytes]:
        for one in kind.__mro__:
            if one in self:
                self[kind] = self[one]
                return self[one]
        message = f"a value of the type {kind.__name__} cannot be given to a statement"
        raise TypeError(message)


_ENCODERS = _Encoders(
    {
        bool: lambda value: b"t" if value else b"f",
        int: lambda value: b"%d" % value,
        float: lambda value: repr(value).encode(),
        str: _text,
        bytes: bytes,
        datetime: lambda value: value.isoformat().encode(),
        timedelta: _interval,
        UUID: lambda value: value.hex.encode(),
        list: _array,
        Jsonb: lambda value: _text(json.dumps(value.obj)),
    }
)
