"""An exchange -> the messages of the chat: the question, and the answer with its chips and its labels as links.

Everything is written as one line of HTML, which Markdown passes through unread.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rag.types import Answer, Citation

from .markup import escape_text, isolated, styled
from .references import Reference, edit_href
from .texts import MAX_SHOWN_CHARS, Texts, noticed, readable_date
from .types import Exchange

_LABEL = re.compile(r"\[(\d+)\]", re.ASCII)

Message = dict[str, Any]


def conversation(exchanges: Sequence[Exchange], texts: Texts, editing: int | None = None) -> list[Message]:
    """The messages of a whole conversation, in the shape that `gr.Chatbot` takes.

    What may be asked next stands under the last answer only. `editing`: the exchange whose question is being changed.
    """
    messages = [message for one in exchanges for message in _messages(one, texts, is_edited=one.number == editing)]
    if exchanges and exchanges[-1].suggestions and editing is None:
        messages[-1]["options"] = [{"value": question, "label": question} for question in exchanges[-1].suggestions]
    return messages


def _messages(exchange: Exchange, texts: Texts, *, is_edited: bool) -> Iterator[Message]:
    if exchange.question.strip():
        text = styled("div", "wd-text", escape_text(_shown(exchange.question, texts)))
        yield {"role": "user", "content": text + _edit_tool(exchange, texts, is_edited=is_edited)}
    yield {"role": "assistant", "content": _reply(exchange, texts)}


def _edit_tool(exchange: Exchange, texts: Texts, *, is_edited: bool) -> str:
    if is_edited:
        cancel = styled("a", "wd-tool", escape_text(texts.edit_cancel), href="#edit-off", role="button")
        return styled("div", "wd-editing", escape_text(texts.editing) + cancel, role="status")
    if exchange.status == "answering":
        return ""
    return _tool(edit_href(exchange.number), texts.edit, texts.edit_hint)


def _tool(href: str, says: str, hint: str) -> str:
    link = styled("a", "wd-tool", escape_text(says), href=href, role="button", title=hint)
    return styled("div", "wd-tools", link)


def _shown(question: str, texts: Texts) -> str:
    if len(question) <= MAX_SHOWN_CHARS:
        return question
    return question[:MAX_SHOWN_CHARS] + texts.more_characters.format(f"{len(question):,}")


def _reply(exchange: Exchange, texts: Texts) -> str:
    if exchange.answer is not None:
        return answer_markup(exchange.answer, exchange.number, texts)
    if exchange.status == "notice":
        return styled("div", "wd-notice", escape_text(exchange.text), role="note")
    text = styled("div", "wd-text", escape_text(exchange.text)) if exchange.text else ""
    if exchange.status == "stopped":
        return text + styled("div", "wd-stopped", escape_text(texts.stopped))
    return text or styled("div", "wd-thinking", escape_text(texts.thinking))


def answer_markup(answer: Answer, number: int, texts: Texts) -> str:
    """A finished answer: chips, text with links, and what should be known about how it was made.

    A reply to small talk says nothing of the articles: to its reader it is no refusal, and there is nothing to be sure
    of.
    """
    text = styled("div", "wd-text", linked_text(answer, number, texts))
    if answer.is_small_talk:
        return styled("div", "wd-answer", text + _tool("#copy", texts.copy, texts.copy_hint))
    parts = [chips(answer, number, texts), text]
    if answer.refused:
        parts.append(_related(answer, number, texts))
    if answer.model and not answer.refused:
        parts.append(styled("div", "wd-note wd-written", isolated(_written_by(answer, texts)), role="note"))
    if answer.filters:
        parts.append(styled("div", "wd-note", escape_text(texts.filter_hint), role="note"))
    for says in noticed(answer, texts):
        parts.append(styled("div", "wd-note", escape_text(says), role="note"))
    parts.append(_tool("#copy", texts.copy, texts.copy_hint))
    return styled("div", "wd-refusal" if answer.refused else "wd-answer", "".join(parts))


def _written_by(answer: Answer, texts: Texts) -> str:
    """Which model wrote an answer, and what came of checking its sentences."""
    doubted = sum(not claim.supported for claim in answer.claims)
    if doubted:
        return texts.written_doubted.format(answer.model, len(answer.claims), doubted)
    return texts.written_by.format(answer.model, len(answer.claims))


def chips(answer: Answer, number: int, texts: Texts) -> str:
    """The small facts above an answer: its articles, how sure it is, how long it took, how it was understood."""
    written = [styled("span", "wd-chip wd-chip-refused", escape_text(texts.refused))] if answer.refused else []
    written += [_article_chip(one, number, texts) for one in first_citations(answer)]
    written.append(_confidence_chip(answer, texts))
    if "total" in answer.timings_ms:
        elapsed = texts.elapsed.format(f"{answer.timings_ms['total']:,.0f}")
        written.append(styled("span", "wd-chip", escape_text(elapsed)))
    if answer.standalone_question.strip() not in ("", answer.question.strip()):
        understood = texts.standalone.format(answer.standalone_question)
        written.append(styled("span", "wd-chip wd-chip-question", isolated(understood), title=texts.standalone_hint))
    for one in answer.filters:
        written.append(styled("span", "wd-chip", isolated(_filter(one, texts)), title=texts.filter_hint))
    return styled("div", "wd-chips", "".join(written))


def _filter(shown: str, texts: Texts) -> str:
    kind = next((kind for kind in texts.filter_kinds if shown.startswith(kind)), "")
    return texts.filter_kinds.get(kind, "") + shown.removeprefix(kind)


def first_citations(answer: Answer) -> list[Citation]:
    """The first citation of each cited article, in the order of their labels."""
    first: dict[tuple[str, int], Citation] = {}
    for citation in sorted(answer.citations, key=lambda one: one.label):
        first.setdefault((citation.doc_id, citation.article), citation)
    return list(first.values())


def _article_chip(citation: Citation, number: int, texts: Texts) -> str:
    name = isolated(citation.article_title or texts.untitled)
    if citation.date:
        name += styled("span", "wd-chip-date", escape_text(readable_date(citation.date)))
    return styled("a", "wd-chip wd-chip-article", name, href=Reference("cite", number, citation.label).href)


def _confidence_chip(answer: Answer, texts: Texts) -> str:
    percent = round(100 * answer.confidence)
    if answer.refused:  # it is not the refusal that is unsure
        return styled("span", "wd-chip", escape_text(texts.answerable.format(percent)))
    level = "high" if answer.confidence >= 0.8 else "middle" if answer.confidence >= 0.5 else "low"
    return styled("span", f"wd-chip wd-sure-{level}", escape_text(texts.confidence.format(percent)))


def _related(answer: Answer, number: int, texts: Texts) -> str:
    if not answer.related:
        return ""
    links = [
        styled("a", "wd-related-link", isolated(one.title or texts.untitled), href=f"#related-{number}-{place}")
        + styled("span", "wd-chip-date", escape_text(readable_date(one.date)))
        for place, one in enumerate(answer.related)
    ]
    items = "".join(styled("li", "wd-related-item", link) for link in links)
    return styled("div", "wd-related", escape_text(texts.related) + styled("ul", "wd-related-list", items))


def linked_text(answer: Answer, number: int, texts: Texts) -> str:
    """The answer's text with each label that has a citation as a link, and unsupported sentences marked."""
    titles = {citation.label: citation.article_title for citation in answer.citations}
    doubted = [(one.start, one.end) for one in answer.claims if not one.supported]
    pieces = []
    for is_doubted, piece in _split_at(answer.text, doubted):
        markup = _link_labels(piece, number, titles, texts)
        pieces.append(styled("span", "wd-unsupported", markup, title=texts.unsupported) if is_doubted else markup)
    return "".join(pieces)


def _split_at(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[bool, str]]:
    """The text in order, cut into pieces inside and outside the spans."""
    inside = [False] * len(text)
    for start, end in spans:
        inside[start:end] = [True] * len(inside[start:end])
    for is_inside, run in groupby(range(len(text)), key=inside.__getitem__):
        places = list(run)
        yield is_inside, text[places[0] : places[-1] + 1]


def _link_labels(text: str, number: int, titles: dict[int, str], texts: Texts) -> str:
    pieces, done = [], 0
    for found in _LABEL.finditer(text):
        label = int(found[1])
        if label not in titles:  # it came from the text, not from a citation
            continue
        says = texts.open_citation.format(label, titles[label] or texts.untitled)
        link = styled("a", "wd-cite", found[0], href=Reference("cite", number, label).href, title=says)
        pieces += [isolated(text[done : found.start()]), link]
        done = found.end()
    return "".join([*pieces, isolated(text[done:])])
