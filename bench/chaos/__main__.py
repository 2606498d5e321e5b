"""Chaos: mails in threads through the whole path, while processes are killed and connections cut all the time.

usage: python -m bench.chaos [--seed N] [--minutes M] [--mails N] [--kills N] [--keep FOLDER]

A desk of real processes on this machine is fed a plan of mails. Workers, children of their pools, beat and the broker
are ended with SIGKILL; IMAP is cut in mid-literal, and SMTP at each point of a mail, on several connections at once.
When it is over, everything is let come to rest, and every mail fed is compared with tickets, comments, activities,
outbox and what arrived.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.chaos.faults import Faults
from bench.chaos.feed import Feed
from bench.chaos.findings import Findings, RunRecord, answerable, at_rest, compare, left_to_do
from bench.chaos.kills import Killer
from bench.chaos.plan import AGENTS, Act, make_plan
from bench.chaos.processes import open_desk
from bench.chaos.proxy import Ports, running_proxies
from bench.staff import plant_staff
from seed.stack.child import free_port
from seed.stack.servers import Stack, running_stack
from worker.admin.migrate import upgrade
from worker.runtime.services import Services, open_services
from worker.settings.load import load_settings

SETTINGS = Path(__file__).parent / "chaos.toml"
KILLS_A_MINUTE = 44
WORKERS_A_QUEUE = 2
FIRST_KILL_AFTER = 3.0
REST_SECONDS = 900
LOOK_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One run: its folder, the servers, services on them, and the faults of the proxies between."""

    folder: Path
    stack: Stack
    services: Services
    faults: Faults
    broker_port: int


