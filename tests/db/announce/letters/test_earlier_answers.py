"""The mail about a new ticket shows what was answered to like questions, and `#use` brings one of them as a draft."""

import random
import re
from dataclasses import replace

import pytest
from sqlalchemy import text

from desk.reports.search.words import spaced
from models.db.engine import make_engine
from models.db.statement import Statement
from models.reports.search import like
from models.reports.search.like import WordMemory, find_like, read_answers
from tests.support.database.personal_data import forget_customer
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, process, query
from worker.admin.search_index import index_changes
from worker.announce.parts import suggest
from worker.announce.run import announce_due
from worker.runtime.services import Services
from worker.runtime.transaction import rolled_back

pytestmark = pytest.mark.services(ADMIN, AGENT)
QUESTION = (
    "Since the update of Tuesday the label printer in our warehouse prints blank stickers after each second pallet. "
    "The driver shows error E-17 and the spooler hangs. How do we calibrate the sensor again?"
)
LIKE = (
    "Our label printer prints blank stickers since the update, after every second pallet. Error E-17 is shown by the "
    "driver, the spooler hangs. Can the sensor be calibrated?"
)
ADVICE = "Hold the feed button until the lamp blinks twice, then choose Calibrate sensor in the menu of the driver."
ANSWER = f"Hello Maria,\n\n{ADVICE}\n\nCall me at +49 30 1234567 if Okafor Design needs more.\n\nBest wishes\nAda"
NOTE = "She is angry, so be quick with her."
SHOWN = (f"| {ADVICE}", "| Call me at [number] if [name] Design needs more.")
PEOPLE = """
INSERT INTO "User" (id, email, name, role, "updatedAt") VALUES
    ('maria', 'maria@okafor.example', 'Maria Okafor', 'customer', now()),
    ('kofi', 'kofi@books.example', 'Kofi Mensah', 'customer', now())
"""
TICKET = """
INSERT INTO "Ticket" (id, title, description, status, category, "createdById", "createdAt", "updatedAt", "resolvedAt")
VALUES ('like', 'Maria: blank stickers', :text, 'resolved', 'billing', 'maria', now() - interval '9 days', now(), now())
"""
COMMENT = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
SELECT 'answer', :answer, 'like', id, now() - interval '8 days', now() FROM "User" WHERE email = 'ada@desk.example'
"""
NOTED = """
INSERT INTO mail.note (ticket_number, text, reason) SELECT number, :note, '' FROM mail.ticket WHERE ticket_id = 'like'
"""
OTHERS = """
INSERT INTO "Ticket" (id, title, description, status, category, "createdById", "updatedAt", "resolvedAt")
SELECT 'o' || n, 'Question ' || n, 'We have a question about invoice number ' || n || ' of the year ' || n % 7,
    'resolved', 'billing', 'kofi', now(), now() FROM generate_series(1, 60) AS n
