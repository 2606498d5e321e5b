"""The measure of the sixty answers: a mail that keeps all is right, and each thing that is lost or added is found."""

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from bench.answers.blocks import pictures_of
from bench.answers.contents import COUNT, RECIPES, Content, Form, all_blocks, content
from bench.answers.dialects import DIALECTS
from bench.answers.judge import Letter, lacks
from bench.answers.message import Answer, Ours, dialect_of
from bench.answers.varied import varied
from mail.html.emoji import with_emoji

CAROL, ANN = "Carol Mendes", "Ann Okafor"
NOTHING_ABOVE = Answer(b"", (), "")
# What a desk takes out of the HTML of a program.
PROGRAMS_OWN = ("MsoNormal", "o:p", "mso-list", "supportLists")
OURS = Ours(
    "carol@desk.example", CAROL, "Acme Help", "support+tq.e4k7@desk.example", "[SD-1] Printer", "1@desk.example",
    "This ticket is yours now.", "",
)  # fmt: skip


def kept(number: int) -> tuple[Content, Letter]:
    """An answer, and a mail that has all of it."""
    one = content(number, CAROL, ANN)
    return one, letter_of(one)


def letter_of(one: Content) -> Letter:
    """A mail that has all of an answer: its own words and nothing around them."""
    dialect, blocks = dialect_of(one.number), all_blocks(one)
    shown = pictures_of(one.blocks)
    pictures = {} if dialect.typed else {dialect.cid_of(picture): picture.png for picture in shown}
    html = with_emoji(dialect.as_html(blocks))
    for name in PROGRAMS_OWN:
        html = html.replace(name, "x")
    page = f"<html><body>{html}</body></html>"
    return Letter(dialect.as_text(blocks), page, pictures, tuple(picture.png for picture in shown))


def as_mail(letter: Letter) -> bytes:
    mail = EmailMessage()
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    for cid, png in letter.pictures.items():
        mail.get_payload()[1].add_related(png, "image", "png", cid=f"<{cid}>")  # type: ignore[index, union-attr]
    for png in (one for one in letter.files if one not in letter.pictures.values()):
        mail.add_attachment(png, maintype="image", subtype="png", filename="one.png")
    return mail.as_bytes()


def found(number: int, html: Callable[[str], str] = str, text: Callable[[str], str] = str) -> list[str]:
    """What is wrong with a mail that has all of an answer, after its HTML and its text were changed."""
    one, letter = kept(number)
    changed = replace(letter, html=html(letter.html), text=text(letter.text))
    return lacks(as_mail(changed), one, NOTHING_ABOVE, OURS, "")


@pytest.mark.parametrize("number", range(COUNT))
def test_nothing_is_wrong_with_a_mail_that_has_all_of_an_answer(number: int) -> None:
    assert found(number) == []


# The last answer has one of everything; what is done to its HTML, and what is found.
LAST = COUNT - 1
CHANGES: dict[str, tuple[Callable[[str], str], str]] = {
    "a link without target": (lambda html: html.replace("href", "title"), "HTML: link is lost"),
    "another target": (lambda html: html.replace("https://", "http://"), "HTML: link is lost"),
    "no elements of lists": (lambda html: html.replace("<li", "<div"), "HTML: no item of a list"),
    "other lists": (lambda html: html.replace("<ul", "<ol"), "HTML: no item of a list"),
    "no table": (lambda html: html.replace("<td", "<div"), "HTML: no row"),
    "no picture": (lambda html: html.replace("<img", "<b"), "HTML: picture is not shown in its place"),
    "a picture of another": (lambda html: html.replace("cid:", "cid:x"), "HTML: picture is not shown in its place"),
    "a picture at the end": (lambda html: moved(html, "Thanks"), "HTML: a picture stands too late"),
    "a picture at the top": (lambda html: moved(html, "<body>"), "HTML: picture is not shown in its place"),
    "a picture's name": (lambda html: html.replace("<body>", "<body>[image: x.png]"), "HTML: [image:"),
    "no sign-off": (lambda html: html.replace("Thanks", ""), "HTML: sign-off is lost"),
    "lines run together": (lambda html: html.replace("div", "span"), "HTML: no line of its own"),
    "a line of ours": (lambda html: html + "<p>This ticket is <b>yours</b> now.</p>", "HTML: quoted"),
    "a command": (lambda html: html.replace("<body>", "<body>#resolve"), "HTML: command"),
    "a wrapper": (lambda html: html + '<div class="gmail_quote"></div>', "HTML: gmail_quote of the program"),
    "an address": (lambda html: html + '<a href="mailto:support+tq.e4k7@desk.example"></a>', "the agent's address"),
}  # fmt: skip


def moved(html: str, beside: str) -> str:
    """The page with its picture at this text."""
    start = html.index("<img")
    picture = html[start : html.index(">", start) + 1]
    return html.replace(picture, "").replace(beside, beside + picture)


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_lost_or_added_in_the_html_is_found(name: str) -> None:
    change, wrong = CHANGES[name]

    assert any(line.startswith(wrong) for line in found(LAST, change))


TEXTS: dict[str, tuple[Callable[[str], str], str]] = {
    "no target": (lambda text: text.replace("https://", ""), "text: link is lost"),
    "no words": (lambda text: "", "text: sign-off is lost"),
    "one line": (lambda text: " ".join(text.split()), "text: no line of its own"),
    "a line of ours": (lambda text: text + "\n> This ticket is yours now.\n", "text: quoted"),
    "a command": (lambda text: text + "\n#priority high\n", "text: command"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_lost_or_added_in_the_text_is_found(name: str) -> None:
    change, wrong = TEXTS[name]

    assert any(line.startswith(wrong) for line in found(LAST, text=change))


def test_a_file_that_is_lost_is_found() -> None:
    one, letter = kept(LAST)

    wrong = lacks(as_mail(replace(letter, pictures={}, files=())), one, NOTHING_ABOVE, OURS, "")

    assert any(line.startswith("picture is lost") for line in wrong)


def test_sixty_answers_are_of_nine_programs_and_no_two_of_a_program_have_the_same_contents() -> None:
    pairs = {(dialect_of(number).program.name, RECIPES[number % len(RECIPES)]) for number in range(COUNT)}

    assert len(pairs) == COUNT
    assert len(DIALECTS) == 9


@pytest.mark.parametrize("number", range(60))
def test_nothing_is_wrong_with_a_varied_answer_that_arrives_whole(number: int) -> None:
    one = replace(varied(7, number, CAROL, ANN), form=Form.BOTH)

    assert lacks(as_mail(letter_of(one)), one, NOTHING_ABOVE, OURS, "") == []
