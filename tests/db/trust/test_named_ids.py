"""A Message-ID that somebody merely named binds nothing but the mail that named it, played from outside."""

from dataclasses import dataclass, field

import pytest

from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, participants, process, query
from tests.support.values.replies import last_mail, mails_to
from worker.runtime.services import Services

ANN, BOB, EVE, DAN = "ann@customer.example", "bob@desk.example", "eve@elsewhere.example", "dan@customer.example"
TRUSTING = {"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example"}
pytestmark = pytest.mark.services(ADMIN, AGENT, **TRUSTING)


def delivered(text: str, sender: str, message_id: str, *, to: str = SUPPORT, **headers: str) -> bytes:
    """A mail for whose sender our server vouches."""
    received = b"Received: from x by mx.desk.example; Mon, 2 Nov 2026 12:00:00 +0000\n"
    said = f"Authentication-Results: mx.desk.example; dmarc=pass header.from={sender.rpartition('@')[2]}\n".encode()
    named = {"from": sender, "to": to, "message_id": f"<{message_id}>", "subject": f"Words of {message_id}"}
    return said + received + a_raw_mail(text, **(named | headers))


def eve_opens(services: Services, **headers: str) -> None:
    """Eve opens SD-1001 with Ann in Cc, so that Ann takes part in it."""
    process(services, delivered("Ours.", EVE, "e1@x", cc=ANN, **headers))


def eve_adds(services: Services, message_id: str = "e2@x", **headers: str) -> None:
    """Eve writes to her own ticket."""
    process(services, delivered("More of ours.", EVE, message_id, to=last_mail(services, EVE)["reply_to"], **headers))


def ann_opens(services: Services) -> int:
    """The number of the ticket of Ann's first mail, whose Message-ID Eve has learned."""
    return int(process(services, delivered("A secret of mine.", ANN, "m@ann"))["ticket_number"])


@dataclass(frozen=True)
class Bait:
    """How Eve names Ann's Message-ID in her ticket: before or after it has come, or with many tickets."""

    before: dict[str, str] = field(default_factory=dict)
    after: tuple[dict[str, str], ...] = ()
    opened_with: dict[str, str] = field(default_factory=dict)


BAITS = {
    "named in References": Bait(after=({"references": "<m@ann>"},)),
    "named in In-Reply-To": Bait(after=({"in_reply_to": "<m@ann>"},)),
    "named among others": Bait(after=({"references": "<e1@x> <m@ann> <other@x>"},)),
    "named before it came": Bait(before={"references": "<m@ann>"}),
    "named by the mail that opens the ticket": Bait(opened_with={"references": "<m@ann>"}),
    "given out as Eve's own": Bait(after=({"message_id": "m@ann"},)),
    "given out as Eve's own before it came": Bait(before={"message_id": "m@ann"}),
    "named first, and given out as Eve's own": Bait(before={"references": "<m@ann>"}, after=({"message_id": "m@ann"},)),
}
FOLLOW_UPS = {
    "by References": {"references": "<m@ann>"},
    "by In-Reply-To": {"in_reply_to": "<m@ann>"},
    "with the subject": {"references": "<m@ann>", "subject": "Re: Words of m@ann"},
}


@pytest.mark.parametrize("follow_up", FOLLOW_UPS)
@pytest.mark.parametrize("bait", BAITS)
def test_a_victims_follow_up_stays_out_of_the_ticket_of_who_named_its_message_id(
    services: Services, bait: str, follow_up: str
) -> None:
    eve_opens(services, **BAITS[bait].opened_with)
    if BAITS[bait].before:
        eve_adds(services, **BAITS[bait].before)
    own = ann_opens(services)
    for more in BAITS[bait].after:
        eve_adds(services, **{"message_id": "e3@x"} | more)

    ledger = process(services, delivered("And my secret is 1234.", ANN, "m2@ann", **FOLLOW_UPS[follow_up]))
    key = last_mail(services, BOB, "comment-to-agent")["reply_to"]
    process(services, delivered("I see, 1234.", BOB, "b@desk", to=key))

    assert participants(services, 1001) == {EVE, ANN}
    assert (own, ledger["ticket_number"]) == (1002, 1002)
    assert [mail for mail in mails_to(services, EVE) if "1234" in mail["text"]] == []
    assert "1234" in last_mail(services, ANN, "comment-to-customer")["text"]


def test_a_victims_follow_up_to_a_mail_that_the_desk_never_got_opens_a_ticket_of_their_own(services: Services) -> None:
    eve_opens(services, references="<m@ann>")

    ledger = process(services, delivered("And my secret is 1234.", ANN, "m2@ann", in_reply_to="<m@ann>"))

    assert ledger["ticket_number"] == 1002
    assert [mail for mail in mails_to(services, EVE) if "1234" in mail["text"]] == []


def test_many_tickets_that_claim_a_message_id_do_not_hide_the_senders_own(services: Services) -> None:
    for number in range(12):
        process(services, delivered("Ours.", EVE, "m@ann", cc=ANN, subject=f"No {number}"))
    own = ann_opens(services)

    ledger = process(services, delivered("And my secret is 1234.", ANN, "m2@ann", references="<m@ann>"))

    assert ledger["ticket_number"] == own == 1013


def test_of_two_tickets_in_which_a_guest_takes_part_that_of_the_first_mail_counts(services: Services) -> None:
    """Dan is nobody's owner: the mail that came first under a Message-ID is its owner's, whatever the numbers say."""
    eve_opens(services)
    process(services, delivered("Ours too.", EVE, "e4@x", to=last_mail(services, EVE)["reply_to"], cc=DAN))
    process(services, delivered("Mine.", ANN, "m@ann", cc=DAN))
    eve_adds(services, "m@ann")

    ledger = process(services, delivered("I am here.", DAN, "d@x", references="<m@ann>"))

    assert ledger["ticket_number"] == 1002


# To whom Ann's late mail is addressed besides us, and which of the tickets it joins whose mails named it.
LATE = [
    ({}, 1002),
    ({"cc": DAN}, 1002),
    ({"cc": EVE}, 1001),
    ({"cc": f"{DAN}, {EVE}"}, 1001),
]


@pytest.mark.parametrize(("addressed", "number"), LATE)
def test_a_late_parent_joins_its_child_only_where_nobody_gains_sight_of_it(
    services: Services, addressed: dict[str, str], number: int
) -> None:
    process(services, delivered("As Ann says.", EVE, "e1@x", cc=ANN, references="<m@ann>"))

    parent = process(services, delivered("The first thing.", ANN, "m@ann", **addressed))

    assert parent["ticket_number"] == number


def test_a_late_parent_of_somebody_who_takes_no_part_opens_their_own_ticket(services: Services) -> None:
    process(services, delivered("Ours.", EVE, "e1@x", references="<m@ann>"))

    parent = process(services, delivered("The first thing.", ANN, "m@ann", cc=EVE))

    assert parent["ticket_number"] == 1002


def test_siblings_of_one_sender_share_their_ticket_without_their_parent_and_with_it(services: Services) -> None:
    for number in (1, 2):
        process(services, delivered(f"Part {number}.", ANN, f"m{number}@ann", in_reply_to="<m@ann>"))

    parent = process(services, delivered("The first thing.", ANN, "m@ann"))

    assert parent["ticket_number"] == 1001
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1
