"""Promises of buttons: which stand in a mail, where they lead, and that a thumb finds them."""

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from desk.commands.command import Who
from desk.commands.table import COMMANDS, CUSTOMERS_MAY, GUESTS_MAY
from desk.notices.recipients import BY_TEMPLATE
from desk.notices.samples import SAMPLES, SIGNED
from desk.notices.values.buttons import BUTTONS, LETTERS, Occasion, body_of, offered
from desk.ticket import Status
from desk.tokens import ReplyKind
from mail.outbound.catalogue import SHIPPED_TEMPLATES, in_english
from mail.outbound.links import LONGEST, mailto
from mail.outbound.render import Renderer
from mail.quoting.labels import DELIMITER, DELIMITERS
from mail.quoting.reply import visible_reply

# A busy machine must not turn a test red.
UNHURRIED = settings(deadline=None)
RENDERER = Renderer(SHIPPED_TEMPLATES)
STAFF, OWNER, GUEST = Who.STAFF, Who.OWNER, Who.GUEST
OPEN, IN_PROGRESS, RESOLVED, CLOSED = Status
# To whom, at which status, and whether the ticket is theirs: what a mail offers.
OFFERED = [
    ("ticket-assigned", STAFF, OPEN, True, ["Resolve", "Note"]),
    ("ticket-assigned", STAFF, OPEN, False, ["Take it", "Resolve", "Note"]),
    ("comment-to-agent", STAFF, IN_PROGRESS, True, ["Resolve", "Note"]),
    ("comment-to-agent", STAFF, RESOLVED, True, ["Reopen", "Note"]),
    ("status-to-agent", STAFF, CLOSED, False, ["Reopen", "Note"]),
    ("note-to-agent", STAFF, OPEN, True, ["Resolve", "Note"]),
    ("ticket-unassigned", STAFF, OPEN, False, ["Take it"]),
    ("ticket-unassigned", STAFF, CLOSED, False, []),
    ("answer-waits", STAFF, OPEN, True, ["Send now", "Do not send"]),
    ("mail-unconfirmed", STAFF, OPEN, True, []),
    ("mail-done", STAFF, OPEN, True, []),
    ("ticket-opened", OWNER, OPEN, False, ["Close my request"]),
    ("comment-to-customer", OWNER, IN_PROGRESS, False, ["Close my request"]),
    ("comment-to-customer", OWNER, RESOLVED, False, ["Still open"]),
    ("status-closed", OWNER, CLOSED, False, ["Still open"]),
    ("comment-to-customer", GUEST, IN_PROGRESS, False, ["No more mails about this"]),
    ("comment-to-customer", GUEST, CLOSED, False, ["No more mails about this"]),
    ("command-answer", OWNER, OPEN, False, []),
]


@pytest.mark.parametrize(("template", "who", "status", "has_it", "labels"), OFFERED)
def test_a_mail_offers_what_makes_sense(
    template: str, who: Who, status: Status, *, has_it: bool, labels: list[str]
) -> None:
    found = offered(Occasion(template, who, status, has_it))

    assert [in_english(button.label) for button in found if not button.line.startswith("#wait")] == labels


KNOWN = [
    {"resolve": COMMANDS["resolve"]},
    {"resolve": COMMANDS["resolve"], "wait": replace(COMMANDS["resolve"], name="wait")},
    {"resolve": COMMANDS["stop"]},
]


def test_a_command_that_the_desk_does_not_know_has_no_button() -> None:
    occasion = Occasion("ticket-assigned", STAFF, OPEN, has_it=True)

    lines = [[one.line for one in offered(occasion, known)] for known in KNOWN]

    assert lines == [["#resolve", ""], ["#resolve", "", "#wait 1d"], [""]]


def test_each_button_is_of_mails_that_are_there_and_take_an_answer() -> None:
    for button in BUTTONS:
        kinds = {BY_TEMPLATE[name].kind for name in button.mails}
        assert not kinds & {ReplyKind.NONE, ReplyKind.CONFIRM}, button
        assert {BY_TEMPLATE[name].to_staff for name in button.mails} == {button.who is STAFF}, button


def test_customers_are_offered_nothing_but_what_they_may() -> None:
    lines = {who: {one.line for one in BUTTONS if one.who is who} for who in (OWNER, GUEST)}

    assert lines == {OWNER: {"#close", "#reopen"}, GUEST: {"#stop"}}
    assert {"#" + name for name in CUSTOMERS_MAY} >= lines[OWNER]
    assert {"#" + name for name in GUESTS_MAY} >= lines[GUEST]


@pytest.mark.parametrize("language", DELIMITERS)
@pytest.mark.parametrize("between", ["\n\n", " ", "\xa0"])
@pytest.mark.parametrize("button", [button for button in BUTTONS if button.line], ids=lambda button: button.line)
def test_the_command_of_a_button_is_read_and_nothing_below_it(button: object, between: str, language: str) -> None:
    body = body_of(button, DELIMITERS[language])  # type: ignore[arg-type]

    reply = visible_reply(f"{body.replace(chr(10) * 2, between)}\n\nBob Miller\nSupport | Desk Example\n")

    assert reply.reply == button.line  # type: ignore[attr-defined]
    assert reply.confidence > 0.9


