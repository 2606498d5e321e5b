"""`supportdesk replay --apply`: today's reading is written where nobody touched it, once, and nobody hears of it."""

import json
from typing import Any

import pytest

from models.reports.history.decided import WhichMails
from tests.db.tickets.test_signature_pictures import GMAIL, LOGO, LOGO_IMG, PHOTO, PHOTO_IMG, a_mail
from tests.db.tickets.test_signature_pictures import WORDS as WORDS_ABOVE
from tests.support.database.services import Supportdesk, a_raw_mail, execute, process, query
from tests.support.values.replies import answer, last_mail
from worker.announce.run import announce_due
from worker.cli.commands import replay as command
from worker.history.replay import apply as applying
from worker.history.replay import run as running
from worker.history.replay.apply import Applied, apply
from worker.history.replay.run import replay_mails
from worker.history.rules import compare as trying
from worker.intake.run import receive_due
from worker.runtime.services import Services

pytestmark = pytest.mark.usefixtures("settings_here")
QUIET = "SET LOCAL supportdesk.quiet = 'on'"
WORDS = "My **printer** is broken.\n\nCould you have a look?"
FORMATTED = a_raw_mail(
    "<p>My <b>printer</b> is broken.</p><p>Could you have a look?</p>", subject="Printer", content_type="text/html"
)
HEARD = "SELECT (SELECT count(*) FROM mail.event) AS events, (SELECT count(*) FROM mail.outbox) AS mails"


def replayed(supportdesk: Supportdesk, *options: object) -> tuple[list[str], str]:
    """What differs, and what was said of it on stderr."""
    shown = supportdesk("replay", "--json", *options)
    mails: list[Any] = json.loads(shown.stdout)["mails"]
    return [one["what"] for mail in mails for one in mail["differences"]], shown.stderr


def talk(services: Services) -> int:
    """Ann asks in HTML, Bob answers and notes; the ticket's number."""
    ticket = int(process(services, FORMATTED)["ticket_number"])
    answer(services, last_mail(services, "bob@desk.example"), "Turn it off and on.")
    answer(services, last_mail(services, "bob@desk.example"), "She has the old model.\n\n#note")
    return ticket


def age(services: Services) -> None:
    """Let all texts be as if an older program had read the mails."""
    execute(
        services,
        QUIET,
        """UPDATE public."Ticket" SET description = 'cut'""",
        """UPDATE public."Comment" SET content = 'cut'""",
        "UPDATE mail.note SET text = 'cut'",
        "UPDATE mail.reading SET html = ''",
    )


def test_texts_and_html_are_written_once_and_nobody_hears_of_it(services: Services, supportdesk: Supportdesk) -> None:
    ticket = talk(services)
    stored = query(services, "SELECT ledger_id, html FROM mail.reading ORDER BY 1")
    age(services)
    announce_due(services)
    before = query(services, HEARD)

    differ, told = replayed(supportdesk, "--apply")
    announce_due(services)

    assert sorted(differ) == ["comment", "description", "html", "note"]
    assert told.count(f"SD-{ticket}: the new reading of mail ") == 3
    assert query(services, """SELECT description FROM public."Ticket" """) == [{"description": WORDS}]
    assert query(services, """SELECT content FROM public."Comment" """) == [{"content": "Turn it off and on."}]
    assert query(services, "SELECT text FROM mail.note") == [{"text": "She has the old model."}]
    assert query(services, "SELECT ledger_id, html FROM mail.reading ORDER BY 1") == stored
    assert query(services, HEARD) == before
    assert replayed(supportdesk, "--apply") == ([], "")


