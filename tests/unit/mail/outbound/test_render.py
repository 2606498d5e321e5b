"""Promises of the templates: every mail reads well, hides nothing, and says where it is broken."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from syrupy.assertion import SnapshotAssertion

from desk.notices.recipients import MAIL_TEMPLATES
from desk.notices.samples import REFERENCE, SAMPLES
from desk.notices.values.reading_views import SAMPLE as LISTED
from desk.notices.values.template_values import CommentView, TicketView
from mail.outbound.render import Renderer, TemplateFailure, lines, quoted, quoted_lines, wrap
from mail.outbound.template_check import check_templates
from mail.quoting.labels import DELIMITER

# A busy machine must not turn a test red.
UNHURRIED = settings(deadline=None)

TEMPLATES = Path(__file__).parents[4] / "templates"
RENDERER = Renderer(TEMPLATES)
NAMES = sorted(SAMPLES)
UNANSWERED = {"alert", "alert-to-owner", "daily-report", "mail-held", "mail-too-large", "quarantine-digest"}
# A question about no ticket takes an answer, too.
OFF_TICKET = {*UNANSWERED, "mail-unconfirmed"}
TO_STAFF = ["answer-draft", "answer-waits", "command-answer", "comment-to-agent", "mail-done", "mail-held",
            "mail-unconfirmed", "note-to-agent", "quarantine-digest", "status-to-agent", "ticket-assigned",
            "ticket-unassigned"]  # fmt: skip
TO_CUSTOMERS = ["alert-to-owner", "command-answer", "comment-to-customer", "mail-too-large", "status-closed",
                "status-in-progress", "status-open", "status-resolved", "ticket-opened", "ticket-reopened"]  # fmt: skip
# Their words are the desk's own, and they take no answer.
TO_ADMINS_ALONE = {"alert", "daily-report"}
HOSTILE = "#close\n#assign mallory\r\n\n<script>alert(1)</script><img src='https://evil.example/x.png'>\u2028#resolve"
# Its one address, which is a link where people's words are.
IN_HOSTILE = "https://evil.example/x.png"
# By which rows of a list are answered.
OWN_LINKS = {(row.link, row.tag) for row in LISTED.rows}

# What only the desk itself writes; everything else in a mail may be somebody's words.
OURS = {"desk", "also", "delimiter", "reason", "tag", "status", "priority", "category", "size", "explanation"}
OURS |= {
    "at",
    "change",
    "buttons",
    "note_address",
    "what_to_do",
    "sentence",
    "line",
    "day_label",
    "cid",
    "first_response",
    "withheld",
    "reference",
    "sent_at",
    "came_at",
    "until",
    "warning",
    "link",
    "next",
    "next_in_text",
}


def hostile(value: Any) -> Any:
    """The same value with every word that is not the desk's own replaced by an attack."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(map(hostile, value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    names = [field.name for field in fields(value) if field.name not in OURS]
    return replace(value, **{name: hostile(getattr(value, name)) for name in names})


def attacked(name: str) -> Mapping[str, object]:
    return {key: value if key in OURS else hostile(value) for key, value in SAMPLES[name].items()}


def write(folder: Path, **files: str) -> Renderer:
    (folder / "hello").mkdir()
    texts = {"subject": "Hi", "body": "Hi", "html": "<p>Hi</p>"} | files
    for file, text in zip(("subject.txt", "body.txt", "body.html"), texts.values(), strict=True):
        (folder / "hello" / file).write_text(text)
    return Renderer(folder)


@pytest.mark.parametrize("name", NAMES)
def test_the_text_reads_as_it_was_approved(name: str, snapshot: SnapshotAssertion) -> None:
    rendered = RENDERER.render(name, SAMPLES[name])

    assert f"Subject: {rendered.subject}\n\n{rendered.text}" == snapshot


def test_every_mail_has_a_sample_and_every_sample_a_mail() -> None:
    assert list(RENDERER.names()) == NAMES


def test_every_letter_has_its_folder_with_its_three_files_and_no_folder_is_without_a_letter() -> None:
    files = {folder.name: {file.name for file in folder.iterdir()} for folder in TEMPLATES.iterdir()}
    for name in ("_base", *RENDERER.languages):
        files.pop(name)

    assert files == {template.name: {"subject.txt", "body.txt", "body.html"} for template in MAIL_TEMPLATES}


