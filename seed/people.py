"""The example people: an admin, two agents and three customers, under ids that never change."""

from datetime import datetime, timedelta

from desk.ticket import Role
from models.schema.examples import ExamplePerson

# Name, role, address and since how many days.
_PEOPLE = (
    ("Ada Okafor", Role.ADMIN, "ada@desk.example", 90),
    ("Bob Lindqvist", Role.AGENT, "bob@desk.example", 80),
    ("Carol Mendes", Role.AGENT, "carol@desk.example", 60),
    ("Dora Vance", Role.CUSTOMER, "dora@acme.example", 40),
    ("Emil Novak", Role.CUSTOMER, "emil@bakery.example", 21),
    ("Fatima Rahal", Role.CUSTOMER, "fatima@studio.example", 12),
)


def seed_id(word: str) -> str:
    """An id of SupportDesk's form that is the same on every machine; the word is of at most 20 letters and digits."""
    return f"cseed{word:0>20}"


def person_id(first_name: str) -> str:
    """The id of an example person, by first name in lower case."""
    return seed_id(first_name)


def people(now: datetime) -> tuple[ExamplePerson, ...]:
    """The people, each known to SupportDesk since some days before `now`."""
    return tuple(
        ExamplePerson(person_id(name.split()[0].lower()), email, name, role, now - timedelta(days=days))
        for name, role, email, days in _PEOPLE
    )
