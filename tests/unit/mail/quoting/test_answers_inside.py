"""Answers inside a quote stay where the sender announces them and nothing marks which lines are whose."""

import pytest

from mail.inbound.parse import parse
from mail.quoting.reply import visible_reply

HEAD = "From: Support <support@lifts.example>\nSent: 2 November 2026 17:02\nTo: Ida\nSubject: Lift"
ANNOUNCED = [
    "Good morning, see my comments below in blue.",
    "My answers are below.",
    "Please see inline.",
    "Replies in red.",
    "Meine Antworten stehen unten in Rot.",
    "Siehe unten.",
    "Mes réponses sont ci-dessous.",
    "Mis respuestas abajo.",
    "Le mie risposte sono sotto.",
    "Minhas respostas abaixo.",
    "Mijn antwoorden staan hieronder.",
    "Mina svar finns nedan.",
    "Мои ответы ниже.",
]


@pytest.mark.parametrize("own", ANNOUNCED)
def test_answers_inside_the_quote_stay_where_they_are_announced(own: str) -> None:
    text = f"{own}\n\n{HEAD}\n\nWhich lift is it?\nThe north one.\n"
    assert "The north one." in visible_reply(text).reply
    html = (
        f'<p>{own}</p><div style="border-top:solid #E1E1E1 1.0pt"><p>{HEAD.replace(chr(10), "<br>")}</p></div>'
        '<p>Which lift is it?</p><p><span style="color:blue">The north one.</span></p>'
    )
    raw = f"From: i@stone.example\nSubject: Re: Lift\nContent-Type: text/html; charset=utf-8\n\n{html}"
    assert "The north one." in parse(raw.encode()).reply


@pytest.mark.parametrize("own", ["The north one.", "The red one, below the roof.", "Danke für die Antwort."])
def test_without_an_announcement_the_quote_is_removed(own: str) -> None:
    assert visible_reply(f"{own}\n\n{HEAD}\n\nWhich lift is it?\n").reply == own


@pytest.mark.parametrize(
    "above", ["Sent with Proton Mail secure email.", "Sent from my iPhone", "---", "Få Outlook for iOS"]
)
def test_answers_below_a_footer_and_a_head_without_marks_stay(above: str) -> None:
    head = "From: Support <support@lifts.example>\nSent: Monday, 2 November 2026 17:02\nTo: ida@stone.example"
    text = f"{above}\n\n{head}\n\nWhich lift is it?\n\nThe north one.\n\nSupport Team"

    assert "The north one." in visible_reply(text).reply
    assert visible_reply(f"It is fine.\n{above}\n\n{head}\n\nWhich lift is it?").reply.startswith("It is fine.")
    marked = visible_reply(f"{above}\n\nOn 2 Nov 2026 at 17:02, Support <support@lifts.example> wrote:\n> Which?")
    assert marked.reply == above


@pytest.mark.parametrize("above", ["---\n\n____________", "Sent from my iPhone", "Sent from my iPhone\n\n---"])
@pytest.mark.parametrize(
    "nested", ["\n\nOn 1 Nov 2026, Ida Stone wrote:\n> It stops.\n> Please come.", "\n\n> It stops."]
)
def test_they_stay_in_a_quote_that_ends_with_what_was_quoted_before_it(above: str, nested: str) -> None:
    head = "From: Support <support@lifts.example>\nSent: Monday, 2 November 2026 17:02\nTo: ida@stone.example"
    text = f"{above}\n\n{head}\n\nWhich lift is it?\n\nThe north one.\n\nSupport Team{nested}"
    assert "The north one." in visible_reply(text).reply

    marked = f"{above}\n\n{head}\n\n> Which lift is it?\n>\n> Support Team{nested.replace(chr(10), chr(10) + '> ')}"
    assert "Which lift is it?" not in visible_reply(marked).reply
