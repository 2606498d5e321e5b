"""`supportdesk export`: what is read back from the file is what the database holds, and no secret is in it."""

import base64
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.removal.export import mails, tickets
from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, execute, process, query
from tests.support.values.replies import answer, last_mail
from worker.admin.export import desk
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT, a_raw_mail())
ANN, BOB = "ann@customer.example", "bob@desk.example"
SECRETS = {
    "hash of a password": """UPDATE public."User" SET password = 'SECRET-1'""",
    "token of a session": """INSERT INTO public."Session" (id, "sessionToken", "userId", expires)
        SELECT 's', 'SECRET-2', id, now() FROM public."User" LIMIT 1""",
    "token of a provider": """INSERT INTO public."Account"
        (id, "userId", type, provider, "providerAccountId", access_token, refresh_token, id_token)
        SELECT 'a', id, 'oauth', 'x', 'y', 'SECRET-3', 'SECRET-4', 'SECRET-5' FROM public."User" LIMIT 1""",
    "one-time token": """INSERT INTO public."VerificationToken" (identifier, token, expires)
        VALUES ('ann@customer.example', 'SECRET-6', now())""",
    "address for answers": "UPDATE mail.outbox SET reply_to = 'support+SECRET-7@desk.example'",
}
FILE = """--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"\r
Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKJeLjz9MK\r\n--b--\r\n"""


def a_mail_with_a_file() -> bytes:
    head = "From: Cy <cy@other.example>\r\nTo: support@desk.example\r\nSubject: Ein Bildschirm, größer\r\n".encode()
    kind = b"Message-ID: <file@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    text = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrößer \N{SMILING FACE WITH SUNGLASSES} bitte.\r\n"
    return head + kind + text.encode() + FILE.encode()


@pytest.fixture
def number(services: Services, supportdesk: Supportdesk) -> int:
    """A ticket with an answer, a note and a customer's word; another one with a file, and a mail about no ticket."""
    found = int(query(services, "SELECT number FROM mail.ticket")[0]["number"])
    supportdesk("ticket", "comment", found, "Turn it off.", "--as", BOB)
    supportdesk("ticket", "comment", found, "The old model.", "--note", "--as", BOB)
    answer(services, last_mail(services, ANN), "It helped.")
    process(services, a_mail_with_a_file())
    process(services, a_raw_mail("Spam.", message_id="<3@x>", auto_submitted="auto-replied"))
    return found


