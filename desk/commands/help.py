"""The table of help: what people may write behind each command, and an example; `#help` is made of it.

Commands and what they take are the same words in every language; what they do stands in the catalogues.
"""

from collections.abc import Collection
from dataclasses import dataclass

from desk.ticket import Person, noun_for
from mail.outbound.catalogue import Said, said


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """The help of one command: `takes` is what may stand behind it, empty for nothing; upper case stands for a value.

    What it does is the sentence `commands.does_NAME`.
    """

    name: str
    takes: str
    example: str

    def line(self, noun: str) -> Said:
        """The command as one line of the answer to `#help`; `noun` is what its reader calls a ticket."""
        usage, does = f"#{self.name} {self.takes}".strip(), said(f"commands.does_{self.name}", noun=noun)
        if self.example == usage:
            return said("commands.help", usage=usage, does=does)
        return said("commands.help_with_example", usage=usage, does=does, example=self.example)


# In the order of the answer.
HELP: tuple[CommandHelp, ...] = (
    CommandHelp("resolve", "", "#resolve"),
    CommandHelp("close", "", "#close"),
    CommandHelp("reopen", "", "#reopen"),
    CommandHelp("status", "open | in_progress | resolved | closed", "#status in progress"),
    CommandHelp("assign", "me | NAME | none", "#assign carol"),
    CommandHelp("priority", "low | medium | high", "#priority high"),
    CommandHelp("category", "technical_issue | billing | feature_request | general_inquiry", "#category billing"),
    CommandHelp("note", "[TEXT]", "#note He called twice."),
    CommandHelp("accept", "", "#accept"),
    CommandHelp("merge", "SD-NUMBER", "#merge SD-12"),
    CommandHelp("stop", "", "#stop"),
    CommandHelp("away", "until DAY", "#away until 2026-12-24"),
    CommandHelp("back", "", "#back"),
    CommandHelp("confirm", "[NUMBER]", "#confirm 2"),
    CommandHelp("send", "", "#send"),
    CommandHelp("drop", "", "#drop"),
    CommandHelp("help", "", "#help"),
)
INTRODUCTION = said("commands.introduction")


def help_lines(person: Person, names: Collection[str]) -> tuple[Said, ...]:
    """The help of those commands that somebody may give, a line each."""
    return tuple(one.line(noun_for(person)) for one in HELP if one.name in names)
