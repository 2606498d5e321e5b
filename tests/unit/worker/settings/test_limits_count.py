"""Each number of `[limits]` counts: with another value of the setting, the same thing has another outcome."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from desk.facts import AnsweredNotice, Flood
from desk.gate.verdict import GateFacts, next_attempt, verdict
from desk.intake.assessment import questions
from desk.intake.decide import decide
from desk.intake.decision import FileBounce, Hold, Wait
from desk.limits import USUAL
from desk.notices.files import choose_files
from desk.notices.held import Question
from desk.reports.health.facts import Health, MailboxState, OutboxState, Process, ProcessKind, Waiting
from desk.reports.health.findings import find_problems
from desk.ticket import TicketFile
from desk.tokens import ReplyKind
from desk.trust.judge import Proof
from mail.bounce.failure import Bounce, BouncedRecipient, Failure
from mail.inbound.message import InboundMail, MailKind
from mail.outbound.catalogue import said
from models.db.claims import Claimed
from models.events.rows import EVENTS
from models.ledger.rows import LEDGER
from models.outbox.gate_facts import ask_values
from models.outbox.rows import OUTBOX
from tests.support.database.services import services_on
from tests.support.values.builders import (
    ANN,
    BOB,
    DAN,
    NOW,
    TOKEN,
    a_delivered_mail,
    a_grant,
    a_mail,
    dmarc_results,
    id_of,
    some_facts,
)
from worker.admin.digests import dropped, quarantine
from worker.announce.parts import draft
from worker.deliver import undelivered
from worker.intake import carry_out, run, waits
from worker.poll.lease import MailboxLease
from worker.runtime.services import Services, imap_server
from worker.settings.keys import keys_of
from worker.settings.sections.limits import LimitsSettings

Patch = pytest.MonkeyPatch
GB, MB, MINUTE, DAY = 1024**3, 1024**2, timedelta(minutes=1), timedelta(days=1)
LATELY = tuple(NOW - timedelta(seconds=seconds) for seconds in range(1, 1001))
TO_ANN = GateFacts(ANN.email, ANN, False, True, False, None, frozenset(), NOW)
TO_BOB = replace(TO_ANN, recipient=BOB.email, person=BOB, to_staff=True)
STRANGER = replace(TO_ANN, replies=True, proof=Proof.CLAIMED)
WORKER = Process(
    ProcessKind.WORKER, ("desk", "wire"), "a.example", 1, "1", "k", timedelta(0), 3 * GB, 8 * GB, NOW, MINUTE
)
WORKER = replace(WORKER, disk_total=12 * GB, silent=MINUTE / 60)
BOX = MailboxState("support", read_at=NOW)
WELL = Health(NOW, (WORKER, replace(WORKER, kind=ProcessKind.BEAT)), (BOX,), reconciled_at=NOW)
AWAY = a_delivered_mail("#away until 2027-02-20", BOB.email, above=[dmarc_results(BOB.email, "pass")])
FORGED = a_delivered_mail(sender=DAN.email, above=[dmarc_results(DAN.email, "fail")])
EIGHT = ", ".join(f"reader{number}@customer.example" for number in range(8))
TO_EIGHT = a_delivered_mail(sender=DAN.email, above=[dmarc_results(DAN.email, "pass")], cc=EIGHT)
Outcome = Callable[[Services, Patch], object]


def decided(mail: InboundMail, sender: Any = DAN, flood: Flood | None = None) -> Outcome:
    """What intake decides on a mail, by a rule and in words."""
    facts = some_facts(sender, (a_grant(ANN),), floods=dict.fromkeys(Proof, flood) if flood else {})

    def outcome(services: Services, _: Patch) -> object:
        return decide(mail, facts, replace(TOKEN, limits=services.policy.limits))

    return outcome


def judged(facts: GateFacts, **changes: Any) -> Outcome:
    """What the gate says of a mail."""
    return lambda services, _: verdict(replace(facts, limits=services.policy.limits, **changes))


def asked(key: str) -> Outcome:
    """A value with which the database is asked about a mail."""
    return lambda services, _: ask_values([], {}, services.policy.limits)[key]


def wrong(**changes: Any) -> Outcome:
    """What is found wrong with a desk that is well but for this."""
    return lambda services, _: find_problems(replace(WELL, limits=services.policy.limits, **changes))


def bounced(services: Services, _: Patch) -> object:
    """For how long nothing is sent to an address that a server does not know."""
    grant = a_grant(ANN)
    bounce = Bounce((BouncedRecipient(ANN.email, "5.1.1", True, "", Failure.ADDRESS),), True, "5.1.1", id_of(grant))
    mail = a_mail(sender="mailer-daemon@mx.customer.example", kind=MailKind.BOUNCE, automatic="It is.", bounce=bounce)
    facts = some_facts(None, (grant,), answered={grant.id: AnsweredNotice(None, NOW)})
    decision = decide(mail, facts, replace(TOKEN, limits=services.policy.limits))[1]
    assert isinstance(decision, FileBounce)
    return decision.suppress


def refused(services: Services, patch: Patch) -> object:
    """The same where our own server says so."""
    until = list[object]()
    patch.setattr(undelivered, "read_now", lambda _: NOW)
    patch.setattr(undelivered, "suppress_address", lambda *given: until.append(given[-1]))
    session: Any = SimpleNamespace(get_one=lambda *_: SimpleNamespace(recipient=ANN.email))
    undelivered.suppress_unknown(session, 1, "It is unknown.", services.policy.limits)
    return until


def held(services: Services, patch: Patch) -> object:
    """What becomes of a forged mail in an agent's name while four questions wait."""
    for name in ("add_alert_once", "add_unconfirmed"):
        patch.setattr(carry_out, name, lambda *_: None)
    patch.setattr(carry_out, "count_waiting_questions", lambda *_: 4)
    patch.setattr(carry_out, "read_waiting", lambda *_: [])
    transaction: Any = SimpleNamespace(session=None, mail=a_mail(), row=1, now=NOW, services=services)
    hold = Hold(BOB, said("held.confirm_it"), said("held.confirm_it"), question=Question.CLAIMED)
    return carry_out.carry_out(transaction, hold).reason


