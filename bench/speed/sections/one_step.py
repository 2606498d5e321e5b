"""One stage of a mail's way in one process: what it costs in time, CPU and statements, and what it is spent on.

usage: python -m bench.speed.sections.one_step STAGE FILE [--profile FOLDER]

It is started by the benchmark as a process of its own, on a desk whose settings are in the environment.
"""

import argparse
import cProfile
import json
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from mail.inbound.parse import parse
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.poll.run import poll_to_the_end
from worker.runtime.services import Services, open_services
from worker.settings.load import load_settings

# Long enough to do all of it in one run.
SECONDS = 3600.0
RAW = "SELECT string_agg(content, ''::bytea ORDER BY position) FROM mail.raw_chunk GROUP BY ledger_id"
CALLS = """
SELECT coalesce(sum(calls), 0)::bigint, coalesce(sum(total_exec_time), 0) FROM pg_stat_statements WHERE toplevel
"""
COSTLY = """
SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 100), calls::bigint, total_exec_time
FROM pg_stat_statements WHERE toplevel ORDER BY total_exec_time DESC LIMIT 3
"""


def _read_mails(services: Services) -> None:
    """Read every mail as intake does, and nothing more."""
    with services.engine.connect() as connection:
        for (raw,) in connection.execution_options(yield_per=50).execute(text(RAW)):
            parse(bytes(raw))


STAGES: dict[str, Callable[[Services], object]] = {
    "poll": lambda services: poll_to_the_end(services, "support"),
    "read": _read_mails,
    "intake": lambda services: receive_due(services, SECONDS),
    "announce": lambda services: announce_due(services, SECONDS),
    "deliver": lambda services: deliver_due(services, SECONDS),
}


def main() -> None:
    """Do one stage and write what it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed.sections.one_step")
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("file", type=Path, help="where the figures are written, as JSON")
    parser.add_argument("--profile", type=Path, default=None, help="a folder for the profile of cProfile")
    options = parser.parse_args()
    services = open_services(load_settings(None, os.environ), application_name="bench stages")
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as connection:
        result = _measure(services, connection, options.stage, options.profile)
    options.file.write_text(json.dumps(result))


def _measure(services: Services, connection: psycopg.Connection[Any], name: str, folder: Path | None) -> dict[str, Any]:
    connection.execute("SELECT pg_stat_statements_reset()")
    profile = cProfile.Profile(time.process_time) if folder else None
    wall, cpu = time.monotonic(), time.process_time()
    with profile or nullcontext():
        STAGES[name](services)
    took = {"seconds": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    if profile and folder:
        profile.dump_stats(folder / f"{name}.prof")
    counted = connection.execute(CALLS).fetchone() or (0, 0.0)
    costly = [list(row) for row in connection.execute(COSTLY.encode())]
    return {**took, "statements": int(counted[0]), "costly": costly}


if __name__ == "__main__":
    main()
