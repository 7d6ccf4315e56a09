"""The source pane: the article that a link of the conversation names, with what is cited in it lit."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Article, Document, Span
from rag.errors import UnknownDocumentError
from rag.types import Answer, Citation, Related

from .layout import Paragraph, Run, lay_out
from .markup import escape_text, isolated, styled, tag
from .references import Reference
from .texts import Texts, readable_date
from .types import AskableEngine

_LINE_END = re.compile(r"[ \t]*\r?\n[ \t\u3000]*")
_ELEMENTS = {"title": "h2", "subtitle": "h3", "heading": "h4", "byline": "p", "dateline": "p", "caption": "p"}


@dataclass(frozen=True, slots=True)
class _Target:
    """What is to be shown: spans of an article, and the reference's neighbours for previous and next."""

    reference: Reference
    doc_id: str
    article: int
    title: str
    spans: tuple[Span, ...]
    quotes: tuple[str, ...]
    """What the spans must still say; empty where nothing was quoted."""
    neighbours: tuple[Reference, ...]
    page: int | None = None


def notice_pane(text: str) -> str:
    """The pane without an article: what it is for, or why nothing can be shown."""
    return styled("div", "wd-source wd-source-empty", tag("p", escape_text(text)))


def pane(engine: AskableEngine, answer: Answer, reference: Reference, texts: Texts) -> str | None:
    """The pane for a link of this answer, or None where the answer has no such citation or related article."""
    target = _citation_target(answer, reference) if reference.kind == "cite" else _related_target(answer, reference)
    if target is None:
        return None
    try:
        document = engine.document(target.doc_id)
        article = engine.article(target.doc_id, target.article)
    except (UnknownDocumentError, LookupError):
        return _lost(target, texts.pane_gone, texts)
    slices = tuple(document.text[start:end] for start, end in target.spans)
    if target.quotes and slices != target.quotes:  # another generation of the index is open by now
        return _lost(target, texts.pane_changed, texts)
    return _render(document, article, target, texts)


def _citation_target(answer: Answer, reference: Reference) -> _Target | None:
    """A sentence that a column cut has several citations under its label: all of them are lit."""
    cited = [one for one in answer.citations if one.label == reference.item]
    if not cited:
        return None
    first = cited[0]
    labels = sorted({one.label for one in answer.citations})
    return _Target(
        reference,
        first.doc_id,
        first.article,
        first.article_title,
        spans=tuple((one.start, one.end) for one in cited),
        quotes=tuple(one.quote for one in cited),
        neighbours=tuple(Reference("cite", reference.exchange, label) for label in labels),
        page=_page_of(cited),
    )


def _page_of(cited: Sequence[Citation]) -> int | None:
    return next((one.page for one in cited if one.page is not None), None)


def _related_target(answer: Answer, reference: Reference) -> _Target | None:
    if reference.item >= len(answer.related):
        return None
    one: Related = answer.related[reference.item]
    neighbours = tuple(Reference("related", reference.exchange, nth) for nth in range(len(answer.related)))
    return _Target(reference, one.doc_id, one.article, one.title, ((one.start, one.end),), (), neighbours)


def _lost(target: _Target, says: str, texts: Texts) -> str:
    """The document is not what was cited any more: what was quoted is all that can be shown honestly."""
    quotes = "".join(tag("blockquote", escape_text(quote)) for quote in target.quotes)
    heading = tag("h2", escape_text(target.title or texts.untitled))
    meta = styled("p", "wd-meta", isolated(target.doc_id))
    body = styled("div", "wd-body", heading + styled("p", "wd-note", escape_text(says)) + quotes)
    return _shell(target, _bar(target, texts), meta + body)


def _render(document: Document, article: Article, target: _Target, texts: Texts) -> str:
    style = "wd-lit" if target.reference.kind == "cite" else "wd-near"
    body = article_body(document, article, target.spans, style, texts)
    return _shell(target, _bar(target, texts), _meta(document, article, target, texts) + body)


def article_body(document: Document, article: Article, lit: Sequence[Span], style: str, texts: Texts) -> str:
    """The article laid out as an article, with a title; what is lit gets the class `style`."""
    paragraphs = lay_out(document.text, article, lit)
    body = "".join(_paragraph(one, document.text, style) for one in paragraphs)
    if not any(one.kind == "title" for one in paragraphs):
        body = tag("h2", escape_text(article.title or texts.untitled)) + body
    return _parts(article, texts) + styled("div", "wd-body", body, lang="zh-CN", tabindex="0")


