"""What the HTML of an answer could carry beside its text, such as a note or an agent's address, reaches no customer."""

from email.message import EmailMessage
from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, process
from tests.support.values.replies import answer, last_mail, raw_mail
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
SECRET = "Ann has never paid a single invoice of ours."
WORDS = "Hello Ann, please see this."
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def answer_formatted(services: Services, html: str, name: str = "plan.png", cid: str = "plan@desk.example") -> Any:
    """Bob's answer with HTML and a picture beside its text; our mail to the customer with it."""
    asked, mail = last_mail(services, BOB, "ticket-assigned"), EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB, str(asked["reply_to"]), "Re: Printer"
    mail["Message-ID"], mail["In-Reply-To"] = "<html@desk.example>", f"<{asked['message_id']}>"
    mail.set_content(WORDS)
    mail.add_alternative(html, subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid=f"<{cid}>", filename=name)  # type: ignore[union-attr, index]
    assert process(services, mail.as_bytes())["fate"] == "applied"
    return last_mail(services, ANN, "comment-to-customer")


@pytest.mark.parametrize(
    ("html", "name"),
    [
        (f'<p>{WORDS}<img src="cid:plan@desk.example" alt="{SECRET}"></p>', "plan.png"),
        (f'<p>{WORDS}<img src="cid:plan@desk.example"></p>', f"{SECRET}.png"),
        (f"<p>{WORDS}</p>", f"{SECRET}.png"),
    ],
    ids=["words of a picture", "name of a picture", "name of a file"],
)
def test_a_line_of_a_note_around_a_picture_is_held(services: Services, html: str, name: str) -> None:
    answer(services, last_mail(services, BOB), f"#note\n{SECRET}")

    mail = answer_formatted(services, html, name)

    assert mail["fate"] == "held"
    assert "a line of an internal note" in mail["reason"]


def test_words_that_only_the_html_has_go_to_nobody(services: Services) -> None:
    mail = answer_formatted(services, f"<p>Hello Ann, [image: {SECRET}] please see this.</p>")

    assert mail["fate"] is None
    assert SECRET not in mail["html"] + mail["text"]
    assert WORDS in mail["html"]


def test_an_agents_address_is_seen_behind_the_links_of_gateways(services: Services) -> None:
    address = str(last_mail(services, BOB)["reply_to"]).replace("+", "%252B").replace("@", "%2540")

    mail = answer_formatted(services, f'<p><a href="https://links.example/?url={address}">{WORDS}</a></p>')

    assert mail["fate"] == "held"
    assert "signed address of somebody else" in mail["reason"]


def test_nor_does_it_go_out_as_the_name_of_a_picture(make_services: MakeServices) -> None:
    services = make_services(ADMIN, AGENT, a_raw_mail())
    address = str(last_mail(services, BOB)["reply_to"])

    mail = answer_formatted(services, f'<p>{WORDS}<img src="cid:{address}"></p>', cid=address)

    assert mail["fate"] is None
    assert address.encode() not in raw_mail(services, mail)


def test_no_link_leads_a_reader_elsewhere_than_it_says(services: Services) -> None:
    asked, mail = last_mail(services, ANN, "ticket-opened"), EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANN, str(asked["reply_to"]), "Re: Printer"
    mail["Message-ID"] = "<link@customer.example>"
    mail.set_content("Please look at https://bank.example/login")
    link = '<a href="https://evil.example/"><b>https://bank.example/login</b></a>'
    mail.add_alternative(f"<p>Please look at {link}</p>", subtype="html")
    process(services, mail.as_bytes())

    html = last_mail(services, BOB, "comment-to-agent")["html"]
    assert ">https://bank.example/login</b></p>" in html
    assert "evil.example" not in html
