"""Draft text <-> labels -> verified citations.

Never believe a draft: labels that do not exist are dropped, every quote is cut from the document itself, and a sentence
whose numbers, dates, 《titles》 or quoted words do not stand in what it cites is marked as unsupported. There is no fuzzy
matching anywhere.
"""

import re
from collections.abc import Callable

from index.types import Document

from .types import Citation, Claim, Draft

_LABEL = re.compile(r"\[(\d{1,3})\]")
_SENTENCE = re.compile(r"[^\n。！？!?]*(?:[。！？!?]+[”’」』）)]*|\n|$)(?:\s*\[\d{1,3}\])*\n?")
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
    claims = []
    for match in _SENTENCE.finditer(text):
        if not _LABEL.sub("", match.group()).strip():
            continue
        labels = tuple(dict.fromkeys(int(label) for label in _LABEL.findall(match.group())))
        cited = "".join(quotes[label] for label in labels)
        claims.append(Claim(match.start(), match.end(), labels, _is_supported(match.group(), cited)))
    return tuple(claims)


def _is_supported(sentence: str, cited: str) -> bool:
    """Whether something is cited, and each number, 《title》 and quoted word of the sentence stands in it."""
    bare = _LABEL.sub("", sentence)
    numbers = set(_NUMBER.findall(cited))
    flat = re.sub(r"\s+", "", cited)
    named = all(re.sub(r"\s+", "", name) in flat for name in _NAMED.findall(bare))
    return bool(cited) and named and all(number in numbers for number in _NUMBER.findall(bare))
