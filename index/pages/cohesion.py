"""How much two pieces of one page speak of the same thing: the cosine of their terms, rare ones weighing more."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from ..terms import split_terms


class Cohesion:
    """Term weights of one page: `log((n + 1) / n_t)` for a term in n_t of its n paragraphs.

    `common` are factors below 1 for terms that stand in many articles and say little about the subject.
    """

    def __init__(self, paragraphs: Iterable[str], common: Mapping[str, float] | None = None) -> None:
        # Terms of each text: a page asks for the same lines again and again.
        texts = list(paragraphs)
        self._terms = {text: set(split_terms(text)) for text in texts}
        terms = [self._terms[text] for text in texts]
        frequencies = Counter(term for paragraph in terms for term in paragraph)
        self._rarest = math.log(len(terms) + 1) ** 2
        self._square = {t: (math.log((len(terms) + 1) / n)) ** 2 for t, n in frequencies.items()}  # of each term
        for term in self._square.keys() & (common or {}).keys():
            self._square[term] *= (common or {})[term] ** 2

    def between(self, a: Iterable[str], b: Iterable[str]) -> float:
        """0 (no term in common) to 1 (the same terms); each side may be several texts."""
        left: set[str] = set().union(*map(self._terms_of, a))
        right: set[str] = set().union(*map(self._terms_of, b))
        shared = self._sum(left & right)
        norm = math.sqrt(self._sum(left) * self._sum(right)) if shared else 0.0
        return shared / norm if norm else 0.0

    def coverage(self, text: str, others: Iterable[str]) -> float:
        """The share of a text's terms, by squared weight, that stand in any of the others; 0 to 1."""
        own = self._terms_of(text)
        shared = self._sum(own & set().union(*map(self._terms_of, others)))
        return shared / self._sum(own) if shared else 0.0

    def _sum(self, terms: Iterable[str]) -> float:
        """Of squared weights; fsum is exact, so that a set's order, which differs between runs, tips no comparison."""
        return math.fsum(map(self._square.__getitem__, terms))

    def _terms_of(self, text: str) -> set[str]:
        terms = self._terms.get(text)
        if terms is None:
            terms = self._terms[text] = set(split_terms(text))
            for term in terms.difference(self._square):
                self._square[term] = self._rarest
        return terms
