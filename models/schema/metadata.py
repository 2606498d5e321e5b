"""The whole metadata: importing this module makes every table known."""

from models.db.base import SCHEMA, Base
from models.events import rows as events
from models.intake import bounces
from models.ledger import access_tokens, mailboxes
from models.ledger import rows as ledger
from models.outbox import breakers, signing_keys, suppression
from models.outbox import rows as outbox
from models.people import roster, staff
from models.reports import report_runs
from models.reports.health import alarms, certificates, pulses
from models.reports.search import tables as searched
from models.schema import adoption
from models.supportdesk import anchors, archived
from models.supportdesk import tables as supportdesk
from models.tickets import attachments, notes, participants, thread_index

metadata = Base.metadata

TABLE_MODULES = (
    supportdesk,
    roster,
    access_tokens,
    adoption,
    alarms,
    anchors,
    archived,
    attachments,
    bounces,
    breakers,
    certificates,
    thread_index,
    events,
    ledger,
    mailboxes,
    notes,
    outbox,
    pulses,
    report_runs,
    searched,
    signing_keys,
    staff,
    suppression,
    participants,
)

SUPPORTDESK = tuple(table for table in metadata.sorted_tables if table.schema is None)
OURS = tuple(table for table in metadata.sorted_tables if table.schema == SCHEMA)
