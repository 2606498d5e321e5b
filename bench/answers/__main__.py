"""The sixty answers as files and pictures: what agents wrote, and what their customers get.

usage: python -m bench.answers FOLDER [--seed SEED --count COUNT]

Writes both mails of each answer and contact sheets of the first sixty, and prints what is wrong. Needs PostgreSQL,
and `chromium` on the PATH for the pictures. Nothing is sent, and the pages load nothing from the network.
"""

import argparse
import base64
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path

from bench.answers.contents import COUNT, content
from bench.answers.judge import lacks_of, read_letter
from bench.answers.message import dialect_of
from bench.answers.play import Played, Writer, play
from bench.answers.varied import varied
from bench.pictures.look import QUIET
from desk.ticket import Role
from models.people.staff import add_staff
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.runtime.services import Services, open_services
from worker.runtime.transaction import transaction
from worker.settings.load import load_settings

SETTINGS = Path(__file__).parents[2] / "supportdesk.toml"
STAFF = (("Ada Lane", Role.ADMIN), ("Carol Mendes", Role.AGENT), ("Ben Adler", Role.AGENT), ("Ines Duarte", Role.AGENT))
# Pages on one contact sheet; two stand side by side for each answer.
ON_A_SHEET, WIDTH, HEIGHT = 10, 1600, 5200


def main() -> None:
    """Play, write the files, take the pictures, and print what is wrong by kind."""
    parser = argparse.ArgumentParser(prog="python -m bench.answers", description="Sixty answers as pictures.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, help="other answers than the sixty")
    parser.add_argument("--count", type=int, default=COUNT)
    given = parser.parse_args()
    folder: Path = given.folder
    folder.mkdir(parents=True, exist_ok=True)
    played = _played(given.count, content if given.seed is None else partial(varied, given.seed))
    found = {one.content.number: lacks_of(one) for one in played}
    for one in played:
        (folder / f"{one.content.number:02}-agent.eml").write_bytes(one.answer.raw)
        (folder / f"{one.content.number:02}-customer.eml").write_bytes(one.sent)
        for line in found[one.content.number]:
            print(f"{one.content.number:02} {dialect_of(one.content.number).program.name}: {line}")
    kinds = Counter(":".join(line.split(":")[:2]) for some in found.values() for line in some)
    print(*(f"{times:4} {kind}" for kind, times in kinds.most_common()), sep="\n")
    print(f"{sum(not some for some in found.values())} of {len(played)} answers arrive as they were written.")
    for first in range(0, min(len(played), COUNT), ON_A_SHEET):
        _take_sheet(played[first : first + ON_A_SHEET], folder / f"sheet-{first // ON_A_SHEET + 1}.png")


def _played(count: int, write: Writer) -> list[Played]:
    with tempfile.TemporaryDirectory() as place, running_postgres(Path(place), fsync=False, keep=False) as url:
        environ = {
            "DATABASE_URL": url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SUPPORTDESK_DESK__SECRET_KEY": os.urandom(32).hex(),
            "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
        }
        services = open_services(load_settings(SETTINGS, environ), application_name="answers")
        upgrade(services.engine)
        _hire(services)
        played = play(services, count=count, write=write)
        services.engine.dispose()
    return played


def _hire(services: Services) -> None:
    with transaction(services.engine) as session:
        for name, role in STAFF:
            address = f"{name.partition(' ')[0].lower()}@desk.example"
            add_staff(session, address, role, name=name, now=datetime.now(UTC))


def _take_sheet(played: Sequence[Played], picture: Path) -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        print(f"There is no chromium on the PATH, so {picture.name} is not taken.")
        return
    rows = "".join(_row(one) for one in played)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "sheet.html"
        page.write_text(f'<meta charset="utf-8"><table width="100%">{rows}</table>', encoding="utf-8")
        shot = (f"--screenshot={picture.resolve()}", f"--window-size={WIDTH},{HEIGHT}",
                f"--user-data-dir={folder}/profile")  # fmt: skip
        subprocess.run([chromium, *QUIET, *shot, page.as_uri()], check=True, capture_output=True, timeout=120)


def _row(one: Played) -> str:
    name = f"{one.content.number:02} {dialect_of(one.content.number).program.name}"
    frames = "".join(f"<td>{_frame(raw)}</td>" for raw in (one.answer.raw, one.sent))
    return f'<tr><td colspan="2"><b>{escape(name)}</b>, as it was written and as it arrives</td></tr><tr>{frames}</tr>'


def _frame(raw: bytes) -> str:
    letter = read_letter(raw)
    html = letter.html
    for cid, png in letter.pictures.items():
        html = html.replace(f"cid:{cid}", f"data:image/png;base64,{base64.b64encode(png).decode()}")
    style = f"width:{WIDTH // 2 - 30}px;height:{HEIGHT // ON_A_SHEET - 50}px;border:1px solid #999"
    return f'<iframe sandbox style="{style}" srcdoc="{escape(html)}"></iframe>'


if __name__ == "__main__":
    main()
