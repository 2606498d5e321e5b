"""A stranger's mail to somebody's signed address is a note until an agent accepts it, which happens once."""

from typing import Any

import pytest

from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    MakeServices,
    a_raw_mail,
    participants,
    process,
    query,
)
from tests.support.values.replies import NUMBERS, answer, last_mail, mails_to, sent_mail
from worker.runtime.services import Services

ANN, BOB, CAT, EVE = "ann@customer.example", "bob@desk.example", "cat@desk.example", "eve@elsewhere.example"
WITH_A_FILE = (
    "From: Eve <eve@elsewhere.example>\r\nTo: {to}\r\nMessage-ID: <f@elsewhere.example>\r\nSubject: Re: Printer\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the log.\r\n--b\r\n'
    'Content-Type: text/plain; name="printer.log"\r\nContent-Disposition: attachment; filename="printer.log"\r\n\r\n'
    "paper jam\r\n--b--\r\n"
)


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    """Ann has a ticket, which Bob works on; Cat became staff later."""
    return make_services(ADMIN, AGENT, a_raw_mail(), SECOND_AGENT)


def a_note(services: Services, text: str = "It is the toner.", sender: str = "Eve <eve@elsewhere.example>") -> Any:
    """A mail of somebody else to Ann's signed address; its ledger row."""
    to = str(last_mail(services, ANN)["reply_to"])
    headers = {"from": sender, "to": to, "subject": "Re: Printer", "message_id": f"<{next(NUMBERS)}@elsewhere.example>"}
    return process(services, a_raw_mail(text, **headers))


def comments(services: Services) -> list[tuple[str, str]]:
    found = query(
        services, 'SELECT email, content FROM "Comment" c JOIN "User" u ON u.id = "userId" ORDER BY c."createdAt"'
    )
    return [(row["email"], row["content"]) for row in found]


def test_the_mail_about_a_strangers_note_says_how_to_accept_it_and_why_it_is_one(services: Services) -> None:
    a_note(services)

    told = sent_mail(services, last_mail(services, BOB, "note-to-agent"))

    assert "| It is the toner." in told.text
    assert "answer with #accept on a line of its own" in " ".join(told.text.split())
    assert "It answers a mail that we sent to somebody else." in " ".join(told.text.split())


def test_an_agents_own_note_offers_nothing_to_accept(services: Services) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#assign cat\n#note\nPlease take it.")
    answer(services, last_mail(services, CAT, "ticket-assigned"), "#note\nBob, was it the toner?\n#assign bob")

    texts = [mail["text"] for mail in (*mails_to(services, BOB), *mails_to(services, CAT))]

    assert texts
    assert not any("#accept" in text for text in texts)


def test_an_accepted_note_is_a_comment_of_its_author_who_takes_part_from_then_on(services: Services) -> None:
    a_note(services)

    answer(services, last_mail(services, BOB, "note-to-agent"), "#accept")

    assert comments(services) == [(EVE, "It is the toner.")]
    assert participants(services) == {ANN, EVE}
    assert "Done:    #accept" in last_mail(services, BOB, "command-answer")["text"]


def test_what_the_agent_writes_beside_it_stays_internal(services: Services) -> None:
    a_note(services)

    answer(services, last_mail(services, BOB, "note-to-agent"), "#accept\nShe seems to know the machine.")

    assert comments(services) == [(EVE, "It is the toner.")]
    assert "She seems to know the machine." in [row["text"] for row in query(services, "SELECT text FROM mail.note")]


def test_the_customer_is_told_of_it_as_of_a_comment_and_no_more_of_the_agent(services: Services) -> None:
    a_note(services)

    answer(services, last_mail(services, BOB, "note-to-agent"), "#accept\nShe seems to know the machine.")

    told = sent_mail(services, last_mail(services, ANN, "comment-to-customer"))
    assert "wrote about your request SD-1001:\n\nIt is the toner." in told.text
    assert "machine" not in told.text


