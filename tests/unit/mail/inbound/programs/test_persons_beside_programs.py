"""A person whose mail has one mark of programs, or some of their words, stays a person."""

import pytest

from mail.inbound.message import MailKind
from mail.inbound.parse import parse

OURS = "In-Reply-To: <m1@desk.example>\nReferences: <m1@desk.example>\n"
OWN_PATH = "Return-Path: <bounce@stone.example>\nFrom: Bounce Castles <bounce@stone.example>\n"
LOG = "The invoice differs by 12.50.\nSince today I find this in my log:\n\n550 5.1.1 <ann@x.example>: user unknown"
ABSENT = "Ich bin nicht im Büro."
WRITES = (
    # Only reports are not wanted, which many programs of people set.
    "From: Ann <ann@x.example>\nSubject: Auto: lift 3\nX-Auto-Response-Suppress: DR\n\nIt hums again.",
    # The absence is what the letter is about, and does not begin it.
    f"From: Ann <ann@x.example>\nSubject: Auto: order 12\n{OURS}\nEs war am Freitag.\nEr kam im Büro.\n\n{ABSENT}",
    # An address that a mail system might have, whose reverse-path is its own.
    f"{OWN_PATH}To: desk@desk.example\nSubject: failure notice\n\n{LOG}",
    f"{OWN_PATH}To: desk@desk.example\nSubject: failure notice\n{OURS}\n{LOG}\n\n<ann@x.example>\nuser unknown",
)


@pytest.mark.parametrize("mail", WRITES, ids=range(len(WRITES)))
def test_no_mail_of_a_person_is_dropped_for_one_mark(mail: str) -> None:
    head, _, text = mail.partition("\n\n")
    found = parse(f"{head}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode())

    assert found.kind in {MailKind.PERSON, MailKind.GENERATED}, found.signs


def test_a_banner_above_nothing_but_a_quote_is_in_one_of_the_texts() -> None:
    banner = "CAUTION: This email came from outside. Do not open attachments."
    found = parse(f"From: Ann <ann@x.example>\nSubject: Re: Lift\n{OURS}\n{banner}\n\n> Which lift?\n".encode())

    assert banner in f"{found.reply}\n{found.removed}\n{found.signature}"
