"""A mail that staff pass on is the ticket of who wrote it first, and a first mail repeats nothing of its reader's."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, make_staff, process, query
from tests.support.values.replies import answer, last_mail, mails_to, sent_mail, write_mail
from worker.runtime.services import Services

ANN, BOB, CAT, DAN = "ann@customer.example", "bob@desk.example", "cat@desk.example", "dan@customer.example"
PASSED = "mx.desk.example; dmarc=pass header.from=desk.example"
FORWARD = (
    "She is angry, be quick.\n\n---------- Forwarded message ---------\nFrom: Dan Li <dan@customer.example>\n"
    "Date: Mon, 2 Nov 2026 at 10:01\nSubject: Broken chair\nTo: <bob@desk.example>\n\nMy chair is broken.\n"
)
WITH_A_FILE = (
    "Authentication-Results: {passed}\r\nFrom: Bob <bob@desk.example>\r\nTo: support@desk.example\r\n"
    "Message-ID: <fwd@desk.example>\r\nSubject: Fwd: Broken chair\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n{text}\r\n--b\r\n'
    'Content-Type: image/jpeg; name="chair.jpg"\r\nContent-Disposition: attachment; filename="chair.jpg"\r\n\r\n'
    "jpeg\r\n--b--\r\n"
)
SPAM = "WIN 1000 EUR at spam.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx.desk.example")


def pass_on(services: Services, sender: str = BOB, text: str = FORWARD) -> Any:
    """A mail of staff that passes Dan's mail on, and that their own mail server vouches for; its ledger row."""
    return write_mail(services, sender, text, subject="Fwd: Broken chair", authentication_results=PASSED)


def test_the_ticket_is_that_of_who_wrote_first_under_their_own_subject(services: Services) -> None:
    passed = pass_on(services)

    found = query(
        services,
        'SELECT title, description, email, name FROM "Ticket" t JOIN "User" u ON u.id = "createdById"',
    )
    assert passed["fate"] == "applied"
    assert found == [{"title": "Broken chair", "description": "My chair is broken.", "email": DAN, "name": "Dan Li"}]


def test_who_wrote_first_is_sent_nothing_for_now(services: Services) -> None:
    pass_on(services)

    assert mails_to(services, DAN) == []


def test_the_agents_own_words_are_an_internal_note(services: Services) -> None:
    pass_on(services)

    assert [row["text"] for row in query(services, "SELECT text FROM mail.note")] == ["She is angry, be quick."]
    assert query(services, 'SELECT 1 FROM "Comment"') == []


def test_who_passed_it_on_can_answer_it_where_it_is_theirs(services: Services) -> None:
    pass_on(services)

    told = mails_to(services, BOB)
    assert [mail["template"] for mail in told] == ["ticket-assigned"]
    assert "| My chair is broken." in told[0]["text"]
    assert "| She is angry, be quick." in told[0]["text"]


def test_another_owner_is_told_as_usual_with_the_note_beside_it(services: Services) -> None:
    write_mail(services, ANN, "My printer is broken.")
    make_staff(services, CAT)
    pass_on(services)

    told = last_mail(services, CAT, "ticket-assigned")
    assert "| My chair is broken." in told["text"]
    assert "| She is angry, be quick." in told["text"]


def test_the_files_are_kept_and_go_to_the_owner(services: Services) -> None:
    process(services, WITH_A_FILE.format(passed=PASSED, text=FORWARD.replace("\n", "\r\n")).encode())

    assert [row["filename"] for row in query(services, "SELECT filename FROM mail.attachment")] == ["chair.jpg"]
    assert [one.filename for one in sent_mail(services, last_mail(services, BOB)).attachments] == ["chair.jpg"]


def test_the_first_answer_is_a_first_mail_that_repeats_nothing(services: Services) -> None:
    pass_on(services)

    answer(services, last_mail(services, BOB), "We send a new one.")

    mail = last_mail(services, DAN)
    got = sent_mail(services, mail)
    assert got.subject == "[SD-1001] Your request"
    assert "We send a new one." in got.text
    assert [(one.name, one.email) for one in got.to] == [("", DAN)]
    assert not any(word in f"{mail['text']}{mail['html']}" for word in ("chair", "angry", "Dan"))