"""
OF_EACH = (
    """INSERT INTO "User" (id, email, name, "updatedAt") VALUES ('c{n}', '{address}', '{name}', now())""",
    """INSERT INTO "Ticket" (id, title, description, status, category, "createdById", "updatedAt", "resolvedAt")
    VALUES ('m{n}', '{name} asks', '{topic}', 'resolved', 'billing', 'c{n}', now(), now())""",
    """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
    SELECT 'a{n}', E'Dear {name},\\n\\n{advice}', 'm{n}', id, now() FROM "User" WHERE email = 'ada@desk.example'""",
    """INSERT INTO mail.note (ticket_number, text, reason)
    SELECT number, 'secret{n} {topic}', '' FROM mail.ticket WHERE ticket_id = 'm{n}'""",
)
QUIET = "SELECT set_config('supportdesk.quiet', 'on', true)"
AS_BOB = """
SELECT set_config('supportdesk.actor', person_number::text, true) FROM mail.staff WHERE email = 'bob@desk.example'
"""
TO_ADA = """
UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = 'ada@desk.example') WHERE title = 'Stickers'
"""
ADA, BOB = "ada@desk.example", "bob@desk.example"
SLOW = Statement("SELECT pg_sleep(20)")
LAST = "SELECT * FROM mail.outbox WHERE recipient = :to ORDER BY id DESC LIMIT 1"


@pytest.fixture
def desk(services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """A desk with sixty tickets about invoices, and one about stickers, which Ada answered."""
    # A machine that is busy with other tests may take longer than an assignment waits.
    monkeypatch.setattr(suggest, "SECONDS", 30)
    execute(services, QUIET, PEOPLE, OTHERS, TICKET, COMMENT, NOTED, text=LIKE, answer=ANSWER, note=NOTE)
    index_changes(services.engine, 30)
    return services


def ask(services: Services, words: str = QUESTION, **headers: str) -> dict[str, object]:
    """A customer asks; the mail to Bob, who gets the ticket."""
    process(services, a_raw_mail(words, subject="Stickers", **headers))
    return last_mail(services)


def last_mail(services: Services, to: str = BOB) -> dict[str, object]:
    return query(services, LAST, to=to)[0]


def answer(
    services: Services, mail: dict[str, object], words: str, number: int = 2, sender: str = BOB
) -> dict[str, object]:
    """An agent answers a mail of ours; the next mail to them."""
    raw = a_raw_mail(
        words,
        **{"from": sender},
        to=str(mail["reply_to"]),
        message_id=f"<{number}@desk>",
        in_reply_to=f"<{mail['message_id']}>",
        authentication_results="mail.desk.example; dmarc=pass header.from=desk.example",
    )
    process(services, raw)
    return last_mail(services, sender)


def test_the_mail_about_a_new_ticket_shows_the_answer_without_who_it_was_for(desk: Services) -> None:
    mail = ask(desk)

    assert mail["template"] == "ticket-assigned"
    assert "| " + ADVICE[:60] in str(mail["text"])
    assert "(1) [name]: blank stickers" in str(mail["text"])
    assert "#use 1" in str(mail["text"])
    assert ADVICE[:60] in str(mail["html"])
    assert not re.search("maria|okafor|1234567|angry", str(mail["text"]) + str(mail["html"]), re.IGNORECASE)
    assert mail["fate"] is None


def test_who_is_forgotten_is_so_where_their_title_stands_beside_an_earlier_answer(desk: Services) -> None:
    mail = ask(desk)
    execute(desk, "UPDATE mail.outbox SET fate = 'sent', decided_at = now()")

    forget_customer(desk, "maria@okafor.example")

    left = query(desk, "SELECT text || html AS words FROM mail.outbox WHERE id = :id", id=mail["id"])
    assert ("[name]: blank stickers" in str(mail["text"]), "[name]: blank" in left[0]["words"]) == (True, False)


def test_a_question_about_something_else_shows_none(desk: Services) -> None:
    mail = ask(desk, "Where do I find the holiday calendar of your office in Lisbon, and who answers the door there?")

    assert "#use" not in str(mail["text"])
    assert mail["suggested"] is None


def test_the_answer_comes_as_a_draft_that_can_be_answered_in_public(desk: Services) -> None:
    draft = answer(desk, ask(desk), "#use 1")

    assert (draft["template"], draft["kind"]) == ("answer-draft", "public")
    assert set(SHOWN) <= set(str(draft["text"]).splitlines())
    assert "#use 1" in str(draft["text"])
    assert "mailto:support+" in str(draft["html"])
    assert len(query(desk, "SELECT FROM mail.outbox WHERE recipient = 'bob@desk.example'")) == 2

    answer(desk, draft, ADVICE, number=3)

    comments = query(desk, """SELECT c.content FROM "Comment" c WHERE c."ticketId" NOT IN ('like')""")
    assert [row["content"] for row in comments] == [ADVICE]


def test_what_else_the_mail_asked_for_is_told_in_the_draft(desk: Services) -> None:
    draft = answer(desk, ask(desk), "#priority high\n#use 1\n#use 1\n#use 7")

    assert draft["template"] == "answer-draft"
    assert "The priority is now high." in str(draft["text"])
    assert "One draft a mail" in str(draft["text"])


def test_a_number_that_nothing_has_is_answered(desk: Services) -> None:
    told = answer(desk, ask(desk), "#use 0\n#use that one\n#use 2\n#use 3")

    text = " ".join(str(told["text"]).split())
    assert told["template"] == "command-answer"
    assert text.count("Write the number of an answer, such as #use 1.") == 2
    assert "There is no answer 2. The last mail that showed any has 1." in text
    assert "One draft a mail" in text


def test_in_a_quote_it_brings_nothing(desk: Services) -> None:
    first = ask(desk)

    last = answer(desk, first, "Hold the feed button.\n\n> #use 1")

    assert last["id"] == first["id"]


# Each makes that the answer is not to be offered any longer.
GONE = {
    "opened again": """UPDATE "Ticket" SET status = 'open', "resolvedAt" = NULL WHERE id = 'like'""",
    "merged": "UPDATE mail.ticket SET merged_into = 1001 WHERE ticket_id = 'like'",
    "erased": """DELETE FROM "Ticket" WHERE id = 'like'""",
    "deleted": """DELETE FROM "Comment" WHERE id = 'answer'""",
    "the customer's own": """UPDATE "Comment" SET "userId" = 'maria' WHERE id = 'answer'""",
    "of former staff": "DELETE FROM mail.staff WHERE email = 'ada@desk.example'",
    "of a customer by now": """UPDATE "User" SET role = 'customer' WHERE email = 'ada@desk.example'""",
}


def test_what_is_gone_is_neither_found_nor_read(desk: Services) -> None:
    words, found = spaced(QUESTION).split(), {}
    for name, change in {"there": "SELECT", **GONE}.items():
        with rolled_back(desk.engine) as session:
            session.execute(text(QUIET))
            session.execute(text(change))
            likes = [one.number for one in find_like(session, words, 0, WordMemory()) if one.number == 1061]
            found[name] = (likes, [*read_answers(session, [1061], "answer")])

    assert found == {"there": ([1061], [1061])} | dict.fromkeys(GONE, ([], []))


def test_what_is_gone_is_neither_shown_nor_brought(desk: Services) -> None:
    first = ask(desk)
    execute(desk, QUIET, GONE["opened again"])

    told = answer(desk, first, "#use 1")
    second = ask(desk, **{"from": "Dan <dan@customer.example>"}, message_id="<9@customer>")

    assert "is not there any longer" in " ".join(str(told["text"]).split())
    assert ADVICE[:30] not in str(told["text"])
    assert "#use" not in str(second["text"])


def test_a_draft_that_goes_before_it_is_written_says_so(desk: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(desk)
    monkeypatch.setattr("worker.announce.content.read_answers", lambda *_: {})

    draft = answer(desk, first, "#use 1")

    assert "That earlier answer is not there any longer." in str(draft["text"])
    assert ADVICE[:30] not in str(draft["text"])


def test_a_colleague_gets_no_draft_by_the_number_in_anothers_mail(
    desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(desk)
    monkeypatch.setattr(suggest, "find_like", lambda *_: [])
    execute(desk, AS_BOB, TO_ADA)
    announce_due(desk)
    adas = last_mail(desk, ADA)

    told = answer(desk, adas, "#use 1", sender=ADA)

    assert (adas["template"], told["template"]) == ("ticket-assigned", "command-answer")
    assert "No mail to you about this ticket showed earlier answers." in str(told["text"])


def test_a_signed_address_of_ours_in_an_answer_holds_no_mail_back(desk: Services) -> None:
    first = ask(desk, "Hello? Is this where I ask about the new scanner for our second office in the north, please?")
    signed = f"{ADVICE} Or write to {first['reply_to']} and name {first['message_id']} there."
    execute(desk, QUIET, "UPDATE \"Comment\" SET content = :text WHERE id = 'answer'", text=signed)

    mail = ask(desk, **{"from": "Dan <dan@customer.example>"}, message_id="<9@customer>")

    assert mail["fate"] is None
    assert ADVICE[:60] in str(mail["text"])
    assert str(first["reply_to"]).partition("@")[0] not in str(mail["text"])


def test_the_mail_goes_out_without_where_it_cannot_be_known(
    desk: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("of the test")

    monkeypatch.setattr(suggest, "find_like", fail)

    mail = ask(desk)

    assert (mail["template"], mail["fate"]) == ("ticket-assigned", None)
    assert "#use" not in str(mail["text"])
    assert "gets no suggestions" in caplog.text
    assert "RuntimeError: of the test" in caplog.text


def test_a_slow_index_lets_no_mail_wait(desk: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggest, "SECONDS", 0.05)
    monkeypatch.setattr(suggest, "find_like", lambda session, *_: SLOW.rows(session))

    mail = ask(desk)

    assert (mail["template"], mail["fate"]) == ("ticket-assigned", None)
    assert "#use" not in str(mail["text"])


def test_they_are_looked_up_without_a_second_connection(
    desk: Services, fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.db.engine.POOL_SIZE", 1)
    monkeypatch.setattr("models.db.engine.MAX_OVERFLOW", 0)
    engine = make_engine(fresh_database, application_name="tests")

    mail = ask(replace(desk, engine=engine))
    engine.dispose()

    assert "#use 1" in str(mail["text"])


def test_the_words_of_a_question_are_asked_once_and_anew_after_so_many_questions(
    desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(like, "REMEMBERED_FOR", 2)
    words, memory = spaced(QUESTION).split(), WordMemory()
    with rolled_back(desk.engine) as session:
        first = memory.read(session, words)
        session.execute(text("UPDATE mail.search_reach SET languages = '{}'"))
        second, third = memory.read(session, words), memory.read(session, words)

    assert (second == first, third == first) == (True, False)


def test_the_same_words_soon_after_name_the_ticket_that_they_repeat(desk: Services) -> None:
    ask(desk)
    number = query(desk, "SELECT max(number) AS number FROM mail.ticket")[0]["number"]

    mail = ask(desk, f"{QUESTION}\n\nIs anybody there?", message_id="<2@customer>")
    ours = answer(desk, mail, f"#merge SD-{number}", number=4)

    assert f"#merge SD-{number}" in " ".join(str(mail["text"]).split())
    assert re.search(f"#merge(<[^>]*>| )*SD-{number}", str(mail["html"]))
    assert f"is part of SD-{number} now" in " ".join(str(ours["text"]).split())


@pytest.mark.parametrize("owner", ["ada@desk.example", None])
def test_the_same_words_propose_no_merge_that_their_reader_may_not_give(desk: Services, owner: str | None) -> None:
    ask(desk)
    number = query(desk, "SELECT max(number) AS number FROM mail.ticket")[0]["number"]
    whose = """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :owner)
        WHERE id = (SELECT ticket_id FROM mail.ticket WHERE number = :number)"""
    execute(desk, QUIET, whose, owner=owner, number=number)

    mail = " ".join(str(ask(desk, f"{QUESTION}\n\nIs anybody there?", message_id="<2@customer>")["text"]).split())

    assert "#merge" not in mail
    assert (f"This may be SD-{number} again, which is a ticket of Ada" in mail) is (owner is not None)


def test_the_same_words_of_others_and_much_later_are_another_ticket(desk: Services) -> None:
    ask(desk)

    anothers = ask(desk, message_id="<2@customer>", **{"from": "Dan <dan@customer.example>"})
    execute(desk, QUIET, """UPDATE "Ticket" SET "createdAt" = now() - interval '3 days' WHERE title = 'Stickers'""")
    later = ask(desk, message_id="<3@customer>")
    execute(desk, QUIET, """UPDATE "Ticket" SET status = 'closed', "closedAt" = now() WHERE title = 'Stickers'""")
    closed = ask(desk, message_id="<4@customer>")

    assert ["#merge" in str(mail["text"]) for mail in (anothers, later, closed)] == [False, False, False]


def test_nothing_of_other_customers_and_of_no_note_is_ever_shown(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggest, "SECONDS", 30)
    rng, words = random.Random(7), [f"word{n}" for n in range(400)]
    execute(services, QUIET, *_many(words))
    index_changes(services.engine, 30)

    shown = 0
    for number in range(5):
        question = " ".join(rng.sample(words[number * 10 :][:10], 10)) + " please look at this for me soon"
        mail = ask(services, question, message_id=f"<{number}@many>", **{"from": f"X <x{number}@elsewhere.example>"})
        text = str(mail["text"])
        shown += "#use" in text
        assert not re.search(r"acme\d|secret\d|zoltan\w*|@c\d", text, re.IGNORECASE), text

    assert shown > 3


def _many(words: list[str]) -> list[str]:
    """Eighty answered tickets about forty matters, each with its customer, who has names, and a note."""
    return [statement.format(**_values(number, words)) for number in range(80) for statement in OF_EACH]


def _values(number: int, words: list[str]) -> dict[str, object]:
    name, address = f"Zoltan{'abcdefghij'[number % 10]} Kiss", f"zoltan{number}@c{number}.acme{number}.example"
    topic = " ".join(words[(number % 40) * 10 :][:10])
    advice = f"For {topic} restart it and wait, {name}, then write to {address} or call 030 {1000000 + number}."
    return {"n": number, "name": name, "address": address, "topic": topic, "advice": advice}
