"""The reader network: question and passage meet in attention, two recurrent layers read the passage, three heads speak.

In the line of DrQA (Chen et al. 2017) and BiDAF (Seo et al. 2017), over characters: learned character vectors, frozen
bigram vectors (`vectors.py`), overlap features (`rag/reading/features.py`). Heads: evidence per sentence, span start
and end per character, answerability per passage. All outputs are logits.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rag.reading.features import N_CHAR_FEATURES, N_PASSAGE_FEATURES, N_QUESTION_FEATURES, N_SENTENCE_FEATURES

MASKED = -1e4
N_EDGE_FEATURES = 4
"""Per sentence: its best start and end logit, as they are and against all of the passage's."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Numbers of units."""

    token: int = 128
    question: int = 64
    passage: int = 96
    head: int = 96
    dropout: float = 0.2


class Directions(nn.Module):
    """A bidirectional LSTM that padding cannot touch: the backward half reads each row reversed within its length."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.forth = nn.LSTM(n_in, n_out, batch_first=True)
        self.back = nn.LSTM(n_in, n_out, batch_first=True)

    def forward(self, rows: Tensor, reversed_at: Tensor) -> Tensor:
        """`(b, n, n_in)` and `(b, n)` -> `(b, n, 2 * n_out)`."""
        offsets = torch.arange(rows.shape[0], device=rows.device).unsqueeze(1) * rows.shape[1]
        places = (reversed_at + offsets).flatten()
        forth = self.forth(rows)[0]
        back = self.back(_turn(rows, places))[0]
        return torch.cat([forth, _turn(back, places)], dim=-1)


def _turn(rows: Tensor, places: Tensor) -> Tensor:
    return rows.flatten(0, 1).index_select(0, places).view_as(rows)


class RowDropout(nn.Module):
    """Dropout with one mask for all characters of a row (Gal and Ghahramani 2016); also much cheaper on a CPU."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, rows: Tensor) -> Tensor:
        """`(b, n, d)` -> `(b, n, d)`."""
        if not self.training:
            return rows
        kept = torch.rand(rows.shape[0], 1, rows.shape[2], dtype=rows.dtype) >= self.p
        return rows * (kept / (1 - self.p)).to(rows.dtype)


def _head(n_in: int, widths: Widths) -> nn.Sequential:
    """One hidden layer, one logit."""
    hidden = nn.Linear(n_in, widths.head)
    return nn.Sequential(hidden, nn.ReLU(), nn.Dropout(widths.dropout), nn.Linear(widths.head, 1))


