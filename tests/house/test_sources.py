"""The rules of the house that no linter knows, held by reading the sources."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("mail", "desk", "models", "worker", "seed", "migrations", "bench")
OURS = (*ROOMS, "tests")
MIGRATIONS = ROOT / "migrations" / "versions"

# What asks the clock, the environment or a transaction, as it is written in full.
ASKS_THE_WORLD = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "os.environ",
    "os.environb",
    "os.getenv",
}
# An id of SupportDesk's kind begins with the millisecond it was made in.
CLOCKS_OF_THEIR_OWN = {("models/supportdesk/cuid.py", "time.time_ns")}
# Where beat spreads its polls over their interval, and where the clock of the process is compared with the database's.
# And where a mail bears its Date, and a signed question for a token its own, before there is a database.
OWN_CLOCK = {
    "worker/app.py",
    "worker/cli/setup/own_mail.py",
    "worker/cli/setup/tokens.py",
    "worker/runtime/clock.py",
    "worker/runtime/health/pulse.py",
}
# A session is handed through the worker, and its failure caught there; what is done with it is said in models.
HANDED_THROUGH = {"Connection", "Engine", "exc.SQLAlchemyError", "orm.Session"}
VAGUE = re.compile(r"(?:^|_)(?:utils?|helpers?|common|managers?)(?:_|$)")
# The hosts are put together here, so that this file does not name them either.
HOSTS = tuple(
    host.replace(" ", ".").encode()
    for host in (
        "pypi org",
        "pythonhosted org",
        "npmjs org",
        "yarnpkg com",
        "proxy golang org",
        "crates io",
        "deb debian org",
    )
)
SOMEBODYS_FOLDER = re.compile(rb"(?<![\w.>-])/(?:home|root|work|Users)/\w")
# A sentence of one line, or the end of one that is put together; names of a program stand in it in quotes only.
SENTENCE = re.compile(r"\s*[A-Z][a-z]*[ ,'][^\n]*[.?:]\s*")
VARIABLE = re.compile(r"(?<![\w`\"'=./-])[a-z]+_[a-z_]+(?![\w`\"'=(/-]|\.\w)")
SETTINGS = {"announce_within", "authserv_id", "nameless_results", "own_hosts", "plus_addressing"}
IO = {"asyncio", "http", "imaplib", "os", "pathlib", "random", "secrets", "smtplib", "socket", "subprocess", "time"}


@cache
def tree_of(path: Path) -> ast.Module:
    """What a file says, parsed once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


def sources(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """Each Python file of the rooms, by its path below the root, with its tree; numbered migrations are left out."""
    for path in sorted(path for room in rooms for path in (ROOT / room).rglob("*.py")):
        if path.parent != MIGRATIONS:
            yield path.relative_to(ROOT), tree_of(path)


@cache
def imported(tree: ast.Module) -> tuple[tuple[str, str], ...]:
    """Each name that a file imports: what it is called there, and what it is in full."""
    found: list[tuple[str, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)
    return tuple(found)


@cache
def asked(tree: ast.Module) -> tuple[tuple[int, str], ...]:
    """Each dotted name in a file with its line, its first part spelled out as it was imported."""
    known, found = dict(imported(tree)), list[tuple[int, str]]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node)):
            head, _, rest = name.partition(".")
            full = known.get(head, head)
            found.append((node.lineno, f"{full}.{rest}" if rest else full))
    return tuple(found)


