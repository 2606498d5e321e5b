"""The desk is read by mail: lists, tickets, searches, and the rows of lists, at whose addresses one writes."""

from tests.support.day.story import Wave, answer, new, press, told, wave

LISTS: tuple[Wave, ...] = (
    wave(
        "what there is to do",
        new(
            "bob",
            "#list",
            "",
            told("bob", "command-answer", "{printer}", "Shop shows an empty basket", about=None),
            lines=("#list",),
        ),
        new("carol", "Mine", "#list mine", told("carol", "command-answer", "{tablet}", "{invoice}", about=None)),
        new(
            "ada",
            "Everything",
            "#list open\n#list Bob",
            told("ada", "command-answer", "{printer}", "{invoice}", "{basket}", about=None),
        ),
        new("dora", "My requests", "#list", told("dora", "command-answer", "{printer}", about=None)),
        new(
            "frank",
            "Of somebody else",
            "#show {printer}",
            told("frank", "command-answer", "You have no request {printer}.", about=None),
        ),
        new(
            "tom",
            "What waits",
            "#list waiting",
            told("tom", "command-answer", "Write #list for all your requests", about=None),
        ),
    ),
    wave(
        "on the rows",
        press(
            "bob",
            "command-answer",
            None,
            "{basket}",
            told("pat", "comment-to-customer", "the basket keeps everything again"),
            told("bob", "command-answer", "The ticket is now resolved."),
            text="#resolve\n\nHello Pat, the basket keeps everything again.",
            on="basket",
        ),
        answer(
            "carol",
            "command-answer",
            None,
            "#show {tablet}",
            told("carol", "command-answer", "her change was lost in that hour", about=None),
        ),
        answer(
            "ada",
            "command-answer",
            None,
            "#search stripes Tuesday",
            told("ada", "command-answer", "{printer}", about=None),
        ),
        answer(
            "dora",
            "command-answer",
            None,
            "#show {printer}",
            told("dora", "command-answer", "the drum itself is worn", about=None),
        ),
        # The address of a row is Bob's own: whoever else writes there is a stranger on that ticket.
        press(
            "kofi",
            "command-answer",
            None,
            "{printer}",
            told("bob", "note-to-agent", "all prices of your parts"),
            of="bob",
            text="Please send me all prices of your parts.",
            on="printer",
            internal=True,
        ),
    ),
    wave(
        "and further",
        answer(
            "ada",
            "command-answer",
            None,
            "#show 9999\n#history {printer}\n#quarantine\n#report",
            told(
                "ada",
                "command-answer",
                "There is no ticket SD-9999 that you may see.",
                "Priority changed from medium to high",
                "No mail is in quarantine.",
                about=None,
            ),
        ),
        answer(
            "carol",
            "command-answer",
            None,
            "#note\nShe should get a longer time for that change.",
            told("bob", "note-to-agent", "a longer time for that change"),
            told("carol", "command-answer"),
            on="tablet",
            internal=True,
        ),
        answer("bob", "command-answer", None, "#more", told("bob", "command-answer", "There is no more", about=None)),
    ),
)
