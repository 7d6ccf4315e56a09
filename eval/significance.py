"""Whether two systems differ on the same questions by more than chance would make them: the paired randomisation test.

If the systems were the same, it would not matter whose result of a question is called A's and whose B's. So they are
exchanged at random, question by question, many times: p is how often the difference then is at least as large as the
one that was seen. It holds for any statistic, means or not. Sources: Noreen (1989), "Computer-intensive methods for
testing hypotheses"; Smucker, Allan and Carterette (2007), which recommends it for retrieval.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
_ROUNDING = 1e-12


def paired_p_value(
    a: Sequence[T],
    b: Sequence[T],
    statistic: Callable[[Sequence[T]], float | None],
    *,
    n_resamples: int = 1000,
    seed: int = 20180911,
) -> float | None:
    """The two-sided p of statistic(b) - statistic(a); row i of both is the same question. None where it is not defined.

    (1 + number of exchanges with a difference at least as large) / (1 + number of exchanges): never 0. Exchanges that
    leave the statistic undefined are left out. The same rows and seed give the same digits.
    """
    seen = _difference(a, b, statistic)
    if seen is None:
        return None
    differing = [i for i in range(len(a)) if a[i] != b[i]]
    if not differing:
        return 1.0
    n_as_large, n_defined = 0, 0
    for flips in np.random.Generator(np.random.PCG64(seed)).random((n_resamples, len(differing))) < 0.5:
        left, right = list(a), list(b)
        for i in (differing[j] for j in np.flatnonzero(flips)):
            left[i], right[i] = b[i], a[i]
        difference = _difference(left, right, statistic)
        if difference is not None:
            n_defined += 1
            n_as_large += abs(difference) >= abs(seen) - _ROUNDING
    return (1 + n_as_large) / (1 + n_defined)


def _difference(a: Sequence[T], b: Sequence[T], statistic: Callable[[Sequence[T]], float | None]) -> float | None:
    of_a, of_b = statistic(a), statistic(b)
    return None if of_a is None or of_b is None else of_b - of_a
