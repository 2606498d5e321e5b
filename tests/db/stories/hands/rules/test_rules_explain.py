"""`supportdesk rules explain`: a mail in a file and what the rules make of it, with a database and without."""

import json
from pathlib import Path

import pytest

from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, process, query
from worker.runtime.services import Services

pytestmark = [pytest.mark.services(AGENT), pytest.mark.usefixtures("settings_here")]
INVOICE = a_raw_mail("I want a refund for my invoice.", subject="Wrong \x1b[31minvoice", message_id="<9@customer>")


@pytest.fixture(autouse=True)
def mail(tmp_path: Path, supportdesk: Supportdesk) -> Path:
    (tmp_path / "one.eml").write_bytes(INVOICE)
    return tmp_path / "one.eml"


def test_each_rule_says_why_and_what_comes_of_it(services: Services, supportdesk: Supportdesk) -> None:
    rows = query(services, "SELECT count(*) AS n FROM mail.ledger")

    shown = supportdesk("rules", "explain", "one.eml").output

    first, decided, *rules, category, priority, owner = shown.splitlines()
    assert first.startswith("one.eml: from ann@customer.example, to mailbox support: Wrong ")
    assert decided.startswith("  It would open a ticket (new_ticket): ")
    assert [line.split(": ", 1)[1].split(":")[0] for line in rules] == [
        *("Did not match", "Did not match", "Matched", "Did not match"),
    ]
    assert rules[2].startswith('  3. "Invoices to the billing pair" (supportdesk.toml:')
    assert rules[2].endswith("It sets an owner among bob@desk.example, carol@desk.example (agent, least_loaded).")
    assert category.startswith("  category: billing, because the mail says ")
    assert priority.startswith("  priority: medium, because ")
    assert owner.startswith("  owner:    bob@desk.example. Rule 'Invoices to the billing pair': least loaded of 1")
    assert "\x1b" not in shown
    assert query(services, "SELECT count(*) AS n FROM mail.ledger") == rows


def test_the_same_for_scripts_and_from_standard_input(services: Services, supportdesk: Supportdesk) -> None:
    process(services, a_raw_mail(message_id="<0@customer>"))

    found = json.loads(supportdesk("rules", "explain", "one.eml", "--json").output)

    assert (found["opens"], found["decided_by"], found["mailbox"]) == (True, "new_ticket", "support")
    assert [one["matched"] for one in found["rules"]] == [False, False, True, True]
    assert (found["routed"]["owner"], found["routed"]["dropped_by"]) == ("bob@desk.example", "")


def test_a_mail_that_opens_no_ticket_says_so_and_still_shows_the_rules(
    services: Services, supportdesk: Supportdesk, mail: Path
) -> None:
    process(services, INVOICE)

    twice = supportdesk("rules", "explain", "one.eml").output
    mail.write_bytes(a_raw_mail(auto_submitted="auto-replied"))
    robot = supportdesk("rules", "explain", "one.eml").output

    assert "It would open no ticket (same_mail_twice): This is the same mail as ledger row " in twice
    assert "It would open no ticket (automatic_mail): " in robot
    assert "If it opened one, the rules would say:" in robot


def test_other_rules_may_drop_it(supportdesk: Supportdesk) -> None:
    rule = '[[rule]]\nname = "shops"\nwhen = \'sender.domain == "customer.example"\'\nthen = { drop = true }\n'
    Path("rules.toml").write_text(rule, encoding="utf-8")

    shown = supportdesk("rules", "explain", "one.eml", "--rules", "rules.toml").output

    assert '  1. "shops" (rules.toml:1): Matched: sender.domain is "customer.example". It drops the mail.' in shown
    assert shown.endswith('  dropped:  by rule "shops"\n')


def test_without_a_database_the_rules_are_asked_and_what_is_missing_is_said(
    supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTDESK_DATABASE__URL", "postgresql+psycopg://x@127.0.0.1:1/x")

    shown = supportdesk("rules", "explain", "one.eml")

    assert shown.exit_code == 0, shown.output
    assert "cannot be reached" in shown.stderr
    assert "So its sender counts as nobody's that is known" in shown.stderr
    assert "category: billing" in shown.stdout
    assert "owner:    nobody." in shown.stdout
    assert "It would" not in shown.stdout


BAD = {
    ("explain", "gone.eml"): "gone.eml cannot be read: No such file or directory.",
    ("explain", "empty.eml"): "empty.eml: From names nobody, so no rule is asked; is it a mail?",
    ("explain", "one.eml", "--mailbox", "nobody"): "There is no mailbox nobody; the settings name support.",
    ("explain", "one.eml", "--rules", "bad.toml"): 'bad.toml:1: "a" there is no "sendr"; did you mean "sender"?.',
    ("test", "gone.toml"): "gone.toml: there is no such file",
    ("test", "bare.toml"): "bare.toml: has no [[rule]] table, so there is no rule to try",
    ("test", "bad.toml"): 'bad.toml:1: "a" there is no "sendr"; did you mean "sender"?.',
    ("test", "wrong.toml"): "wrong.toml: routing.default.role: must be one of",
}


@pytest.mark.parametrize(("words", "told"), BAD.items(), ids=map(" ".join, BAD))
@pytest.mark.usefixtures("services")
def test_what_cannot_be_used_is_one_sentence(supportdesk: Supportdesk, words: tuple[str, ...], told: str) -> None:
    rule = '[[rule]]\nname = "a"\nwhen = "%s.is_new"\nthen = { priority = "low" }\n'
    Path("empty.eml").write_bytes(b"\n\nno mail")
    Path("bare.toml").write_text("[desk]\n", encoding="utf-8")
    Path("bad.toml").write_text(rule % "sendr", encoding="utf-8")
    Path("wrong.toml").write_text(rule % "sender" + '[routing]\ndefault = { role = "boss" }\n', encoding="utf-8")

    shown = supportdesk("rules", *words)

    assert shown.exit_code == 2
    assert told in shown.output
    assert "Traceback" not in shown.output
