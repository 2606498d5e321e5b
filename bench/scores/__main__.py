"""How well mail is read, measured on a folder of mails with what each should yield; a score may not fall.

usage: python -m bench.scores [CORPUS] [--cases]

Figures are printed, written to `docs/scores.md`, and held beside those kept in `bench/scores/scores.json`: where one
fell, the exit status is 1 and the kept ones stay. No text and no address of the corpus is printed or kept.

Without a corpus only the generated mails are measured: their figures are printed and compared, and nothing is kept.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.scores.cpu import GROUP, score_speed
from bench.scores.figures import Figure
from bench.scores.generate.automatic import program_names
from bench.scores.generate.languages import languages
from bench.scores.generate.programs import PROGRAMS
from bench.scores.generate.replies import COUNT
from bench.scores.generated import score_answers, score_persons, score_programs
from bench.scores.kinds import score_automatic, score_bounces, score_forwards
from bench.scores.left_out import HEADS, LeftOut, left_out, left_out_figures
from bench.scores.parse import score_parse
from bench.scores.robust import score_robust
from bench.scores.suggestions import score_suggestions
from bench.scores.threads import score_threading
from bench.scores.trimming import score_contains, score_html, score_mails, score_texts

ROOT = Path(__file__).parents[2]
SCORES_FILE = Path(__file__).with_name("scores.json")
PAGE = ROOT / "docs" / "scores.md"
SETS = (
    score_texts,
    score_mails,
    score_html,
    score_contains,
    score_parse,
    score_automatic,
    score_bounces,
    score_forwards,
    score_threading,
    score_robust,
    score_suggestions,
    score_speed,
)
# Scores that need no corpus.
GENERATED = (score_answers, score_persons, score_programs)
# Tables of what is found without the rows of one source, which need no corpus either.
LEFT_OUT: tuple[Callable[[], list[LeftOut]], ...] = (left_out,)


def main() -> None:
    """Measure, show, compare and keep; exit status 1 where a score fell."""
    parser = argparse.ArgumentParser(prog="python -m bench.scores", description="How well mail is read.")
    parser.add_argument("corpus", type=Path, nargs="?", help="a folder with trimming.jsonl and its siblings")
    parser.add_argument("--cases", action="store_true", help="name the cases that missed, by their ids")
    options = parser.parse_args()
    corpus: Path | None = options.corpus
    if corpus and not (corpus / "trimming.jsonl").is_file():
        sys.exit(f"{corpus / 'trimming.jsonl'} is not there: name the folder of the corpus.")
    figures = [figure for score in SETS for figure in score(corpus)] if corpus else []
    figures += [figure for score in GENERATED for figure in score()]
    rows = [row for table in LEFT_OUT for row in table()]
    figures += left_out_figures(rows)
    show(figures, cases=options.cases)
    show_left_out(rows)
    if corpus:
        PAGE.write_text(page(figures, rows, datetime.now(UTC).date().isoformat()), encoding="utf-8")
    fallen = fallen_scores(figures, load_percentages())
    for sentence in fallen:
        print(sentence, file=sys.stderr)
    if fallen:
        raise SystemExit(1)
    if corpus:
        store_percentages(figures)


def show(figures: Iterable[Figure], *, cases: bool) -> None:
    """Print the table, and with `cases` the ids of what missed."""
    table = Table("set", "part", "score", "right", "wanted")
    for figure in figures:
        table.add_row(*cells(figure))
    Console().print(table)
    for figure in figures if cases else ():
        if figure.missed:
            print(f"{figure.name}: {' '.join(figure.missed)}")


def show_left_out(rows: Iterable[LeftOut]) -> None:
    """Print the table of sources that were left out."""
    table = Table(*HEADS)
    for row in rows:
        table.add_row(*row.cells())
    Console().print(table)


def cells(figure: Figure) -> tuple[str, str, str, str, str]:
    """Return one line of the table: set, part, percent, counts, and what is wanted."""
    counts = f"{figure.right} of {figure.cases}"
    wanted = f"{figure.wanted:g} %" if figure.wanted is not None else ""
    return figure.group, figure.part, f"{figure.percent:.1f} %", counts, wanted


def page(figures: Iterable[Figure], rows: Iterable[LeftOut], day: str) -> str:
    """Return the page `docs/scores.md` for figures, and rows of sources left out, measured on a day."""
    scores = [f"| {' | '.join(cells(figure))} |" for figure in figures]
    sources = [f"| {' | '.join(row.cells())} |" for row in rows]
    counted = {"answers": f"{COUNT:,}", "programs": len(PROGRAMS), "languages": len(languages())}
    introduction = INTRODUCTION.format(day=day, automatic=len(program_names()), **counted)
    head = (f"| {' | '.join(HEADS)} |", "| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    return "\n".join((introduction, *scores, ABOUT_LEFT_OUT, *head, *sources, ""))


def fallen_scores(figures: Iterable[Figure], before: dict[str, float]) -> list[str]:
    """Return a sentence for each score that is lower than before; what reading costs depends on the machine, too."""
    return [
        f"{figure.name} fell from {before[figure.name]:.2f} % to {figure.percent:.2f} %."
        for figure in figures
        if figure.group != GROUP and figure.percent < before.get(figure.name, 0.0) - 0.005
    ]


def load_percentages() -> dict[str, float]:
    """Return the percentages of the last run that kept them, by name of figure; empty before the first."""
    figures: dict[str, float] = json.loads(SCORES_FILE.read_text(encoding="utf-8")) if SCORES_FILE.exists() else {}
    return figures


def store_percentages(figures: Iterable[Figure]) -> None:
    """Write the percentages for the next run to be compared with."""
    values = {figure.name: round(figure.percent, 2) for figure in figures}
    SCORES_FILE.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


INTRODUCTION = """\
# How well mail is read

