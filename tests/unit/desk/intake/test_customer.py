"""A customer's mail on their own ticket: comment, commands, and what comes back after a ticket is over."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from desk.facts import AnsweredNotice, Facts, KnownTicket
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, OpenTicket
from desk.ticket import Status
from mail.inbound.message import Attachment
from tests.support.values.builders import (
    ANN,
    NOW,
    POLICY,
    SUPPORT,
    a_file,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    some_facts,
)

TAG: dict[str, Any] = {"subject": "Re: [SD-1042] Printer"}


def with_status(status: Status) -> Facts:
    return some_facts(tickets={1042: KnownTicket(a_ticket(status=status), frozenset({ANN.number}))})


def customers(text: str, status: Status, *, token: bool, **changes: Any) -> Decision:
    """What becomes of Ann's mail on her ticket, with her token or by the tag only."""
    grant = a_grant(ANN)
    mail = a_mail(text, to=(address_of(grant),) if token else (SUPPORT,), **(TAG | changes))
    return decide(mail, replace(with_status(status), grants={grant.id: grant}), POLICY)[1]


CUSTOMERS: list[tuple[Status, bool, str, str, Status | None]] = [
    (Status.OPEN, True, "More.", "More.", None),
    (Status.IN_PROGRESS, True, "More.", "More.", None),
    (Status.RESOLVED, True, "Still broken.", "Still broken.", Status.OPEN),
    (Status.RESOLVED, False, "Still broken.", "Still broken.", Status.OPEN),
    (Status.OPEN, True, "#close", "", Status.CLOSED),
    (Status.OPEN, True, "#close\nThank you!", "Thank you!", Status.CLOSED),
    (Status.RESOLVED, True, "Thank you!\n\n#close", "Thank you!", Status.CLOSED),
    (Status.RESOLVED, True, "#reopen", "", Status.OPEN),
    (Status.CLOSED, True, "#reopen\nIt is back.", "It is back.", Status.OPEN),
    # Nothing was said, so nothing is opened again.
    (Status.CLOSED, True, "#close", "", None),
    (Status.RESOLVED, True, "#help", "", None),
    # Without the token a command is plain words.
    (Status.OPEN, False, "#close", "#close", None),
    (Status.RESOLVED, False, "#close\nThanks", "#close\nThanks", Status.OPEN),
    # What is no command of customers is plain words too, and none of it is lost.
    (Status.OPEN, True, "#priority high\nPlease.", "#priority high\nPlease.", None),
    (Status.OPEN, True, "#status of my order?", "#status of my order?", None),
    (Status.OPEN, True, "#close the door, please", "#close the door, please", None),
    (Status.OPEN, True, "#assign none", "#assign none", None),
    (Status.OPEN, True, "#1 is broken", "#1 is broken", None),
    (Status.OPEN, True, "One\n#close\ntwo", "One\n#close\ntwo", None),
]


@pytest.mark.parametrize(("status", "token", "text", "comment", "after"), CUSTOMERS)
def test_a_customers_mail_on_their_ticket(
    status: Status, token: bool, text: str, comment: str, after: Status | None
) -> None:
    decision = customers(text, status, token=token)

    assert isinstance(decision, Act)
    assert (decision.person, decision.ticket, decision.text, decision.changes.status) == (ANN, 1042, comment, after)


# On which ticket, with which files, and: its status after.
LOGO = replace(a_file("logo.png", inline=True), of_signature=True)
THANKS: list[tuple[str, Status, tuple[Attachment, ...], Status | None]] = [
    ("Thank you, works.", Status.RESOLVED, (), None),
    ("Thank you!\n\nAnn", Status.RESOLVED, (), None),
    ("Danke!", Status.IN_PROGRESS, (), None),
    ("Thank you, but it smokes.", Status.RESOLVED, (), Status.OPEN),
    ("Thank you?", Status.RESOLVED, (), Status.OPEN),
    ("Thank you!", Status.RESOLVED, (a_file(),), Status.OPEN),
    ("Thank you!", Status.RESOLVED, (a_file("it.png", inline=True),), Status.OPEN),
    ("Thank you!", Status.RESOLVED, (LOGO,), None),
    ("Thank you!", Status.RESOLVED, (LOGO, LOGO), None),
    ("Thank you!", Status.RESOLVED, (LOGO, a_file("it.png", inline=True)), Status.OPEN),
    ("#reopen\nThank you!", Status.RESOLVED, (), Status.OPEN),
    ("#close\nThank you!", Status.RESOLVED, (), Status.CLOSED),
]


