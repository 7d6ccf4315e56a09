"""Cuts batches of (query, passage) pairs out of the token store: pseudo-questions and the text around them.

A pair starts from a sentence. Its query is one of: the sentence, a clause of it, or a few of its tokens with
the rare ones preferred, half of them with a question word. Its passage is a window of sentences around it; for
a part of the pairs without the sentence, or without some of the query's words, so that what is learnt is more
than matching equal tokens. Titles are queries for the start of their article.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.embedder.tokens import IntArray, TokenStore

PER_GROUP = 32
"""Pairs drawn from one group of articles at a time."""
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bags:
    """Token ids of several texts end to end; text `i` is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: NDArray[np.int64]
    offsets: IntArray


@dataclass(frozen=True, slots=True)
class PairSettings:
    """Shares of the kinds of pairs, all between 0 and 1, and the length of a passage in tokens."""

    title: float = 0.08
    whole_sentence: float = 0.15
    clause: float = 0.35
    question_word: float = 0.5
    other_numerals: float = 0.5
    split_piece: float = 0.1
    without_sentence: float = 0.15
    without_query_words: float = 0.3
    neighbours: float = 0.5
    """Share of the pairs that come from groups of articles on one subject, so that negatives are hard."""
    max_passage_tokens: int = 180
    min_sentence_tokens: int = 8


