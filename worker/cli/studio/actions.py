"""What the studio can do with `--write`: each action by the function that the command of its name calls."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Engine

from desk.ticket import Status
from mail.mime.addresses import normalise
from models.events.quarantine import drop_event
from models.ledger.quarantine import drop
from models.outbox.undelivered import State, send_again
from models.people.rows import find_person
from worker.admin.change_ticket import NO_STAFF, AddWords, CannotChange, Change, ChangeOwner, change_ticket
from worker.admin.digests.dropped import restore_mails
from worker.admin.digests.quarantine import try_again
from worker.admin.digests.quarantined_events import announce_again
from worker.cli.studio.views.listed import Unknown, number_in
from worker.cli.studio.views.quarantine import EVENT
from worker.deliver.undelivered import drop_by_command
from worker.runtime.transaction import transaction

Form = Mapping[str, str]
# From the database, who does it, what it is done to, and what was filled in, to a sentence on what was done.
# Raises CannotChange, or Unknown for an address that no page of ours has.
Action = Callable[[Engine, str, str, Form], str]


def _on_ticket(change: Callable[[Form], Change]) -> Action:
    def do(engine: Engine, by: str, key: str, form: Form) -> str:
        return change_ticket(engine, number_in(key), by, change(form))

    return do


def _words(form: Form) -> str:
    # Browsers end lines as mails do.
    return form.get("text", "").replace("\r\n", "\n").strip("\n")


def _owner(form: Form) -> ChangeOwner:
    owner = form.get("owner", "")
    if owner and normalise(owner) is None:
        raise CannotChange(f"{owner} is no mail address. Nothing was changed.")
    return ChangeOwner(normalise(owner) if owner else None)


def _status(form: Form) -> Status:
    status = form.get("status", "")
    if status not in tuple(Status):
        raise CannotChange(f"There is no status “{status}”. Nothing was changed.")
    return Status(status)


def _retry(engine: Engine, by: str, key: str, form: Form) -> str:
    if key.startswith(EVENT):
        again = announce_again(engine, [_event(key)])
        return f"Event {_event(key)} is tried again." if again else f"Event {_event(key)} is not in quarantine."
    number = number_in(key)
    if try_again(engine, [number]):
        return f"Mail {number} is tried again."
    raise CannotChange(f"Mail {number} stays: it is not in quarantine, or its bytes are still on the server.")


def _drop(engine: Engine, by: str, key: str, form: Form) -> str:
    number, is_event = (_event(key), True) if key.startswith(EVENT) else (number_in(key), False)
    name = f"Event {number}" if is_event else f"Mail {number}"
    with transaction(engine) as session:
        done = (drop_event if is_event else drop)(session, number)
    if not done:
        raise CannotChange(f"{name} is not in quarantine.")
    return f"{name} is dropped."


def _event(key: str) -> int:
    return number_in(key.removeprefix(EVENT))


def _restore(engine: Engine, by: str, key: str, form: Form) -> str:
    number = number_in(key)
    if not restore_mails(engine, [number]):
        raise CannotChange(f"Mail {number} stays as it is: it is not a dropped mail.")
    return f"Mail {number} is decided again, as a person's mail."


def _send_again(*states: State) -> Action:
    def do(engine: Engine, by: str, key: str, form: Form) -> str:
        number = number_in(key)
        with transaction(engine) as session:
            again = [one for state in states for one in send_again(session, [number], state)]
        if not again:
            raise CannotChange(f"Mail {number} is {' or '.join(states)} no longer, so nothing was changed.")
        return f"Mail {number} goes out with the next delivery."

    return do


def _never_send(engine: Engine, by: str, key: str, form: Form) -> str:
    number = number_in(key)
    with transaction(engine) as session:
        state = drop_by_command(session, number)
    if state is None:
        raise CannotChange(f"Mail {number} does not wait after an error, and neither failed nor was held.")
    return f"Mail {number} is dropped."


# By the place of what it is done to, and the word in the address.
ACTIONS: Final[Mapping[tuple[str, str], Action]] = {
    ("tickets", "answer"): _on_ticket(lambda form: AddWords(_words(form))),
    ("tickets", "note"): _on_ticket(lambda form: AddWords(_words(form), is_note=True)),
    ("tickets", "assign"): _on_ticket(_owner),
    ("tickets", "status"): _on_ticket(_status),
    ("quarantine", "retry"): _retry,
    ("quarantine", "drop"): _drop,
    ("mails", "restore"): _restore,
    ("outbox", "retry"): _send_again(State.WAITING, State.FAILED),
    ("outbox", "release"): _send_again(State.HELD),
    ("outbox", "drop"): _never_send,
}


def do(engine: Engine, by: str, place: str, key: str, word: str, form: Form) -> str:
    """Do it, and say what was done; raises Unknown where there is no such action, and CannotChange, which says why."""
    action = ACTIONS.get((place, word))
    if action is None:
        raise Unknown("There is nothing to do at this address.")
    # A studio may be open for days, and the commands ask each time.
    with transaction(engine) as session:
        person = find_person(session, by)
    if person is None or not person.is_staff:
        raise CannotChange(NO_STAFF.format(by))
    return action(engine, by, key, form)
