"""Tables without one source's rows: what is switched off, that it has an effect, and that all is put back."""

from collections.abc import Mapping
from types import ModuleType

import pytest

from bench.scores import left_out
from bench.scores.generate.languages import languages
from bench.scores.generate.program import Program
from bench.scores.generate.programs import PROGRAMS
from bench.scores.generate.replies import answers
from bench.scores.left_out import (
    HEADS,
    LeftOut,
    left_out_figures,
    own_elements,
    switched,
    without_language,
    without_program,
)
from bench.scores.replies import Outcome, by_sent, judge
from mail.html import elements, quotes, signatures
from mail.html.elements import BORDERING, SIGNING, STARTING, WRAPPING, Element, hints
from mail.html.text import read_html
from mail.quoting import attribution, dividers, header_block, labels
from mail.quoting.attribution import attribution_length
from mail.quoting.header_block import read_label

MODULES = (elements, quotes, signatures, labels, attribution, dividers, header_block)
POOL = list(answers(6 * len(PROGRAMS)))
# Answers in HTML without words that only the layers of plain text would know.
QUOTED = {
    "Gmail web": '<div>Own</div><div class="gmail_quote">Old</div>',
    "Thunderbird": '<div>Own</div><div class="moz-cite-prefix">Head</div>',
    "Proton": '<div>Own</div><div class="protonmail_quote">Old</div>',
    "Zoho": '<div>Own</div><div class="zmail_extra">Old</div>',
    "GMX": '<div>Own</div><div name="quote">Old</div>',
    "QQ": "<div>Own</div><includetail>Old</includetail>",
    "NetEase": '<div>Own</div><div id="isReplyContent">Old</div>',
    "Outlook web": '<div>Own</div><div id="appendonsend"></div><div>Old</div>',
    "Outlook Mac": '<div>Own</div><div id="mail-editor-reference-message-container">Old</div>',
    "Yahoo": '<div>Own</div><div class="yahoo_quoted">Old</div>',
    "Roundcube": '<div>Own</div><p id="reply-intro">Head</p>',
}


def constants() -> Mapping[ModuleType, Mapping[str, object]]:
    return {module: dict(vars(module)) for module in MODULES}


@pytest.mark.parametrize("program", sorted(QUOTED))
def test_an_element_marks_a_quote_only_while_its_programs_rows_are_there(program: str) -> None:
    html = f"<html><body>{QUOTED[program]}</body></html>"

    before = read_html(html).quoted
    with without_program(program):
        without = read_html(html).quoted
    after = read_html(html).quoted

    assert (bool(before), bool(without), after) == (True, False, before)


def test_other_programs_elements_stay() -> None:
    with without_program("Gmail web"):
        assert read_html(QUOTED["Zoho"]).quoted
        assert set(signatures.SIGNATURES) < {row.selector for row in SIGNING}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.name)
def test_all_constants_are_put_back_after_a_program(program: Program) -> None:
    before = constants()

    with without_program(program.name):
        gone = {row.selector for row in own_elements(program.name)}
        assert gone.isdisjoint((*quotes.WRAPPERS, *quotes.QUOTE_STARTS, *quotes.BORDERS, *signatures.SIGNATURES))
        assert not any(selector in quotes.QUOTES.split(", ") for selector in gone)
        quotes.mark_quote("<div>Own</div>")

    assert constants() == before


@pytest.mark.parametrize("code", sorted(languages()))
def test_a_languages_words_are_unknown_only_while_they_are_switched_off(code: str) -> None:
    language = languages()[code]
    before, label = constants(), f"{language.lists['labels'][0]}: Ann <ann@okafor-design.example>"

    assert read_label(label)
    with without_language(language):
        assert read_label(label) is None
        assert len(labels.VERBS) < len(before[labels]["VERBS"])  # type: ignore[arg-type]

    assert constants() == before
    assert read_label(label)


