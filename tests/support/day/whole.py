"""The whole day, from its first mail to its last."""

from tests.support.day.chapters.buttons import BUTTONS
from tests.support.day.chapters.colleagues import COLLEAGUES
from tests.support.day.chapters.earlier import EARLIER
from tests.support.day.chapters.lists import LISTS
from tests.support.day.chapters.many import MANY
from tests.support.day.chapters.morning import MORNING
from tests.support.day.chapters.noon import NOON
from tests.support.day.chapters.phone import PHONE
from tests.support.day.chapters.undo import UNDO
from tests.support.day.people import PEOPLE
from tests.support.day.story import Day

# Which customers may read the words of a ticket.
PARTIES = {
    "printer": frozenset({"dora", "kofi"}),
    "invoice": frozenset({"frank", "kofi"}),
    "tablet": frozenset({"helene"}),
    "basket": frozenset({"pat"}),
    "again": frozenset({"pat"}),
    "scanner": frozenset({"helene"}),
    "tray": frozenset({"dora"}),
    "stripes": frozenset({"tom"}),
    "login": frozenset({"helene"}),
    "export": frozenset({"tom", "kofi"}),
}
DAY = Day(PEOPLE, PARTIES, (*MORNING, *NOON, *LISTS, *UNDO, *COLLEAGUES, *BUTTONS, *PHONE, *MANY, *EARLIER))
