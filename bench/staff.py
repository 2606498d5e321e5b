"""The staff of a desk that a long run works with: an admin and agents, known by their first names."""

from collections.abc import Iterable

from desk.ticket import Role
from models.schema.examples import ExamplePerson, plant
from seed.people import seed_id
from worker.runtime.clock import now
from worker.runtime.services import Services
from worker.runtime.transaction import transaction


def plant_staff(services: Services, agents: Iterable[str]) -> None:
    """Make `ada` admin and the agents agents of a migrated desk, each with the address `name@desk.example`."""
    moment, roles = now(), {"ada": Role.ADMIN} | dict.fromkeys(agents, Role.AGENT)
    staff = tuple(
        ExamplePerson(seed_id(name), f"{name}@desk.example", name.title(), role, moment) for name, role in roles.items()
    )
    with transaction(services.engine, quiet=True) as session:
        plant(session, staff, ())
