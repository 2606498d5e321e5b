"""What was written is taken back: in time, in part, too late, twice, and by somebody else."""

from tests.support.day.story import Later, Wave, answer, told, wave

UNDO: tuple[Wave | Later, ...] = (
    wave(
        "an answer that still waits",
        answer(
            "bob",
            "status-to-agent",
            "export",
            "#resolve\n\nHello Tom, the next version exports a table.",
            told("bob", "command-answer", "The ticket is now resolved."),
            # It is taken back before it goes.
            internal=True,
        ),
        held=True,
    ),
    wave(
        "taken back in time, and another that goes",
        answer(
            "bob",
            "command-answer",
            "export",
            "#undo",
            told(
                "bob",
                "command-answer",
                "Your last mail on {export} is taken back.",
                "What you wrote went to nobody",
                "the next version exports a table",
            ),
        ),
        answer(
            "carol",
            "ticket-assigned",
            "invoice",
            "#resolve\n\nHello Frank, the new invoice has the street of your head office.",
            told("frank", "comment-to-customer", "has the street of your head office"),
            told("kofi", "comment-to-customer", "has the street of your head office"),
            told("carol", "command-answer", "The ticket is now resolved."),
        ),
    ),
    wave(
        "taken back when it is out, and twice",
        answer(
            "carol",
            "command-answer",
            "invoice",
            "#undo",
            told("frank", "ticket-reopened"),
            told("carol", "command-answer", "What you wrote stays, for it is out."),
        ),
        answer(
            "bob",
            "command-answer",
            "export",
            "#undo",
            told("bob", "command-answer", "goes one step"),
            fate="not_applied",
        ),
        answer(
            "pat",
            "ticket-opened",
            "basket",
            "#close",
            told("pat", "status-closed"),
            told("bob", "status-to-agent", "closed"),
            lines=(),
        ),
    ),
    wave(
        "a customer takes it back, and a colleague changes more",
        answer(
            "pat",
            "status-closed",
            "basket",
            "#undo",
            told("pat", "command-answer", "is taken back"),
            told("bob", "status-to-agent", "resolved"),
        ),
        answer(
            "carol",
            "note-to-agent",
            "invoice",
            "#priority low",
            told("carol", "command-answer", "The priority is now low."),
        ),
    ),
    Later(40),
    wave(
        "too late",
        answer(
            "carol",
            "command-answer",
            "invoice",
            "#undo",
            told("carol", "command-answer", "older than 30 minutes, and stays"),
            fate="not_applied",
        ),
        answer(
            "ada",
            "command-answer",
            None,
            "#undo",
            told("ada", "command-answer", "No mail of yours has changed anything", about=None),
            fate="not_applied",
        ),
    ),
)
