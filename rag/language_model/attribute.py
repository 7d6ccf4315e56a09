"""Which sentences of the passages a generated sentence rests on: chosen by what of its facts and terms they hold."""

from collections.abc import Collection, Mapping, Sequence

from index.terms import split_terms
from index.types import Sentence

from ..quoting import surroundings
from ..types import Passage
from ..verify import Carrier, Facts, canonical, carrier_of, facts_of, is_carried, missing_facts

Place = tuple[int, int]
"""(label of the passage, position of the sentence in it)."""
MAX_CITED = 3
FACT_WEIGHT = 3.0
"""A fact counts as much as this many terms."""
MIN_GAIN = 0.2
"""Share of the sentence's weight that a second or third source must add."""


class Sources:
    """The sentences of the passages that a model was given, ready to be searched for what carries a sentence."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = {passage.label: passage for passage in passages}
        self._carriers: Mapping[Place, Carrier] = {
            (passage.label, position): carrier_of(sentence.text, surroundings(passage), passage.title)
            for passage in passages
            for position, sentence in enumerate(passage.sentences)
        }

    @property
    def labels(self) -> Collection[int]:
        """The labels that exist."""
        return self._passages.keys()

    def at(self, place: Place) -> tuple[Sentence, Passage]:
        """The sentence at a place, and its passage."""
        passage = self._passages[place[0]]
        return passage.sentences[place[1]], passage

    def attribute(self, sentence: str, labels: Collection[int]) -> tuple[list[Place], bool]:
        """The sources of a sentence without labels, best first, and whether they carry it.

        First among the passages that the model named; where those do not carry it, among all. One sentence that carries
        it is better than several that do so together. A sentence that nothing carries keeps the nearest sentence of the
        passages that were named, so that it can be compared.
        """
        named = [place for place in self._carriers if place[0] in labels]
        for places in (named, list(self._carriers)):
            if found := self._carrying(sentence, places):
                return found, True
        return self._cover(sentence, named, 1), False

    def _carrying(self, sentence: str, places: Sequence[Place]) -> list[Place]:
        """The one place that carries the sentence, or else several, or none."""
        alone = [place for place in places if is_carried(sentence, [self._carriers[place]])]
        if alone:
            return self._cover(sentence, alone, 1)
        cover = self._cover(sentence, places, MAX_CITED)
        return cover if is_carried(sentence, [self._carriers[place] for place in cover]) else []

    def _cover(self, sentence: str, places: Sequence[Place], n_most: int) -> list[Place]:
        """Greedy: the place that holds most of what is still wanted, as long as it adds a fact or enough terms."""
        facts, terms = facts_of(sentence), frozenset(split_terms(canonical(sentence)))
        weights = dict.fromkeys(missing_facts(facts, []), FACT_WEIGHT)  # no carrier: all facts, by name
        named = frozenset(weights)
        weights |= {f"term {term}": 1.0 for term in terms}
        held = {place: self._held(facts, named, terms, self._carriers[place]) for place in places}
        left, chosen = set(weights), list[Place]()
        while held and len(chosen) < n_most:
            gains = {place: sum(weights[item] for item in items & left) for place, items in held.items()}
            best = max(gains, key=lambda place: (gains[place], -place[0], -place[1]))
            enough = held[best] & left & named or gains[best] >= MIN_GAIN * sum(weights.values())
            if gains[best] <= 0 or (chosen and not enough):
                break
            chosen.append(best)
            left -= held.pop(best)
        return chosen

    @staticmethod
    def _held(facts: Facts, named: frozenset[str], terms: frozenset[str], carrier: Carrier) -> frozenset[str]:
        """What stands in one sentence, of the facts (by name) and the terms."""
        held = named.difference(missing_facts(facts, [carrier]))
        return held | {f"term {term}" for term in terms if term in carrier.flat}
