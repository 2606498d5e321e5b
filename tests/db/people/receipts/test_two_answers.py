"""Where a colleague answered after the mail that an agent answers, the answer waits two minutes for a word."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from desk.limits import USUAL
from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    make_staff,
    query,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail, mails_to, sent_mail, write_mail
from worker.announce.run import announce_due
from worker.intake import run as intake
from worker.intake.carry_out import carry_out
from worker.intake.run import receive_due
from worker.runtime.services import Services

WAIT = timedelta(minutes=USUAL.answer_waits_minutes)

ANN, BOB, ADA = "ann@customer.example", "bob@desk.example", "ada@desk.example"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
ANNS_PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
WRITE = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
    SELECT :id, :content, t.id, u.id, now() FROM "Ticket" t CROSS JOIN "User" u
    WHERE u.email = :author AND t."createdAt" = (SELECT min("createdAt") FROM "Ticket")"""
COLLEAGUE = "Hello Ann, we send somebody tomorrow."
ANSWER = "Hello Ann, please switch it off and on."
BOTH = {"AUTHSERV_ID": "mx.desk.example", "TRUST__STAFF": "both"}
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), **BOTH)


def write_in_web_app(services: Services, author: str = ADA, content: str = COLLEAGUE) -> None:
    """A comment that the web application writes, which is told to nobody yet."""
    number = query(services, 'SELECT count(*) AS n FROM "Comment"')[0]["n"]
    execute(services, WRITE, id=f"web{number}", content=content, author=author)


def notice(services: Services) -> dict[str, Any]:
    return last_mail(services, BOB, "ticket-assigned")


def answer_late(services: Services, text: str = ANSWER, **headers: str) -> dict[str, Any]:
    """Bob's answer to the mail about his new ticket, after Ada's comment; the answer's ledger row."""
    write_in_web_app(services)
    return dict(answer(services, notice(services), text, **(PASS | headers)))


def row_of(services: Services, row: dict[str, Any]) -> dict[str, Any]:
    return query(services, "SELECT * FROM mail.ledger WHERE id = :row", row=row["id"])[0]


def pass_time(services: Services) -> None:
    """Two minutes pass for all that waits, and what is due then is done."""
    execute(
        services, "UPDATE mail.ledger SET due_at = due_at - :wait WHERE fate IS NULL AND claimed_by IS NULL", wait=WAIT
    )
    receive_due(services)
    announce_due(services)


def told(services: Services) -> list[dict[str, Any]]:
    return mails_to(services, BOB, "answer-waits")


def to_customer(services: Services, words: str = ANSWER) -> int:
    return sum(words in mail["text"] for mail in mails_to(services, ANN, "comment-to-customer"))


def said(services: Services, author: str = BOB) -> list[str]:
    found = 'SELECT content FROM "Comment" c JOIN "User" u ON u.id = c."userId" WHERE email = :author ORDER BY 1'
    return [row["content"] for row in query(services, found, author=author)]


def test_it_waits_two_minutes_and_its_author_is_told_what_was_said(services: Services) -> None:
    waiting = answer_late(services)

    mail = told(services)[0]
    assert (waiting["fate"], said(services), to_customer(services)) == (None, [], 0)
    assert waiting["due_at"] - waiting["waited_at"] == timedelta(minutes=2)
    read = sent_mail(services, mail)
    assert f"| {COLLEAGUE}" in read.text
    words = " ".join(mail["text"].split())
    assert "After the mail that you answer, Ada answered, too." in words
    assert f"Your answer waits until {waiting['due_at']:%H:%M} UTC." in words
    assert "answer this mail with #send as the first word. If it shall not go at all, write #drop." in words
    assert COLLEAGUE in mail["html"]
    assert (mail["ticket_number"], mail["kind"], mail["fate"]) == (1001, "waiting", None)
    assert notice(services)["message_id"] in mail["references"]


