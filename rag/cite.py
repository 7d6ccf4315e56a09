"""Draft text <-> labels -> verified citations.

Never believe a draft: labels that do not exist are dropped, every quote is cut from the document itself, and a
sentence whose numbers, dates, 《titles》 or quoted words do not stand in what it cites is marked as unsupported. There
is no fuzzy matching anywhere.
"""

import re
from collections.abc import Callable

from index.types import Document

from .types import Citation, Claim, Draft

_LABEL = re.compile(r"\[(\d{1,3})\]")
_SENTENCE = re.compile(r"[^\n。！？!?]*(?:[。！？!?]+[”’」』）)]*|\n|$)(?:\s*\[\d{1,3}\])*\n?")
_SPACE = re.compile(r"\s+")
_LINE_BREAK = re.compile(r"\s*\n\s*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")
_NAMED = re.compile(r"《[^》]+》|“[^”]+”")


def cite(draft: Draft, document_of: Callable[[str], Document]) -> tuple[str, tuple[Citation, ...], tuple[Claim, ...]]:
    """The text with only labels that exist, its citations (by label, then position), and its claims in order.

    For every citation `document_of(c.doc_id).text[c.start:c.end] == c.quote`.
    """
    text = _LABEL.sub(lambda match: match.group() if int(match.group(1)) in draft.evidence else "", draft.text)
    used = sorted({int(label) for label in _LABEL.findall(text)})
    citations = tuple(citation for label in used for citation in _citations(draft, label, document_of))
    return text, citations, _claims(text, citations)


def _citations(draft: Draft, label: int, document_of: Callable[[str], Document]) -> list[Citation]:
    sentence, passage = draft.evidence[label]
    document = document_of(passage.doc_id)
    return [
        Citation(
            label=label,
            doc_id=passage.doc_id,
            article=passage.article,
            article_title=passage.title,
            start=start,
            end=end,
            quote=document.text[start:end],
            date=passage.date,
            source=passage.source,
            page=page_of(document, start),
        )
        for start, end in sentence.spans
    ]


def page_of(document: Document, offset: int) -> int | None:
    """The 1-based page on which an offset stands, or None for a document without pages."""
    if not document.page_starts:
        return None
    return sum(1 for start in document.page_starts if start <= offset)


def _claims(text: str, citations: tuple[Citation, ...]) -> tuple[Claim, ...]:
    quotes: dict[int, str] = {}
    for citation in citations:
        quotes[citation.label] = quotes.get(citation.label, "") + citation.quote
    claims: list[Claim] = []
    next_labels: tuple[int, ...] = ()
    for match in reversed(list(_SENTENCE.finditer(text))):
        sentence = match.group()
        labels = tuple(dict.fromkeys(int(label) for label in _LABEL.findall(sentence)))
        if sentence.endswith("\n") and not labels:
            next_labels = ()
        if not labels and _stands_in(sentence, "".join(quotes[label] for label in next_labels)):
            labels = next_labels  # the first part of a quote that has a full stop or question mark inside
        next_labels = labels
        if _LABEL.sub("", sentence).strip():
            cited = "".join(quotes[label] for label in labels)
            claims.append(Claim(match.start(), match.end(), labels, _is_supported(sentence, cited)))
    return tuple(reversed(claims))


def _stands_in(part: str, cited: str) -> bool:
    """Whether a part stands literally in what is cited, white space aside."""
    flat = _SPACE.sub("", part)
    return bool(flat) and flat in _SPACE.sub("", cited)


def _is_supported(sentence: str, cited: str) -> bool:
    """Whether something is cited, and each number, 《title》 and quoted word of the sentence stands in it."""
    bare = _LABEL.sub("", sentence)
    numbers = {*_NUMBER.findall(cited), *_NUMBER.findall(_LINE_BREAK.sub("", cited))}
    named = all(_stands_in(name, cited) for name in _NAMED.findall(bare))
    return bool(cited) and named and all(number in numbers for number in _NUMBER.findall(bare))
