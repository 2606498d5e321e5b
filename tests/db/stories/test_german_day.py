"""The demo's day in German, played without servers: it ends as the English one, and no mail of it holds English."""

from collections.abc import Iterator
from typing import Any

import pytest

from mail.inbound.parse import parse
from tests.support.database.databases import drop_database, new_database
from tests.support.database.services import query
from tests.support.values.english_words import english_words, shown, words_of
from tests.support.values.story_day import demo_services, play_day
from worker.demo.expectations import missing
from worker.demo.scene import Scene

STAFF = "@desk.example"
Mail = dict[str, Any]


@pytest.fixture(scope="module")
def day(
    postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Scene, list[Mail]]]:
    """The day at its end, and the rows of its outbox."""
    url = new_database(postgres_url, template_database)
    services = demo_services(url, tmp_path_factory.mktemp("demo"), "de")
    scene = play_day(services, "de")
    yield scene, query(services, "SELECT * FROM mail.outbox ORDER BY id")
    services.engine.dispose()
    drop_database(postgres_url, url)


def own_words(scene: Scene, mail: Mail) -> set[str]:
    """What people wrote about the ticket of a mail, or about any where it is about none; some write Spanish."""
    number = mail["ticket_number"]
    written = [parse(sent.mail.raw) for word, sent in scene.sent.items() if _is_about(scene, word, number)]
    return set().union(*(words_of(f"{one.subject} {one.reply} {one.senders[0].name}") for one in written))


def _is_about(scene: Scene, word: str, number: int | None) -> bool:
    received = scene.received(word)
    return received is not None and (number is None or received.ticket == number)


def parts(mail: Mail) -> dict[str, str]:
    """What its reader sees of a mail, by the name of the part."""
    html = shown(str(mail["html"]))
    return {"subject": str(mail["subject"]), "text": str(mail["text"]), "html": html, "from": str(mail["sender_name"])}


def english(scene: Scene, mails: list[Mail]) -> dict[tuple[str, str], list[str]]:
    """The English words of mails by template and part."""
    found: dict[tuple[str, str], list[str]] = {}
    for mail in mails:
        for part, text in parts(mail).items():
            if words := english_words(text, own_words(scene, mail)):
                found.setdefault((mail["template"], part), []).extend(words)
    return found


def test_the_german_day_ends_as_the_day_was_meant(day: tuple[Scene, list[Mail]]) -> None:
    assert missing(day[0]) == []


def test_no_mail_to_a_customer_holds_an_english_word(day: tuple[Scene, list[Mail]]) -> None:
    scene, mails = day
    to_customers = [mail for mail in mails if not mail["recipient"].endswith(STAFF)]

    assert english(scene, to_customers) == {}
    assert len({mail["template"] for mail in to_customers}) == 4


def test_no_mail_to_staff_holds_an_english_word(day: tuple[Scene, list[Mail]]) -> None:
    scene, mails = day
    to_staff = [mail for mail in mails if mail["recipient"].endswith(STAFF)]

    assert english(scene, to_staff) == {}
