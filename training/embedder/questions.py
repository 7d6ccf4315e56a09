"""Human questions and the passages that answer them, with hard negatives that share their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from training.embedder.bigrams import BigramBM25
from training.embedder.corpus import QuestionRow, is_development, read_questions, split_chunks
from training.embedder.pairs import Bags, cut, split_pieces
from training.embedder.tokens import IntArray, encode

N_NEGATIVES = 4
_CANDIDATES = 40
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the chunk that answers it, and chunks of the same data that do not."""

    text: str
    positive: int
    negatives: tuple[int, ...]


def training_rows(data: Path) -> list[QuestionRow]:
    """The rows that may be trained on: no article of them stands in a development set."""
    qa = data / "qa"
    drcd = read_questions(qa / "drcd_dev.jsonl.xz")
    held_out = {row.title for row in read_questions(qa / "cmrc2018_trial.jsonl.xz")}
    held_out |= {row.title for row in drcd if is_development(row.title)}
    rows = read_questions(qa / "cmrc2018_train.jsonl.xz") + drcd + read_questions(qa / "xquad_zh.jsonl.xz")
    return [row for row in rows if row.title not in held_out]


def find_answer_chunk(row: QuestionRow) -> str:
    """The chunk of the context that holds the first answer; the first chunk if the answer was cut."""
    chunks = split_chunks(row.context)
    return next((chunk for chunk in chunks if row.answers[0] in chunk), chunks[0])


def mine_questions(rows: Sequence[QuestionRow]) -> tuple[list[str], list[Question]]:
    """Returns all chunks of the contexts, and the questions with their rows and hard negatives.

    Hard negatives are the best chunks by BM25 that do not hold the answer.
    """
    contexts = dict.fromkeys(row.context for row in rows)
    chunks = list(dict.fromkeys(chunk for context in contexts for chunk in split_chunks(context)))
    row_of = {chunk: number for number, chunk in enumerate(chunks)}
    bm25 = BigramBM25(chunks)
    questions: list[Question] = []
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        scores = bm25.scores([row.question for row in batch])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_CANDIDATES]
        for row, candidates in zip(batch, best, strict=True):
            wrong = [int(c) for c in candidates if not any(answer in chunks[c] for answer in row.answers)]
            positive = row_of[find_answer_chunk(row)]
            questions.append(Question(row.question, positive, tuple(wrong[:N_NEGATIVES])))
    return chunks, [question for question in questions if len(question.negatives) == N_NEGATIVES]


class QuestionSampler:
    """Draws batches of questions with their passages and one hard negative each."""

    def __init__(
        self, tokenizer: Tokenizer, chunks: Sequence[str], questions: Sequence[Question], halves: IntArray
    ) -> None:
        self.chunk_ids, self.chunk_starts = encode(tokenizer, chunks)
        self.question_ids, self.question_starts = encode(tokenizer, [q.text for q in questions])
        self.positives = np.array([q.positive for q in questions])
        self.negatives = np.array([q.negatives for q in questions])  # (n_questions, N_NEGATIVES)
        self.halves = halves

    def draw(self, n_questions: int, rng: np.random.Generator) -> tuple[Bags, Bags, Bags]:
        """Returns (questions, positives, hard negatives); no two questions have the same positive."""
        picked = rng.permutation(len(self.positives))
        _, first = np.unique(self.positives[picked], return_index=True)
        picked = picked[np.sort(first)][:n_questions]
        column = rng.integers(0, N_NEGATIVES, len(picked))
        questions = self._bags(self.question_ids, self.question_starts, picked)
        return (
            split_pieces(questions, self.halves, 0.1, rng),
            self._bags(self.chunk_ids, self.chunk_starts, self.positives[picked]),
            self._bags(self.chunk_ids, self.chunk_starts, self.negatives[picked, column]),
        )

    @staticmethod
    def _bags(ids: np.ndarray, starts: IntArray, rows: IntArray) -> Bags:
        positions, offsets = cut(starts[rows], starts[rows + 1])
        return Bags(ids[positions].astype(np.int64), offsets)
