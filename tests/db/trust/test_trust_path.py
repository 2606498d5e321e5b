"""Trust from the bytes of a mail to the rows of the desk: what the pinned server's word and our tokens let through."""

from base64 import b64encode
from typing import Any

import pytest

from mail.auth.results import Pin
from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, execute, process, query
from worker.runtime.services import Services

ANN, BOB, EVE = "ann@customer.example", "bob@desk.example", "eve@elsewhere.example"
TRUSTING = {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example"}
pytestmark = pytest.mark.services(ADMIN, AGENT, **TRUSTING)


def delivered(text: str, sender: str, to: str = SUPPORT, dmarc: str | None = None, **headers: str) -> bytes:
    """A mail as the server stores it; with `dmarc` it says what it found out about the sender."""
    received = b"Received: from x by mx.desk.example; Mon, 2 Nov 2026 12:00:00 +0000\n"
    domain = sender.rpartition("@")[2].encode()
    said = b"Authentication-Results: mx.desk.example; dmarc=%b header.from=%b\n" % ((dmarc or "").encode(), domain)
    named = {"from": sender, "to": to, "message_id": f"<{abs(hash((text, sender, to, dmarc)))}@x>"}
    return (said if dmarc else b"") + received + a_raw_mail(text, **(named | headers))


def key_of(services: Services, recipient: str, template: str = "%") -> str:
    """The signed address in the last mail that somebody got from us."""
    found = query(
        services,
        "SELECT reply_to FROM mail.outbox WHERE recipient = :to AND template LIKE :template ORDER BY id DESC",
        to=recipient,
        template=template,
    )
    return str(found[0]["reply_to"])


def said(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt", id')]


def verified(services: Services, email: str) -> bool:
    return (
        query(services, 'SELECT "emailVerified" AS at FROM "User" WHERE email = :email', email=email)[0]["at"]
        is not None
    )


def test_the_settings_name_whose_word_is_believed_in_each_mailbox(services: Services) -> None:
    pins = services.policy.pins

    assert pins == {"support": Pin("mx.desk.example", ("desk.example",))}


POWER = [("pass", "applied", ["Try this."]), (None, "not_applied", []), ("fail", "not_applied", [])]


@pytest.mark.parametrize(("dmarc", "fate", "comments"), POWER)
def test_an_agents_answer_needs_its_token_and_the_word_of_our_server(
    services: Services, dmarc: str | None, fate: str, comments: list[str]
) -> None:
    process(services, delivered("Help.", ANN))

    ledger = process(services, delivered("Try this.", BOB, key_of(services, BOB), dmarc))

    assert (ledger["fate"], said(services)) == (fate, comments)


def test_what_is_held_is_asked_about_at_the_stored_address_and_done_once_it_is_confirmed(services: Services) -> None:
    process(services, delivered("Help.", ANN))
    held = process(services, delivered("Try this.", BOB, key_of(services, BOB), reply_to=EVE))
    question = query(services, "SELECT * FROM mail.outbox ORDER BY id DESC LIMIT 1")[0]

    process(services, delivered("#confirm", BOB, key_of(services, BOB, "mail-unconfirmed")))
    process(services, delivered("Another mail.", "dan@customer.example"))

    again = query(services, "SELECT fate, confirmed_at FROM mail.ledger WHERE id = :row", row=held["id"])[0]
    assert (held["fate"], question["template"], question["recipient"]) == ("not_applied", "mail-unconfirmed", BOB)
    assert (again["fate"], again["confirmed_at"] is not None, said(services)) == ("applied", True, ["Try this."])


def test_a_pass_alone_holds_an_agents_command_and_opens_the_mail_that_they_pass_on(services: Services) -> None:
    process(services, delivered("Help.", ANN))
    passed = f"See below.\n\n---------- Forwarded message ---------\nFrom: {EVE}\nSubject: Q\n\nHow?\n"

    command = process(services, delivered("#close", BOB, dmarc="pass", subject="Re: [SD-1001]"))
    forward = process(services, delivered(passed, BOB, dmarc="pass", subject="Fwd: Q"))

    assert (command["fate"], forward["fate"], forward["ticket_number"]) == ("not_applied", "applied", 1002)
    assert query(services, "SELECT 1 FROM mail.outbox WHERE recipient = :to", to=EVE) == []


def test_a_token_that_a_reply_to_all_has_shown_gives_no_power_again(services: Services) -> None:
    process(services, delivered("Help.", ANN))
    key = key_of(services, BOB)

    first = process(services, delivered("Try this.", BOB, key, "pass", cc=EVE))
    second = process(services, delivered("#close", BOB, key, "pass"))

    spent = query(services, "SELECT recipient FROM mail.outbox WHERE spent_at IS NOT NULL")
    assert (first["fate"], second["fate"], spent) == ("applied", "not_applied", [{"recipient": BOB}])
    assert "others have seen it since" in second["reason"]


TRICK = "<style>@media all { .x { font-size: 1px } }</style><p>Hi.</p><p class=x>#close</p>"
IN_HTML = [
    ("<p>#close</p><p>Hi.</p>", "closed", []),
    ("<p>Hi.</p><p style='clip-path:circle(0)'>#close</p>", "open", ["mail-held"]),
    ("<p>Hi.</p><div style='transform:scale(0)'><p>#close</p></div>", "open", ["mail-held"]),
    (TRICK, "open", ["mail-held"]),
]


@pytest.mark.parametrize(("html", "status", "told"), IN_HTML)
def test_a_command_of_staff_that_its_html_may_hide_is_held_and_they_are_told(
    services: Services, html: str, status: str, told: list[str]
) -> None:
    process(services, delivered("Help.", ANN))

    process(services, delivered(html, BOB, key_of(services, BOB), "pass", content_type="text/html"))

    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": status}]
    mails = "SELECT template FROM mail.outbox WHERE recipient = :to AND template LIKE 'mail-%' ORDER BY id"
    assert [row["template"] for row in query(services, mails, to=BOB)] == told


def signed_file(text: str) -> str:
    """A text that is signed in one file, in base64 (RFC 5652, section 5.1); the signature is left out."""

    def element(tag: int, content: bytes) -> bytes:
        return bytes((tag, len(content))) + content

    data, signed = (bytes.fromhex(f"06092a864886f70d01070{last}") for last in (1, 2))
    inner = element(0x30, data + element(0xA0, element(0x04, f"Content-Type: text/plain\n\n{text}\n".encode())))
    whole = element(0x30, element(0x02, b"\1") + element(0x31, b"") + inner + element(0x31, b""))
    return b64encode(element(0x30, signed + element(0xA0, whole))).decode()


@pytest.mark.parametrize("text", ["", "This came from the customer."])
def test_a_command_in_a_signed_file_that_an_agent_attaches_is_held(services: Services, text: str) -> None:
    process(services, delivered("Help.", ANN))
    raw = delivered("", BOB, key_of(services, BOB), "pass").decode().partition("MIME-Version")[0]
    file = "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"
    parts = (f"Content-Type: text/plain\n\n{text}\n", f"{file}{signed_file('#close')}\n")
    head = "\n".join(line for line in raw.splitlines() if not line.startswith("Content-"))
    body = "".join(f"--b\n{part}" for part in parts)

    row = process(services, f"{head}\nContent-Type: multipart/mixed; boundary=b\n\n{body}--b--\n".encode())

    assert (row["fate"], said(services)) == ("not_applied", [])
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]


def test_a_command_of_a_customer_that_their_html_may_hide_is_text(services: Services) -> None:
    process(services, delivered("Help.", ANN))

    process(services, delivered(TRICK, ANN, key_of(services, ANN), "pass", content_type="text/html"))

    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "open"}]
    assert "#close" in said(services)[0]


