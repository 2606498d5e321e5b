"""Stories of staff from raw mails to the outbox, with both ways to trust staff: who gets what at once, what stays."""

from typing import Any

import pytest

from desk.ticket import Role
from tests.support.database.services import ADMIN, AGENT, MakeServices, Staff, a_raw_mail, guests, query
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.runtime.services import Services

ANN, EVE, KOFI = "ann@customer.example", "eve@elsewhere.example", "kofi@ledger.example"
BOB, CAROL = "bob@desk.example", "carol@desk.example"
ANOTHER_AGENT: Staff = (CAROL, Role.AGENT)
MODES = {
    "token": {"TRUST__STAFF": "token"},
    "both": {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example"},
}
FORWARD = (
    f"See below.\n\n---------- Forwarded message ---------\nFrom: Eve <{EVE}>\nSubject: Toner\n\nWhere is my toner?\n"
)
# The mails of one moment, by their reader.
Told = dict[str, list[str]]


class Desk:
    """A desk on which Ann has a ticket that is Bob's, and what its people write and are told."""

    def __init__(self, make_services: MakeServices, mode: str) -> None:
        self.mode = mode
        self.services: Services = make_services(ADMIN, AGENT, a_raw_mail(), ANOTHER_AGENT, **MODES[mode])
        self.mine = last_mail(self.services, BOB, "ticket-assigned")
        self._seen = 0
        self.told()

    def answer(self, mail: dict[str, Any], text: str, **headers: str) -> str:
        """The fate of an answer of the mail's reader to it, for which their mail server vouches where we ask it."""
        return str(answer(self.services, mail, text, **self._results(mail["recipient"]), **headers)["fate"])

    def write(self, sender: str, text: str, subject: str) -> str:
        """The fate of a mail that answers none of ours."""
        return str(write_mail(self.services, sender, text, subject=subject, **self._results(sender))["fate"])

    def _results(self, sender: str) -> dict[str, str]:
        domain = sender.rpartition("@")[2]
        passed = f"mx.desk.example; dmarc=pass header.from={domain}"
        return {"authentication_results": passed} if self.mode == "both" else {}

    def told(self) -> Told:
        """The templates of all mails since the last call; each is free to go and due, and no news waits to be told."""
        late = "due_at > now() + interval '1 minute'"
        rows = query(
            self.services,
            f"""SELECT id, recipient, template, reason, fate, {late} AS late FROM mail.outbox
            WHERE id > :seen ORDER BY id""",
            seen=self._seen,
        )
        assert [row for row in rows if row["reason"] or row["fate"] or row["late"]] == []
        assert query(self.services, "SELECT kind FROM mail.event WHERE fate IS NULL") == []
        self._seen = max([self._seen, *(row["id"] for row in rows)])
        found: Told = {}
        for row in rows:
            found.setdefault(row["recipient"], []).append(row["template"])
        return found

    def last(self, recipient: str, template: str = "%") -> dict[str, Any]:
        return last_mail(self.services, recipient, template)

    def comments(self) -> list[str]:
        return [row["content"] for row in query(self.services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]

    def notes(self) -> list[str]:
        return [row["text"] for row in query(self.services, "SELECT text FROM mail.note ORDER BY id")]

    def tickets(self) -> list[tuple[str, str, str]]:
        """The customer, the owner and the status of each ticket."""
        found = """SELECT c.email AS customer, o.email AS owner, t.status::text FROM "Ticket" t
            JOIN "User" c ON c.id = t."createdById" JOIN "User" o ON o.id = t."assignedToId" ORDER BY t."createdAt" """
        return [(row["customer"], row["owner"], row["status"]) for row in query(self.services, found)]

    def read_by(self, recipient: str) -> str:
        """All words of all mails to somebody, in both forms."""
        return "\n".join(mail["text"] + mail["html"] for mail in mails_to(self.services, recipient))


@pytest.fixture(params=MODES)
def desk(make_services: MakeServices, request: pytest.FixtureRequest) -> Desk:
    return Desk(make_services, request.param)


def words_of(mail: dict[str, Any]) -> str:
    return " ".join(str(mail["text"]).split())


def test_answer_with_cc_answer_again_note_and_forward(desk: Desk) -> None:
    # An answer with the customer's accountant in Cc: he has that mail, and its author gets a fresh address.
    assert desk.answer(desk.mine, "Hello Ann, try this.", cc=f"Kofi <{KOFI}>") == "applied"
    assert desk.told() == {ANN: ["comment-to-customer"], BOB: ["mail-done"]}
    assert (guests(desk.services), f"- {KOFI}" in desk.last(BOB)["text"]) == ({KOFI}, True)
    assert "Next time, answer this mail: its address is new." in words_of(desk.last(BOB))

    # At the fresh address the next one goes out, and tells the accountant that he takes part.
    assert desk.answer(desk.last(BOB), "Hello Ann, and this.") == "applied"
    assert desk.told() == {ANN: ["comment-to-customer"], KOFI: ["comment-to-customer"]}
    assert "you take part in somebody's request" in words_of(desk.last(KOFI))

    # At the old one, two wait, and stand in one question, which says what to write.
    for text in ("Hello Ann, and that.", "Hello Ann, and the last."):
        assert desk.answer(desk.mine, text) == "not_applied"
        assert desk.told() == {BOB: ["mail-unconfirmed"]}
    question = desk.last(BOB)
    assert "answer this mail with #confirm as its first word" in words_of(question)
    assert ("| Hello Ann, and that." in question["text"], "number 2 of 2" in words_of(question)) == (True, True)
    # Where no mail server says that they are his, a spent address alone confirms none but the last without its number.
    by_number = "Nothing proves it, so only its number confirms it." in words_of(question)
    assert by_number is (desk.mode == "token")
    assert desk.answer(question, "#confirm 1 2" if by_number else "#confirm") == "applied"
    assert desk.told() == {ANN: ["comment-to-customer"] * 2, KOFI: ["comment-to-customer"] * 2, BOB: ["mail-done"] * 2}
    sent = ["Hello Ann, try this.", "Hello Ann, and this.", "Hello Ann, and that.", "Hello Ann, and the last."]
    assert desk.comments() == sent

    # Notes reach all who took part internally, and nobody else.
    mine = desk.last(BOB, "mail-done")
    assert desk.answer(mine, "#note\n#assign carol\nCarol, it is the fuser.") == "applied"
    assert desk.told() == {CAROL: ["ticket-assigned"], BOB: ["command-answer"]}
    assert desk.answer(desk.last(CAROL), "#note\nI fetch a spare one.") == "applied"
    assert desk.told() == {BOB: ["note-to-agent"], CAROL: ["command-answer"]}
    assert desk.answer(desk.last(BOB), "The spare one is upstairs.") == "applied"
    assert desk.told() == {CAROL: ["note-to-agent"]}
    assert desk.notes() == ["Carol, it is the fuser.", "I fetch a spare one.", "The spare one is upstairs."]

    # A customer's mail from his own mailbox opens a ticket for her; a claimed one once he says that it is his.
    fate = desk.write(BOB, FORWARD, "Fwd: Toner")
    if desk.mode == "token":
        assert (fate, desk.told()) == ("not_applied", {BOB: ["mail-unconfirmed"]})
        fate = desk.answer(desk.last(BOB), "#confirm")
    assert (fate, desk.told()) == ("applied", {BOB: ["ticket-assigned"]})
    assert desk.tickets() == [(ANN, CAROL, "in_progress"), (EVE, BOB, "open")]
    assert (desk.comments(), desk.notes()[3:]) == (sent, ["See below."])

    keys = [str(mail["reply_to"]) for mail in mails_to(desk.services, BOB) if mail["kind"] != "none"]
    for customer in (ANN, KOFI):
        shown = desk.read_by(customer)
        assert [word for word in ("fuser", "spare", "#note", "#assign", "arol", "Toner", *keys) if word in shown] == []


TO_WHOM = "is that to the customer, or a note?"
# As the question proposes, and: who is told what, what the customer reads, what stays internal.
MENDED: dict[str, tuple[str, Told, list[str], list[str]]] = {
    "a note": (
        "#note\n#assign carol\nCarol, please take it.",
        {CAROL: ["ticket-assigned"], BOB: ["command-answer"]},
        [],
        ["Carol, please take it."],
    ),
    "a letter": (
        "Dear Ann, Carol will take it.\n\n#assign carol",
        {CAROL: ["ticket-assigned"], ANN: ["comment-to-customer"], BOB: ["command-answer"]},
        ["Dear Ann, Carol will take it."],
        [],
    ),
    "the command alone": ("#assign carol", {CAROL: ["ticket-assigned"], BOB: ["command-answer"]}, [], []),
}


@pytest.mark.parametrize("how", MENDED)
def test_a_sentence_for_a_colleague_is_asked_about_and_ends_as_its_author_says(desk: Desk, how: str) -> None:
    text, told, comments, notes = MENDED[how]
    read = desk.read_by(ANN)

    assert desk.answer(desk.mine, "#assign carol\nCarol, please take it.") == "not_applied"
    assert (desk.told(), desk.comments(), desk.notes()) == ({BOB: ["mail-held"]}, [], [])
    asked = words_of(desk.last(BOB))
    assert (TO_WHOM in asked, "add #note on a line of its own" in asked, desk.tickets()[0][1]) == (True, True, BOB)
    assert "answer the same mail of ours as before, not this one" in asked

    assert desk.answer(desk.mine, text) == "applied"
    assert (desk.told(), desk.comments(), desk.notes(), desk.tickets()[0][1]) == (told, comments, notes, CAROL)
    assert ("please take it" in desk.read_by(ANN), desk.read_by(ANN) == read) == (False, not comments)
    assert "Done: #assign carol" in words_of(desk.last(BOB))


def test_such_a_sentence_that_went_to_others_is_mended_at_the_address_that_its_question_brings(desk: Desk) -> None:
    assert desk.answer(desk.mine, "#assign carol\nCarol, please take it.", cc=KOFI) == "not_applied"
    assert (desk.told(), TO_WHOM in words_of(desk.last(BOB))) == ({BOB: ["mail-done"]}, True)

    # What was on its way to the old address waits, is confirmed, and is asked about in its turn.
    assert desk.answer(desk.mine, "#assign carol\nCarol, take it, please.") == "not_applied"
    assert desk.told() == {BOB: ["mail-unconfirmed"]}
    assert desk.answer(desk.last(BOB), "#confirm") == "applied"
    assert (desk.told(), TO_WHOM in words_of(desk.last(BOB))) == ({BOB: ["mail-done"]}, True)
    assert (desk.comments(), desk.notes(), guests(desk.services)) == ([], [], set())

    assert desk.answer(desk.last(BOB), "#note\n#assign carol\nCarol, please take it.") == "applied"
    assert desk.told() == {CAROL: ["ticket-assigned"], BOB: ["command-answer"]}
    assert (desk.comments(), desk.notes()) == ([], ["Carol, please take it."])


def test_one_that_answered_none_of_our_mails_is_mended_at_an_address_that_its_question_brings(desk: Desk) -> None:
    assert desk.write(BOB, "/resolve", "Re: [SD-1001] Printer") == "not_applied"
    assert desk.told() == {BOB: ["mail-unconfirmed"]}
    assert desk.answer(desk.last(BOB), "#confirm") == "applied"
    assert (desk.told(), desk.tickets()) == ({BOB: ["mail-done"]}, [(ANN, BOB, "open")])
    told = words_of(desk.last(BOB))
    assert ("Write #resolve" in told, "answer this mail with it" in told, "Others have seen" in told) == (
        True,
        True,
        False,
    )

    assert desk.answer(desk.last(BOB), "#resolve") == "applied"
    assert desk.told() == {ANN: ["status-resolved"], BOB: ["command-answer"]}
    assert (desk.comments(), desk.tickets()) == ([], [(ANN, BOB, "resolved")])


LETTER = "Hello Ann,\n\nplease switch it off and on."
MISTYPED = (
    "/resolve",
    "# resolve",
    "#reslove",
    "resolve",
    "Resolve.",
    "resolve\n\nKind regards,\nBob",
    f"/resolve\n\n{LETTER}",
    f"resolve\n\n{LETTER}",
    f"{LETTER}\n\n# resolve",
    f"{LETTER}\n\n#reslove",
)


def test_a_mistyped_command_waits_and_its_author_reads_what_to_write(desk: Desk) -> None:
    for text in MISTYPED:
        assert (text, desk.answer(desk.mine, text), desk.told()) == (text, "not_applied", {BOB: ["mail-held"]})
        held = words_of(desk.last(BOB))
        assert ("Write #resolve" in held or "did you mean #resolve?" in held) is True
        assert "answer the same mail of ours as before, not this one" in held
    # Who answers that mail all the same reads where the answer belongs.
    assert (desk.answer(desk.last(BOB), "#resolve"), desk.told()) == ("not_applied", {BOB: ["mail-held"]})
    assert "Answer the mail that we sent you about the ticket" in words_of(desk.last(BOB))
    assert (desk.comments(), desk.notes(), desk.tickets()) == ([], [], [(ANN, BOB, "open")])

    assert desk.answer(desk.mine, f"{LETTER}\n\n#resolve") == "applied"
    assert desk.told() == {ANN: ["comment-to-customer"], BOB: ["command-answer"]}
    assert (desk.comments(), desk.notes(), desk.tickets()) == ([LETTER], [], [(ANN, BOB, "resolved")])


def test_thank_you_changes_nothing_whoever_takes_part_and_however_it_comes(desk: Desk) -> None:
    desk.answer(desk.mine, "Hello Ann, try this.", cc=KOFI)
    desk.answer(desk.last(BOB), "Hello Ann, and this.\n\n#resolve")
    desk.told()
    thanks = desk.last(ANN)

    # Tests of the customer's mail programs and of longer words are in test_thank_you.py.
    assert (desk.answer(thanks, "Thank you, works."), desk.told()) == ("applied", {BOB: ["comment-to-agent"]})
    assert (desk.answer(desk.last(KOFI), "Thanks!"), desk.told()) == ("applied", {BOB: ["comment-to-agent"]})
    assert desk.write(ANN, "Many thanks!", "Re: [SD-1001] Printer") == "applied"
    assert (desk.told(), desk.tickets()) == ({BOB: ["comment-to-agent"]}, [(ANN, BOB, "resolved")])
    assert desk.answer(desk.last(BOB), "Hello Ann, glad to hear that.") == "applied"
    assert (desk.tickets(), ANN in desk.told()) == ([(ANN, BOB, "resolved")], True)

    # With a command it is that command that counts.
    assert desk.answer(thanks, "Thank you, works.\n\n#close") == "applied"
    reasons = query(desk.services, "SELECT reason FROM mail.ledger ORDER BY id DESC LIMIT 1")
    assert "stays as it is" not in reasons[0]["reason"]
    assert (desk.told(), desk.tickets()) == (
        {BOB: ["comment-to-agent"], ANN: ["status-closed"]},
        [(ANN, BOB, "closed")],
    )
    assert (desk.answer(thanks, "Thank you!"), desk.told()) == ("applied", {BOB: ["comment-to-agent"]})
    assert desk.tickets() == [(ANN, BOB, "closed")]
