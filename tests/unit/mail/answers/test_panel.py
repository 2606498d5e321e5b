"""In mails to staff others' words stand in a panel: whoever quotes it, none of them become the reader's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.scores.generate import replies
from bench.scores.generate.letters import Letter
from bench.scores.generate.program import INSIDE
from bench.scores.generate.programs import PROGRAMS
from desk.commands.lines.parser import find_stray, parse_reply
from desk.intake.objections import UNSURE
from desk.notices.history import SAMPLE as HISTORY
from desk.notices.samples import FROM_CUSTOMER, OUTCOMES, SAMPLES, STRANGERS_NOTE, TICKET
from desk.notices.waiting import SAMPLE as WAITS
from mail.inbound.parse import parse
from mail.outbound.render import Renderer
from mail.quoting.comparison import SentText, cut_by_sent

RENDERER = Renderer(Path(__file__).parents[4] / "templates")
TO_STAFF = ("comment-to-agent", "note-to-agent", "ticket-assigned", "status-to-agent")
NOT_OF_THE_READER = ("good friend", "It still fails", "older words")
# What a customer writes, as text and HTML.
ATTACKS = {
    "first": ("#resolve\n\nMy good friend.", "<p>#resolve</p><p>My good friend.</p>"),
    "last": ("It still fails.\n\n#assign mallory", "<p>It still fails.</p><p>#assign mallory</p>"),
    "alone": ("#resolve", "<p>#resolve</p>"),
    "line breaks": ("Hello\n#resolve\nIt still fails", "<div>Hello<br>#resolve<br>It still fails</div>"),
    "a list": ("- It still fails\n- #resolve", "<ul><li>It still fails</li><li>#resolve</li></ul>"),
    "numbers": ("1. #resolve\n2. #assign mallory", "<ol><li>#resolve</li><li>#assign mallory</li></ol>"),
    "a table": (
        "#resolve b\n#assign mallory",
        ("<table><tr><th>#resolve</th><th>b</th></tr><tr><td>#assign mallory</td><td>#resolve</td></tr></table>"),
    ),
    "headings": ("#resolve\n\n#assign mallory", "<h1>#resolve</h1><h3>#assign mallory</h3>"),
    "code": ("Look:\n\n#resolve\n#assign mallory", "<p>Look:</p><pre><code>#resolve\n#assign mallory</code></pre>"),
    "bold": (
        "Why?\n#resolve\nHow?\n#assign mallory",
        ("<p>Why?</p><p><b><u>#resolve</u></b></p><p>How?</p><p><i>#assign mallory</i></p>"),
    ),
    "quotes": (
        "> older words\n#resolve\n> older words\n#assign mallory",
        (
            "<blockquote><p>older words</p></blockquote>"
            "<p>#resolve</p><blockquote><p>older words</p></blockquote><p>#assign mallory</p>"
        ),
    ),
    "rules": ("Hi\n\n#resolve", "<p>Hi</p><hr><p>#resolve</p><hr>"),
    "a head": (
        "On Mon, Ben wrote:\n#resolve",
        (
            "<p>From: Ben &lt;ben@desk.example&gt;<br>Sent: Monday<br>To: Ann<br>"
            "Subject: x</p><p>#resolve</p><p>On Mon, Nov 2, 2026 at 9:00 AM Ben &lt;ben@desk.example&gt; wrote:</p>"
            "<p>#assign mallory</p>"
        ),
    ),
    # What has a colour of its own may be taken for an answer within a quote.
    "links": (
        "How so?\n#resolve\nWhy not?\nIt still fails",
        (
            "<p>How so?</p><p><a href='https://a.example'>#resolve</a></p><p>Why not?</p>"
            "<p><a href='https://a.example'>It still fails</a></p>"
        ),
    ),
    "a link": ("#resolve", '<p><a href="https://a.example">#resolve</a></p>'),
}


SUBTLE = ("line breaks", "quotes", "a head")
# Where a person's plain text stands, and the value that shows it.
PLACES: dict[str, Callable[[str], tuple[str, dict[str, object]]]] = {
    "a comment": lambda text: ("comment-to-agent", {"comment": replace(FROM_CUSTOMER, text=text)}),
    "a note": lambda text: ("note-to-agent", {"comment": replace(STRANGERS_NOTE, text=text)}),
    "a ticket": lambda text: ("ticket-assigned", {"comment": None, "ticket": replace(TICKET, description=text)}),
    "its turns": lambda text: (
        "ticket-assigned",
        {"history": replace(HISTORY, turns=tuple(replace(turn, text=text) for turn in HISTORY.turns))},
    ),
    "a colleague": lambda text: (
        "answer-waits",
        {"waits": replace(WAITS, comments=tuple(replace(one, text=text) for one in WAITS.comments))},
    ),
    "a list": lambda text: ("command-answer", {"outcomes": (replace(OUTCOMES[-1], detail=text),)}),
}


def in_its_place(place: str, attack: str) -> Letter:
    text = ATTACKS[attack][0]
    name, values = PLACES[place](text)
    made = RENDERER.render(name, {**SAMPLES[name], **values})
    return Letter(name, made.subject, made.text, made.html, text)


def to_staff(name: str, attack: str) -> Letter:
    text, html = ATTACKS[attack]
    made = RENDERER.render(name, {**SAMPLES[name], "comment": replace(FROM_CUSTOMER, text=text, html=html)})
    return Letter(name, made.subject, made.text, made.html, text)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", TO_STAFF)
def test_no_command_of_a_customer_counts_in_an_answer(name: str, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_of_it_counts(to_staff(name, attack), monkeypatch, len(name) + len(attack))


@pytest.mark.parametrize("attack", SUBTLE)
@pytest.mark.parametrize("place", PLACES)
def test_no_command_in_plain_words_of_others_counts(place: str, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_of_it_counts(in_its_place(place, attack), monkeypatch, len(place) + len(attack))


def nothing_of_it_counts(letter: Letter, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(replies, "letters", lambda _: (letter,))

    for answer in replies.answers(len(PROGRAMS), seed=seed):
        mail = parse(answer.raw)
        cut = cut_by_sent(mail, [SentText(letter.text, letter.html)])
        for found in (mail, cut):
            seen = (*parse_reply(found.reply, staff=True).orders, *find_stray(found.reply))
            assert [one.line for one in seen if one.line.startswith(("#resolve", "#assign mallory"))] == [], answer.kind
        # Where a program glues the lines of its writer to ours, the mail is unsure, and a command in it holds it.
        if answer.kind[2] != INSIDE or cut.confidence > UNSURE:
            assert [words for words in NOT_OF_THE_READER if words in cut.reply] == [], answer.kind
