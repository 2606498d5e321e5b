"""A picture of every mail that the templates make, rendered by headless Chromium as a reader sees it.

usage: python -m bench.pictures FOLDER [NAME...]

Needs `chromium` on the PATH. The mails hold the values of `desk/notices/samples.py`, and load nothing from the network.
"""

import argparse
import base64
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from desk.notices.samples import SAMPLES
from mail.outbound.chart import daily_chart
from mail.outbound.day_count import DayCount
from mail.outbound.render import Renderer
from worker.runtime.services import SHIPPED_TEMPLATES

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip
SIZES = {"daily-report": (760, 1430), "mail-unconfirmed": (760, 1130),
         "ticket-assigned": (760, 1560), "comment-to-customer": (760, 400)}  # fmt: skip
USUAL_SIZE = (760, 820)
OPENED_AND_RESOLVED = ((9, 7), (12, 9), (4, 6), (2, 3), (15, 11), (13, 14), (11, 12), (10, 9), (14, 10), (5, 7), (3, 2),
                       (16, 13), (12, 15), (18, 15))  # fmt: skip
DAYS = tuple(DayCount(f"{8 + day} Nov", *counts) for day, counts in enumerate(OPENED_AND_RESOLVED))


def main() -> None:
    """Take the pictures of the mails named, or of all."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description="Mails as pictures.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", choices=[*SAMPLES, []])
    options = parser.parse_args()
    chromium = shutil.which("chromium") or sys.exit(
        "There is no chromium on the PATH: install Debian's package chromium."
    )
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names or SAMPLES:
        _take_picture(chromium, name, options.folder / f"{name}.png")
        print(options.folder / f"{name}.png")


def _take_picture(chromium: str, name: str, picture: Path) -> None:
    # Most mails are about a sender who is no forger.
    renderer = Renderer(SHIPPED_TEMPLATES)
    html = renderer.render(name, {**SAMPLES[name], "warning": ""}).html
    agents = (("Ben", 11), ("Ines", 9), ("Noor", 7))
    chart = base64.b64encode(daily_chart(DAYS, agents, renderer.words()).png).decode()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "mail.html"
        page.write_text(html.replace("cid:daily-chart", f"data:image/png;base64,{chart}"), encoding="utf-8")
        width, height = SIZES.get(name, USUAL_SIZE)
        shot = (
            f"--screenshot={picture.resolve()}",
            f"--window-size={width},{height}",
            f"--user-data-dir={folder}/profile",
        )
        subprocess.run([chromium, *QUIET, *shot, page.as_uri()], check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    main()