EDITS = {
    "a comment that was edited": """
        UPDATE public."Comment" SET content = 'theirs', "updatedAt" = now() + interval '1s'""",
    "a ticket that is gone": """DELETE FROM public."Ticket" """,
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_somebody_did_since_stays(services: Services, supportdesk: Supportdesk, edit: str) -> None:
    talk(services)
    age(services)
    execute(services, QUIET, edit)

    replayed(supportdesk, "--apply")

    comments = query(services, """SELECT content FROM public."Comment" """)
    assert comments == [] or comments[0]["content"] in ("theirs", "Turn it off and on.")
    assert replayed(supportdesk)[0] == []


def test_a_mail_that_was_changed_since_the_diff_is_left_as_it_is(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = int(process(services, FORMATTED)["ticket_number"])
    age(services)

    def meanwhile(*arguments: Any) -> Applied:
        execute(services, QUIET, """UPDATE public."Ticket" SET description = 'theirs'""")
        return apply(*arguments)

    monkeypatch.setattr(applying, "apply", meanwhile)
    _, told = replayed(supportdesk, "--apply")

    assert told == f"SD-{ticket} changed meanwhile; left as it is.\n"
    assert query(services, """SELECT description FROM public."Ticket" """) == [{"description": "theirs"}]


def test_a_mail_that_was_taken_for_a_programs_is_decided_again(services: Services, supportdesk: Supportdesk) -> None:
    row = process(services, FORMATTED)["id"]
    execute(
        services,
        QUIET,
        """DELETE FROM public."Ticket" """,
        "UPDATE mail.reading SET html = ''",
        """UPDATE mail.ledger SET fate = 'not_applied', ticket_number = NULL,
            evidence = evidence || '{"rule": "automatic_mail", "drop": "automatic", "kind": "automatic: x"}'""",
        "DELETE FROM mail.reading",
        "DELETE FROM mail.message_id",
        "DELETE FROM mail.attachment",
    )

    differ, told = replayed(supportdesk, "--apply")
    receive_due(services)

    assert "kind" in differ
    assert told == f"Mail {row} is decided again, as a person's mail.\n"
    (mail,) = query(services, "SELECT fate, evidence FROM mail.ledger")
    assert (mail["fate"], mail["evidence"]["rule"]) == ("applied", "new_ticket")


def test_marks_of_signature_pictures_are_written(services: Services, supportdesk: Supportdesk) -> None:
    """A logo below the name is of the signature, and a photo above it is none; an older program listed both."""
    process(services, a_mail(f"{WORDS_ABOVE}{PHOTO_IMG}{GMAIL.format(LOGO_IMG)}", ("photo", PHOTO), ("logo", LOGO)))
    marks = "SELECT position, of_signature FROM mail.attachment ORDER BY position"
    stored = query(services, marks)
    assert [one["of_signature"] for one in stored] == [False, True]
    execute(services, QUIET, "UPDATE mail.attachment SET of_signature = false")

    differ, _ = replayed(supportdesk, "--apply")

    assert differ == ["signature_files"]
    assert query(services, marks) == stored
    assert replayed(supportdesk) == ([], "")


def test_marks_of_pictures_that_the_mail_does_not_have_are_left(services: Services, supportdesk: Supportdesk) -> None:
    process(services, a_raw_mail())
    files = """INSERT INTO mail.blob (sha256, size, content) VALUES ('x', 1, 'x')"""
    row = """INSERT INTO mail.attachment (ledger_id, ticket_number, position, filename, content_type, inline, sha256,
        of_signature) SELECT id, ticket_number, 0, 'a.png', 'image/png', false, 'x', true FROM mail.ledger"""
    execute(services, files, row)

    # The mail has no file, so it is not known which one this is.
    assert replayed(supportdesk) == ([], "")


def test_ctrl_c_ends_it_between_mails(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(services)
    age(services)
    left = iter([apply, apply])

    def pressed(*arguments: Any) -> Applied:
        for one in left:
            return one(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(applying, "apply", pressed)
    shown = supportdesk("replay", "--apply")

    assert shown.exit_code == 130
    assert "Stopped by Ctrl-C. 2 of 3 mails are done, the others are as they were; the same" in shown.stderr
    assert len([one for one in replay_mails(services, WhichMails()) if one.differences]) == 1


@pytest.mark.parametrize("words", [("rules", "test", "supportdesk.toml"), ("replay",)], ids=" ".join)
def test_ctrl_c_says_that_nothing_was_written(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    process(services, FORMATTED)

    def pressed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "replay", pressed)
    monkeypatch.setattr(trying, "judge_stored", pressed)
    shown = supportdesk(*words)

    assert shown.exit_code == 130
    assert "\nStopped by Ctrl-C. 0 mails were r" in shown.stderr
    assert shown.stderr.endswith("nothing was written.\n")


BAD = {
    ("--mails", "999999"): "No decided mail is among these.",
    ("--mails", "9-3"): "9-3 names no mails. Write one number, or the first and the last as 17-42.",
    ("--mails", "x"): "x names no mails.",
    ("--mailbox", "none"): "There is no mailbox none; the settings name support.",
    ("--since", "yesterday"): "yesterday is no time. Write it as 2026-12-24 or '2026-12-24 08:00', in UTC.",
}


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(("words", "told"), BAD.items(), ids=map(" ".join, BAD))
def test_a_wrong_argument_is_said_in_a_sentence(supportdesk: Supportdesk, words: tuple[str, ...], told: str) -> None:
    shown = supportdesk("replay", *words)

    assert shown.exit_code == 2
    assert told in " ".join(shown.output.replace("│", " ").split())


def test_only_the_mails_that_are_named_are_read(services: Services, supportdesk: Supportdesk) -> None:
    rows = [process(services, a_raw_mail(message_id=f"<{n}@customer>", subject=f"N {n}"))["id"] for n in range(4)]
    execute(services, QUIET, """UPDATE public."Ticket" SET description = 'cut'""")

    def numbers(*options: object) -> list[int]:
        found = json.loads(supportdesk("replay", "--json", *options).stdout)["mails"]
        return [one["mail"] for one in found]

    assert numbers() == rows[::-1]
    assert numbers("--last", 2) == rows[:1:-1]
    assert numbers("--mails", f"{rows[1]}-{rows[2]}") == [rows[2], rows[1]]
    assert numbers("--mails", rows[0], "--mailbox", "support") == [rows[0]]
    assert numbers("--since", "2999-01-01") == []
    shown = supportdesk("replay", "--diff", "--last", 1)
    assert ("cut" in shown.stdout, shown.exit_code) == (True, command.DIFFER)