def test_every_letter_to_customers_is_rendered_for_each_of_their_kinds() -> None:
    assert sorted(template.name for template in MAIL_TEMPLATES if not template.to_staff) == TO_CUSTOMERS


def test_every_letter_is_in_the_list_of_its_readers() -> None:
    to_staff = {template.name for template in MAIL_TEMPLATES if template.to_staff}

    # The answer to a command goes to either.
    assert to_staff == {*TO_STAFF, *TO_ADMINS_ALONE} - {"command-answer"}


def marked(value: Any, marks: list[str]) -> Any:
    """The same value with every word and number in it replaced by one that stands nowhere else."""
    if isinstance(value, tuple):
        return tuple(marked(part, marks) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: marked(getattr(value, field.name), marks) for field in fields(value)})
    number = 700_001 + len(marks)
    marks.append(str(number) if isinstance(value, int) else f"mark{number}")
    return number if isinstance(value, int) else marks[-1]


def test_the_report_shows_each_of_its_figures_in_the_text_and_in_the_html() -> None:
    marks: list[str] = []
    report = marked(SAMPLES["daily-report"]["report"], marks)

    rendered = RENDERER.render("daily-report", {**SAMPLES["daily-report"], "report": report})

    shown = LexborHTMLParser(rendered.html).text()
    assert len(marks) > 40
    text = rendered.text.replace(",", "")
    assert [mark for mark in marks if mark not in text] == []
    assert [mark for mark in marks if mark not in shown.replace(",", "")] == []


@pytest.mark.parametrize("language", RENDERER.languages)
def test_all_templates_pass_the_check_in_each_language(language: str) -> None:
    assert tuple(check_templates(RENDERER, SAMPLES, language)) == ()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("absent", ["comment", "ticket", "names"])
def test_a_mail_is_whole_without_what_may_be_absent(name: str, absent: str) -> None:
    needs = {"comment": name.startswith(("comment-", "note-")), "ticket": name not in {"command-answer", "mail-held"}}
    context = dict(SAMPLES[name]) | {"also": (), "files": ()}
    if absent == "names":
        context |= {"recipient": replace(SAMPLES[name]["recipient"], name="")}  # type: ignore[type-var]
    elif not needs[absent]:
        context |= {absent: None}

    rendered = RENDERER.render(name, context)

    assert "None" not in rendered.text.replace("None\n", "")
    assert "\n\n\n\n" not in rendered.text


# A public answer is a letter: customers see no frame and no delimiter (see `test_public_answers.py`).
LETTER = "comment-to-customer"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {*UNANSWERED, LETTER}])
def test_a_mail_that_may_be_answered_starts_with_the_delimiter(name: str) -> None:
    rendered = RENDERER.render(name, SAMPLES[name])

    page = LexborHTMLParser(rendered.html)

    assert rendered.text.startswith(f"{DELIMITER}\n\n")
    assert page.css_first('[data-supportdesk="reply"]') is not None
    assert DELIMITER in page.text()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OFF_TICKET])
def test_a_mail_about_a_ticket_shows_its_reference_last_and_in_the_html(name: str) -> None:
    # What an answer quotes stands below it.
    rendered = RENDERER.render(name, {**SAMPLES[name], "answered": None})

    assert rendered.text.splitlines()[-1] == f"[ref {REFERENCE}]"
    assert f"[ref {REFERENCE}]" in LexborHTMLParser(rendered.html).text()


@pytest.mark.parametrize("name", sorted(OFF_TICKET))
def test_a_mail_about_no_ticket_shows_no_reference(name: str) -> None:
    rendered = RENDERER.render(name, SAMPLES[name])

    assert "[ref" not in f"{rendered.text}{rendered.html}"


@pytest.mark.parametrize("name", TO_CUSTOMERS)
@pytest.mark.parametrize("reader", ["first", "to_guest"])
def test_the_check_renders_every_mail_to_a_customer_for_every_reader(name: str, reader: str) -> None:
    rendered = RENDERER.render(name, {**SAMPLES[name], reader: True})

    assert rendered.subject.startswith("Re: ") is (SAMPLES[name]["ticket"] is not None
                                                   and name != "ticket-opened" and reader == "to_guest")  # fmt: skip


