"""`#cc` in mails of staff: who is added gets the answers from then on, and who is taken off gets none."""

import pytest

from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, guests, participants, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.runtime.services import Services

ANN, BOB, DAN, KOFI = "ann@customer.example", "bob@desk.example", "dan@customer.example", "kofi@ledger.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def bob_writes(services: Services, text: str, **headers: str) -> str:
    mail = last_mail(services, BOB, "ticket-assigned")
    answer(services, mail, text, **headers)
    return " ".join(str(last_mail(services, BOB)["text"]).split())


def test_who_is_added_gets_the_answer_beside_it_and_later_ones_until_taken_off(services: Services) -> None:
    told = bob_writes(services, f"#cc +{DAN} +{KOFI} +{SUPPORT}\n\nHello Ann, Dan brings the key.")

    assert f"From now on these get the answers, too: {DAN}, {KOFI}." in told
    assert f"{SUPPORT} was not added, for it is an address of this desk." in told
    assert "Dan brings the key." in last_mail(services, DAN)["text"]
    # Who was written to is a person now.
    assert (participants(services), guests(services)) == ({ANN, DAN, KOFI}, set())

    assert f"From now on these get no more answers: {DAN}." in bob_writes(services, "#cc -dan")
    bob_writes(services, "Hello Ann, and this.")
    assert (len(mails_to(services, DAN)), len(mails_to(services, KOFI))) == (1, 2)
    assert participants(services) == {ANN, KOFI}


def test_guests_who_were_never_written_to_are_taken_off_by_their_beginning(services: Services) -> None:
    bob_writes(services, f"#cc +{DAN} +{KOFI}")
    assert guests(services) == {DAN, KOFI}

    bob_writes(services, "#cc -kof")

    assert guests(services) == {DAN}
    assert mails_to(services, DAN) == []


def test_nobody_is_added_beyond_the_limit_by_command_and_header_together(services: Services) -> None:
    copied = ", ".join(f"c{number}@acme.example" for number in range(8))
    lines = "#cc " + " ".join(f"+p{number}@acme.example" for number in range(5))

    told = bob_writes(services, f"{lines}\n\nHello Ann, all of us are here.", cc=copied)

    assert len(participants(services) | guests(services)) == 11
    assert "p2@acme.example was not added, for at most 10 people take part in a ticket besides its customer." in told


def test_a_customer_adds_nobody_by_the_command(services: Services) -> None:
    answer(services, last_mail(services, ANN), f"#cc +{KOFI}")

    assert (participants(services), guests(services)) == ({ANN}, set())
    assert query(services, 'SELECT content FROM "Comment"') == [{"content": f"#cc +{KOFI}"}]
