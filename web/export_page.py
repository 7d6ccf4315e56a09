"""A conversation as a page to print: each answer with the sentences that it cites, in full."""

from collections.abc import Sequence
from itertools import groupby

from rag.types import Answer, Citation

from .markup import escape_text, isolated, styled, tag
from .texts import Texts, noticed, readable_date
from .types import Exchange

_STYLE = """
body { font: 11pt/1.7 "Songti SC", "Noto Serif CJK SC", SimSun, serif; color: #000; background: #fff; max-width: 42rem;
  margin: 0 auto; overflow-wrap: anywhere; }
h1 { font-size: 16pt; } h2 { font-size: 12.5pt; margin: 1.4em 0 .3em; break-after: avoid; white-space: pre-wrap; }
.text { white-space: pre-wrap; } .note { color: #444; font-size: 9.5pt; }
ol { list-style: none; padding: 0; margin: .6em 0 0; border-top: 1px solid #999; font-size: 9.5pt; }
li { break-inside: avoid; margin: .4em 0; } q { quotes: "“" "”"; }
"""


def to_html(exchanges: Sequence[Exchange], texts: Texts) -> str:
    """The answered questions in order, each answer with its footnotes. It needs nothing from anywhere."""
    parts = [part for one in exchanges if one.answer is not None for part in _exchange(one, one.answer, texts)]
    head = tag("meta", "", {"charset": "utf-8"}).removesuffix("</meta>")
    head += tag("title", escape_text(texts.title)) + tag("style", _STYLE)
    body = tag("h1", escape_text(texts.title)) + "".join(parts)
    return "<!doctype html>" + tag("html", tag("head", head) + tag("body", body), {"lang": texts.language})


def _exchange(exchange: Exchange, answer: Answer, texts: Texts) -> list[str]:
    parts = [tag("h2", isolated(exchange.question)), styled("div", "text", isolated(answer.text))]
    if answer.model and not answer.refused:
        parts.append(styled("p", "note", isolated(texts.written.format(answer.model))))
    parts += [styled("p", "note", escape_text(says)) for says in noticed(answer, texts)]
    cited = sorted(answer.citations, key=lambda citation: citation.label)
    notes = [_footnote(label, list(spans)) for label, spans in groupby(cited, key=lambda citation: citation.label)]
    return [*parts, tag("ol", "".join(notes))] if notes else parts


def _footnote(label: int, spans: Sequence[Citation]) -> str:
    """The quoted sentence, and where it stands."""
    first = spans[0]
    places = ", ".join(f"{one.doc_id}[{one.start}:{one.end}]" for one in spans)
    facts = (first.article_title, readable_date(first.date), first.source, places)
    quote = "".join(one.quote for one in spans)
    named = " · ".join(isolated(fact) for fact in facts if fact)
    return tag("li", f"{escape_text(f'[{label}]')} {tag('q', isolated(quote))}<br>{named}")
