import math
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pages.cohesion import Cohesion

from .pages import BRIDGE, LIBRARY, RICE, ROOT

PARAGRAPHS = ["大桥合龙", "大桥通车", "红米"]
TEXTS = st.lists(st.sampled_from([*PARAGRAPHS, "大桥，红米", "没有", ""]), max_size=3)


def test_a_worked_example() -> None:
    cohesion = Cohesion(PARAGRAPHS)
    bridge, once, unknown = math.log(4 / 2), math.log(4 / 1), math.log(4)
    length = math.sqrt(bridge**2 + 2 * once**2)  # 大桥, 桥合 or 桥通, 合龙 or 通车
    assert cohesion.between(["大桥合龙"], ["大桥通车"]) == pytest.approx(bridge**2 / length**2)
    assert cohesion.between(["红米"], ["红米，没有"]) == pytest.approx(once**2 / (once * math.hypot(once, unknown)))


@given(TEXTS, TEXTS)
def test_it_is_a_cosine(a: list[str], b: list[str]) -> None:
    cohesion = Cohesion(PARAGRAPHS)
    assert cohesion.between(a, b) == pytest.approx(cohesion.between(b, a))
    assert 0 <= cohesion.between(a, b) <= 1 + 1e-12
    assert cohesion.between(a, a) == pytest.approx(1 if any(a) else 0)
    assert cohesion.between([*a, *a], b) == cohesion.between(a, b)


def test_paragraphs_of_one_subject_are_nearer_than_those_of_two() -> None:
    cohesion = Cohesion([*BRIDGE, *RICE, *LIBRARY])
    for subject, others in ((BRIDGE, RICE), (RICE, LIBRARY), (LIBRARY, BRIDGE)):
        assert cohesion.between(subject[:1], subject[1:]) > 2 * cohesion.between(subject[:1], others)


def test_the_value_is_the_same_in_every_run() -> None:
    code = (
        "from index.pages.cohesion import Cohesion\nfrom tests.index.pages import BRIDGE, LIBRARY, RICE\n"
        "cohesion = Cohesion(BRIDGE + RICE + LIBRARY)\n"
        "print([repr(cohesion.between([a], [b])) for a in BRIDGE for b in BRIDGE + LIBRARY + RICE])"
    )
    values = {
        subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed})
        for seed in ("1", "2", "3")
    }
    assert len(values) == 1
