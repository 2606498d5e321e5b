"""Long runs on years of mail.

usage: python -m bench.history import [--mails 20000] [--kills 3] [--seed 1]

`import` makes up so many mails of a support mailbox as two mbox files, imports them in one go into one database, and
into another with so many kills (SIGKILL) at random points; it prints mails a second, the most memory of the process,
and whether all tables are equal. Nothing leaves this machine.
"""

import argparse

from bench.history.import_run import run_import


def main() -> None:
    """Run what is asked for, and end with status 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=(__doc__ or "").splitlines()[0])
    runs = parser.add_subparsers(dest="run", required=True)
    imports = runs.add_parser("import", help="old mail from files, killed on the way and compared with one go")
    imports.add_argument("--mails", type=int, default=20_000, help="so many mails, some 2.5 in a thread")
    imports.add_argument("--kills", type=int, default=3, help="so many kills")
    imports.add_argument("--seed", type=int, default=1, help="of the mails and of the points of the kills")
    options = parser.parse_args()
    raise SystemExit(0 if run_import(options.mails, options.kills, options.seed) else 1)


if __name__ == "__main__":
    main()
