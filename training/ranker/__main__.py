"""Fits the few weights of `rag/rank.py`: `python -m training.ranker --data ../shared/data --out models/ranker`.

The questions are development questions that neither model was trained on (CMRC trial, DRCD's development articles,
XQuAD with unanswerable_dev, half of each by article) and the project's own `eval/sets/documents-dev.jsonl`; what is
reported are the other halves and `documents-test.jsonl`. The refusals are questions that the documents do not answer,
and the questions of the public sets with the article that answers taken away. Deterministic.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from rag.rank import ANSWER_FEATURES, SENTENCE_FEATURES

from .examples import Example, read_examples
from .fit import auc, fit_answer, fit_sentence


def main() -> None:
    """Fits, prints what the fit reaches on what it did not see, and writes weights.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/ranker"))
    parser.add_argument("--limit", type=int, default=60, help="questions of each half of a large set")
    options = parser.parse_args()
    examples = read_examples(options.data, Path("documents"), Path("eval/sets"), options.limit)
    seen = [e for e in examples if e.seen]
    sentence = fit_sentence([e for e in seen if e.answerable])
    answer, bias = fit_answer(seen, sentence)
    for name in sorted({e.source for e in examples}):
        for half in (True, False):
            report([e for e in examples if e.source == name and e.seen is half], sentence, answer, bias)
    options.out.mkdir(parents=True, exist_ok=True)
    stored = {
        "sentence": dict(zip(SENTENCE_FEATURES, np.round(sentence, 4).tolist(), strict=True)),
        "answer": dict(zip(ANSWER_FEATURES, np.round(answer, 4).tolist(), strict=True)),
        "answer_bias": round(bias, 4),
    }
    text = json.dumps(stored, ensure_ascii=False, indent=1) + "\n"
    (options.out / "weights.json").write_text(text, encoding="utf-8")


def report(
    examples: list[Example],
    sentence: np.ndarray,
    answer: np.ndarray,
    bias: float,
) -> None:
    """Evidence sentence first, for the ranker and for the reader alone; area under the curve of answer or not."""
    if not examples:
        return
    answerable = [e for e in examples if e.answerable and e.gold.any()]
    ranked = np.mean([e.gold[np.argmax(e.sentences @ sentence)] for e in answerable]) if answerable else np.nan
    alone = np.mean([e.gold[np.argmax(e.sentences[:, 0])] for e in answerable]) if answerable else np.nan
    scores = np.array([1 / (1 + np.exp(-(e.answer_features(sentence) @ answer + bias))) for e in examples])
    labels = np.array([e.answerable for e in examples])
    refused_wrongly = np.mean(scores[labels] < 0.5) if labels.any() else np.nan
    answered_wrongly = np.mean(scores[~labels] >= 0.5) if (~labels).any() else np.nan
    print(
        f"{examples[0].source:22} {'fitted' if examples[0].seen else 'held out':9} n {len(examples):5} "
        f"evidence first {ranked:.3f} (reader alone {alone:.3f})  auc {auc(scores, labels):.3f} "
        f"at .5: refused wrongly {refused_wrongly:.3f}, answered wrongly {answered_wrongly:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