@pytest.mark.services(ADMIN, AGENT, a_raw_mail(), **BOTH, LIMITS__ANSWER_WAITS_MINUTES="7")
def test_it_waits_as_long_as_the_settings_say(services: Services) -> None:
    waiting = answer_late(services)

    assert waiting["due_at"] - waiting["waited_at"] == timedelta(minutes=7)
    assert f"Your answer waits until {waiting['due_at']:%H:%M} UTC." in " ".join(told(services)[0]["text"].split())


def test_silence_sends_it_once(services: Services) -> None:
    waiting = answer_late(services)

    for _ in range(3):
        pass_time(services)

    decided = row_of(services, waiting)
    assert (decided["fate"], said(services), to_customer(services)) == ("applied", [ANSWER], 1)
    assert len(told(services)) == 1
    assert "It waited for a word of its author" in decided["evidence"]["waited"]


def test_send_sends_it_at_once_and_once(services: Services) -> None:
    waiting = answer_late(services)

    word = answer(services, told(services)[0], "#send", **PASS)
    pass_time(services)

    assert (word["fate"], row_of(services, waiting)["fate"]) == ("applied", "applied")
    assert (said(services), to_customer(services), len(told(services))) == ([ANSWER], 1, 1)
    assert "Your answer is sent now." in last_mail(services, BOB, "command-answer")["text"]


def test_drop_sends_nothing_and_gives_the_text_back_to_its_author(services: Services, supportdesk: Supportdesk) -> None:
    waiting = answer_late(services)

    word = answer(services, told(services)[0], "#drop", **PASS)
    pass_time(services)

    assert (word["fate"], row_of(services, waiting)["fate"]) == ("applied", "not_applied")
    assert (said(services), to_customer(services)) == ([], 0)
    back = last_mail(services, BOB, "command-answer")
    assert f"| {ANSWER}" in back["text"]
    explained = " ".join(supportdesk("explain", f"mail-{waiting['id']}").output.split())
    assert f"Its author dropped it: #drop in the mail of ledger row {word['id']}." in explained
    assert "It waited for a word of its author since" in explained


@pytest.mark.parametrize("word", ["#Drop.", "  #drop thanks", "#drop\n\n-- \nBob", "\uff03drop"])
def test_the_word_counts_as_people_write_it(services: Services, word: str) -> None:
    waiting = answer_late(services)

    answer(services, told(services)[0], word, **PASS)

    assert row_of(services, waiting)["fate"] == "not_applied"


def test_further_words_beside_the_word_go_to_nobody_and_their_author_is_told(services: Services) -> None:
    answer_late(services)

    answer(services, told(services)[0], "#send\nAlso, it is blue.\n\n#resolve", **PASS)

    assert said(services) == [ANSWER]
    assert "The other words of your mail went to nobody" in last_mail(services, BOB, "command-answer")["text"]
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "in_progress"}]


def test_other_words_are_held_with_what_to_write_and_the_answer_goes_in_time(services: Services) -> None:
    waiting = answer_late(services)

    other = answer(services, told(services)[0], "Yes, please send it.", **PASS)
    before = row_of(services, waiting)["fate"]
    pass_time(services)

    assert (other["fate"], before, said(services)) == ("not_applied", None, [ANSWER])
    held = " ".join(last_mail(services, BOB, "mail-held")["text"].split())
    assert "its first word is neither #send nor #drop" in held
    assert "answer that mail with #send as its first word" in held


@pytest.mark.parametrize(("first", "became"), [("#send", "it was sent."), ("#drop", "it was not sent.")])
@pytest.mark.parametrize("word", ["#send", "#drop"])
def test_a_word_that_comes_too_late_is_told_what_became_of_it(
    services: Services, first: str, became: str, word: str
) -> None:
    answer_late(services)
    mail = told(services)[0]
    answer(services, mail, first, **PASS)
    once = said(services)

    late = answer(services, mail, word, **PASS)
    pass_time(services)

    assert (late["fate"], said(services)) == ("not_applied", once)
    assert became in " ".join(last_mail(services, BOB, "mail-held")["text"].split())


@pytest.mark.parametrize("text", [f"#note\n{ANSWER}", "#priority high\n#resolve"])
def test_a_note_and_commands_alone_do_not_wait(services: Services, text: str) -> None:
    row = answer_late(services, text)

    assert (row["fate"], told(services)) == ("applied", [])


