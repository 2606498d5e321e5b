"""What an answer is held against: lines of the ticket that read like commands, and for staff its notes as well."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from desk.gate.caps import fold
from desk.intake.assessment import CUT_BY_SENT
from models.intake.answered import read_named
from models.people.rows import find_person
from models.tickets.rows import known_tickets
from models.tickets.texts import with_texts
from tests.support.database.services import AGENT, SUPPORT, a_raw_mail, process, query
from tests.support.values.replies import answer, last_mail, write_mail
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
JAMS = "It jams.\n{line}\nWhat does that mean?"
pytestmark = pytest.mark.services(AGENT)


def status(services: Services) -> str:
    return str(query(services, 'SELECT status::text FROM "Ticket"')[0]["status"])


@pytest.mark.parametrize(
    ("stands", "repeated", "after"),
    [
        ("#close", "#close", "open"),
        ("\uff03close", "\uff03close", "open"),
        ("It says close.", "#close", "closed"),
        ("#reopen", "#close", "closed"),
    ],
)
def test_a_customers_line_counts_only_where_the_ticket_does_not_hold_it(
    services: Services, stands: str, repeated: str, after: str
) -> None:
    process(services, a_raw_mail(JAMS.format(line=stands)))

    answer(services, last_mail(services, ANN), f"More.\n\n{repeated}")

    assert status(services) == after


def test_a_customers_line_that_repeats_one_is_part_of_their_words(services: Services) -> None:
    process(services, a_raw_mail(JAMS.format(line="#close")))

    answer(services, last_mail(services, ANN), "More.\n\n#close")

    assert query(services, 'SELECT content FROM "Comment"') == [{"content": "More.\n\n#close"}]


@pytest.mark.parametrize(
    ("reply", "who", "notes", "commands", "reads"),
    [
        ("More.", ANN, (), set(), 0),
        ("More.\n#close", ANN, (), {"#close"}, 1),
        ("More.", BOB, ("Ask her about the toner.",), set(), 1),
        ("More.\n#close", BOB, ("Ask her about the toner.",), set(), 2),
        ("Size 1 # 2", ANN, (), set(), 0),
    ],
)
def test_only_what_a_reply_could_repeat_is_read(
    services: Services, reply: str, who: str, notes: tuple[str, ...], commands: set[str], reads: int
) -> None:
    process(services, a_raw_mail(JAMS.format(line="#close")))
    answer(services, last_mail(services, BOB), "#note\nAsk her about the toner.")
    asked: list[str] = []

    with Session(services.engine) as session:
        known = next(iter(known_tickets(session, [1001]).values()))
        sender = find_person(session, who)
        assert sender is not None
        event.listen(services.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
        found = with_texts(session, known, sender, reply)

    assert (found.notes, set(found.commands)) == (notes, commands)
    assert len(asked) == reads


# Where a customer or a stranger leaves the line that keeps an agent from giving the same command.
PLACES = ["description", "comment", "note"]
ALL = ["#resolve", "#close", "#note", "#priority high", "#category billing", "#assign me", "#status in progress"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", ALL)
def test_lines_of_others_veto_no_command_of_an_agent(services: Services, command: str, place: str) -> None:
    lines = "\n".join(["It jams.", *ALL, "What does that mean?"])
    process(services, a_raw_mail(lines if place == "description" else "It jams."))
    if place == "comment":
        answer(services, last_mail(services, ANN), lines)
    if place == "note":
        answer(services, {**last_mail(services, ANN), "recipient": "eve@elsewhere.example"}, lines)

    ledger = answer(services, last_mail(services, BOB), f"{command}\nHello Ann,\n\nDone.")

    assert (ledger["fate"], ledger["evidence"]["rule"]) == ("applied", "staff_on_ticket")


def test_a_line_of_a_strangers_note_in_an_answer_is_not_held(services: Services) -> None:
    common = "Thank you for contacting our support team."
    process(services, a_raw_mail("It jams."))
    to_bob = last_mail(services, BOB)
    answer(services, {**last_mail(services, ANN), "recipient": "eve@elsewhere.example"}, common)

    ledger = answer(services, to_bob, f"Turn it off.\n{common}")

    assert (ledger["fate"], ledger["evidence"]["rule"]) == ("applied", "staff_on_ticket")
    assert last_mail(services, ANN, "comment-to-customer")["fate"] is None


def an_unmarked_answer(services: Services, own: str, sender: str = ANN, inside: str = "Nothing.") -> dict[str, Any]:
    """The desk asked something, and a program that sets no marks answers it in no known language; the ledger row."""
    process(services, a_raw_mail("It jams."))
    answer(services, last_mail(services, BOB), "Which printer is it?\n\nDoes it print anything at all?")
    asked = last_mail(services, ANN, "comment-to-customer")
    ours = str(asked["text"]).replace("at all?", f"at all?\n{inside}")
    body = f"{own}\n\nXyz 2.11.2026 10:01 kuya SupportDesk <{SUPPORT}> bubu:\n\n{ours}"
    fields = {"to": str(asked["reply_to"]), "in_reply_to": f"<{asked['message_id']}>"}
    return dict(write_mail(services, sender, body, **fields))


def last_comment(services: Services) -> str:
    return str(query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt" DESC LIMIT 1')[0]["content"])


def test_what_we_sent_is_cut_from_an_answer_wherever_it_stands(services: Services) -> None:
    ledger = an_unmarked_answer(services, "The grey one.")

    assert last_comment(services) == "The grey one.\n\nNothing."
    assert ledger["evidence"]["words"] == CUT_BY_SENT
    kept = query(services, "SELECT removed FROM mail.reading WHERE removed LIKE '%kuya%'")
    assert ["Which printer is it?" in one["removed"] for one in kept] == [True]


def test_a_command_among_the_lines_that_we_sent_is_none(services: Services) -> None:
    an_unmarked_answer(services, "The grey one.", inside="#close")

    assert (status(services), last_comment(services)) == ("in_progress", "The grey one.\n\n#close")


def test_a_mail_is_compared_only_with_what_went_to_its_sender(services: Services) -> None:
    """Whoever has another's Message-ID must not learn, by what is cut, which words stand in the mails to them."""
    ledger = an_unmarked_answer(services, "The grey one.", sender="eve@elsewhere.example")

    assert "words" not in ledger["evidence"]
    shown = query(services, "SELECT text FROM mail.note")
    assert "Does it print anything at all?" in shown[0]["text"]


def test_the_texts_of_mails_to_others_are_not_read(services: Services) -> None:
    process(services, a_raw_mail("It jams."))
    answer(services, last_mail(services, BOB), "Which printer is it?")
    to_ann = last_mail(services, ANN, "comment-to-customer")

    with Session(services.engine) as session:
        grants, sent = read_named(session, [to_ann["id"]], fold(ANN))
        others, unread = read_named(session, [to_ann["id"]], fold(BOB))

    first, *beside = sent[to_ann["id"]]
    assert (first.text, first.html) == (to_ann["text"], to_ann["html"])
    assert [one.text for one in beside] == [last_mail(services, ANN, "ticket-opened")["text"]]
    assert (set(grants), set(others), unread) == ({to_ann["id"]}, {to_ann["id"]}, {})
