"""Questions that came before: an earlier answer as a draft, and the same words of the same customer."""

from tests.support.day.story import Wave, answer, new, told, wave

EARLIER: tuple[Wave, ...] = (
    wave(
        "a question is over",
        answer(
            "bob",
            "comment-to-agent",
            "printer",
            "#resolve",
            told("dora", "status-resolved"),
            told("bob", "command-answer"),
        ),
    ),
    wave(
        "a like question, and the same again",
        new(
            "tom",
            "Black stripes on every page",
            "Our printer prints black stripes on every page since Monday.",
            told("tom", "ticket-opened"),
            told("bob", "ticket-assigned", "Answers to like questions", "Then the drum itself is worn"),
            opens="stripes",
        ),
        new(
            "helene",
            "Cannot log in on the tablet",
            "The tablet says that my password has expired, but I changed it on Friday!",
            told("helene", "ticket-opened"),
            told("bob", "ticket-assigned", "This may be {tablet} again"),
            opens="login",
        ),
    ),
    wave(
        "as a draft",
        answer(
            "bob",
            "ticket-assigned",
            "stripes",
            "#use 1\n#use 9",
            told("bob", "answer-draft", "Then the drum itself is worn"),
        ),
        answer(
            "bob",
            "ticket-assigned",
            "login",
            "#merge {tablet}",
            told("helene", "comment-to-customer", "This request goes on as {tablet}."),
            told("bob", "command-answer", "{login} is part of {tablet} now"),
            # She took part in the other one, too.
            told("carol", "note-to-agent", "{login} is part of this ticket now", about="tablet"),
        ),
    ),
    wave(
        "changed and sent",
        answer(
            "bob",
            "answer-draft",
            "stripes",
            "Hello Tom, the drum itself is worn; shall we send one to you.",
            told("tom", "comment-to-customer", "the drum itself is worn; shall we send one"),
        ),
    ),
)
