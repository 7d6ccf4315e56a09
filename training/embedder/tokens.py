"""The training text as one flat array of token ids, and ranges into it.

Everything that can be a query or a passage is a range `[start, end)` of one array, so that a batch is cut out
of it without a loop over texts.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.embedder.corpus import News, split_sentences
from training.embedder.numerals import rewrite_numbers

IntArray = NDArray[np.int64]
QUESTION_WORDS = (
    "什么", "谁", "是谁", "哪里", "哪个", "哪些", "多少", "几", "什么时候", "哪一年", "哪一天", "为什么", "如何",
    "怎么", "有什么", "是什么", "有多少", "哪个国家", "哪个城市", "哪家公司", "什么原因", "多长时间", "是多少",
)  # fmt: skip
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class TokenStore:
    """Token ids of all texts and the ranges that are sentences, in document order."""

    ids: NDArray[np.int32]
    sentence_starts: IntArray
    """(n_sentences + 1,): sentence `i` of the plain view is `ids[starts[i]:starts[i + 1]]`."""
    noisy_starts: IntArray
    """(n_sentences + 1,): the same sentences with numbers written in another way."""
    first_sentences: IntArray
    """(n_documents + 1,): document `d` has the sentences `[first[d], first[d + 1])`."""
    title_ranges: IntArray
    """(n_documents, 2): `(0, 0)` where the source gives no title."""
    question_ranges: IntArray
    """(n_question_words, 2)"""


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[NDArray[np.int32], IntArray]:
    """Returns the ids of all texts end to end, and the (n_texts + 1,) offsets at which each starts."""
    arrays: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    for start in range(0, len(texts), _BATCH):
        batch = list(texts[start : start + _BATCH])
        encodings = [e.ids for e in tokenizer.encode_batch_fast(batch, add_special_tokens=False)]
        lengths.extend(len(ids) for ids in encodings)
        arrays.append(np.fromiter((token for ids in encodings for token in ids), dtype=np.int32))
    ids = np.concatenate(arrays) if arrays else np.zeros(0, np.int32)
    return ids, np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def halves(tokenizer: Tokenizer) -> NDArray[np.int32]:
    """For each piece the likeliest two pieces that make it up: (n_pieces, 2), -1 where there are none.

    Queries are cut by it at random (the idea of subword regularisation, Kudo 2018, without its sampling, which
    the library does not let one seed): a name that the passage cuts differently is still found.
    """
    vocabulary = tokenizer.get_vocab()
    scores = dict(json.loads(tokenizer.to_str())["model"]["vocab"])
    table = np.full((len(vocabulary), 2), -1, dtype=np.int32)
    for piece, token in vocabulary.items():
        cuts = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
        known = [cut for cut in cuts if cut[0] in vocabulary and cut[1] in vocabulary]
        if known and token:
            best = max(known, key=lambda cut: scores[cut[0]] + scores[cut[1]])
            table[token] = vocabulary[best[0]], vocabulary[best[1]]
    return table


def build_store(tokenizer: Tokenizer, news: Sequence[News], seed: int) -> TokenStore:
    """Cuts articles into sentences and tokenizes them twice: as they are, and for queries with other numerals."""
    random_source = random.Random(seed)
    by_document = [split_sentences(article.text) for article in news]
    sentences = [sentence for document in by_document for sentence in document]
    plain, plain_starts = encode(tokenizer, sentences)
    noisy, noisy_starts = encode(tokenizer, [rewrite_numbers(text, random_source) for text in sentences])
    titles, title_starts = encode(tokenizer, [article.title for article in news])
    questions, question_starts = encode(tokenizer, QUESTION_WORDS)
    title_offset = len(plain) + len(noisy)
    question_offset = title_offset + len(titles)
    return TokenStore(
        ids=np.concatenate([plain, noisy, titles, questions]),
        sentence_starts=plain_starts,
        noisy_starts=noisy_starts + len(plain),
        first_sentences=np.concatenate([[0], np.cumsum([len(d) for d in by_document])]).astype(np.int64),
        title_ranges=np.stack([title_starts[:-1], title_starts[1:]], axis=1) + title_offset,
        question_ranges=np.stack([question_starts[:-1], question_starts[1:]], axis=1) + question_offset,
    )
