"""How a mail becomes a ticket: its title and text, who is judged to have sent it, and who gets it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.facts import Policy
from desk.intake.new_ticket import LONGEST_TITLE, open_ticket, stored_text, title_of
from desk.routing.grammar import OBJECTS
from desk.routing.rules import Assign, Rule, Strategy, Then, compile_rules
from desk.ticket import Category, Person, Priority
from mail.inbound.message import Attachment
from mail.mime.addresses import Address
from tests.support.values.builders import ADA, ANN, BOB, CAT, EVE, POLICY, a_file, a_mail, some_facts

TITLES = [
    ("Printer", "", "Printer"),
    ("  Printer \r\n\t burns ", "", "Printer burns"),
    ("Re: Printer", "", "Printer"),
    ("AW: Re: FW: RE[2]: Printer", "", "Printer"),
    ("Re: [SD-1042] Printer", "", "Printer"),
    ("[sd-7] Fwd: [SD-8] Re: Printer", "", "Printer"),
    ("Printer [SD-7]", "", "Printer"),
    ("Re:Printer: it burns", "", "Printer: it burns"),
    ("Regarding: printer", "", "Regarding: printer"),
    ("", "\n  \n It burns. \nHelp", "It burns."),
    ("Re: [SD-1]", "It burns.", "It burns."),
    ("", " \n ", "(no subject)"),
    ("[EXTERNAL] RE: Lamp", "", "Lamp"),
    ("[External] [SD-7] Re: Lamp", "", "Lamp"),
    ("RE: [EXT] Fwd: Lamp", "", "Lamp"),
    ("*EXTERN* AW: Lamp", "", "Lamp"),
    ("{Externe} Lamp", "", "Lamp"),
    ("EXTERNAL: RE: Lamp", "", "Lamp"),
    ("[EXTERNAL EMAIL] Lamp", "", "Lamp"),
    ("External lamp is broken", "", "External lamp is broken"),
    ("[External wall] Lamp", "", "[External wall] Lamp"),
    ("[EXTERNAL]", "It burns.", "It burns."),
    # What is left around a tag is a tag again.
    ("[SD-[SD-1]1001] Printer", "", "Printer"),
    ("[SD-[sd-1] 1001] Printer", "", "Printer"),
    ("[S[SD-[SD-2]3]D-1001]Printer", "", "Printer"),
    ("Re: [SD-[SD-1]1001]", "[SD-[SD-2]7] It burns.", "It burns."),
    ("x" * 200, "", "x" * 200),
    ("x" * 201, "", "x" * 199 + "…"),
    ("", "y" * 300, "y" * 199 + "…"),
]


@pytest.mark.parametrize(("subject", "text", "title"), TITLES)
def test_a_title_is_the_subject_without_prefixes_and_tags_or_the_first_line(
    subject: str, text: str, title: str
) -> None:
    made = title_of(subject, text)

    assert made == title


SUBJECTS = st.lists(st.sampled_from(["Re:", "[SD-1]", "Fwd:", "x", "\n", "\u2028", " "]) | st.text(max_size=150)).map(
    "".join
)


@given(SUBJECTS, SUBJECTS)
def test_a_title_is_one_line_never_empty_and_never_too_long(subject: str, text: str) -> None:
    title = title_of(subject, text)

    assert title == title.strip()
    assert len(title.splitlines()) == 1
    assert 0 < len(title) <= LONGEST_TITLE


SAID = [
    ("Words.", (), "Words."),
    ("\n  Words.\n\n", (), "  Words."),
    ("", (), "(The mail has no text.)"),
    (" \n\t", (a_file(),), "(The mail has no text; 1 file is attached.)"),
    ("", (a_file(), a_file()), "(The mail has no text; 2 files are attached.)"),
    ("Words.", (a_file(),), "Words."),
]


@pytest.mark.parametrize(("text", "files", "stored"), SAID)
def test_a_text_is_never_stored_empty(text: str, files: tuple[Attachment, ...], stored: str) -> None:
    made = stored_text(text, files)

    assert made == stored


def test_the_whole_text_of_a_first_mail_is_kept() -> None:
    mail = a_mail(reply="Why?", text="Why?\n> this", removed="> this")

    opened = open_ticket(mail, some_facts(None), POLICY, continues=None, reason="")

    assert opened.description == "Why?\n> this"


def test_a_mail_that_goes_on_from_a_closed_ticket_does_not_repeat_it() -> None:
    mail = a_mail(reply="Why?", text="Why?\n> this", removed="> this")

    opened = open_ticket(mail, some_facts(ANN), POLICY, continues=1042, reason="")

    assert (opened.description, opened.continues) == ("Why?", 1042)


def with_rules(*rules: Rule) -> Policy:
    return replace(POLICY, rules=compile_rules(rules))


def test_a_rule_overrides_the_words_and_chooses_the_owner() -> None:
    then = Then(Priority.HIGH, Category.BILLING, Assign(among=(CAT.email,)))
    policy = with_rules(Rule("invoices", 'sender.domain == "customer.example"', then))

    opened = open_ticket(a_mail("Hello."), some_facts(), policy, continues=None, reason="No ticket.")

    assert (opened.priority, opened.category, opened.owner.number) == (Priority.HIGH, Category.BILLING, CAT.number)
    assert opened.owner.sentence.startswith("Rule 'invoices'")
    assert opened.reason == "No ticket."


def test_every_part_of_the_choice_is_told() -> None:
    policy = with_rules(Rule("never", "mail.automatic", Then(Priority.HIGH)))

    opened = open_ticket(a_mail("Hello."), some_facts(), policy, continues=None, reason="")

    assert set(opened.why) == {"category", "priority", "owner", "rule never"}
    assert all(opened.why.values())


ROLES = [
    (None, "customer", True),
    (ANN, "customer", False),
    (EVE, "customer", False),
    (BOB, "agent", False),
    (ADA, "admin", False),
]


@pytest.mark.parametrize(("sender", "role", "is_new"), ROLES)
def test_rules_see_the_role_that_both_lists_agree_on(sender: Person | None, role: str, is_new: bool) -> None:
    when = f'sender.role == "{role}" and sender.is_new == {str(is_new).lower()}'
    policy = with_rules(Rule("who", when, Then(Priority.HIGH)))

    opened = open_ticket(a_mail("Hello."), some_facts(sender), policy, continues=None, reason="")

    assert opened.priority is Priority.HIGH


# A condition that holds, and in what the mail differs from a plain "Hello." of Ann.
SEEN: list[tuple[str, dict[str, Any]]] = [
    ('mail.mailbox == "support"', {}),
    ('"sales@desk.example" in mail.to', {"to": ("sales@desk.example",)}),
    ("mail.has_attachments", {"attachments": (a_file(),)}),
    ('mail.subject == "Re: x" and ticket.title == "x"', {"subject": "Re: x"}),
    ('ticket.description == "Hello."', {}),
    ('"boss@acme.example" in mail.cc', {"cc": (Address("", "boss@acme.example"),)}),
    ("mail.automatic", {"automatic": "It says so."}),
    ('ticket.category == "billing" and ticket.priority == "high"', {"subject": "Urgent: the invoice"}),
    ('ticket.status == "open"', {}),
    ('sender.email == "ann@customer.example" and sender.domain == "customer.example"', {}),
    ('sender.name == "Ann"', {"senders": (Address("Ann", ANN.email),)}),
    ('sender.role == "customer" and not sender.is_new', {}),
]


def test_rules_are_asked_for_all_that_they_may_read() -> None:
    asked = " ".join(when for when, _ in SEEN)

    assert [f"{of}.{name}" for of in OBJECTS for name in OBJECTS[of] if f"{of}.{name}" not in asked] == []


@pytest.mark.parametrize(("when", "changes"), SEEN)
def test_rules_see_the_mail(when: str, changes: dict[str, Any]) -> None:
    policy = with_rules(Rule("seen", when, Then(Priority.HIGH)))

    opened = open_ticket(a_mail("Hello.", **changes), some_facts(), policy, continues=None, reason="")

    assert opened.priority is Priority.HIGH


def test_without_a_rule_the_default_chooses_the_owner() -> None:
    policy = replace(POLICY, default_assign=Assign(strategy=Strategy.STICKY))

    opened = open_ticket(a_mail(), some_facts(served_before=CAT.number), policy, continues=None, reason="")

    assert (opened.owner.number, opened.owner.strategy) == (CAT.number, Strategy.STICKY)
