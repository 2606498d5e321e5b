"""Changes that could not be announced: listed, shown, told of once, tried again as mails are, and dropped."""

import json

import pytest

from mail.outbound.render import Renderer, TemplateFailure
from mail.outbound.sentence_json import from_json
from models.db.claims import MOST_TRIES
from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, query
from tests.support.values.words import english
from worker.admin.digests.quarantined_events import MOST_IN_ALERT, TITLE, announce_again, tell_of_events
from worker.announce.run import announce_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), LIMITS__RETRY_SECONDS="0")

CHANGES = (
    """UPDATE "Ticket" SET status = 'resolved', "resolvedAt" = now()""",
    """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
    SELECT 'c-one', 'Secret words', t.id, t."createdById", now() FROM "Ticket" t""",
)
PUT_AWAY = "SELECT id FROM mail.event WHERE fate = 'quarantined' ORDER BY id"
ALERTS = "SELECT details->'alert' AS alert FROM mail.event WHERE kind = 'alert' ORDER BY id"
TEMPLATES = "SELECT template FROM mail.outbox WHERE id > :since ORDER BY template"


def announce(services: Services) -> list[str]:
    """Announce all that waits; the templates of the mails that it led to."""
    since = query(services, "SELECT coalesce(max(id), 0) AS id FROM mail.outbox")[0]["id"]
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)
    return [row["template"] for row in query(services, TEMPLATES, since=since)]


def refuse(*_: object) -> None:
    raise TemplateFailure("'tiket' is undefined.")


@pytest.fixture
def events(services: Services) -> list[int]:
    """The ids of a change of status and of a comment that raised three times."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(Renderer, "render", refuse)
        for change in CHANGES:
            execute(services, change)
        for _ in range(MOST_TRIES):
            announce(services)
    return [row["id"] for row in query(services, PUT_AWAY)]


def test_they_are_listed_with_their_ticket_and_reason(
    services: Services, supportdesk: Supportdesk, events: list[int]
) -> None:
    result = supportdesk("quarantine", "list")

    assert [number for number in events if f"event-{number}" not in result.output] == []
    assert "SD-1001" in result.output
    assert "It raised an error three times." in result.output


def test_scripts_get_them_as_json(services: Services, supportdesk: Supportdesk, events: list[int]) -> None:
    listed = json.loads(supportdesk("quarantine", "list", "--events", "--json").output)

    assert [(one["number"], one["ticket"], one["tries"]) for one in listed] == [(number, 1001, 3) for number in events]
    assert json.loads(supportdesk("quarantine", "list", "--json").output) == []


def test_one_is_shown_with_its_error(services: Services, supportdesk: Supportdesk, events: list[int]) -> None:
    result = supportdesk("quarantine", "show", f"event-{events[0]}")

    assert result.exit_code == 0
    assert "'tiket' is undefined." in result.output


def test_the_admins_are_told_once_in_one_alert_and_without_anybodys_words(
    services: Services, events: list[int]
) -> None:
    told = [tell_of_events(services) for _ in range(3)]

    alert = query(services, ALERTS)[0]["alert"]
    sentence = english(from_json(alert["sentence"]))
    assert (told, from_json(alert["title"])) == ([len(events), 0, 0], TITLE)
    assert f"event-{events[0]}: ticket_changed (status) of SD-1001" in sentence
    assert "Secret" not in sentence
    assert announce(services) == ["alert"]


def test_what_tells_of_trouble_is_not_told_of_when_it_fails_itself(services: Services, events: list[int]) -> None:
    tell_of_events(services)
    execute(services, "UPDATE mail.event SET fate = 'quarantined', reason = 'It raised.' WHERE kind = 'alert'")

    assert tell_of_events(services) == 0


def test_of_many_some_are_told_and_the_rest_next_time(services: Services, events: list[int]) -> None:
    execute(
        services,
        """INSERT INTO mail.event (kind, ticket_number, fate, reason)
        SELECT 'ticket_opened', 1001, 'quarantined', 'It raised.' FROM generate_series(1, :more)""",
        more=MOST_IN_ALERT,
    )

    assert [tell_of_events(services) for _ in range(3)] == [MOST_IN_ALERT, len(events), 0]


RETOLD = {
    ("event-{0}", "event-{1}"): ["comment-to-agent", "status-resolved", "status-to-agent"],
    ("--all",): ["comment-to-agent", "status-resolved", "status-to-agent"],
}


@pytest.mark.parametrize("words", RETOLD)
def test_a_retry_after_a_fix_tells_what_a_first_run_would_have_told(
    services: Services, supportdesk: Supportdesk, events: list[int], words: tuple[str, ...]
) -> None:
    # The admins were told of it, and it lay there for longer than news may be old.
    tell_of_events(services)
    execute(services, "UPDATE mail.event SET happened_at = now() - interval '5 days' WHERE fate = 'quarantined'")

    result = supportdesk("quarantine", "retry", *(word.format(*events) for word in words))

    assert result.exit_code == 0, result.output
    assert sorted(set(announce(services)) - {"alert"}) == RETOLD[words]
    assert query(services, PUT_AWAY) == []


def test_what_fails_again_is_put_away_and_told_of_again(services: Services, events: list[int]) -> None:
    tell_of_events(services)
    announce_again(services.engine, events)
    execute(services, "UPDATE mail.event SET fate = 'quarantined', reason = 'It raised.' WHERE fate IS NULL")

    assert tell_of_events(services) == len(events)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("retry", "event-999"), "event-999 stays: it is not in quarantine.\n"),
        (("show", "event-999"), "Event 999 is not in quarantine.\n"),
        (("drop", "event-999", "--yes"), "Event 999 is not in quarantine.\n"),
        (
            ("drop", "event-999"),
            "Event 999 would never have an effect. Nothing was changed; say --yes if you mean it.\n",
        ),
    ],
)
def test_what_is_not_there_is_refused(
    services: Services, supportdesk: Supportdesk, words: tuple[str, ...], sentence: str
) -> None:
    result = supportdesk("quarantine", *words)

    assert (result.exit_code, result.stderr) == (2, sentence)


def test_what_is_no_number_is_refused(services: Services, supportdesk: Supportdesk) -> None:
    result = supportdesk("quarantine", "show", "event-x")

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_dropped_one_is_told_to_nobody(services: Services, supportdesk: Supportdesk, events: list[int]) -> None:
    result = supportdesk("quarantine", "drop", f"event-{events[0]}", "--yes")

    assert result.output == f"Event {events[0]} is dropped.\n"
    assert query(services, PUT_AWAY) == [{"id": number} for number in events[1:]]
