"""Situations that users of helpdesks reported, played from outside: a mail comes in, and what is there afterwards."""

from base64 import encodebytes
from dataclasses import dataclass
from typing import Any

import pytest

from mail.inbound.placeholders import SIGNED_TEXT
from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, execute, process, query
from tests.support.values.replies import last_mail
from worker.announce.run import announce_due
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
STRANGER = "otto@stone.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail("The lamp is dark.", subject="Lamp"))


@dataclass(frozen=True)
class Effect:
    """What a mail changed: its fate, the new words by their table, all states, and who was told by which mail."""

    fate: str
    tickets: list[tuple[str, str]]
    comments: list[str]
    notes: list[str]
    states: list[str]
    told: list[tuple[str, str]]
    files: int


def effect_of(services: Services, raw: bytes, status: str | None = None) -> Effect:
    """Process a mail, after the first ticket got this status, and look at everything that is new."""
    if status:
        execute(services, f"UPDATE \"Ticket\" SET status = '{status}'")
        announce_due(services)
    tickets, comments, notes, told, files = (len(query(services, f"SELECT FROM {table}")) for table in TABLES)
    row = process(services, raw)
    return Effect(
        fate=row["fate"],
        tickets=[tuple(one.values()) for one in query(services, _sorted("title, description", TABLES[0]))][tickets:],
        comments=[one["content"] for one in query(services, _sorted("content", TABLES[1]))][comments:],
        notes=[one["text"] for one in query(services, "SELECT text FROM mail.note ORDER BY id")][notes:],
        states=[one["status"] for one in query(services, _sorted("status::text", TABLES[0]))],
        told=[tuple(one.values()) for one in query(services, f"SELECT recipient, template FROM {OUT} ORDER BY id")][
            told:
        ],
        files=len(query(services, f"SELECT FROM {TABLES[4]}")) - files,
    )


OUT = "mail.outbox"
TABLES = ('"Ticket"', '"Comment"', "mail.note", OUT, "mail.attachment")


def _sorted(columns: str, table: str) -> str:
    return f'SELECT {columns} FROM {table} ORDER BY "createdAt", id'


def answering(services: Services, text: str, subject: str, **headers: str) -> bytes:
    """A mail of Ann that answers what we wrote last to her, with a subject of her own."""
    ours: dict[str, Any] = last_mail(services, ANN)
    ids = {"message_id": "<answer@customer.example>", "in_reply_to": f"<{ours['message_id']}>"}
    return a_raw_mail(text, **({"to": str(ours["reply_to"]), "subject": subject} | ids | headers))


def test_an_emoji_below_our_answer_changes_nothing_but_a_note_for_staff(services: Services) -> None:
    head, _, _ = answering(services, "", "Re: Lamp").decode().partition("MIME-Version")
    head = "\n".join(line for line in head.splitlines() if not line.startswith("Content-"))
    forms = (
        ("plain", "👍\n\nAnn reacted via Gmail"),
        ("vnd.google.email-reaction+json", '{"emoji": "👍", "version": 1}'),
    )
    parts = "".join(
        f"--b\nContent-Type: text/{kind}; charset=utf-8\n\n{text}\n" for kind, text in (*forms, ("html", "👍"))
    )

    effect = effect_of(
        services, f"{head}\nContent-Type: multipart/alternative; boundary=b\n\n{parts}--b--\n".encode(), "resolved"
    )

    assert (effect.states, effect.tickets, effect.comments, effect.files) == (["resolved"], [], [], 0)
    assert len(effect.notes) == 1
    assert "reacted with 👍" in effect.notes[0]
    assert ANN not in {recipient for recipient, _ in effect.told}


def test_a_reaction_under_the_name_of_staff_is_no_note_of_theirs(services: Services) -> None:
    theirs = last_mail(services, ANN)
    head = f"From: Bob <{BOB}>\nTo: {SUPPORT}\nSubject: Re: Lamp\nMessage-ID: <r@elsewhere.example>\n"
    head += f"In-Reply-To: <{theirs['message_id']}>\nContent-Type: multipart/alternative; boundary=b\n\n"
    kinds = (("plain", "👍\n\nI approve the refund."), ("vnd.google.email-reaction+json", '{"emoji": "👍"}'))
    parts = "".join(f"--b\nContent-Type: text/{kind}; charset=utf-8\n\n{text}\n" for kind, text in kinds)

    effect = effect_of(services, f"{head}{parts}--b--\n".encode())

    assert (effect.fate, effect.notes, effect.comments, effect.tickets) == ("not_applied", [], [], [])
    assert effect.told == [(BOB, "mail-unconfirmed")]


ABOUT_ABSENCES = [
    ("Out of office: where is it switched on?", "I go on leave on Friday. Please tell me how it is switched on."),
    ("Abwesenheitsnotiz: bitte für mich einrichten", "Ab Freitag soll eine Antwort gesendet werden."),
    ("Auto-reply: every client gets two", "Since Monday our shop answers each mail twice."),
    ("Automatic reply: wrong language", "Ours is in French, and should be in English."),
    ("Respuesta automática: no funciona", "No se envía desde ayer."),
    ("Away: a new status in the chat?", "Can there be one more?"),
]


