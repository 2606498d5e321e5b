"""The quarantine by mail: what an admin is shown, what is tried again, and what nobody else gets."""

import pytest

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, query
from tests.support.values.readings import ADA, ANN, BOB, EVE, PASS, Row, asked, passed
from tests.support.values.replies import answer, last_mail, write_mail
from worker.admin.forget import forget
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")


WHY = "From holds 2 addresses"


def park(services: Services, text: str = "My words.") -> int:
    """The row of a mail that a rule puts into quarantine, as two say that they wrote it."""
    row = write_mail(services, f"{EVE}, dan@other.example", text, subject="A question")
    assert row["fate"] == "quarantined"
    number: int = row["id"]
    return number


def state_of(services: Services, number: int) -> Row:
    return query(services, "SELECT fate, reason, decided_at FROM mail.ledger WHERE id = :id", id=number)[0]


def test_an_admin_is_shown_what_is_in_quarantine_and_has_a_mail_tried_again(services: Services) -> None:
    number = park(services)
    before = state_of(services, number)

    listed, shown = asked(services, ADA, "#quarantine"), asked(services, ADA, f"#quarantine show {number}")
    answer(services, shown, f"#quarantine retry {number}", **PASS)

    assert f"Mail {number}, " in listed["text"]
    for line in ("| From eve@elsewhere.example", "| A question", f"| {WHY}"):
        assert line in listed["text"]
        assert line in shown["text"]
    assert "My words." not in listed["text"] + listed["html"]
    assert "| My words." in shown["text"]
    assert listed["listed"] == shown["listed"] == {"tickets": [], "mails": [number]}
    assert state_of(services, number)["decided_at"] > before["decided_at"]
    told = last_mail(services, ADA, "command-answer")["text"]
    assert f"Mail {number} is tried again" in told
    answer(services, listed, "#undo", **PASS)
    told = last_mail(services, ADA, "command-answer")["text"]
    assert f"Mail {number} was tried again; that stays." in told


def test_what_is_shown_is_text_and_no_key_of_anybody(services: Services) -> None:
    page = f"<p>Pay <b>now</b> at support+7.{'a' * 20}@desk.example\N{RIGHT-TO-LEFT OVERRIDE}</p>"
    number = park(services, text=page)

    mail = asked(services, ADA, f"#quarantine show {number}")

    assert "| <p>Pay <b>now</b>" in mail["text"]
    assert "&lt;p&gt;Pay &lt;b&gt;now" in mail["html"]
    assert "a" * 20 not in mail["text"] + mail["html"]
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in mail["text"] + mail["html"]


def test_a_mail_that_intake_could_not_read_is_not_read_again(services: Services) -> None:
    number = park(services)
    execute(services, "UPDATE mail.ledger SET evidence = '{}', error = 'RecursionError' WHERE id = :id", id=number)

    mail = asked(services, ADA, f"#quarantine show {number}")

    assert "RecursionError" in mail["text"]
    assert "| Subject: A question" in mail["text"]
    assert mail["text"].count("supportdesk quarantine export") == 1
    assert "My words." not in mail["text"]


def test_nothing_is_shown_or_tried_again_for_anybody_else(services: Services) -> None:
    number = park(services)
    lines = f"#quarantine\n#quarantine show {number}\n#quarantine retry {number}"

    mail = asked(services, BOB, "#quarantine")
    answer(services, mail, lines, **PASS)
    write_mail(services, ANN, lines, **passed(ANN))

    told = last_mail(services, BOB, "command-answer")
    assert told["text"].count("This command is for admins.") == 3
    assert "A question" not in mail["text"] + told["text"]
    assert state_of(services, number)["fate"] == "quarantined"


def test_who_is_no_admin_any_more_is_shown_nothing(services: Services) -> None:
    number = park(services)
    mail = asked(services, ADA, "#quarantine")
    execute(
        services, "UPDATE mail.staff SET role = 'agent'", """UPDATE "User" SET role = 'agent' WHERE role = 'admin'"""
    )

    again = asked(services, ADA, f"#quarantine show {number}")

    assert "My words." not in mail["text"]
    assert "My words." not in again["text"]
    assert "for admins" in again["text"]


def test_to_try_again_takes_more_than_a_pass(services: Services) -> None:
    number = park(services)

    row = write_mail(services, ADA, f"#quarantine retry {number}", **passed(ADA))

    assert row["fate"] == "not_applied"
    assert state_of(services, number)["fate"] == "quarantined"


@pytest.mark.parametrize("line", ["show", "retry"])
def test_a_mail_that_is_not_there_is_said_to_be_not_there(services: Services, line: str) -> None:
    mail = asked(services, ADA, "#quarantine")
    answer(services, mail, f"#quarantine {line} 999999", **PASS)

    assert "No mail is in quarantine." in mail["text"]
    assert "Mail 999999 is not in quarantine." in last_mail(services, ADA, "command-answer")["text"]


def test_a_mail_whose_bytes_are_on_the_server_stays(services: Services) -> None:
    number = park(services)
    execute(services, f"DELETE FROM mail.raw_chunk WHERE ledger_id = {number}")

    shown = asked(services, ADA, f"#quarantine show {number}")
    answer(services, shown, f"#quarantine retry {number}", **PASS)

    assert "whose bytes are still on the server" in shown["text"]
    assert "supportdesk reconcile --repair" in last_mail(services, ADA, "command-answer")["text"]
    assert state_of(services, number)["fate"] == "quarantined"


def test_the_list_goes_on_to_its_end(services: Services) -> None:
    park(services)
    execute(
        services,
        """INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, stored_at, size, fingerprint, fate, reason)
        SELECT mailbox_id, folder, uidvalidity, uid + n, stored_at, 10, '', 'quarantined', 'Too many at once.'
        FROM mail.ledger, generate_series(1, 30) n WHERE fate = 'quarantined'""",
    )

    first = asked(services, ADA, "#quarantine")
    answer(services, first, "#more", **PASS)
    last = last_mail(services, ADA, "command-answer")

    seen = [*first["listed"]["mails"], *last["listed"]["mails"]]
    assert (len(first["listed"]["mails"]), len(seen), seen) == (20, 31, sorted(set(seen)))
    assert "There is more. Write #more" in first["text"]
    assert "There is more" not in last["text"]


def test_who_is_forgotten_is_so_where_an_admin_was_shown_their_mail(services: Services) -> None:
    number = park(services)
    shown = asked(services, ADA, f"#quarantine show {number}")
    execute(services, "UPDATE mail.outbox SET fate = 'sent', decided_at = now()")

    forget(services.engine, EVE)

    left = query(services, "SELECT text, html FROM mail.outbox WHERE id = :id", id=shown["id"])[0]
    assert "My words." in shown["text"]
    assert "My words." not in left["text"] + left["html"]