def put_off(services: Services, patch: Patch) -> object:
    """Until when an answer waits, as its author is told."""
    patch.setattr(waits, "add_answer_waits", lambda *_: None)
    transaction: Any = SimpleNamespace(session=None, row=1, now=NOW, services=services)
    return waits.carry_out_wait(transaction, Wait(BOB, 1042, (), "A colleague answered.")).reason


def granted(services: Services, _: Patch) -> object:
    """Until when a mail proves who answers it."""
    template = SimpleNamespace(kind=ReplyKind.PUBLIC)
    event = SimpleNamespace(thread=("<1@desk.example>",))
    announcement: Any = SimpleNamespace(notice=SimpleNamespace(person=ANN, template=template, event=event), ticket=1042)
    known = SimpleNamespace(mailboxes={}, correspondents=())
    context: Any = SimpleNamespace(services=services, moment=NOW, correspondence=known)
    return draft.draft_of(context, announcement, TO_ANN, 1).grant.expires_at


def listed(module: Any, function: str, empty: object) -> Outcome:
    """How many mails a digest asks for."""

    def outcome(services: Services, patch: Patch) -> object:
        wanted = list[object]()

        def take(_: object, most: object, *rest: object) -> object:
            wanted.append(most)
            return empty

        patch.setattr(module, "transaction", lambda _: nullcontext())
        patch.setattr(module, function, take)
        send = module.send_digest if module is quarantine else module.send_dropped_digest
        send(services)
        return wanted

    return outcome


def bounded(services: Services, patch: Patch) -> object:
    """The time and the memory that one mail is given."""
    given = list[object]()

    @contextmanager
    def bound(most: object) -> Iterator[None]:
        given.append(most)
        yield

    patch.setattr(run, "time_limit", bound)
    patch.setattr(run, "memory_limit", bound)
    patch.setattr(run, "transaction", lambda _: nullcontext())
    patch.setattr(run, "lock_mail", lambda *_: None)
    run.take_in(run.IntakeBatch(services, Claimed(UUID(int=1), (1,))), 1)
    return given


def leased(services: Services, _: Patch) -> object:
    """How long a mailbox is ours, and how much is fetched of a mail."""
    box = services.settings.mailbox[0]
    lease = MailboxLease(
        services.engine, box, services.limits, 1, UUID(int=1), lambda: None, imap_server(box, services.limits)
    )
    return lease.duration, lease.bounds


