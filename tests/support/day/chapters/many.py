"""A list that is answered as a whole, and texts of the desk by their names."""

from tests.support.day.story import Wave, answer, new, told, wave

MANY: tuple[Wave, ...] = (
    wave("what there is", new("bob", "Mine", "#help", told("bob", "command-answer", about=None))),
    wave(
        "a list as a whole",
        answer(
            "bob",
            "command-answer",
            None,
            "{basket} #priority low\n{export} #resolve\n{printer} #say drum\n{invoice} #close\n{basket} #reslove",
            told("tom", "status-resolved", about="export"),
            told(
                "dora",
                "comment-to-customer",
                "the new drum for {printer} left our house this morning",
                about="printer",
            ),
            told(
                "bob",
                "command-answer",
                "The priority is now low.",
                "{invoice} is not assigned to you",
                "did you mean #resolve?",
                about=None,
            ),
        ),
        answer(
            "carol",
            "ticket-assigned",
            "tablet",
            "#say\n#say drums",
            told("carol", "command-answer", "drum", "There is no text “drums”; there are: drum."),
        ),
    ),
)