def _parts(article: Article, texts: Texts) -> str:
    """The parts of an article that goes on in another document, as links but for this one."""
    if not article.parts:
        return ""
    items = ""
    for nth, (doc_id, number) in enumerate(article.parts, start=1):
        says = isolated(texts.pane_part.format(nth, doc_id))
        if (doc_id, number) == (article.doc_id, article.number):
            items += styled("span", "wd-part", says, aria_current="true")
        else:
            items += styled("a", "wd-part", says, href="#part", data_doc=doc_id, data_article=str(number))
    title = escape_text(texts.pane_parts.format(len(article.parts)))
    return styled("nav", "wd-parts", tag("span", title) + items, aria_label=texts.pane_parts.format(len(article.parts)))


def part_pane(engine: AskableEngine, doc_id: str, number: int, texts: Texts) -> str | None:
    """The pane for another part of the article that is open, nothing lit; None where there is no such article."""
    try:
        document, article = engine.document(doc_id), engine.article(doc_id, number)
    except (UnknownDocumentError, LookupError):
        return None
    close = styled("button", "wd-close", "×", type="button", aria_label=texts.close, title=texts.close)
    bar = styled("nav", "wd-bar", styled("span", "wd-bar-label") + close, aria_label=texts.pane_label)
    facts = [readable_date(article.date), article.source, document.doc_id]
    meta = styled("p", "wd-meta", "".join(styled("span", "wd-fact", isolated(fact)) for fact in facts if fact))
    return styled("article", "wd-source", bar + meta + article_body(document, article, (), "wd-near", texts))


def _shell(target: _Target, bar: str, content: str) -> str:
    return styled("article", "wd-source", bar + content, data_open=target.reference.href)


def _bar(target: _Target, texts: Texts) -> str:
    """Where this citation stands among those of its answer, and the way to the others."""
    place = target.neighbours.index(target.reference)
    before = target.neighbours[place - 1] if place > 0 else None
    after = target.neighbours[place + 1] if place + 1 < len(target.neighbours) else None
    position = escape_text(texts.position.format(place + 1, len(target.neighbours)))
    label = f"[{target.reference.item}]" if target.reference.kind == "cite" else ""
    return styled(
        "nav",
        "wd-bar",
        styled("span", "wd-bar-label", escape_text(label))
        + _step(before, "‹", texts.previous)
        + styled("span", "wd-position", position)
        + _step(after, "›", texts.next)
        + styled("button", "wd-close", "×", type="button", aria_label=texts.close, title=texts.close),
        aria_label=texts.pane_label,
    )


def _step(reference: Reference | None, sign: str, says: str) -> str:
    if reference is None:
        return styled("span", "wd-step wd-step-off", sign, aria_hidden="true")
    return styled("a", "wd-step", sign, href=reference.href, aria_label=says, title=says)


def _meta(document: Document, article: Article, target: _Target, texts: Texts) -> str:
    """Date, source, place in the documents folder, and the page where the document has pages."""
    facts = [readable_date(article.date), article.source, document.doc_id]
    page = target.page
    if page is None and document.page_starts:
        page = bisect_right(document.page_starts, target.spans[0][0])
    if page is not None:
        facts.append(texts.page.format(page))
    return styled("p", "wd-meta", "".join(styled("span", "wd-fact", isolated(fact)) for fact in facts if fact))


def _paragraph(paragraph: Paragraph, text: str, style: str) -> str:
    inner = "".join(_run(run, text, style) for run in paragraph.runs)
    kind: str = paragraph.kind
    if paragraph.marker == ">":
        kind = "quotation"
    elif paragraph.marker:
        sign = "•" if paragraph.marker in "-*+" else paragraph.marker
        kind = "item"
        inner = styled("span", "wd-marker", escape_text(f"{sign} ")) + inner
    return styled(_ELEMENTS.get(paragraph.kind, "p"), f"wd-kind-{kind}", inner, dir="auto")


def _run(run: Run, text: str, style: str) -> str:
    markup = _unfolded(text[run.start : run.end])
    return styled("mark", style, markup) if run.lit else markup


def _unfolded(text: str) -> str:
    """A line end beside a Chinese character is there for the width of a page: kept in the text, and not seen."""
    pieces, done = [], 0
    for found in _LINE_END.finditer(text):
        start, end = found.span()
        is_spaced = text[start - 1 : start].isascii() and text[end : end + 1].isascii()
        fold = escape_text(found[0])
        pieces += [escape_text(text[done:start]), fold if is_spaced else styled("span", "wd-fold", fold)]
        done = end
    return "".join([*pieces, escape_text(text[done:])])