def cut(starts: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Positions of all ranges end to end, and the (n + 1,) offsets at which each starts."""
    lengths = ends - starts
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    positions = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
    return positions, offsets


def owners(offsets: IntArray) -> IntArray:
    """For each token the number of the text that it belongs to."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def keep(bags: Bags, kept: BoolArray) -> Bags:
    """The bags without the tokens that are not kept."""
    counts = np.concatenate([[0], np.cumsum(kept)])
    return Bags(bags.ids[kept], counts[bags.offsets])


def join(first: Bags, second: Bags) -> Bags:
    """Text `i` of the first followed by text `i` of the second."""
    owner = np.concatenate([owners(first.offsets), owners(second.offsets)])
    order = np.argsort(owner, kind="stable")
    return Bags(np.concatenate([first.ids, second.ids])[order], first.offsets + second.offsets)


def split_pieces(bags: Bags, halves: NDArray[np.int32], share: float, rng: np.random.Generator) -> Bags:
    """Replaces a share of the pieces that have halves by these."""
    chosen = (rng.random(len(bags.ids)) < share) & (halves[bags.ids, 0] >= 0)
    ids = np.repeat(bags.ids, 1 + chosen)
    first = np.flatnonzero(chosen) + np.arange(chosen.sum())
    ids[first] = halves[bags.ids[chosen], 0]
    ids[first + 1] = halves[bags.ids[chosen], 1]
    return Bags(ids, bags.offsets + np.concatenate([[0], np.cumsum(chosen)])[bags.offsets])


class PairSampler:
    """Draws batches from a store; the same generator state gives the same batch."""

    def __init__(
        self,
        store: TokenStore,
        weights: NDArray[np.float32],
        halves: NDArray[np.int32],
        settings: PairSettings,
        groups: IntArray | None = None,
    ) -> None:
        """`groups` (n_documents,) numbers the subject of each document; without it all are drawn at random."""
        self.store, self.weights, self.halves, self.settings = store, weights, halves, settings
        lengths = np.diff(store.sentence_starts)
        self.sentences = np.flatnonzero(lengths >= settings.min_sentence_tokens)
        self.document_of = np.repeat(np.arange(len(store.first_sentences) - 1), np.diff(store.first_sentences))
        if groups is None:
            groups = np.zeros(len(store.first_sentences) - 1, np.int64)
        group_of = groups[self.document_of[self.sentences]]
        self.grouped = self.sentences[np.argsort(group_of, kind="stable")]
        self.group_starts = np.concatenate([[0], np.cumsum(np.bincount(group_of))])
        self.titled = np.flatnonzero(store.title_ranges[:, 1] > store.title_ranges[:, 0])

    def draw(self, n_pairs: int, rng: np.random.Generator) -> tuple[Bags, Bags]:
        """Returns (queries, passages), pair `i` at row `i` of both; no two from one document."""
        n_titles = min(int(n_pairs * self.settings.title), len(self.titled))
        picked = self._sentences(n_pairs - n_titles, rng)
        starts, ends = self._windows(picked, rng)
        queries = self._queries(picked, rng)
        passages = self._passages(picked, starts, ends, queries, rng)
        if not n_titles:
            return queries, passages
        documents = rng.choice(self.titled, size=n_titles, replace=False)
        title_queries, title_passages = self._titles(documents)
        return append(queries, title_queries), append(passages, title_passages)

    def _sentences(self, n_pairs: int, rng: np.random.Generator) -> IntArray:
        """Sentences of different documents: a share of them from few groups, the others from anywhere."""
        n_near = int(n_pairs * self.settings.neighbours)
        groups = rng.integers(0, len(self.group_starts) - 1, 2 * n_near // PER_GROUP + 1).repeat(PER_GROUP)
        start, end = self.group_starts[groups], self.group_starts[groups + 1]
        near = self.grouped[(start + (end - start) * rng.random(len(groups))).astype(np.int64)[end > start]]
        near = self._of_different_documents(near)[:n_near]
        picked = np.concatenate([near, rng.choice(self.sentences, size=2 * n_pairs)])
        return self._of_different_documents(picked)[:n_pairs]

    def _of_different_documents(self, sentences: IntArray) -> IntArray:
        """The first sentence of each document, in the order given."""
        _, first = np.unique(self.document_of[sentences], return_index=True)
        return sentences[np.sort(first)]

    def _windows(self, sentences: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Token ranges around sentences, inside their documents, of about the size of a chunk."""
        store, size = self.store, self.settings.max_passage_tokens
        document = self.document_of[sentences]
        low = store.sentence_starts[store.first_sentences[document]]
        high = store.sentence_starts[store.first_sentences[document + 1]]
        start, end = store.sentence_starts[sentences], store.sentence_starts[sentences + 1]
        room = np.maximum(size - (end - start), 0)
        before = (room * rng.random(len(sentences))).astype(np.int64)
        window_start = np.maximum(start - before, low)
        window_end = np.minimum(window_start + np.maximum(size, end - window_start), high)
        window_start = np.maximum(np.minimum(window_start, window_end - size), low)
        return window_start, window_end

    def _titles(self, documents: IntArray) -> tuple[Bags, Bags]:
        store = self.store
        ranges = store.title_ranges[documents]
        start = store.sentence_starts[store.first_sentences[documents]]
        end = store.sentence_starts[store.first_sentences[documents + 1]]
        end = np.minimum(end, start + self.settings.max_passage_tokens)
        return self._bags(ranges[:, 0], ranges[:, 1]), self._bags(start, end)

    def _bags(self, starts: IntArray, ends: IntArray) -> Bags:
        positions, offsets = cut(starts, ends)
        return Bags(self.store.ids[positions].astype(np.int64), offsets)

    def _queries(self, sentences: IntArray, rng: np.random.Generator) -> Bags:
        store, settings, n = self.store, self.settings, len(sentences)
        noisy = rng.random(n) < settings.other_numerals
        starts = np.where(noisy, store.noisy_starts[sentences], store.sentence_starts[sentences])
        ends = np.where(noisy, store.noisy_starts[sentences + 1], store.sentence_starts[sentences + 1])
        kind = rng.random(n)
        whole = kind < settings.whole_sentence
        clause = ~whole & (kind < settings.whole_sentence + settings.clause)
        wanted = rng.integers(5, 15, n)
        first = starts + (np.maximum(ends - starts - wanted, 0) * rng.random(n)).astype(np.int64)
        starts = np.where(clause, first, starts)
        ends = np.where(clause, np.minimum(first + wanted, ends), ends)
        bags = self._bags(starts, ends)
        bags = keep(bags, self._kept(bags, few=~whole & ~clause, clause=clause, rng=rng))
        bags = split_pieces(bags, self.halves, settings.split_piece, rng)
        asked = rng.random(n) < settings.question_word
        ranges = store.question_ranges[rng.integers(0, len(store.question_ranges), n)]
        return join(bags, self._bags(ranges[:, 0], np.where(asked, ranges[:, 1], ranges[:, 0])))

    def _kept(self, bags: Bags, *, few: BoolArray, clause: BoolArray, rng: np.random.Generator) -> BoolArray:
        """Which tokens stay: of the `few` kind two to seven, the rare preferred; of clauses most."""
        owner = owners(bags.offsets)
        weight = self.weights[bags.ids] ** 2
        total = np.bincount(owner, weights=weight, minlength=len(few))
        wanted = rng.integers(2, 8, len(few))
        share = wanted[owner] * weight / np.maximum(total[owner], 1e-6)
        probability = np.where(few[owner], share, np.where(clause[owner], 0.85, 1.0))
        kept = rng.random(len(owner)) < probability
        empty = np.bincount(owner, weights=kept, minlength=len(few)) == 0
        return kept | empty[owner]

    def _passages(
        self, sentences: IntArray, starts: IntArray, ends: IntArray, queries: Bags, rng: np.random.Generator
    ) -> Bags:
        settings, n = self.settings, len(sentences)
        positions, offsets = cut(starts, ends)
        bags = Bags(self.store.ids[positions].astype(np.int64), offsets)
        owner = owners(offsets)
        kind = rng.random(n)
        sentence_start = self.store.sentence_starts[sentences][owner]
        sentence_end = self.store.sentence_starts[sentences + 1][owner]
        inside = (positions >= sentence_start) & (positions < sentence_end)
        dropped = inside & (kind < settings.without_sentence)[owner]
        fewer = (kind >= settings.without_sentence) & (kind < settings.without_sentence + settings.without_query_words)
        n_pieces = len(self.weights)
        in_query = np.isin(owner * n_pieces + bags.ids, owners(queries.offsets) * n_pieces + queries.ids)
        dropped |= in_query & fewer[owner] & (rng.random(len(owner)) < 0.5)
        left = np.bincount(owner, weights=~dropped, minlength=n)
        return keep(bags, ~dropped | (left < settings.min_sentence_tokens)[owner])


def append(first: Bags, second: Bags) -> Bags:
    """The texts of the first, then those of the second."""
    return Bags(
        np.concatenate([first.ids, second.ids]),
        np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]]),
    )
