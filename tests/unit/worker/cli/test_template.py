"""`supportdesk template`: every value has its words, the page is true, and what is wrong with a template is named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.notices.samples import SAMPLES
from desk.notices.values.mail_values import MailValues
from mail.outbound.render import Renderer
from mail.outbound.template_check import check_templates
from tests.support.values.words import TEMPLATES
from worker.cli.main import main
from worker.cli.pages.template import page, value_types

DOCS = Path(__file__).parents[4] / "docs" / "templates.md"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file stands here, so the shipped templates count."""
    monkeypatch.chdir(tmp_path)


def said(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200", "SUPPORTDESK_CONFIG": ""}).invoke(main, ["template", *words])


def test_every_value_of_every_mail_is_among_the_types() -> None:
    given = {name for sample in SAMPLES.values() for name in sample}

    assert given == set(MailValues.__annotations__)


def test_every_value_of_a_sample_is_of_its_type() -> None:
    known = {one.name for one in value_types()}

    views = {type(value).__name__ for sample in SAMPLES.values() for value in sample.values()}

    assert {name for name in views if name.endswith("View")} <= known


def test_the_page_about_templates_is_what_the_types_say() -> None:
    assert DOCS.read_text() == page()


def test_all_mails_are_listed_with_who_gets_them() -> None:
    mails = {one["name"]: one["goes_to"] for one in json.loads(said("list", "--json").output)}

    assert mails.keys() == SAMPLES.keys()
    assert (mails["ticket-opened"], mails["ticket-assigned"]) == ("customers", "staff")


def test_what_a_mail_is_given_is_shown_with_the_fields_of_its_types() -> None:
    shown = said("show", "comment-to-customer").output

    assert "CommentView or nothing" in shown
    assert "author_name" in shown
    assert "the figures of the report" not in shown


@pytest.mark.parametrize(("language", "subject"), [("en", "We have your request"), ("de", "Wir haben Ihre Anfrage")])
def test_a_mail_is_previewed_in_a_language(language: str, subject: str) -> None:
    assert said("preview", "ticket-opened", "--language", language).output.startswith(f"Subject: [SD-1042] {subject}")


def test_the_html_of_a_preview_goes_into_a_file(tmp_path: Path) -> None:
    done = said("preview", "ticket-opened", "--html", str(tmp_path / "mail.html"))

    assert done.exit_code == 0
    assert "We have your request" in (tmp_path / "mail.html").read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "gone"), "There is no mail gone. `supportdesk template list` names all of them."),
        (("preview", "ticket-opened", "--language", "xx"), "The templates have no language “xx”; they have de, en."),
        (("check", "--language", "xx"), "The templates have no language “xx”; they have de, en."),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    done = said(*words)

    assert (done.exit_code, sentence in done.output) == (2, True)


def test_the_shipped_templates_are_well() -> None:
    assert said("check").output == "All templates are well, in de and en.\n"


def test_a_language_of_the_settings_that_no_folder_holds_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = (TEMPLATES.parent / "supportdesk.toml").read_text()
    (tmp_path / "supportdesk.toml").write_text(settings.replace('# language = "en"', 'language = "es"'))
    for name in ("DATABASE_URL", "REDIS_URL", "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD"):
        monkeypatch.setenv(name, "redis://127.0.0.1:1/0" if name.endswith("REDIS_URL") else "postgresql://nowhere")
    monkeypatch.setenv("SUPPORTDESK_DESK__SECRET_KEY", "a secret of the tests, 32 bytes long")

    done = said("check")

    assert done.exit_code == 2
    assert "The templates have no language “es”; they have de, en." in done.output


def test_the_page_is_printed() -> None:
    assert said("docs").output == page()


OWN: list[tuple[str, str, str]] = [
    ("comment-to-customer/body.txt", "Hello.", "The template comment-to-customer/body.txt never shows 'comment'"),
    ("comment-to-customer/body.txt", "{{ comment.text }}", "comment-to-customer/body.txt misses the block 'below'"),
    ("_base/body.txt", "{% block body %}{% endblock %}", "The template _base/body.txt never shows 'reason'"),
    ("_base/files.txt", "{{ fils }}", "The template _base/files.txt: 'fils' is undefined."),
    ("de/status-closed/body.html", "{{ x }}", "The template status-closed/body.html: 'x' is undefined."),
    ("status-closed/subject.txt", "{{ say('letters.gone') }}", "no catalogue has the sentence “letters.gone”"),
    ("de/letters.toml", "helo = 'Hi'", "The catalogue de/letters.toml has “helo”, which no mail says; take it out."),
]


@pytest.mark.parametrize(("path", "source", "sentence"), OWN)
def test_what_is_wrong_with_a_file_of_the_operator_is_named(
    tmp_path: Path, path: str, source: str, sentence: str
) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(source)

    faults = tuple(check_templates(Renderer(tmp_path, TEMPLATES), SAMPLES, "de"))

    assert any(sentence in fault for fault in faults)
    assert not any("\n" in fault for fault in faults)
