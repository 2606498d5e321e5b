"""What two mails of a mailbox to itself show, beside what its settings say."""

from typing import Any

import pytest

from worker.admin.doctor.finding import Finding
from worker.cli.setup.own_mail import Arrived, OwnMails
from worker.cli.setup.round_trip import shown_by
from worker.settings.servers import MailboxSettings

PART = "round trip of mailbox support"
PLUS = "plus addressing of mailbox support"
RESULTS = "Authentication-Results in mailbox support"
BOX = {
    "name": "support",
    "address": "support@desk.example",
    "host": "imap.desk.example",
    "user": "support",
    "password": "secret",
    "plus_addressing": True,
}
HEAD = b"From: support@desk.example\r\n\r\n"


def shown(
    settings: dict[str, Any], plain: bytes | None = HEAD, plus: bytes | None = HEAD, refused: str = ""
) -> dict[str, Finding]:
    came = [one and Arrived(one, 1.26, None) for one in (plain, plus)]
    mails = OwnMails(came[0] or None, came[1] or None, "support+tryabc@desk.example", refused)
    box = MailboxSettings.model_validate({**BOX, **settings})
    return {one.part: one for one in shown_by(box, mails, "smtp.desk.example:587", 60)}


OUR_HOP = "Received: from out.example by mx.desk.example with ESMTPS; Mon, 30 Nov 2026 08:00:00 +0000\r\n"
STRANGE_HOP = OUR_HOP.replace("mx.desk.example", "store.host.example")
GOOD = "Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom=desk.example"
PINNED: dict[str, Any] = {"authserv_id": "mx.desk.example"}
NO_PLUS: dict[str, Any] = {"plus_addressing": False, **PINNED}
# What the server writes above the mails, the settings, and the words of trouble, or of advice.
RESULTS_SEEN: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "as pinned": (GOOD, PINNED, "", ""),
    "as pinned, in other letters": (GOOD.replace("mx.desk", "MX.Desk"), PINNED, "", ""),
    "as pinned, under a host of ours": (OUR_HOP + GOOD, PINNED, "", ""),
    "none where one is pinned": ("X-Nothing: here", PINNED, "", ""),
    "of another than is pinned": (
        GOOD.replace("mx.desk", "in.host"),
        PINNED,
        'is mx.desk.example, so what it says of senders is not believed. Say authserv_id = "in.host.example".',
        "",
    ),
    "below a host that is not named": (
        STRANGE_HOP + GOOD,
        PINNED,
        'stand below store.host.example; where that server is yours, name it: own_hosts = ["store.host.example"].',
        "",
    ),
    "where none is pinned": (GOOD, {}, "", 'So that it is believed, say authserv_id = "mx.desk.example".'),
    "under a host, where none is pinned": (
        STRANGE_HOP + GOOD,
        {},
        "",
        'say authserv_id = "mx.desk.example" and own_hosts = ["store.host.example"].',
    ),
    "without a name, as Microsoft writes them": (
        OUR_HOP.replace("mx.desk.example", "x.prod.outlook.com") + "Authentication-Results: spf=pass",
        PINNED,
        'Say nameless_results = true and own_hosts = ["outlook.com"].',
        "",
    ),
}


@pytest.mark.parametrize("seen", RESULTS_SEEN)
def test_what_the_server_says_of_senders_is_held_beside_the_settings(seen: str) -> None:
    lines, settings, trouble, advice = RESULTS_SEEN[seen]

    found = shown(settings, f"{lines}\r\n".encode() + HEAD)[RESULTS]

    assert (trouble in found.trouble, advice in found.advice) == (True, True)
    assert (bool(found.trouble), bool(found.advice)) == (bool(trouble), bool(advice))


REFUSED = "550 nobody has that address."
# Settings, the mail to the plus address, what was said to it, and the words of trouble, of advice, or of good news.
PLUS_SEEN: dict[str, tuple[dict[str, Any], bytes | None, str, str, str, str]] = {
    "needed and there": ({}, HEAD, "", "", "", "A mail to support+tryabc@desk.example arrived after 1.3 seconds."),
    "needed and refused": ({}, None, REFUSED, "(550 nobody has that address), and plus_addressing is true", "", ""),
    "needed and lost": ({}, None, "", "did not come in 15 s, and plus_addressing is true", "", ""),
    "not used and refused": (NO_PLUS, None, REFUSED, "", "", "plus_addressing is false, as it must be."),
    "not used and lost": (NO_PLUS, None, "", "", "", "plus_addressing is false, as it must be."),
    "not used and there": (NO_PLUS, HEAD, "", "", "With plus_addressing = true, answers come", ""),
}


@pytest.mark.parametrize("seen", PLUS_SEEN)
def test_whether_plus_addresses_arrive_is_held_beside_the_settings(seen: str) -> None:
    settings, plus, refused, trouble, advice, found = PLUS_SEEN[seen]

    said = shown(settings, HEAD, plus, refused)[PLUS]

    assert (trouble in said.trouble, advice in said.advice, found in said.found) == (True, True, True)
    assert (bool(said.trouble), bool(said.advice), bool(said.found)) == (bool(trouble), bool(advice), bool(found))


# What From became, and the words about it.
FROM_SEEN = {
    "as it was sent": (HEAD, "", "Mail arrives from support@desk.example, as it was sent."),
    "in other letters": (HEAD.upper(), "", "as it was sent."),
    "another": (b"From: Login <login@provider.example>\r\n\r\n", "arrives as login@provider.example, so people", ""),
    "none": (b"Subject: x\r\n\r\n", "arrives as nobody, so people", ""),
}


@pytest.mark.parametrize("seen", FROM_SEEN)
def test_whether_from_was_changed_is_said_with_what_to_do(seen: str) -> None:
    head, trouble, found = FROM_SEEN[seen]

    said = shown({}, head)["From of mailbox support"]

    assert (trouble in said.trouble, found in said.found) == (True, True)
    assert (bool(said.trouble), bool(said.found)) == (bool(trouble), bool(found))


def test_where_neither_came_it_says_where_to_look() -> None:
    (said,) = shown({}, None, None).values()

    assert said.trouble.startswith(
        "The mail that mailbox support sent to support@desk.example did not arrive in its folder INBOX within 60 "
        "seconds. Look for it in the folder of spam, at the queue of smtp.desk.example:587,"
    )


def test_where_the_plus_address_alone_gets_it_the_plain_one_is_trouble() -> None:
    found = shown({}, None)

    assert found[PART].trouble.endswith("and one to support@desk.example did not within 60 seconds.")
    assert found[PLUS].found
