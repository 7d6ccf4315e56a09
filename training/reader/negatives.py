"""Questions that a passage does not answer, made from those that it does.

Five kinds: a near passage of another article; another passage of the same article; the passage without its answering
sentences; a question with a name, number or word exchanged for another of its kind (near miss); a question on something
else asked of the passage. None leaves the answer in, which a test holds.
"""

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from rag.reading.features import asking_mask
from training.reader.data import Example

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_QUOTED = re.compile(r"[《「“](.{2,12}?)[》」”]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages to take negatives from: parallel tuples."""

    titles: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]


def near_passages(examples: Sequence[Example], passages: Passages, n: int) -> list[tuple[int, ...]]:
    """For each example the `n` passages nearest to its question (tf-idf of bigrams) that do not hold an answer."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True, dtype=np.float32, min_df=2)
    texts = [title + "\n" + "".join(body) for title, body in zip(passages.titles, passages.sentences, strict=True)]
    rows = vectorizer.fit_transform(texts)
    asked = vectorizer.transform([example.question + example.title for example in examples])
    found: list[tuple[int, ...]] = []
    for start in range(0, len(examples), 200):
        scores = sparse.csr_matrix(asked[start : start + 200] @ rows.T)
        for offset in range(scores.shape[0]):
            example = examples[start + offset]
            found.append(_nearest_without(example, scores[offset], texts, n))
    return found


def _nearest_without(example: Example, row: sparse.csr_matrix, texts: Sequence[str], n: int) -> tuple[int, ...]:
    order = row.indices[np.argsort(-row.data, kind="stable")][: 4 * n]
    kept = [int(at) for at in order if not any(answer in texts[at] for answer in example.answers)]
    return tuple(kept[:n])


def without_answer(example: Example) -> Example | None:
    """The passage without the sentences that hold any of the answer; None where little is left."""
    gone = {piece[0] for piece in example.pieces}
    rest = tuple(s for number, s in enumerate(example.sentences) if number not in gone)
    if not rest or any(answer in "".join(rest) for answer in example.answers):
        return None
    return replace(example, sentences=rest, pieces=())


def on_other_passage(example: Example, title: str, sentences: Sequence[str]) -> Example:
    """The question asked of another passage."""
    return replace(example, title=title, sentences=tuple(sentences), pieces=())


@dataclass(frozen=True, slots=True)
class Siblings:
    """A question, and the other passages of its article: each shares the subject and lacks the answer."""

    example: Example
    others: tuple[tuple[str, ...], ...]


def with_siblings(examples: Sequence[Example]) -> list[Siblings]:
    """The examples whose article has other passages that hold none of their answers."""
    passages: dict[str, dict[tuple[str, ...], None]] = defaultdict(dict)
    for example in examples:
        passages[example.article][example.sentences] = None
    found = []
    for example in examples:
        texts = (body for body in passages[example.article] if body != example.sentences)
        others = tuple(body for body in texts if not any(answer in "".join(body) for answer in example.answers))
        if others:
            found.append(Siblings(example, others))
    return found


class NearMisses:
    """Exchanges one piece of a question for another of its kind that the passage does not connect with the answer."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.titles = sorted({e.title for e in examples if 2 <= len(e.title) <= 8 and _WORD.fullmatch(e.title)})
        words = {word for e in examples for word in _shared_words(e)}
        self.by_length: dict[int, list[str]] = {}
        for word in sorted(words | set(self.titles)):
            self.by_length.setdefault(len(word), []).append(word)

    def make(self, example: Example, rng: random.Random) -> Example | None:
        """The example with another question and no answer; None where nothing can be exchanged."""
        makers = [self._number, self._quoted, self._latin, self._name, self._name, self._word]
        rng.shuffle(makers)
        for maker in makers:
            question = maker(example, rng)
            if question is not None and question != example.question:
                return replace(example, question=question, pieces=())
        return None

    def _number(self, example: Example, rng: random.Random) -> str | None:
        """Another number: one of the passage's own, of the same length, or other digits."""
        found = list(_NUMBER.finditer(example.question))
        if not found:
            return None
        old = rng.choice(found)
        text = "".join(example.sentences)
        own = [n for n in dict.fromkeys(_NUMBER.findall(text)) if len(n) == len(old.group()) and n != old.group()]
        if own and rng.random() < 0.5:
            return _exchange(example.question, old.span(), rng.choice(own))
        digits = [
            c if c == "." or (i == 0 and len(old.group()) == 4) else rng.choice("0123456789")
            for i, c in enumerate(old.group())
        ]
        return _exchange(example.question, old.span(), "".join(digits))

    def _quoted(self, example: Example, rng: random.Random) -> str | None:
        """Another title in the same quotation marks."""
        found = _QUOTED.search(example.question)
        if not found:
            return None
        own = [
            q
            for q in _QUOTED.findall("".join(example.sentences))
            if q not in example.question and q not in example.answers
        ]
        new = rng.choice(own) if own and rng.random() < 0.5 else rng.choice(self.titles)
        return _exchange(example.question, found.span(1), new)

    def _latin(self, example: Example, rng: random.Random) -> str | None:
        """Another Latin word of the passage."""
        found = list(_LATIN.finditer(example.question))
        own = [w for w in dict.fromkeys(_LATIN.findall("".join(example.sentences))) if w not in example.question]
        own = [w for w in own if not any(w in answer for answer in example.answers)]
        if not found or not own:
            return None
        return _exchange(example.question, rng.choice(found).span(), rng.choice(own))

    def _name(self, example: Example, rng: random.Random) -> str | None:
        """The article's subject, where the question names it, becomes another article's."""
        at = example.question.find(example.title) if len(example.title) > 1 else -1
        if at < 0:
            return None
        pool = self.by_length.get(len(example.title), [])
        new = rng.choice(pool) if pool and rng.random() < 0.6 else rng.choice(self.titles)
        if new in "".join(example.sentences):
            return None
        return _exchange(example.question, (at, at + len(example.title)), new)

    def _word(self, example: Example, rng: random.Random) -> str | None:
        """A run that question and passage share becomes a run of another question."""
        words = _shared_words(example)
        if not words:
            return None
        old = rng.choice(words)
        new = rng.choice(self.by_length.get(len(old), [old]))
        if new in "".join(example.sentences) or new in example.question:
            return None
        at = example.question.find(old)
        return _exchange(example.question, (at, at + len(old)), new)


def _exchange(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _shared_words(example: Example) -> list[str]:
    """Longest runs of two to six ideographs, without asking words, that question and passage share."""
    text = example.title + "\n" + "".join(example.sentences)
    asking: npt.NDArray[np.bool_] = asking_mask(example.question)
    found = []
    at = 0
    while at < len(example.question):
        end = at
        while end < len(example.question) and not asking[end] and example.question[at : end + 1] in text:
            end += 1
        run = example.question[at:end]
        if 2 <= len(run) <= 6 and _WORD.fullmatch(run):
            found.append(run)
        at = max(end, at + 1)
    return found