@pytest.mark.parametrize(("text", "before", "files", "after"), THANKS)
def test_thanks_alone_are_a_comment_that_opens_nothing(
    text: str, before: Status, files: tuple[Attachment, ...], after: Status | None
) -> None:
    decision = customers(text, before, token="#" in text, attachments=files)

    assert isinstance(decision, Act)
    assert decision.text
    assert decision.changes.status is after


def test_thanks_on_a_closed_ticket_open_no_new_one() -> None:
    thanks, more = (customers(text, Status.CLOSED, token=True) for text in ("Thank you!", "It is back."))

    assert isinstance(thanks, Act)
    assert (thanks.ticket, thanks.text, thanks.changes.status) == (1042, "Thank you!", None)
    assert isinstance(more, OpenTicket)


SUBJECTS = [
    ("URGENT: the charger smokes", "Please call me.", "Subject: URGENT: the charger smokes\n\nPlease call me."),
    ("Re: [SD-1042] please replace the other one too", " \n", "please replace the other one too"),
    ("Re: [Case 55] Printer", "More.", "Subject: [Case 55] Printer\n\nMore."),
    ("[SD-1042] Printer burns now", "More.", "Subject: Printer burns now\n\nMore."),
    # These say nothing new.
    ("Re: [SD-1042] Printer", "More.", "More."),
    ("[EXTERNAL] AW: [SD-1042] printer", "More.", "More."),
    ("回复: [SD-1042] Printer", "More.", "More."),
    ("Odp: PD: SV: [SD-1042] Printer", "More.", "More."),
    ("Re: [SD-1042] How it burned in the old days", "More.", "More."),
    ("Re: [SD-1042] How it burned in the old", "More.", "More."),
    # Words behind ours are new.
    ("Re: How it burned in the old days: URGENT", "More.", "Subject: How it burned in the old days: URGENT\n\nMore."),
    ("Re:", "More.", "More."),
    ("Re", "More.", "More."),
    ("", "More.", "More."),
]


@pytest.mark.parametrize(("subject", "text", "comment"), SUBJECTS)
def test_a_subject_that_says_something_new_stands_above_the_comment(subject: str, text: str, comment: str) -> None:
    grant = a_grant(ANN)
    ours = {grant.id: AnsweredNotice(None, NOW, subject="[SD-1042] How it burned in the old days")}
    mail = a_mail(text, to=(address_of(grant),), subject=subject)

    _, decision = decide(mail, replace(with_status(Status.OPEN), grants={grant.id: grant}, answered=ours), POLICY)

    assert isinstance(decision, Act)
    assert decision.text == comment


def test_a_mail_of_commands_alone_makes_no_comment_of_its_subject() -> None:
    decision = customers("#close", Status.OPEN, token=True, subject="Done with it")

    assert isinstance(decision, Act)
    assert decision.text == ""


@pytest.mark.parametrize("confidence", [0.2, 0.5])
def test_a_customers_forward_or_untrimmed_quote_holds_no_command(confidence: float) -> None:
    decision = customers("See below.\n\n#close", Status.OPEN, token=True, confidence=confidence)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.status) == ("See below.\n\n#close", None)


@pytest.mark.parametrize("token", [True, False])
def test_a_customer_who_comes_back_to_a_closed_ticket_opens_a_linked_one(token: bool) -> None:
    decision = customers("It is back.", Status.CLOSED, token=token)

    assert isinstance(decision, OpenTicket)
    assert (decision.continues, decision.description) == (1042, "It is back.")


EMPTY = [
    ((), "(The mail has no text.)"),
    ((a_file(),), "(The mail has no text; 1 file is attached.)"),
    ((a_file(), a_file("b.txt", inline=True)), "(The mail has no text; 2 files are attached.)"),
]


@pytest.mark.parametrize(("files", "comment"), EMPTY)
def test_a_mail_without_text_makes_no_empty_comment(files: Iterable[Any], comment: str) -> None:
    decision = customers("", Status.OPEN, token=True, attachments=tuple(files))

    assert isinstance(decision, Act)
    assert decision.text == comment


COMMAND_AND_FILES = [
    ((), ""),
    ((a_file(),), "(The mail has no text; 1 file is attached.)"),
    ((a_file("logo.png", inline=True),), ""),
]


@pytest.mark.parametrize(("files", "comment"), COMMAND_AND_FILES)
def test_a_command_alone_makes_a_comment_only_for_files_that_are_more_than_a_signature(
    files: Iterable[Any], comment: str
) -> None:
    decision = customers("#close", Status.OPEN, token=True, attachments=tuple(files))

    assert isinstance(decision, Act)
    assert decision.text == comment
