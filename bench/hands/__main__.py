"""`python -m bench.hands SECTION`: runs one section of this folder by its name, which has options of its own."""

import sys
from importlib import import_module

# Each section's place, as module:attribute; a new section is one line here.
SECTIONS = {
    "archive": "bench.hands.archive:main",
    "import": "bench.hands.import_run:main",
    "lists": "bench.hands.lists:main",
    "retention": "bench.hands.retention:main",
    "search": "bench.hands.search:main",
    "start": "bench.hands.start:main",
    "studio": "bench.hands.studio:main",
    "trial": "bench.hands.trial:main",
}


def main() -> None:
    """Run the section that the first argument names."""
    if len(sys.argv) < 2 or sys.argv[1] not in SECTIONS:
        sys.exit(f"Say which: {', '.join(SECTIONS)}.")
    module, _, attribute = SECTIONS[sys.argv.pop(1)].partition(":")
    sys.exit(getattr(import_module(module), attribute)())


if __name__ == "__main__":
    main()
