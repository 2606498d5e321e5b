"""The table of help: what people may write behind each command, what it does, and an example; `#help` is made of it."""

from collections.abc import Collection
from dataclasses import dataclass

from desk.ticket import Person, noun_for


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """The help of one command: `takes` is what may stand behind it, empty for nothing; upper case stands for a value.

    `does` says what it does, where `{noun}` is what its reader calls a ticket.
    """

    name: str
    takes: str
    does: str
    example: str

    def line(self, noun: str) -> str:
        """The command as one line of the answer to `#help`."""
        usage = f"#{self.name} {self.takes}".strip()
        example = "" if self.example == usage else f". Example: {self.example}"
        return f"{usage}: {self.does.format(noun=noun)}{example}"


# In the order of the answer.
HELP: tuple[CommandHelp, ...] = (
    CommandHelp("resolve", "", "the {noun} is solved", "#resolve"),
    CommandHelp("close", "", "the {noun} is over; an answer opens a new one", "#close"),
    CommandHelp("reopen", "", "the {noun} is open again", "#reopen"),
    CommandHelp("status", "open | in_progress | resolved | closed", "sets the status", "#status in progress"),
    CommandHelp("assign", "me | NAME | none", "gives the ticket to somebody", "#assign carol"),
    CommandHelp("priority", "low | medium | high", "sets the priority", "#priority high"),
    CommandHelp(
        "category",
        "technical_issue | billing | feature_request | general_inquiry",
        "sets what the ticket is about",
        "#category billing",
    ),
    CommandHelp("note", "[TEXT]", "the words of the mail stay internal", "#note He called twice."),
    CommandHelp("accept", "", "a stranger's note becomes a comment, or a sender is believed", "#accept"),
    CommandHelp("merge", "SD-NUMBER", "the ticket becomes part of that one, and is closed", "#merge SD-12"),
    CommandHelp("stop", "", "you get no more mails about a request of somebody else", "#stop"),
    CommandHelp("away", "until DAY", "no new tickets until then; in a mail of its own", "#away until 2026-12-24"),
    CommandHelp("back", "", "you get new tickets again; in a mail of its own", "#back"),
    CommandHelp("confirm", "[NUMBER]", "in answer to our question: the held mails are yours", "#confirm 2"),
    CommandHelp("send", "", "in answer to our mail that your answer waits: it is sent at once", "#send"),
    CommandHelp("drop", "", "in answer to our mail that your answer waits: it is not sent", "#drop"),
    CommandHelp("help", "", "these lines", "#help"),
)
INTRODUCTION = "You can write, each on a line of its own:"


def help_lines(person: Person, names: Collection[str]) -> str:
    """The help of those commands that somebody may give, one on each line."""
    return "\n".join(one.line(noun_for(person)) for one in HELP if one.name in names)
