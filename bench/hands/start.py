"""How much CPU a start of the program takes, against that of Python alone: `python -m bench.hands start`.

Each command runs 15 times. A command that asks the database needs DATABASE_URL.
"""

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

RUNS = 15
PROGRAM = Path(sys.executable).with_name("supportdesk")
STARTS = (["--version"], ["--help"], ["ticket", "--help"], ["ticket", "list"])


def cpu_seconds(words: Sequence[str]) -> float:
    """The median of user and system CPU of so many runs."""
    taken = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return median(taken)


def main() -> None:
    """Print a line for each start."""
    argparse.ArgumentParser(prog="python -m bench.hands start", description="The CPU of starts.").parse_args()
    alone = cpu_seconds([sys.executable, "-c", "pass"])
    print(f"| `python -c pass` | {alone * 1000:.0f} | 1.0 |")
    for words in STARTS:
        if words[-1] != "list" or "DATABASE_URL" in os.environ:
            taken = cpu_seconds([str(PROGRAM), *words])
            print(f"| `supportdesk {' '.join(words)}` | {taken * 1000:.0f} | {taken / alone:.1f} |")
