"""Until when somebody is away, and whose word for it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.commands.arguments.days import read_absence_end
from desk.commands.table import STAFF_MAY
from desk.facts import KnownTicket, StaffTrust
from desk.intake.decide import decide
from desk.intake.decision import Hold, KeepNote, NotApplied, Personal
from desk.limits import USUAL
from mail.auth.results import Pin
from mail.inbound.message import MailKind
from mail.mime.headers import Headers
from mail.outbound.catalogue import said
from tests.support.values.builders import BOB, EVE, NOW, POLICY, a_grant, a_mail, a_ticket, id_of, some_facts
from tests.support.values.words import english

WRITE_UNTIL = said("commands.write_until", count=USUAL.absence_days)

DATES = [
    ("I am back on 2026-11-09.", "2026-11-10"),
    ("Ich bin bis 20.11.2026 nicht im Büro.", "2026-11-21"),
    ("Ich bin vom 3.11. bis 7.11. im Urlaub.", "2026-11-08"),
    ("away from 4 November to 12th of November", "2026-11-13"),
    ("Out until November 30, 2026, back after that.", "2026-12-01"),
    ("Bis 5. Dezember bin ich unterwegs.", "2026-12-06"),
    ("Je suis absent jusqu'au 1er décembre 2026.", "2026-12-02"),
    ("Estaré fuera hasta el 15 de diciembre de 2026.", "2026-12-16"),
    ("Ben er weer op 4 mei, of 9 november.", "2026-11-10"),
    ("I am on leave until 2 January.", None),
    ("Since 2026-01-01 we have a new office.", None),
    ("On 31 February I will be back, or on 45 November.", None),
    ("Back 11/09/2026.", None),
    ("Back soon.", None),
    ("until 2027-06-01", None),
]


@pytest.mark.parametrize(("text", "until"), DATES)
def test_the_latest_day_within_sixty_ends_an_absence(text: str, until: str | None) -> None:
    found = read_absence_end(text, NOW, USUAL.absence_days)

    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)


def test_a_long_text_of_digits_is_read_in_no_time() -> None:
    assert read_absence_end("9. 11. 9" * 100_000, NOW, USUAL.absence_days) is not None


PASS = Headers((("authentication-results", b"mx.desk.example; dmarc=pass header.from=desk.example"),))
FAIL = Headers((("authentication-results", b"mx.desk.example; dmarc=fail header.from=desk.example"),))
PINNED = replace(POLICY, pins={"support": Pin("mx.desk.example")}, staff_trust=StaffTrust.BOTH)
ROBOT: dict[str, Any] = {"kind": MailKind.AUTOMATIC, "automatic": "Auto-Submitted says 'auto-replied'.",
                         "text": "I am back on 2026-11-09.", "in_reply_to": ("x@desk.example",)}  # fmt: skip


def robot(**changes: Any) -> Any:
    text = changes.get("text", ROBOT["text"])
    return a_mail(sender=BOB.email, **(ROBOT | {"reply": text} | changes))


def test_an_out_of_office_answer_with_a_pass_makes_its_sender_away_until_its_date() -> None:
    rule, decision = decide(robot(headers=PASS), some_facts(BOB), PINNED)

    assert rule == "out_of_office"
    assert isinstance(decision, Personal)
    assert decision.absence is not None
    assert decision.absence.until == datetime(2026, 11, 10, tzinfo=UTC)


def test_an_answer_to_our_signed_message_id_proves_the_absence_too() -> None:
    grant = a_grant(BOB)

    rule, _ = decide(robot(in_reply_to=(id_of(grant),)), some_facts(BOB, (grant,)), PINNED)

    assert rule == "out_of_office"


def test_without_a_date_the_absence_lasts_a_day() -> None:
    _, decision = decide(robot(headers=PASS, text="I am away."), some_facts(BOB), PINNED)

    assert isinstance(decision, Personal)
    assert decision.absence is not None
    assert (decision.absence.until - NOW).days == 1


MOVE = "Our move on 20 November 2026"
REPEATED: dict[str, dict[str, Any]] = {
    "in the subject": {"subject": f"Automatic reply: {MOVE}"},
    "in the text, of the subject": {
        "subject": f"Auto: {MOVE}",
        "text": 'I got "Our move on\n20 November 2026". Back on 9 Nov.',
    },
    "in the text, of the ticket": {"text": f"Thank you for {MOVE.upper()}! I am back on 9 November."},
    "in the text, a line of the ticket": {"text": "The movers come on 21 November.\n\nI am back on 9 November."},
    "in a quote": {"reply": "I am back on 2026-11-09.", "text": "I am back on 2026-11-09.\n\n> we move on 2026-11-20"},
}


@pytest.mark.parametrize("place", REPEATED)
def test_a_day_that_the_answer_only_repeats_ends_no_absence(place: str) -> None:
    changes = {"text": "I am back on 9 November."} | REPEATED[place]
    ticket = replace(a_ticket(), title=MOVE, description="Hello,\nThe movers come on 21 November.\nAnn")
    answer = robot(headers=PASS, **({"reply": changes["text"]} | changes | {"in_reply_to": (id_of(a_grant(BOB)),)}))

    tickets = {1042: KnownTicket(ticket, frozenset({1}))}
    _, decision = decide(answer, some_facts(BOB, (a_grant(BOB),), tickets=tickets), PINNED)

    assert isinstance(decision, Personal)
    assert decision.absence is not None
    assert decision.absence.until == datetime(2026, 11, 10, tzinfo=UTC)


def test_a_day_in_a_text_that_could_not_be_told_from_its_quote_ends_no_absence() -> None:
    _, decision = decide(robot(headers=PASS, confidence=0.2), some_facts(BOB), PINNED)

    assert isinstance(decision, Personal)
    assert decision.absence is not None
    assert decision.absence.until == NOW + timedelta(days=1)


FORGED = [
    ({}, BOB),
    ({"headers": FAIL}, BOB),
    ({"headers": PASS, "in_reply_to": ()}, BOB),
    ({"headers": PASS, "senders": a_mail(sender=EVE.email).senders}, EVE),
]


@pytest.mark.parametrize(("changes", "sender"), FORGED)
def test_a_forged_absence_counts_for_nothing(changes: dict[str, Any], sender: Any) -> None:
    _, decision = decide(robot(**changes), some_facts(sender), PINNED)

    assert isinstance(decision, NotApplied | KeepNote)


def test_staff_say_that_they_are_away_and_back_with_their_servers_word_alone() -> None:
    away = a_mail("#away until 2026-11-20", sender=BOB.email, headers=PASS)

    rule, decision = decide(away, some_facts(BOB), PINNED)

    assert rule == "personal_commands"
    assert isinstance(decision, Personal)
    assert decision.absence is not None
    assert (decision.absence.until.day, [one.done for one in decision.outcomes]) == (21, [True])


def test_who_is_back_is_away_until_now() -> None:
    _, decision = decide(a_mail("#back", sender=BOB.email, headers=PASS), some_facts(BOB), PINNED)

    assert isinstance(decision, Personal)
    assert decision.absence is not None
    assert decision.absence.until == NOW


def test_a_mail_with_nothing_but_help_is_answered_with_a_line_for_each_command_of_staff() -> None:
    _, decision = decide(a_mail("#help", sender=BOB.email, headers=PASS), some_facts(BOB), PINNED)

    assert isinstance(decision, Personal)
    lines = list(map(english, decision.outcomes[0].detail))
    does = "no new tickets until then, for a colleague where an admin says so; in a mail of its own"
    assert f"#away until DAY [for NAME]: {does}. Example: #away until 2026-12-24" in lines
    assert len([line for line in lines if line.startswith("#")]) == len(STAFF_MAY)


def test_an_absence_without_a_day_is_refused_with_an_example() -> None:
    _, decision = decide(a_mail("#away", sender=BOB.email, headers=PASS), some_facts(BOB), PINNED)

    assert isinstance(decision, Personal)
    assert (decision.absence, decision.outcomes[0].sentence) == (None, WRITE_UNTIL)


@pytest.mark.parametrize("text", ["#away until 2026-11-20\nHello.", "#away until 2026-11-20\n#resolve"])
def test_with_anything_else_the_servers_word_alone_is_not_enough(text: str) -> None:
    _, decision = decide(a_mail(text, sender=BOB.email, headers=PASS), some_facts(BOB), PINNED)

    assert isinstance(decision, Hold)


def test_without_a_pass_even_an_absence_is_held() -> None:
    _, decision = decide(a_mail("#away until 2026-11-20", sender=BOB.email), some_facts(BOB), PINNED)

    assert isinstance(decision, Hold)