def read_back(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The lines of a copy, by kind."""
    found = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        found[value["kind"]].append(value)
    return found


def test_each_ticket_comment_note_and_raw_byte_is_that_of_the_database(
    services: Services, supportdesk: Supportdesk, number: int, tmp_path: Path
) -> None:
    result = supportdesk("export", tmp_path / "all.jsonl", "--json")
    found = read_back(tmp_path / "all.jsonl")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["lines"] == {kind: len(lines) for kind, lines in found.items()}
    stored_tickets = query(
        services,
        """SELECT a.number, t.title, t.description, t.status::text, t.priority::text
        FROM mail.ticket a JOIN public."Ticket" t ON t.id = a.ticket_id ORDER BY 1""",
    )
    assert [{key: one[key] for key in stored_tickets[0]} for one in found["ticket"]] == stored_tickets
    comments = query(services, 'SELECT id, content AS text FROM public."Comment" ORDER BY "createdAt", id')
    assert [{key: one[key] for key in ("id", "text")} for t in found["ticket"] for one in t["comments"]] == comments
    notes = query(services, "SELECT id AS number, text FROM mail.note ORDER BY id")
    assert [{key: one[key] for key in ("number", "text")} for t in found["ticket"] for one in t["notes"]] == notes
    activities = query(services, 'SELECT description FROM public."TicketActivity" ORDER BY "ticketId"')
    assert sum(len(one["activities"]) for one in found["ticket"]) == len(activities)
    raw = """SELECT l.id, string_agg(c.content, ''::bytea ORDER BY c.position) AS raw FROM mail.ledger l
        JOIN mail.raw_chunk c ON c.ledger_id = l.id GROUP BY 1 ORDER BY 1"""
    stored = [(row["id"], bytes(row["raw"])) for row in query(services, raw)]
    assert [(one["number"], base64.b64decode(one["raw"], validate=True)) for one in found["mail"]] == stored
    sent = query(services, "SELECT id AS number, recipient, subject, text, html FROM mail.outbox ORDER BY id")
    assert [{key: one[key] for key in sent[0]} for one in found["sent"]] == sent
    people = query(services, 'SELECT id, email FROM public."User" ORDER BY id')
    assert [{key: one[key] for key in ("id", "email")} for one in found["person"]] == people
    blobs = query(services, "SELECT encode(sha256, 'hex') AS sha256 FROM mail.blob ORDER BY sha256")
    assert [{"sha256": one["sha256"]} for one in found["file"]] == blobs != []
    assert all(hashlib.sha256(base64.b64decode(one["content"])).hexdigest() == one["sha256"] for one in found["file"])
    assert {file["sha256"] for one in found["ticket"] for file in one["files"]} == {one["sha256"] for one in blobs}


def test_who_wrote_and_when_is_told(services: Services, supportdesk: Supportdesk, number: int, tmp_path: Path) -> None:
    supportdesk("export", tmp_path / "all.jsonl")

    first = read_back(tmp_path / "all.jsonl")["ticket"][0]
    said = [(one["author"]["email"], one["text"]) for one in (*first["comments"], *first["notes"])]
    assert said == [(BOB, "Turn it off."), (ANN, "It helped."), (BOB, "The old model.")]
    assert (first["number"], first["customer"]["email"], first["owner"]["email"]) == (number, ANN, BOB)
    assert all(one["at"].endswith("Z") for one in (*first["comments"], *first["notes"], *first["activities"]))
    assert [one["email"] for one in first["participants"]] == [ANN]


@pytest.mark.parametrize("what", SECRETS)
def test_no_secret_is_in_it(services: Services, supportdesk: Supportdesk, tmp_path: Path, what: str) -> None:
    execute(services, "SET LOCAL session_replication_role = replica", SECRETS[what])

    assert supportdesk("export", tmp_path / "all.jsonl").exit_code == 0

    assert "SECRET" not in (tmp_path / "all.jsonl").read_text(encoding="utf-8")


def test_only_some_tickets_come_with_what_belongs_to_them(
    services: Services, supportdesk: Supportdesk, number: int, tmp_path: Path
) -> None:
    result = supportdesk("export", tmp_path / "one.jsonl", "--tickets", f"SD-{number}")
    found = read_back(tmp_path / "one.jsonl")

    assert result.exit_code == 0, result.output
    assert [one["number"] for one in found["ticket"]] == [number]
    assert {one["ticket"] for one in (*found["mail"], *found["sent"])} == {number}
    assert len(found["mail"]) == 2
    assert (found["file"], found["person"]) == ([], [])


def test_since_takes_what_changed_since_with_all_of_its_past(
    services: Services, supportdesk: Supportdesk, number: int, tmp_path: Path
) -> None:
    old = ("""UPDATE public."Ticket" SET "updatedAt" = '2020-01-01', "createdAt" = '2020-01-01'""",
           """UPDATE public."Comment" SET "createdAt" = '2020-01-01' WHERE content = 'Turn it off.'""",
           "UPDATE mail.ledger SET stored_at = '2020-01-01'")  # fmt: skip
    execute(services, "SET LOCAL session_replication_role = replica", *old)

    assert supportdesk("export", tmp_path / "new.jsonl", "--since", "2021-01-01").exit_code == 0
    found = read_back(tmp_path / "new.jsonl")

    # A word of its customer is new, whatever time the ticket bears.
    assert [(one["number"], len(one["comments"])) for one in found["ticket"]] == [(number, 2)]
    assert {one["ticket"] for one in found["mail"]} == {number}


def test_since_takes_mails_about_no_ticket_that_came_since_and_no_mark_of_a_folder(
    services: Services, supportdesk: Supportdesk, number: int, tmp_path: Path
) -> None:
    late = process(services, a_raw_mail("Spam.", message_id="<4@x>", auto_submitted="auto-replied"))["id"]
    execute(
        services,
        "SET LOCAL session_replication_role = replica",
        """UPDATE public."Ticket" SET "updatedAt" = '2020-01-01', "createdAt" = '2020-01-01'""",
        """UPDATE public."Comment" SET "createdAt" = '2020-01-01'""",
        "UPDATE mail.outbox SET written_at = '2020-01-01'",
        "UPDATE mail.ledger SET stored_at = '2020-01-01' WHERE id <> :late",
        """INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate)
        SELECT id, 'INBOX', 9, 9, 9, 'x', 'baseline' FROM mail.mailbox""",
        late=late,
    )

    supportdesk("export", tmp_path / "new.jsonl", "--since", "2021-01-01")
    found = read_back(tmp_path / "new.jsonl")

    assert {kind: [one.get("number") for one in lines] for kind, lines in found.items()} == {
        "desk": [None],
        "mail": [late],
    }


def test_a_long_mail_is_one_base64_text_of_its_pieces(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    raw = a_raw_mail("x" * 70 + "\n" + "0123456789abcdef\n" * 140_000, message_id="<long@x>")
    row = process(services, raw)["id"]

    supportdesk("export", tmp_path / "all.jsonl")

    (found,) = [one for one in read_back(tmp_path / "all.jsonl")["mail"] if one["number"] == row]
    assert base64.b64decode(found["raw"], validate=True) == raw


def test_it_shows_one_moment_while_work_goes_on(
    services: Services, supportdesk: Supportdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail that comes, and a ticket that goes, while the copy is made: neither is seen in it."""
    reading = tickets.read_tickets

    def meanwhile(*given: Any) -> Any:
        found = reading(*given)
        if found:
            process(services, a_raw_mail("Late.", message_id="<late@x>"))
            execute(services, """DELETE FROM public."Ticket" WHERE title = 'Printer'""")
        return found

    monkeypatch.setattr(desk, "read_tickets", meanwhile)
    supportdesk("export", tmp_path / "all.jsonl")
    found = read_back(tmp_path / "all.jsonl")

    assert [len(found[kind]) for kind in ("ticket", "mail")] == [1, 1]
    assert query(services, "SELECT count(*) AS n FROM mail.ledger")[0]["n"] == 2


