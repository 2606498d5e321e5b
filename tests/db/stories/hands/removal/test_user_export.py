"""`supportdesk user export`: what the desk has of one person, whole, without secrets and without what is others'."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from models.removal.export.person import for_person
from models.removal.privacy.find import DataSubject
from tests.support.database.personal_data import (
    ANN,
    BOB,
    DAN,
    WORD,
    leave_personal_data_everywhere,
    personal_data_settings,
)
from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, query
from worker.admin.export import person
from worker.runtime.services import Services

ONE_MAIL = pytest.mark.services(AGENT, a_raw_mail(**{"from": f"Ann <{ANN}>"}))
SECRETS = (
    """UPDATE public."User" SET password = 'SECRET-1'""",
    """UPDATE public."Session" SET "sessionToken" = 'SECRET-2'""",
    """UPDATE public."Account" SET id_token = 'SECRET-3', access_token = 'SECRET-4', refresh_token = 'SECRET-5'""",
    """UPDATE public."VerificationToken" SET token = 'SECRET-6'""",
    "UPDATE mail.outbox SET reply_to = 'support+SECRET-7@desk.example'",
)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.services(ADMIN, AGENT, **personal_data_settings())
def test_it_holds_all_that_is_theirs_and_nothing_that_is_others(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    leave_personal_data_everywhere(services)
    supportdesk("ticket", "comment", 1001, "She is a difficult one.", "--note", "--as", BOB)
    execute(services, "SET LOCAL session_replication_role = replica", *SECRETS)

    result = supportdesk("user", "export", ANN.upper(), "ann.jsonl")
    found = lines(tmp_path / "ann.jsonl")
    text = (tmp_path / "ann.jsonl").read_text(encoding="utf-8")

    assert result.exit_code == 0, result.output
    kinds = {one["kind"] for one in found}
    assert kinds == {"subject", "person", "suppression", "login", "ticket", "mail", "sent", "file", "comment"} - {
        "comment"
    }
    raw = {one["number"]: base64.b64decode(one["raw"]) for one in found if one["kind"] == "mail"}
    theirs = """SELECT l.id, string_agg(c.content, ''::bytea ORDER BY c.position) AS raw FROM mail.ledger l
        JOIN mail.raw_chunk c ON c.ledger_id = l.id WHERE l.sender = :ann GROUP BY 1"""
    stored = {row["id"]: bytes(row["raw"]) for row in query(services, theirs, ann=ANN)}
    assert stored.items() <= raw.items()
    assert all(ANN.encode() in content.lower() or WORD.encode() in content for content in raw.values())
    sent = query(services, "SELECT id FROM mail.outbox WHERE recipient = :ann ORDER BY id", ann=ANN)
    assert [one["number"] for one in found if one["kind"] == "sent"] == [row["id"] for row in sent] != []
    tickets = {one["number"]: one for one in found if one["kind"] == "ticket"}
    own = """SELECT c.content FROM public."Comment" c JOIN public."User" u ON u.id = c."userId" WHERE u.email = :ann"""
    said = {comment["text"] for one in tickets.values() for comment in one["comments"]}
    assert {row["content"] for row in query(services, own, ann=ANN)} <= said
    assert "Have you tried another cable?" in said
    assert "SECRET" not in text
    assert "difficult" not in text
    # Of others a name and a role; their addresses stand only where somebody wrote them into a mail to or from her.
    around = json.dumps([one for one in found if one["kind"] == "ticket"])
    assert [
        address for address in (BOB, DAN, "eva@other.example", "helper@elsewhere.example") if address in around
    ] == []
    assert (tmp_path / "ann.jsonl").stat().st_mode & 0o777 == 0o600
    assert "--with-notes takes them along." in result.output


@ONE_MAIL
def test_notes_of_staff_come_along_where_they_are_wanted(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    supportdesk("ticket", "comment", 1001, "She is a difficult one.", "--note", "--as", BOB)

    for name, words in (("without", ()), ("with", ("--with-notes",))):
        supportdesk("user", "export", ANN, f"{name}.jsonl", *words)

    notes = [
        [note["text"] for one in lines(tmp_path / f"{name}.jsonl") for note in one.get("notes", ())]
        for name in ("without", "with")
    ]
    assert notes == [[], ["She is a difficult one."]]


@ONE_MAIL
def test_a_file_that_they_were_sent_is_theirs(services: Services, supportdesk: Supportdesk, tmp_path: Path) -> None:
    sent = """INSERT INTO mail.outbox_file (outbox_id, position, filename, sha256)
        SELECT id, 0, 'manual.pdf', 'x' FROM mail.outbox WHERE recipient = :ann"""
    execute(services, "INSERT INTO mail.blob (sha256, size, content) VALUES ('x', 5, 'words')", sent, ann=ANN)

    supportdesk("user", "export", ANN, "ann.jsonl")
    supportdesk("user", "export", BOB, "bob.jsonl")

    files = [
        [base64.b64decode(one["content"]) for one in lines(tmp_path / f"{name}.jsonl") if one["kind"] == "file"]
        for name in ("ann", "bob")
    ]
    assert files == [[b"words"], []]


@ONE_MAIL
def test_on_a_ticket_of_which_they_were_told_nothing_only_their_own_comment_is_theirs(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    """As of staff, who comment on the tickets of customers and have no part in their lives."""
    supportdesk("ticket", "comment", 1001, "Turn it off.", "--as", BOB)
    supportdesk("user", "export", BOB, "bob.jsonl", "--json")

    found = lines(tmp_path / "bob.jsonl")
    assert [(one["ticket"], one["text"]) for one in found if one["kind"] == "comment"] == [(1001, "Turn it off.")]
    assert [one for one in found if one["kind"] in ("ticket", "sent")] == []
    assert ANN not in json.dumps(found)


@pytest.mark.services(AGENT)
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody@x.example", "a.jsonl"), "Nobody here has the address nobody@x.example, and no mail of theirs"),
        (("support@desk.example", "a.jsonl"), "support@desk.example"),
        ((BOB, "x" * 300), "cannot be written: File name too long."),
        (("ann", "a.jsonl"), "ann is no mail address."),
        ((BOB, "nowhere/a.jsonl"), "cannot be written: No such file or directory."),
        ((BOB, "there.jsonl"), "is there already, and nothing was written over it."),
        ((BOB, "."), "is a folder; name a new file in it."),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("services")
def test_what_cannot_be_done_is_said_and_no_copy_is_left(
    supportdesk: Supportdesk, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "there.jsonl").write_text("mine")

    result = supportdesk("user", "export", *words)

    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.usefixtures("services")
@pytest.mark.services(AGENT)
@pytest.mark.parametrize(
    ("trouble", "status"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 2)]
)
def test_what_breaks_off_leaves_no_half_copy(
    supportdesk: Supportdesk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: BaseException,
    status: int,
) -> None:
    def broken(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(person, "sent_to", broken)

    result = supportdesk("user", "export", BOB, "bob.jsonl")

    assert (result.exit_code, list(tmp_path.iterdir())) == (status, [])
    assert "Nothing is left of" in result.output


OTHER = {"number": 7, "email": "bob@desk.example", "name": None, "role": "agent"}
SELF = {"number": 8, "email": "Ann@customer.example", "name": "Ann", "role": "customer"}
NOTES = [
    {"number": 1, "author": OTHER, "sender": None, "text": "About her.", "mail": 5},
    {"number": 2, "author": None, "sender": ANN, "text": "Her own.", "mail": 6},
    {"number": 3, "author": SELF, "sender": None, "text": "Hers, too.", "mail": None},
]
TICKET = {
    "kind": "ticket",
    "number": 1001,
    "customer": SELF,
    "owner": OTHER,
    "comments": [{"author": OTHER, "text": f"Write to {BOB}."}],
    "notes": NOTES,
    "activities": [{"by": OTHER, "description": f"Assigned to {BOB} for {ANN}"}],
    "participants": [SELF, OTHER],
    "guests": [{"address": "eva@x.example"}, {"address": ANN}],
    "assignments": [{"to": 7, "reason": "least loaded"}],
    "files": [{"mail": 5, "comment": None}, {"mail": 6, "comment": None}, {"mail": 9, "comment": "c"}],
}


@pytest.mark.parametrize(("with_notes", "notes", "mails"), [(False, [2, 3], [6, 9]), (True, [1, 2, 3], [5, 6, 9])])
def test_what_of_a_ticket_its_person_gets(with_notes: bool, notes: list[int], mails: list[int]) -> None:
    shown = for_person(TICKET, DataSubject(ANN, (ANN,), (8,), ("u",)), with_notes=with_notes)

    assert [note["number"] for note in shown["notes"]] == notes
    assert [file["mail"] for file in shown["files"]] == mails
    assert (shown["customer"], shown["owner"]) == (SELF, {"name": "somebody", "role": "agent"})
    assert shown["activities"][0]["description"] == f"Assigned to somebody for {ANN}"
    # What was said in the conversation stays as it was said.
    assert shown["comments"][0]["text"] == f"Write to {BOB}."
    assert shown["guests"] == [{"address": ANN}]
    assert "assignments" not in shown
