"""How much two pieces of one page speak of the same thing: the cosine of their terms, rare ones weighing more."""

import math
from collections import Counter
from collections.abc import Iterable

from .terms import split_terms


class Cohesion:
    """Term weights of one page: `log((n + 1) / n_t)` for a term in n_t of its n paragraphs."""

    def __init__(self, paragraphs: Iterable[str]) -> None:
        self._terms: dict[str, set[str]] = {}  # of each text: a page asks for the same lines again and again
        terms = [self._terms_of(paragraph) for paragraph in paragraphs]
        frequencies = Counter(term for paragraph in terms for term in paragraph)
        self._weights = {t: math.log((len(terms) + 1) / n) for t, n in frequencies.items()}
        self._rarest = math.log(len(terms) + 1)

    def between(self, a: Iterable[str], b: Iterable[str]) -> float:
        """0 (no term in common) to 1 (the same terms); each side may be several texts."""
        left, right = self._vector(a), self._vector(b)
        # fsum is exact, so that the order of a set, which differs between runs, cannot tip a comparison.
        shared = math.fsum(left[term] ** 2 for term in left.keys() & right.keys())
        norm = math.sqrt(math.fsum(w * w for w in left.values()) * math.fsum(w * w for w in right.values()))
        return shared / norm if norm else 0.0

    def _vector(self, texts: Iterable[str]) -> dict[str, float]:
        terms = set().union(*map(self._terms_of, texts))
        return {term: self._weights.get(term, self._rarest) for term in terms}

    def _terms_of(self, text: str) -> set[str]:
        terms = self._terms.get(text)
        if terms is None:
            terms = self._terms[text] = set(split_terms(text))
        return terms
