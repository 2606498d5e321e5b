"""The name in the From of a mail of ours: that of the member of staff who wrote it, beside the name of the desk."""

import re
import unicodedata
from typing import Final

from desk.notices.context import HIDDEN_SIGNS
from desk.notices.recipients import REPEAT_THE_MAIL, Notice

# Both names fit into the 120 characters that a header keeps of a name.
LONGEST_AUTHOR: Final = 60
_PLACE = re.compile(r"\{(author|desk)\}")
# In a name these make an address or a link of it, or end it, whatever program shows it.
_SIGNS_OF_ADDRESSES = frozenset('@<>"\\/:;')


def from_name(notice: Notice, desk: str, pattern: str) -> str:
    """The pattern with `{author}` and `{desk}` filled in; the desk's name alone where nobody of staff wrote the mail.

    Nobody else gives a From their name, for they choose it themselves and could pass for a colleague. A name of staff
    that shows an address, a link, or signs that are not seen is left out (docs/security.md#what-goes-out).
    """
    remark = notice.event.remark
    author = remark.author if remark and notice.template.name in REPEAT_THE_MAIL else None
    if author is None or not author.is_staff or not _may_be_shown(author.name):
        return desk
    names = {"author": " ".join(author.name.split()), "desk": desk}
    # In one pass, so that a person called "{desk}" stays what they are called.
    return _PLACE.sub(lambda place: names[place[1]], pattern)


def _may_be_shown(name: str) -> bool:
    plain = unicodedata.normalize("NFKC", name)
    has_letter = any(sign.isalpha() for sign in plain)
    is_line = name.replace(" ", "").isprintable() and not HIDDEN_SIGNS.search(name)
    return has_letter and is_line and len(plain) <= LONGEST_AUTHOR and _SIGNS_OF_ADDRESSES.isdisjoint(plain)
