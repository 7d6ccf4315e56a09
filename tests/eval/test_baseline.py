"""A baseline holds what was accepted, to its tolerance and no further."""

from pathlib import Path

import pytest

from eval.baseline import (
    DEFAULT_TOLERANCES,
    LOWER_IS_BETTER,
    Baseline,
    Guard,
    accept,
    baseline_path,
    find_losses,
    open_baseline,
    save_baseline,
    size_note,
)
from eval.errors import RunFileError
from eval.figures import OVERALL, Figures, compute_figures
from eval.run import run_set
from tests.eval.fakes import FakeEngine, fake_questions


def figures_of(**values: float | None) -> Figures:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return Figures("s", {OVERALL: {"n": 10, **named}}, {})


def baseline_of(name: str, value: float | None, tolerance: float) -> Baseline:
    return Baseline("s", 10, {name: Guard(value, tolerance)})


@pytest.mark.parametrize(("now", "is_lost"), [(0.9, False), (0.8, False), (0.78, False), (0.7799, True)])
def test_higher_is_better_within_the_tolerance(now: float, is_lost: bool) -> None:
    losses = find_losses(figures_of(answer__f1=now), baseline_of("answer.f1", 0.8, 0.02))
    assert bool(losses) == is_lost


@pytest.mark.parametrize(("now", "is_lost"), [(0.0, False), (0.12, False), (0.1201, True)])
def test_lower_is_better_for_faults(now: float, is_lost: bool) -> None:
    losses = find_losses(figures_of(refusal__false=now), baseline_of("refusal.false", 0.1, 0.02))
    assert bool(losses) == is_lost


def test_a_zero_tolerance_forgives_only_the_last_digit() -> None:
    baseline = baseline_of("citation.exactness", 1.0, 0.0)
    assert find_losses(figures_of(citation__exactness=1.0 - 1e-12), baseline) == []
    assert len(find_losses(figures_of(citation__exactness=0.9999), baseline)) == 1


def test_a_figure_that_is_no_longer_defined_is_lost_and_one_that_never_was_is_not() -> None:
    assert len(find_losses(figures_of(answer__em=None), baseline_of("answer.em", 0.1, 0.5))) == 1
    assert find_losses(figures_of(answer__em=0.0), baseline_of("answer.em", None, 0.5)) == []


def test_a_loss_names_both_values_the_tolerance_and_the_bound() -> None:
    (loss,) = find_losses(figures_of(right=0.7), baseline_of("right", 0.8, 0.02))
    assert str(loss) == "right: 0.7000, baseline 0.8000, tolerance 0.02: must be at least 0.7800"
    (fault,) = find_losses(figures_of(refusal__false=0.3), baseline_of("refusal.false", 0.1, 0.02))
    assert str(fault) == "refusal.false: 0.3000, baseline 0.1000, tolerance 0.02: must be at most 0.1200"


def test_a_baseline_is_written_and_read_back(tmp_path: Path) -> None:
    figures = compute_figures(run_set(FakeEngine(), fake_questions(), set_name="fake"))
    path = baseline_path(tmp_path / "baselines", "fake")
    save_baseline(accept(figures), path)
    baseline = open_baseline(path)
    assert baseline == accept(figures)
    assert baseline is not None
    assert (path.name, baseline.n_questions) == ("fake.json", 5)
    assert {name: guard.tolerance for name, guard in baseline.figures.items()} == DEFAULT_TOLERANCES
    assert find_losses(figures, baseline) == []


def test_every_figure_held_by_default_is_a_figure_of_a_run() -> None:
    figures = compute_figures(run_set(FakeEngine(), fake_questions(), set_name="fake"))
    assert set(DEFAULT_TOLERANCES) | LOWER_IS_BETTER <= set(figures.groups[OVERALL])


def test_accepting_keeps_tolerances_that_people_set() -> None:
    accepted = accept(figures_of(right=0.9), baseline_of("right", 0.5, 0.123))
    assert accepted.figures["right"] == Guard(0.9, 0.123)


def test_a_set_that_grew_is_said() -> None:
    assert size_note(figures_of(), Baseline("s", 10, {})) == ""
    assert "made with 8 questions, now 10 were asked" in size_note(figures_of(), Baseline("s", 8, {}))


def test_no_file_is_no_baseline_and_a_broken_one_is_an_error(tmp_path: Path) -> None:
    assert open_baseline(tmp_path / "none.json") is None
    for content in ("{", "[]", '{"set_name": "s", "n_questions": 1, "figures": {"right": 3}}'):
        (tmp_path / "s.json").write_text(content, encoding="utf-8")
        with pytest.raises(RunFileError, match="is not a baseline"):
            open_baseline(tmp_path / "s.json")
