"""The only writes of intake: a decision becomes rows, and the fate that the ledger keeps."""

from typing import assert_never

from desk.decisions import (
    Act,
    Decision,
    FileBounce,
    Hold,
    KeepNote,
    NotApplied,
    OpenTicket,
    Personal,
    Quarantine,
    Refuse,
    Release,
)
from models.ledger import Fate
from worker import off_ticket, on_ticket
from worker.mail_desk import Desk


def carry_out(desk: Desk, decision: Decision) -> Fate:
    """Write what was decided; the fate says what was written."""
    match decision:
        case OpenTicket():
            fate = on_ticket.open_ticket(desk, decision)
        case Act():
            fate = on_ticket.act(desk, decision)
        case KeepNote():
            fate = on_ticket.keep_note(desk, decision)
        case Hold() | Release() | Personal() | Refuse() | FileBounce() | NotApplied() | Quarantine():
            fate = off_ticket.write(desk, decision)
        case _:
            assert_never(decision)
    return fate
