"""Answers whose HTML is bad, and answers to mails of a year ago: their words arrive, and nothing that they left out."""

import re
from datetime import timedelta
from email.message import EmailMessage
from itertools import count
from typing import Any

import pytest

from desk.limits import USUAL
from desk.tokens import ReplyKind
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, process, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.announce.parts import draft
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
NUMBERS = count(1)
WORDS = "Hello Ann, see below."
A_YEAR_AGO = timedelta(days=USUAL.token_days - 365)
# HTML, with the plain form beside it or None.
BAD = {
    "2 MB of a picture": (
        f"<p>Hello Ann,<img src='data:image/png;base64,{'A' * 2_000_000}'> see below.</p>",
        None,
    ),
    "500 deep": ("<div>" * 500 + WORDS + "</div>" * 500, None),
    "500 deep and never closed": ("<b><i><u>" * 170 + WORDS, WORDS),
    "without text": ("<p><img src='https://images.example/1.png'></p>", WORDS),
    "other words": (f"<p>{WORDS}</p><p>Old words.</p>", WORDS),
    "a sheet that never ends": (f"<p>{WORDS}</p><style>p{{color:red}}", None),
}


def write_html(services: Services, html: str, plain: str | None) -> Any:
    """Bob's answer to his last mail; its ledger row."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB, last_mail(services, BOB)["reply_to"], "Re: Printer"
    mail["Message-ID"] = f"<bad {next(NUMBERS)}@desk>"
    if plain is None:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(plain)
        mail.add_alternative(html, subtype="html")
    return process(services, mail.as_bytes())


@pytest.mark.services(ADMIN, AGENT, a_raw_mail())
def test_the_words_of_bad_html_arrive_and_nothing_else(services: Services) -> None:
    wrong = []

    for name, (html, plain) in BAD.items():
        fate = write_html(services, html, plain)["fate"]
        mail = last_mail(services, ANN)
        shown = " ".join(re.sub("<style.*?</style>|<[^<>]*>", "", mail["html"], flags=re.DOTALL).split())
        is_well = (
            mail["text"].startswith(f"{WORDS}\n")
            and shown.startswith(f"SupportDesk {WORDS}")
            and len(mail["html"]) < 20_000
        )
        if fate != "applied" or not is_well or "Old words" in mail["html"] or "color:red" in shown:
            wrong.append((name, fate, mail["text"][:100], shown[:100]))

    assert wrong == []
    assert len(mails_to(services, ANN, "comment-to-customer")) == len(BAD)


@pytest.mark.parametrize("trust", ["token", "both"])
@pytest.mark.parametrize("is_note", [False, True])
def test_an_answer_to_a_mail_of_a_year_ago_waits_for_a_word_and_is_then_what_it_was_to_be(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch, trust: str, is_note: bool
) -> None:
    with monkeypatch.context() as past:
        past.setattr(draft, "TOKEN_LIVES", dict.fromkeys(ReplyKind, A_YEAR_AGO))
        services = make_services(ADMIN, AGENT, a_raw_mail(), TRUST__STAFF=trust, AUTHSERV_ID="mx.desk.example")
    proof = (
        {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"} if trust == "both" else {}
    )
    told = last_mail(services, BOB)
    note_address = re.findall(r"support\+\d+\.\w+@desk\.example", told["text"])[-1]

    held = answer(services, told, "It is the fuse.", to=note_address if is_note else told["reply_to"], **proof)
    assert (held["fate"], mails_to(services, ANN, "comment-to-customer")) == ("not_applied", [])
    assert "has expired" in held["reason"]
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **proof)

    notes = query(services, "SELECT text FROM mail.note")
    assert notes == ([{"text": "It is the fuse."}] if is_note else [])
    assert [mail["text"][:15] for mail in mails_to(services, ANN, "comment-to-customer")] == (
        [] if is_note else ["It is the fuse."]
    )


def test_a_customers_answer_to_a_mail_of_a_year_ago_is_on_their_ticket(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as past:
        past.setattr(draft, "TOKEN_LIVES", dict.fromkeys(ReplyKind, A_YEAR_AGO))
        services = make_services(ADMIN, AGENT, a_raw_mail())

    fate = answer(services, last_mail(services, ANN), "It is broken again.")

    assert (fate["fate"], fate["ticket_number"]) == ("applied", 1001)
    assert last_mail(services, BOB)["template"] == "comment-to-agent"
