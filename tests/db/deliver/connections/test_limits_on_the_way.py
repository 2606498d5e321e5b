"""The numbers of `[limits]` reach the statements and the mails: what a desk with other ones writes and lets wait."""

from collections import Counter
from datetime import timedelta
from typing import Any

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, process, query
from tests.support.servers.real_processes import a_sink
from worker.deliver.run import deliver_due
from worker.runtime.services import Services

PASS = "mx.desk.example; dmarc=pass header.from=customer.example"
FEW = {"LIMITS__MAILS_TO_STAFF": "[2, 3]", "LIMITS__MAILS_TO_CUSTOMER": "[1, 2]", "LIMITS__TOKEN_DAYS": "8"}


def mails_to(services: Services, who: str) -> list[dict[str, Any]]:
    statement = "SELECT fate, reason, token_expires_at - written_at AS lives FROM mail.outbox WHERE recipient = :who"
    return query(services, statement, who=who)


def test_what_a_mail_is_written_and_sent_by_are_the_limits_of_this_desk(make_services: MakeServices) -> None:
    with a_sink() as (sink, port):
        services = make_services(
            ADMIN, AGENT, SMTP__HOST="127.0.0.1", SMTP__PORT=str(port), AUTHSERV_ID="mx.desk.example", **FEW
        )
        for number in range(3):
            headers = {"message_id": f"<{number}@customer>", "subject": f"Printer {number}"}
            process(services, a_raw_mail(authentication_results=PASS, **headers))
        # The third mail to Bob waits for its turn; that is asked again when it is to go.
        execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
        deliver_due(services)

        to_bob, to_ann = mails_to(services, "bob@desk.example"), mails_to(services, "ann@customer.example")
    assert Counter(mail["fate"] for mail in to_bob) == {"sent": 2, None: 1}
    assert Counter(mail["fate"] for mail in to_ann) == {"sent": 1, "held": 2}
    assert {mail["reason"] for mail in to_bob + to_ann if mail["fate"] != "sent"} == {
        "The recipient gets 2 mails in 60 minutes, and no more.",
        "The recipient gets 1 mails in 60 minutes, and no more.",
    }
    assert all(timedelta(days=7) < mail["lives"] < timedelta(days=9) for mail in to_bob)
    assert sink.taken.total() == 3