def test_a_note_at_the_note_address_does_not_wait(services: Services) -> None:
    write_in_web_app(services)
    address = str(notice(services)["text"]).partition("What only colleagues shall read, send to:")[2].split()[0]

    note = answer(services, notice(services), "He called twice.", **PASS, to=address)

    assert (note["fate"], told(services)) == ("applied", [])


def test_commands_wait_with_the_text_and_are_carried_out_with_it(services: Services) -> None:
    answer_late(services, f"#resolve\n{ANSWER}")
    before = query(services, 'SELECT status::text FROM "Ticket"')

    pass_time(services)

    assert (before, query(services, 'SELECT status::text FROM "Ticket"')) == (
        [{"status": "open"}],
        [{"status": "resolved"}],
    )
    assert "Done:    #resolve" in last_mail(services, BOB, "command-answer")["text"]


def test_a_colleagues_answer_by_mail_counts_too(services: Services) -> None:
    make_staff(services, "cat@desk.example")
    execute(
        services, 'UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :e)', e="cat@desk.example"
    )
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)
    answer(services, last_mail(services, "cat@desk.example", "ticket-assigned"), COLLEAGUE, **PASS)

    row = answer(services, notice(services), ANSWER, **PASS)

    assert (row["fate"], len(told(services))) == (None, 1)
    assert "After the mail that you answer, Cat answered, too." in " ".join(told(services)[0]["text"].split())


def test_what_the_answered_mail_tells_of_is_no_news(services: Services) -> None:
    write_in_web_app(services)
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)

    row = answer(services, last_mail(services, BOB, "comment-to-agent"), ANSWER, **PASS)

    assert (row["fate"], told(services)) == ("applied", [])


def test_words_of_a_customer_and_the_agents_own_are_no_clash(services: Services) -> None:
    answer(services, last_mail(services, ANN, "ticket-opened"), "It smells, too.", **ANNS_PASS)
    write_in_web_app(services, ANN, "And it burns.")
    write_in_web_app(services, BOB, "I look at it.")

    row = answer(services, notice(services), ANSWER, **PASS)

    assert (row["fate"], told(services)) == ("applied", [])


def test_who_wrote_to_the_ticket_after_the_colleague_knows_what_was_said(services: Services) -> None:
    write_in_web_app(services)
    write_in_web_app(services, BOB, "As Ada says.")

    row = answer(services, notice(services), ANSWER, **PASS)

    assert row["fate"] == "applied"


def test_its_author_is_asked_once_about_a_comment_and_again_about_a_further_one(services: Services) -> None:
    answer_late(services)
    answer(services, told(services)[0], "#drop", **PASS)

    second = answer(services, notice(services), "Hello Ann, as Ada says.", **PASS)
    write_in_web_app(services, content="It is done.")
    third = answer(services, notice(services), "Hello Ann, that is good.", **PASS)

    assert (second["fate"], third["fate"]) == ("applied", None)
    assert "| It is done." in told(services)[1]["text"]
    assert COLLEAGUE not in told(services)[1]["text"]


def test_it_waits_once_also_where_a_further_colleague_answers_meanwhile(services: Services) -> None:
    waiting = answer_late(services)
    write_in_web_app(services, content="It is done.")

    pass_time(services)

    assert (row_of(services, waiting)["fate"], len(told(services))) == ("applied", 1)


def test_a_second_answer_within_the_two_minutes_waits_behind_the_first(services: Services) -> None:
    first = answer_late(services)
    second = answer(services, notice(services), "Hello Ann, and a second thing.", **PASS)

    answer(services, told(services)[0], "#drop", **PASS)
    pass_time(services)

    assert [row_of(services, row)["fate"] for row in (first, second)] == ["not_applied", "applied"]
    assert said(services) == ["Hello Ann, and a second thing."]


