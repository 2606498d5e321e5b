"""Challenges: filters that hold our mail until we confirm it are programs, and persons who ask for a word are not."""

import itertools

import pytest

from mail.inbound.message import MailKind
from mail.inbound.parse import parse

ANSWERED = "In-Reply-To: <sd1@desk.example>\n"
TEXTS = {
    "English": "I use a filter. Your message is held until you confirm it here:\nhttps://filter.example/c/8f2a91\n",
    "reaches": "To let your e-mail reach my inbox, verify that you are a person: https://filter.example/v?t=8f2a91\n",
    "guest list": "Thank you for your email. It was not delivered yet. Click to be added to my guest list:\n"
    "https://filter.example/g/8f2a91\n",
    "German": "Ihre Nachricht wurde noch nicht zugestellt. Bitte bestätigen Sie sie: https://filter.example/c/8f2a91\n",
    "French": "Votre message est en attente. Merci de confirmer ici : https://filter.example/c/8f2a91\n",
    "Spanish": "Su mensaje está retenido. Confirme aquí para entregarlo: https://filter.example/c/8f2a91\n",
    "Italian": "Il suo messaggio è in attesa di consegna. Confermi qui: https://filter.example/c/8f2a91\n",
    "Dutch": "Uw bericht is nog niet afgeleverd. Bevestig het hier: https://filter.example/c/8f2a91\n",
}
MARKS = {
    "a field of the program": "X-Boxbe-Tracking: 1\n",
    "an answer of a program": "Auto-Submitted: auto-generated\n",
    "a null path": "Return-Path: <>\n",
    "bulk": "Precedence: bulk\n",
}
THREADS = {"our id": ("Hello", ANSWERED), "our subject": ("Re: [SD-1001] Printer", "")}


def kind_of(head: str, text: str, sender: str = "ann@x.example") -> MailKind:
    start = f"From: Ann <{sender}>\nTo: support@desk.example\nContent-Type: text/plain; charset=utf-8\n"
    return parse(f"{start}{head}\n{text}".encode()).kind


@pytest.mark.parametrize(("text", "mark", "thread"), list(itertools.product(TEXTS, MARKS, THREADS)))
def test_a_challenge_is_known_by_its_form(text: str, mark: str, thread: str) -> None:
    subject, refers = THREADS[thread]

    assert kind_of(f"{MARKS[mark]}Subject: {subject}\n{refers}", TEXTS[text]) is MailKind.AUTOMATIC


@pytest.mark.parametrize("text", TEXTS)
def test_without_a_programs_mark_the_words_of_a_challenge_are_a_persons(text: str) -> None:
    assert kind_of(f"Subject: Re: [SD-1001] Printer\n{ANSWERED}", TEXTS[text]) is MailKind.PERSON


PEOPLE = {
    "asks for a date": "Please confirm the delivery of the paper here: https://paper.example/orders/8f2a91\n",
    "has a mail that did not arrive": "Your message was not delivered to Ron. Can you send it again?\n",
    "asks what a filter wants": "Your message is held until I confirm it, I read: https://f.example/1 Is it yours?\n",
    "has a link below": "Thanks, I have your mail. I confirm Monday.\n\nAnn\nhttps://stone.example\n",
}
OF_PEOPLE = {
    "no mark": "",
    "a program that they use": "X-TMDA-Fingerprint: x\nX-Delivery-Agent: TMDA/1.1.12\n",
    "a service's own field": "X-Boxbe-Tracking: 1\n",
    "a denial": "Auto-Submitted: no\n",
}


@pytest.mark.parametrize(("text", "mark"), list(itertools.product(PEOPLE, OF_PEOPLE)))
def test_a_person_who_asks_for_a_word_stays_one(text: str, mark: str) -> None:
    assert kind_of(f"{OF_PEOPLE[mark]}Subject: Re: Hello\n{ANSWERED}", PEOPLE[text]) is MailKind.PERSON


@pytest.mark.parametrize("sender", ["tom@mailinblack.example", "tom@boxbe.com", "tom@spamarrest.com"])
def test_who_works_at_such_a_service_is_a_person(sender: str) -> None:
    text = "The lift in hall C stops on floor 4. Our plan: https://stone.example/plan\n"

    assert kind_of("Subject: Lift stops\n", text, sender) is MailKind.PERSON


@pytest.mark.parametrize("sender", ["ann@boxbe.com", "ann+x@spamarrest.com", "filter@mailinblack.example"])
@pytest.mark.parametrize("text", TEXTS)
def test_the_challenge_of_a_service_needs_no_other_mark(sender: str, text: str) -> None:
    assert kind_of("Subject: Re: Printer\n", TEXTS[text], sender) is MailKind.AUTOMATIC
