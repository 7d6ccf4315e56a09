"""The paired randomisation test, against the exact enumeration of all exchanges."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from eval.metrics import mean
from eval.significance import paired_p_value


def exact_p_value(a: Sequence[float], b: Sequence[float]) -> float:
    """Over all 2^n exchanges, the obvious slow way."""
    differences = np.array(b) - np.array(a)
    signs = np.array(list(itertools.product((1, -1), repeat=len(a))))
    return float(np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9))


@pytest.mark.parametrize("seed", range(5))
def test_it_comes_near_the_exact_test(seed: int) -> None:
    draw = np.random.default_rng(seed)
    a, b = draw.integers(0, 2, 12).astype(float).tolist(), (draw.random(12) < 0.8).astype(float).tolist()
    p = paired_p_value(a, b, mean, n_resamples=4000)
    assert p == pytest.approx(exact_p_value(a, b), abs=0.03)  # its standard error is below .008


def test_the_same_results_differ_by_nothing_and_clearly_other_ones_do() -> None:
    assert paired_p_value([0.0, 1.0], [0.0, 1.0], mean) == 1.0
    p = paired_p_value([0.0] * 30, [1.0] * 30, mean)
    assert p == 1 / 1001  # no exchange comes near: the smallest p that 1,000 exchanges can give


def test_the_digits_are_the_same_each_time() -> None:
    a, b = [0.0, 1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0, 1.0]
    assert paired_p_value(a, b, mean) == paired_p_value(a, b, mean)


def test_a_figure_that_is_not_defined_has_no_p() -> None:
    assert paired_p_value([1.0], [1.0], lambda rows: None) is None
