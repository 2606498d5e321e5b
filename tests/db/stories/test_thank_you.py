"""A customer's "Thank you, works." after the end, as nine mail programs write it, with both ways to trust staff."""

from email.message import EmailMessage
from typing import Any

import pytest

from bench.answers.blocks import Paragraph, Run
from bench.answers.contents import Content, png
from bench.answers.dialects import DIALECTS
from bench.answers.message import Ours, write_answer
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, process, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
PASS = "mx.desk.example; dmarc=pass header.from="
MODES = {
    "token": {"TRUST__STAFF": "token"},
    "both": {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example"},
}
PROGRAMS = {dialect.program.name: number for number, dialect in enumerate(DIALECTS)}
# How people end their mails, and what their programs and companies put below.
ENDINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "a name": (("Ann",), ()),
    "a closing": (("Kind regards,", "Ann Okafor"), ()),
    "a signature": (("Viele Grüße", "Ann"), ("Ann Okafor", "Okafor Design GmbH", "+44 20 7946 0018")),
}


def write(services: Services, program: str, words: str, ending: str, mode: str) -> dict[str, Any]:
    """Ann answers our last mail to her with her program; the ledger row of her answer."""
    mail = last_mail(services, ANN)
    to = str(mail["reply_to"] or mail["sender"])
    ours = Ours(ANN, "Ann Okafor", "Acme Help", to, mail["subject"], mail["message_id"], mail["text"], mail["html"])
    sign_off, signature = ENDINGS[ending]
    content = Content(PROGRAMS[program], (Paragraph((Run(words),)),), sign_off, (), (), signature)
    results = f"{PASS}customer.example" if mode == "both" else ""
    found: dict[str, Any] = process(services, write_answer(content, ours, results).raw)
    return found


def resolved(services: Services, mode: str) -> None:
    """Bob answers Ann's first mail, and resolves the ticket."""
    proof = {"authentication_results": f"{PASS}desk.example"} if mode == "both" else {}
    answer(services, last_mail(services, BOB), "Hello Ann,\n\ntry this.\n\n#resolve", **proof)
    assert statuses(services) == ["resolved"]


def statuses(services: Services) -> list[str]:
    return [row["status"] for row in query(services, 'SELECT status::text FROM "Ticket" ORDER BY "createdAt"')]


def services_of(make_services: MakeServices, mode: str) -> Services:
    return make_services(ADMIN, AGENT, a_raw_mail(**{"from": f"Ann Okafor <{ANN}>"}), **MODES[mode])


@pytest.mark.parametrize("mode", MODES)
def test_thanks_change_nothing_and_the_agent_is_told_whatever_program_wrote_them(
    make_services: MakeServices, mode: str
) -> None:
    services = services_of(make_services, mode)
    resolved(services, mode)
    to_ann = len(mails_to(services, ANN))
    wrong = []

    for number, program in enumerate(PROGRAMS):
        ending = list(ENDINGS)[number % len(ENDINGS)]
        told = len(mails_to(services, BOB))
        ledger = write(services, program, "Thank you, works.", ending, mode)
        shown = [mail["text"] for mail in mails_to(services, BOB)[told:]]
        if statuses(services) != ["resolved"] or ledger["fate"] != "applied" or "Thank you, works." not in str(shown):
            wrong.append((program, ending, ledger["fate"], ledger["reason"], statuses(services), len(shown)))

    assert wrong == []
    assert len(mails_to(services, ANN)) == to_ann


LONGER = (
    "Thank you, but it is broken again.",
    "Thank you. Does it print in colour?",
    "Thank you, works. Please send us the invoice as well.",
)


@pytest.mark.parametrize("mode", MODES)
def test_anything_longer_opens_the_ticket_again_whatever_program_wrote_it(
    make_services: MakeServices, mode: str
) -> None:
    services = services_of(make_services, mode)
    kept = []

    for number, program in enumerate(PROGRAMS):
        resolved(services, mode)
        write(services, program, LONGER[number % len(LONGER)], list(ENDINGS)[number % len(ENDINGS)], mode)
        kept += [program] if statuses(services) != ["open"] else []

    assert kept == []


LOGO = '<div class="gmail_signature">Ann Okafor<br>Okafor Design GmbH<br><img src="cid:logo@customer.example"></div>'


@pytest.mark.parametrize(("beside", "status"), [("", "resolved"), ('<img src="cid:photo@customer.example">', "open")])
def test_a_logo_in_the_signature_is_no_file_that_asks_for_something(
    make_services: MakeServices, beside: str, status: str
) -> None:
    services = services_of(make_services, "token")
    resolved(services, "token")
    ours, mail = last_mail(services, ANN), EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ann Okafor <{ANN}>", str(ours["reply_to"]), f"Re: {ours['subject']}"
    mail["Message-ID"], mail["In-Reply-To"] = "<thanks@customer.example>", f"<{ours['message_id']}>"
    mail.set_content(f"<div>Thank you, works.{beside}</div><br>{LOGO}", subtype="html")
    for name in ("logo", "photo") if beside else ("logo",):
        named: dict[str, Any] = {
            "cid": f"<{name}@customer.example>",
            "filename": f"{name}.png",
            "disposition": "inline",
        }
        mail.add_related(png(40, 20, name.encode()[:3]), "image", "png", **named)

    process(services, mail.as_bytes())

    assert statuses(services) == [status]
