"""Somebody phones, and one answer holds two matters."""

from tests.support.day.story import Wave, answer, new, told, wave

PHONE: tuple[Wave, ...] = (
    wave(
        "a call",
        new(
            "bob",
            "A call of Helene",
            "#for helene@librairie.example\n\nHer scanner stops after the first page.",
            told("bob", "mail-unconfirmed", "Her scanner stops after the first page.", about=None),
            lines=(),
            on="scanner",
            fate="not_applied",
        ),
        answer(
            "bob",
            "comment-to-agent",
            "printer",
            "#split\n\nThe second tray of your printer is a matter of its own; I have ordered the part.",
            told("dora", "ticket-opened", "This is what we wrote down", "I have ordered the part", about="tray"),
            told("bob", "ticket-assigned", "I have ordered the part", about="tray"),
            told("bob", "command-answer"),
            opens=("tray",),
        ),
    ),
    wave(
        "it is his",
        answer(
            "bob",
            "mail-unconfirmed",
            None,
            "#confirm",
            told("bob", "ticket-assigned", "Her scanner stops", "Its customer was told nothing of it yet"),
            opens=("scanner",),
            on="scanner",
            lines=(),
        ),
    ),
    wave(
        "too soon",
        answer(
            "bob",
            "ticket-assigned",
            "scanner",
            "Hello Helene, please wipe the glass of the scanner.",
            told("bob", "mail-held", "Write #tell in a mail of its own first", about=None),
            internal=True,
            lines=(),
            fate="not_applied",
        ),
    ),
    wave(
        "she is told",
        answer(
            "bob",
            "ticket-assigned",
            "scanner",
            "#tell",
            told("helene", "ticket-opened", "Request {scanner} was opened for you.", "Her scanner stops"),
            told("bob", "command-answer", "helene@librairie.example gets a mail with the number of the ticket"),
        ),
    ),
    wave(
        "and answers",
        answer(
            "helene",
            "ticket-opened",
            "scanner",
            "The second page comes when I lift the lid.",
            told("bob", "comment-to-agent", "when I lift the lid"),
        ),
    ),
)