NOT_OURS = [
    ("Thank you! -- Please write your answer above this line --\n\nWhich?", "Thank you!"),
    ("It is mended.\n\n#close -- Please write your answer above this line --\n\nWhich?", "#close"),
    ("> #close -- Please write your answer above this line --\n\nWhich?", "#close"),
]


@pytest.mark.parametrize(("text", "words"), NOT_OURS)
def test_only_a_command_with_which_the_text_begins_is_read_beside_our_line(text: str, words: str) -> None:
    reply = visible_reply(text)

    assert reply.reply != words
    assert reply.reply.startswith("It is mended.") or reply.confidence <= 0.5


def opened(url: str) -> tuple[str, dict[str, str]]:
    """The address and the fields of a URL, as a program reads it (RFC 6068)."""
    to, _, fields = url.removeprefix("mailto:").partition("?")
    return unquote(to), {name: unquote(text) for name, _, text in (one.partition("=") for one in fields.split("&"))}


def test_a_url_is_that_of_the_standard() -> None:
    url = mailto("support+tq.e4k7@desk.example", "Re: [SD-1] 100% & more?", "#resolve\n\nabove")

    assert url == (
        "mailto:support%2Btq.e4k7@desk.example?subject=Re%3A%20%5BSD-1%5D%20100%25%20%26%20more%3F"
        "&body=%23resolve%0D%0A%0D%0Aabove"
    )


@UNHURRIED
@given(st.text(), st.text(alphabet="#ab &?=%+\n\u00e4\u202e"))
def test_no_subject_and_no_body_adds_a_field_or_a_recipient(subject: str, body: str) -> None:
    url = mailto(SIGNED, subject, body)

    to, fields = opened(url)
    assert to == SIGNED
    assert set(fields) == {"subject", *(["body"] if body else [])}
    assert re.fullmatch(r"mailto:[\w%.@?=&~-]*", url, re.ASCII)
    assert url.count("&") == bool(body)
    assert fields.get("body", "") == "\r\n".join(body.splitlines())


@pytest.mark.parametrize("letter", ["a", "\u00e4", "\u4e16", "\N{PARTY POPPER}"])
def test_a_long_subject_is_cut_between_letters_and_the_command_stays(letter: str) -> None:
    url = mailto(SIGNED, f"[SD-1042] {letter * 3000}", "#resolve")

    assert len(url) <= LONGEST
    assert opened(url)[1]["subject"].rstrip(letter) == "[SD-1042] "
    assert opened(url)[1]["body"] == "#resolve"


def test_an_address_in_another_script_is_written_as_a_label() -> None:
    assert mailto("support@b\u00fccher.example", "x").startswith("mailto:support@xn--bcher-kva.example?")


WITH_BUTTONS = sorted(name for name, values in SAMPLES.items() if values["buttons"])


def test_the_mails_about_a_ticket_have_buttons() -> None:
    assert {*WITH_BUTTONS} == {*LETTERS, *(name for button in BUTTONS for name in button.mails)}


@pytest.mark.parametrize("name", WITH_BUTTONS)
def test_a_button_opens_an_answer_to_its_mail(name: str) -> None:
    rendered = RENDERER.render(name, SAMPLES[name])

    for link in LexborHTMLParser(rendered.html).css("a.button"):
        to, fields = opened(link.attributes["href"] or "")
        assert to == SIGNED
        assert fields["subject"] == f"Re: {rendered.subject.removeprefix('Re: ')}"
        assert fields.get("body", DELIMITER).endswith(DELIMITER)


@pytest.mark.parametrize("name", WITH_BUTTONS)
def test_a_button_is_words_in_a_link_and_large_enough_for_a_thumb(name: str) -> None:
    links = LexborHTMLParser(RENDERER.render(name, SAMPLES[name]).html).css("a.button")

    assert [link.text().strip() for link in links] == [button.label for button in SAMPLES[name]["buttons"]]  # type: ignore[attr-defined]
    for link in links:
        style = dict(one.strip().split(": ", 1) for one in (link.attributes["style"] or "").split(";") if one.strip())
        padding, line = (int(re.findall(r"\d+", style[key])[0]) for key in ("padding", "line-height"))
        # WCAG 2.2, 2.5.5.
        assert 2 * padding + line >= 44
        assert style["display"] == "inline-block"


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_no_text_shows_the_url_of_a_button(name: str) -> None:
    assert "mailto:" not in RENDERER.render(name, SAMPLES[name]).text


def test_the_words_of_a_person_that_look_like_a_button_are_words() -> None:
    ticket = SAMPLES["ticket-assigned"]["ticket"]
    words = '<a class="button" href="mailto:eve@evil.example">Resolve</a> href="button:"'
    values = {**SAMPLES["ticket-assigned"], "ticket": replace(ticket, description=words, title=words)}  # type: ignore[type-var]

    links = LexborHTMLParser(RENDERER.render("ticket-assigned", values).html).css("a.button")

    assert {opened(link.attributes["href"] or "")[0] for link in links} == {SIGNED}
