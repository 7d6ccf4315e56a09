"""Article -> Chunks: whole sentences up to a number of characters, each chunk one contiguous span of the document."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from .sentences import split_article
from .types import Article, Chunk, Sentence, Span


@dataclass(frozen=True, slots=True)
class SearchableChunk:
    """A chunk and the text that is embedded and searched for it: its title and its sentences, whole again."""

    chunk: Chunk
    search_text: str


class _Piece(NamedTuple):
    sentence: Sentence
    span: Span


def split_chunks(article: Article, text: str, max_chars: int) -> tuple[SearchableChunk, ...]:
    """The chunks of an article in reading order; `text` is the document's.

    Headings go with the text under them; the headline, bylines and datelines are one chunk of their own only where the
    article has nothing else. A chunk ends where the article jumps on the page: a sentence that is cut there stands in
    both chunks' `search_text`.
    """
    sentences = [s for s in split_article(article, text) if s.kind in ("heading", "body", "caption", "subtitle")]
    sentences = sentences or list(split_article(article, text))
    groups = _group(_pieces(sentences), article, text, max_chars)
    return tuple(_to_chunk(group, article, text) for group in groups)


def _to_chunk(group: list[_Piece], article: Article, text: str) -> SearchableChunk:
    start, end = group[0].span[0], group[-1].span[1]
    sentences = {piece.sentence.spans: piece.sentence.text for piece in group}.values()  # each once
    return SearchableChunk(
        Chunk(article.doc_id, article.number, start, end, text[start:end], article.title, article.date),
        "\n".join([article.title, *sentences]),
    )


def _pieces(sentences: list[Sentence]) -> list[_Piece]:
    """The spans of the sentences in reading order, but a caption where it stands: it may stand inside a sentence."""
    all_pieces = [_Piece(sentence, span) for sentence in sentences for span in sentence.spans]
    pieces = [piece for piece in all_pieces if piece.sentence.kind != "caption"]
    captions = sorted((piece for piece in all_pieces if piece.sentence.kind == "caption"), key=lambda piece: piece.span)
    ends = sorted((piece.span[1], i) for i, piece in enumerate(pieces))
    behind: dict[int, list[_Piece]] = {}  # index of a piece -> the captions that stand behind it; -1: before all
    for caption in captions:
        n_before = bisect_right(ends, (caption.span[0], len(pieces)))
        behind.setdefault(ends[n_before - 1][1] if n_before else -1, []).append(caption)
    placed = (one for i, piece in enumerate(pieces) for one in (piece, *behind.get(i, [])))
    return [*behind.get(-1, []), *placed]


def _group(pieces: list[_Piece], article: Article, text: str, max_chars: int) -> Iterator[list[_Piece]]:
    """Neighbouring pieces that fit into one chunk; headings at its end move on with the text under them."""
    blocks = sorted(article.pieces)
    starts = sorted(piece.span[0] for piece in pieces)

    def fits(group: list[_Piece], piece: _Piece) -> bool:
        start, end = piece.span
        last = group[-1].span[1]
        within = last <= start and end - group[0].span[0] <= max_chars
        next_on_page = starts[bisect_left(starts, last)] if within else -1  # one that is read earlier may stand between
        return next_on_page == start and _is_own(text, last, start, blocks)

    group: list[_Piece] = []
    for piece in pieces:
        if group and not fits(group, piece):
            n_headings = sum(1 for _ in takewhile(lambda p: p.sentence.kind == "heading", reversed(group)))
            carried = group[len(group) - n_headings :]
            if not carried or len(carried) == len(group) or not fits(carried, piece):
                carried = []
            yield group[: len(group) - len(carried)]
            group = carried
        group.append(piece)
    if group:
        yield group


def _is_own(text: str, start: int, end: int, blocks: list[Span]) -> bool:
    """Whether nothing but white space and the article's own blocks (sorted) stands between two offsets."""
    for block_start, block_end in blocks[bisect_left(blocks, (start, start)) :]:
        if block_start >= end:
            break
        if text[start:block_start].strip():
            return False
        start = block_end
    return not text[start:end].strip()
