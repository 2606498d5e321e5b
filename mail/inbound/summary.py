"""The sender and the subject that a mail claims, read from its first bytes for lists that a person looks through."""

from dataclasses import dataclass

from mail.mime.addresses import read_addresses
from mail.mime.headers import HEAD_BYTES, read_headers
from mail.mime.text import one_line

MAX_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """The first address of From and the subject as one line each; empty where there is none."""

    sender: str
    subject: str


def read_heading(raw: bytes) -> Heading:
    """Read the heading of any bytes at all, of which the first 64 KB count; nothing of the body is looked at."""
    headers = read_headers(raw[:HEAD_BYTES])[0]
    senders = read_addresses(headers.texts("from"))
    return Heading(senders[0].email if senders else "", one_line(headers.words("subject"), MAX_SUBJECT))
