"""Chaos: mails in threads through the whole path, while processes are killed and connections cut all the time.

usage: python -m bench.chaos [--seed N] [--minutes M] [--mails N] [--kills N] [--ends N] [--keep FOLDER] [--write FILE]

A desk of real processes on this machine is fed a plan of mails. Workers, children of their pools, beat and the broker
are ended with SIGKILL; IMAP is cut in mid-literal, and SMTP at each point of a mail, on several connections at once.
Both servers take nobody but who has a token of a provider that ends it again and again, and has troubles of its own.
When it is over, everything is let come to rest, and every mail fed is compared with tickets, comments, activities,
outbox and what arrived.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

from rich.console import Console

from bench.chaos.faults import Faults
from bench.chaos.feed import Feed
from bench.chaos.figures import Sections, block_of, page, show
from bench.chaos.findings import Findings, RunRecord, answerable, at_rest, compare, left_to_do
from bench.chaos.kills import Killer
from bench.chaos.plan import AGENTS, Act, make_plan
from bench.chaos.processes import open_desk
from bench.chaos.proxy import Ports, running_proxies
from bench.chaos.tokens.ender import Ender
from bench.chaos.tokens.gate import Gate
from bench.chaos.tokens.provider import running_provider
from bench.chaos.tokens.verdict import TokenFindings, judge
from bench.speed.report import require_blocks, write
from bench.staff import plant_staff
from seed.stack.child import free_port
from seed.stack.servers import Stack, running_stack
from worker.admin.migrate import upgrade
from worker.runtime.mailboxes.authorize import authorize
from worker.runtime.services import Services, open_services
from worker.settings.load import load_settings

SETTINGS = Path(__file__).parent / "chaos.toml"
MAILS_A_MINUTE = 600
KILLS_A_MINUTE = 44
ENDS_A_MINUTE = 6
MAILBOX = "support"
WORKERS_A_QUEUE = 2
FIRST_KILL_AFTER = 3.0
REST_SECONDS = 900
LOOK_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One run: its folder, the servers, services on them, the faults of the proxies between, and who is let in."""

    folder: Path
    stack: Stack
    services: Services
    faults: Faults
    gate: Gate
    broker_port: int


def main() -> None:
    """Run, show the table, and end with status 1 where a promise is broken."""
    options = _read_options()
    # A signal that ends this process must end all that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # What a shell runs in the background ignores this one, and PostgreSQL, which is stopped by it, would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    console = Console()
    if options.write:
        require_blocks(options.write, [block_of(options.seed)])
    console.print(
        f"Seed {options.seed}: {options.mails} mails, {options.kills} kills and {options.ends} ends of a token"
        f" in {options.minutes:g} minutes."
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
    parser.add_argument("--mails", type=int, default=None, help=f"how many are fed; {MAILS_A_MINUTE} a minute else")
    parser.add_argument("--kills", type=int, default=None, help=f"how many kills; {KILLS_A_MINUTE} a minute else")
    parser.add_argument("--ends", type=int, default=None, help=f"ends of tokens; {ENDS_A_MINUTE} a minute else")
    parser.add_argument("--keep", type=Path, default=None, help="the folder of the logs")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the figures into the block of this seed in a file"
    )
    options = parser.parse_args()
    options.mails = round(options.minutes * MAILS_A_MINUTE) if options.mails is None else options.mails
    options.ends = round(options.minutes * ENDS_A_MINUTE) if options.ends is None else options.ends
    options.kills = round(options.minutes * KILLS_A_MINUTE) if options.kills is None else options.kills
    return options


def _set_scene(parts: ExitStack, folder: Path, seed: int) -> Scene:
    # The stack's own broker is not asked for anything: chaos has one that it can start again.
    stack = parts.enter_context(running_stack(folder, fsync=False, keep=False))
    assert stack.mail, "the stack was asked for a mail server"
    faults = Faults(random.Random(seed + 1))  # noqa: S311
    gate = Gate(parts.enter_context(running_provider()), stack.mail.password)
    ports = parts.enter_context(running_proxies(faults, gate, stack.mail.imap_port, stack.mail.smtp_port))
    broker_port = free_port()
    services = _open_services(stack, ports, gate, broker_port)
    parts.callback(services.engine.dispose)
    upgrade(services.engine)
    plant_staff(services, (address.partition("@")[0] for address in AGENTS))
    _agree(services)
    return Scene(folder, stack, services, faults, gate, broker_port)