Measured on {day} with `make scores CORPUS=FOLDER`, on mails and texts of public repositories that are not part of this
one. The figures are kept in `bench/scores/scores.json`, and the command fails where one of them falls.

* **soft**: no expected line is missing, and at most three lines are too many.
* **exact**: the reply is the expected one after white space is normalised; where the source keeps signatures, the reply
  and the signature taken off it may stand for it together.
* **nothing lost**: no expected line is missing.
* A line that names a library shows what that library makes of the same texts.

Sources differ on what a reply is, so each has its own lines, with what it cuts besides quotes. Some contradict each
other on the same text, and one of them must miss: `gh_erp_family/email_1_3` takes a name behind a dash for a signature,
`crisp-email_3` keeps it; `talon_text/dont_parse_quotations_for_forwarded_messages-1` keeps what is passed on, as this
project does, `quotequail_text/03`, `/04` and `crisp-email_forwarded_message_separator` remove it.

**parse**: what is wanted comes from the test suites of two parsers. One of them, stalwart, means other things by a text
and a file than a support desk does, so two of its figures stay below what is wanted:

* *body*, 7 of 43 miss. It lists every form of a text, where people are shown one: in 4 mails the HTML beside the plain
  text (`rfc/006`, `thirdparty/006`, `/017`, `/019`). In 2 mails it reads the second of two Content-Types, and with it
  the source of the parts as text (`malformed/020`, `/021`); we read the parts. 1 was mixed up byte by byte by a fuzzer
  (`malformed/019`). *Or another form of it* counts what stands in the HTML beside the text that is shown.
* *files*, 13 of 77 miss. It counts texts without a name as files. In 7 mails these are empty, or in parts whose
  boundaries or encoding are broken (`malformed/001` to `/004`, `/006`, `/007`, `thirdparty/002`); in 6 they are the
  second of several texts, all of which we show (`malformed/008`, `/009`, `/011`, `/016`, `rfc/000`, `/003`). *Or read
  as text* counts those that are empty or stand in the text; files with a name count as files only. Each of these texts
  could be kept as a file, too. Then people would find every footer of a list and every line between two pictures once
  more as a file without a name (in 23 of the 1,414 other mails here), empty files (in 18), and this figure would still
  miss what is wanted.

