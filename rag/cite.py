"""Draft text <-> labels -> verified citations.

Never believe a draft, whoever wrote it: labels that do not exist are dropped, every quote is cut from the document
itself, and a sentence that what it cites does not carry (`verify.py` says when) is marked as unsupported, or left out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from index.types import Document

from .quoting import surroundings
from .types import Citation, Claim, Draft
from .verify import Carrier, carrier_of, is_carried, stands_in

LABEL = re.compile(r"\[(\d{1,3})\]")
_SENTENCE = re.compile(r"[^\n。！？!?]*(?:[。！？!?]+[”’」』）)]*|\n|$)(?:\s*\[\d{1,3}\])*\n?")
Cited = tuple[str, tuple[Citation, ...], tuple[Claim, ...]]


def cite(draft: Draft, document_of: Callable[[str], Document], drop_unsupported: bool = False) -> Cited:
    """The text with only labels that exist, its citations (by label, then position), and its claims in order.

    For every citation `document_of(c.doc_id).text[c.start:c.end] == c.quote`. With `drop_unsupported` the sentences
    that nothing carries are left out; where that would leave nothing, they stay and are marked.
    """
    text = LABEL.sub(lambda match: match.group() if int(match.group(1)) in draft.evidence else "", draft.text)
    cited = _verified(text, draft, document_of)
    while drop_unsupported and not all(claim.supported for claim in cited[2]):
        kept = "".join(cited[0][claim.start : claim.end] for claim in cited[2] if claim.supported).strip()
        if not kept:
            break
        cited = _verified(kept, draft, document_of)
    return cited


def led_by(lead: str, cited: Cited) -> Cited:
    """The same with words in front that only the index says (how many articles it holds): no document, so no claim."""
    text, citations, claims = cited
    moved = (replace(claim, start=claim.start + len(lead), end=claim.end + len(lead)) for claim in claims)
    return f"{lead}{text}", citations, tuple(moved)


def _verified(text: str, draft: Draft, document_of: Callable[[str], Document]) -> Cited:
    used = sorted({int(label) for label in LABEL.findall(text)})
    citations = tuple(citation for label in used for citation in _citations(draft, label, document_of))
    quotes: dict[int, str] = {}
    for citation in citations:
        quotes[citation.label] = quotes.get(citation.label, "") + citation.quote
    return text, citations, _claims(text, quotes, draft)


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


def _claims(text: str, quotes: Mapping[int, str], draft: Draft) -> tuple[Claim, ...]:
    """Each sentence with the labels that carry it, and whether they do; `quotes` by label, a cut sentence joined."""
    carriers: dict[int, Carrier] = {}
    for label, quote in quotes.items():
        passage = draft.evidence[label][1]
        carriers[label] = carrier_of(quote, surroundings(passage), passage.title)
    claims: list[Claim] = []
    next_labels: tuple[int, ...] = ()
    for match in reversed(list(_SENTENCE.finditer(text))):
        sentence = match.group()
        labels = tuple(dict.fromkeys(int(label) for label in LABEL.findall(sentence)))
        if sentence.endswith("\n") and not labels:
            next_labels = ()
        if not labels and any(stands_in(sentence, quotes[label]) for label in next_labels):
            labels = next_labels  # the first part of a quote that has a full stop or question mark inside
        next_labels = labels
        bare = LABEL.sub("", sentence).strip()
        if bare:
            supported = is_carried(bare, [carriers[label] for label in labels])
            claims.append(Claim(match.start(), match.end(), labels, supported))
    return tuple(reversed(claims))
