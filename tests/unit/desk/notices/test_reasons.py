"""Each reason in a mail to a customer or guest, and who they are: nobody is told that they wrote who may not have."""

import re

import pytest

from desk.notices.recipients import MAIL_TEMPLATES, Notice
from desk.ticket import Person
from tests.support.values.builders import ANN, DAN, a_comment
from tests.support.values.words import ENGLISH

# What says that the reader wrote: nothing knows it of a claimed mail, a web form, or a ticket that staff opened.
WROTE = re.compile(r"\byou (?:wrote|sent|asked|opened)\b|\byour (?:mail|message)\b", re.IGNORECASE)
TO_CUSTOMERS = [template for template in MAIL_TEMPLATES if not template.to_staff]
WHY = {
    "ticket-opened": ("this request was opened under your address", "this request was opened under your address"),
    "mail-too-large": ("a mail came to us under your address", "a mail came to us under your address"),
    "alert-to-owner": ("the settings of this desk name you", "the settings of this desk name you"),
}
ON_A_TICKET = ("this request is yours", "you take part in somebody's request")


def reason(template_name: str, person: Person, *, takes_part: bool) -> str:
    template = next(one for one in MAIL_TEMPLATES if one.name == template_name)
    return ENGLISH.say(Notice(template, person, a_comment(None), takes_part=takes_part).reason)


@pytest.mark.parametrize("name", [template.name for template in TO_CUSTOMERS])
def test_the_customer_and_a_guest_are_told_what_is_true_of_each(name: str) -> None:
    found = (reason(name, ANN, takes_part=False), reason(name, DAN, takes_part=True))

    assert all(why in sentence for why, sentence in zip(WHY.get(name, ON_A_TICKET), found, strict=True)), found
    assert not any(map(WROTE.search, found))