**threading**: each conversation is a ticket, the Message-IDs of all mails are known but the one's that arrives, and its
sender takes part in its own conversation, or in none. **robust**: mails that are broken on purpose; none may raise, and
each in which the standard library finds anything must show text or files.

**suggestions**: each conversation is a finished ticket, whose first mail is the question and whose others are answers
of staff. Of a pair of a mail and an answer to it, the mail and all else that its author wrote are taken out of the
ticket. The desk is asked with that mail's own words, without its subject, quotes and author's name, over PostgreSQL as
when a ticket is assigned. *The right one* is that ticket, where it is among the three. These are mailing lists, whose
subjects are fewer and wider than those of a desk. Of the corpus's 860 pairs 500 are measured; the threshold was chosen
on the 243 pairs of other conversations (`python -m bench.scores.suggestions CORPUS`). *Nothing, where the right one is
not there*: how often no answer is shown if that ticket is left out.

**Generated mails** are the same in each run (`bench/scores/generate/`).

* *Answers to our own mails*: {answers} answers to mails of our templates, as {programs} programs write them in
  {languages} languages: above, below, between and inside the quote, as plain text, HTML and both. They hold lists of
  labels, logs, addresses, dates and lines of ours; banners and links of gateways; footers of telephones. *Exact*: the
  sender's words and nothing else. What a program adds must go; a closing formula and a signature that the sender set
  may stay or go; lines between which somebody answers may stay with the answers. *Nothing lost*: each line is there.
* *In no language*: the words above the quote are changed to such as no table holds, so that only their shape tells.
  *Source left out*, below, does so with one program's and one language's own rows of the tables.
* *Persons' mails* hold the words of bounces and automatic answers in subject, name, address, text and files, and
  nothing that only a program sets. *Automatic answers* have the headers of each of {automatic} programs, no others.

**CPU** is ours in percent of the standard library's, so less is better: parsing with the visible reply, beside parse
and decode of compat32, for mail with HTML together with html-to-markdown. Both are measured in one run and are not
compared with the last run. At most 150 % is wanted. Plain mail stays above: its parts alone are found in a third of the
standard library's time, and the rest is work that the standard library does not do. Of 100 µs, about 35 go into the
visible reply (each line is asked whether a quote, a forward or a signature begins there), 12 into bounces, of which
this set has many (their reports and wording), 12 into the tree of parts, 12 into text and files, 8 into addresses, 6
into what shows that a program wrote the mail, and the others into ids, dates, the subject and the values themselves.

| set | part | score | right | wanted |
| --- | --- | ---: | ---: | ---: |"""

ABOUT_LEFT_OUT = """
## One source left out

Does a rule know more than the program it was written for? The answers of each program, and in each language, are read
with all tables, and again without the rows that came from it (`bench/scores/left_out.py`).

* *Programs*: left out are the elements of HTML that name the program in `mail/html/elements.py`; a row of several
  programs goes with each of them. Only answers with HTML are asked. Where they have a plain text as well, that is the
  text that is shown, so most figures stay. A program without such a row has no line here.
* *Languages*: left out are the labels, verbs of writing and leading words with which the language's answers are made,
  also where another language has the same word.
* *What cannot be left out*: lists that name no source, since many programs or languages share their words: dividers
  (`Original Message`), marks of forwards, footers of telephones, closings, notices of gateways. What knows no word
  stays too, and is what this table shows at work: shapes of dates and addresses, the quote mark, and what we sent.

In a few lines *without* is higher. Where no element marks the quote, answers inside it are not cut off with it, and a
block of labels that the sender pasted above it stays.
"""


if __name__ == "__main__":
    main()
