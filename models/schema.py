"""The whole metadata: importing this module makes every table known."""

from models import (
    absences,
    adoption,
    anchors,
    assignments,
    blobs,
    bounces,
    breakers,
    conversation,
    events,
    ledger,
    mailboxes,
    notes,
    outbox,
    report_runs,
    staff,
    supportdesk,
    suppression,
    tickets,
)
from models.base import SCHEMA, Base

metadata = Base.metadata

TABLE_MODULES = (
    supportdesk,
    absences,
    adoption,
    anchors,
    assignments,
    blobs,
    bounces,
    breakers,
    conversation,
    events,
    ledger,
    mailboxes,
    notes,
    outbox,
    report_runs,
    staff,
    suppression,
    tickets,
)

SUPPORTDESK = tuple(table for table in metadata.sorted_tables if table.schema is None)
OURS = tuple(table for table in metadata.sorted_tables if table.schema == SCHEMA)
