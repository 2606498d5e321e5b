"""Each list in pages: one page after the other has every line once, in the order of the whole list."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.database.services import Supportdesk, execute
from worker.runtime.services import Services

FIVE = "FROM generate_series(1, 5) AS n"
OURS = f"""
INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text,
    html, message_id, dated, token_expires_at, fate, reason)
SELECT 't', 'none', 'support', 'customer', 'ann@customer.example', '', 'support@desk.example', '', 's', 't', 'h',
    'm' || n, now(), now(), 'held', 'a reason' {FIVE}
"""
BOX = "INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example') ON CONFLICT DO NOTHING"
MAILS = """
WITH row AS (
    INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate, evidence, partial)
    SELECT id, 'INBOX', 1, n, 9, 'x', '{0}', CAST('{1}' AS jsonb), {2}
    FROM mail.mailbox, generate_series(1, 5) AS n
    RETURNING id
)
INSERT INTO mail.raw_chunk (ledger_id, position, content) SELECT id, 0, 'Subject: x' FROM row
"""
EVENTS = f"""
INSERT INTO mail.event (kind, happened_at, due_at, fate) SELECT 'report_due', now(), now(), 'quarantined' {FIVE}
"""
PEOPLE = f"""
INSERT INTO public."User" (id, email, "updatedAt") SELECT 'u' || n, 'c' || n || '@customer.example', now() {FIVE}
"""
# Two of them since the same moment.
SUPPRESSED = f"""
INSERT INTO mail.suppression (address, reason, since)
SELECT 'c' || n || '@customer.example', 'r', now() - (n / 2) * interval '1 day' {FIVE}
"""
BREAKERS = f"""
INSERT INTO mail.breaker (address, reason, opened_at)
SELECT 'c' || n || '@customer.example', 'too many', now() - (n / 2) * interval '1 day' {FIVE}
"""
# By the words of the command: what fills it, by which option it goes on, and the field that names a line.
LISTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "outbox list": ((OURS,), "--after", "number"),
    "quarantine list": ((BOX, MAILS.format("quarantined", "{}", "false")), "--after", "number"),
    "quarantine list --events": ((EVENTS,), "--after", "number"),
    "mail large": ((BOX, MAILS.format("applied", "{}", "true")), "--before", "ledger_id"),
    "mail dropped": ((BOX, MAILS.format("not_applied", '{"drop": "automatic"}', "false")), "--before", "number"),
    "user list": ((PEOPLE,), "--after", "email"),
    "suppression list": ((SUPPRESSED,), "--before", "address"),
    "loop list": ((BREAKERS,), "--before", "address"),
}
# What no line is behind: a number, or an address; one that does not stand there for lists by time.
ENDS = {"user list": "zz@x.example", "suppression list": "nobody@x.example", "loop list": "nobody@x.example"}


def pages(supportdesk: Supportdesk, words: str, option: str, key: str) -> Iterator[list[Any]]:
    last: tuple[object, ...] = ()
    while found := json.loads(supportdesk(*words.split(), "--json", "--most", 2, *last).output):
        yield [one[key] for one in found]
        last = option, found[-1][key]


@pytest.mark.services
@pytest.mark.parametrize("words", LISTS)
def test_the_pages_of_a_list_are_the_whole_list(services: Services, supportdesk: Supportdesk, words: str) -> None:
    filling, option, key = LISTS[words]
    for statement in filling:
        execute(services, statement)
    whole = [one[key] for one in json.loads(supportdesk(*words.split(), "--json").output)]

    found = list(pages(supportdesk, words, option, key))
    first, last = (supportdesk(*words.split(), "--most", most).output for most in (2, 6))

    assert [name for page in found for name in page] == whole
    assert [len(page) for page in found] == [2, 2, 1]
    assert f"There may be more: add {'--events ' * ('events' in words)}{option} {found[0][-1]} for" in first
    assert "There may be more" not in last


@pytest.mark.services
@pytest.mark.parametrize("words", LISTS)
def test_behind_the_last_line_there_is_nothing_and_no_error(
    services: Services, supportdesk: Supportdesk, words: str
) -> None:
    filling, option, _ = LISTS[words]
    for statement in filling:
        execute(services, statement)

    result = supportdesk(*words.split(), option, ENDS.get(words, 0 if option == "--before" else 999_999))

    assert (result.exit_code, result.exception) == (0, None), result.output
    assert "further " in result.output
