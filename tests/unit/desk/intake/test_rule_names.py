"""What the ledger keeps of a decision are keys: their values stay, whatever functions and sentences are called."""

from desk.intake.decide import RULES
from desk.intake.rule_names import RuleName
from desk.trust.judge import STANDING_WORDS, Proof, Standing

# Rows of years hold these. Nothing is ever taken out or spelled anew here; a new rule is added.
STORED_RULES = [
    "same_mail_twice",
    "bounced_mail",
    "no_single_sender",
    "our_own_address",
    "too_large",
    "out_of_office",
    "automatic_mail",
    "reaction",
    "passed_by",
    "confirmation",
    "personal_commands",
    "passed_on",
    "opened_for",
    "staff_without_power",
    "staff_off_ticket",
    "staff_on_ticket",
    "too_many_bytes",
    "only_a_note",
    "customer_on_ticket",
    "too_many_tickets",
    "new_ticket",
    "too_many_on_ticket",
    "too_many_refuted",
    "waiting_answer",
    "many_tickets",
    "round_trip",
    "customers_questions",
    "taking_back",
]


def test_no_name_of_a_rule_ever_changes() -> None:
    assert sorted(RuleName) == sorted(STORED_RULES)


def test_no_word_for_standing_or_proof_ever_changes() -> None:
    assert list(Standing) == ["staff", "customer", "stranger"]
    assert list(Proof) == ["proven", "claimed", "refuted"]


def test_every_name_has_one_rule() -> None:
    names = [name for name, _ in RULES]

    assert sorted(names) == sorted(RuleName)


def test_every_standing_has_its_words() -> None:
    assert set(STANDING_WORDS) == set(Standing)
