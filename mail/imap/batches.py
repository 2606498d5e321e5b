"""UIDs cut into lists for one IMAP command each, bounded by count and by the bytes of the mails."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# A server may refuse a command line of more than 8,000 bytes (RFC 7162, section 4).
UIDS_A_COMMAND = 500


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one FETCH: mails, bytes of all of them, and bytes of the largest mail that is fetched at all."""

    count: int = 50
    size: int = 8 * 1024 * 1024
    largest: int = 100 * 1024 * 1024


def batches(uids: Sequence[int]) -> Iterator[list[int]]:
    """Cut UIDs into lists of at most 500, which fit on one command line."""
    for start in range(0, len(uids), UIDS_A_COMMAND):
        yield list(uids[start : start + UIDS_A_COMMAND])


def chunks(sizes: Mapping[int, int], bounds: Bounds) -> Iterator[list[int]]:
    """Cut UIDs, in their order, into lists within the bounds; a mail above either byte bound is a list of its own."""
    chunk: list[int] = []
    total = 0
    for uid, size in sizes.items():
        weight = size if size <= bounds.largest else max(size, bounds.size + 1)
        if chunk and (len(chunk) >= bounds.count or total + weight > bounds.size):
            yield chunk
            chunk, total = [], 0
        chunk.append(uid)
        total += weight
    if chunk:
        yield chunk