class Reader(nn.Module):
    """See the module's docstring."""

    def __init__(self, char_vectors: Tensor, bigram_vectors: Tensor, widths: Widths) -> None:
        super().__init__()
        self.widths = widths
        w = widths
        self.chars = nn.Embedding.from_pretrained(char_vectors.clone(), freeze=False, padding_idx=0)
        self.register_buffer("bigram_table", bigram_vectors.to(torch.int8))  # unit rows * 127
        n_token = char_vectors.shape[1] + 2 * bigram_vectors.shape[1]
        self.token = nn.Linear(n_token, w.token)
        self.align = nn.Linear(w.token, w.token, bias=False)
        self.question_layer = Directions(w.token + N_QUESTION_FEATURES + 1, w.question)
        self.question_pool = nn.Linear(2 * w.question, 1)
        n_question = 2 * w.question
        self.enter = nn.Linear(3 * w.token + N_CHAR_FEATURES + 1, w.token)
        self.first = Directions(w.token, w.passage)
        self.meet = nn.Linear(2 * w.passage, n_question, bias=False)
        self.mix = nn.Linear(2 * w.passage + 2 * n_question + N_CHAR_FEATURES + 1, w.token)
        self.second = Directions(w.token, w.passage)
        n_passage = 2 * w.passage
        self.start_query = nn.Linear(n_question, n_passage)
        self.end_query = nn.Linear(n_question, n_passage)
        self.edges = nn.Linear(n_passage, 2)
        self.pool = nn.Linear(n_passage, 2)
        n_sentence = 2 * n_passage + n_question + N_SENTENCE_FEATURES + N_PASSAGE_FEATURES + N_EDGE_FEATURES
        self.evidence = _head(n_sentence, w)
        self.answerable = _head(n_sentence + 2, w)
        self.drop = RowDropout(w.dropout)

    def tokens(self, chars: Tensor, bigrams: Tensor) -> tuple[Tensor, Tensor]:
        """`(b, n)` ids -> token vectors `(b, n, token)` and the frozen bigram vectors `(b, n, dim)`."""
        pairs = self.bigram_table[bigrams].float() / 127.0
        before = torch.cat([torch.zeros_like(pairs[:, :1]), pairs[:, :-1]], dim=1)
        return torch.relu(self.token(self.drop(torch.cat([self.chars(chars), before, pairs], dim=-1)))), pairs

    def forward(
        self,
        chars: Tensor,  # (b, n) int64
        bigrams: Tensor,  # (b, n) int64
        char_features: Tensor,  # (b, n, N_CHAR_FEATURES)
        reversed_at: Tensor,  # (b, n) int64
        sentence_of: Tensor,  # (b, n) int64: 0 title, i + 1 sentence i, -1 padding
        question_chars: Tensor,  # (b, m)
        question_bigrams: Tensor,  # (b, m)
        question_features: Tensor,  # (b, m, N_QUESTION_FEATURES)
        question_reversed_at: Tensor,  # (b, m)
        sentence_features: Tensor,  # (b, s, N_SENTENCE_FEATURES)
        passage_features: Tensor,  # (b, N_PASSAGE_FEATURES)
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Evidence `(b, s)`, start and end `(b, n)`, answerable `(b,)`; sentences past a row's last are meaningless."""
        asked_pad = (question_chars == 0).unsqueeze(1)  # (b, 1, m)
        tokens, pairs = self.tokens(chars, bigrams)
        asked, asked_pairs = self.tokens(question_chars, question_bigrams)
        alike = torch.bmm(pairs, asked_pairs.transpose(1, 2))  # (b, n, m), cosines; 0 for padding
        likeness, asked_likeness = alike.amax(dim=2).unsqueeze(-1), alike.amax(dim=1).unsqueeze(-1)

        asked_rows = torch.cat([asked, question_features, asked_likeness], dim=-1)
        reading = self.drop(self.question_layer(asked_rows, question_reversed_at))  # (b, m, 2 * question)
        weight = torch.softmax(self.question_pool(reading).squeeze(-1).masked_fill(asked_pad[:, 0], MASKED), dim=-1)
        query = torch.bmm(weight.unsqueeze(1), reading).squeeze(1)  # (b, 2 * question)

        overlap = torch.cat([char_features, likeness], dim=-1)
        rows = self._read(tokens, asked, reading, overlap, reversed_at, asked_pad)
        edges = self.edges(rows)
        start = torch.bmm(rows, self.start_query(query).unsqueeze(-1)).squeeze(-1) + edges[..., 0]
        end = torch.bmm(rows, self.end_query(query).unsqueeze(-1)).squeeze(-1) + edges[..., 1]

        numbers = torch.arange(1, sentence_features.shape[1] + 1, device=chars.device).view(1, -1, 1)
        outside = sentence_of.unsqueeze(1) != numbers  # (b, s, n)
        peaks = [self._peaks(logits, sentence_of, outside) for logits in (start, end)]
        pooled = [self._pool(rows, weights, outside) for weights in self.pool(rows).unbind(-1)]
        of_all = [v.unsqueeze(1).expand(-1, sentence_features.shape[1], -1) for v in (query, passage_features)]
        sentences = torch.cat([*pooled, of_all[0], sentence_features, of_all[1], *peaks], dim=-1)
        evidence, answerable = self._judge(sentences, outside.all(dim=-1))
        return evidence, start, end, answerable

    def _read(
        self, tokens: Tensor, asked: Tensor, reading: Tensor, overlap: Tensor, reversed_at: Tensor, asked_pad: Tensor
    ) -> Tensor:
        """The passage's characters, read twice, with the question in sight: `(b, n, 2 * passage)`."""
        scores = torch.bmm(torch.relu(self.align(tokens)), torch.relu(self.align(asked)).transpose(1, 2)) / 8.0
        aligned = torch.bmm(torch.softmax(scores.masked_fill(asked_pad, MASKED), dim=-1), asked)
        rows = torch.relu(self.enter(torch.cat([tokens, aligned, tokens * aligned, overlap], dim=-1)))
        first = self.drop(self.first(rows, reversed_at))
        projected = self.meet(first)
        scores = torch.bmm(projected, reading.transpose(1, 2)).masked_fill(asked_pad, MASKED)
        met = torch.bmm(torch.softmax(scores, dim=-1), reading)
        mixed = torch.relu(self.mix(torch.cat([first, met, met * projected, overlap], dim=-1)))
        return self.drop(self.second(mixed, reversed_at))

    def _judge(self, sentences: Tensor, absent: Tensor) -> tuple[Tensor, Tensor]:
        """Evidence logits `(b, s)`, very low where there is no sentence, and answerability logits `(b,)`."""
        evidence = self.evidence(sentences).squeeze(-1).masked_fill(absent, MASKED)
        whole = torch.bmm(torch.softmax(evidence, dim=-1).unsqueeze(1), sentences).squeeze(1)
        best, any_of_it = evidence.amax(dim=-1, keepdim=True), torch.logsumexp(evidence, dim=-1, keepdim=True)
        return evidence, self.answerable(torch.cat([whole, best, any_of_it], dim=-1)).squeeze(-1)

    @staticmethod
    def _peaks(logits: Tensor, sentence_of: Tensor, outside: Tensor) -> Tensor:
        """Each sentence's highest logit, as it is and minus the logarithm of the passage's sum: `(b, s, 2)`, tenths."""
        peaks = logits.unsqueeze(1).masked_fill(outside, MASKED).amax(dim=-1)
        total = torch.logsumexp(logits.masked_fill(sentence_of < 1, MASKED), dim=-1, keepdim=True)
        return torch.stack([peaks, peaks - total], dim=-1).clamp(min=-30.0) / 10.0

    @staticmethod
    def _pool(rows: Tensor, weights: Tensor, outside: Tensor) -> Tensor:
        """Attention within each sentence: `(b, n, d)`, `(b, n)`, `(b, s, n)` -> `(b, s, d)`."""
        inside = torch.softmax(weights.unsqueeze(1).masked_fill(outside, MASKED), dim=-1)
        return torch.bmm(inside, rows)