def test_after_the_wait_it_is_decided_by_what_holds_then(services: Services) -> None:
    waiting = answer_late(services)
    execute(services, "UPDATE \"User\" SET role = 'customer' WHERE email = :e", e=BOB)

    pass_time(services)

    assert to_customer(services) == 0
    assert row_of(services, waiting)["evidence"]["rule"] != "staff_on_ticket"


def test_a_copy_that_comes_meanwhile_changes_nothing(services: Services) -> None:
    write_in_web_app(services)
    asked = notice(services)
    fields = {"from": BOB, "to": str(asked["reply_to"]), "message_id": "<b@desk>", "subject": "Re:"}
    raw = a_raw_mail(ANSWER, **fields, **PASS)
    rows = [store_in_ledger(services, raw) for _ in range(2)]
    receive_due(services)
    announce_due(services)

    for _ in range(3):
        pass_time(services)

    fates = query(services, "SELECT fate FROM mail.ledger WHERE id = ANY(:rows) ORDER BY id", rows=rows)
    assert [row["fate"] for row in fates] == ["applied", "not_applied"]
    assert (len(told(services)), said(services), to_customer(services)) == (1, [ANSWER], 1)


def test_an_answer_whose_token_others_in_cc_see_is_still_sent(services: Services) -> None:
    waiting = answer_late(services, cc=ANN)
    spent = notice(services)["spent_at"]

    pass_time(services)

    assert spent is not None
    assert (row_of(services, waiting)["fate"], said(services)) == ("applied", [ANSWER])


