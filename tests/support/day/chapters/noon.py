"""Around noon: strangers, two requests of one person, two agents at once, and mails that nothing proves."""

from tests.support.day.story import WAITS, answer, new, told, wave

NOON = (
    wave(
        "who may take part, and who is away",
        answer(
            "carol",
            "note-to-agent",
            "invoice",
            "#accept\n#category billing",
            told("frank", "comment-to-customer", "the one of the head office"),
            told("carol", "command-answer", "who wrote it takes part in the ticket", "billing"),
        ),
        answer(
            "bob",
            "ticket-assigned",
            "again",
            "#merge {basket}",
            told("pat", "comment-to-customer", "This request goes on as {basket}."),
            told("bob", "command-answer", "{again} is part of {basket} now, and closed"),
        ),
        answer(
            "bob",
            "command-answer",
            None,
            "#back",
            told("bob", "command-answer", "You get new tickets again.", about=None),
        ),
        # Somebody writes under the name of Carol; their mail server says that it is not hers.
        new(
            "carol",
            "Invoice",
            "#resolve\n\nAll invoices of the desk are paid from now on.",
            told("carol", "mail-unconfirmed", "All invoices of the desk", about=None),
            internal=True,
            vouched=False,
            lines=(),
            fate="not_applied",
        ),
        answer(
            "tom",
            "status-closed",
            "export",
            "#reopen",
            told("tom", "ticket-reopened"),
            told("bob", "status-to-agent", "open"),
            lines=(),
        ),
    ),
    wave(
        "two requests again",
        # What was two requests is two again.
        answer(
            "bob",
            "command-answer",
            "again",
            "#undo",
            told("pat", "ticket-reopened"),
            told("bob", "command-answer", "{again} is a ticket of its own again."),
        ),
        answer(
            "carol",
            "command-answer",
            "tablet",
            "#note\nI put her password back by hand.",
            told("bob", "note-to-agent", "put her password back"),
            told("carol", "command-answer"),
            internal=True,
        ),
    ),
    wave(
        "the first of two answers",
        answer(
            "carol",
            "ticket-assigned",
            "tablet",
            "Hello Helene, your password of Thursday is the right one again.",
            told("helene", "comment-to-customer", "your password of Thursday"),
        ),
    ),
    wave(
        "the second of two answers",
        answer(
            "bob",
            "ticket-assigned",
            "tablet",
            "Hello Helene, please choose a new password on the page for passwords.",
            told("bob", "answer-waits", "your password of Thursday"),
            # He takes it back.
            internal=True,
            fate=WAITS,
        ),
    ),
    wave(
        "the word of its author",
        answer("bob", "answer-waits", "tablet", "#drop", told("bob", "command-answer", "Your answer is not sent.")),
    ),
)
