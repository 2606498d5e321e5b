"""Stored mails tried by other rules and read again: how long it takes, and that nothing differs.

usage: python -m bench.hands trial [--mails 5000] [--replies 0.3] [--corpus FOLDER] [--no-replay]

Without a corpus the mails are those of the benchmark; with one they are those that `robust.txt` in FOLDER names, many
of them broken on purpose. They are stored and decided in a PostgreSQL of the script's own, one after another; then
`rules test` and `replay` go over them. The script ends with status 1 where a replay differs in anything.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.speed.mails import Recipe, mailbox
from desk.routing.rules import Rule, Then, compile_rules
from desk.ticket import Priority
from mail.mime.message_ids import peek
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.rows import NewMail, store
from models.reports.history.decided import WhichMails
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.history.replay.compare import Ground
from worker.history.replay.run import replay_mails
from worker.history.rules.compare import try_rules
from worker.intake.run import receive_due
from worker.runtime.services import Services, open_services
from worker.runtime.transaction import transaction
from worker.settings.load import load_settings

SETTINGS = Path(__file__).parents[1] / "robust/robust.toml"
OTHERS = (Rule("loud", '"order" in ticket.description', Then(priority=Priority.HIGH)),)
SHOWN = 20


def main() -> None:
    """Decide the mails, try and replay them, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.hands trial", description="Time rules test and replay.")
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--corpus", type=Path, help="a folder with robust.txt")
    parser.add_argument("--replies", type=float, default=0.3, help="the share of answers among the benchmark's mails")
    parser.add_argument("--no-replay", action="store_true", help="time rules test alone")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="supportdesk-trial-") as folder,
        running_postgres(Path(folder), fsync=False, keep=False) as url,
    ):
        services = _services(url)
        upgrade(services.engine)
        made = (mail.raw for mail in mailbox(1, Recipe(options.mails, options.replies)))
        print(f"{_decide(services, _corpus(options.corpus) if options.corpus else made)} mails are decided.")
        _try(services, options.mails)
        differ = 0 if options.no_replay else _replay(services)
        services.engine.dispose()
    raise SystemExit(1 if differ else 0)


def _services(url: str) -> Services:
    environ = {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_DESK__SECRET_KEY": os.urandom(32).hex(),
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "none",
    }
    return open_services(load_settings(SETTINGS, environ), application_name="trial")


def _corpus(folder: Path) -> Iterator[bytes]:
    for line in (folder / "robust.txt").read_text().splitlines():
        if line.strip():
            yield (folder / line).read_bytes()


def _decide(services: Services, raws: Iterator[bytes]) -> int:
    count = 0
    for count, raw in enumerate(raws, 1):
        seen = peek(raw)
        with transaction(services.engine) as session:
            box = ensure_mailbox(session, "support", "support@desk.example")
            store(session, NewMail(box, "INBOX", 1, count, None, seen.message_id, seen.refers, seen.fingerprint, raw))
        if count % 100 == 0:
            receive_due(services)
    # What came at once may be claimed alone where the one before took long.
    while receive_due(services).done:
        pass
    return count


def _try(services: Services, most: int) -> None:
    changed = replace(services.policy, rules=compile_rules(OTHERS))
    began, cpu = time.perf_counter(), time.process_time()
    with transaction(services.engine) as session:
        found = Counter(one.differs for one in try_rules(session, services, changed, most))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    times = f"{seconds:.1f} s, {cpu:.1f} s of CPU"
    print(f"rules test: {found.total()} mails in {times}, of which {found[True]} differ.")


def _replay(services: Services) -> int:
    began, grounds, differ = time.perf_counter(), Counter[str](), 0
    for one in replay_mails(services, WhichMails()):
        grounds[f"{one.ground}, {one.stored.rule}" if one.ground is Ground.READING else one.ground] += 1
        differ += bool(one.differences)
        if one.differences and differ <= SHOWN:
            print(f"mail {one.stored.row} ({one.stored.rule}): {one.differences}")
    seconds = time.perf_counter() - began
    print(f"replay: {grounds.total()} mails in {seconds:.1f} s ({dict(grounds)}), of which {differ} differ.")
    return differ