def test_the_second_answer_has_its_subject_and_hangs_below_the_first(services: Services) -> None:
    pass_on(services)
    answer(services, last_mail(services, BOB), "We send a new one.")
    first = last_mail(services, DAN)

    answer(services, last_mail(services, BOB, "ticket-assigned"), "It is on its way.")

    got = sent_mail(services, last_mail(services, DAN))
    assert (got.subject, got.in_reply_to) == ("Re: [SD-1001] Broken chair", (first["message_id"],))


def test_who_wrote_first_answers_as_any_customer(services: Services) -> None:
    pass_on(services)
    answer(services, last_mail(services, BOB), "We send a new one.")

    answer(services, last_mail(services, DAN), "Thank you!")

    assert "Thank you!" in [row["content"] for row in query(services, 'SELECT content FROM "Comment"')]
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1


def test_a_forward_that_nothing_proves_waits_for_its_senders_word(services: Services) -> None:
    found = write_mail(services, BOB, FORWARD, subject="Fwd: Broken chair")

    assert (found["fate"], query(services, 'SELECT 1 FROM "Ticket"')) == ("not_applied", [])
    assert [mail["template"] for mail in mails_to(services, BOB)] == ["mail-unconfirmed"]


def test_a_customers_forward_is_their_own_request(services: Services) -> None:
    write_mail(services, ANN, FORWARD, subject="Fwd: Broken chair")

    found = query(services, 'SELECT email FROM "Ticket" t JOIN "User" u ON u.id = "createdById"')
    assert found == [{"email": ANN}]


def test_an_acknowledgement_repeats_neither_name_nor_subject_nor_text(services: Services) -> None:
    process(services, a_raw_mail(SPAM, **{"from": f'"{SPAM}" <{ANN}>', "subject": SPAM, "message_id": f"<{'1'}@x>"}))

    mail = last_mail(services, ANN)
    got = sent_mail(services, mail)
    assert mail["template"] == "ticket-opened"
    assert "spam.example" not in f"{mail['subject']}{mail['text']}{mail['html']}{got.headers}{got.to}"
    assert got.in_reply_to == ("1@x",)


def test_a_first_status_mail_repeats_nothing_either(services: Services) -> None:
    pass_on(services, text=FORWARD.replace("Broken chair", SPAM).replace("Dan Li", SPAM))

    answer(services, last_mail(services, BOB), "#resolve")

    mail = last_mail(services, DAN)
    got = sent_mail(services, mail)
    assert mail["template"] == "status-resolved"
    assert "spam.example" not in f"{mail['subject']}{mail['text']}{mail['html']}{got.headers}{got.to}"


def test_an_answer_without_any_header_is_found_by_the_reference_in_what_it_quotes(services: Services) -> None:
    write_mail(services, ANN, "My printer is broken.", subject="Printer")
    quoted = "\n".join(f"> {line}" for line in last_mail(services, ANN)["text"].splitlines())

    found = write_mail(
        services, ANN, f"It smokes now.\n\nOn Mon, 2 Nov 2026, SupportDesk wrote:\n\n{quoted}", subject="Re: Printer"
    )

    assert (found["ticket_number"], found["evidence"]["thread"]) == (
        1001,
        "A signed reference in the quoted text names SD-1001.",
    )
    assert [row["content"] for row in query(services, 'SELECT content FROM "Comment"')] == ["It smokes now."]


def test_somebody_else_who_quotes_the_reference_opens_a_ticket_of_their_own(services: Services) -> None:
    write_mail(services, ANN, "My printer is broken.", subject="Printer")
    quoted = "\n".join(f"> {line}" for line in last_mail(services, ANN)["text"].splitlines())

    found = write_mail(
        services, DAN, f"Mine too.\n\nOn Mon, 2 Nov 2026, SupportDesk wrote:\n\n{quoted}", subject="Hello"
    )

    assert found["ticket_number"] == 1002


def test_the_reference_survives_the_way_through_html(services: Services) -> None:
    write_mail(services, ANN, "My printer is broken.", subject="Printer")
    page = last_mail(services, ANN)["html"].partition("<body")[2].partition(">")[2].partition("</body>")[0]
    html = f"<div>It smokes now.</div><br><blockquote>{page}</blockquote>"
    raw = (
        f"From: {ANN}\r\nTo: support@desk.example\r\nMessage-ID: <h@x>\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}"
    )

    found = process(services, raw.encode())

    assert found["ticket_number"] == 1001