def _agree(services: Services) -> tuple[str, ...]:
    """What an operator does with `supportdesk mailbox authorize support --device`, and signs in."""
    return authorize(services, services.mailbox(MAILBOX), on_device=True, say=lambda _: None)


def _open_services(stack: Stack, ports: Ports, gate: Gate, broker_port: int) -> Services:
    for name in [name for name in os.environ if name.startswith("SUPPORTDESK_")]:
        del os.environ[name]
    # The desk's processes are children of ours and read the same settings.
    os.environ |= {
        "DATABASE_URL": stack.database_url,
        "REDIS_URL": f"redis://127.0.0.1:{broker_port}/0",
        "SUPPORTDESK_CONFIG": str(SETTINGS),
        "SUPPORTDESK_DESK__SECRET_KEY": os.urandom(32).hex(),
        "SUPPORTDESK_MAILBOX__SUPPORT__OAUTH": json.dumps(gate.provider.table),
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
    agree = partial(_agree, scene.services)
    ender = Ender(scene.gate.provider, scene.gate, agree, random.Random(options.seed + 4), options.ends)  # noqa: S311
    try:
        _feed_and_kill(feed, killer, ender, options)
        scene.faults.armed = False
        rested = _await_rest(scene.services, feed, killer, console)
    finally:
        feed.stop.set()
        ender.stop.set()
        orphans = desk.end()
    findings = compare(engine, scene.stack.mail, RunRecord(feed.fed, scene.faults.taken, killer.kills))
    tokens = judge(scene.gate.provider, scene.gate, killer.kills)
    more = {
        "mails planned": options.mails,
        "most SMTP connections open at once": scene.faults.most_open,
        "processes that ended by themselves": killer.ended.total(),
        "orphans of killed workers that had to be ended": orphans,
        "seconds until at rest": rested,
    }
    sections = {**_sections(findings, tokens, killer, scene.faults, feed), "the rest": {**findings.facts, **more}}
    show(sections, [*findings.examples, *tokens.examples], [feed.failure, ender.failure], console)
    if options.write:
        write(options.write, block_of(options.seed), page(sections, options.seed, options.minutes))
    enough = len(killer.kills) >= options.kills and len(scene.gate.provider.ends) >= options.ends
    return findings.sound and tokens.sound and enough and not (feed.failure or ender.failure)


def _feed_and_kill(feed: Feed, killer: Killer, ender: Ender, options: argparse.Namespace) -> None:
    """Feed and end tokens in threads, and kill from this one: a child lives no longer than the thread that made it."""
    seconds = options.minutes * 60
    threads = [Thread(target=one.run, args=(seconds,), daemon=True) for one in (feed, ender)]
    for thread in threads:
        thread.start()
    pause = (seconds - FIRST_KILL_AFTER) / max(options.kills, 1)
    ends, next_kill = time.monotonic() + seconds, time.monotonic() + FIRST_KILL_AFTER
    while len(killer.kills) < options.kills or (_any_alive(threads) and time.monotonic() < ends):
        killer.restart_ended()
        killer.restart_due()
        # Kills that come late are not made up for in a hurry: a desk that is killed while it starts would never work.
        if time.monotonic() >= next_kill and killer.kill_next():
            next_kill = max(next_kill + pause, time.monotonic() + pause / 2)
        time.sleep(0.05)
    killer.restart_due(all_now=True)
    feed.stop.set()
    for thread in threads:
        while thread.is_alive():
            killer.restart_ended()
            killer.restart_due()
            thread.join(1)


def _any_alive(threads: Sequence[Thread]) -> bool:
    return any(thread.is_alive() for thread in threads)


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


def _sections(findings: Findings, tokens: TokenFindings, killer: Killer, faults: Faults, feed: Feed) -> Sections:
    kills = killer.counted
    return {
        "kills": {"kills": kills.total(), **{f"  {kind}": kills[kind] for kind in sorted(kills)}},
        "faults": {"faults": faults.done.total(), **{f"  {kind}": faults.done[kind] for kind in sorted(faults.done)}},
        "tokens": tokens.facts,
        "mails": {
            "mails fed": len(feed.fed),
            **{f"  {act}": sum(step.act is act for step in feed.fed) for act in Act},
        },
        "effects": {f"{name}: expected, found": f"{a}, {b}" for name, (a, b) in findings.effects.items()},
        "promises": {**findings.promises, **tokens.promises},
    }


if __name__ == "__main__":
    main()
