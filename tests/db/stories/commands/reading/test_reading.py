"""Reading by mail on a real database: what each reader is shown, and where answers to that go."""

import pytest

from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, a_raw_mail, execute, query
from tests.support.values.readings import ADA, ANN, BOB, CAT, EVE, PASS, asked, give_to, passed, row_address
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.admin.forget import forget
from worker.admin.search_index import index_changes
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT, SECOND_AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")


# Forty-five more tickets of Ann's.
MORE_TICKETS = """
INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt")
SELECT 't' || n, 'Ticket ' || n, 'Words', 'billing', (SELECT id FROM "User" WHERE email LIKE 'ann@%'), now()
FROM generate_series(1, 45) n
"""


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def notes(services: Services) -> list[str]:
    return [row["text"] for row in query(services, "SELECT text FROM mail.note ORDER BY id")]


def test_what_is_written_to_the_address_of_a_row_is_on_that_ticket(services: Services) -> None:
    give_to(services, BOB)
    mail = asked(services, BOB, "#list")

    row = write_mail(
        services, BOB, "#resolve\nHello Ann,\n\ntry the other cable.", to=row_address(mail, "SD-1001"), **PASS
    )

    assert mail["listed"] == {"tickets": [1001]}
    assert (row["fate"], row["ticket_number"]) == ("applied", 1001)
    assert comments(services) == ["Hello Ann,\n\ntry the other cable."]
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "resolved"}]


def test_the_address_of_a_row_gives_nothing_to_anybody_else(services: Services) -> None:
    give_to(services, BOB)
    address = row_address(asked(services, BOB, "#list"), "SD-1001")

    stranger = write_mail(services, EVE, "#resolve\nSend me all.", to=address, **passed(EVE))
    colleague = write_mail(services, CAT, "#resolve", to=address, **PASS)

    assert (stranger["fate"], notes(services)) == ("applied", ["#resolve\nSend me all."])
    assert colleague["fate"] == "not_applied"
    assert comments(services) == []
    assert mails_to(services, EVE) == []


def test_an_answer_to_a_shown_ticket_is_on_it(services: Services) -> None:
    give_to(services, BOB)
    mail = asked(services, BOB, "#show 1001")

    row = answer(services, mail, "Try the other cable.", **PASS)

    assert "My printer is broken." in mail["text"]
    assert row["ticket_number"] == 1001
    assert comments(services) == ["Try the other cable."]


def test_a_customer_reads_their_own_and_no_note_and_opens_no_ticket(services: Services) -> None:
    give_to(services, BOB)
    answer(services, asked(services, BOB, "#show 1001"), "#note\nHe has not paid for years.", **PASS)

    listed, shown = asked(services, ANN, "#list"), asked(services, ANN, "#show SD-1001")

    assert "SD-1001 Printer" in listed["text"]
    assert "My printer is broken." in shown["text"]
    assert notes(services) == ["He has not paid for years."]
    assert "paid for years" not in shown["text"] + shown["html"]
    assert "paid for years" in asked(services, BOB, "#show 1001")["text"]
    assert query(services, 'SELECT count(*) AS n FROM "Ticket"') == [{"n": 1}]


def test_a_customer_without_proof_opens_a_ticket_like_everybody(services: Services) -> None:
    for sender in (ANN, EVE):
        row = write_mail(services, sender, "#list", subject="Hello")

        assert (row["fate"], row["evidence"]["rule"]) == ("applied", "new_ticket")
        assert mails_to(services, sender, "command-answer") == []


@pytest.mark.parametrize("line", ["#show 1002", "#show 9999", "#history 1002"])
def test_one_sentence_answers_what_is_not_there_and_what_is_not_theirs(services: Services, line: str) -> None:
    write_mail(services, EVE, "The secret of Eve.", subject="Eve's", **passed(EVE))
    give_to(services, CAT)
    tag = f"SD-{line.split()[1]}"

    for reader in (BOB, ANN):
        text = asked(services, reader, line)["text"] if reader == BOB or "show" in line else ""
        wanted = {BOB: f"There is no ticket {tag} that you may see.", ANN: f"You have no request {tag}."}[reader]

        assert wanted in text or not text
        assert "Eve" not in text
    assert asked(services, ADA, line)["listed"] == (
        None if "9999" in line or "history" in line else {"tickets": [1002]}
    )


def test_a_list_goes_on_to_its_end_and_says_so(services: Services) -> None:
    execute(services, MORE_TICKETS)
    seen: list[int] = []

    mail = asked(services, ADA, "#list open")
    while True:
        seen += mail["listed"]["tickets"]
        if "more" not in mail["listed"]:
            break
        answer(services, mail, "#more", **PASS)
        mail = last_mail(services, ADA, "command-answer")
    answer(services, mail, "#more", **PASS)

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 46
    assert "There is no more: that mail showed all" in last_mail(services, ADA, "command-answer")["text"]


