"""Each problem that the desk knows is made here: the admin gets one mail that it began, one that it is over."""

import json

import pytest

from desk.reports.health.facts import AlarmKind
from mail.outbound.catalogue import in_english
from tests.support.database.pulses import FAULTS, all_is_well
from tests.support.database.services import ADMIN, AGENT, MakeServices, execute
from tests.support.values.replies import mails_to
from worker.admin.doctor.run import health
from worker.announce.run import announce_due
from worker.runtime.health.look import look_once
from worker.runtime.health.watchman import watch_over
from worker.runtime.services import Services

OAUTH = {"provider": "google", "client_id": "desk", "client_secret": "hush"}
A_CONSENT = "INSERT INTO mail.mailbox_token (mailbox, ends_at) VALUES ('support', now() + interval '6 days')"
# A mailbox that is opened by tokens has all the faults of one with a password, and one more.
ALL_FAULTS = FAULTS | {
    "a consent that ends": (
        AlarmKind.TOKEN,
        A_CONSENT,
        "UPDATE mail.mailbox_token SET ends_at = now() + interval '90 days'",
    )
}
# The first fault of each kind; the others of it are in test_watchman.py.
MADE_BY = {kind: name for name, (kind, _, _) in reversed(ALL_FAULTS.items())}


def test_each_problem_is_made_by_a_fault() -> None:
    assert set(MADE_BY) == set(AlarmKind)


@pytest.fixture
def desk(make_services: MakeServices) -> Services:
    """A desk with which all is well, whose mailbox is opened by tokens."""
    services = make_services(ADMIN, AGENT, PASSWORD="", OAUTH=json.dumps(OAUTH))
    all_is_well(services)
    return services


@pytest.mark.parametrize("kind", AlarmKind)
def test_the_admin_gets_one_mail_of_each_and_one_all_clear(kind: AlarmKind, desk: Services) -> None:
    _, begin, end = ALL_FAULTS[MADE_BY[kind]]
    execute(desk, begin)
    (problem,) = look_once(desk).problems
    (found,) = health(desk)
    for _ in range(3):
        watch_over(desk)
    execute(desk, end)
    for _ in range(2):
        watch_over(desk)

    announce_due(desk)

    title = in_english(problem.title)
    told = [mail["subject"] for mail in mails_to(desk, ADMIN[0]) if mail["template"] == "alert"]
    assert (problem.kind, found.part.split()[1], found.trouble.startswith(title)) == (kind, kind, True)
    assert told == [f"SupportDesk: {title}", f"SupportDesk: All clear: {title}"]
