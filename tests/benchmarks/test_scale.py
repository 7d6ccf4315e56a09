"""The laws of growth, and the judgement of two rankings."""

import pytest

from benchmarks.milvus import judge
from benchmarks.scale_fit import COSTS, FITTED_UP_TO, Law, fit, fit_all, render
from index.types import Chunk
from rag.types import Hit

SIZES = (2_500, 5_000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000)


@pytest.mark.parametrize(("factor", "power"), [(0.002, 1.0), (3.0, 0.6), (1e-6, 1.3)])
def test_a_power_law_is_found_again(factor: float, power: float) -> None:
    law = fit(SIZES, [factor * n**power for n in SIZES])
    assert law.power == pytest.approx(power, rel=0.01)
    assert law.at(10**6) == pytest.approx(factor * 10 ** (6 * power), rel=0.02)


def test_a_constant_is_told_from_what_grows() -> None:
    law = fit(SIZES, [200 + 0.004 * n for n in SIZES])
    assert law.at(10**6) == pytest.approx(4200, rel=0.05)


def test_three_sizes_carry_no_constant() -> None:
    assert fit([1, 10, 100], [2, 20, 200]) == Law(0.0, pytest.approx(2), pytest.approx(1))


def test_what_is_checked_is_not_fitted() -> None:
    records = [{"n_chunks": n, "build_cpu_s": 0.001 * n, "dense_cpu_ms": 2.0} for n in (*SIZES, 10**6)]
    records[-1]["build_cpu_s"] = 5e9
    laws = fit_all(records)
    assert laws["build_cpu_s"].at(10**6) == pytest.approx(1000)
    assert SIZES[-1] <= FITTED_UP_TO < 10**6
    table = render(records)
    assert "5,000,000,000 s" in table or "1.39e+06 h" in table
    assert sum(line.startswith("| ") for line in table.splitlines()) == 1 + len(laws)
    assert COSTS["dense_cpu_ms"][0] in table


def hit(place: int, score: float) -> Hit:
    return Hit(Chunk("a.txt", 0, place, place + 1, "x"), score, 1, "hybrid", 0, score, 0, score)


def test_rankings_are_judged() -> None:
    local = [hit(0, 3.0), hit(1, 2.0), hit(2, 2.0), hit(3, 1.0)]
    assert judge(local, local) == "same"
    assert judge(local, [local[0], local[2], local[1], local[3]]) == "swapped ties"
    assert judge(local, [local[1], local[0], local[2], local[3]]) == "different"
    assert judge(local, [hit(0, 3.1), *local[1:]]) == "different"
    assert judge(local, local[:3]) == "different"
    assert judge(local, [*local[:3], hit(9, 1.0)]) == "different"
