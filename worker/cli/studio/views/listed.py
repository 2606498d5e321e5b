"""What all lists of the studio share: which columns they have, and that sqladmin writes and searches nothing itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from sqladmin import ModelView
from sqlalchemy.orm import Session

from mail.mime.addresses import normalise
from worker.cli.studio.window import Window

MOST_ON_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a list asks for: words to search, filters by name, and below which number to go on."""

    search: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list: its rows, below which number the next goes on, and a sentence about what is not shown."""

    rows: Sequence[Any]
    below: int | None = None
    remark: str = ""
    further: Mapping[str, Any] = field(default_factory=dict)


class Unknown(Exception):
    """There is no such thing to show; the message says what was asked for."""


class ListedView(ModelView):
    """A list of sqladmin with rows from our own functions: none of its own forms, searches, counts or exports is used.

    `place` is the word in its addresses, `filters` the choices of each filter by its name; those of `open_filters` take
    other words, too. `hint` says what may be searched for; empty where nothing may.
    """

    place: ClassVar[str] = ""
    filters: ClassVar[Mapping[str, Sequence[str]]] = {}
    open_filters: ClassVar[Sequence[str]] = ()
    hint: ClassVar[str] = ""
    window: ClassVar[Window]
    can_create = False
    can_edit = False
    can_delete = False
    can_export = False
    can_import = False
    column_searchable_list = ()
    column_sortable_list = ()
    list_template = "studio/list.html"

    def read_list(self, session: Session, asked: Asked) -> ListPage:
        """One page of the list."""
        raise NotImplementedError

    def read_details(self, session: Session, key: str) -> Mapping[str, Any]:
        """What the template of the details shows; raises Unknown."""
        raise NotImplementedError


def number_in(key: str) -> int:
    """The number in an address; raises Unknown where it is none."""
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise Unknown(f"{key} is no number.")
    return int(key)


def searched(asked: Asked, whose: str) -> tuple[str, str]:
    """The address that mails are searched by, empty where none is given, and a sentence where it is no address."""
    words = asked.search.strip()
    address = normalise(words) or ""
    is_wrong = bool(words) and not address
    return address, f"{words} is no mail address. Mails are searched by that of their {whose}." if is_wrong else ""


def looked_as_far(looked: int, what: str) -> str:
    """What to say where a page ends before the list does."""
    return f"These are all among {looked:,} {what}. Older ones may follow." if looked else ""
