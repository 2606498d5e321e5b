"""`#search`: the tickets in which words stand."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who, never_without_sign
from desk.commands.reading.ask import Ask, View
from mail.outbound.catalogue import said

# Nobody looks for more; each word is looked for in all texts.
MOST_WORDS, LONGEST = 20, 1_000


def search(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The tickets that its author may see in which each of the words stands."""
    words = argument.split()
    if not words:
        return said("lists.how_to_search")
    if len(words) > MOST_WORDS or len(argument) > LONGEST:
        return said("lists.too_many_words", words=MOST_WORDS, signs=LONGEST)
    ask = Ask(View.SEARCH, words=" ".join(words))
    return replace(changes, ask=ask), said("lists.search", words=ask.words)


COMMAND = Command(
    name="search",
    who=(Who.STAFF,),
    judge=search,
    undo=Undo.NOTHING,
    takes="WORDS",
    example="#search invoice october",
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
    fits=never_without_sign,
)
