"""The sentences of the catalogues: said in each language, complete, and wrong ones are named."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from markupsafe import Markup, escape

from desk.notices.samples import SAMPLES
from mail.outbound.catalogue import Catalogue, CatalogueFailure, Said, chain, languages, said, together
from mail.outbound.render import Renderer, TemplateFailure
from tests.support.values.words import ENGLISH, GERMAN, TEMPLATES

AT = datetime(2026, 11, 2, 11, 1, tzinfo=timezone(timedelta(hours=1)))


def folder(root: Path, **files: str) -> Path:
    """A template folder with these catalogues, by `language_file`."""
    for name, text in files.items():
        language, _, file = name.partition("_")
        (root / language).mkdir(exist_ok=True)
        (root / language / f"{file}.toml").write_text(text, encoding="utf-8")
    return root


def test_the_shipped_languages_are_complete() -> None:
    """Every file and sentence of English is there in each other one; a file that is missing would fall back."""
    files = {language: {file.name for file in (TEMPLATES / language).iterdir()} for language in languages([TEMPLATES])}

    assert len(files) > 1
    assert all(names == files["en"] for names in files.values())
    assert [Catalogue(language, [TEMPLATES]).language for language in files] == list(files)


SENTENCES: list[tuple[Said, str, str]] = [
    (said("labels.status_open"), "Open", "Offen"),
    (
        said("labels.now_with", noun="request", name="Zoë"),
        "The request is now with Zoë.",
        "Die Anfrage ist jetzt bei Zoë.",
    ),
    (
        said("labels.now_with", noun="ticket", name="{x}"),
        "The ticket is now with {x}.",
        "Das Ticket ist jetzt bei {x}.",
    ),
    (said("formats.days", count=1), "1 day", "1 Tag"),
    (said("formats.days", count=2000), "2,000 days", "2.000 Tage"),
    (
        said("labels.now_titled", title=said("labels.status_open")),
        "The title is now “Open”.",
        "Der Titel ist jetzt „Offen“.",
    ),
    (
        said("labels.now_titled", title=AT),
        "The title is now “2 November 2026, 10:01 UTC”.",
        "Der Titel ist jetzt „2. November 2026 um 10:01 Uhr (UTC)“.",
    ),
]


@pytest.mark.parametrize(("sentence", "in_english", "in_german"), SENTENCES)
def test_a_sentence_is_said_in_the_language_of_its_reader(sentence: Said, in_english: str, in_german: str) -> None:
    assert (ENGLISH.say(sentence), GERMAN.say(sentence)) == (in_english, in_german)


def test_values_are_escaped_in_html_and_what_is_html_already_is_not() -> None:
    hostile = ENGLISH.say_in_html(said("labels.now_titled", title="<b>{0.__class__}</b>"))
    ours = ENGLISH.say_in_html(said("labels.now_titled", title=Markup("<b>SD-1</b>")))

    assert hostile == "The title is now “&lt;b&gt;{0.__class__}&lt;/b&gt;”."
    assert ours == "The title is now “<b>SD-1</b>”."


def test_times_sizes_and_ages_are_written_as_the_reader_does() -> None:
    told = [
        (
            one.time(AT),
            one.day(datetime(2026, 11, 21, tzinfo=UTC).date()),
            one.size(10_485_760),
            one.size(1),
            one.age(timedelta(hours=49)),
        )
        for one in (ENGLISH, GERMAN)
    ]

    assert told == [
        ("2 November 2026, 10:01 UTC", "Saturday, 21 November 2026", "10.0 MB", "1 byte", "2 days"),
        ("2. November 2026 um 10:01 Uhr (UTC)", "Samstag, 21. November 2026", "10,0 MB", "1 Byte", "2 Tage"),
    ]


BASE = 'a = "Hello {name}"\nb = { ticket = "T", request = "R" }\nc = { one = "{count} day", other = "{count} days" }\n'
FRENCH = (
    'a = "Bonjour {name}"\nb = { ticket = "T", request = "R" }\nc = { one = "{count} jour", other = "{count} jours" }\n'
)
IN = "The catalogue fr/x.toml"
FAULTS: list[tuple[str, str]] = [
    ('a = "Salut"\nb = "T"\n', f"{IN} misses “c”; in English it is: "),
    (FRENCH + 'd = "?"\n', f"{IN} has “d”, which no mail says; take it out."),
    (FRENCH.replace("{name}", "{nom}"), f"{IN}, a: nothing is known of “{{nom}}” there."),
    (FRENCH.replace("{name}", "{name.x}"), f"{IN}, a: “{{name.x}}” is no placeholder."),
    (FRENCH.replace("{name}", "{name!r}"), f"{IN}, a: “{{name!r}}” is no placeholder."),
    (FRENCH.replace("{name}", "{name:>9}"), f"{IN}, a: “{{name:>9}}” is no placeholder."),
    (FRENCH.replace("{name}", "{name"), f"{IN}, a: expected '}}' before end of string; write {{{{ for a brace."),
    (FRENCH.replace('ticket = "T", ', ""), f"{IN}, b: it needs the forms request, ticket."),
    (FRENCH.replace("other =", "others ="), f"{IN}, c: it needs the forms other, and those of its plurals"),
    (FRENCH.replace('"Bonjour {name}"', '{ one = "x" }'), f"{IN}, a: it needs the forms none: it is one text"),
    (FRENCH.replace('"Bonjour {name}"', "3"), f"{IN}, a: a sentence is text in quotes, and is not empty."),
    ('a = "x', f"{IN} cannot be read: "),
]


@pytest.mark.parametrize(("text", "sentence"), FAULTS)
def test_a_fault_of_a_catalogue_is_named_with_its_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    root = folder(tmp_path, en_x=BASE, fr_x=text)

    with pytest.raises(CatalogueFailure) as failure:
        Catalogue("fr", [root])

    assert str(failure.value).startswith(sentence)
    assert "\n" not in str(failure.value)


def test_a_file_that_a_language_does_not_have_is_taken_from_english_and_a_region_falls_back(tmp_path: Path) -> None:
    root = folder(tmp_path, en_x=BASE, en_y='z = "Z"\n', fr_x=FRENCH)

    one = Catalogue("fr-CA", [root])

    assert (one.say(said("x.a", name="A")), one.say(said("y.z"))) == ("Bonjour A", "Z")


def test_an_operator_changes_one_sentence_of_a_shipped_language(tmp_path: Path) -> None:
    own = folder(tmp_path, de_labels='status_open = "Neu"\n')

    told = [Catalogue("de", [own, TEMPLATES]).say(said(f"labels.status_{one}")) for one in ("open", "closed")]

    assert told == ["Neu", "Geschlossen"]


@pytest.mark.parametrize("language", ["xx", "german", "../en", ""])
def test_a_language_that_nobody_speaks_is_refused_in_a_sentence(language: str) -> None:
    with pytest.raises(CatalogueFailure, match="There is no language"):
        Catalogue(language, [TEMPLATES])


def test_a_key_that_no_catalogue_has_is_named() -> None:
    with pytest.raises(LookupError, match=r"no catalogue has the sentence “labels\.gone”"):
        ENGLISH.say(said("labels.gone"))


def test_a_folder_of_a_language_may_hold_a_mail_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "de" / "ticket-opened").mkdir(parents=True)
    (tmp_path / "de" / "ticket-opened" / "subject.txt").write_text("{{ say('labels.status_open') }}!\n")
    renderer = Renderer(tmp_path, TEMPLATES)

    subjects = [
        renderer.render("ticket-opened", SAMPLES["ticket-opened"], one).subject for one in ("de", "de-AT", "en")
    ]

    assert subjects == ["Offen!", "Offen!", "[SD-1042] We have your request"]


def test_the_chain_of_a_language_goes_from_the_nearest_to_the_widest() -> None:
    assert chain("zh-Hant-TW") == ("zh-Hant-TW", "zh-Hant", "zh")


def test_a_sentence_without_values_is_said_once_for_all_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    sample, renderer, said_again = SAMPLES["ticket-opened"], Renderer(TEMPLATES), set[str]()
    first, words = renderer.render("ticket-opened", sample), renderer.words()

    def noted(say: Callable[[Said], str]) -> Callable[[Said], str]:
        def say_and_note(sentence: Said) -> str:
            said_again.add(sentence.key)
            return say(sentence)

        return say_and_note

    for name in ("say", "say_in_html"):
        monkeypatch.setattr(words, name, noted(getattr(words, name)))

    assert renderer.render("ticket-opened", sample) == first
    # These two hold the tag of the ticket, in the text, its preview and the HTML.
    assert said_again == {"letters.arrived_by_mail", "letters.preview_arrived"}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("\n{{ say('labels.gone') }}", "line 2: no catalogue has the sentence “labels.gone”."),
        ("\n{{ say('labels.open' if first else 'labels.gone') }}", "line 2: no catalogue has the sentence"),
        ("\n{{ say('labels.gone')|wrap }}", "line 2: no catalogue has the sentence “labels.gone”."),
        ("\n{{ say('formats.two_sentences', first='A') }}", "line 2: 'second'."),
    ],
)
def test_a_sentence_that_cannot_be_said_is_reported_with_its_line(tmp_path: Path, source: str, sentence: str) -> None:
    (tmp_path / "ticket-opened").mkdir()
    (tmp_path / "ticket-opened" / "body.txt").write_text(source)

    with pytest.raises(TemplateFailure, match=f"^The template ticket-opened/body.txt, {sentence}"):
        Renderer(tmp_path, TEMPLATES).render("ticket-opened", {"first": False})


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ say('formats.two_sentences', first='<a>', second='b') }}", "&lt;a&gt; b"),
        ("{{ say('labels.anothers_request') }}", "{words}"),
        ("{{ say('formats.plain', text='<i>a</i>'|safe) }}", "<i>a</i>"),
        ("{% autoescape false %}{{ say('formats.plain', text='<i>a</i>') }}{% endautoescape %}", "<i>a</i>"),
        ("{{ say('labels.anothers_request' if first) }}", "{words}"),
        ("{% set key = 'labels.anothers_request' %}{{ say(key) }}", "{words}"),
        ("{% set said = say %}{{ said(sentence=sentence) }}", "{words}"),
    ],
)
def test_a_sentence_is_said_alike_however_a_template_names_it(tmp_path: Path, source: str, shown: str) -> None:
    (tmp_path / "ticket-opened").mkdir()
    (tmp_path / "ticket-opened" / "body.html").write_text(f"<p>{source}</p>")
    values = {**SAMPLES["ticket-opened"], "first": True, "sentence": said("labels.anothers_request")}

    html = Renderer(tmp_path, TEMPLATES).render("ticket-opened", values).html

    words = str(escape(ENGLISH.say(said("labels.anothers_request"))))
    assert f"<p>{shown.format(words=words)}</p>" in html


@pytest.mark.parametrize("count", [1, 2, 3, 7, 5_000])
def test_however_many_sentences_are_said_together_in_their_order(count: int) -> None:
    sentences = [said("formats.plain", text=f"{number}.") for number in range(count)]

    assert ENGLISH.say(together(*sentences)) == " ".join(f"{number}." for number in range(count))
