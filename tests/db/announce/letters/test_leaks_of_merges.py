"""A note stays a secret of staff on whichever ticket its own one goes on, in however many steps."""

import pytest

from models.announce.leak_texts import public_texts, secret_notes
from tests.support.database.services import AGENT, a_raw_mail, execute, process
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(AGENT)
NOBODY = 0


def test_the_notes_and_words_of_what_was_merged_twice_are_compared(services: Services) -> None:
    first, second, third = (
        process(services, a_raw_mail(f"Words {number}.", message_id=f"<{number}@x>"))["ticket_number"]
        for number in (1, 2, 3)
    )
    for number in (first, second, third):
        execute(
            services,
            """INSERT INTO mail.note (ticket_number, person_number, text, reason)
                SELECT :number, min(s.person_number), 'Secret of ' || :number, '' FROM mail.staff s""",
            number=number,
        )
    execute(services, "UPDATE mail.ticket SET merged_into = :into WHERE number = :of", into=second, of=first)
    execute(services, "UPDATE mail.ticket SET merged_into = :into WHERE number = :of", into=third, of=second)

    with transaction(services.engine) as session:
        secrets = sorted(one.text for one in secret_notes(session, third, NOBODY))
        public = " ".join(one.text for one in public_texts(session, third, NOBODY, 0))

    assert secrets == [f"Secret of {number}" for number in (first, second, third)]
    assert all(f"Words {number}." in public for number in (1, 2, 3))
