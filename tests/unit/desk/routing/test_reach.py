"""Which rules never match, have no effect, or assign to nobody; only what is proven is named."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.routing.reach import Colleague, Fault, find_faults, find_nobody
from desk.routing.rules import Assign, Rule, Strategy, Then, compile_rules
from desk.ticket import Category, Priority, Role

BOB, CAT = "bob@desk.example", "cat@desk.example"
TO_BOB, TO_CAT = Then(assign=Assign(among=(BOB,))), Then(assign=Assign(among=(CAT,)))
HIGH, DROP = Then(priority=Priority.HIGH), Then(drop=True)
NOW = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)


def faults(*rules: tuple[str, Then]) -> list[tuple[int | None, Fault]]:
    book = compile_rules([Rule(f"r{place}", when, then) for place, (when, then) in enumerate(rules)])
    return [(one.place, one.fault) for one in find_faults(book, ["support", "sales"])]


def sentence(*rules: tuple[str, Then]) -> str:
    book = compile_rules([Rule(f"r{place}", when, then) for place, (when, then) in enumerate(rules)])
    (found,) = find_faults(book, ["support", "sales"])
    return found.sentence


TWICE = "%s would have to be two things at once"
NEVER = {
    "false": "its condition is false",
    'ticket.status == "closed"': 'ticket.status is open wherever rules are asked, never "closed"',
    'not ticket.status == "open"': "ticket.status is open wherever rules are asked",
    'mail.mailbox == "suport"': 'mail.mailbox is sales or support wherever rules are asked, never "suport"',
    'mail.mailbox in ["a", "b"]': 'mail.mailbox is sales or support wherever rules are asked, never "a" or "b"',
    'sender.domain == "ACME.example"': 'sender.domain has small letters only, and "ACME.example" has others',
    'sender.email.ends_with("@Acme.example")': 'sender.email has small letters only, and "@Acme.example" has others',
    '"Boss@acme.example" in mail.cc': 'mail.cc has small letters only, and "Boss@acme.example" has others',
    'ticket.title.as_lower == "Printer"': 'ticket.title.as_lower has small letters only, and "Printer" has others',
    '"x" in ticket.title.as_upper': 'ticket.title.as_upper has capital letters only, and "x" has others',
    'sender.domain == "a.example" and sender.domain == "b.example"': TWICE % "sender.domain",
    'ticket.category == "billing" and ticket.category != "billing"': (
        "ticket.category would have to be two things at once"
    ),
    'sender.domain == "a.example" and not sender.domain in ["a.example", "b.example"]': (TWICE % "sender.domain"),
    "sender.is_new and not sender.is_new": "sender.is_new would have to be two things at once",
    'ticket.title.starts_with("A") and ticket.title.starts_with("B")': TWICE % "ticket.title",
    '"red" in ticket.title and not "re" in ticket.title': TWICE % "ticket.title",
    'ticket.title == "red" and "x" in ticket.title': TWICE % "ticket.title",
    'mail.subject =~~ "a" and mail.subject !~~ "a"': "a part of the condition would have to be two things at once",
    'mail.automatic and (ticket.status == "closed" or not mail.automatic)': "",
    'not (ticket.category in ["billing"] or ticket.category != "billing")': "",
}
MAY_MATCH = [
    "true",
    'ticket.status == "open"',
    'ticket.title == "Printer"',
    'sender.name == "Ann"',
    'ticket.title.as_lower == "straße"',
    'mail.mailbox != "suport"',
    'mail.mailbox == "sales" or ticket.status == "closed"',
    'ticket.title.starts_with("A") and ticket.title.starts_with("AB")',
    'ticket.title.starts_with("A") and ticket.title.ends_with("B")',
    '"a@x.example" in mail.to and "b@x.example" in mail.to',
    'not sender.domain == "a.example" and not sender.domain == "b.example"',
    'mail.to[3] == "a@x.example"',
    'ticket.title == "Printer" and ticket.title.as_lower == "printer"',
    " and ".join(f'(ticket.title == "{n}" or ticket.description == "{n}")' for n in range(9)),
]


@pytest.mark.parametrize(("when", "why"), NEVER.items())
def test_a_rule_that_can_never_match_is_named_with_the_reason(when: str, why: str) -> None:
    assert sentence((when, HIGH)).startswith(f"can never match: {why}")


@pytest.mark.parametrize("when", MAY_MATCH)
def test_a_rule_that_may_match_is_not_named(when: str) -> None:
    assert faults((when, HIGH)) == []


# The first takes all that the second does.
COVERED = [
    ("true", 'sender.domain == "a.example"'),
    ("sender.is_new", "sender.is_new"),
    ("sender.is_new", "sender.is_new and mail.automatic"),
    ("sender.is_new == true", "sender.is_new"),
    ("not sender.is_new", "sender.is_new == false"),
    ('sender.domain in ["a.example", "b.example"]', 'sender.domain == "a.example"'),
    ('sender.domain == "a.example" or sender.domain == "b.example"', 'sender.domain in ["b.example"]'),
    ('sender.domain != "a.example"', 'sender.domain == "b.example"'),
    ('ticket.category != "billing"', 'ticket.category == "technical_issue"'),
    (
        'ticket.category in ["billing", "technical_issue"]',
        'not ticket.category in ["feature_request", "general_inquiry"]',
    ),
    ('"fire" in ticket.title', '"fire alarm" in ticket.title'),
    ('"fire" in ticket.title', 'ticket.title.starts_with("fire!")'),
    ('"fire" in ticket.title', 'ticket.title == "A fire"'),
    ('sender.email.ends_with("@a.example")', 'sender.email == "ann@a.example"'),
    ('not "fire" in ticket.title', 'not "ire" in ticket.title'),
    ('mail.subject =~~ "a|b"', 'mail.subject =~~ "a|b" and mail.has_attachments'),
    ('mail.subject !~~ "a|b"', 'not mail.subject =~~ "a|b"'),
    ('ticket.priority == "high" or sender.is_new', "sender.is_new and ticket.title.length > 3"),
    ('mail.mailbox in ["support", "sales"]', "mail.automatic"),
]
NOT_COVERED = [
    ('sender.domain == "a.example"', "true"),
    ('sender.domain == "a.example"', 'sender.domain in ["a.example", "b.example"]'),
    ("sender.is_new and mail.automatic", "sender.is_new"),
    ('"fire alarm" in ticket.title', '"fire" in ticket.title'),
    ('ticket.title.starts_with("fire")', '"fire" in ticket.title'),
    ('"FIRE" in ticket.title', '"fire" in ticket.title'),
    ('mail.subject =~~ "a"', 'mail.subject =~~ "a|b"'),
    ('"a@x.example" in mail.to', '"a@x.example" in mail.cc'),
    # It fails where there is one address, and does not match then.
    ('mail.to[1] == "b@x.example" or sender.is_new', "sender.is_new"),
]


@pytest.mark.parametrize(("first", "second"), COVERED)
def test_a_rule_whose_mails_are_all_assigned_before_is_named(first: str, second: str) -> None:
    assert faults((first, TO_BOB), (second, TO_CAT)) == [(1, Fault.NO_EFFECT)]


@pytest.mark.parametrize(("first", "second"), NOT_COVERED)
def test_a_rule_that_takes_more_is_not_named(first: str, second: str) -> None:
    assert faults((first, TO_BOB), (second, TO_CAT)) == []


def test_several_rules_together_may_take_all() -> None:
    both = ('sender.domain == "a.example"', TO_BOB), ("sender.is_new", TO_BOB)

    words = sentence(*both, ('sender.is_new or sender.domain == "a.example"', TO_CAT))

    assert words == (
        'has no effect: all that it takes is assigned by "r1" and "r0" before it, and the first that assigns wins'
    )


BILLING = 'ticket.category == "billing"'
SETS = {
    "priorities add up": ([("true", HIGH), ("true", Then(priority=Priority.LOW))], []),
    "what else it sets counts": (
        [("true", TO_BOB), ("sender.is_new", Then(priority=Priority.LOW, assign=Assign()))],
        [(1, Fault.NO_EFFECT)],
    ),
    "a rule between sets what the first reads": (
        [(BILLING, TO_BOB), ("sender.is_new", Then(category=Category.BILLING)), (BILLING, TO_CAT)],
        [],
    ),
    "a rule between sets what it does not read": (
        [(BILLING, TO_BOB), ("sender.is_new", HIGH), (BILLING, TO_CAT)],
        [(2, Fault.NO_EFFECT)],
    ),
    "a rule that drops after one that drops": (
        [("mail.automatic", DROP), ("mail.automatic", DROP)],
        [(1, Fault.NO_EFFECT)],
    ),
    "a rule after one that drops": ([("sender.is_new", DROP), ("sender.is_new", TO_BOB)], [(1, Fault.NO_EFFECT)]),
    "staff's mail is not dropped": ([("true", DROP), ('sender.role == "agent"', TO_BOB)], []),
    "a rule before one that drops": ([("sender.is_new", TO_BOB), ("sender.is_new", DROP)], []),
}


@pytest.mark.parametrize(("rules", "expected"), SETS.values(), ids=SETS)
def test_what_a_rule_sets_counts(rules: list[tuple[str, Then]], expected: list[tuple[int, Fault]]) -> None:
    assert faults(*rules) == expected


AGENT, ADMIN = Colleague(BOB, Role.AGENT), Colleague("ada@desk.example", Role.ADMIN)
LATE = Colleague(CAT, Role.AGENT, away_until=NOW + timedelta(days=4000))
GONE = Colleague(CAT, Role.AGENT, in_force=False)
NOBODY: list[tuple[Assign, tuple[Colleague, ...], list[str]]] = [
    (Assign(role=Role.AGENT), (AGENT,), []),
    (Assign(among=("BOB@desk.example",)), (AGENT,), []),
    (Assign(strategy=Strategy.NONE, among=(CAT,)), (), []),
    (Assign(among=(BOB, CAT)), (AGENT,), [f"names {CAT}, who is not staff"]),
    (
        Assign(among=(CAT,)),
        (AGENT,),
        [
            f"names {CAT}, who is not staff",
            "assigns to nobody: none of those whom it names is staff, so any agent gets its tickets",
        ],
    ),
    (Assign(role=Role.ADMIN), (AGENT,), ["assigns to nobody: nobody is an admin, so any agent gets its tickets"]),
    (Assign(role=Role.AGENT), (ADMIN,), ["assigns to nobody: nobody is an agent, so admins get its tickets"]),
    (Assign(), (), ["assigns to nobody: nobody is staff, so its tickets have no owner"]),
    (
        Assign(role=Role.ADMIN, among=(BOB,)),
        (AGENT, ADMIN),
        ["assigns to nobody: none of those whom it names is an admin, so any agent gets its tickets"],
    ),
    (Assign(among=(CAT,)), (AGENT, LATE), [f"assigns to nobody who is there: {CAT} is away for more than a year"]),
    (Assign(among=(BOB, CAT)), (AGENT, LATE), []),
    (
        Assign(among=(CAT, BOB)),
        (AGENT, GONE),
        [f"names {CAT}, whose account has another address or role than the staff list, or is gone"],
    ),
]


@pytest.mark.parametrize(("assign", "staff", "told"), NOBODY)
def test_a_rule_that_assigns_to_nobody_is_named(assign: Assign, staff: tuple[Colleague, ...], told: list[str]) -> None:
    of_rule = find_nobody([Rule("r", "true", Then(assign=assign))], None, staff, NOW)
    of_default = find_nobody([], assign, staff, NOW)

    assert [one.sentence for one in of_rule] == [one.sentence for one in of_default] == told
    assert {one.place for one in of_rule} <= {0}
    assert {one.place for one in of_default} <= {None}
