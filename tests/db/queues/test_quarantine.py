"""The quarantine: told of once in a digest, looked at as text, exported and dropped."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from desk.limits import USUAL
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.quarantine import QuarantinedMail, take_unreported
from models.ledger.rows import NewMail, store
from tests.support.database.poison import a_stub, fate_of, quarantine_mails, run_all_tries
from tests.support.database.services import ADMIN, AGENT, SUPPORT, Supportdesk, a_raw_mail, query, store_in_ledger
from worker.admin.digests import quarantine
from worker.admin.digests.quarantine import send_digest, try_again
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

MOST_IN_DIGEST = USUAL.quarantined_in_digest

DIGESTS = "SELECT details->'quarantined' AS mails FROM mail.event WHERE kind = 'quarantine_digest' ORDER BY id"
pytestmark = pytest.mark.services(ADMIN, AGENT, LIMITS__RETRY_SECONDS="0")


def test_the_admins_are_told_once_in_one_digest(services: Services) -> None:
    quarantine_mails(services, 3)

    told = [send_digest(services) for _ in range(3)]

    digests = query(services, DIGESTS)
    assert told == [3, 0, 0]
    assert [[mail["subject"] for mail in digest["mails"]] for digest in digests] == [["No 0", "No 1", "No 2"]]


def test_the_digest_reaches_the_admins_as_a_mail(services: Services) -> None:
    quarantine_mails(services, 2)
    send_digest(services)

    announce_due(services)

    mails = query(services, "SELECT recipient, text FROM mail.outbox WHERE template = 'quarantine-digest'")
    assert [mail["recipient"] for mail in mails] == ["ada@desk.example"]
    assert "No 1" in mails[0]["text"]


def test_two_beats_at_once_make_one_digest(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    quarantine_mails(services, 5)
    both = Barrier(2)

    def together(session: Session, most: int) -> list[QuarantinedMail]:
        both.wait(10)
        found = take_unreported(session, most)
        # Neither commits before the other has looked.
        both.wait(10)
        return found

    monkeypatch.setattr(quarantine, "take_unreported", together)
    with ThreadPoolExecutor(2) as beats:
        told = sorted(beats.map(send_digest, [services, services]))

    assert told == [0, 5]
    assert [len(digest["mails"]) for digest in query(services, DIGESTS)] == [5]


def test_a_digest_that_could_not_be_written_tells_of_the_mails_next_time(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarantine_mails(services)
    with monkeypatch.context() as broken:
        broken.setattr(quarantine, "set_reported", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_digest(services)

    assert send_digest(services) == 1
    assert len(query(services, DIGESTS)) == 1


def test_a_digest_tells_of_fifty_and_the_next_of_the_rest(services: Services) -> None:
    quarantine_mails(services, MOST_IN_DIGEST + 2)

    told = [send_digest(services) for _ in range(3)]

    assert told == [MOST_IN_DIGEST, 2, 0]


def test_a_mail_whose_headers_break_the_digest_does_not_keep_it_from_going_out(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarantine_mails(services, 2)
    monkeypatch.setattr(quarantine, "read_heading", lambda _: 1 / 0)

    assert send_digest(services) == 2
    assert [mail["subject"] for mail in query(services, DIGESTS)[0]["mails"]] == ["The headers cannot be read."] * 2


def test_what_a_digest_repeats_of_a_mail_is_short_and_on_one_line(services: Services) -> None:
    raw = b"From: a@x.example, b@x.example\nSubject: =?utf-8?q?one=0Atwo=00=ED=A0=80?=" + b"z" * 5000 + b"\n\n"
    store_in_ledger(services, raw)
    receive_due(services)

    send_digest(services)

    mail = query(services, DIGESTS)[0]["mails"][0]
    assert mail["sender"] == "a@x.example"
    assert mail["subject"].startswith("one two")
    assert len(mail["subject"]) == 200


def test_a_mail_whose_bytes_are_still_on_the_server_stays_and_says_so(
    services: Services, supportdesk: Supportdesk
) -> None:
    stub = a_stub(services)

    said = [
        supportdesk("quarantine", *words) for words in (("retry", stub), ("show", stub), ("export", stub, "mail.eml"))
    ]

    assert [one.exit_code for one in said] == [2, 0, 2]
    assert all("supportdesk reconcile --repair" in one.output for one in said)
    assert fate_of(services, stub) == "quarantined"


def a_partial(services: Services) -> int:
    """A mail in quarantine of which only the headers are stored, for it was too large; it has no sender."""
    raw = a_raw_mail(**{"from": ""})
    head = raw[: raw.index(b"\n\n") + 2]
    with transaction(services.engine) as session:
        mailbox = ensure_mailbox(session, "support", SUPPORT)
        mail = NewMail(mailbox, "INBOX", 7, 901, None, None, (), b"large", head, partial_of=60_000_000)
        row = store(session, mail)
    receive_due(services)
    assert row
    assert fate_of(services, row) == "quarantined"
    return row


def test_a_mail_that_was_too_large_is_tried_again_by_its_headers(services: Services, supportdesk: Supportdesk) -> None:
    row = a_partial(services)

    said = supportdesk("quarantine", "retry", row)

    found = query(services, "SELECT fate, partial FROM mail.ledger WHERE id = :row", row=row)
    assert (said.exit_code, found) == (0, [{"fate": None, "partial": True}])
    assert f"{row} is tried again" in said.output


def test_a_mail_that_was_too_large_is_not_promised_to_be_fetched(services: Services, supportdesk: Supportdesk) -> None:
    row = a_partial(services)

    said = [supportdesk("quarantine", *words) for words in (("show", row), ("export", row, "mail.eml"))]

    assert [one.exit_code for one in said] == [0, 2]
    assert all("only its headers are stored" in one.output for one in said)
    assert not any("reconcile" in one.output for one in said)


def test_retrying_all_leaves_only_what_nothing_is_stored_of(services: Services, supportdesk: Supportdesk) -> None:
    a_partial(services)
    a_stub(services)

    said = supportdesk("quarantine", "retry", "--all")

    assert "1 given back, 1 left, whose bytes are still on the server." in said.output


@pytest.mark.parametrize("word", ["list", "show"])
def test_a_mail_cannot_write_on_the_terminal(services: Services, supportdesk: Supportdesk, word: str) -> None:
    subject = b"=?utf-8?q?=1B]0;owned=07[bold_red]loud[/]?="
    row = store_in_ledger(services, b"Subject: " + subject + b"\n\n\x1b]0;owned\x07gone [link=x]here[/link]\r\n")
    receive_due(services)

    said = supportdesk("quarantine", *({"list": ("list",), "show": ("show", row)}[word]))

    assert said.exit_code == 0
    assert "[bold red]loud[/]" in said.output
    assert not set("\x1b\x07") & set(said.output)


def test_the_list_is_there_for_scripts(services: Services, supportdesk: Supportdesk) -> None:
    numbers = [*quarantine_mails(services, 2), a_stub(services)]

    listed = json.loads(supportdesk("quarantine", "list", "--json").stdout)

    assert [(one["number"], one["is_whole"]) for one in listed] == list(zip(numbers, (True, True, False), strict=True))
    assert listed[0]["subject"] == "No 0"
    assert datetime.fromisoformat(listed[0]["stored_at"]) <= datetime.now(UTC)


def test_an_export_is_the_mail_byte_for_byte_and_overwrites_nothing(
    services: Services, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    raw = b"Subject: \xff\x00\r\n\r\n" + bytes(range(256)) * 8192
    row = store_in_ledger(services, raw)
    receive_due(services)
    (tmp_path / "mine").write_text("precious")

    said = [supportdesk("quarantine", "export", row, name) for name in ("mail.eml", "mine")]

    assert [one.exit_code for one in said] == [0, 2]
    assert (tmp_path / "mail.eml").read_bytes() == raw
    assert (tmp_path / "mail.eml").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "mine").read_text() == "precious"


def test_a_drop_wants_to_be_meant(services: Services, supportdesk: Supportdesk) -> None:
    (row,) = quarantine_mails(services)

    said = supportdesk("quarantine", "drop", row)

    assert said.exit_code == 2
    assert fate_of(services, row) == "quarantined"


def test_a_dropped_mail_keeps_its_bytes_and_its_reason_and_never_comes_back(
    services: Services, supportdesk: Supportdesk
) -> None:
    (row,) = quarantine_mails(services)

    supportdesk("quarantine", "drop", row, "--yes")
    try_again(services.engine, None)
    run_all_tries(services)

    found = query(services, "SELECT fate, reason FROM mail.ledger WHERE id = :row", row=row)[0]
    assert found["fate"] == "dropped"
    assert "From holds no address" in found["reason"]
    assert query(services, "SELECT 1 FROM mail.raw_chunk WHERE ledger_id = :row", row=row)
    assert send_digest(services) == 0
