"""Buttons: a touch on a link of a mail in HTML, and one on Send, as staff, as a customer and as who only takes part."""

from tests.support.day.story import WAITS, Wave, answer, press, told, wave

BUTTONS: tuple[Wave, ...] = (
    wave(
        "buttons of staff",
        press(
            "bob",
            "comment-to-agent",
            "printer",
            "Resolve",
            told("dora", "status-resolved"),
            told("bob", "command-answer", "The ticket is now resolved."),
            lines=("#resolve",),
        ),
        press(
            "bob",
            "note-to-agent",
            "tablet",
            "Take it",
            told("carol", "ticket-unassigned"),
            told("bob", "command-answer", "The ticket is now assigned to Bob Lindqvist."),
            lines=("#assign me",),
        ),
        answer(
            "carol",
            "ticket-assigned",
            "invoice",
            "Hello Frank, the street is the one of your head office now.",
            told("frank", "comment-to-customer", "of your head office now"),
            told("kofi", "comment-to-customer", "of your head office now"),
        ),
    ),
    wave(
        "buttons of others",
        press(
            "dora",
            "status-resolved",
            "printer",
            "Still open",
            told("dora", "ticket-reopened"),
            told("bob", "status-to-agent", "open"),
            lines=(),
        ),
        press(
            "kofi",
            "comment-to-customer",
            "invoice",
            "No more mails about this",
            told("kofi", "command-answer", "You get no more mails about this request."),
            lines=("#stop",),
        ),
        # The words above the line are a note for whoever took part among colleagues.
        press(
            "carol",
            "comment-to-agent",
            "invoice",
            "Note",
            text="The books of Nordwind are kept by Kofi Mensah.",
            internal=True,
        ),
    ),
    wave(
        "one answers",
        answer(
            "bob",
            "status-to-agent",
            "printer",
            "Hello Dora, is the new drum there by now?",
            told("dora", "comment-to-customer", "is the new drum there"),
        ),
    ),
    wave(
        "another answers the mail before that",
        answer(
            "bob",
            "comment-to-agent",
            "tablet",
            "Hello Helene, the reset of last week is repaired.",
            told("helene", "comment-to-customer", "the reset of last week"),
        ),
    ),
    wave(
        "too late by a moment",
        answer(
            "carol",
            "ticket-assigned",
            "tablet",
            "Hello Helene, and the page for passwords is open again.",
            told("carol", "answer-waits", "the reset of last week"),
            fate=WAITS,
        ),
    ),
    wave(
        "sent by a button",
        press(
            "carol",
            "answer-waits",
            "tablet",
            "Send now",
            told("helene", "comment-to-customer", "the page for passwords is open again"),
            told("bob", "comment-to-agent", "the page for passwords is open again"),
            told("carol", "command-answer", "Your answer is sent now."),
            lines=("#send",),
        ),
        press(
            "frank",
            "comment-to-customer",
            "invoice",
            "Close my request",
            told("frank", "status-closed"),
            told("carol", "status-to-agent", "closed"),
            lines=(),
        ),
    ),
)
