"""An account in sentences: each fate, each piece of evidence and each reason is said."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from desk.explain import FATES, MEANINGS, SENT_FATES, explain
from desk.intake.assessment import CUT_BY_SENT
from desk.intake.rule_names import RuleName
from desk.reports.accounts import (
    AssignmentAccount,
    ChangeAccount,
    CommandAccount,
    MailAccount,
    NoteAccount,
    SentAccount,
    TicketAccount,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SENT = SentAccount(
    44, "ticket-opened", "ann@customer.example", "[SD-7] Printer", "a.b.sd@desk.example", 7, "ticket_opened", 17, NOON,
    "sent", None, NOON, NOON, 1, None, None,
)  # fmt: skip
MAIL = MailAccount(
    17, "support", "INBOX", 4, NOON, "1@customer.example", "ann@customer.example", "applied", "It opened SD-7.",
    {
        "rule one": "Rule “one” did not match.",
        "rule": "new_ticket",
        "proof": "claimed",
        "owner": "Bob, for he has the fewest.",
        "thread": "Nothing in the mail names a ticket.",
        "kind": "person",
    },
    7, 0, None, None,
)  # fmt: skip
TICKET = TicketAccount(7, "Printer", "open", None, (AssignmentAccount("Bob is the next.", NOON),), (), (MAIL,), (SENT,))


ARCHIVED = replace(TICKET, status="closed", archived_at=NOON, mails=(), sent=())


def said(*lines: str) -> str:
    return "\n".join(lines)


def test_a_mail_is_explained_in_reading_order() -> None:
    lines = explain(MAIL)

    assert lines == [
        "Mail 17 from ann@customer.example came on 2026-11-02 at 12:00:00 UTC as UID 4 of INBOX in mailbox support.",
        "  It was applied. It opened SD-7.",
        f"  Rule new_ticket: {MEANINGS[RuleName.NEW_TICKET]}",
        "  Kind: person",
        "  Thread: Nothing in the mail names a ticket.",
        "  Owner: Bob, for he has the fewest.",
        "  Rule one: Rule “one” did not match.",
    ]


@pytest.mark.parametrize("fate", list(FATES))
def test_every_fate_of_a_mail_is_a_sentence(fate: str | None) -> None:
    lines = explain(replace(MAIL, fate=fate))

    assert lines[1].startswith(f"  {FATES[fate]}. ")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"confirmed_at": NOON}, "  Its sender confirmed it on 2026-11-02 at 12:00:00 UTC, and it was decided again."),
        ({"confidence": 0.5}, "  Reading: the desk is 50% sure which words are the sender's own."),
        ({"repairs": ("a byte was replaced",)}, "  Repaired: a byte was replaced"),
        ({"removed": "> first\n> second"}, "  Left out of the text, and kept:\n  | > first\n  | > second"),
        ({"tries": 2, "error": "ValueError: no"}, "  It was tried 2 times. ValueError: no"),
        ({"sent": (SENT,)}, "  Our mail 44 (ticket-opened) to ann@customer.example was written"),
        ({"evidence": {"words": CUT_BY_SENT}}, f"  Own words: {CUT_BY_SENT}"),
        (
            {"commands": (CommandAccount("#close", done=True, sentence="The ticket is closed."),)},
            "  Done: #close: The ticket is closed.",
        ),
        (
            {"commands": (CommandAccount("", done=True, sentence="It went out."),)},
            "  Done: the mail: It went out.",
        ),
        (
            {"commands": (CommandAccount("#assign x", done=False, sentence="Nobody is x."),)},
            "  Refused: #assign x: Nobody is x.",
        ),
        (
            {"changed": (ChangeAccount("status", "open", "closed"), ChangeAccount("owner", None, "b@x"))},
            "  It changed the status from open to closed.\n  It changed the owner from nothing to b@x.",
        ),
        ({"evidence": {"rule": "gone"}}, "  Rule gone: this version of the desk does not have it."),
    ],
)
def test_what_else_is_known_of_a_mail_is_said(changes: dict[str, object], sentence: str) -> None:
    lines = explain(replace(MAIL, **changes))  # type: ignore[arg-type]  # The table holds fields of several types.

    assert sentence in said(*lines)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "  The mail server took it on 2026-11-02 at 12:00:00 UTC."),
        ({"fate": "held", "reason": "It is a loop.", "sent_at": None}, "  It was held. It is a loop."),
        ({"fate": None, "sent_at": None}, "  It is still to be sent, due on 2026-11-02 at 12:00:00 UTC."),
        ({"attempts": 3}, "UTC after 3 attempts."),
        ({"error": "451 later"}, "  The last error: 451 later"),
        ({}, "  You get this mail because this request was opened under your address."),
        ({"spent_at": NOON}, "  Others saw its reply address"),
        ({"bounced": ("address (status 5.1.1), reported by mail 18",)}, "  It came back: address (status 5.1.1)"),
        ({"cause": 17}, "  It tells of the event ticket_opened, which mail 17 brought about."),
    ],
)
def test_a_mail_of_ours_is_explained(changes: dict[str, object], sentence: str) -> None:
    lines = explain(replace(SENT, **changes))  # type: ignore[arg-type]  # The table holds fields of several types.

    assert sentence in said(*lines)


def test_every_fate_of_a_mail_of_ours_is_a_sentence() -> None:
    lines = [said(*explain(replace(SENT, fate=fate, sent_at=None))) for fate in SENT_FATES]

    assert all(sentence in text for sentence, text in zip(SENT_FATES.values(), lines, strict=True))


def test_a_ticket_is_explained_with_all_that_came_and_went() -> None:
    note = NoteAccount(3, 18, "The mail shows somebody else's address.", NOON, None)

    text = said(*explain(replace(TICKET, notes=(note,), continues=5)))

    for sentence in ("SD-7 “Printer” is open.", "It goes on from SD-5", "Bob is the next.", "note 3 from mail 18",
                     "Mail 17 from", "Our mail 44"):  # fmt: skip
        assert sentence in text


def test_a_merged_ticket_is_explained_with_where_it_went() -> None:
    lines = explain(replace(TICKET, merged_into=9))

    assert "  It was merged into SD-9, and its mail goes where that one's goes." in lines


def test_a_ticket_whose_sender_is_not_proven_is_explained_with_the_warning() -> None:
    lines = explain(replace(TICKET, unproven="pat@stone.example"))

    assert lines[1] == (
        "  The sender's address was not proven: our mail server says that the mail that opened this ticket does not "
        "come from stone.example. Do not trust the name."
    )


def test_a_deleted_ticket_is_still_explained() -> None:
    lines = explain(replace(TICKET, title=None, status=None))

    assert lines[0] == "SD-7 was deleted."


def test_every_rule_of_intake_has_a_meaning() -> None:
    assert set(MEANINGS) == set(RuleName)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())


def test_a_rule_is_explained_by_its_own_sentence_and_not_by_the_words_of_its_function() -> None:
    lines = explain(MAIL)

    assert lines[2] == (
        "  Rule new_ticket: Everything else is a new ticket, which goes on from a closed one where its customer came "
        "back to it."
    )


def test_a_ticket_in_the_archive_is_not_deleted() -> None:
    assert explain(ARCHIVED)[:2] == [
        "SD-7 “Printer” is closed, and in the archive since 2026-11-02.",
        "  `supportdesk ticket show SD-7` shows it, `supportdesk archive restore SD-7` brings it back.",
    ]


def test_a_mail_from_a_file_has_no_uid_of_a_server() -> None:
    first = explain(replace(MAIL, folder="import:Inbox.mbox", uid=5721972683210504710))[0]

    came = "Mail 17 from ann@customer.example was brought along on 2026-11-02 at 12:00:00 UTC"
    assert first == f"{came} from the file Inbox.mbox into mailbox support."
