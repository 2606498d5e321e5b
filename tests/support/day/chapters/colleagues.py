"""What staff do beside a ticket: who takes part, who watches, and what waits until when."""

from tests.support.day.programs import LIST_UNSUBSCRIBE
from tests.support.day.story import Later, Wave, answer, press, told, wave

COLLEAGUES: tuple[Wave | Later, ...] = (
    wave(
        "who takes part, who watches, what waits",
        answer(
            "bob",
            "status-to-agent",
            "export",
            "#cc +kofi@ledger.example -carol",
            told(
                "bob",
                "command-answer",
                "From now on these get the answers, too: kofi@ledger.example.",
                "Nobody who is called carol takes part in this ticket.",
            ),
        ),
        answer(
            "carol",
            "ticket-assigned",
            "invoice",
            "#wait 3d",
            told("carol", "command-answer", "The ticket waits until"),
        ),
        answer(
            "ada",
            "command-answer",
            None,
            "#watch {tablet}",
            told("ada", "command-answer", "You get the mails about {tablet} from now on", about=None),
        ),
        answer(
            "bob",
            "ticket-assigned",
            "printer",
            "#wait 2h\n#priority urgent",
            told("bob", "command-answer", "The ticket waits until", "A priority is one of: low, medium, high."),
        ),
    ),
    wave(
        "what comes of it",
        answer(
            "frank",
            "ticket-reopened",
            "invoice",
            "The accounts ask for it by Friday.",
            told("carol", "comment-to-agent", "The accounts ask for it by Friday.", "it waits no longer"),
        ),
        answer(
            "helene",
            "comment-to-customer",
            "tablet",
            "Now it works, and the tablet remembers it.",
            told("carol", "comment-to-agent", "the tablet remembers it"),
            told("ada", "comment-to-agent", "the tablet remembers it", "because you watch this ticket"),
        ),
        answer(
            "bob",
            "status-to-agent",
            "export",
            "#status in_progress\n\nHello Tom, which columns do you need in the table?",
            told("tom", "comment-to-customer", "which columns do you need"),
            told("kofi", "comment-to-customer", "which columns do you need"),
            told("bob", "command-answer"),
        ),
    ),
    Later(125, (told("bob", "status-to-agent", "Bob Lindqvist let it wait until now", about="printer"),)),
    wave(
        "no longer",
        answer(
            "ada",
            "comment-to-agent",
            "tablet",
            "#unwatch",
            told("ada", "command-answer", "You watch {tablet} no longer."),
        ),
        press(
            "kofi",
            "comment-to-customer",
            "export",
            LIST_UNSUBSCRIBE,
            told("kofi", "command-answer", "You get no more mails about this request."),
            lines=("#stop",),
        ),
        # He may leave, and no more.
        answer(
            "kofi",
            "comment-to-customer",
            "invoice",
            "#close",
            told("kofi", "command-answer", "This is somebody else's request"),
        ),
    ),
)
