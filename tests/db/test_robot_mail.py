"""Mail of programs and mail servers at the desk: recorded, answered by nobody, and it changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import Message
from smtplib import SMTP

import pytest

from desk.ticket import Role
from seed.mailserver import MailServer
from tests.daemons import mail_to, postfix
from tests.offices import SUPPORT, a_raw_mail, an_office, hire, rows, take_in
from tests.postboxes import ledger
from worker.announce import announce_due
from worker.intake import receive_due
from worker.office import Office
from worker.poll import poll_mailbox

ANN, BOB = "ann@customer.example", "bob@desk.example"


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    """Ann has a ticket, which Bob works on; each of them got a mail of it."""
    office = an_office(fresh_database)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, BOB)
    take_in(office, a_raw_mail())
    yield office
    office.engine.dispose()


def hand_in(mail_server: MailServer, sender: str, recipient: str, raw: bytes) -> dict[str, tuple[int, bytes]]:
    """Hand a mail in by SMTP; what was refused."""
    with SMTP(mail_server.host, mail_server.smtp_port, timeout=10) as smtp:
        return smtp.sendmail(sender, [recipient], raw)


def sent(office: Office) -> list[str]:
    """To whom mails were written."""
    return [str(row["recipient"]) for row in rows(office, "SELECT recipient FROM mail.outbox ORDER BY id")]


CALENDAR = b"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Printer\nEND:VEVENT\nEND:VCALENDAR\n"
RECEIPT = b"Original-Recipient: rfc822;support@desk.example\nDisposition: manual-action/MDN-sent-manually; displayed\n"
COMPLAINT = b"Feedback-Type: abuse\nUser-Agent: Loop/1.0\nVersion: 1\n"
HEADERS: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "a read receipt": ("message/disposition-notification", RECEIPT, {}),
    "a complaint": ("message/feedback-report", COMPLAINT, {}),
    "a calendar's answer": ("text/calendar; method=REPLY", CALENDAR, {}),
    "a challenge": ("text/plain", b"Please confirm that you are a person.", {"auto-submitted": "auto-replied"}),
    "an out-of-office answer": ("text/plain", b"I am away.", {"auto-submitted": "auto-replied (vacation)"}),
}


def of_a_program(kind: str, **more: str) -> bytes:
    """A mail of Ann's programs, to the desk."""
    content_type, content, headers = HEADERS[kind]
    report = content_type.partition("/")[2] if content_type.startswith("message/") else None
    top = f'multipart/report; report-type={report}; boundary="b"' if report else 'multipart/mixed; boundary="b"'
    given = {"From": ANN, "To": SUPPORT, "Subject": "Re: Printer", "Message-ID": "<program@customer>"} | headers | more
    head = "".join(f"{name}: {value}\n" for name, value in given.items())
    parts = f"--b\nContent-Type: text/plain\n\n#close\n--b\nContent-Type: {content_type}\n\n{content.decode()}\n--b--\n"
    return f"{head}MIME-Version: 1.0\nContent-Type: {top}\n\n{parts}".encode()


@pytest.mark.parametrize("kind", HEADERS)
def test_what_a_program_sends_off_any_ticket_is_recorded_and_answered_by_nobody(office: Office, kind: str) -> None:
    before = sent(office)

    found = take_in(office, of_a_program(kind, Subject="Re: Something"))

    assert (found["fate"], found["evidence"]["rule"]) == ("not_applied", "automatic_mail")
    assert (sent(office), len(rows(office, 'SELECT 1 FROM "Ticket"'))) == (before, 1)