# Another value of each setting, and what it changes.
ROWS: dict[str, tuple[str, Outcome | tuple[Outcome, ...]]] = {
    "poll_lease_seconds": ("301", leased),
    "claim_lease_seconds": ("121", lambda services, _: services.queue(LEDGER).lease),
    "delivery_lease_seconds": ("601", lambda services, _: services.queue(OUTBOX).lease),
    "step_seconds": ("61", lambda services, _: imap_server(services.settings.mailbox[0], services.limits)),
    "mail_seconds": ("61", bounded),
    "mail_megabytes": ("1025", bounded),
    "largest_mail_megabytes": ("41", (leased, lambda services, _: services.policy.largest_mail)),
    "retry_seconds": ("11", lambda services, _: services.queue(EVENTS).retry_after),
    "shared_domains": ('["customer.example"]', lambda services, _: questions(a_mail(), services.policy).domain),
    "tickets_from_address_an_hour": ("31", decided(a_mail(sender=DAN.email), flood=Flood(30, 30, 0))),
    "tickets_from_domain_an_hour": ("201", decided(a_mail(sender=DAN.email), flood=Flood(0, 200, 0))),
    "mails_to_ticket_an_hour": (
        "61",
        decided(a_mail(subject="Re: [SD-1042] Printer"), ANN, Flood(0, 0, 0, {1042: 60})),
    ),
    "denied_mails_an_hour": ("101", decided(FORGED, flood=Flood(0, 0, 0, in_all=100))),
    "megabytes_from_address_a_day": ("501", decided(a_mail(sender=DAN.email), flood=Flood(0, 0, 501 * MB))),
    "people_in_cc": ("7", decided(TO_EIGHT)),
    "questions_waiting": ("4", held),
    "answer_waits_minutes": ("3", put_off),
    "absence_days": ("120", decided(AWAY, BOB)),
    "mails_to_customer": ("[31, 101]", (judged(TO_ANN, send_times=LATELY[:30]), asked("most"), asked("most_an_hour"))),
    "mails_to_staff": (
        "[201, 1001]",
        (judged(TO_BOB, send_times=LATELY[:200]), asked("most_of_staff"), asked("most_an_hour_of_staff")),
    ),
    "strangers_answered_an_hour": ("101", judged(STRANGER, strangers=LATELY[:100])),
    "loop_of_customer": ("[21, 41, 101]", (judged(TO_ANN, loop_times=LATELY[:20]), asked("loops"))),
    "loop_of_staff": (
        "[61, 201, 601]",
        (judged(TO_BOB, replies=True, loop_times=LATELY[:60]), asked("loops_of_staff")),
    ),
    "token_days": ("181", granted),
    "attached_megabytes": (
        "11",
        lambda services, _: choose_files(
            [TicketFile("a.txt", "text/plain", 11 * MB, b"")], services.policy.limits.attached_megabytes
        ),
    ),
    "give_up_days": ("4", lambda services, _: next_attempt(3, NOW - 4 * DAY, NOW, services.policy.limits)),
    "suppressed_days": ("31", (bounced, refused)),
    "quarantined_in_digest": ("51", listed(quarantine, "take_unreported", [])),
    "dropped_in_digest": ("26", listed(dropped, "take_untold", ([], 0))),
    "alarm_unread_minutes": ("16", wrong(mailboxes=(replace(BOX, read_at=NOW - 15.5 * MINUTE),))),
    "alarm_waiting_minutes": (
        "11",
        (wrong(mails=Waiting(1, 10.5 * MINUTE)), wrong(outbox=OutboxState(stuck=1, stuck_for=10.5 * MINUTE))),
    ),
    "alarm_failed_mails": ("6", wrong(outbox=OutboxState(failed_lately=5))),
    "alarm_certificate_days": (
        "15",
        (
            wrong(mailboxes=(replace(BOX, certificate_ends_at=NOW + 14.5 * DAY),)),
            wrong(outgoing={"smtp.example:465": NOW + 14.5 * DAY}),
        ),
    ),
    "alarm_token_days": ("8", wrong(tokens={"support": NOW + 7.5 * DAY})),
    "alarm_free_gigabytes": ("4", wrong()),
}


@pytest.mark.parametrize("key", ROWS)
def test_another_value_has_another_outcome(key: str, monkeypatch: Patch) -> None:
    value, given = ROWS[key]
    outcomes = given if isinstance(given, tuple) else (given,)
    services = services_on("postgresql://desk.example/desk", **{f"LIMITS__{key.upper()}": value})

    usual, again = (services_on("postgresql://desk.example/desk") for _ in range(2))

    found = [[outcome(one, monkeypatch) for outcome in outcomes] for one in (usual, again, services)]

    assert found[0] == found[1]
    assert [one == other for one, other in zip(found[0], found[2], strict=True)] == [False] * len(outcomes)


def test_each_setting_is_in_the_table_above() -> None:
    assert sorted(ROWS) == sorted(keys_of(LimitsSettings))


def test_what_decisions_ask_for_are_settings_of_the_same_value() -> None:
    services = services_on("postgresql://desk.example/desk")

    assert services.policy.limits == USUAL
