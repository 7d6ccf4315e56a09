"""A corpus of any size: articles drawn by a seeded generator from the vocabulary of a folder of documents.

The words are the documents' own search terms with their own frequencies, in random order. So the text says nothing, but
its terms are as unevenly spread as in the documents, and go on growing with the corpus (two words that meet make new
bigrams), which is what the time and the size of an index depend on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.documents import read_documents
from index.errors import DocumentsError
from index.terms import split_terms
from index.types import Document

_TITLE_WORDS = 7
_CLAUSE_WORDS = (3, 9)
_SENTENCE_CLAUSES = (1, 4)
_PARAGRAPH_SENTENCES = (2, 5)
_ARTICLE_PARAGRAPHS = (3, 7)
"""Each a range with its end left out, drawn evenly: about 350 characters an article, like the briefs of a newspaper."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words in a fixed order, and how likely it is that a draw gives one of the first i + 1 of them."""

    words: tuple[str, ...]
    cumulative: NDArray[np.float64]  # (n_words,), ascending, the last is 1


def read_vocabulary(folder: Path) -> Vocabulary:
    """The terms of all documents below a folder. Raises DocumentsError where there are none."""
    documents = [item for item in read_documents(folder) if isinstance(item, Document)]
    counts = Counter(term for document in documents for term in split_terms(document.text))
    if not counts:
        raise DocumentsError(f"The documents folder {str(folder)!r} holds no text to draw words from.")
    words = tuple(sorted(counts))
    cumulative = np.cumsum([counts[word] for word in words])
    return Vocabulary(words, cumulative / cumulative[-1])


def generate_article(vocabulary: Vocabulary, seed: int, number: int) -> str:
    """Article `number` of a corpus: a title, a blank line, paragraphs. The same arguments give the same text."""
    rng = np.random.default_rng([seed, number])
    paragraphs = [_paragraph(vocabulary, rng) for _ in range(rng.integers(*_ARTICLE_PARAGRAPHS))]
    return "\n\n".join([_words(vocabulary, rng, _TITLE_WORDS), *paragraphs]) + "\n"


def _paragraph(vocabulary: Vocabulary, rng: np.random.Generator) -> str:
    return "".join(_sentence(vocabulary, rng) for _ in range(rng.integers(*_PARAGRAPH_SENTENCES)))


def _sentence(vocabulary: Vocabulary, rng: np.random.Generator) -> str:
    lengths = rng.integers(*_CLAUSE_WORDS, size=rng.integers(*_SENTENCE_CLAUSES))
    return "，".join(_words(vocabulary, rng, int(length)) for length in lengths) + "。"


def _words(vocabulary: Vocabulary, rng: np.random.Generator, n: int) -> str:
    return "".join(vocabulary.words[i] for i in np.searchsorted(vocabulary.cumulative, rng.random(n), side="right"))


def write_articles(folder: Path, vocabulary: Vocabulary, n_articles: int, seed: int) -> list[Path]:
    """Writes a corpus of one text file an article into a new folder; the files in order."""
    folder.mkdir(parents=True)
    paths = [folder / f"{number:06d}.txt" for number in range(n_articles)]
    for number, path in enumerate(paths):
        path.write_text(generate_article(vocabulary, seed, number), encoding="utf-8")
    return paths


def draw_questions(texts: Sequence[str], n_questions: int, seed: int) -> list[str]:
    """Questions of 8 to 20 characters, each a piece of a random text: their terms are as common as a text's are."""
    rng = np.random.default_rng(seed)
    questions = []
    for i in rng.integers(len(texts), size=n_questions):
        length = int(rng.integers(8, 21))
        start = int(rng.integers(max(1, len(texts[i]) - length)))
        questions.append(texts[i][start : start + length])
    return questions
