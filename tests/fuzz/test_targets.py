"""Property tests over the targets of `fuzz/`: their seeds, mutated by hypothesis, and every crash that was found."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.__main__ import _TARGETS
from fuzz.seeds import seeds
from fuzz.targets import TARGETS

QUICK = {"page": 12, "text": 12, "markdown": 12, "html": 8, "pdf": 8, "docx": 8}
"""Examples of the slower targets; the others get more."""
FOUND = {"filters": ["十二十日的报道".encode()], "rows": ['编题,"正文'.encode()]}
"""Inputs that crashed once."""
HOSTILE = ["（", "\u202e", "\ud800", "\0", "“", "1", "。", "\n", "[1]", "{", "<p>", "十", " ", "\ufeff", "年月日", "，"]
_SEEDS = {name: [data[:4000] for data in seeds(name)] for name in TARGETS}


@st.composite
def mutated(draw: st.DrawFn, target: str) -> bytes:
    """A seed with some stretches cut out, doubled, or replaced by what is often forgotten."""
    data = draw(st.sampled_from(_SEEDS[target]))
    dice = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(dice.randrange(4)):
        start = dice.randrange(len(data) + 1)
        end = min(len(data), start + dice.randrange(50))
        piece = dice.choice(HOSTILE).encode("utf-8", "surrogatepass") * dice.choice([1, 3, 200])
        data = data[:start] + dice.choice([b"", data[start:end] * 2, piece, dice.randbytes(8)]) + data[end:]
    return data


def test_the_command_knows_every_target() -> None:
    assert set(_TARGETS) == set(TARGETS)
    assert all(_SEEDS.values())


@pytest.mark.parametrize("name", TARGETS)
def test_no_mutation_of_a_seed_breaks_it(name: str) -> None:
    @settings(
        max_examples=QUICK.get(name, 40), deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(mutated(name))
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()


@pytest.mark.parametrize("name", TARGETS)
def test_any_text_and_any_bytes(name: str) -> None:
    @settings(max_examples=QUICK.get(name, 40), deadline=None, derandomize=True, database=None)
    @given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, found in FOUND.items() for data in found])
def test_what_crashed_once_does_no_more(name: str, data: bytes) -> None:
    TARGETS[name](data)
