"""The scores: how texts are compared, that a score may not fall, and that nothing of the corpus is shown."""

import json
from pathlib import Path

import pytest

from bench.scores import __main__ as scores
from bench.scores.figures import Figure, is_exact, is_soft, is_whole
from bench.scores.robust import score_robust
from bench.scores.threads import score_threading
from bench.scores.trimming import candidates
from mail.inbound.parse import parse
from mail.quoting.reply import visible_reply

HIGH, LOW = Figure("trimming", "soft", 9, 10), Figure("trimming", "soft", 8, 10)


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus of one text, with the kept figures and the page beside it."""
    case = {
        "id": "family/one",
        "text": "secret words\n\n> old",
        "expected_reply": "secret words",
        "expected_alts": [],
        "policy": "quote",
        "source": "family",
    }
    (tmp_path / "trimming.jsonl").write_text(json.dumps(case) + "\n")
    monkeypatch.setattr(scores, "SCORES_FILE", tmp_path / "scores.json")
    monkeypatch.setattr(scores, "PAGE", tmp_path / "scores.md")
    monkeypatch.setattr(scores, "GENERATED", ())
    monkeypatch.setattr(scores, "LEFT_OUT", ())
    monkeypatch.setattr("sys.argv", ["scores", str(tmp_path), "--cases"])
    return tmp_path


@pytest.mark.parametrize(
    ("text", "exact", "soft", "whole"),
    [
        ("one\ntwo", True, True, True),
        (" one \n\n  two\t", True, True, True),
        ("one\ntwo\n1\n2\n3", False, True, True),
        ("one\ntwo\n1\n2\n3\n4", False, False, True),
        ("one", False, False, False),
        ("one two", True, False, False),
    ],
)
def test_a_text_is_compared_by_words_and_by_lines(text: str, exact: bool, soft: bool, whole: bool) -> None:
    wanted = ["one\ntwo"]

    verdicts = (is_exact([text], wanted), is_soft([text], wanted), is_whole([text], wanted))

    assert verdicts == (exact, soft, whole)


@pytest.mark.parametrize(("policy", "count"), [("quote", 2), ("quote+forward", 2), ("quote+sig", 1)])
def test_the_signature_counts_where_the_source_keeps_it(policy: str, count: int) -> None:
    found = visible_reply("words\n-- \nAnn")

    texts = candidates(found, {"policy": policy})

    assert len(texts) == count


@pytest.mark.parametrize(("figure", "fallen"), [(HIGH, 0), (LOW, 1)])
def test_a_score_that_falls_is_named(figure: Figure, fallen: int) -> None:
    before = {HIGH.name: HIGH.percent}

    sentences = scores.fallen_scores([figure], before)

    assert len(sentences) == fallen


def test_a_run_keeps_its_figures_and_shows_nothing_of_the_corpus(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores.main()

    shown = capsys.readouterr().out + (corpus / "scores.md").read_text() + (corpus / "scores.json").read_text()

    assert json.loads((corpus / "scores.json").read_text())["trimming: soft"] == 100
    assert "secret" not in shown


def test_a_run_in_which_a_score_fell_fails_and_keeps_the_better_one(corpus: Path) -> None:
    kept = json.dumps({"trimming: exact": 100.0, "trimming: soft": 100.0, "whole mails: exact": 50.0})
    (corpus / "scores.json").write_text(kept)

    with pytest.raises(SystemExit) as ended:
        scores.main()

    assert ended.value.code == 1
    assert (corpus / "scores.json").read_text() == kept


def a_file(corpus: Path, name: str, text: str) -> str:
    (corpus / name).write_text(text)
    return name


@pytest.mark.parametrize(("refers", "right"), [("<1@x>", 1), ("<2@x>", 0), ("", 0)])
def test_a_mail_is_threaded_right_where_it_finds_the_ticket_of_its_parent(
    corpus: Path, refers: str, right: int
) -> None:
    first = a_file(corpus, "1", "Message-ID: <1@x>\n\nOne.")
    other = a_file(corpus, "2", "Message-ID: <2@x>\n\nTwo.")
    reply = a_file(corpus, "3", f"Message-ID: <3@x>\nIn-Reply-To: {refers}\n\nThree.")
    pairs = [(reply, first, first), (other, other, other)]
    cases = [{"id": path, "path": path, "parent_path": parent, "root": root} for path, parent, root in pairs]
    (corpus / "threading.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))

    figures = {figure.part: figure for figure in score_threading(corpus)}

    # The other mail names no parent, so that it is always one of those that miss.
    assert [figures[part].right for part in ("parent's ticket", "parent's ticket named by a stranger")] == [right] * 2


def test_a_mail_whose_words_are_not_shown_is_lost(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_file(corpus, "words", "Subject: x\n\nwords")
    a_file(corpus, "none", "Content-Type: text/html\n\n<title>x</title><p>")
    a_file(corpus, "robust.txt", "words\nnone\n")

    [whole] = score_robust(corpus)
    monkeypatch.setattr("bench.scores.robust.parse", lambda raw: parse(b"Subject: x"))
    [lost] = score_robust(corpus)

    assert (whole.right, lost.right, lost.missed) == (2, 1, ("words",))