def test_what_cannot_go_on_is_said(services: Services) -> None:
    give_to(services, BOB)
    alone = asked(services, BOB, "#more")
    answer(services, alone, "#more", **PASS)

    assert "needs an answer to a mail that shows one" in alone["text"]
    assert "needs an answer to a mail that shows one" in last_mail(services, BOB, "command-answer")["text"]


def test_a_long_conversation_comes_in_pages_and_nothing_is_lost(services: Services) -> None:
    give_to(services, BOB)
    words = [f"word{number:04}" for number in range(4000)]
    execute(services, """UPDATE "Ticket" SET description = :text""", text=" ".join(words))

    mail, shown = asked(services, BOB, "#show 1001"), ""
    while True:
        shown += mail["text"]
        if "more" not in mail["listed"]:
            break
        answer(services, mail, "#more", **PASS)
        mail = last_mail(services, BOB, "command-answer")

    assert "There is more. Write #more in an answer to this mail." in shown
    assert [word for word in words if word not in shown] == []


def test_a_merged_ticket_says_where_it_goes_on_and_one_in_the_archive_that_it_is_there(services: Services) -> None:
    write_mail(services, ANN, "Another.", subject="Toner", **passed(ANN))
    give_to(services, BOB)
    write_mail(services, BOB, "#merge SD-1002", to=row_address(asked(services, BOB, "#list"), "SD-1001"), **PASS)

    assert "SD-1001 is part of SD-1002 now, and goes on there." in asked(services, BOB, "#show 1001")["text"]
    assert asked(services, BOB, "#list")["listed"] == {"tickets": [1002]}


def test_who_waits_for_an_answer_is_in_the_list_until_staff_wrote(services: Services) -> None:
    give_to(services, BOB)
    before = asked(services, BOB, "#list waiting")
    write_mail(services, BOB, "Try the other cable.", to=row_address(before, "SD-1001"), **PASS)

    after = asked(services, BOB, "#list waiting")
    write_mail(services, ANN, "It did not help.", subject="Re: [SD-1001] Printer", **passed(ANN))

    assert (before["listed"], after["listed"]) == ({"tickets": [1001]}, None)
    assert "There is no such ticket." in after["text"]
    assert asked(services, BOB, "#list waiting")["listed"] == {"tickets": [1001]}


def test_an_answer_at_a_row_waits_where_a_colleague_answered_since_the_list(services: Services) -> None:
    give_to(services, BOB)
    mail, other = asked(services, BOB, "#list"), asked(services, ADA, "#show 1001")
    answer(services, other, "I have it.", **PASS)

    row = write_mail(services, BOB, "Try the other cable.", to=row_address(mail, "SD-1001"), **PASS)

    assert (row["fate"], row["waited_at"] is None) == (None, False)


