"""Ids of SupportDesk's form: their shape, and that no two are the same, whoever makes them."""

import multiprocessing
import re
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from models.supportdesk.cuid import new_id

SHAPE = re.compile(r"c[0-9a-z]{24}")


def many(count: int) -> list[str]:
    return [new_id() for _ in range(count)]


def send_many(pipe: Connection) -> None:
    pipe.send(many(1_000))


def test_an_id_has_the_form_that_prisma_checks() -> None:
    ids = many(1_000)

    assert [one for one in ids if not SHAPE.fullmatch(one)] == []


def test_a_hundred_thousand_ids_are_all_different() -> None:
    ids = many(100_000)

    assert len(set(ids)) == 100_000


def test_an_id_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000

    made = int(new_id()[1:9], 36)

    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_made_at_the_same_moment_keep_their_order_in_the_counter() -> None:
    first, second = many(2)

    assert (int(second[9:13], 36) - int(first[9:13], 36)) % 36**4 == 1


def test_threads_never_make_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [one for batch in pool.map(many, [2_000] * 8) for one in batch]

    assert len(set(ids)) == 16_000


def test_forked_processes_never_make_the_same_id() -> None:
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(4)]
    children = [fork.Process(target=send_many, args=(writer,)) for _, writer in pipes]

    for child in children:
        child.start()
    ids = [one for reader, _ in pipes for one in reader.recv()]
    for child in children:
        child.join(timeout=10)

    assert len(set(ids)) == 4_000


def test_a_forked_process_has_a_fingerprint_of_its_own() -> None:
    fork = multiprocessing.get_context("fork")
    reader, writer = fork.Pipe(duplex=False)
    child = fork.Process(target=send_many, args=(writer,))

    child.start()
    theirs = reader.recv()[0]
    child.join(timeout=10)

    assert theirs[13:17] != new_id()[13:17]