def test_only_its_owner_can_read_it(services: Services, supportdesk: Supportdesk, tmp_path: Path) -> None:
    supportdesk("export", tmp_path / "all.jsonl")

    assert (tmp_path / "all.jsonl").stat().st_mode & 0o777 == 0o600


# What breaks off, with the exit status and the sentence.
BREAKS = {
    OSError(28, "No space left on device"): (2, "cannot be written: No space left on device. Nothing is left of it."),
    KeyboardInterrupt(): (130, "Stopped by Ctrl-C. Nothing is left of"),
}
# What is wrong, by what is given, and the sentence.
WRONG = {
    "no folder": (("nowhere/a.jsonl",), "cannot be written: No such file or directory."),
    "no rights": (("shut/a.jsonl",), "cannot be written: Permission denied."),
    "a folder": (("there",), "is a folder; name a new file in it."),
    "a file that is there": (("there.jsonl",), "is there already, and nothing was written over it."),
    "a link to nothing": (("link.jsonl",), "is there already, and nothing was written over it."),
    "an unknown ticket": (("a.jsonl", "--tickets", "SD-999999"), "There is no ticket SD-999999."),
    "no ticket": (("a.jsonl", "--tickets", "printer"), "printer is no ticket. Write it as SD-1042 or as 1042."),
    "no date": (("a.jsonl", "--since", "yesterday"), "yesterday is no time. Write it as 2026-12-24 or"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_done_is_said_and_nothing_is_left(
    services: Services, supportdesk: Supportdesk, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "shut").mkdir()
    (tmp_path / "there.jsonl").write_text("mine")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "gone")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    words, sentence = WRONG[what]
    if what == "no rights":
        # Who runs the tests as root may write everywhere.
        monkeypatch.setattr("os.open", refusing("shut"))

    result = supportdesk("export", *words)

    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    assert (tmp_path / "there.jsonl").read_text() == "mine"


def refusing(folder: str) -> Any:
    opening = os.open

    def refuse(path: Any, *given: Any, **named: Any) -> int:
        if f"/{folder}/" in f"/{path}":
            raise PermissionError(13, "Permission denied")
        return opening(path, *given, **named)

    return refuse


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize("trouble", BREAKS)
def test_what_breaks_off_in_the_midst_leaves_no_half_file(
    supportdesk: Supportdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    def broken(*_: Any) -> Iterator[bytes]:
        yield b"half"
        raise trouble

    monkeypatch.setattr(desk, "read_raw", broken)

    result = supportdesk("export", "all.jsonl")

    status, sentence = BREAKS[trouble]
    assert (result.exit_code, list(tmp_path.iterdir())) == (status, [])
    assert sentence in " ".join(result.output.split())


def test_a_database_that_goes_away_in_the_midst_is_said_in_a_sentence(
    services: Services, supportdesk: Supportdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = mails.read_raw

    def cut(session: Any, number: int) -> Iterator[bytes]:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'supportdesk command'"
        query(services, f"{end} AND datname = current_database()")
        yield from reading(session, number)

    monkeypatch.setattr(desk, "read_raw", cut)

    result = supportdesk("export", "all.jsonl")

    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert result.output.startswith("The database at ")


def test_a_file_that_somebody_makes_meanwhile_is_not_written_over(
    services: Services, supportdesk: Supportdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*_: Any) -> list[Any]:
        (tmp_path / "all.jsonl").write_text("theirs")
        return []

    monkeypatch.setattr(desk, "read_tickets", meanwhile)

    result = supportdesk("export", "all.jsonl")

    assert (result.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, ["all.jsonl"])
    assert (tmp_path / "all.jsonl").read_text() == "theirs"