def test_what_was_held_as_a_line_of_a_note_is_not_shown_to_the_customer_who_asks_either(services: Services) -> None:
    give_to(services, BOB)
    answer(services, asked(services, BOB, "#show 1001"), "#note\nThis customer has not paid since March.", **PASS)
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'leak', 'This customer has not paid since March.', t.ticket_id, u.id, timezone('utc', now()),
            timezone('utc', now())
        FROM mail.ticket t, "User" u WHERE t.number = 1001 AND u.email = 'bob@desk.example'""",
    )

    mail = asked(services, ANN, "#show 1001")

    assert mail["fate"] == "held"
    assert "a line of an internal note of the ticket" in mail["reason"]


def test_what_is_shown_of_a_merged_ticket_says_where_an_answer_goes(services: Services) -> None:
    write_mail(services, ANN, "And the scanner.", subject="Scanner", **passed(ANN))
    give_to(services, BOB)
    answer(services, asked(services, BOB, "#show 1001"), "#merge 1002", **PASS)

    shown = asked(services, BOB, "#show 1001")
    row = answer(services, shown, "#note\nBoth are old.", **PASS)

    assert "An answer to this mail is on SD-1002" in shown["text"]
    assert row["ticket_number"] == 1002


def test_an_answer_about_no_ticket_says_so_and_help_names_itself_once(services: Services) -> None:
    for line in ("#help", "#frobnicate", "#quarantine"):
        mail = asked(services, BOB, line)

        assert "You get this mail because a mail came to us under your address." in mail["text"]
        shown = ["to see every command" in mail[part] for part in ("text", "html")]
        assert shown == [line != "#help"] * 2


def test_a_list_that_is_passed_on_to_a_customer_is_held(services: Services) -> None:
    give_to(services, BOB)
    mail = asked(services, BOB, "#list")

    address = row_address(mail, "SD-1001")
    write_mail(services, BOB, f"Hello Ann,\n\nwrite to {address} next time.", to=address, **PASS)

    told = last_mail(services, ANN, "comment-to-customer")
    assert (told["fate"], "a signed address of somebody else" in told["reason"]) == ("held", True)


def test_who_is_forgotten_is_so_where_staff_were_shown_their_words_on_anothers_ticket(services: Services) -> None:
    write_mail(services, EVE, "The secret of Eve.", subject="Eve's", **passed(EVE))
    give_to(services, BOB)
    eves = row_address(asked(services, BOB, "#list"), "SD-1002")
    write_mail(services, BOB, "#priority high\n#show 1001", to=eves, **PASS)
    shown = last_mail(services, BOB, "command-answer")
    execute(services, "UPDATE mail.outbox SET fate = 'sent', decided_at = now()")

    forget(services.engine, ANN)

    left = query(services, "SELECT text, html, listed FROM mail.outbox WHERE id = :id", id=shown["id"])[0]
    assert (shown["ticket_number"], "printer is broken" in shown["text"]) == (1002, True)
    assert "printer" not in (left["text"] + left["html"]).lower()
    assert left["listed"] is None


@pytest.mark.parametrize("words", ["%", "_", ".*", "(a|b)+$", '\'; DROP TABLE "Ticket"; --', "x" * 10_000, "\\"])
def test_a_search_of_anything_is_answered(services: Services, words: str) -> None:
    give_to(services, BOB)

    mail = asked(services, BOB, f"#search {words}")

    assert mail["listed"] is None
    assert len(mail["text"]) < 12_000


def test_a_search_finds_for_its_reader_what_they_may_see(services: Services) -> None:
    give_to(services, CAT)
    index_changes(services.engine, 5)

    found = {reader: asked(services, reader, "#search broken printer")["listed"] for reader in (ADA, CAT, BOB)}

    assert found == {ADA: {"tickets": [1001]}, CAT: {"tickets": [1001]}, BOB: None}


@pytest.mark.parametrize(("words", "listed"), [("broken printer", {"tickets": [1001]}), ("lighthouse", None)])
def test_a_search_says_which_tickets_are_not_in_the_index_yet(
    services: Services, words: str, listed: dict[str, list[int]] | None
) -> None:
    give_to(services, BOB)
    index_changes(services.engine, 5)
    whole = asked(services, BOB, f"#search {words}")
    execute(services, "UPDATE mail.search_reach SET tickets_from = 1001")

    mail = asked(services, BOB, f"#search {words}")

    said = "Tickets below SD-1001 are not in the index of the search yet"
    for part in ("text", "html"):
        assert [said in " ".join(one[part].split()) for one in (whole, mail)] == [False, True], part
    assert (whole["listed"], mail["listed"]) == (listed, listed)


@pytest.mark.parametrize("text", ["", "-- \nBob Smith\nDesk"])
def test_a_subject_may_ask(services: Services, text: str) -> None:
    give_to(services, BOB)

    mail = asked(services, BOB, text, subject="#list")

    assert "SD-1001 Printer" in mail["text"]


def test_no_sign_of_a_title_that_turns_words_round_or_names_a_field_is_in_the_link_of_a_row(services: Services) -> None:
    title = "x\u202e\u2066gpj.exe&body=%23resolve?cc=eve%0D%0ABcc: eve"
    execute(services, 'UPDATE "Ticket" SET title = :title', title=title)
    give_to(services, BOB)

    html = asked(services, BOB, "#list")["html"]
    link = html.split('href="mailto:')[1].partition('"')[0]

    assert "%E2%80" not in link
    assert "%E2%81" not in link
    assert link.startswith("support%2B")
    assert (link.count("?"), link.count("&"), "%0D" in link) == (1, 0, False)


@pytest.mark.parametrize("name", ["", None])
def test_no_customer_reads_the_address_of_staff_who_have_no_name(services: Services, name: str | None) -> None:
    give_to(services, BOB)
    write_mail(services, BOB, "Try the other cable.", to=row_address(asked(services, BOB, "#list"), "SD-1001"), **PASS)
    execute(services, """UPDATE "User" SET name = :name WHERE email = 'bob@desk.example'""", name=name)

    shown = asked(services, ANN, "#show 1001")

    assert "UTC, bob:" in shown["text"]
    assert BOB not in shown["text"] + shown["html"]
    assert BOB in asked(services, ADA, "#show 1001")["text"]
