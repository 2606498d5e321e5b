"""Bad input of an import: a sentence each, and nothing half done."""

import gzip
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.hands.letters import WRITERS, old_letters
from tests.db.stories.hands.imports.conftest import Bring
from tests.db.stories.hands.imports.test_import_trust import DATE, old
from tests.support.database.services import AGENT, a_raw_mail, query
from tests.support.servers.installed_desk import PROGRAM
from tests.support.servers.tcp_relay import wait_until
from worker.history.files.place import MailPlace, read_mail
from worker.intake.old_mail import take_in_quietly
from worker.runtime.services import Services

ROOT = Path(__file__).parents[5]
LINE = b"From ann@customer.example Mon Mar  4 08:30:00 2019\n"
MAIL = a_raw_mail(date=DATE)
# With 2**32 the same is seen, and takes 20 s: what is searched is a hole, piece by piece.
HUGE = 2**27
COUNT = "SELECT count(*) FROM mail.ledger"

pytestmark = pytest.mark.services(AGENT)


def a_file(content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "given").write_bytes(content)
        return folder / "given"

    return make


def a_folder(below: str = "") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "given" / below).mkdir(parents=True)
        return folder / "given"

    return make


def a_locked_file(folder: Path) -> Path:
    file = a_file(LINE + MAIL)(folder)
    file.chmod(0)
    return file


BAD: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "missing": ("mbox", lambda folder: folder / "nowhere", "There is no {}."),
    "a folder for a file": ("mbox", a_folder("cur"), "{} is a folder, and an mbox is a file"),
    "a file for a folder": ("maildir", a_file(MAIL), "{} is a file, and a maildir is a folder"),
    "no mail": ("mbox", a_file(b"hello\n"), "{} holds no mail"),
    "empty": ("mbox", a_file(b""), "{} is empty"),
    "packed": ("mbox", a_file(gzip.compress(LINE + MAIL)), "{} is packed with gzip: unpack it first"),
    "one mail": ("mbox", a_file(MAIL), "`supportdesk import eml` takes it"),
    "no maildir": ("maildir", a_folder(), "{} is no maildir: that has a folder `cur` or `new`."),
    "an empty maildir": ("maildir", a_folder("cur"), "There is no mail in {} that could be taken."),
    "no files": ("eml", a_folder(), "{} has no file that ends in .eml."),
    "several mails": ("eml", a_file(LINE + MAIL + b"\n" + LINE + MAIL), "`supportdesk import mbox` takes it"),
    "an empty file": ("eml", a_file(b"\n"), "{} is empty"),
    "behind a file": ("eml", lambda folder: a_file(MAIL)(folder) / "below", "cannot be read: Not a directory."),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_imported_is_said_in_a_sentence(
    name: str, services: Services, bring: Bring, tmp_path: Path
) -> None:
    kind, make, words = BAD[name]
    path = make(tmp_path)

    done = bring(kind, path)

    assert done.exit_code == 2
    assert words.format(path) in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert query(services, COUNT) == [{"count": 0}]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_said_in_a_sentence(bring: Bring, tmp_path: Path) -> None:
    done = bring("mbox", a_locked_file(tmp_path))

    assert "given cannot be read: Permission denied." in done.output
    assert done.exit_code == 2


def test_a_mailbox_that_the_settings_do_not_name_is_said_in_a_sentence(bring: Bring, tmp_path: Path) -> None:
    done = bring("eml", old(tmp_path), mailbox="nowhere")

    assert (done.exit_code, done.output) == (2, "There is no mailbox nowhere; the settings name support.\n")


def test_without_a_database_nothing_is_looked_through(bring: Bring, tmp_path: Path) -> None:
    done = bring("eml", old(tmp_path), url="postgresql://127.0.0.1:1/none")

    assert done.exit_code == 2
    assert "The database at 127.0.0.1:1 cannot be reached" in done.output


def test_a_huge_mbox_that_ends_in_a_line_is_read_to_its_end(services: Services, bring: Bring, tmp_path: Path) -> None:
    file, last = tmp_path / "huge", a_raw_mail("The last.", date=DATE, message_id="<last@x>").rstrip(b"\n")
    with file.open("wb") as out:
        out.write(LINE + a_raw_mail("The first.", date=DATE, message_id="<first@x>") + b"\n")
        out.write(LINE + a_raw_mail("Too large.", date=DATE, message_id="<large@x>"))
        # Nothing but a hole, which takes no room on the disk.
        out.seek(HUGE)
        out.write(b"\n" + LINE + last)

    done = bring("mbox", file)

    assert "of 3 mails there became 2 tickets" in done.output
    assert "is cut off: the file ends in the middle of a line; it is taken as far as it goes." in done.output
    assert query(services, 'SELECT description FROM "Ticket" ORDER BY 1') == [
        {"description": "The first."},
        {"description": "The last."},
    ]


