"""Public answers of staff end with a signature, once: no stored comment has it, and an answer to it is cut as ever."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, make_staff, query
from tests.support.values.replies import answer, last_mail, write_mail
from worker.admin.doctor.run import signatures
from worker.announce.run import announce_due
from worker.runtime.services import Services

ANN, BOB, CAT = "ann@customer.example", "bob@desk.example", "cat@desk.example"
DESKS = "Acme Help, Harbour Street 4, Lisbon"
BOBS = "Bob Agent, second line support\nacme.example/bob"


def desk(make_services: MakeServices, folder: Path, *, bobs: str = BOBS, html: str = "") -> Services:
    """Ann has a ticket, which Bob works on; the desk has a signature, and he has his own."""
    (folder / BOB).mkdir()
    (folder / "signature.txt").write_text(DESKS, encoding="utf-8")
    (folder / BOB / "signature.txt").write_text(bobs, encoding="utf-8")
    if html:
        (folder / BOB / "signature.html").write_text(html, encoding="utf-8")
    return make_services(ADMIN, AGENT, a_raw_mail(), DESK__SIGNATURES=str(folder))


def comments(services: Services) -> list[str]:
    return [str(row["content"]) for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def to_ann(services: Services) -> dict[str, Any]:
    return last_mail(services, ANN, "comment-to-customer")


def test_an_agents_answer_ends_with_their_signature_in_both_forms(make_services: MakeServices, tmp_path: Path) -> None:
    html = '<p>Bob Agent, <b>second line</b> support<br><a href="https://acme.example/bob">my page</a></p>'
    services = desk(make_services, tmp_path, html=html)

    answer(services, last_mail(services, BOB), "It is mended.")

    mail = to_ann(services)
    assert mail["text"].startswith(f"It is mended.\n\n{BOBS}\n\nAlso:\n")
    assert "<b>second line</b>" in mail["html"]
    assert 'href="https://acme.example/bob"' in mail["html"]
    assert comments(services) == ["It is mended."]


def test_who_has_none_of_their_own_signs_with_that_of_the_desk(make_services: MakeServices, tmp_path: Path) -> None:
    services = desk(make_services, tmp_path)
    make_staff(services, CAT)

    answer(services, last_mail(services, BOB), "#assign cat")
    answer(services, last_mail(services, CAT), "It is mended.")

    assert to_ann(services)["text"].startswith(f"It is mended.\n\n{DESKS}\n\nAlso:\n")
    assert DESKS in to_ann(services)["html"]


def test_only_public_answers_of_staff_are_signed(make_services: MakeServices, tmp_path: Path) -> None:
    services = desk(make_services, tmp_path)

    answer(services, last_mail(services, BOB), "#note\nShe called.")
    answer(services, last_mail(services, BOB), "#resolve")
    answer(services, last_mail(services, ANN), "It is not.")

    texts = [str(row["text"]) + str(row["html"]) for row in query(services, "SELECT text, html FROM mail.outbox")]
    assert [text for text in texts if "Acme Help" in text or "second line" in text] == []


QUOTED = ["Thank you, it prints again, and so does the other one.", "No.\n\n#close"]


@pytest.mark.parametrize("words", QUOTED)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_an_answer_that_quotes_the_signature_is_cut_as_ever(
    make_services: MakeServices, tmp_path: Path, words: str, mark: str
) -> None:
    services = desk(make_services, tmp_path)
    answer(services, last_mail(services, BOB), "It is mended.")
    mail = to_ann(services)
    quoted = "\n".join(mark + line for line in str(mail["text"]).splitlines())
    body = f"{words}\n\nOn Mon, 2 Nov 2026 at 10:01, Acme <support@desk.example> wrote:\n\n{quoted}\n"

    row = write_mail(services, ANN, body, to=str(mail["reply_to"]), in_reply_to=f"<{mail['message_id']}>")

    assert row["fate"] == "applied"
    assert comments(services)[1:] == [words.partition("\n")[0]]


def test_its_lines_are_no_secret_though_a_note_holds_them(make_services: MakeServices, tmp_path: Path) -> None:
    services = desk(make_services, tmp_path)

    answer(services, last_mail(services, BOB), f"#note\n\nHe wants our address again:\n\n{BOBS}\n\nReally.")
    answer(services, last_mail(services, BOB, "ticket-assigned"), "It is mended.")

    (note,) = query(services, "SELECT text FROM mail.note")
    assert BOBS.splitlines()[0] in note["text"]
    assert (to_ann(services)["fate"], to_ann(services)["reason"]) == (None, None)


def write_in_web_application(services: Services, text: str, author: str) -> None:
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'web', :text, t.ticket_id, u.id, timezone('utc', now()), timezone('utc', now())
        FROM mail.ticket t, "User" u WHERE t.number = 1001 AND u.email = :author""",
        "UPDATE mail.event SET due_at = now() WHERE fate IS NULL",
        text=text,
        author=author,
    )
    announce_due(services)


def test_lines_of_a_note_beside_it_are_held_all_the_same(make_services: MakeServices, tmp_path: Path) -> None:
    services = desk(make_services, tmp_path)
    secret = "This customer has not paid since March."
    make_staff(services, CAT)

    answer(services, last_mail(services, BOB), f"#note\n\n{secret}\n\n{BOBS}\n\nReally.")
    write_in_web_application(services, f"Hello.\n\n{secret}", CAT)

    assert to_ann(services)["fate"] == "held"
    assert secret[:20].lower() in to_ann(services)["reason"]


@pytest.mark.parametrize("below", ["", f"\n\n-- \n{BOBS}", "\n\n--\nBob", f"\n\n{BOBS}"])
def test_an_answer_in_the_web_application_is_signed_once_too(
    make_services: MakeServices, tmp_path: Path, below: str
) -> None:
    services = desk(make_services, tmp_path)

    write_in_web_application(services, f"It is mended.{below}", BOB)

    assert to_ann(services)["text"].startswith(f"It is mended.\n\n{BOBS}\n\n-- \nRequest")
    assert comments(services) == [f"It is mended.{below}"]


def test_the_doctor_names_a_signature_that_is_nobodys(make_services: MakeServices, tmp_path: Path) -> None:
    (tmp_path / "gone@desk.example").mkdir()
    (tmp_path / "gone@desk.example" / "signature.txt").write_text("Gone", encoding="utf-8")
    services = desk(make_services, tmp_path)

    found = [(one.part, one.trouble, one.advice) for one in signatures(services)]

    assert found == [
        (
            "signature of gone@desk.example",
            "",
            "The folder of signatures holds one for gone@desk.example, and nobody of the staff has that address.",
        )
    ]
