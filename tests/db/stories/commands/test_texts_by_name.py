"""`#say` from the agent's mail to the customer's: the text, what it changes, and the file as it is at that moment."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.admin.doctor.run import macros
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
REFUND = "status: resolved\npriority: high\n\nHello {customer},\n\nyour money for {ticket} is on its way.\n\n{agent}\n"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "refund.txt").write_text(REFUND)
    (tmp_path / "inside.txt").write_text("note: yes\n\nAsk {customer} for the bill.\n")
    (tmp_path / "broken.txt").write_text("\nDear {name},\n")
    return tmp_path


@pytest.fixture
def services(make_services: MakeServices, texts: Path) -> Services:
    raw = a_raw_mail(subject="{agent} paid twice")
    return make_services(ADMIN, AGENT, raw, DESK__MACROS=str(texts), TRUST__STAFF="token")


def test_the_doctor_names_a_file_that_cannot_be_used(services: Services) -> None:
    (finding,) = macros(services)

    assert (finding.trouble is not None, "broken.txt" in finding.trouble) == (True, True)


def ticket(services: Services) -> tuple[Any, ...]:
    (row,) = query(services, 'SELECT status::text, priority::text FROM "Ticket"')
    return tuple(row.values())


def test_a_text_goes_to_the_customer_below_the_agents_words_and_the_agent_reads_it(services: Services) -> None:
    ledger = answer(services, last_mail(services, BOB), "I looked into it.\n\n#say refund")

    told = last_mail(services, ANN)
    assert (ledger["fate"], ticket(services)) == ("applied", ("resolved", "high"))
    assert "I looked into it.\n\nHello Ann,\n\nyour money for SD-1001 is on its way.\n\nBob" in told["text"]
    assert all(
        f"{words}</p>" in told["html"] or words in told["html"] for words in ("I looked into it.", "on its way.")
    )
    assert "your money for SD-1001 is on its way." in last_mail(services, BOB, "command-answer")["text"]


def test_a_text_is_sent_as_its_file_is_at_that_moment(services: Services, texts: Path) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#say refund")
    (texts / "refund.txt").write_text("\nIt was paid on Monday, {customer}.\n")
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#say refund")

    assert "It was paid on Monday, Ann." in last_mail(services, ANN)["text"]


def test_a_text_for_staff_stays_internal(services: Services) -> None:
    to_ann = len(mails_to(services, ANN))

    answer(services, last_mail(services, BOB), "#say inside")

    assert len(mails_to(services, ANN)) == to_ann
    assert [row["text"] for row in query(services, "SELECT text FROM mail.note")] == ["Ask Ann for the bill."]


@pytest.mark.parametrize("line", ["#say broken", "#say gone", "#say", "#say ../refund"])
def test_what_is_no_text_sends_nothing_and_is_answered(services: Services, line: str) -> None:
    to_ann, before = len(mails_to(services, ANN)), ticket(services)

    ledger = answer(services, last_mail(services, BOB), line)

    assert (ledger["fate"], len(mails_to(services, ANN)), ticket(services)) == ("applied", to_ann, before)
    assert query(services, 'SELECT content FROM "Comment"') == []
    assert line in last_mail(services, BOB, "command-answer")["text"]