def test_a_process_that_dies_before_either_commit_leaves_one_effect(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies with its transaction when it would let it wait, and again when it would send it."""

    def dies(*of: object) -> object:
        carry_out(*of)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    def run_and_die() -> None:
        with monkeypatch.context() as dying:
            dying.setattr(intake, "carry_out", dies)
            with pytest.raises(KeyboardInterrupt):
                receive_due(services)
        execute(services, "UPDATE mail.ledger SET claimed_until = now() - interval '1 s' WHERE claimed_by IS NOT NULL")

    write_in_web_app(services)
    asked = notice(services)
    fields = {"from": BOB, "to": str(asked["reply_to"]), "message_id": "<b@desk>", "subject": "Re:"}
    row = {"id": store_in_ledger(services, a_raw_mail(ANSWER, **fields, **PASS))}
    run_and_die()
    receive_due(services)
    announce_due(services)
    waits = row_of(services, row)["fate"]
    execute(services, "UPDATE mail.ledger SET due_at = now() WHERE fate IS NULL")
    run_and_die()
    receive_due(services)
    announce_due(services)

    assert (waits, row_of(services, row)["fate"]) == (None, "applied")
    assert (len(told(services)), said(services), to_customer(services)) == (1, [ANSWER], 1)


@pytest.mark.parametrize("word", ["#send", "#drop"])
def test_a_word_at_the_moment_at_which_it_is_due_has_one_effect(make_services: MakeServices, word: str) -> None:
    settings = {"AUTHSERV_ID": "mx.desk.example", "TRUST__STAFF": "both"}
    services, other = make_services(ADMIN, AGENT, a_raw_mail(), **settings), make_services(**settings)
    waiting = answer_late(services)
    asked = told(services)[0]
    fields = {"from": BOB, "to": str(asked["reply_to"]), "message_id": "<w@desk>", "subject": "Re:"}
    store_in_ledger(services, a_raw_mail(word, **fields, **PASS))
    execute(services, "UPDATE mail.ledger SET due_at = now() WHERE fate IS NULL")
    start = Barrier(2)

    def work(one: Services) -> None:
        start.wait()
        receive_due(one)

    workers = [Thread(target=work, args=(one,)) for one in (services, other)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    pass_time(services)

    decided = row_of(services, waiting)["fate"]
    assert decided in (("applied",) if word == "#send" else ("applied", "not_applied"))
    assert len(said(services)) == to_customer(services) == (decided == "applied")


@pytest.mark.parametrize(("word", "became"), [("#drop", "not_applied"), ("#send", "applied")])
def test_a_word_that_came_in_time_counts_also_where_no_worker_was_there(
    services: Services, word: str, became: str
) -> None:
    waiting = answer_late(services)
    asked = told(services)[0]
    fields = {"from": BOB, "to": str(asked["reply_to"]), "message_id": "<w@desk>", "subject": "Re:"}
    answers = {"in_reply_to": f"<{asked['message_id']}>"}
    store_in_ledger(services, a_raw_mail(word, **fields, **answers, **PASS))

    for _ in range(3):
        pass_time(services)

    assert row_of(services, waiting)["fate"] == became
    assert len(said(services)) == to_customer(services) == (word == "#send")


# Who answers our mail to Bob, with which headers; none of them is Bob, or shows that they are.
FORGERS: list[tuple[str, dict[str, str]]] = [
    ("eve@elsewhere.example", {}),
    (ANN, ANNS_PASS),
    (ADA, PASS),
    (BOB, {}),
    (BOB, {"authentication_results": "mx.desk.example; dmarc=fail header.from=desk.example"}),
    (BOB, {**PASS, "auto_submitted": "auto-replied"}),
]


@pytest.mark.parametrize(("sender", "headers"), FORGERS)
def test_nobody_else_drops_an_agents_answer(services: Services, sender: str, headers: dict[str, str]) -> None:
    waiting = answer_late(services)
    asked = told(services)[0]

    answer(services, {**asked, "recipient": sender}, "#drop", **headers)
    before = row_of(services, waiting)["fate"]
    pass_time(services)

    assert (before, row_of(services, waiting)["fate"], said(services)) == (None, "applied", [ANSWER])


def test_who_has_no_token_of_our_mail_drops_nothing(services: Services) -> None:
    waiting = answer_late(services)

    write_mail(services, BOB, "#drop", subject=f"Re: {told(services)[0]['subject']}", **PASS)
    answer(services, notice(services), "#drop", **PASS)
    pass_time(services)

    assert row_of(services, waiting)["fate"] == "applied"
    assert "no answer waits for the one that you answered" in " ".join(
        last_mail(services, BOB, "command-answer")["text"].split()
    )


def test_a_forged_earlier_answer_of_a_colleague_lets_no_answer_wait(services: Services) -> None:
    """Nothing proves the mail under Ada's address, and whoever calls themselves an admin is none."""
    write_mail(services, ADA, COLLEAGUE, subject="Re: [SD-1001] Printer")
    answer(services, {**notice(services), "recipient": ADA}, COLLEAGUE)
    execute(
        services,
        """INSERT INTO "User" (id, email, name, role, "updatedAt")
           VALUES ('eve', 'eve@elsewhere.example', 'Eve', 'admin', now())""",
    )
    write_in_web_app(services, "eve@elsewhere.example")

    row = answer(services, notice(services), ANSWER, **PASS)

    assert (row["fate"], told(services)) == ("applied", [])


def test_many_answers_at_once_are_told_within_the_loop_breaker_and_none_is_lost(services: Services) -> None:
    write_in_web_app(services)
    asked = notice(services)
    for number in range(40):
        fields = {"from": BOB, "to": str(asked["reply_to"]), "message_id": f"<{number}@bomb>", "subject": "Re:"}
        store_in_ledger(services, a_raw_mail(f"Answer {number}.", **fields, **PASS))
    receive_due(services)
    announce_due(services)
    sent = [mail for mail in told(services) if mail["fate"] is None]

    pass_time(services)

    assert len(sent) < 40
    assert len(said(services)) == 40


def test_a_comment_that_is_deleted_meanwhile_is_told_to_nobody(services: Services) -> None:
    write_in_web_app(services)
    asked = notice(services)
    fields = {"from": BOB, "to": str(asked["reply_to"]), "message_id": "<b@desk>", "subject": "Re:"}
    store_in_ledger(services, a_raw_mail(ANSWER, **fields, **PASS))
    receive_due(services)
    execute(services, 'DELETE FROM "Comment"')
    announce_due(services)

    text = " ".join(told(services)[0]["text"].split())
    assert "After the mail that you answer, a colleague answered, too." in text
    assert COLLEAGUE not in text
