"""The studio as its reader sees it: pictures of a studio that is open, light on a screen and dark on a phone.

usage: python -m bench.pictures.studio ADDRESS [--ticket NUMBER] [--folder docs/pictures]

ADDRESS is what `supportdesk studio` has printed, and is used up by this. The pictures in docs/ are of the desk of `make
demo`, whose settings it names in the end, and of its ticket 1008. Needs `chromium` on the PATH, and a font that has
Japanese. A page that says something to the browser's console, asks another host or is wider than its screen is named,
and the exit status is 1.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from bench.pictures.devtools import Browser, running_browser

SCREEN, PHONE = (1200, 860), (390, 860)
COLOURS = 128


def main() -> int:
    """Take the pictures; 1 where a page has a fault."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures.studio", description="The studio as pictures.")
    parser.add_argument("address")
    parser.add_argument("--ticket", type=int, default=1008)
    parser.add_argument("--folder", type=Path, default=Path("docs/pictures"))
    options = parser.parse_args()
    chromium = shutil.which("chromium") or sys.exit("There is no chromium on the PATH: install the package chromium.")
    start = f"http://{urlsplit(options.address).netloc}"
    pages = {
        "studio-home": ("/", SCREEN, False),
        "studio-ticket": (f"/tickets/details/{options.ticket}", SCREEN, False),
        "studio-phone": (f"/tickets/details/{options.ticket}", PHONE, True),
    }
    faults = 0
    with tempfile.TemporaryDirectory() as profile, running_browser(chromium, Path(profile)) as browser:
        browser.open(options.address, pages=2)
        for name, (path, (width, height), dark) in pages.items():
            browser.look_as(width, height, dark=dark)
            found = _look(browser, f"{start}{path}", width)
            _save(browser, options.folder / f"{name}.png")
            faults += len(found)
            print(options.folder / f"{name}.png", *found, sep="\n  ")
    return 1 if faults else 0


def _look(browser: Browser, url: str, width: int) -> list[str]:
    seen = browser.open(url)
    breadth = browser.run("document.documentElement.scrollWidth")
    wide = [f"{breadth} pixels wide on {width}"] if breadth > width else []
    others = [f"asks {host}" for host in seen.hosts - {urlsplit(url).netloc}]
    return [*seen.faults, *others, *wide]


def _save(browser: Browser, file: Path) -> None:
    browser.shoot(file)
    Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
