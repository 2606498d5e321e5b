"""Every mail as a reader sees it: on a phone and on a wide screen, light and dark, and the page docs/mails.md of them.

usage: python -m bench.pictures [NAME...] [--folder docs]

Needs `chromium` on the PATH. The mails hold the values of `desk/notices/samples.py`, and load nothing from the network.
Text with less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3), a tag over two lines and anything wider than its screen is
named, and the exit status is 1 then.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import cast

from PIL import Image, ImageChops

from bench.pictures.look import GAP, breadth, look_at, page_of, shoot
from bench.pictures.mails import text_of, with_chart
from desk.notices.recipients import BY_TEMPLATE
from desk.notices.samples import SAMPLES
from worker.cli.pages.template import readers

WIDTHS = (390, 1000)
# Size and colours of a sheet: the first that makes a small file.
FORMS = ((0.6, 96), (0.6, 48), (0.5, 32), (0.42, 24))
MOST_BYTES = 150_000
# The README shows these by themselves, as a mail client does.
ALONE = {"comment-to-customer", "daily-report", "ticket-assigned"}
ALONE_SIZE, ALONE_COLOURS = (760, 2400), 96
HEAD = """# The mails

Every mail that the desk sends, with made-up values: on a phone and on a wide screen, in the light and in the dark, and
below as text. This page and its pictures are made by `make pictures`, which also names text of little contrast. What
the templates are given is in [templates.md](templates.md); `supportdesk template preview NAME --html FILE` shows a mail
in your words.
"""


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
        mail = with_chart(name)
        page = page_of({name: mail}, WIDTHS)
        look = look_at(chromium, page)
        sheet = shoot(chromium, page, (breadth(WIDTHS) + 2 * GAP, look.height))
        _save(sheet, pictures / f"{name}.png")
        faults += len(look.faults)
        print(pictures / f"{name}.png", *look.faults, sep="\n  ")
        if name in ALONE:
            alone = _without_rest(shoot(chromium, mail, ALONE_SIZE))
            _with_few_colours(alone, ALONE_COLOURS).save(pictures.parent / f"{name}.png", optimize=True)
    (options.folder / "mails.md").write_text(_page(), encoding="utf-8")
    return min(faults, 1)


def _page() -> str:
    parts = [HEAD]
    for name in sorted(SAMPLES):
        alternative = f"The mail {name} on a phone and on a wide screen, light and dark."
        picture = f"![{alternative}](pictures/mails/{name}.png)"
        text = f"```text\n{text_of(name)}```"
        parts.append(f"## {name}\n\nIt goes to {readers(BY_TEMPLATE[name])}.\n\n{picture}\n\n{text}\n")
    return "\n".join(parts)


def _save(sheet: Image.Image, file: Path) -> None:
    """The picture smaller and with few colours, so that a page of them loads fast; of MOST_BYTES if possible."""
    for scale, colours in FORMS:
        size = (round(sheet.width * scale), round(sheet.height * scale))
        _with_few_colours(sheet.resize(size, Image.Resampling.LANCZOS), colours).save(file, optimize=True)
        if file.stat().st_size <= MOST_BYTES:
            return


def _without_rest(picture: Image.Image) -> Image.Image:
    """The picture without the empty paper below the mail, but for a gap."""
    paper = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    _, _, _, bottom = ImageChops.difference(picture, paper).getbbox() or (0, 0, 0, picture.height)
    return picture.crop((0, 0, picture.width, min(bottom + 2 * GAP, picture.height)))


def _with_few_colours(picture: Image.Image, colours: int) -> Image.Image:
    # The papers keep the colours that they have; of the others, those of few pixels count, such as those of a badge.
    counted = cast("list[tuple[int, tuple[int, ...]]]", picture.getcolors(picture.width * picture.height))
    common = [part for _, colour in sorted(counted, reverse=True)[: colours // 2] for part in colour]
    others = picture.quantize(colours // 2, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*common, *others])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


if __name__ == "__main__":
    sys.exit(main())
