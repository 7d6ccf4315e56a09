"""Training pairs: each question once with its passage, and once as something that should be refused or outranked."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from training.reader.batches import crop
from training.reader.cloze import make_cloze
from training.reader.colloquial import attribute_miss, colloquial
from training.reader.data import Example
from training.reader.negatives import NearMisses, Passages, Siblings, on_other_passage, without_answer
from training.reader.written import Written

SHARES = (("near", 0.4), ("near_miss", 0.27), ("without_answer", 0.13), ("attribute", 0.2))
"""The partner of a question's own passage, and how often."""
CLOZE_SHARE = 0.2
"""Of the pairs of a batch that are not written ones, how many are questions made from news."""
SIBLING_SHARE = 0.25
"""Of the pairs of a batch that are not written ones, how many have another passage of the article as partner, where
there are such questions."""
WRITTEN_SHARE = 0.5
"""Of the pairs of a batch, how many are questions written for this project, where there are any."""
WRITTEN_MISS_SHARE = 0.55
"""Of those, how often the partner is a question that the same passage does not answer; else it is another passage."""
WRITTEN_MAX_CHARS = 420
TITLE_DROPPED = 0.3
MAX_CHARS = 240
LAST_MAX_CHARS = 400
"""Passages are cropped to this; the last epoch reads longer ones, as long as those that are asked about."""


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws pairs. `near[i]` are the passages near to example i, none of which holds its answer."""

    examples: Sequence[Example]
    near: Sequence[Sequence[int]]
    passages: Passages
    near_misses: NearMisses
    news: Sequence[str]
    """News texts, title first: what cloze questions are made from."""
    written: Sequence[Written] = ()
    siblings: Sequence[Siblings] = ()

    def epoch(self, n_pairs: int, seed: int, max_chars: int = MAX_CHARS) -> Iterator[tuple[list[Example], list[bool]]]:
        """Batches of `2 * n_pairs` rows and which pairs are joined; the same for the same seed."""
        rng = random.Random(seed)
        order = list(range(len(self.examples)))
        rng.shuffle(order)
        n_own, n_written, n_siblings = self.n_own(n_pairs), self._n_written(n_pairs), self._n_siblings(n_pairs)
        for start in range(0, len(order) - n_own + 1, n_own):
            pairs = [self._pair(at, rng, max_chars) for at in order[start : start + n_own]]
            pairs += [self._sibling_pair(rng, max_chars) for _ in range(n_siblings)]
            pairs += [self._cloze_pair(rng, max_chars) for _ in range(n_pairs - n_written - n_siblings - n_own)]
            pairs += [self._written_pair(rng) for _ in range(n_written)]
            yield [row for pair, _ in pairs for row in pair], [joined for _, joined in pairs]

    def n_own(self, n_pairs: int) -> int:
        """How many of a batch's pairs are questions that people asked."""
        n_others = n_pairs - self._n_written(n_pairs)
        n_cloze = round(CLOZE_SHARE * n_others) if self.news else 0
        return n_others - n_cloze - self._n_siblings(n_pairs)

    def _n_siblings(self, n_pairs: int) -> int:
        return round(SIBLING_SHARE * (n_pairs - self._n_written(n_pairs))) if self.siblings else 0

    def _n_written(self, n_pairs: int) -> int:
        return round(WRITTEN_SHARE * n_pairs) if self.written else 0

    def _written_pair(self, rng: random.Random) -> tuple[list[Example], bool]:
        """A written question, and one that its passage does not answer or itself asked of another passage."""
        passage = rng.choice(self.written)
        own = self._vary(rng.choice(passage.answered), rng, WRITTEN_MAX_CHARS)
        if passage.unanswered and rng.random() < WRITTEN_MISS_SHARE:
            return [own, self._vary(rng.choice(passage.unanswered), rng, WRITTEN_MAX_CHARS)], False
        at = rng.randrange(len(self.passages.titles))
        while self.passages.titles[at] == own.title:
            at = rng.randrange(len(self.passages.titles))
        other = on_other_passage(own, self.passages.titles[at], self.passages.sentences[at])
        return [own, self._vary(other, rng, MAX_CHARS)], True

    def _sibling_pair(self, rng: random.Random, max_chars: int) -> tuple[list[Example], bool]:
        """A question on its passage, and on another one of the same article."""
        chosen = rng.choice(self.siblings)
        own = replace(chosen.example, question=colloquial(chosen.example.question, rng))
        other = on_other_passage(own, own.title, rng.choice(chosen.others))
        return [self._vary(own, rng, max_chars), self._vary(other, rng, max_chars)], True

    def _cloze_pair(self, rng: random.Random, max_chars: int) -> tuple[list[Example], bool]:
        """A cloze question on its part of a news text, and on other parts of it or changed into a near miss."""
        while True:
            title, _, text = rng.choice(self.news).partition("\n")
            made = make_cloze(title, text, rng, max_chars)
            if made is None:
                continue
            own, others = made
            missed = self.near_misses.make(own, rng) if rng.random() < 0.4 or not others else None
            if missed is not None:
                return [self._vary(own, rng, max_chars), self._vary(missed, rng, max_chars)], False
            if others:
                return [
                    self._vary(own, rng, max_chars),
                    self._vary(on_other_passage(own, title, others), rng, max_chars),
                ], True

    def _pair(self, at: int, rng: random.Random, max_chars: int) -> tuple[list[Example], bool]:
        own = replace(self.examples[at], question=colloquial(self.examples[at].question, rng))
        kind = rng.choices([name for name, _ in SHARES], [share for _, share in SHARES])[0]
        partner: Example | None = None
        if kind == "near_miss":
            partner = self.near_misses.make(own, rng)
        elif kind == "without_answer":
            partner = without_answer(own)
        elif kind == "attribute":
            partner = attribute_miss(own, rng)
        joined = partner is None
        if partner is None:
            number = rng.choice(self.near[at]) if self.near[at] else rng.randrange(len(self.passages.titles))
            partner = on_other_passage(own, self.passages.titles[number], self.passages.sentences[number])
            joined = not any(answer in "".join(partner.sentences) for answer in own.answers)
        return [self._vary(own, rng, max_chars), self._vary(partner, rng, max_chars)], joined

    @staticmethod
    def _vary(example: Example, rng: random.Random, max_chars: int) -> Example:
        cropped = crop(example, max_chars, rng)
        return replace(cropped, title="") if rng.random() < TITLE_DROPPED else cropped
