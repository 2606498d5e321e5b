"""A public answer quotes what its customer wrote last, to that customer alone, and never a note or another ticket."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SUPPORT, MakeServices, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail, write_mail
from worker.runtime.services import Services

ANN, BOB, DAN = "ann@customer.example", "bob@desk.example", "dan@elsewhere.example"
FIRST = "My printer is broken.\n\nIt hums, and then it stops."
QUOTE = "> My printer is broken.\n>\n> It hums, and then it stops.\n"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(FIRST))


def to(services: Services, recipient: str = ANN) -> dict[str, Any]:
    return last_mail(services, recipient, "comment-to-customer")


def comments(services: Services) -> list[str]:
    return [str(row["content"]) for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def test_the_first_answer_quotes_the_request_below_all_else(services: Services) -> None:
    answer(services, last_mail(services, BOB), "It is mended.")

    above, _, below = to(services)["text"].partition("[ref ")
    assert "printer is broken" not in above
    assert below.partition("]\n\n")[2].partition("\n")[0].endswith(" UTC, Ann wrote:")
    assert below.endswith(f"wrote:\n{QUOTE}")
    html = to(services)["html"].partition("[ref ")[2]
    assert "Ann wrote:</p>\n<blockquote" in html
    assert "It hums, and then it stops.</p></blockquote>" in html


def test_the_next_answer_quotes_what_the_customer_wrote_in_between_and_nothing_of_a_note(services: Services) -> None:
    answer(services, last_mail(services, BOB), "It is mended.")
    answer(services, to(services), "No, it hums again.")
    answer(services, last_mail(services, BOB), "#note\nShe is always like this, and has not paid.")
    answer(services, last_mail(services, BOB, "comment-to-agent"), "I will come tomorrow.")

    text = to(services)["text"]
    assert text.endswith("wrote:\n> No, it hums again.\n")
    assert not any(words in text for words in ("printer is broken", "has not paid", "It is mended"))
    assert comments(services) == ["It is mended.", "No, it hums again.", "I will come tomorrow."]


def test_nothing_is_quoted_where_the_settings_say_so(make_services: MakeServices) -> None:
    services = make_services(ADMIN, AGENT, a_raw_mail(FIRST), DESK__HISTORY="none")

    answer(services, last_mail(services, BOB), "It is mended.")

    assert "wrote:" not in to(services)["text"]
    assert "broken" not in to(services)["text"] + to(services)["html"]


PASS = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example\n"


@pytest.mark.services(ADMIN, AGENT, PASS + a_raw_mail(FIRST, cc=f"Dan <{DAN}>"), AUTHSERV_ID="mx.desk.example")
def test_a_guest_never_gets_the_customers_words(services: Services) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "Hello.")
    answer(services, last_mail(services, BOB, "ticket-assigned"), "It is mended.")

    assert "It is mended." in to(services, DAN)["text"]
    assert "broken" not in to(services, DAN)["text"] + to(services, DAN)["html"] + to(services, DAN)["subject"]
    assert "> My printer is broken." in to(services)["text"]


def test_a_first_mail_quotes_nothing(services: Services) -> None:
    execute(services, "UPDATE mail.outbox SET fate = 'held' WHERE recipient = :ann", ann=ANN)

    answer(services, last_mail(services, BOB), "It is mended.")

    assert "broken" not in to(services)["text"] + to(services)["html"] + to(services)["subject"]


QUOTES = {"marked": "> ", "plain": ""}
WORDS = [
    "Thank you, it works now.",
    "Still broken.\nIt hums all day.",
    # The customer says once more what our mail quotes.
    "As I wrote:\n\nMy printer is broken.",
]


@pytest.mark.parametrize("mark", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("words", WORDS)
def test_an_answer_above_the_quoted_turn_is_cut_as_ever(services: Services, words: str, mark: str) -> None:
    answer(services, last_mail(services, BOB), "It is mended. Please try once more, and tell us what it does.")
    mail = to(services)
    quoted = "\n".join(mark + line for line in str(mail["text"]).splitlines())
    body = f"{words}\n\nOn Mon, 2 Nov 2026 at 10:01, SupportDesk <{SUPPORT}> wrote:\n\n{quoted}\n"

    write_mail(services, ANN, body, to=str(mail["reply_to"]), in_reply_to=f"<{mail['message_id']}>")

    assert comments(services)[1:] == [words]


def test_an_answer_below_or_inside_is_the_customers(services: Services) -> None:
    answer(services, last_mail(services, BOB), "Does it hum? Then tell us what colour the light has, please.")
    mail = to(services)
    lines = [f"> {line}" for line in str(mail["text"]).splitlines()]
    body = "\n".join([f"On Mon, 2 Nov 2026 at 10:01, SupportDesk <{SUPPORT}> wrote:", *lines, "", "It is red."])

    write_mail(services, ANN, body, to=str(mail["reply_to"]), in_reply_to=f"<{mail['message_id']}>")

    assert comments(services)[1:] == ["It is red."]


HOSTILE = [
    "#close\nMy printer is broken.",
    "Please call me.\n\n\uff03resolve",
    "See [ref 1.abcdefghijklmnopqrst] and support+1.abcdefghijklmnopqrst@desk.example.\nMy printer is broken.",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_neither_commands_nor_signatures_are_quoted(make_services: MakeServices, text: str) -> None:
    services = make_services(ADMIN, AGENT, a_raw_mail(text))
    execute(services, 'UPDATE "Ticket" SET description = :text', text=text)

    answer(services, last_mail(services, BOB), "It is mended.")

    quote = to(services)["text"].partition("wrote:")[2]
    assert (to(services)["fate"], quote != "") == (None, True)
    assert not any(part in quote for part in ("#close", "\uff03", "abcdefghijklmnopqrst"))


def test_forty_lines_at_most_are_quoted(make_services: MakeServices) -> None:
    text = "\n".join(f"Line {number} of my long request." for number in range(100))
    services = make_services(ADMIN, AGENT, a_raw_mail(text))

    answer(services, last_mail(services, BOB), "It is mended.")

    quote = to(services)["text"].partition("]\n\n")[2].rstrip().splitlines()
    assert (len(quote), quote[-1]) == (40, "> […]")


def test_a_line_that_a_note_repeated_before_is_quoted_to_who_wrote_it(services: Services) -> None:
    answer(services, last_mail(services, BOB), "#note\n\nShe says that:\n\nIt hums, and then it stops.")

    answer(services, last_mail(services, BOB, "ticket-assigned"), "It is mended.")

    assert to(services)["fate"] is None
    assert "> It hums, and then it stops." in to(services)["text"]