def test_a_question_is_not_confirmed_by_a_word_that_the_html_may_hide(services: Services) -> None:
    process(services, delivered("Help.", ANN))
    held = process(services, delivered("Try this.", BOB, key_of(services, BOB)))

    html = "<p style='zoom:0.01'>#confirm</p>"
    process(services, delivered(html, BOB, key_of(services, BOB, "mail-unconfirmed"), content_type="text/html"))

    again = query(services, "SELECT fate FROM mail.ledger WHERE id = :row", row=held["id"])[0]
    assert (again["fate"], said(services)) == ("not_applied", [])


VERIFIES = [
    ("token", None, True),
    ("token", "pass", True),
    ("token", "fail", False),
    ("none", "pass", False),
    ("tag", "pass", False),
    ("spent", "pass", False),
]


@pytest.mark.parametrize(("shows", "dmarc", "proven"), VERIFIES)
def test_an_address_is_verified_by_a_live_token_and_never_by_a_pass_alone(
    services: Services, shows: str, dmarc: str | None, proven: bool
) -> None:
    process(services, delivered("Help.", ANN))
    key = key_of(services, ANN)
    if shows == "spent":
        execute(services, "UPDATE mail.outbox SET spent_at = now()")

    to = key if shows in {"token", "spent"} else SUPPORT
    process(services, delivered("More.", ANN, to, dmarc, subject="[SD-1001]" if shows == "tag" else "More"))

    assert verified(services, ANN) == proven


def test_a_row_that_calls_itself_an_agent_gets_no_power_and_no_mail_for_staff(services: Services) -> None:
    process(services, delivered("Hello.", EVE))
    execute(services, """UPDATE "User" SET role = 'admin' WHERE email = 'eve@elsewhere.example'""")
    process(services, delivered("Help.", ANN))

    ledger = process(services, delivered("#close", EVE, dmarc="pass", subject="[SD-1002]"))

    mails = query(services, "SELECT DISTINCT template FROM mail.outbox WHERE recipient = :to", to=EVE)
    tickets: list[dict[str, Any]] = query(services, 'SELECT status::text FROM "Ticket" ORDER BY "createdAt", id')
    assert ledger["ticket_number"] == 1003
    assert mails == [{"template": "ticket-opened"}]
    assert [ticket["status"] for ticket in tickets] == ["open", "open", "open"]


def test_a_stranger_at_anothers_signed_address_leaves_a_note_that_the_customer_never_sees(services: Services) -> None:
    process(services, delivered("Help.", ANN))

    ledger = process(
        services, delivered("Your code is 1234.", "noreply@service.example", key_of(services, ANN), "pass")
    )

    notes = query(services, "SELECT text FROM mail.note")
    sent = query(services, "SELECT recipient FROM mail.outbox WHERE text LIKE '%1234%'")
    assert (ledger["fate"], said(services), notes) == ("applied", [], [{"text": "Your code is 1234."}])
    assert {row["recipient"] for row in sent} == {BOB}