def test_what_is_odd_in_a_mail_does_not_keep_the_others_out(services: Services, bring: Bring, tmp_path: Path) -> None:
    mails = [
        a_raw_mail("Of the future.", date="Mon, 01 Jan 2046 00:00:00 +0000", message_id="<future@x>"),
        a_raw_mail("Of 1970.", date="Thu, 01 Jan 1970 00:00:00 +0000", message_id="<first@x>"),
        a_raw_mail("Without a date.", message_id="<undated@x>"),
        b"From: ann@customer.example\nSubject: No name\n\nWithout a Message-ID.\n",
        a_raw_mail("One.", date=DATE, message_id="<same@x>"),
        a_raw_mail("Another with the same.", date=DATE, message_id="<same@x>", subject="Scanner"),
        a_raw_mail("Twice.", date=DATE, message_id="<twice@x>"),
        a_raw_mail("Twice.", date=DATE, message_id="<twice@x>"),
        b"X: \x00\xff\xfe broken\n\n\x00\n",
        b"From: ann@customer.example\nContent-Type: multipart/mixed; boundary=b\nDate: "
        + DATE.encode()
        + b"\n\n--b\n\nx",
    ]
    file = tmp_path / "odd"
    file.write_bytes(b"".join(LINE + mail.rstrip(b"\n") + b"\n\n" for mail in mails)[:-2])

    done, again = bring("mbox", file), bring("mbox", file, "--json")

    assert done.exit_code == 0, done.output
    for words in ("of 10 mails there became 8 tickets", "1 was there already", "1 had no effect (no_single_sender: 1)"):
        assert words in done.output
    assert "5 mails without a usable date took the time at which it was kept." in done.output
    assert "is cut off: the file ends in the middle of a line; it is taken as far as it goes." in done.output
    days = query(services, 'SELECT DISTINCT "createdAt"::date::text AS day FROM "Ticket"')
    assert days == [{"day": "2019-03-04"}]
    assert json.loads(again.output)["known"] == 10


def test_what_is_too_large_is_named_and_left_out(services: Services, bring: Bring, tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    with large.open("wb") as out:
        out.write(MAIL)
        out.truncate(41 * 1024 * 1024)

    done = bring("eml", large, old(tmp_path))

    assert "became 1 ticket" in done.output
    assert "1 is larger than limits.largest_mail_megabytes and was left out." in done.output
    assert f"{large} has {41 * 1024 * 1024} bytes." in done.output


def test_a_mail_that_makes_us_fail_is_named_and_the_others_are_taken(
    services: Services, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> object:
        if b"poison" in given[2].raw:  # type: ignore[attr-defined]
            raise RecursionError
        return take_in_quietly(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("worker.history.imports.take.take_in_quietly", fail)
    poison = old(tmp_path, "poison", "poison")

    done = bring("eml", poison, old(tmp_path))

    assert done.exit_code == 2
    assert f"{poison} could not be taken: RecursionError." in done.output
    assert query(services, COUNT) == [{"count": 1}]


def test_a_file_that_changes_ends_it_and_the_same_command_goes_on(
    services: Services, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = old(tmp_path, "First."), old(tmp_path, "Second.", "two", in_reply_to="<one@old.example>")

    def change(place: MailPlace) -> bytes:
        second.write_bytes(second.read_bytes() + b"more\n")
        return read_mail(place)

    monkeypatch.setattr("worker.history.imports.take.read_mail", change)
    ended = bring("eml", first, second)
    monkeypatch.undo()
    gone_on = bring("eml", first, second)

    assert ended.exit_code == 2
    assert f"{second} changed while it was read. Copy it first" in ended.output
    assert "0 tickets and 1 comment" in gone_on.output


def test_ctrl_c_says_how_far_it_came_and_that_the_same_command_goes_on(
    services: Services, environ: dict[str, str], tmp_path: Path
) -> None:
    paths = WRITERS["eml"](tmp_path, old_letters(200))
    command = [*PROGRAM, "import", "eml", *map(str, paths), "--mailbox", "support"]
    alive = {**environ, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}

    with subprocess.Popen(command, env=alive, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert wait_until(lambda: query(services, COUNT)[0]["count"] > 5, 60)
        process.send_signal(signal.SIGINT)
        _, written = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "Stopped by Ctrl-C. " in written
    assert "of 200 mails are done and stay; the same command goes on with the others." in written
    assert "Traceback" not in written
