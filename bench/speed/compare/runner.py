"""Work that one tree does as it is told, claim by claim, in one long-lived process.

usage: PYTHONPATH=TREE PYTHON -P bench/speed/compare/runner.py

It is run with the code of any tree, so it uses only what trees have had for long. It says `ready`, then answers each
line of its standard input with a line of JSON: `prepare AGENT ...`, `poll`, or one of `intake`, `announce` and
`deliver` with SECONDS.
"""

import json
import os
import sys
import time
from collections.abc import Callable

from bench.staff import plant_staff
from worker.admin.migrate import upgrade
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.poll.run import poll_to_the_end
from worker.runtime.queue_run import Run
from worker.runtime.services import Services, open_services
from worker.settings.load import load_settings

STAGES: dict[str, Callable[[Services, float], Run]] = {
    "intake": receive_due,
    "announce": announce_due,
    "deliver": deliver_due,
}


def main() -> None:
    """Do what each line says."""
    services = open_services(load_settings(None, os.environ), application_name="bench compare")
    print("ready", flush=True)
    for line in sys.stdin:
        word, *further = line.split()
        wall, cpu = time.monotonic(), time.process_time()
        done = _do(services, word, further)
        took = {"seconds": time.monotonic() - wall, "cpu": time.process_time() - cpu, "done": done}
        print(json.dumps(took), flush=True)


def _do(services: Services, word: str, further: list[str]) -> int:
    if word == "prepare":
        upgrade(services.engine)
        plant_staff(services, further)
        return 0
    if word == "poll":
        poll_to_the_end(services, "support")
        return 0
    return STAGES[word](services, float(further[0])).done


if __name__ == "__main__":
    main()
