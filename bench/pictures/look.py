"""Mails in a browser: beside each other on one page, light and dark, and what the browser finds wrong with them."""

import html
import io
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip
GAP = 16
LEAST_CONTRAST = 4.5
DARK = "(prefers-color-scheme: dark)"
# What the rules for the dark ask for in place of DARK, so that one page shows both.
SCHEMES = {"light": "not all", "dark": "all"}
LOOK = """
<script>
addEventListener("load", () => {
  const told = {height: 0, faults: []};
  const part = c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(c => part(c / 255))
    .reduce((sum, c, at) => sum + c * [.2126, .7152, .0722][at], 0);
  const colour = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument, view = frame.contentWindow, width = frame.clientWidth;
    const found = fault => told.faults.push(`${frame.title}: ${fault}`);
    frame.style.height = page.documentElement.scrollHeight + "px";
    if (page.documentElement.scrollWidth > width) found(`wider than ${width} pixels`);
    for (const tag of page.querySelectorAll(".tag")) {
      if (tag.getClientRects().length > 1) found(`broken over lines: ${tag.textContent}`);
    }
    const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const words = walker.currentNode.textContent.trim(), parent = walker.currentNode.parentElement;
      const style = view.getComputedStyle(parent);
      const seen = parent.getClientRects().length && style.visibility !== "hidden";
      if (!words || parent.className === "bar" || !seen) continue;
      let behind = parent, under = [255, 255, 255];
      for (; behind; behind = behind.parentElement) {
        const one = colour(view.getComputedStyle(behind).backgroundColor);
        if (one.length < 4 || one[3] > 0) { under = one; break; }
      }
      const [a, b] = [light(colour(style.color)), light(under)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
      if (ratio < LEAST) found(`${ratio.toFixed(2)} to 1: ${words.slice(0, 60)}`);
    }
  }
  told.height = document.documentElement.scrollHeight;
  const out = document.createElement("pre");
  out.id = "told"; out.hidden = true; out.textContent = JSON.stringify(told);
  document.body.append(out);
});
</script>
""".replace("LEAST", str(LEAST_CONTRAST))


@dataclass(frozen=True, slots=True)
class Look:
    """What a browser says of a page: how high it is in pixels, and what is wrong with its mails, a sentence each."""

    height: int
    faults: tuple[str, ...]


def page_of(mails: Mapping[str, str], widths: Sequence[int]) -> str:
    """A page with each mail (HTML by name) in each width, in the light and below in the dark."""
    frames = "".join(
        f'<iframe title="{name}, {scheme}" srcdoc="{html.escape(mail.replace(DARK, query))}" style="width:{width}px">'
        "</iframe>"
        for name, mail in mails.items()
        for scheme, query in SCHEMES.items()
        for width in widths
    )
    style = (
        f"body{{margin:{GAP}px;display:flex;flex-wrap:wrap;align-items:flex-start;gap:{GAP}px;width:{breadth(widths)}px;"
        "background:#7f8694} iframe{border:0;flex:none}"
    )
    return f"<!doctype html><meta charset=utf-8><style>{style}</style>{frames}{LOOK}"


def breadth(widths: Sequence[int]) -> int:
    """The pixels of one row of mails, with the gaps between them."""
    return sum(widths) + GAP * (len(widths) - 1)


def look_at(chromium: str, page: str) -> Look:
    """Have the browser at this path look at a page of `page_of`."""
    dumped = _run(chromium, page, "--dump-dom", "--virtual-time-budget=3000").decode()
    found = re.search(r'<pre id="told"[^>]*>(.*?)</pre>', dumped, re.DOTALL)
    assert found, "the page tells what it saw"
    told = json.loads(html.unescape(found[1]))
    return Look(told["height"], tuple(dict.fromkeys(told["faults"])))


def shoot(chromium: str, page: str, size: tuple[int, int]) -> Image.Image:
    """A picture of this many pixels of a page."""
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        window = f"--window-size={size[0]},{size[1]}"
        _run(chromium, page, f"--screenshot={shot}", window, "--virtual-time-budget=3000")
        return Image.open(io.BytesIO(shot.read_bytes())).convert("RGB")


def _run(chromium: str, page: str, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        command = (chromium, *QUIET, f"--user-data-dir={folder}/profile", *options, file.as_uri())
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
