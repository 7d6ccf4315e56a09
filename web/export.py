"""A conversation as a file to keep: Markdown with a footnote for each citation, or JSON."""

import json
import re
from collections.abc import Sequence
from itertools import groupby

from rag.types import Answer, Citation

from .api import answer_record
from .texts import Texts, readable_date
from .types import Exchange

_LABEL = re.compile(r"\[(\d+)\]", re.ASCII)
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$^])")


def to_markdown(exchanges: Sequence[Exchange], texts: Texts) -> str:
    """The answered questions in order; what a document says is escaped, so that it stays text in any viewer."""
    parts = [f"# {texts.title}"]
    for exchange in exchanges:
        if exchange.answer is not None:
            parts.append(f"## {_escaped(exchange.question)}")
            parts.append(_answer(exchange.answer, exchange.number))
            parts += _footnotes(exchange.answer, exchange.number)
    return "\n\n".join(parts) + "\n"


def to_json(exchanges: Sequence[Exchange]) -> str:
    """The answered questions in order, each as `/ask` gives it, with its question and the index that answered."""
    rows = [
        {"question": exchange.question, "generation": exchange.generation, **answer_record(exchange.answer)}
        for exchange in exchanges
        if exchange.answer is not None
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _answer(answer: Answer, number: int) -> str:
    """The text with its labels as footnotes; a label that cites nothing stays as it is written."""
    cited = {citation.label for citation in answer.citations}
    pieces, done = [], 0
    for label in _LABEL.finditer(answer.text):
        if int(label[1]) in cited:
            pieces += [_escaped(answer.text[done : label.start()]), f"[^{number + 1}-{label[1]}]"]
            done = label.end()
    text = "".join([*pieces, _escaped(answer.text[done:])])
    return text.replace("\n", "\n\n")


def _footnotes(answer: Answer, number: int) -> list[str]:
    cited = sorted(answer.citations, key=lambda citation: citation.label)
    return [
        f"[^{number + 1}-{label}]: " + "；".join(_footnote(citation) for citation in spans)
        for label, spans in groupby(cited, key=lambda citation: citation.label)
    ]


def _footnote(citation: Citation) -> str:
    """Title, date, source, and the place: what a reader needs to find the sentence again."""
    facts = (citation.article_title, readable_date(citation.date), citation.source)
    place = f"{citation.doc_id}[{citation.start}:{citation.end}]"
    named = ", ".join(fact for fact in facts if fact)
    quote = " ".join(citation.quote.split())
    return _escaped(f"{named}, {place}: “{quote}”" if named else f"{place}: “{quote}”")


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)