def test_the_owner_is_told_where_somebody_else_accepts_it(services: Services) -> None:
    a_note(services)
    asked = last_mail(services, BOB, "note-to-agent")
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#assign cat")

    answer(services, asked, "#accept")

    assert "| It is the toner." in last_mail(services, CAT, "comment-to-agent")["text"]


def test_its_author_gets_the_next_answer_threaded_below_their_own_mail(services: Services) -> None:
    note = a_note(services)
    answer(services, last_mail(services, BOB, "note-to-agent"), "#accept")

    answer(services, last_mail(services, BOB, "ticket-assigned"), "We send new toner.")

    got = sent_mail(services, last_mail(services, EVE, "comment-to-customer"))
    assert "We send new toner." in got.text
    assert got.in_reply_to == (note["message_id"],)
    assert "burns" not in got.text
    assert "Printer" not in got.subject


def test_its_author_was_told_nothing_until_then(services: Services) -> None:
    a_note(services)

    answer(services, last_mail(services, BOB, "ticket-assigned"), "We look into it.")

    assert mails_to(services, EVE) == []


def test_accepting_twice_does_nothing_twice(services: Services) -> None:
    a_note(services)
    told = last_mail(services, BOB, "note-to-agent")
    answer(services, told, "#accept")

    answer(services, told, "#accept\n")

    assert comments(services) == [(EVE, "It is the toner.")]
    assert len(mails_to(services, ANN, "comment-to-customer")) == 1
    refused = last_mail(services, BOB, "command-answer")["text"]
    assert "Refused: #accept" in refused


def test_a_mail_that_tells_of_no_note_accepts_none(services: Services) -> None:
    a_note(services)

    answer(services, last_mail(services, BOB, "ticket-assigned"), "#accept")

    assert comments(services) == []
    assert "Refused: #accept" in last_mail(services, BOB, "command-answer")["text"]


def test_a_customer_cannot_accept_a_note(services: Services) -> None:
    a_note(services)
    told = last_mail(services, BOB, "note-to-agent")

    answer(services, {**told, "recipient": ANN}, "#accept")

    assert (EVE, "It is the toner.") not in comments(services)
    assert participants(services) == {ANN}


def test_a_robots_note_cannot_be_accepted(services: Services) -> None:
    to = str(last_mail(services, ANN)["reply_to"])
    robot = {"from": EVE, "to": to, "subject": "Out of office", "auto_submitted": "auto-replied", "message_id": "<r@x>"}
    process(services, a_raw_mail("I am away.", **robot))
    told = last_mail(services, BOB, "note-to-agent")

    answer(services, told, "#accept")

    assert "#accept" not in told["text"]
    assert (comments(services), participants(services)) == ([], {ANN})


def test_the_files_of_an_accepted_note_go_with_the_comment(services: Services) -> None:
    process(services, WITH_A_FILE.format(to=last_mail(services, ANN)["reply_to"]).encode())

    answer(services, last_mail(services, BOB, "note-to-agent"), "#accept")

    assert [
        file.filename for file in sent_mail(services, last_mail(services, ANN, "comment-to-customer")).attachments
    ] == ["printer.log"]
    kept = query(
        services, 'SELECT a.filename, c.content FROM mail.attachment a JOIN "Comment" c ON c.id = a.comment_id'
    )
    assert kept == [{"filename": "printer.log", "content": "See the log."}]


def test_an_accepted_author_may_comment_and_stop(services: Services) -> None:
    a_note(services)
    answer(services, last_mail(services, BOB, "note-to-agent"), "#accept")
    answer(services, last_mail(services, BOB, "ticket-assigned"), "We send new toner.")

    answer(services, last_mail(services, EVE), "Thank you, it works.")
    answer(services, last_mail(services, EVE), "#stop")

    assert comments(services)[-1] == (EVE, "Thank you, it works.")
    assert participants(services) == {ANN}
