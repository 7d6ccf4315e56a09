"""Article -> Sentences: whole again where a column cut them, each with the spans of the document that it stands on.

A sentence ends at 。！？!?… (and the quotes or brackets that close after it), at a paragraph's end, or at an English
full stop before a space. Long enumerations also end at a semicolon, so that a citation stays short.
"""

import re
from collections.abc import Iterator

from .types import Article, Block, BlockKind, Sentence, Span

_END = re.compile(r"(?:[。！？!?…]+|(?<=[A-Za-z)\]])\.(?=\s|$))[”’」』》）)\]\"']*")
_SEMICOLON = re.compile(r"[；;]")
_LONG = 120
"""Characters from which a sentence is also cut at its semicolons."""
_MOST = 1000
"""Characters at which it is cut anywhere: no real one is so long, and what reads it may take time by its square."""


def split_article(article: Article, text: str) -> tuple[Sentence, ...]:
    """All sentences of an article in reading order; headline, bylines and captions are sentences of their kind.

    `text` is the document's. Every span is non-empty and holds no surrounding white space; front matter, notes and
    repeats are left out.
    """
    return tuple(sentence for kind, spans in _runs(article.blocks, text) for sentence in _split_run(kind, spans, text))


def _runs(blocks: tuple[Block, ...], text: str) -> Iterator[tuple[BlockKind, list[Span]]]:
    """Blocks with those that go on in mid-sentence joined to the body block before them."""
    runs: list[tuple[BlockKind, list[Span]]] = []
    last_body: list[Span] | None = None
    for block in blocks:
        if block.kind in ("metadata", "repeat"):
            continue
        span = _strip((block.start, block.end), text)
        if block.joins_previous and last_body is not None:
            last_body.append(span)
            continue
        spans = [span]
        runs.append((block.kind, spans))
        if block.kind == "body":
            last_body = spans
    yield from runs


def _split_run(kind: BlockKind, spans: list[Span], text: str) -> Iterator[Sentence]:
    joined = "".join(text[start:end] for start, end in spans)
    start = 0
    for end in _sentence_ends(joined) if kind in ("body", "caption") else [len(joined)]:
        cut = tuple(_strip(span, text) for span in _spans_under(spans, start, end))
        start = end
        cut = tuple(span for span in cut if span[0] < span[1])
        if cut:
            yield Sentence(cut, "".join(text[a:b] for a, b in cut), kind)


def _sentence_ends(text: str) -> list[int]:
    """End offsets of the sentences of a text; the last is its length."""
    ends = {match.end() for match in _END.finditer(text)}
    ends |= {match.start() for match in re.finditer(r"\n\s*\n", text)}
    ordered = sorted(ends | {len(text)} - {0})
    cuts: list[int] = []
    start = 0
    for end in ordered:
        if end - start > _LONG:
            cuts += [start + m.end() for m in _SEMICOLON.finditer(text[start : end - 1])]
        cuts += [*range((cuts[-1] if cuts else 0) + _MOST, end, _MOST), end]
        start = end
    return cuts


def _spans_under(spans: list[Span], start: int, end: int) -> list[Span]:
    """The document spans under `[start, end)` of the joined text; those that meet in the document are one."""
    found: list[Span] = []
    joined = 0
    for first, last in spans:
        low, high = first + max(start - joined, 0), first + min(end - joined, last - first)
        joined += last - first
        if low < high and found and found[-1][1] == low:
            found[-1] = (found[-1][0], high)
        elif low < high:
            found.append((low, high))
    return found


def _strip(span: Span, text: str) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
