"""The demo's day as data: each letter has its file, each file its letter, and each is the mail it claims to be."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from string import Template

import pytest

from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from mail.quoting.labels import DELIMITER
from seed.example_words import ENGLISH, LANGUAGES, example_words
from seed.stack.mailhost.server import MailServer
from seed.stack.servers import Stack
from seed.story.day import CUSTOMER, DAY, OWNER, ROW, DayMail, Opens
from seed.story.letters import BLANK, MAILS, write
from worker.demo.ground import write_settings
from worker.settings.load import load_settings

ROOT = Path(__file__).parents[4]
NOON = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
OWN_MAILS = [letter for letter in DAY if not letter.again]
OPENING = [letter for letter in DAY if not letter.answers and not letter.again]
ANSWERS = [letter for letter in DAY if letter.answers and not letter.touches]
TOUCHES = [letter for letter in DAY if letter.touches]
ORIGINAL = f"""From: SupportDesk <support@desk.example>
Reply-To: support+a.b@desk.example
Subject: [SD-1007] Charged
 twice
Message-ID: <3.mac.sd@desk.example>
References: <1@acme.example>
Content-Type: multipart/alternative; boundary="_"

--_
Content-Type: text/plain; charset=utf-8

{DELIMITER}

Hello <you>,
| the customer's words

--_
Content-Type: text/html; charset=utf-8

<a class="tag" href="mailto:support%2Ba.row@desk.example?subject=Re%3A%20Row">SD-1007</a>
<a href="mailto:support%2Ba.b@desk.example?subject=Re%3A%20%5BSD-1007%5D&amp;body=%23close%0D%0A%0D%0ABelow">Close</a>
--_--
""".encode()


def named(letter: DayMail) -> str:
    return letter.word


def answered(letter: DayMail, language: str = ENGLISH) -> InboundMail:
    return parse(filled(letter, language))


def filled(letter: DayMail, language: str) -> bytes:
    author, touched = "Bob <bob@desk.example>", "SD-1007" if letter.touches == ROW else letter.touches
    return write(letter.word, NOON, author=author, original=ORIGINAL, language=language, touched=touched).raw


def test_every_letter_has_its_file_and_every_file_its_letter() -> None:
    files = {path.stem for path in (MAILS / ENGLISH).glob("*.eml")}

    assert {letter.word for letter in OWN_MAILS} == files


def test_no_two_letters_share_a_word_or_a_message_id() -> None:
    ids = [answered(letter).message_id for letter in OWN_MAILS]

    assert len({letter.word for letter in DAY}) == len(DAY)
    assert len(set(ids)) == len(OWN_MAILS)


@pytest.mark.parametrize("letter", OPENING, ids=named)
def test_a_letter_comes_from_its_author_to_the_desk(letter: DayMail) -> None:
    mail = parse(write(letter.word, NOON).raw)

    assert [sender.email for sender in mail.senders] == [letter.by]
    assert [address.email for address in mail.to] == ["support@desk.example"]


@pytest.mark.parametrize("letter", ANSWERS, ids=named)
def test_an_answer_goes_to_the_signed_address_and_names_what_it_answers(letter: DayMail) -> None:
    mail = answered(letter)

    assert [address.email for address in mail.to] == ["support+a.b@desk.example"]
    assert mail.subject == "Re: [SD-1007] Charged twice"
    assert mail.refers[0] == "3.mac.sd@desk.example"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", TOUCHES, ids=named)
def test_a_touch_on_a_link_goes_where_the_link_says_and_answers_nothing(letter: DayMail, language: str) -> None:
    mail = answered(letter, language)

    to = {ROW: "support+a.row@desk.example", "#close": "support+a.b@desk.example"}[letter.touches or ""]
    assert [address.email for address in mail.to] == [to]
    assert mail.refers == ()
    assert mail.text.startswith("#")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", ANSWERS, ids=named)
def test_an_answer_quotes_what_it_answers_below_its_own_words(letter: DayMail, language: str) -> None:
    mail = answered(letter, language)

    assert DELIMITER in mail.removed
    assert mail.reply
    assert "customer's words" not in mail.reply


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", OWN_MAILS, ids=named)
def test_no_blank_stays_open_and_every_line_ends_as_on_the_wire(letter: DayMail, language: str) -> None:
    raw = filled(letter, language)

    assert not BLANK.search(raw)
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_everybody_in_the_story_can_be_named() -> None:
    openers = {letter.word for letter in DAY if isinstance(letter.effect, Opens)}
    roles = [(role, letter) for letter in DAY for role in (letter.by, *(role for role, _ in letter.notices))]

    assert all("@" in role or (role in {CUSTOMER, OWNER} and letter.ticket in openers) for role, letter in roles)


def test_the_demo_routes_as_the_file_that_operators_start_from() -> None:
    shipped = tomllib.loads((ROOT / "supportdesk.toml").read_text(encoding="utf-8"))
    blanks = {"imap_port": "1", "smtp_port": "1", "outage": example_words(ENGLISH).outage}
    demo = tomllib.loads(Template((ROOT / "seed" / "demo.toml").read_text(encoding="utf-8")).safe_substitute(blanks))

    assert (demo["routing"], demo["rule"], demo["trust"]) == (shipped["routing"], shipped["rule"], shipped["trust"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_that_a_demo_writes_can_be_used_and_are_secret(tmp_path: Path, language: str) -> None:
    url = 'postgresql://desk:a"b\\c@127.0.0.1/desk'
    server = MailServer("127.0.0.1", 1143, 1025, 1080, "demo")

    file = write_settings(tmp_path, Stack(url, "redis://127.0.0.1/0", server), server, NOON, language)
    settings = load_settings(file, {})

    assert settings.desk.language == language
    assert settings.database.url.get_secret_value() == url
    assert (settings.report[0].at.hour, settings.report[0].at.minute) == (12, 5)
    assert file.stat().st_mode & 0o777 == 0o600
