"""The generated mails of the scores: the same in each run, as various as the page says, and judged rightly."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from bench.scores import __main__ as scores
from bench.scores.figures import Figure
from bench.scores.generate.automatic import automatic_answers, program_names
from bench.scores.generate.languages import languages
from bench.scores.generate.persons import persons_mails
from bench.scores.generate.program import ALL
from bench.scores.generate.programs import PROGRAMS
from bench.scores.generate.replies import ODDS, Answer, answers
from bench.scores.generate.words import ODD
from bench.scores.replies import Outcome, by_layers, by_sent, judge, worst
from mail.inbound.parse import parse
from mail.quoting.reply import Reply

SOME = list(answers(12 * len(PROGRAMS)))
SIMPLE = next(
    one for one in SOME if one.kind[0] == "Thunderbird" and one.kind[2] == "top" and not (one.closing or one.signature)
)
BETWEEN = next(one for one in SOME if one.kind[2] == "between" and one.kind[3] == "plain")


def texts_of(raw: bytes) -> list[str]:
    """The decoded texts of a mail, each without white space."""
    parts = message_from_bytes(raw, policy=default).walk()
    return ["".join(part.get_content().split()) for part in parts if part.get_content_maintype() == "text"]


def test_two_runs_make_the_same_mails() -> None:
    assert list(answers(50)) == SOME[:50]
    assert list(persons_mails(50)) == list(persons_mails(50))
    assert list(automatic_answers()) == list(automatic_answers())


def test_the_answers_are_of_as_many_kinds_as_the_page_says() -> None:
    programs, codes, places, forms = zip(*(one.kind for one in SOME), strict=True)

    assert len(PROGRAMS) >= 25
    assert len(languages()) == 20
    assert set(programs) == {program.name for program in PROGRAMS}
    assert (set(codes), set(places), set(forms)) == (set(languages()), set(ALL), {"plain", "html", "both"})
    assert {odd for one in SOME for odd in one.odds} == {*ODD, *ODDS, "trap", "a line of ours"}
    assert len(program_names()) >= 30


@pytest.mark.parametrize("answer", [one for one in SOME if one.kind[3] == "plain"][:120], ids=lambda one: one.name)
def test_each_own_line_stands_in_the_mail(answer: Answer) -> None:
    own = ["".join(line.split()) for piece in answer.pieces for line in piece.split("\n")]

    assert [line for line in own if not all(line in text for text in texts_of(answer.raw))] == []


def test_the_words_above_a_quote_in_no_language_keep_their_shape_only() -> None:
    changed = [one for one in answers(200, unknown=True) if one.kind[0] == "mutt"]

    assert changed
    assert all(one.above[0].startswith("Ts Rts, Sta ") and one.above[0].endswith(" bwtyj:") for one in changed)
    assert all("2026" in one.above[0] and "Northwind Support" in one.above[0] for one in changed)


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (lambda own: own, Outcome.EXACT),
        (lambda own: own.replace(" ", "\n"), Outcome.EXACT),
        (lambda own: f"{own}\n> Hello,", Outcome.TOO_MUCH),
        (lambda own: own.rpartition("\n")[0] if "\n" in own else own[:-3], Outcome.LOST),
        (lambda _: "", Outcome.LOST),
    ],
)
def test_an_answer_is_judged_by_the_words_that_are_found(made: Callable[[str], str], outcome: Outcome) -> None:
    found = judge(SIMPLE, lambda _mail, answer: Reply(made("\n".join(answer.pieces)), "", 1.0))

    assert found.outcome is outcome


def test_answers_between_quoted_lines_may_keep_what_they_answer() -> None:
    quoted = "\n".join(f"> Question {at}?\n{piece}" for at, piece in enumerate(BETWEEN.pieces))

    with_it = judge(BETWEEN, lambda *_: Reply(quoted, "", 1.0))
    with_more = judge(BETWEEN, lambda *_: Reply(f"{quoted}\nSomething else", "", 1.0))

    assert (with_it.outcome, with_more.outcome) == (Outcome.WITH_WHAT_IT_ANSWERS, Outcome.TOO_MUCH)


def test_a_closing_and_a_signature_of_the_sender_may_stay_or_go_and_a_programs_footer_may_not_stay() -> None:
    answer = replace(SIMPLE, closing="Regards\nMaria", signature="-- \nMaria")
    own = "\n".join(SIMPLE.pieces)
    replies = (own, f"{own}\nRegards\nMaria", f"{own}\nRegards\nMaria\n-- \nMaria", f"{own}\nSent from my iPhone")

    outcomes = [judge(answer, lambda *_, reply=reply: Reply(reply, "", 1.0)).outcome for reply in replies]

    assert outcomes == [Outcome.EXACT] * 3 + [Outcome.TOO_MUCH]


def test_an_answer_is_compared_with_the_mail_that_it_answers() -> None:
    unmarked = next(one for one in SOME if one.kind[0] == "Outlook Mac" and one.kind[2] == "inside" and not one.odds)

    assert judge(unmarked, by_sent).outcome is Outcome.EXACT
    assert judge(unmarked, by_layers).outcome is not Outcome.EXACT


def test_an_answer_to_a_german_mail_is_in_german_where_its_program_speaks_it_and_is_cut_right() -> None:
    made = list(answers(len(PROGRAMS), ours="de"))

    foreign = {one.name for one in PROGRAMS if one.languages and "de" not in one.languages}
    assert all((one.kind[1] == "de") is (one.kind[0] not in foreign) for one in made)
    assert all("Anfrage SD-1042" in one.letter.text or "Nummer SD-1042" in one.letter.text for one in made)
    assert [one.name for one in made if judge(one, by_sent).outcome in {Outcome.TOO_MUCH, Outcome.LOST}] == []


def test_the_worst_kinds_are_named_with_an_example() -> None:
    told = worst([judge(SIMPLE, lambda *_: Reply("", "", 1.0))])

    assert "Thunderbird / top / " in told
    assert "1 of 1 miss, 1 lose words" in told


def test_a_persons_mail_holds_nothing_that_only_a_program_sets() -> None:
    forbidden = {"precedence", "x-autoreply", "x-autorespond", "list-id"}
    for _, raw in persons_mails(400):
        mail = message_from_bytes(raw, policy=default)
        assert mail["Return-Path"].strip("<>")
        assert (mail["Auto-Submitted"] or "no") == "no"
        assert forbidden.isdisjoint(name.lower() for name in mail)


def test_each_automatic_answer_has_its_programs_headers_in_a_mail_that_is_read() -> None:
    counts = Counter(name.partition("/")[0] for name, _ in automatic_answers())

    assert set(counts) == set(program_names())
    assert all(parse(raw).senders[0].email == "maria@okafor-design.example" for _, raw in automatic_answers())


def test_without_a_corpus_the_generated_mails_alone_are_measured_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(scores, "GENERATED", (lambda: [Figure("generated", "found", 1, 2)],))
    monkeypatch.setattr(scores, "LEFT_OUT", ())
    monkeypatch.setattr(scores, "SCORES_FILE", tmp_path / "scores.json")
    monkeypatch.setattr(scores, "PAGE", tmp_path / "scores.md")
    monkeypatch.setattr("sys.argv", ["scores"])

    scores.main()

    assert "50.0 %" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