@pytest.mark.parametrize("kind", HEADERS)
def test_what_a_program_sends_on_a_ticket_is_a_note_and_changes_nothing(office: Office, kind: str) -> None:
    before = sent(office)
    ours = rows(office, "SELECT message_id FROM mail.outbox WHERE recipient = :to", to=ANN)[0]["message_id"]

    found = take_in(office, of_a_program(kind, **{"In-Reply-To": f"<{ours}>"}))

    assert (found["fate"], found["ticket_number"]) == ("applied", 1001)
    assert len(rows(office, "SELECT 1 FROM mail.note")) == 1
    assert rows(office, 'SELECT 1 FROM "Comment"') == []
    assert rows(office, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]
    assert ANN not in sent(office)[len(before) :]


LISTS: list[tuple[str, str, list[str]]] = [
    ("users@list.example", "not_applied", []),
    (SUPPORT, "applied", [BOB]),
]


@pytest.mark.parametrize(("to", "fate", "told"), LISTS)
def test_a_lists_mail_opens_a_ticket_only_where_it_names_the_desk_and_is_answered_by_nobody(
    office: Office, to: str, fate: str, told: list[str]
) -> None:
    before = sent(office)

    found = take_in(
        office,
        a_raw_mail(to=to, list_id="<users.list.example>", delivered_to=SUPPORT, message_id="<list@x>"),
    )

    assert (found["fate"], found["ticket_number"]) == (fate, 1002 if told else None)
    assert sent(office)[len(before) :] == told


def test_a_bounce_by_the_mail_server_reaches_the_desk_at_the_signed_envelope_sender(
    open_office: Callable[..., Office], mail_server: MailServer
) -> None:
    office = open_office(USER=SUPPORT)
    poll_mailbox(office, "support")
    hand_in(mail_server, ANN, SUPPORT, a_raw_mail())
    poll_mailbox(office, "support")
    receive_due(office)
    announce_due(office)
    mail = mail_to(office, ANN)[1]

    refused = hand_in(mail_server, "", mail.sender, postfix(mail))
    poll_mailbox(office, "support")
    receive_due(office)

    assert (refused, mail.sender.partition("+")[0]) == ({}, "support")
    assert ledger(office)[-1]["evidence"]["rule"] == "bounced_mail"
    assert len(rows(office, "SELECT 1 FROM mail.note")) == 1


def test_the_envelope_sender_is_the_plain_address_where_the_mailbox_takes_no_tags(fresh_database: str) -> None:
    office = an_office(fresh_database)
    take_in(office, a_raw_mail())
    box = office.settings.mailbox[0].model_copy(update={"plus_addressing": False, "authserv_id": "mx.desk.example"})
    untagged = replace(office, settings=office.settings.model_copy(update={"mailbox": (box,)}))

    found = [mail_to(one, ANN)[1].sender.partition("+")[0] for one in (office, untagged)]

    assert found == ["support", SUPPORT]
    office.engine.dispose()


def test_a_person_who_answers_the_envelope_sender_opens_a_ticket_as_usual(office: Office) -> None:
    envelope = mail_to(office, ANN)[1].sender

    found = take_in(office, a_raw_mail("#close", to=envelope, message_id="<2@x>", **{"from": "eve@elsewhere.example"}))

    assert (found["fate"], found["evidence"]["rule"], found["ticket_number"]) == ("applied", "new_ticket", 1002)


def test_an_out_of_office_answer_to_the_envelope_sender_changes_nothing(office: Office) -> None:
    envelope, parsed = mail_to(office, ANN)[1].sender, Message()
    parsed["From"], parsed["To"], parsed["Subject"] = ANN, envelope, "Automatic reply: Printer"
    parsed["Auto-Submitted"], parsed["Message-ID"] = "auto-replied", "<away@customer>"
    parsed.set_payload("I am away until Monday.")
    before = len(rows(office, "SELECT 1 FROM mail.outbox WHERE recipient = :to", to=ANN))

    found = take_in(office, parsed.as_bytes())

    assert found["evidence"]["rule"] == "automatic_mail"
    assert len(rows(office, "SELECT 1 FROM mail.outbox WHERE recipient = :to", to=ANN)) == before
    assert len(rows(office, 'SELECT 1 FROM "Ticket"')) == 1