def test_an_attribution_of_a_language_that_is_left_out_is_known_by_its_shape_alone() -> None:
    bare, shaped = "Am Montag schrieb Ann um 9:12:", "> Hallo"
    dated = "Am Mo., 2. Nov. 2026 um 09:12 Uhr schrieb Ann Lee <ann@okafor-design.example>:"

    with without_language(languages()["de"]):
        found = [attribution_length(lines, 0) for lines in ([bare], [dated, "", shaped])]

    assert attribution_length([bare, shaped], 0) == 1
    assert found == [0, 1]


def test_constants_are_put_back_after_an_error() -> None:
    before = constants()

    with pytest.raises(ValueError, match="in between"), without_program("Gmail web"):
        raise ValueError("in between")

    assert constants() == before


def test_a_module_that_is_built_anew_reads_what_was_put_in_place_and_keeps_nothing_of_it() -> None:
    before = constants()

    with switched({labels: {"VERBS": ("wrote",), "added": 1}}, rebuilt=(attribution,)):
        within = vars(attribution)["VERBS"]

    assert within == ("wrote",)
    assert constants() == before


def test_each_program_in_the_tables_is_one_whose_answers_are_generated_or_is_named_here() -> None:
    named = {name for row in (*WRAPPING, *STARTING, *BORDERING, *SIGNING) for name in row.programs}

    unknown = {
        name for name in named if not any(one.name == name or one.name.startswith(f"{name} ") for one in PROGRAMS)
    }

    assert unknown == {"Tutanota", "Zimbra", "Yahoo iOS"}


def test_the_tables_hold_each_element_once_and_their_joined_forms_all_of_them() -> None:
    rows = (*WRAPPING, *STARTING, *BORDERING)

    assert len({row.selector for row in (*rows, *SIGNING)}) == len((*rows, *SIGNING)) == 49
    assert quotes.QUOTES.split(", ") == [*(row.selector for row in rows), quotes.OURS]
    assert set(quotes.HINTS) == {hint for row in rows for hint in row.hints} | {"data-supportdesk"}
    assert list(signatures.SIGNATURES) == [row.selector for row in SIGNING]
    assert set(signatures.HINTS) == {"signature", "_rc_sig", "__sig_", "-sgn"}


def test_hints_are_named_once_in_the_order_of_their_rows() -> None:
    rows = [Element((), "a", ("x", "y")), Element((), "b", ("y", "z"))]

    assert hints(rows) == ("x", "y", "z")


def test_what_we_sent_finds_the_quote_without_any_row_of_the_program() -> None:
    some = [one for one in POOL if one.kind[0] == "Outlook mobile" and one.kind[3] == "html"]

    with without_program("Outlook mobile"):
        outcomes = {judge(answer, by_sent).outcome for answer in some}

    assert outcomes == {Outcome.EXACT}


def test_the_table_has_a_line_for_each_source_and_reading_and_the_rows_have_an_effect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(left_out, "EACH", 8)

    rows = left_out.left_out()
    layers = [row for row in rows if row.reading == "by the layers alone"]

    assert {row.source for row in rows} >= {"Outlook mobile", "Gmail web", "language de", "language ja"}
    assert not {"mutt", "KMail", "Web.de", "Notes"} & {row.source for row in rows}
    assert all(len(row.cells()) == len(HEADS) for row in rows)
    assert [one.answer.name for one in layers[0].known] == [one.answer.name for one in layers[0].unknown]
    changed = {row.source for row in layers if [one.reply for one in row.known] != [one.reply for one in row.unknown]}
    assert len(changed) > 10


def test_no_figure_is_made_of_no_answers() -> None:
    one = judge(POOL[0], by_sent)

    assert list(left_out_figures([])) == []
    assert [figure.cases for figure in left_out_figures([LeftOut("x", "by the layers alone", (one,), (one,))])] == [
        1,
        1,
    ]