def dotted(node: ast.expr) -> str:
    """A name with its dots, as it is written; empty where it is an attribute of something else than a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""


def importers(module: str, *rooms: str, spared: frozenset[str] = frozenset()) -> set[str]:
    """The files of the rooms that import the module or a name from it, other than those that are spared."""
    return {
        str(path)
        for path, tree in sources(*rooms)
        if any(f"{full}.".startswith(f"{module}.") and full not in spared for _, full in imported(tree))
    }


def is_private(name: str) -> bool:
    """Whether a name is for its own file only: one underscore before it, and more than that."""
    return name.startswith("_") and not name.startswith("__") and name != "_"


def defined(*nodes: ast.AST) -> set[str]:
    """The private names that a file or its classes give: to functions, classes, variables and attributes of `self`."""
    names = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and dotted(node.value) == "self":
            names.add(node.attr)
    return {name for name in names if is_private(name)}


def ended_by(function: ast.expr, names: tuple[str, ...]) -> bool:
    """Whether what is called ends with one of these names, as in `monkeypatch.setattr`."""
    return (function.attr if isinstance(function, ast.Attribute) else dotted(function)).endswith(names)


def members(tree: ast.Module) -> set[str]:
    """The private names that a file gives inside its classes."""
    return defined(*(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)))


def reached_for(tree: ast.Module, everybodys: set[str], member_names: set[str]) -> set[str]:
    """The private names of other files that a file imports, reads from a module or a value, or replaces by a string."""
    whole = {full for _, full in imported(tree)} | {full for _, full in asked(tree)}
    named = {name for full in whole if full.partition(".")[0] in OURS for name in full.split(".") if is_private(name)}
    read: set[str] = set()
    replaced: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            read.add(node.attr)
        elif isinstance(node, ast.Call) and ended_by(node.func, ("getattr", "setattr", "delattr")):
            texts = [word.value for word in node.args if isinstance(word, ast.Constant)]
            replaced.update(name for text in texts if isinstance(text, str) for name in text.split("."))
    return named & everybodys | (read & member_names | replaced & everybodys) - defined(tree)


def lines(path: Path) -> int:
    """The number of lines in a file."""
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def functions(*rooms: str) -> Iterator[tuple[int, str]]:
    """The length in lines of each function, with the place where it stands."""
    for path, tree in sources(*rooms):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or 0) - node.lineno + 1, f"{path}:{node.lineno} {node.name}"


def committed() -> list[Path]:
    """The files that git knows or would take in."""
    listing = [
        "git",
        "-C",
        str(ROOT),
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    done = subprocess.run(listing, capture_output=True, check=False, timeout=30)
    if done.returncode:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in done.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def naming(pattern: re.Pattern[bytes]) -> list[str]:
    """Each place in the committed files that the pattern finds."""
    return [
        f"{path.relative_to(ROOT)}: {found.group().decode(errors='replace')}"
        for path in committed()
        for found in pattern.finditer(path.read_bytes())
    ]


def pins(lock: str) -> dict[str, str]:
    """What a lock pins: the version of each package."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[.*?\])?==([^ ;]+)", text, re.MULTILINE))


