"""A trained reader -> `reader.onnx`, `lexicon.npz`, `reader.json`, as `rag/reading/evidence.py` opens them."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from rag.reading.evidence import FORMAT, OUTPUTS, pad_features
from rag.reading.features import Lexicon, featurise
from training.reader.model import Reader

FILES = ("reader.onnx", "lexicon.npz")


def export(model: Reader, lexicon: Lexicon, calibration: Mapping[str, tuple[float, float]], out: Path) -> None:
    """Writes the model folder; `reader.json`, with the hashes of the others, last."""
    out.mkdir(parents=True, exist_ok=True)
    _write_network(model.eval(), lexicon, out / "reader.onnx")
    known = np.flatnonzero(lexicon.code_ids != 1)
    np.savez_compressed(
        out / "lexicon.npz",
        codes=known.astype(np.int32),
        ids=lexicon.code_ids[known].astype(np.int32),
        char_idf=lexicon.char_idf.astype(np.float16),
        bigrams=lexicon.bigrams,
        bigram_idf=lexicon.bigram_idf.astype(np.float16),
    )
    config = {
        "format": FORMAT,
        "calibration": {name: [round(value, 5) for value in pair] for name, pair in calibration.items()},
        "sha256": {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FILES},
    }
    (out / "reader.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _write_network(model: Reader, lexicon: Lexicon, path: Path) -> None:
    features = [
        featurise("谁是作者？", ["甲乙丙。", "丁。"], "", lexicon),
        featurise("何时", ["戊己庚辛。"], "书", lexicon),
    ]
    inputs = {name: torch.from_numpy(value) for name, value in pad_features(features).items()}
    axes = {name: {0: "rows", **({} if name == "passage_features" else {1: _axis(name)})} for name in inputs}
    axes |= {"evidence": {0: "rows", 1: "sentences"}, "start": {0: "rows", 1: "chars"}, "end": {0: "rows", 1: "chars"}}
    axes["answerable"] = {0: "rows"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def _axis(name: str) -> str:
    if name.startswith("question"):
        return "question_chars"
    return "sentences" if name == "sentence_features" else "chars"
