"""Words of programs in the subject, name, address and text of a person make no program of them."""

import random

import pytest

from mail.bounce.read import read_bounce
from mail.inbound.message import MailKind
from mail.inbound.parse import parse

SUBJECTS = (
    "Out of office: how do I switch it on?", "Abwesenheitsnotiz: bitte einrichten", "Automatic reply: sends twice",
    "Auto-reply: to all customers", "Ann is out of the office", "Antwort: Herr Vogt ist nicht im Büro",
    "[EXTERNAL] Out of office: wrong text", "AUTO: the brakes", "OOO: a new rule, please", "Delivery problem",
    "Undeliverable: our invoices", "Mail delivery failed", "Returned mail", "failure notice", "Delivery delayed",
    "Your message could not be sent", "Mail system error", "[ext] Undeliverable mail", "Non-delivery of pallets",
    "Re: Undeliverable: invoice", "WG: Delivery Status Notification (Failure)", "Réponse automatique : à changer",
    "Fuera de la oficina: cambiar el texto", "Please confirm your message", "Action required", "", "Lift stops",
    "Unzustellbar: Paket 12", "Onbestelbaar: pakket 12", "Vacation: who stands in?", "Away", "Automatische Antwort",
)  # fmt: skip
NAMES = (
    "Tom Hay", "System Administrator", "Mail Delivery System", "Mail Delivery Subsystem", "Mailer-Daemon", "Postmaster",
    "Auto Reply Ltd", "No Reply", "Internet Mail Service", "Message Delivery", "Admin", "",
)  # fmt: skip
ADDRESSES = (
    "tom@stone.example", "postmaster@stone.example", "admin@stone.example", "noreply@stone.example",
    "daemon@stone.example", "mail.system@stone.example", "tom@mailservice24.example", "tom@delivery-system.example",
    "autoreply@stone.example", "tom@mailer-daemon.example", "vacation@stone.example", "bounce@stone.example",
    "mail-delivery@stone.example", "system.administrator@stone.example", "root@stone.example", "tom@postmaster.example",
)  # fmt: skip
TEXTS = (
    "Our account is not recognised since the update, and the order could not be processed.",
    "The parcel could not be delivered. Our address is unknown to the carrier, he says.",
    "Your mails are returned to sender: 550 5.1.1 user unknown. Which address is right?",
    "I am away from Monday and would like an automatic answer to be sent.",
    "Bitte richten Sie eine Abwesenheitsnotiz ein. Ich bin ab Montag nicht im Büro. Geht das?",
    "The mailbox is full, and delivery failed permanently. What can we do?",
    "This is an automatic reply, says our gate, and it says so to everybody. Please stop that.",
    "Please do not reply to this address, write to ann@stone.example. The lift in hall C stops on floor 4.",
    "The recipient was rejected, and the message has been returned. We have given up.",
    "Delivery to the following recipient failed permanently, it said when I wrote to Ann.",
    "The mail to ron@tower.example was undeliverable. Can you tell me his new address?",
    "I wrote to this address:\n\nron@tower.example\n\nbut nobody answers. Is he still with you?",
    "Yesterday I got this:\n\nFrom: Ron\nSent: Monday\nTo: Tom\nSubject: Lift\n\nand it could not be delivered. Why?",
)  # fmt: skip
ANSWERS = ("", "In-Reply-To: <sd1@desk.example>\nReferences: <sd1@desk.example>\n")
PATHS = ("", "Return-Path: <{address}>\n")


def mails(seed: int, count: int) -> list[str]:
    """As many mails of persons as `count`, each with words of programs in all its places, the same for a seed."""
    # What is drawn here keeps no secret.
    draw = random.Random(seed)
    found = []
    for number in range(count):
        address = draw.choice(ADDRESSES)
        found.append(
            f"{draw.choice(PATHS).format(address=address)}From: {draw.choice(NAMES)} <{address}>\n"
            f"To: Support <support@desk.example>\nSubject: {draw.choice(SUBJECTS)}\n{draw.choice(ANSWERS)}"
            f"Message-ID: <{number}@stone.example>\nDate: Tue, 03 Nov 2026 08:15:00 +0000\nMIME-Version: 1.0\n"
            f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            f"{draw.choice(TEXTS)}\n{draw.choice(('', draw.choice(TEXTS)))}\n"
        )
    return found


@pytest.mark.parametrize("seed", range(5))
def test_words_alone_make_neither_a_bounce_nor_an_automatic_mail(seed: int) -> None:
    called = [(mail, parse(mail.encode()).kind) for mail in mails(seed, 1_000)]

    wrong = [(kind, mail) for mail, kind in called if kind is not MailKind.PERSON]
    assert not wrong, (len(wrong), wrong[0])
    assert not [mail for mail, _ in called if read_bounce(mail.encode())]