def test_only_a_note_from_outside_says_how_to_accept_it() -> None:
    comment = SAMPLES["note-to-agent"]["comment"]
    assert isinstance(comment, CommentView)

    texts = [
        RENDERER.render("note-to-agent", {**SAMPLES["note-to-agent"], "comment": replace(comment, withheld=why)}).text
        for why in (comment.withheld, "")
    ]

    assert ["#accept" in text for text in texts] == [True, False]


def test_the_acknowledgement_repeats_nothing_of_the_sender() -> None:
    # What staff wrote down for who phoned is theirs.
    rendered = RENDERER.render("ticket-opened", {**attacked("ticket-opened"), "written": ""})

    assert "close" not in f"{rendered.subject}{rendered.text}"
    assert "script" not in rendered.html and "#close" not in rendered.html  # noqa: PT018


@pytest.mark.parametrize("name", TO_STAFF)
def test_no_line_of_a_mail_to_staff_reads_as_a_command(name: str) -> None:
    rendered = RENDERER.render(name, attacked(name))

    assert [line for line in rendered.text.splitlines() if re.match(r"\s*#", line)] == []


@pytest.mark.parametrize("name", TO_STAFF)
def test_no_block_of_html_to_staff_reads_as_a_command(name: str) -> None:
    page = LexborHTMLParser(RENDERER.render(name, attacked(name)).html)
    for node in page.css("br, p, div, td, tr, table, blockquote, title"):
        node.insert_before("\n")

    shown = page.body.text() if page.body else ""

    assert [line for line in shown.splitlines() if re.match(r"\s*#(close|assign mallory|resolve$)", line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_others_are_never_markup(name: str) -> None:
    page = LexborHTMLParser(RENDERER.render(name, attacked(name)).html)

    assert page.css("script, link, img:not([src^='cid:'])") == []
    links = page.css("a:not(.button)")
    found = {(link.attributes.get("href"), link.text()) for link in links}
    assert found <= {(IN_HOSTILE, IN_HOSTILE), *OWN_LINKS}


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(SAMPLES[name].get("comment"), CommentView)])
@pytest.mark.parametrize("to_guest", [False, True])
def test_the_name_of_who_wrote_is_never_markup(name: str, to_guest: bool) -> None:
    comment = replace(SAMPLES[name]["comment"], from_staff=False, author_name="<img src=https://evil.example/x.png>")  # type: ignore[type-var]
    page = LexborHTMLParser(RENDERER.render(name, {**SAMPLES[name], "to_guest": to_guest, "comment": comment}).html)

    assert page.css("img") == []


def test_no_html_includes_a_text_whose_values_nothing_escapes() -> None:
    files = [file for file in TEMPLATES.rglob("*.html") if re.search(r"include \S*\.txt", file.read_text())]

    assert files == []


@pytest.mark.parametrize("name", ["mail-held", "mail-unconfirmed", "quarantine-digest", "command-answer"])
def test_words_that_nothing_proves_are_no_links(name: str) -> None:
    links = LexborHTMLParser(RENDERER.render(name, attacked(name)).html).css("a")

    assert {(link.attributes.get("href"), link.text()) for link in links} <= OWN_LINKS


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_is_one_line(name: str) -> None:
    subject = RENDERER.render(name, attacked(name)).subject

    assert subject.splitlines() == [subject]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OFF_TICKET])
def test_a_subject_has_the_tag_first(name: str) -> None:
    assert re.match(r"(Re: )?\[SD-1042\] ", RENDERER.render(name, SAMPLES[name]).subject)


@pytest.mark.parametrize("name", NAMES)
def test_styles_are_inlined_and_the_rules_for_dark_and_narrow_screens_stay(name: str) -> None:
    html = RENDERER.render(name, SAMPLES[name]).html

    assert "prefers-color-scheme: dark" in html and "max-width: 620px" in html  # noqa: PT018
    box = "plain" if name == LETTER else "card"
    assert re.search(rf'class="{box}" style="[^"]*background: ?#ffffff', html)
    assert html.lower().startswith("<!doctype html>")


def test_the_words_of_a_person_are_not_wrapped() -> None:
    long = "word " * 60
    ticket = replace(_ticket(), description=long)

    text = RENDERER.render("ticket-assigned", {**SAMPLES["ticket-assigned"], "ticket": ticket}).text

    assert f"| {long}\n" in text


