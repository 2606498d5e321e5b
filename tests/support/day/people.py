"""Who takes part in the day: an admin, two agents and five customers, each with a mail program of their own."""

from bench.answers.dialects import DIALECTS
from tests.support.day.story import Person

_PROGRAMS = {dialect.program.name: number for number, dialect in enumerate(DIALECTS)}

ADA = Person("Ada Okafor", "ada@desk.example", _PROGRAMS["Apple Mail"], ("Ada Okafor", "Head of support"), staff=True)
BOB = Person("Bob Lindqvist", "bob@desk.example", _PROGRAMS["Gmail web"], ("Bob Lindqvist", "Support"), staff=True)
CAROL = Person("Carol Mendes", "carol@desk.example", _PROGRAMS["Thunderbird"], ("Carol Mendes",), staff=True)
DORA = Person("Dora Vance", "dora@acme.example", _PROGRAMS["Gmail web"])
FRANK = Person("Frank Berger", "frank@nordwind.example", _PROGRAMS["Outlook desktop"], ("Frank Berger", "Nordwind"))
HELENE = Person("Helene Roux", "helene@librairie.example", _PROGRAMS["Apple Mail iOS"])
PAT = Person("Pat Malone", "pat@harbour.example", _PROGRAMS["K-9"])
TOM = Person("Tom Ito", "tom@homelab.example", _PROGRAMS["Samsung"])
# Takes part in requests of others, and opens none.
KOFI = Person("Kofi Mensah", "kofi@ledger.example", _PROGRAMS["Outlook web"])

PEOPLE = (ADA, BOB, CAROL, DORA, FRANK, HELENE, PAT, TOM, KOFI)
