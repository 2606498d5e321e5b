"""Mail of programs and mail servers at the desk: recorded, answered by nobody, and it changes nothing."""

from dataclasses import replace
from email.message import Message
from smtplib import SMTP

import pytest

from mail.server import Server
from seed.stack.mailhost.server import MailServer
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SUPPORT,
    MakeServices,
    a_raw_mail,
    execute,
    mailbox_of,
    process,
    query,
)
from tests.support.servers.mailboxes import ledger_rows
from tests.support.values.postfix_bounces import a_postfix_bounce, mail_to
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
# Ann has a ticket, which Bob works on; each of them got a mail of it.
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def hand_in(mail_server: MailServer, sender: str, recipient: str, raw: bytes) -> dict[str, tuple[int, bytes]]:
    """Hand a mail in by SMTP; what was refused."""
    with SMTP(mail_server.host, mail_server.smtp_port, timeout=10) as smtp:
        return smtp.sendmail(sender, [recipient], raw)


def sent(services: Services) -> list[str]:
    """To whom mails were written."""
    return [str(row["recipient"]) for row in query(services, "SELECT recipient FROM mail.outbox ORDER BY id")]


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
def test_what_a_program_sends_off_any_ticket_is_recorded_and_answered_by_nobody(services: Services, kind: str) -> None:
    before = sent(services)

    found = process(services, of_a_program(kind, Subject="Re: Something"))

    assert (found["fate"], found["evidence"]["rule"]) == ("not_applied", "automatic_mail")
    assert (sent(services), len(query(services, 'SELECT 1 FROM "Ticket"'))) == (before, 1)


@pytest.mark.parametrize("kind", HEADERS)
def test_what_a_program_sends_on_a_ticket_is_a_note_and_changes_nothing(services: Services, kind: str) -> None:
    before = sent(services)
    ours = query(services, "SELECT message_id FROM mail.outbox WHERE recipient = :to", to=ANN)[0]["message_id"]

    found = process(services, of_a_program(kind, **{"In-Reply-To": f"<{ours}>"}))

    assert (found["fate"], found["ticket_number"]) == ("applied", 1001)
    assert len(query(services, "SELECT 1 FROM mail.note")) == 1
    assert query(services, 'SELECT 1 FROM "Comment"') == []
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]
    assert ANN not in sent(services)[len(before) :]


def test_a_reaction_opens_no_resolved_ticket_and_nobody_but_staff_is_told(services: Services) -> None:
    execute(services, "UPDATE \"Ticket\" SET status = 'resolved'")
    announce_due(services)
    before = sent(services)
    ours = query(services, "SELECT message_id FROM mail.outbox WHERE recipient = :to", to=ANN)[0]["message_id"]
    head = f"From: Mara <{ANN}>\nTo: {SUPPORT}\nMessage-ID: <r@customer>\nIn-Reply-To: <{ours}>\n"
    forms = (("text/plain", "👍"), ("text/vnd.google.email-reaction+json", '{"emoji": "👍"}'))
    parts = "".join(f"--b\nContent-Type: {kind}; charset=utf-8\n\n{text}\n" for kind, text in forms)

    found = process(services, f"{head}Content-Type: multipart/alternative; boundary=b\n\n{parts}--b--\n".encode())

    assert (found["fate"], found["evidence"]["rule"]) == ("applied", "reaction")
    assert query(services, "SELECT text FROM mail.note") == [{"text": "Mara reacted with 👍"}]
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "resolved"}]
    assert (query(services, 'SELECT 1 FROM "Comment"'), query(services, "SELECT 1 FROM mail.attachment")) == ([], [])
    assert ANN not in sent(services)[len(before) :]


LISTS: list[tuple[str, str, list[str]]] = [
    ("users@list.example", "not_applied", []),
    (SUPPORT, "applied", [BOB]),
]


@pytest.mark.parametrize(("to", "fate", "told"), LISTS)
def test_a_lists_mail_opens_a_ticket_only_where_it_names_the_desk_and_is_answered_by_nobody(
    services: Services, to: str, fate: str, told: list[str]
) -> None:
    before = sent(services)

    found = process(
        services,
        a_raw_mail(to=to, list_id="<users.list.example>", delivered_to=SUPPORT, message_id="<list@x>"),
    )

    assert (found["fate"], found["ticket_number"]) == (fate, 1002 if told else None)
    assert sent(services)[len(before) :] == told


def test_a_bounce_by_the_mail_server_reaches_the_desk_at_the_signed_envelope_sender(
    make_services: MakeServices, server: Server, mail_server: MailServer
) -> None:
    services = make_services(**mailbox_of(server) | {"USER": SUPPORT})
    poll_mailbox(services, "support")
    hand_in(mail_server, ANN, SUPPORT, a_raw_mail())
    poll_mailbox(services, "support")
    receive_due(services)
    announce_due(services)
    mail = mail_to(services, ANN)[1]

    refused = hand_in(mail_server, "", mail.sender, a_postfix_bounce(mail))
    poll_mailbox(services, "support")
    receive_due(services)

    assert (refused, mail.sender.partition("+")[0]) == ({}, "support")
    assert ledger_rows(services)[-1]["evidence"]["rule"] == "bounced_mail"
    assert len(query(services, "SELECT 1 FROM mail.note")) == 1


def test_the_envelope_sender_is_the_plain_address_where_the_mailbox_takes_no_tags(make_services: MakeServices) -> None:
    services = make_services(a_raw_mail())
    box = services.settings.mailbox[0].model_copy(update={"plus_addressing": False, "authserv_id": "mx.desk.example"})
    untagged = replace(services, settings=services.settings.model_copy(update={"mailbox": (box,)}))

    found = [mail_to(one, ANN)[1].sender.partition("+")[0] for one in (services, untagged)]

    assert found == ["support", SUPPORT]


def test_a_person_who_answers_the_envelope_sender_opens_a_ticket_as_usual(services: Services) -> None:
    envelope = mail_to(services, ANN)[1].sender

    found = process(
        services, a_raw_mail("#close", to=envelope, message_id="<2@x>", **{"from": "eve@elsewhere.example"})
    )

    assert (found["fate"], found["evidence"]["rule"], found["ticket_number"]) == ("applied", "new_ticket", 1002)


def test_an_out_of_office_answer_to_the_envelope_sender_changes_nothing(services: Services) -> None:
    envelope, parsed = mail_to(services, ANN)[1].sender, Message()
    parsed["From"], parsed["To"], parsed["Subject"] = ANN, envelope, "Automatic reply: Printer"
    parsed["Auto-Submitted"], parsed["Message-ID"] = "auto-replied", "<away@customer>"
    parsed.set_payload("I am away until Monday.")
    before = len(query(services, "SELECT 1 FROM mail.outbox WHERE recipient = :to", to=ANN))

    found = process(services, parsed.as_bytes())

    assert found["evidence"]["rule"] == "automatic_mail"
    assert len(query(services, "SELECT 1 FROM mail.outbox WHERE recipient = :to", to=ANN)) == before
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1
