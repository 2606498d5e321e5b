"""A mail's words are kept as its author wrote them, beside the stored text, and read where the mail is told of."""

from email.message import EmailMessage
from itertools import count
from typing import Any

import pytest

from desk.notices.events import ChangeSet, Letter
from models.announce.change_set import read_change_set
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, process, query
from worker.admin.forget import forget
from worker.announce.run import announce_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB = "ann@customer.example", "bob@desk.example"
NUMBERS = count(1)
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())
TEXT = (
    "#priority high\nHello Ann,\n\n- one\n- two\n\nKind regards,\nBob\n\nSent from my iPhone\n\n"
    "On Mon, Ann wrote:\n> Old."
)
HTML = (
    "<div>#priority high</div><div>Hello <b>Ann</b>,</div><ul><li>one</li><li>two</li></ul>"
    "<div>Kind regards,<br>Bob</div><div>Sent from my iPhone</div><blockquote type=cite>On Mon, Ann wrote:<br>Old."
    "</blockquote>"
)
STORED = "Hello Ann,\n\n- one\n- two"
KEPT = "<div>Hello <b>Ann</b>,</div><ul><li>one</li><li>two</li></ul><div>Kind regards,<br>Bob</div>"


def last(services: Services, recipient: str) -> dict[str, Any]:
    return query(services, "SELECT * FROM mail.outbox WHERE recipient = :to ORDER BY id DESC LIMIT 1", to=recipient)[0]


def answer(services: Services, text: str = TEXT, html: str = HTML) -> None:
    """Bob answers by mail, in both forms."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB, last(services, BOB)["reply_to"], "Re: Printer"
    mail["Message-ID"] = f"<answer {next(NUMBERS)}@desk>"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    process(services, mail.as_bytes())


def change(services: Services, kind: str) -> ChangeSet:
    """The last change set with such an event."""
    row = query(services, "SELECT id FROM mail.event WHERE kind = :kind ORDER BY id DESC LIMIT 1", kind=kind)[0]
    with transaction(services.engine) as session:
        return read_change_set(session, [row["id"]])


def reading(services: Services) -> dict[str, Any]:
    return query(services, "SELECT sign_off, html FROM mail.reading ORDER BY ledger_id DESC LIMIT 1")[0]


def test_a_comment_is_stored_as_text_and_told_as_it_was_written(services: Services) -> None:
    answer(services)
    remark = change(services, "comment_added").events[0].remark

    assert query(services, 'SELECT content FROM "Comment"')[0]["content"] == STORED
    assert remark is not None
    assert remark.text == STORED
    assert remark.letter == Letter(f"{STORED}\n\nKind regards,\nBob", KEPT)


def test_a_note_has_its_letter_too(services: Services) -> None:
    answer(services, TEXT.replace("#priority high", "#note"), HTML.replace("#priority high", "#note"))
    remark = change(services, "note_added").events[0].remark

    assert remark is not None
    assert remark.letter == Letter(f"{STORED}\n\nKind regards,\nBob", KEPT)


def test_what_html_and_text_say_differently_is_text(services: Services) -> None:
    answer(services, html=HTML.replace("two", "three"))
    remark = change(services, "comment_added").events[0].remark

    assert remark is not None
    assert remark.letter == Letter(f"{STORED}\n\nKind regards,\nBob", "")


def test_a_comment_of_the_web_application_has_no_letter(services: Services) -> None:
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'web', 'Hello.', t.ticket_id, u.id, timezone('utc', now()), timezone('utc', now())
        FROM mail.ticket t, "User" u WHERE t.number = 1001 AND u.email = :author""",
        author=BOB,
    )
    remark = change(services, "comment_added").events[0].remark

    assert remark is not None
    assert (remark.text, remark.letter) == ("Hello.", None)


def test_a_new_ticket_has_the_words_of_its_mail(services: Services) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANN, "support@desk.example", "Screen"
    mail["Message-ID"] = "<screen@customer.example>"
    mail.set_content("It is dark.\n\nAnn")
    mail.add_alternative("<p>It is <i>dark</i>.</p><p onclick=x>Ann</p>", subtype="html")
    process(services, mail.as_bytes())

    opening = change(services, "ticket_opened").opening

    assert opening == Letter("It is dark.\n\nAnn", "<p>It is <i>dark</i>.</p><p>Ann</p>")


def test_who_asks_to_be_forgotten_leaves_neither(services: Services) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANN, last(services, ANN)["reply_to"], "Re: Printer"
    mail["Message-ID"] = "<again@customer.example>"
    mail.set_content("Still broken.\n\nKind regards,\nAnn")
    mail.add_alternative("<p>Still <b>broken</b>.</p><p>Kind regards,<br>Ann</p>", subtype="html")
    process(services, mail.as_bytes())
    assert reading(services) == {
        "sign_off": "Kind regards,\nAnn",
        "html": "<p>Still <b>broken</b>.</p><p>Kind regards,<br>Ann</p>",
    }

    announce_due(services)
    execute(services, "UPDATE mail.outbox SET fate = 'sent' WHERE fate IS NULL")
    forget(services.engine, ANN)

    assert reading(services) == {"sign_off": "", "html": ""}
