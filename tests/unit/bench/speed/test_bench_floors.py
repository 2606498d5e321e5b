"""Floor d of the benchmark: what it reads of a mail, what it writes, and what its figures are made of."""

import pytest

from bench.speed.floors.figures import Floor
from bench.speed.floors.reading import notices_of, owner_of, read_letter, read_names
from bench.speed.mails import Mail, Recipe, mailbox

MAILS = mailbox(7, Recipe(count=40, replies=0.5, files=0.5))


@pytest.mark.parametrize("mail", MAILS[:20], ids=lambda mail: mail.message_id)
def test_it_reads_the_words_the_files_and_the_thread_of_a_mail(mail: Mail) -> None:
    letter = read_letter(mail.raw)

    assert mail.marker in letter.text
    assert tuple(len(content) for _, content in letter.files) == mail.files
    assert (letter.message_id, letter.sender, bool(letter.refers)) == (mail.message_id, mail.customer, not mail.opens)


@pytest.mark.parametrize("mail", MAILS[:20], ids=lambda mail: mail.message_id)
def test_the_headers_alone_name_the_same_mails(mail: Mail) -> None:
    letter = read_letter(mail.raw)

    assert read_names(mail.raw) == (letter.message_id, letter.refers)


def test_a_mail_without_a_message_id_gets_one_of_its_bytes() -> None:
    names = read_names(b"From: a@one.example\r\n\r\nWords\r\n")

    assert names == read_names(b"From: a@one.example\r\n\r\nWords\r\n") != read_names(b"From: b@one.example\r\n\r\n")


def test_two_notices_are_made_of_a_mail_with_its_words_escaped_in_html() -> None:
    letter = read_letter(b"From: a@one.example\r\nMessage-ID: <1@one.example>\r\n\r\n1 < 2 & 3\r\n")

    notices = notices_of(letter, 7, "A & B", owner_of(7))

    assert notices.recipients == ["a@one.example", owner_of(7)]
    assert len(set(notices.message_ids)) == 2
    assert all("1 < 2 & 3" in text and "A & B" in text for text in notices.texts)
    assert all("1 &lt; 2 &amp; 3" in html and "A &amp; B" in html for html in notices.htmls)


def test_cpu_of_all_processes_is_that_of_the_client_with_that_of_the_servers() -> None:
    floor = Floor("d", "", mails=100, seconds=2.0, cpu=0.3, servers={"PostgreSQL": 0.15, "IMAP server": 0.05})

    assert (floor.rate, floor.client, floor.cpu_a_mail) == (50, 3.0, 5.0)