def constant(tree: ast.Module, name: str) -> object:
    """The value that a module gives a name at its top, with or without an annotation."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return ast.literal_eval(node.value)  # type: ignore[attr-defined]
    return None


def test_only_the_worker_asks_the_clock_and_the_environment() -> None:
    rooms = sources("mail", "desk", "models", "migrations")

    asking = [
        f"{path}:{line} {name}"
        for path, tree in rooms
        for line, name in asked(tree)
        if name in ASKS_THE_WORLD and (str(path), name) not in CLOCKS_OF_THEIR_OWN
    ]

    assert asking == []


def test_no_age_is_told_by_the_clock_of_a_process() -> None:
    asking = [
        f"{path}: {name}"
        for path, tree in sources("worker")
        for name in (*(full for _, full in imported(tree)), *(full for _, full in asked(tree)))
        if name in {"worker.runtime.clock.now", "datetime.datetime.now", "datetime.datetime.utcnow"}
        and str(path) not in OWN_CLOCK
        and path.parts[1] != "demo"
    ]

    assert asking == []


def test_only_the_worker_commits() -> None:
    rooms = sources("mail", "desk", "models", "seed")

    committing = [
        f"{path}:{node.lineno}"
        for path, tree in rooms
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]

    assert committing == []


def test_the_desk_uses_the_standard_library_and_rule_engine_only() -> None:
    allowed = {"desk", "mail", "rule_engine"} | set(sys.stdlib_module_names) - IO

    foreign = [
        f"{path}: {full}"
        for path, tree in sources("desk")
        for _, full in imported(tree)
        if full.partition(".")[0] not in allowed
    ]

    assert foreign == []


def test_outside_models_a_session_is_handed_through_and_no_sql_is_written() -> None:
    writing = [
        f"{path}: {full}"
        for path, tree in sources("worker", "seed")
        for _, full in imported(tree)
        if full.partition(".")[0] == "sqlalchemy" and full.removeprefix("sqlalchemy.") not in HANDED_THROUGH
    ]

    assert writing == []


def test_one_file_alone_speaks_smtp() -> None:
    speaking = importers("smtplib", "mail", "desk", "models", "worker", "migrations")
    through = importers("mail.smtp.client", "mail", "desk", "models", "worker", "migrations", "seed", "bench")

    assert (speaking, through) == ({"mail/smtp/client.py"}, {"mail/smtp/connection.py"})


def test_one_file_alone_sends_mail() -> None:
    # The address of the server is a value, which the settings are made into; greetings and answers send nothing.
    harmless = frozenset(
        f"mail.smtp.connection.{name}"
        for name in ("SmtpServer", "try_login", "read_certificate_end", "Sent", "Deferred", "Refused", "NotBegun")
    )
    sending = importers("mail.smtp.connection", "mail", "desk", "models", "worker", "migrations", spared=harmless)

    # A mail of a mailbox to itself can go to nobody else, and only who sets a desk up sends it.
    to_itself = importers("mail.smtp.itself", "mail", "desk", "models", "worker", "migrations")
    assert (sending, to_itself) == (
        {"worker/deliver/lines.py", "mail/smtp/itself.py"},
        {"worker/cli/setup/own_mail.py"},
    )


def test_a_package_says_what_it_is_for_in_one_line_and_holds_no_code() -> None:
    rooms = sources(*ROOMS)
    openings = {path: tree for path, tree in rooms if path.name == "__init__.py"}

    speaking = [
        str(path)
        for path, tree in openings.items()
        if lines(path) != 1 or len(tree.body) != 1 or not ast.get_docstring(tree)
    ]

    assert openings
    assert speaking == []


def test_tests_are_no_packages_and_no_two_have_the_same_name() -> None:
    names = [path.name for path, _ in sources("tests")]
    shared = {name for name in names if names.count(name) > 1 and name != "conftest.py"}

    assert "__init__.py" not in names
    assert shared == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = [path.with_suffix("") for path, _ in sources(*ROOMS, "tests")]

    vague = [str(name) for name in names if any(VAGUE.search(part) for part in name.parts)]

    assert vague == []


def test_no_file_uses_a_private_name_of_another() -> None:
    files = list(sources(*OURS))
    everybodys = set().union(*(defined(tree) for _, tree in files))
    member_names = set().union(*(members(tree) for _, tree in files))

    reaching = {f"{path}: {name}" for path, tree in files for name in reached_for(tree, everybodys, member_names)}

    assert reaching == set()


def test_no_sentence_for_people_holds_the_name_of_a_variable() -> None:
    sentences = [
        (f"{path}:{node.lineno}", node.value)
        for path, tree in sources("mail", "desk", "models", "worker", "seed")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SENTENCE.fullmatch(node.value)
    ]

    slips = [(place, name) for place, text in sentences for name in VARIABLE.findall(text) if name not in SETTINGS]

    assert len(sentences) > 500
    assert slips == []


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [f"{place}: {length} lines" for length, place in functions(*ROOMS) if length > 40]

    assert long == []


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    long = [f"{path}: {lines(path)} lines" for path, _ in sources(*ROOMS) if lines(path) > 300]

    assert long == []


def test_migrations_are_numbered_without_a_gap_and_named_by_what_they_do() -> None:
    names = sorted(path.name for path in MIGRATIONS.glob("*.py"))
    numbers = [name[:4] for name in names]
    misnamed = [name for name in names if not re.fullmatch(r"\d{4}_[a-z]+(_[a-z0-9]+)+\.py", name)]

    assert numbers == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert misnamed == []
    assert names


def test_each_migration_follows_the_one_before_it() -> None:
    trees = [tree_of(path) for path in sorted(MIGRATIONS.glob("*.py"))]
    chain = [(constant(tree, "down_revision"), constant(tree, "revision")) for tree in trees]
    numbers = [None, *(f"{number:04}" for number in range(1, len(trees) + 1))]

    assert chain == list(pairwise(numbers))
    assert chain


def test_no_committed_file_names_a_package_registry() -> None:
    hosts = re.compile(b"|".join(rb"(?<![\w-])" + re.escape(host) + rb"\b" for host in HOSTS))

    assert naming(hosts) == []


def test_no_committed_file_names_somebodys_folder() -> None:
    assert naming(SOMEBODYS_FOLDER) == []


def test_what_runs_is_pinned_the_same_in_the_demo_and_in_development() -> None:
    run, demo, dev = pins("run.txt"), pins("demo.txt"), pins("dev.txt")

    assert run
    assert run.items() <= demo.items() <= dev.items()


def test_the_build_uses_the_hatchling_of_the_lock() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]

    assert build["requires"] == [f"hatchling=={pins('dev.txt')['hatchling']}"]