@pytest.mark.parametrize(("subject", "text"), ABOUT_ABSENCES)
def test_a_stranger_who_asks_about_automatic_answers_gets_a_ticket_and_an_answer(
    services: Services, subject: str, text: str
) -> None:
    effect = effect_of(
        services, a_raw_mail(text, subject=subject, message_id="<q@stone.example>", **{"from": STRANGER})
    )

    assert (effect.fate, [words for _, words in effect.tickets]) == ("applied", [text])
    assert (STRANGER, "ticket-opened") in effect.told


NEWS = [
    {"auto_submitted": "auto-generated", "x_auto_response_suppress": "DR, RN, NRN, OOF, AutoReply"},
    {"auto_submitted": "auto-generated"},
    {"precedence": "bulk"},
]


@pytest.mark.parametrize("headers", NEWS)
def test_an_alarm_opens_a_ticket_that_staff_hear_of_and_nobody_else(
    services: Services, headers: dict[str, str]
) -> None:
    text = "Host: gate-2\nService: disk\nEvent: OK -> CRIT"
    given = {"from": "watch@ops.example", "subject": "gate-2: disk is CRIT", "message_id": "<w@ops.example>"}

    effect = effect_of(services, a_raw_mail(text, **(given | headers)))

    assert effect.tickets == [("gate-2: disk is CRIT", text)]
    assert effect.told == [(BOB, "ticket-assigned")]


def test_a_device_that_says_the_same_two_days_later_has_said_it_twice(services: Services) -> None:
    mail = f"From: ups@site.example\nTo: {SUPPORT}\nSubject: On battery\n\nUPS 3 runs on battery.\n"
    days = ("Tue, 10 Feb 2026 03:00:00", "Wed, 11 Feb 2026 22:00:00")
    raws = [f"Received: from ups by mx.desk.example with SMTP; {day} +0100\n{mail}".encode() for day in days]

    first, second, again = (effect_of(services, raw) for raw in (*raws, raws[1]))

    assert [len(one.tickets) + len(one.comments) for one in (first, second, again)] == [1, 1, 0]


def test_what_an_answer_says_in_its_subject_is_kept_and_told_to_the_agent(services: Services) -> None:
    subject = "URGENT: the charger in hall D smokes"

    effect = effect_of(services, answering(services, "Please call 555 0134.", subject))

    assert (len(effect.tickets), len(effect.comments)) == (0, 1)
    assert subject in effect.comments[0]
    assert "Please call 555 0134." in effect.comments[0]
    told = last_mail(services, BOB, "comment-to-agent")
    assert "the charger in hall D smokes" in told["text"]


def test_an_answer_without_a_text_says_what_its_subject_says(services: Services) -> None:
    effect = effect_of(services, answering(services, "\n", "Re: [SD-1001] please mend the lamp in hall C too"))

    assert len(effect.comments) == 1
    assert "please mend the lamp in hall C too" in effect.comments[0]


@pytest.mark.parametrize("tag", ["", "[External] ", "[EXTERNAL] ", "EXTERNAL: ", "(ext) ", "*EXTERN* "])
def test_an_absence_below_a_gateways_tag_reopens_nothing(services: Services, tag: str) -> None:
    subject = f"{tag}Automatic reply: [SD-1001] We have your message"
    raw = answering(services, "I am out of the office until Monday. In urgent cases call Otto.", subject)

    effect = effect_of(services, raw, "resolved")

    assert (effect.states, effect.comments, len(effect.notes)) == (["resolved"], [], 1)
    assert ANN not in {recipient for recipient, _ in effect.told}


def test_the_title_of_a_new_mail_is_without_a_gateways_tag_and_the_mark_of_an_answer(services: Services) -> None:
    given = {"from": STRANGER, "subject": "[EXTERNAL] RE: Lamp", "message_id": "<n@stone.example>"}

    effect = effect_of(services, a_raw_mail("The lamp in hall C is dark.", **given))

    assert effect.tickets in (
        [("Lamp", "The lamp in hall C is dark.")],
        [("[EXTERNAL] Lamp", "The lamp in hall C is dark.")],
    )


def der(tag: int, *content: bytes) -> bytes:
    joined = b"".join(content)
    return bytes((tag, 0x82)) + len(joined).to_bytes(2) + joined


def test_the_text_of_a_mail_that_is_signed_in_one_file_can_be_read(services: Services) -> None:
    signed, data = (bytes.fromhex(f"06092a864886f70d01070{number}") for number in (2, 1))
    text = b"Content-Type: text/plain; charset=utf-8\r\n\r\nBadge 118 was stolen.\r\nPlease block it.\r\n"
    inner = der(0x30, data, der(0xA0, der(0x04, text)))
    packed = der(0x30, signed, der(0xA0, der(0x30, der(0x02, b"\1"), der(0x31), inner, der(0x31))))
    head = f"From: {STRANGER}\nTo: {SUPPORT}\nSubject: Badge\nMessage-ID: <s@stone.example>\nMIME-Version: 1.0\n"
    kind = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"

    effect = effect_of(
        services,
        f"{head}Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n".encode() + encodebytes(packed),
    )

    assert effect.tickets == [("Badge", f"Badge 118 was stolen.\nPlease block it.\n\n{SIGNED_TEXT}")]
