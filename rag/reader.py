"""The reader without a language model: answers with the sentences that answer, quoted exactly.

What a question asks for decides how much is quoted: one sentence for a fact, the items of an enumeration for a list,
connected sentences for how and why, and one sentence of another article for a comparison. A number, a date or a name
that stands out in the best sentence leads as the direct answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.terms import split_terms

from .quoting import in_answer
from .reading.candidates import Candidate
from .reading.choice import choose
from .reading.direct import direct_answer
from .types import Draft
from .verify import carrier_of, is_carried

REPEAT_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Extract:
    """The sentences that were chosen, in the order of the answer, and the direct answer where one is clear."""

    draft: Draft
    short: str


def compose(parts: Sequence[tuple[str, Sequence[Candidate]]], said: str = "") -> Extract:
    """The answer to the questions that a question is made of, from the ranked sentences (at least one) of each.

    Only a question that asks once has a direct answer in front. What was `said` before is left out: of a list its other
    items are left, and where nothing is, the next best sentences answer.
    """
    chosen = _without_repeats([one for question, candidates in parts for one in _choose(question, candidates, said)])
    best = next(candidate for candidate in parts[0][1] if candidate in chosen)
    short = direct_answer(parts[0][0], best) if len(parts) == 1 else ""
    if short and not is_carried(in_answer(short), [carrier_of(best.text)]):
        short = ""  # it cuts a number, a date or a name in two: another one
    if short:  # the sentence that it stands in comes first
        chosen = [best, *(candidate for candidate in chosen if candidate is not best)]
    lines = [f"{in_answer(short)}[1]"] if short else []
    lines += [f"{in_answer(candidate.text)}[{label}]" for label, candidate in enumerate(chosen, start=1)]
    evidence = {label: (c.passage.sentences[c.position], c.passage) for label, c in enumerate(chosen, start=1)}
    return Extract(Draft("\n".join(lines), evidence), short)


def _choose(question: str, candidates: Sequence[Candidate], said: str) -> list[Candidate]:
    whole = choose(question, candidates)
    if said and not (whole := not_yet_said(whole, said)):
        whole = choose(question, not_yet_said(candidates, said) or candidates)
    return whole


def not_yet_said(candidates: Sequence[Candidate], answer: str) -> list[Candidate]:
    """The candidates that say more than an answer before did: neither in it nor holding nearly all of it."""
    said = set(split_terms(answer))

    def repeats(text: str) -> bool:
        return in_answer(text) in answer or len(said & set(split_terms(text))) >= REPEAT_SHARE * max(len(said), 1)

    return [candidate for candidate in candidates if not repeats(candidate.text)]


def _without_repeats(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The same sentence is not said twice."""
    first: dict[str, Candidate] = {}
    for candidate in chosen:
        first.setdefault(candidate.text, candidate)
    return list(first.values())
