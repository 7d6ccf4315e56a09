"""A corpus of any size: articles drawn by a seeded generator from a vocabulary, or read from a file of real ones.

Generated words are the documents' own search terms with their own frequencies, in random order. So the text says
nothing, but its terms are as unevenly spread as in the documents, and go on growing with the corpus (two words that
meet make new bigrams), which is what the time and the size of an index depend on.
"""

import json
import lzma
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.documents import read_documents
from index.errors import DocumentsError
from index.terms import split_terms
from index.types import Document

CHUNK_CHARS = 300
"""Characters of a piece of the usual recipe: a corpus of n chunks has n such pieces."""
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


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from: a file of real ones (title and text), or a vocabulary to draw them from."""

    name: str
    vocabulary: Vocabulary | None
    file: Path | None
    seed: int

    def articles(self) -> Iterator[str]:
        """Each a title, a line end and a text; without end for a vocabulary; the same each time."""
        if self.file:
            yield from _read_articles(self.file)
        elif self.vocabulary:
            number = 0
            while True:
                yield generate_article(self.vocabulary, self.seed, number)
                number += 1


def read_source(documents: Path, file: Path | None, seed: int) -> Source:
    """The articles of a file, or else articles drawn from the terms of a folder of documents."""
    if file is None:
        return Source(f"generated from the words of {documents}, seed {seed}", read_vocabulary(documents), None, seed)
    if not file.is_file():
        raise DocumentsError(f"There is no file {str(file)!r} of articles.")
    return Source(f"the articles of {file.name}", None, file, seed)


def read_vocabulary(folder: Path) -> Vocabulary:
    """The terms of all documents below a folder. Raises DocumentsError where there are none."""
    documents = [item for item in read_documents(folder) if isinstance(item, Document)]
    counts = Counter(term for document in documents for term in split_terms(document.text))
    if not counts:
        raise DocumentsError(f"The documents folder {str(folder)!r} holds no text to draw words from.")
    words = tuple(sorted(counts))
    cumulative = np.cumsum([counts[word] for word in words])
    return Vocabulary(words, cumulative / cumulative[-1])


def _read_articles(file: Path) -> Iterator[str]:
    with lzma.open(file, "rt", encoding="utf-8") if file.suffix == ".xz" else file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield f"{row.get('title', '')}\n{row['text'].strip()}"  # many have no title: the first line is empty


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


def cut_pieces(text: str) -> list[str]:
    """A text cut every `CHUNK_CHARS` characters, as the usual recipe does."""
    return [text[start : start + CHUNK_CHARS] for start in range(0, len(text), CHUNK_CHARS)]


def take_articles(source: Source, n_chunks: int) -> list[str]:
    """The source's first articles, so many that they have `n_chunks` pieces, or all where it has fewer."""
    articles, n_pieces = [], 0
    for article in source.articles():
        articles.append(article)
        n_pieces += -(-len(article) // CHUNK_CHARS)
        if n_pieces >= n_chunks:
            break
    return articles


def take_pieces(source: Source, n_chunks: int) -> list[str]:
    """The first `n_chunks` pieces of the source's articles, or all."""
    return list(islice((piece for article in source.articles() for piece in cut_pieces(article)), n_chunks))


def perturb_pieces(pieces: Sequence[str], n_chunks: int, seed: int) -> Iterator[str]:
    """`n_chunks` pieces: the given ones again and again, from the second time on with a third taken from another."""
    rng = np.random.default_rng(seed)
    for number in range(n_chunks):
        piece = pieces[number % len(pieces)]
        if number >= len(pieces):
            other = pieces[int(rng.integers(len(pieces)))]
            start = int(rng.integers(max(1, len(piece) * 2 // 3)))
            taken = other[start : start + len(piece) // 3]
            piece = piece[:start] + taken + piece[start + len(taken) :]
        yield piece


def write_articles(path: Path, articles: Sequence[str]) -> None:
    """Writes articles as one file of JSON lines (`id`, `title`, `text`)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number, article in enumerate(articles):
            title, _, text = article.partition("\n")
            row = {"id": f"{number:07d}", "title": title, "text": text.strip()}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def draw_questions(texts: Sequence[str], n_questions: int, seed: int) -> list[str]:
    """Questions of 8 to 20 characters, each a piece of a random text: their terms are as common as a text's are."""
    rng = np.random.default_rng(seed)
    questions = []
    for i in rng.integers(len(texts), size=n_questions):
        length = int(rng.integers(8, 21))
        start = int(rng.integers(max(1, len(texts[i]) - length)))
        questions.append(texts[i][start : start + length])
    return questions
