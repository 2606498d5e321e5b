"""What an answer is held against: lines of the ticket that read like commands, and for staff its notes as well."""

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from models.tickets.rows import known_tickets
from models.tickets.texts import with_texts
from tests.support.database.services import AGENT, a_raw_mail, process, query
from tests.support.values.replies import answer, last_mail
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
    ("reply", "staff", "notes", "commands"),
    [
        ("More.", False, (), set()),
        ("More.\n#close", False, (), {"#close"}),
        ("More.", True, ("Ask her about the toner.",), set()),
        ("More.\n#close", True, ("Ask her about the toner.",), {"#close"}),
        ("Size 1 # 2", False, (), set()),
    ],
)
def test_only_what_a_reply_could_repeat_is_read(
    services: Services, reply: str, staff: bool, notes: tuple[str, ...], commands: set[str]
) -> None:
    process(services, a_raw_mail(JAMS.format(line="#close")))
    answer(services, last_mail(services, BOB), "#note\nAsk her about the toner.")
    asked: list[str] = []

    with Session(services.engine) as session:
        known = next(iter(known_tickets(session, [1001]).values()))
        event.listen(services.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
        found = with_texts(session, known, reply, staff=staff)

    assert (found.notes, set(found.commands)) == (notes, commands)
    assert len(asked) == bool(notes) + bool(commands)