def main() -> None:
    """Run, show the table, and end with status 1 where a promise is broken."""
    options = _read_options()
    # A signal that ends this process must end all that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    console = Console()
    console.print(
        f"Seed {options.seed}: {options.mails} mails and {options.kills} kills in {options.minutes:g} minutes."
    )
    folder = Path(options.keep or tempfile.mkdtemp(prefix="supportdesk-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as parts:
        scene = _set_scene(parts, folder, options.seed)
        sound = _run(scene, options, console)
    console.print("All promises held." if sound else f"A promise is broken; the logs are in {folder}.")
    raise SystemExit(0 if sound else 1)


def _read_options() -> argparse.Namespace:
    summary = __doc__.splitlines()[0] if __doc__ else ""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=summary)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of all dice")
    parser.add_argument("--minutes", type=float, default=5, help="how long it is fed and killed")
    parser.add_argument("--mails", type=int, default=3000, help="how many mails are fed")
    parser.add_argument("--kills", type=int, default=None, help=f"how many kills; {KILLS_A_MINUTE} a minute else")
    parser.add_argument("--keep", type=Path, default=None, help="the folder of the logs")
    options = parser.parse_args()
    options.kills = round(options.minutes * KILLS_A_MINUTE) if options.kills is None else options.kills
    return options


def _set_scene(parts: ExitStack, folder: Path, seed: int) -> Scene:
    # The stack's own broker is not asked for anything: chaos has one that it can start again.
    stack = parts.enter_context(running_stack(folder, fsync=False, keep=False))
    assert stack.mail, "the stack was asked for a mail server"
    faults = Faults(random.Random(seed + 1))  # noqa: S311
    ports = parts.enter_context(running_proxies(faults, stack.mail.imap_port, stack.mail.smtp_port))
    broker_port = free_port()
    services = _open_services(stack, ports, broker_port)
    parts.callback(services.engine.dispose)
    upgrade(services.engine)
    plant_staff(services, (address.partition("@")[0] for address in AGENTS))
    return Scene(folder, stack, services, faults, broker_port)


def _open_services(stack: Stack, ports: Ports, broker_port: int) -> Services:
    assert stack.mail
    for name in [name for name in os.environ if name.startswith("SUPPORTDESK_")]:
        del os.environ[name]
    # The desk's processes are children of ours and read the same settings.
    os.environ |= {
        "DATABASE_URL": stack.database_url,
        "REDIS_URL": f"redis://127.0.0.1:{broker_port}/0",
        "SUPPORTDESK_CONFIG": str(SETTINGS),
        "SUPPORTDESK_DESK__SECRET_KEY": os.urandom(32).hex(),
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": stack.mail.password,
        "SUPPORTDESK_MAILBOX__SUPPORT__PORT": str(ports.imap),
        "SUPPORTDESK_SMTP__PORT": str(ports.smtp),
    }
    return open_services(load_settings(None, os.environ), application_name="chaos")


def _run(scene: Scene, options: argparse.Namespace, console: Console) -> bool:
    assert scene.stack.mail
    plan, engine = make_plan(options.seed, options.mails), scene.services.engine
    dice = random.Random(options.seed + 2)  # noqa: S311
    feed = Feed(scene.stack.mail, plan, scene.faults.taken, partial(answerable, engine), dice)
    desk = open_desk(scene.folder, scene.broker_port, WORKERS_A_QUEUE)
    killer = Killer(desk, scene.broker_port, random.Random(options.seed + 3))  # noqa: S311
    try:
        _feed_and_kill(feed, killer, options)
        scene.faults.armed = False
        rested = _await_rest(scene.services, feed, killer, console)
    finally:
        feed.stop.set()
        orphans = desk.end()
    findings = compare(engine, scene.stack.mail, RunRecord(feed.fed, scene.faults.taken, killer.kills))
    more = {
        "mails planned": options.mails,
        "most SMTP connections open at once": scene.faults.most_open,
        "processes that ended by themselves": killer.ended.total(),
        "orphans of killed workers that had to be ended": orphans,
        "seconds until at rest": rested,
    }
    _show(findings, killer.counted, scene.faults.done, feed, more, console)
    return findings.sound and sum(killer.counted.values()) >= options.kills and not feed.failure


def _feed_and_kill(feed: Feed, killer: Killer, options: argparse.Namespace) -> None:
    """Feed in a thread of its own, and kill from this one: a child lives no longer than the thread that made it."""
    seconds = options.minutes * 60
    feeding = Thread(target=feed.run, args=(seconds,), name="feed", daemon=True)
    feeding.start()
    pause = (seconds - FIRST_KILL_AFTER) / max(options.kills, 1)
    ends, next_kill = time.monotonic() + seconds, time.monotonic() + FIRST_KILL_AFTER
    while len(killer.kills) < options.kills or (feeding.is_alive() and time.monotonic() < ends):
        killer.restart_ended()
        killer.restart_due()
        # Kills that come late are not made up for in a hurry: a desk that is killed while it starts would never work.
        if time.monotonic() >= next_kill and killer.kill_next():
            next_kill = max(next_kill + pause, time.monotonic() + pause / 2)
        time.sleep(0.05)
    killer.restart_due(all_now=True)
    feed.stop.set()
    feeding.join(60)


def _await_rest(services: Services, feed: Feed, killer: Killer, console: Console) -> int:
    """Wait until nothing is left to do, at most REST_SECONDS; the seconds that it took, the last look included."""
    began = time.monotonic()
    console.print(f"{len(feed.fed)} mails were fed; now everything is let come to rest.")
    while not at_rest(services.engine, feed.fed):
        if time.monotonic() > began + REST_SECONDS:
            console.print(f"Not at rest after {REST_SECONDS} s: {left_to_do(services.engine)} rows are left.")
            break
        killer.restart_ended()
        killer.restart_due()
        time.sleep(LOOK_EVERY)
    # A second effect of work whose lease has run out would come now.
    time.sleep(2 * services.limits.claim_lease_seconds)
    return round(time.monotonic() - began)


def _show(findings: Findings, kills: Mapping[str, int], faults: Mapping[str, int], feed: Feed,
          more: Mapping[str, object], console: Console) -> None:  # fmt: skip
    if feed.failure:
        console.print(f"The feed ended early: {feed.failure}", markup=False)
    table = Table(title="Chaos")
    table.add_column("what")
    table.add_column("count", justify="right")
    acts = {act: sum(step.act is act for step in feed.fed) for act in Act}
    sections = (
        {"kills": sum(kills.values()), **{f"  {kind}": kills[kind] for kind in sorted(kills)}},
        {"faults": sum(faults.values()), **{f"  {kind}": faults[kind] for kind in sorted(faults)}},
        {"mails fed": len(feed.fed), **{f"  {act}": count for act, count in acts.items()}},
        {f"{name}: expected, found": f"{a}, {b}" for name, (a, b) in findings.effects.items()},
        findings.promises,
        {**findings.facts, **more},
    )
    for section in sections:
        for name, count in section.items():
            table.add_row(Text(name), Text(str(count)))
        table.add_section()
    console.print(table)
    for example in findings.examples:
        print(example, file=sys.stderr)


if __name__ == "__main__":
    main()
