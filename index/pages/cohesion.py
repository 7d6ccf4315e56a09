"""How much two pieces of one page speak of the same thing: the cosine of their terms, rare ones weighing more."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..terms import split_terms


class Cohesion:
    """Term weights of one page: `log((n + 1) / n_t)` for a term in n_t of its n paragraphs.

    `common` are factors below 1 for terms that stand in many articles and say little about the subject.
    """

    def __init__(self, paragraphs: Iterable[str], common: Mapping[str, float] | None = None) -> None:
        self._terms: dict[str, set[str]] = {}  # of each text: a page asks for the same lines again and again
        terms = [self._terms_of(paragraph) for paragraph in paragraphs]
        frequencies = Counter(term for paragraph in terms for term in paragraph)
        self._squares: dict[str, list[tuple[str, float]]] = {}  # of each text: its terms and their squared weights
        self._weights = {t: math.log((len(terms) + 1) / n) for t, n in frequencies.items()}
        for term, factor in (common or {}).items():
            if term in self._weights:
                self._weights[term] *= factor
        self._rarest = math.log(len(terms) + 1)

    def between(self, a: Iterable[str], b: Iterable[str]) -> float:
        """0 (no term in common) to 1 (the same terms); each side may be several texts."""
        left, right = self._vector(a), self._vector(b)
        # fsum is exact, so that the order of a set, which differs between runs, cannot tip a comparison.
        shared = math.fsum(left[term] ** 2 for term in left.keys() & right.keys())
        norm = math.sqrt(math.fsum(w * w for w in left.values()) * math.fsum(w * w for w in right.values()))
        return shared / norm if norm else 0.0

    def coverage(self, text: str, others: Iterable[str]) -> float:
        """The share of a text's terms, by squared weight, that stand in any of the others; 0 to 1."""
        weights = self._squares_of(text)
        known: set[str] = set().union(*map(self._terms_of, others))
        shared = math.fsum(w for term, w in weights if term in known)
        return shared / math.fsum(w for _, w in weights) if shared else 0.0

    def contrast(self, first: Sequence[str], second: Sequence[str]) -> float:
        """How much better two groups of texts hold together than they mix.

        The sum over all texts of `between` it and the rest of its own group, minus `between` it and the other group; in
        time linear in the texts, because the rest of a group is the group less the terms that only this text has.
        """
        groups = [Counter(term for text in texts for term in self._terms_of(text)) for texts in (first, second)]
        squares = [math.fsum(self._square(term) for term in group) for group in groups]
        fits: list[float] = []
        for texts, own, other in ((first, 0, 1), (second, 1, 0)):
            for text in texts:
                weights = self._squares_of(text)
                length = math.fsum(w for _, w in weights)
                shared = math.fsum(w for term, w in weights if groups[own][term] > 1)
                rest = squares[own] - (length - shared)
                strange = math.fsum(w for term, w in weights if term in groups[other])
                fits.append(_cosine(shared, length, rest) - _cosine(strange, length, squares[other]))
        return math.fsum(fits)

    def _squares_of(self, text: str) -> list[tuple[str, float]]:
        squares = self._squares.get(text)
        if squares is None:
            squares = self._squares[text] = [(term, self._square(term)) for term in self._terms_of(text)]
        return squares

    def _square(self, term: str) -> float:
        return self._weights.get(term, self._rarest) ** 2

    def _vector(self, texts: Iterable[str]) -> dict[str, float]:
        terms = set().union(*map(self._terms_of, texts))
        return {term: self._weights.get(term, self._rarest) for term in terms}

    def _terms_of(self, text: str) -> set[str]:
        terms = self._terms.get(text)
        if terms is None:
            terms = self._terms[text] = set(split_terms(text))
        return terms


def _cosine(shared: float, square: float, other_square: float) -> float:
    """The cosine of two vectors that agree where both are set: squared weights in common, and of each."""
    return shared / math.sqrt(square * other_square) if shared else 0.0