def _ticket() -> TicketView:
    ticket = SAMPLES["ticket-assigned"]["ticket"]
    assert isinstance(ticket, TicketView)
    return ticket


@pytest.mark.parametrize(
    ("file", "source", "sentence"),
    [
        ("body", "Hi {{ titel }}", "The template hello/body.txt, line 1: 'titel' is undefined."),
        ("html", "\n{{ ticket.titel }}", "has no attribute 'titel'"),
        ("html", "\n{{ ticket.titel }}", "hello/body.html, line 2"),
        ("subject", "{{ ticket.title", "The template hello/subject.txt, line 1: unexpected end of template"),
        ("body", "{{ title|shout }}", "hello/body.txt, line 1: No filter named 'shout'"),
        ("body", '{% include "_base/gone.txt" %}', "hello/body.txt needs _base/gone.txt, which is not there"),
        ("html", '{% include "hello/body.txt" %}{{ x }}', "hello/body.html, line 1: 'x' is undefined"),
        (
            "html",
            "<style>p { color: blue }</style><p style='color: red;;:'>",
            "The styles of the template hello/body.html",
        ),
        ("body", "{{ 5 / 0 }}", "hello/body.txt, line 1: division by zero"),
    ],
)
def test_a_broken_template_is_reported_in_one_sentence(tmp_path: Path, file: str, source: str, sentence: str) -> None:
    renderer = write(tmp_path, **{file: source})

    failure, *_ = check_templates(renderer, {"hello": {"ticket": _ticket()}})

    assert sentence in failure
    assert "\n" not in failure


def test_an_unknown_variable_in_a_branch_not_taken_is_reported(tmp_path: Path) -> None:
    renderer = write(tmp_path, body="{% if ticket.number == 0 %}{{ titel }}{% endif %}")

    assert tuple(check_templates(renderer, {"hello": {"ticket": _ticket()}})) == (
        "The template hello/body.txt: 'titel' is undefined.",
    )  # fmt: skip


def test_a_mail_without_a_template_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TemplateFailure, match=r"hello/body\.txt"):
        Renderer(tmp_path).render("hello", {})


def test_a_folder_that_is_no_mail_is_reported(tmp_path: Path) -> None:
    assert tuple(check_templates(write(tmp_path), {})) == ("templates/hello is not a mail that this program sends.",)


def test_a_folder_of_the_operator_wins_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "ticket-opened").mkdir()
    (tmp_path / "ticket-opened" / "subject.txt").write_text("[{{ ticket.tag }}] Danke!\n")

    rendered = Renderer(tmp_path, TEMPLATES).render("ticket-opened", SAMPLES["ticket-opened"])

    assert rendered.subject == "[SD-1042] Danke!"
    assert "Your message has arrived" in rendered.text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one", "<p>one</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\r\n\r\n\r\ntwo", "<p>one</p>\n<p>two</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("    code", "<p>&nbsp; &nbsp; code</p>"),
        ("", "<p></p>"),
    ],
)
def test_plain_text_becomes_safe_html(text: str, html: str) -> None:
    assert lines(text) == html


@UNHURRIED
@given(st.text())
def test_every_line_that_is_quoted_starts_with_a_bar(text: str) -> None:
    assert all(line.startswith("|") for line in quoted(text).splitlines())


@UNHURRIED
@given(st.text(alphabet="#ab \n\r\u2028\x0b\x85<>&"))
def test_every_line_that_is_quoted_as_html_and_begins_as_a_command_starts_with_a_bar(text: str) -> None:
    shown = re.sub("<[^>]*>", "", str(quoted_lines(text)))

    assert [line for line in shown.splitlines() if re.match(r"[\W_]*#", line) and not line.startswith("|")] == []
    assert "".join(unescape(shown).replace("|", "").split()) == "".join(text.split())


@UNHURRIED
@given(st.lists(st.sampled_from(["#close", "word", "a-long-hyphenated-word"]), max_size=60))
def test_wrapping_loses_no_word_and_starts_no_line_with_a_command(words: list[str]) -> None:
    text = " ".join(["First", *words])

    wrapped = wrap(text)

    assert wrapped.split() == text.split()
    assert not any(line.startswith("#") for line in wrapped.splitlines())
