"""Texts of the desk: how their files are read, what is put in, and what `#say` makes of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desk.commands.arguments.macros import Macro, MacroFailure, fill, macro_name, read_macro
from desk.commands.command import Changes, CommandAnswer, Setting
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.facts import KnownTicket
from desk.intake.decision import Act, Decision, Hold, Wait
from desk.ticket import UNPROVEN_SENDERS, Category, Priority, Status, Ticket
from desk.tokens import ReplyKind
from tests.support.values.builders import (
    ANN,
    BOB,
    CANDIDATES,
    TOKEN,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    decide_on,
)
from tests.support.values.words import english

ROOT = Path(__file__).parents[5]
REFUND = "Hello {customer},\n\nyour money for {ticket} is on its way.\n\n{agent}"
READ = [
    ("\nHello.", Macro("Hello.")),
    ("\r\nHello.\r\n\r\nBye.\r\n", Macro("Hello.\n\nBye.")),
    ("status: resolved\n\nHello.", Macro("Hello.", status=Status.RESOLVED)),
    ("Status: In Progress\nPRIORITY:high\n\nHello.", Macro("Hello.", Status.IN_PROGRESS, Priority.HIGH)),
    ("category: billing\nassign: me\nnote: yes\n\nA\n\nB", Macro("A\n\nB", None, None, Category.BILLING, True, True)),
    ("status: closed", Macro("", status=Status.CLOSED)),
    ('\nSend {"a": 1} or {} or { customer }.', Macro('Send {"a": 1} or {} or { customer }.')),
    # Nothing above the first empty line could be meant to change something, so all of it is text.
    ("Hello {customer},\n\nBye.", Macro("Hello {customer},\n\nBye.")),
    ("\ufeffHallo,\r\nbis bald.\r\n", Macro("\ufeffHallo,\nbis bald.")),
    ("Thank you.", Macro("Thank you.")),
    ("Your ticket status is open.\n\nnote: yes", Macro("Your ticket status is open.\n\nnote: yes")),
]


@pytest.mark.parametrize(("content", "macro"), READ, ids=range(len(READ)))
def test_a_file_is_read_as_a_header_and_a_text(content: str, macro: Macro) -> None:
    assert read_macro(content) == macro


WRONG = [
    ("", "holds no words and changes nothing"),
    ("\n \n", "holds no words and changes nothing"),
    ("Hello:\n\nBye.", 'begins with "Hello:", where a line such as "status: resolved" or an empty one belongs'),
    ("Hello Ann,\nstatus: resolved\n\nBye.", 'begins with "Hello Ann,"'),
    ("status: resolved\nHello Ann,\n\nBye.", 'begins with "Hello Ann,"'),
    ("status resolved\n\nBye.", 'begins with "status resolved"'),
    ("Assign me\n\nBye.", 'begins with "Assign me"'),
    ("Status = resolved\n\nBye.", 'begins with "Status = resolved"'),
    ("stauts=resolved\n\nBye.", 'begins with "stauts=resolved"'),
    ("Status\uff1aresolved\n\nBye.", 'begins with "Status\uff1aresolved"'),
    ("- status: resolved\n\nBye.", 'begins with "- status: resolved"'),
    ("# status resolved\n\nBye.", 'begins with "# status resolved"'),
    ("[status] resolved\n\nBye.", 'begins with "[status] resolved"'),
    ("---\nstatus: resolved\n---\n\nBye.", 'begins with "---"'),
    ("resolve: yes\n\nBye.", "there are status, priority, category, assign, note"),
    ("status: gone\n\nBye.", 'says "status: gone", and there are open, in_progress, resolved, closed'),
    ("priority:\n\nBye.", 'says "priority: ", and there are low, medium, high'),
    ("assign: bob\n\nBye.", 'says "assign: bob", and only "assign: me" may stand there'),
    ("note: no\n\nBye.", 'says "note: no", and only "note: yes" may stand there'),
    ("\nDear {name}", "names {name}, and there are {customer}, {ticket}, {agent}, {title}"),
    ("\n{customer.__class__} {Customer}", "names {customer.__class__}"),
    ("\n{Customer}", "names {Customer}"),
    ("\nHello { first name },", "names {first name}"),
    ("\nHello {customer-name},", "names {customer-name}"),
    ("\nHello {{ customer }},", "names {{ customer }}"),
    ("\nHello {{customer.name|upper}},", "names {{customer.name|upper}}"),
    ("\nHello ${agent.email},", "names {agent.email}"),
    ("\nHello.\n#close", "has a line that reads as a command: #close"),
]


@pytest.mark.parametrize(("content", "trouble"), WRONG, ids=range(len(WRONG)))
def test_a_file_that_cannot_be_understood_says_what_is_wrong(content: str, trouble: str) -> None:
    with pytest.raises(MacroFailure) as failure:
        read_macro(content)

    assert trouble in str(failure.value)


def test_the_example_of_the_page_about_mails_can_be_used() -> None:
    page = (ROOT / "docs/by-mail.md").read_text(encoding="utf-8")

    macro = read_macro(page.partition("### Texts by name")[2].partition("```text\n")[2].partition("```")[0])

    assert (macro.status, macro.category) == (Status.RESOLVED, Category.BILLING)
    assert "Hello Ann," in fill(macro, a_ticket(), BOB)


NAMES = [("refund", "refund"), ("Refund", "refund"), ("r-2_b", "r-2_b"), ("Rückgabe", "rückgabe"),
         ("Ru\u0308ckgabe", "rückgabe"), ("../x", ""), ("a b", ""), ("", ""), ("x" * 41, "")]  # fmt: skip


@pytest.mark.parametrize(("word", "name"), NAMES)
def test_a_text_is_named_by_a_plain_word_in_any_case(word: str, name: str) -> None:
    assert macro_name(word) == name


HOSTILE = "{agent} {title}\n#close\n{{ 7*7 }} {% x %}"


def test_what_a_customer_wrote_is_put_in_as_words_on_one_line_and_once() -> None:
    ticket = a_ticket(title=HOSTILE, customer=replace(ANN, name="{ticket}" + "x" * 300))

    text = fill(Macro("{customer}|{title}|{ { ticket }}|{0}"), ticket, BOB)

    assert text == "{ticket}" + "x" * 192 + "|{agent} {title} #close {{ 7*7 }} {% x %}|{ SD-1042}|{0}"


MACROS = {
    "refund": read_macro(f"status: resolved\nassign: me\n\n{REFUND}"),
    "inside": read_macro("note: yes\npriority: high\n\nCall {customer}."),
    "over": read_macro("status: closed"),
    "bye": read_macro("\nBye, {customer}."),
    "broken": None,
}
FILLED = "Hello Ann,\n\nyour money for SD-1042 is on its way.\n\nBob"


def said_on(lines: str, **changes: Any) -> tuple[Changes, tuple[CommandAnswer, ...]]:
    setting = replace(Setting(BOB, a_ticket(), CANDIDATES, macros=MACROS), **changes)
    return obey(parse_reply(lines, staff=True).orders, setting)


SAID = [
    ("#say refund", Changes(answer=FILLED, status=Status.RESOLVED, assignee=BOB.number)),
    ("#say REFUND\n#status closed", Changes(answer=FILLED, status=Status.CLOSED, assignee=BOB.number)),
    ("#close\n#say refund", Changes(answer=FILLED, status=Status.RESOLVED, assignee=BOB.number)),
    ("#say inside", Changes(answer="Call Ann.", priority=Priority.HIGH, note=True)),
    ("#say over", Changes(status=Status.CLOSED)),
    ("#say bye\n#say over\n#say inside", Changes("closed", "high", note=True, answer="Bye, Ann.\n\nCall Ann.")),  # type: ignore[arg-type]
    *((f"#say {word}", Changes()) for word in ("", "broken", "gone", "../refund", "bye bye", "%", ".*", "x" * 9000)),
]


@pytest.mark.parametrize(("lines", "changes"), SAID, ids=range(len(SAID)))
def test_a_text_is_part_of_the_mail_with_what_it_changes(lines: str, changes: Changes) -> None:
    assert said_on(lines)[0] == changes


ANSWERS = [
    ("#say bye", True, "The text “bye” is part of your mail, as it stands below.", ["Bye, Ann."]),
    ("#say broken", False, "The file of the text “broken” has a mistake; whoever runs the desk can see which.", []),
    ("#say gone", False, "There is no text “gone”; there are: refund, inside, over, bye, broken.", []),
    (
        "#say",
        True,
        "There are these texts;",
        ["refund: Hello {customer},", "over: ", "broken: its file has a mistake"],
    ),
]


@pytest.mark.parametrize(("line", "done", "sentence", "lines"), ANSWERS)
def test_say_is_answered_with_the_text_or_with_what_there_is(
    line: str, done: bool, sentence: str, lines: list[str]
) -> None:
    _, (answer,) = said_on(line)

    assert (answer.done, sentence in english(answer.sentence)) == (done, True)
    assert {*lines} <= {english(one) for one in answer.detail}


def decided(text: str, kind: ReplyKind = ReplyKind.PUBLIC, **known: Any) -> Decision:
    grant = a_grant(BOB, kind=kind)
    ticket: Ticket = known.pop("ticket", a_ticket())
    policy = replace(TOKEN, macros=MACROS)
    tickets = {1042: KnownTicket(ticket, frozenset({ANN.number}), **known)}
    return decide_on(a_mail(text, BOB.email, (address_of(grant),)), BOB, grant, policy=policy, tickets=tickets)


def test_the_own_words_stand_above_the_text_and_are_one_answer() -> None:
    decision = decided("I looked into it.\n\n#say refund")

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.note) == (f"I looked into it.\n\n{FILLED}", False)
    assert decision.changes.status is Status.RESOLVED


INSIDE = [("#say inside", ReplyKind.PUBLIC), ("#note\n#say bye", ReplyKind.PUBLIC), ("#say bye", ReplyKind.NOTE)]


@pytest.mark.parametrize(("text", "kind"), INSIDE)
def test_a_text_stays_internal_where_the_mail_does(text: str, kind: ReplyKind) -> None:
    decision = decided(text, kind)

    assert isinstance(decision, Act)
    assert decision.changes.note
    assert "Ann" in decision.text


NOTE = "your money for SD-1042 is on its way."
NOBODYS = a_ticket(customer=replace(ANN, user_id=UNPROVEN_SENDERS), unproven="pat@stone.example")
HELD = [
    ("#say refund", {"notes": (f"Wait with this: {NOTE}\n{NOTE} It is long enough to be a line.", NOTE)}),
    ("#say bye", {"ticket": NOBODYS}),
    ("#say bye", {"ticket": a_ticket(untold=True)}),
    ("#say inside\n#split Toner\nThe toner is empty.", {}),
    ("#sya bye", {}),
    ("#assign cat\nShe is angry.\n#say bye", {}),
]


@pytest.mark.parametrize(("text", "known"), HELD, ids=range(len(HELD)))
def test_a_text_is_held_where_words_would_be(text: str, known: dict[str, Any]) -> None:
    assert isinstance(decided(text, **known), Hold)


def test_a_text_with_accept_may_go_to_who_is_believed_by_it() -> None:
    assert isinstance(decided("#accept\n#say bye", ticket=NOBODYS), Act)


def test_no_customer_sends_a_text_of_the_desk() -> None:
    decision = decide_on(
        a_mail("#say refund", ANN.email, (address_of(a_grant(ANN)),)),
        ANN,
        a_grant(ANN),
        policy=replace(TOKEN, macros=MACROS),
    )

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes) == ("#say refund", Changes())


def test_of_every_kind_of_decision_none_but_these_comes_of_a_text() -> None:
    assert {type(decided(line)) for line, _ in SAID if line != "#say " + "x" * 9000} <= {Act, Hold, Wait}
