"""Every mail as a reader sees it: on a phone and on a wide screen, light and dark, and the page docs/mails.md of them.

usage: python -m bench.pictures [NAME...] [--folder docs]

Needs `chromium` on the PATH. The mails hold the values of `desk/notices/samples.py`, and load nothing from the network.
Text with less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3) and anything wider than its screen is named, and the exit status
is 1 then.
"""

import argparse
import base64
import html
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from desk.notices.recipients import BY_TEMPLATE
from desk.notices.samples import SAMPLES
from mail.outbound.catalogue import SHIPPED_TEMPLATES
from mail.outbound.chart import daily_chart
from mail.outbound.day_count import DayCount
from mail.outbound.render import Renderer
from worker.cli.template_page import readers

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip
OPENED_AND_RESOLVED = ((9, 7), (12, 9), (4, 6), (2, 3), (15, 11), (13, 14), (11, 12), (10, 9), (14, 10), (5, 7), (3, 2),
                       (16, 13), (12, 15), (18, 15))  # fmt: skip
DAYS = tuple(DayCount(f"{8 + day} Nov", *counts) for day, counts in enumerate(OPENED_AND_RESOLVED))
AGENTS = (("Ben", 11), ("Ines", 9), ("Noor", 7))
WIDTHS = (390, 1000)
GAP = 16
# Chromium's number for each scheme.
SCHEMES = {"light": 1, "dark": 0}
SCALE, COLOURS = 0.6, 96
LEAST_CONTRAST = 4.5
# The README shows these by themselves, as a mail client does.
ALONE = {"comment-to-customer": 400, "daily-report": 1430, "ticket-assigned": 1560}
ALONE_WIDTH = 760
LOOK = """
<script>
addEventListener("load", () => {
  const told = {height: 0, faults: []};
  const part = c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(c => part(c / 255))
    .reduce((sum, c, at) => sum + c * [.2126, .7152, .0722][at], 0);
  const colour = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument, view = frame.contentWindow;
    frame.style.height = page.documentElement.scrollHeight + "px";
    told.height = Math.max(told.height, page.documentElement.scrollHeight);
    const width = frame.clientWidth;
    if (page.documentElement.scrollWidth > width) told.faults.push(`wider than ${width} pixels`);
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
      if (ratio < LEAST) told.faults.push(`${ratio.toFixed(2)} to 1: ${words.slice(0, 60)}`);
    }
  }
  const out = document.createElement("pre");
  out.id = "told"; out.hidden = true; out.textContent = JSON.stringify(told);
  document.body.append(out);
});
</script>
""".replace("LEAST", str(LEAST_CONTRAST))
HEAD = """# The mails

Every mail that the desk sends, with made-up values: on a phone and on a wide screen, in the light and in the dark. This
page and its pictures are made by `make pictures`, which also names text of little contrast. What the templates are
given is in [templates.md](templates.md); `supportdesk template preview NAME --html FILE` shows a mail in your words.
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a browser says of a page: how high it is in pixels, and what is wrong with it, a sentence each."""

    height: int
    faults: tuple[str, ...]


def main() -> int:
    """Take the pictures of the mails named, or of all, and write the page; 1 where something is wrong with a mail."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description="Mails as pictures.")
    parser.add_argument("names", nargs="*", choices=[*SAMPLES, []])
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    options = parser.parse_args()
    chromium = shutil.which("chromium") or sys.exit(
        "There is no chromium on the PATH: install Debian's package chromium."
    )
    pictures = options.folder / "pictures" / "mails"
    pictures.mkdir(parents=True, exist_ok=True)
    faults = 0
    for name in options.names or sorted(SAMPLES):
        rows = [_take(chromium, _sheet(name), scheme) for scheme in SCHEMES]
        _join([picture for picture, _ in rows]).save(pictures / f"{name}.png", optimize=True)
        print(pictures / f"{name}.png")
        for scheme, (_, look) in zip(SCHEMES, rows, strict=True):
            faults += len(look.faults)
            print("".join(f"  {scheme}: {fault}\n" for fault in dict.fromkeys(look.faults)), end="")
        if name in ALONE:
            alone = _shoot(chromium, _mail(name), "light", (ALONE_WIDTH, ALONE[name]))
            alone.save(pictures.parent / f"{name}.png", optimize=True)
    (options.folder / "mails.md").write_text(_page(), encoding="utf-8")
    return min(faults, 1)


def _page() -> str:
    parts = [HEAD]
    for name in sorted(SAMPLES):
        text = f"The mail {name} on a phone and on a wide screen, light and dark."
        parts.append(f"## {name}\n\nIt goes to {readers(BY_TEMPLATE[name])}.\n\n![{text}](pictures/mails/{name}.png)\n")
    return "\n".join(parts)


def _mail(name: str) -> str:
    renderer = Renderer(SHIPPED_TEMPLATES)
    # Most mails are about a sender who is no forger.
    mail = renderer.render(name, {**SAMPLES[name], "warning": ""}).html
    chart = base64.b64encode(daily_chart(DAYS, AGENTS, renderer.words()).png).decode()
    return mail.replace("cid:daily-chart", f"data:image/png;base64,{chart}")


def _sheet(name: str) -> str:
    """A page with one mail in each width."""
    mail = html.escape(_mail(name))
    frames = "".join(f'<iframe srcdoc="{mail}" style="width:{width}px"></iframe>' for width in WIDTHS)
    style = f"body{{margin:{GAP}px;display:flex;gap:{GAP}px;background:#7f8694}} iframe{{border:0;flex:none}}"
    return f"<!doctype html><meta name=color-scheme content='light dark'><style>{style}</style>{frames}{LOOK}"


def _take(chromium: str, page: str, scheme: str) -> tuple[Image.Image, Look]:
    dumped = _run(chromium, page, scheme, "--dump-dom", "--virtual-time-budget=3000").decode()
    found = re.search(r'<pre id="told"[^>]*>(.*?)</pre>', dumped, re.DOTALL)
    assert found, "the page tells what it saw"
    told = json.loads(html.unescape(found[1]))
    look = Look(told["height"], tuple(told["faults"]))
    width = sum(WIDTHS) + GAP * (len(WIDTHS) + 1)
    return _shoot(chromium, page, scheme, (width, look.height + 2 * GAP)), look


def _shoot(chromium: str, page: str, scheme: str, size: tuple[int, int]) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        window = f"--window-size={size[0]},{size[1]}"
        _run(chromium, page, scheme, f"--screenshot={shot}", window, "--virtual-time-budget=3000")
        return Image.open(io.BytesIO(shot.read_bytes())).convert("RGB")


def _run(chromium: str, page: str, scheme: str, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        setting = f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}"
        command = (chromium, *QUIET, setting, f"--user-data-dir={folder}/profile", *options, file.as_uri())
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def _join(rows: Sequence[Image.Image]) -> Image.Image:
    """The pictures below each other, smaller and with few colours, so that a page of them loads fast."""
    width, height = max(row.width for row in rows), sum(row.height for row in rows)
    sheet = Image.new("RGB", (width, height))
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    small = sheet.resize((round(width * SCALE), round(height * SCALE)), Image.Resampling.LANCZOS)
    return small.quantize(COLOURS)


if __name__ == "__main__":
    sys.exit(main())
