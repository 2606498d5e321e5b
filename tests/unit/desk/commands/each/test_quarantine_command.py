"""`#quarantine`: what admins ask for by it, with what proof, and that nobody else does."""

import pytest

from desk.commands.command import Changes, Setting
from desk.commands.each.quarantine import TryAgain
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.reading.ask import Ask, View
from desk.intake.decide import decide
from desk.intake.decision import Hold, Personal
from desk.ticket import Person
from models.events.outcomes import ask_from_json, ask_to_json
from tests.support.values.builders import ADA, ANN, BOB, BOTH, a_delivered_mail, dmarc_results, some_facts
from tests.support.values.words import english

HOW = "Write #quarantine alone, #quarantine show 12, or #quarantine retry 12"
# A line of an admin, what it asks to read, the mail that it has tried again, and what is said.
LINES = [
    ("#quarantine", Ask(View.QUARANTINE), None, "The mails in quarantine, the oldest first."),
    ("#quarantine show 12", Ask(View.QUARANTINED, mail=12), None, "Mail 12, which is in quarantine."),
    ("#Quarantine SHOW #12", Ask(View.QUARANTINED, mail=12), None, "Mail 12, which is in quarantine."),
    ("#quarantine retry 12", None, 12, "Mail 12 is tried again"),
    ("#quarantine  Retry  12", None, 12, "Mail 12 is tried again"),
    ("#quarantine 12", None, None, HOW),
    ("#quarantine retry", None, None, HOW),
    ("#quarantine retry --all", None, None, HOW),
    ("#quarantine retry 12 13", None, None, HOW),
    ("#quarantine show event-12", None, None, HOW),
    ("#quarantine show " + "9" * 40, None, None, HOW),
    ("#quarantine drop 12", None, None, HOW),
    ("#quarantine export 12", None, None, HOW),
]


@pytest.mark.parametrize(("line", "ask", "mail", "sentence"), LINES)
def test_what_an_admin_asks_of_the_quarantine(line: str, ask: Ask | None, mail: int | None, sentence: str) -> None:
    changes, (outcome,) = obey(parse_reply(line, staff=True).orders, Setting(ADA, None, ()))

    effects = () if mail is None else (TryAgain(mail),)
    assert (changes, outcome.ask, outcome.effects) == (Changes(effects=effects), ask, effects)
    assert outcome.done == (ask is not None or mail is not None)
    assert sentence in english(outcome.sentence)
    assert ask is None or ask_from_json(ask_to_json(ask)) == ask


@pytest.mark.parametrize(("person", "word"), [(BOB, "admins"), (ANN, "the people of the desk")])
@pytest.mark.parametrize("line", ["#quarantine", "#quarantine show 12", "#quarantine retry 12"])
def test_it_is_for_admins(person: Person, word: str, line: str) -> None:
    changes, (outcome,) = obey(parse_reply(line, staff=True).orders, Setting(person, None, ()))

    assert (changes, outcome.done, outcome.ask, outcome.effects) == (Changes(), False, None, ())
    assert english(outcome.sentence) == f"This command is for {word}."


# A text and a subject, and whether the word of the admin's own mail server is enough.
BY_A_PASS = [
    ("#quarantine", "Hello", True),
    ("#quarantine show 12", "Hello", True),
    ("#quarantine drop 12", "Hello", True),
    ("", "#quarantine", True),
    ("", "#quarantine show 12", True),
    ("#quarantine retry 12", "Hello", False),
    ("#quarantine\n#quarantine retry 12", "Hello", False),
    ("", "#quarantine retry 12", False),
]


@pytest.mark.parametrize(("text", "subject", "enough"), BY_A_PASS)
def test_only_what_is_shown_needs_no_more_than_a_pass(text: str, subject: str, enough: bool) -> None:
    mail = a_delivered_mail(text, ADA.email, above=[dmarc_results(ADA.email, "pass")], subject=subject)

    _, decision = decide(mail, some_facts(ADA), BOTH)

    assert isinstance(decision, Personal if enough else Hold)
