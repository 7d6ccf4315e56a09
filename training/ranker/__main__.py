"""Fits the few weights of ranking and refusal: `python -m training.ranker --data ../shared/data --out models/ranker`.

Fitted on questions that the reader was not trained on: half of DRCD's development articles and of XQuAD, and the
project's own `documents-dev` and `documents-test`. CMRC trial and unanswerable_dev are only measured, the other halves
too. What the project's own sets are worth is said by folds: each article's questions by weights that have not seen it.
Refusals are the questions that the documents do not answer, and the questions of the public sets with the paragraph
that answers taken away (other paragraphs of its article stay). Deterministic.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.reading.refusal import ANSWER_FEATURES
from rag.reading.signals import SENTENCE_FEATURES

from .examples import OWN, Example, read_examples
from .fit import Floats, auc, fit_answer, fit_sentence

N_FOLDS = 5


def main() -> None:
    """Fits, prints what the fit reaches on what it did not see, and writes weights.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/ranker"))
    parser.add_argument("--limit", type=int, default=100, help="questions of each half of a large set")
    options = parser.parse_args()
    examples = read_examples(options.data, Path("documents"), Path("eval/sets"), options.limit)
    sentence, answer, bias = fit([e for e in examples if e.seen])
    for name in sorted({e.source for e in examples if e.source not in OWN}):
        for half in (True, False):
            report([Judged(e, sentence, answer, bias) for e in examples if e.source == name and e.seen is half])
    judged = cross_validate([e for e in examples if e.seen])
    for name in OWN:
        report([one for one in judged if one.example.source == name])
    write(options.out, sentence, answer, bias)


def fit(examples: Sequence[Example]) -> tuple[Floats, Floats, float]:
    """Weights of the sentences, and weights and bias of whether there is an answer."""
    sentence = fit_sentence([e for e in examples if e.answerable])
    return sentence, *fit_answer(examples, sentence)


class Judged:
    """An example as some weights see it: whether its evidence comes first, and how sure they are of an answer."""

    def __init__(self, example: Example, sentence: Floats, answer: Floats, bias: float) -> None:
        self.example = example
        self.right = bool(example.gold[np.argmax(example.sentences @ sentence)])
        self.sure = float(1 / (1 + np.exp(-(example.answer_features(sentence) @ answer + bias))))


def cross_validate(examples: Sequence[Example]) -> list[Judged]:
    """The project's own examples, each judged by weights fitted without any question of its article."""
    judged: list[Judged] = []
    for number in range(N_FOLDS):
        apart = [e for e in examples if e.source in OWN and fold_of(e) == number]
        weights = fit([e for e in examples if e.source not in OWN or fold_of(e) != number])
        judged += [Judged(example, *weights) for example in apart]
    return judged


def fold_of(example: Example) -> int:
    """0 to `N_FOLDS` - 1, by the article that answers."""
    return int(hashlib.sha256(example.group.encode()).hexdigest(), 16) % N_FOLDS


def report(judged: Sequence[Judged]) -> None:
    """Evidence first, by the ranker and by the reader alone; area under the curve, and errors at some thresholds."""
    if not judged:
        return
    first = judged[0].example
    found = [one for one in judged if one.example.answerable and one.example.gold.any()]
    ranked = np.mean([one.right for one in found]) if found else np.nan
    alone = np.mean([one.example.gold[np.argmax(one.example.sentences[:, 0])] for one in found]) if found else np.nan
    sure, labels = np.array([one.sure for one in judged]), np.array([one.example.answerable for one in judged])
    fitted = "folds" if first.source in OWN else "fitted" if first.seen else "held out"
    print(
        f"{first.source:22} {fitted:8} n {len(judged):4} evidence first {ranked:.3f} (reader alone {alone:.3f}) "
        f"auc {auc(sure, labels):.3f} refused wrongly / answered wrongly"
        + "".join(
            f" {at}: {np.mean(sure[labels] < at):.3f}/{np.mean(sure[~labels] >= at):.3f}" for at in (0.4, 0.5, 0.6)
        ),
        flush=True,
    )


def write(folder: Path, sentence: Floats, answer: Floats, bias: float) -> None:
    """weights.json, by name of feature."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = {
        "sentence": dict(zip(SENTENCE_FEATURES, np.round(sentence, 4).tolist(), strict=True)),
        "answer": dict(zip(ANSWER_FEATURES, np.round(answer, 4).tolist(), strict=True)),
        "answer_bias": round(bias, 4),
    }
    text = json.dumps(stored, ensure_ascii=False, indent=1) + "\n"
    (folder / "weights.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
