"""A desk without staff: its owner is told, as no admin is there to hear it."""

import logging
from datetime import timedelta

from desk.notices.events import Alert, AlertKey
from mail.mime.addresses import Address
from mail.outbound.catalogue import said, together
from models.db.clock import read_now
from models.events.rows import add_alert_once
from models.people.rows import ensure_person
from models.people.staff import has_staff
from models.tickets.unowned import count_unowned
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

ONCE_IN = timedelta(days=1)
NOBODY = said("admins.no_staff")
ADD_STAFF = said("admins.no_staff_advice")


def tell_owner(services: Services) -> int:
    """Add an alert for the owner of a desk where nobody is staff, once a day; returns how many were added."""
    owner = services.settings.desk.owner
    with transaction(services.engine) as session:
        if has_staff(session):
            return 0
        if owner is None:
            logger.error("Nobody is staff, and the settings name no owner (desk.owner) who could be told")
            return 0
        person = ensure_person(session, Address("", owner), read_now(session))
        sentence = together(NOBODY, said("admins.no_staff_open", count=count_unowned(session)))
        alert = Alert(AlertKey.NO_STAFF, said("admins.no_staff_title"), sentence, ADD_STAFF)
        return int(add_alert_once(session, alert, read_now(session) - ONCE_IN, person.number))
