"""Two trees beside each other: whose code runs, and what pairs of figures say."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.speed.compare.ratios import ratio_of
from bench.speed.compare.rounds import Figures, Rounds
from bench.speed.compare.rounds import tables as tables_of_rounds
from bench.speed.compare.turns import Comparison, tables
from bench.speed.stage.tree import LOCK, ROOT, Tree, this_tree, tree_of

PAIRS = [(2.0, 1.0), (3.0, 1.0), (40.0, 10.0), (1.0, 1.0), (2.2, 1.0)]


def test_the_ratio_is_the_median_of_pairs_so_that_one_slow_moment_says_nothing() -> None:
    ratio = ratio_of(PAIRS)

    assert (ratio.pairs, ratio.middle, ratio.quartiles) == (5, 2.2, (2.0, 3.0))
    assert ratio.interval[0] <= ratio.middle <= ratio.interval[1]


def test_the_same_figures_give_the_same_interval() -> None:
    assert ratio_of(PAIRS) == ratio_of(PAIRS)


def test_pairs_without_a_difference_have_a_ratio_without_a_spread() -> None:
    ratio = ratio_of([(0.5, 0.5)] * 20)

    assert (ratio.middle, ratio.quartiles, ratio.interval) == (1.0, (1.0, 1.0), (1.0, 1.0))


def test_one_pair_is_enough() -> None:
    assert ratio_of([(3.0, 2.0)]).quartiles == (1.5, 1.5)


def test_trees_that_made_something_else_of_the_mails_are_no_comparison() -> None:
    def made(*counts: tuple[int, int]) -> bool:
        return Comparison(10, ("old", "this tree"), {}, counts).sound

    assert made((10, 17), (10, 17))
    assert not made((10, 17), (10, 16))
    assert not made((9, 17), (9, 17))


def test_a_comparison_is_a_row_for_each_stage_and_cost() -> None:
    result = Comparison(10, ("old", "this tree"), {("intake", "wall"): ratio_of(PAIRS)}, [(10, 17), (10, 17)])

    assert "| intake, wall | 2,200 | 1,000 | 2.20 | 2.00 to 3.00 |" in next(tables(result))


def test_sections_of_two_trees_are_their_means_and_ratios() -> None:
    runs = [("old", 10.0, 8.0), ("this tree", 40.0, 5.0), ("this tree", 20.0, 3.0), ("old", 20.0, 8.0)]
    result = Rounds(9, ("old", "this tree"), [(name, Figures("it", rate, cpu, [])) for name, rate, cpu in runs])

    assert "| it | 15 | 30 | 2.00 | 8.00 | 4.00 | 2.00 |" in next(tables_of_rounds(result))


def test_what_went_wrong_in_a_run_is_told_with_its_tree() -> None:
    result = Rounds(9, ("old", "this tree"), [("old", Figures("it", 1.0, 1.0, ["mail 3: no ticket"]))])

    assert result.wrong == ["old: mail 3: no ticket"]


def test_our_own_code_is_found_in_our_own_folder() -> None:
    assert this_tree().require_own_code() == ROOT / "worker" / "__init__.py"


def test_a_tree_whose_processes_would_run_other_code_is_refused(tmp_path: Path) -> None:
    empty = Tree("old", tmp_path, Path(sys.executable))

    with pytest.raises(RuntimeError, match="old would run the code of"):
        empty.require_own_code()


def test_a_folder_that_holds_a_checkout_is_a_tree_as_it_is(tmp_path: Path) -> None:
    (tmp_path / LOCK).parent.mkdir()
    (tmp_path / LOCK).write_bytes((ROOT / LOCK).read_bytes())

    with tree_of(str(tmp_path), tmp_path / "unused") as tree:
        assert tree == Tree(str(tmp_path), tmp_path, Path(sys.executable))
    assert tmp_path.is_dir()


def check_out_and_press_ctrl_c(folder: Path, found: list[Tree]) -> None:
    with tree_of("HEAD", folder) as tree:
        found.append(tree)
        assert tree.require_own_code() == tree.folder / "worker" / "__init__.py"
        raise KeyboardInterrupt


def test_a_revision_is_checked_out_and_removed_again_also_after_ctrl_c(tmp_path: Path) -> None:
    if subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, check=False).returncode:
        pytest.skip("this is no git repository")
    found: list[Tree] = []

    with pytest.raises(KeyboardInterrupt):
        check_out_and_press_ctrl_c(tmp_path, found)

    assert not found[0].folder.exists()
    left = subprocess.run(["git", "-C", str(ROOT), "worktree", "list"], capture_output=True, check=True, text=True)
    assert str(found[0].folder) not in left.stdout
