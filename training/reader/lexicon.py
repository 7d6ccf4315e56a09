"""The vocabulary and its vectors, from news text and training passages; made once, then kept in `training/out`."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.reading.features import Floats, Lexicon
from training.reader.data import read_rows, training_examples
from training.reader.vectors import count_vocabulary, train_vectors

NEWS_SHARE = 3
"""Every third news text: enough for the statistics, and a third of the time."""
DIM = 64
N_BIGRAMS = 120_000


def make_lexicon(data: Path, cache: Path) -> tuple[Lexicon, Floats, npt.NDArray[np.int8]]:
    """The lexicon, character vectors `(n_chars, DIM)`, bigram vectors `(n_bigrams, DIM)` as 127ths."""
    if not cache.exists():
        texts = news_texts(data)[::NEWS_SHARE] + sorted({"".join(e.sentences) for e in training_examples(data)})
        vocabulary = count_vocabulary(texts, min_char=5, n_bigrams=N_BIGRAMS)
        chars, bigrams = train_vectors(texts, vocabulary, dim=DIM, n_contexts=20_000, seed=0)
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            cache,
            code_ids=vocabulary.code_ids,
            char_idf=vocabulary.char_idf,
            bigrams=vocabulary.bigrams,
            bigram_idf=vocabulary.bigram_idf,
            char_vectors=chars,
            bigram_vectors=np.clip(np.round(bigrams * 127), -127, 127).astype(np.int8),
        )
    with np.load(cache) as kept:
        lexicon = Lexicon(kept["code_ids"], kept["char_idf"], kept["bigrams"], kept["bigram_idf"])
        return lexicon, kept["char_vectors"], kept["bigram_vectors"]


def news_texts(data: Path) -> list[str]:
    """All news, title first."""
    rows = read_rows(data / "news" / "news_2023.jsonl.xz") + read_rows(data / "news" / "broadcast_2022_2026.jsonl.xz")
    return [row["title"] + "\n" + row["text"] for row in rows]
