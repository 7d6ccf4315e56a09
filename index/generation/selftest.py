"""A known sentence that the keyword search must find: chosen when an index is built, asked whenever one is opened.

A tokenizer that was changed or broken since does not raise: it finds nothing, and answers get worse. This shows it.
"""

from typing import Any

import numpy as np

from ..bm25 import BM25
from ..terms import split_terms, term_key
from ..texts import Texts

_N_TRIED = 32
_MAX_CHARS = 60


def choose_probe(texts: Texts, bm25: BM25) -> dict[str, Any] | None:
    """The start of a chunk that finds itself, with its terms; None for an index in which there is nothing to search.

    Raises ValueError if chunks with letters in them cannot be found by their own text.
    """
    tried = ""
    for row in np.unique(np.linspace(0, bm25.n_rows - 1, min(_N_TRIED, bm25.n_rows)).astype(int)).tolist():
        text = texts.chunk(row).text[:_MAX_CHARS]
        probe = {"text": text, "keys": _keys(text), "row": row}
        if probe["keys"] and not find_fault(probe, bm25):
            return probe
        if any(character.isalnum() for character in text):
            tried = text
    if tried:
        raise ValueError(f"the keyword search does not find sentences that were just indexed, such as {tried!r}")
    return None


def find_fault(probe: dict[str, Any] | None, bm25: BM25) -> str:
    """What is wrong with the keyword search, or nothing."""
    if probe is None:
        return ""
    text, keys = str(probe["text"]), _keys(str(probe["text"]))
    if keys != probe["keys"]:
        return f"the terms of {text!r} are other ones than when the index was built"
    scores = bm25.score(keys)
    row = int(probe["row"])
    if not (0 <= row < len(scores) and scores[row] > 0 and scores[row] >= scores.max()):
        return f"the keyword search does not find {text!r}, which it was built with"
    return ""


def _keys(text: str) -> list[int]:
    return [term_key(term) for term in split_terms(text)]
