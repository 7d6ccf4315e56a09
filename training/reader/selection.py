"""Figures on the selection half, from the torch model: what decides which state is kept."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from rag.reading.features import Lexicon
from training.reader.batches import to_batch
from training.reader.data import Example
from training.reader.model import Reader
from training.reader.scores import auc, platt


@torch.no_grad()
def predict(model: Reader, examples: Sequence[Example], lexicon: Lexicon) -> list[tuple[np.ndarray, float]]:
    """Evidence logits of each example's sentences and its answerability logit, in order."""
    order = sorted(range(len(examples)), key=lambda at: sum(map(len, examples[at].sentences)))
    found: dict[int, tuple[np.ndarray, float]] = {}
    model.eval()
    for start in range(0, len(order), 32):
        places = order[start : start + 32]
        arrays, _ = to_batch([examples[at] for at in places], [], lexicon)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            evidence, _, _, answerable = (output.float() for output in model(**arrays))
        for row, at in enumerate(places):
            found[at] = (evidence[row, : len(examples[at].sentences)].numpy(), float(answerable[row]))
    return [found[at] for at in range(len(examples))]


def selection_figures(model: Reader, sets: Mapping[str, Sequence[Example]], lexicon: Lexicon) -> dict[str, float]:
    """Evidence first per set, refusal AUC against XQuAD and against CMRC with DRCD; `mean` is what selects."""
    figures: dict[str, float] = {}
    whether: dict[str, list[float]] = {}
    for name, examples in sets.items():
        read = predict(model, examples, lexicon)
        whether[name] = [answerable for _, answerable in read]
        if name != "unanswerable":
            hits = [
                int(np.argmax(scores)) in {piece[0] for piece in example.pieces}
                for example, (scores, _) in zip(examples, read, strict=True)
            ]
            figures[name] = float(np.mean(hits))
    figures["auc_xquad"] = auc(whether["xquad"], whether["unanswerable"])
    figures["auc_zh"] = auc(whether["cmrc"] + whether["drcd"], whether["unanswerable"])
    figures["mean"] = (figures["cmrc"] + figures["drcd"] + figures["xquad"] + figures["auc_xquad"]) / 4
    return figures


def calibrate(model: Reader, sets: Mapping[str, Sequence[Example]], lexicon: Lexicon) -> dict[str, tuple[float, float]]:
    """Platt's scale and shift of both kinds of logit, on answerable and unanswerable questions together."""
    evidence: list[float] = []
    right: list[int] = []
    whether: list[float] = []
    answered: list[int] = []
    for examples in sets.values():
        for example, (scores, answerable) in zip(examples, predict(model, examples, lexicon), strict=True):
            holding = {piece[0] for piece in example.pieces}
            evidence += [float(score) for score in scores]
            right += [int(number in holding) for number in range(len(scores))]
            whether.append(answerable)
            answered.append(int(bool(holding)))
    return {"evidence": platt(evidence, right), "answerable": platt(whether, answered)}
