"""Sixty answers of agents as nine mail programs write them: what the customer's server gets of each, read from outside.

`bench/answers/` writes the answers and reads the mails; nothing of the desk's own reading is used to judge them.
"""

import pytest
from sqlalchemy import text

from bench.answers.contents import COUNT
from bench.answers.dialects import DIALECTS
from bench.answers.judge import lacks_of
from bench.answers.message import dialect_of
from bench.answers.play import play
from desk.ticket import Role
from tests.support.database.services import ADMIN, MakeServices, Staff

# Each has so few of the answers that the limits of a loop are far away.
AGENTS: dict[str, Staff] = {
    name: (f"{name.split()[0].lower()}@desk.example", Role.AGENT)
    for name in ("Carol Mendes", "Ben Adler", "Ines Duarte")
}
PASS = "mx.desk.example; dmarc=pass header.from=desk.example"
# How agents are trusted, what the server says of them, and how many answers are played: all, or one of each program.
MODES: dict[str, tuple[dict[str, str], str, int]] = {
    "token": ({"TRUST__STAFF": "token"}, "", COUNT),
    "both": ({"TRUST__STAFF": "both", "AUTHSERV_ID": "mx.desk.example"}, PASS, len(DIALECTS)),
}


@pytest.mark.parametrize("mode", MODES)
def test_the_customer_gets_what_the_agent_wrote_and_none_of_what_was_quoted(
    make_services: MakeServices, mode: str
) -> None:
    settings, results, count = MODES[mode]
    services = make_services(ADMIN, *AGENTS.values(), **settings)
    with services.engine.begin() as connection:
        for name, (address, _) in AGENTS.items():
            connection.execute(text('UPDATE "User" SET name = :name WHERE email = :at'), {"name": name, "at": address})

    played = play(services, results, count)

    found = {one.content.number: lacks_of(one) for one in played}
    wrong = [
        f"{number} ({dialect_of(number).program.name}): {line}" for number, lines in found.items() for line in lines
    ]
    assert len(found) == count
    assert not wrong, "\n".join([f"{sum(map(bool, found.values()))} of {count} are wrong.", *wrong])
