"""Celery with a beat that sweeps every two seconds, or as SWEEP_SECONDS says: `quick_beat.py -A worker.app beat …`."""

import os

from celery.__main__ import main

from worker.app import app

# A lost ring is made up for by the next sweep, for which a test shall not wait as long as a desk does.
SECONDS = float(os.environ.get("SWEEP_SECONDS", "2"))
QUICKER = {f"sweep {task}": SECONDS for task in ("receive", "announce", "deliver", "report")}

if __name__ == "__main__":
    for name, seconds in QUICKER.items():
        app.conf.beat_schedule[name]["schedule"] = seconds
    main()
