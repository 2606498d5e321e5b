"""`supportdesk ticket search`: tickets by the words that stand in them, wherever each of the words stands."""

import json
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, execute, process
from tests.support.values.replies import answer, last_mail, write_mail
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
ANN, BOB = "ann@customer.example", "bob@desk.example"
LONG = "before it " * 20 + "a needle " + "after it " * 20


@pytest.fixture
def talk(services: Services) -> int:
    """A ticket with words in each of its texts; its number."""
    opened = process(
        services, a_raw_mail(f"It prints ÉMERAUDE at 100% of a_b.\\c, axc {LONG}", subject="Größe of the Paper")
    )
    answer(services, last_mail(services, BOB), "Hello Ann,\n\nturn the drum.")
    answer(services, last_mail(services, BOB), "She has the kerosene model.\n\n#note")
    return int(opened["ticket_number"])


def found(supportdesk: Supportdesk, *words: object) -> list[tuple[int, str]]:
    result = supportdesk("ticket", "search", "--json", *words)
    assert result.exit_code == 0, result.output
    return [(one["number"], one["place"]) for one in json.loads(result.output)]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["paper"], "title"),
        (["GRÖSSE"], "title"),
        (["Groesse"], "title"),
        (["Größen"], "title"),
        (["papers"], "title"),
        (["größe"], "title"),
        (["GRÖßE"], "title"),
        (["émeraude"], "description"),
        (["Emeraude"], "description"),
        (["printing"], "description"),
        (["print"], "description"),
        (["prin"], None),
        (["100%"], "description"),
        (["a_b"], "description"),
        (["axb"], None),
        (["1%0"], None),
        (["a_c"], None),
        ([".\\c"], "description"),
        (["DRUM"], "comment"),
        (["kerosene"], "note"),
        ([ANN], "customer"),
        (["customer.example"], "customer"),
        (["tomer.exam"], "customer"),
        (["@customer"], "customer"),
        (["tomer exam"], "customer"),
        (["paper", "drum", "kerosene", "ann"], "comment"),
        (["paper", "kerosene", "gasoline"], None),
        (["the kerosene  model"], "note"),
        (["kerosene the model"], None),
        (["model kerosene"], None),
        (["the kerosene model"], "note"),
        ([" kerosene "], "note"),
        (["SD-{}"], "number"),
        (["#{}"], "number"),
        (["{}"], "number"),
        (["{}", "drum"], "comment"),
        (["SD-{}9"], None),
    ],
)
def test_each_word_has_to_stand_and_one_may_stand_in_another_text(
    supportdesk: Supportdesk, talk: int, words: Sequence[str], place: str | None
) -> None:
    assert found(supportdesk, *(word.replace("{}", str(talk)) for word in words)) == ([(talk, place)] if place else [])


def test_the_place_is_shown_with_the_words_around(supportdesk: Supportdesk, talk: int) -> None:
    result = supportdesk("ticket", "search", "needle")
    (one,) = json.loads(supportdesk("ticket", "search", "needle", "--json").output)

    assert f"SD-{talk}" in result.output
    assert "description" in result.output
    assert one["excerpt"].startswith("…")
    assert one["excerpt"].endswith("…")
    assert " a needle " in one["excerpt"]
    assert len(one["excerpt"]) <= 122
    assert (one["customer"], one["status"]) == (ANN, "in_progress")


# So many signs before the needle and behind it; the excerpt has 40 before, and 120 in all.
WHOLE = f"{'a' * 39} needle {'b' * 73}"
EDGES = {(0, 0): "needle", (40, 74): WHOLE, (40, 75): f"{WHOLE}…", (41, 74): f"…{WHOLE}", (41, 75): f"…{WHOLE}…"}


def test_an_excerpt_is_marked_only_where_the_text_has_more(
    services: Services, supportdesk: Supportdesk, talk: int
) -> None:
    for (before, behind), excerpt in EDGES.items():
        words = f"{'a' * (before - 1)} needle {'b' * (behind - 1)}".strip()
        execute(services, 'UPDATE "Ticket" SET description = :text', text=words)

        (one,) = json.loads(supportdesk("ticket", "search", "needle", "--json").output)

        assert one["excerpt"] == excerpt, (before, behind)


def test_the_newest_stand_first_page_by_page_also_behind_the_newest_two_thousand(
    services: Services, supportdesk: Supportdesk
) -> None:
    old = [int(write_mail(services, f"c{n}@customer.example", "A needle.")["ticket_number"]) for n in range(2)]
    execute(services, "ALTER TABLE mail.ticket ALTER COLUMN number RESTART WITH 9001")
    new = [int(write_mail(services, f"c{n}@customer.example", "A needle.")["ticket_number"]) for n in range(2, 4)]

    first = supportdesk("ticket", "search", "needle", "--most", 3)

    assert f"add --before SD-{old[1]} for the next page" in first.output
    assert [number for number, _ in found(supportdesk, "needle", "--most", 3)] == [new[1], new[0], old[1]]
    assert [number for number, _ in found(supportdesk, "needle", "--before", old[1])] == [old[0]]
    assert "There are no further tickets." in supportdesk("ticket", "search", "needle", "--before", old[0]).output
    assert supportdesk("ticket", "search", "hay").output == "In no ticket do all these words stand.\n"


def test_a_note_that_became_a_comment_is_found_once_and_as_that(
    services: Services, supportdesk: Supportdesk, talk: int
) -> None:
    execute(services, "UPDATE mail.note SET accepted_at = now()")

    assert found(supportdesk, "kerosene") == []


def test_a_search_that_takes_too_long_is_ended_with_a_sentence(
    services: Services, supportdesk: Supportdesk, talk: int
) -> None:
    with services.engine.begin() as connection:
        connection.execute(text('LOCK TABLE public."Comment"'))
        result = supportdesk("ticket", "search", "hay", "--within", 1)

    assert result.exit_code == 2
    assert "The search took longer than 1 s and was ended before all tickets were looked through." in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["x" * 201], "“xxxxxxxxxxxxxxxxxxxx…” has 201 signs; a word has 200 at most."),
        ([" "], "An empty word stands everywhere; leave it out."),
        (["a\0b"], "A word holds bytes that are no text in UTF-8, or a NUL."),
        (["a\udcff"], "A word holds bytes that are no text in UTF-8, or a NUL."),
        (["w"] * 11, "11 words are too many; give 10 at most."),
        (["%"], "“%” has no letter and no digit; leave it out."),
        (["hay", "…"], "“…” has no letter and no digit; leave it out."),
        ([], "Missing argument 'WORD...'"),
        (["hay", "--before", "twelve"], "twelve is no ticket."),
    ],
)
def test_what_cannot_be_looked_for_is_said(supportdesk: Supportdesk, words: Sequence[str], sentence: str) -> None:
    result = supportdesk("ticket", "search", *words)

    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())


def test_a_word_of_two_hundred_signs_is_looked_for(supportdesk: Supportdesk, talk: int) -> None:
    assert found(supportdesk, "é" * 200) == []
