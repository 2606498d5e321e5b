"""The benchmark's figures: what they are computed from, and how they come into the page."""

from pathlib import Path

import pytest

from bench.speed.__main__ import SECTIONS
from bench.speed.report import marks, require_blocks, table, verdict_lines, write
from bench.speed.sections.growth import sizes
from bench.speed.sections.latency import percentile

PAGE = Path(__file__).parents[4] / "docs" / "performance.md"
BEGIN, END = marks("large")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.md"
    file.write_text(f"# Figures\n\nProse.\n\n{BEGIN}\n{END}\n\nMore prose.\n", encoding="utf-8")
    return file


def test_a_section_is_put_between_its_marks_and_the_prose_stays(page: Path) -> None:
    write(page, "large", "| a | b |")

    assert page.read_text() == f"# Figures\n\nProse.\n\n{BEGIN}\n\n| a | b |\n\n{END}\n\nMore prose.\n"


def test_a_section_that_is_measured_again_takes_the_place_of_the_old_one(page: Path) -> None:
    write(page, "large", "old")
    write(page, "large", "new")

    assert page.read_text() == f"# Figures\n\nProse.\n\n{BEGIN}\n\nnew\n\n{END}\n\nMore prose.\n"


def test_a_page_without_a_block_is_refused_before_anything_is_measured(page: Path) -> None:
    with pytest.raises(ValueError, match="has no block <!-- figures: growth -->"):
        require_blocks(page, ["large", "growth"])


def test_the_page_of_this_repository_has_a_block_for_every_section() -> None:
    require_blocks(PAGE, SECTIONS)


@pytest.mark.parametrize(
    ("most", "found"),
    [(0, [0]), (20_000, [0, 20_000]), (100_000, [0, 100_000]), (1_000_000, [0, 100_000, 1_000_000])],
)
def test_growth_is_measured_up_to_the_size_that_is_asked_for(most: int, found: list[int]) -> None:
    assert sizes(most) == found


@pytest.mark.parametrize(("percent", "found"), [(0, 1), (50, 51), (99, 100), (100, 100)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, found: int) -> None:
    assert percentile(range(1, 101), percent) == found


def test_a_table_shows_small_figures_with_their_fraction_and_large_ones_without() -> None:
    assert table(("what", "much"), [("a", 1.234), ("b", 1234.5), ("c", 1200)]).splitlines() == [
        "| what | much |",
        "| --- | ---: |",
        "| a | 1.23 |",
        "| b | 1,234 |",
        "| c | 1,200 |",
    ]


def test_mails_that_went_wrong_are_counted_and_some_are_named() -> None:
    told = "\n".join(verdict_lines(50, [f"mail {number}" for number in range(20)]))

    assert told.startswith("**20 of 50 mails did not become what they should:**")
    assert told.count("mail ") == 10
