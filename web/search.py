"""The search tab: why a passage was found. Both legs' ranks, the fused and the reranked order, and the decision."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from index.errors import UserError
from rag.settings import RagSettings
from rag.types import Answer, Hit

from .allowance import UNLIMITED, Allowance, AskedTooOftenError
from .api import MAX_TOP_K
from .events import PRIVATE
from .markup import escape_text, isolated, styled, tag
from .roles import for_owners, may_manage
from .texts import ZH, Texts, readable_date, texts_for
from .types import TunableEngine

MAX_READ = 30
"""Chunks that the reader can be made to read of one question, from this tab."""


class Search:
    """The handlers of the tab, around one open engine."""

    def __init__(self, engine: TunableEngine, manage: bool = True, allowance: Allowance = UNLIMITED) -> None:
        """`manage`: owners may apply settings. `allowance`: how often one reader may search."""
        self._engine = engine
        self._allowance = allowance
        self._manage = manage

    def greet(self, request: gr.Request) -> tuple[Any, ...]:
        """The words of the tab in the reader's language, and the settings that are in use."""
        texts, settings = texts_for(request), self._engine.settings
        return (
            gr.Textbox(label=texts.question_label, placeholder=texts.search_hint),
            gr.Slider(label=texts.bm25_weight, value=settings.bm25_weight),
            gr.Slider(label=texts.answer_threshold, value=settings.answer_threshold),
            gr.Slider(label=texts.n_read, value=settings.n_read),
            gr.Slider(label=texts.top_k),
            gr.Button(texts.search_try),
            gr.Button(texts.search_apply, visible=self._manage and may_manage(request)),
        )

    def try_out(
        self, question: str, weight: float, threshold: float, n_read: float, top_k: float, request: gr.Request
    ) -> str:
        """The hits of a question with these settings; nobody else's answers change."""
        texts = texts_for(request)
        if not question.strip():
            return styled("p", "wd-note", escape_text(texts.empty_question))
        try:
            self._allowance.take(request)
            self._engine.refresh()
            tried = self._engine.with_settings(self._chosen(weight, threshold, n_read))
            n = max(1, min(MAX_TOP_K, int(top_k)))
            return hits_table(
                tried.answer(question),
                tried.retrieve(question, top_k=n),
                tried.retrieve(question, top_k=n, mode="hybrid"),
                tried.settings.answer_threshold,
                texts,
            )
        except AskedTooOftenError as error:
            return styled("p", "wd-note", escape_text(texts.asked_too_often.format(error.wait_s)), role="note")
        except UserError as error:
            return styled("p", "wd-note", escape_text(str(error)), role="note")

    def apply(self, weight: float, threshold: float, n_read: float, request: gr.Request) -> None:
        """From now on every answer is made with these settings, until the program ends."""
        try:
            self._engine.settings = self._chosen(weight, threshold, n_read)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None
        gr.Info(texts_for(request).search_applied)

    def _chosen(self, weight: float, threshold: float, n_read: float) -> RagSettings:
        """Raises SettingsError; of more chunks than the slider offers the reader is not made to read."""
        return replace(
            self._engine.settings,
            bm25_weight=float(weight),
            answer_threshold=float(threshold),
            n_read=min(MAX_READ, int(n_read)),
        )


def hits_table(answer: Answer, reranked: Sequence[Hit], hybrid: Sequence[Hit], threshold: float, texts: Texts) -> str:
    """The decision, and the reranked hits with where each stood before; below, fused ones that are not among them."""
    fused = {_place(hit): hit for hit in hybrid}
    left_out = [hit for hit in hybrid if _place(hit) not in {_place(one) for one in reranked}]
    rows = [_row(str(hit.rank), hit, fused.get(_place(hit))) for hit in reranked]
    rows += [_row("–", hit, hit) for hit in left_out]
    decided = texts.search_refused if answer.refused else texts.search_answered
    says = decided.format(f"{answer.confidence:.2f}", f"{threshold:.2f}")
    if answer.is_small_talk:
        says = texts.search_small_talk
    head = tag("tr", "".join(tag("th", escape_text(title), {"scope": "col"}) for title in texts.search_columns))
    table = styled("table", "wd-hits", tag("thead", head) + tag("tbody", "".join(rows)))
    return styled("p", "wd-decision", escape_text(says), role="status") + styled("div", "wd-wide", table, tabindex="0")


def _place(hit: Hit) -> tuple[str, int]:
    return hit.chunk.doc_id, hit.chunk.start


def _row(rank: str, hit: Hit, fused: Hit | None) -> str:
    chunk = hit.chunk
    where = " · ".join(part for part in (readable_date(chunk.date), chunk.doc_id) if part)
    title = styled("strong", "wd-hit-title", isolated(chunk.title)) if chunk.title else ""
    passage = title + styled("span", "wd-hit-where", isolated(where))
    passage += styled("div", "wd-hit-text", _lit(chunk.text, hit.matched_terms), dir="auto", lang="zh-CN")
    cells = [
        rank,
        f"{fused.rank} ({fused.score:.3f})" if fused else "–",
        f"{hit.bm25_rank} ({hit.bm25_score:.2f})" if hit.bm25_rank else "–",
        f"{hit.dense_rank} ({hit.dense_score:.2f})" if hit.dense_rank else "–",
    ]
    return tag("tr", "".join(tag("td", escape_text(cell)) for cell in cells) + tag("td", passage))


def _lit(text: str, terms: Sequence[str]) -> str:
    """The text with the terms that matched lit, as far as they stand in it as they were searched."""
    if not terms:
        return escape_text(text)
    pattern = re.compile("|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True)), re.IGNORECASE)
    pieces, done = [], 0
    for start, end in _merged(pattern, text):
        pieces += [escape_text(text[done:start]), styled("mark", "wd-term", escape_text(text[start:end]))]
        done = end
    return "".join([*pieces, escape_text(text[done:])])


def _merged(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where terms stand, overlapping ones as one span: 采油 and 油厂 are 采油厂."""
    spans: list[tuple[int, int]] = []
    at = 0
    while (found := pattern.search(text, at)) is not None:
        if spans and found.start() <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], found.end()))
        else:
            spans.append(found.span())
        at = found.start() + 1
    return spans


def search_tab(page: gr.Blocks, engine: TunableEngine, manage: bool, allowance: Allowance = UNLIMITED) -> None:
    """The tab's components and what they do. `manage`: its settings can be applied, not only tried."""
    search = Search(engine, manage, allowance)
    settings = engine.settings
    with gr.Column(elem_id="wd-search"):
        question = gr.Textbox(label=ZH.question_label, placeholder=ZH.search_hint, max_lines=3)
        with gr.Row():
            weight = gr.Slider(0, 1, settings.bm25_weight, step=0.05, label=ZH.bm25_weight, min_width=260)
            threshold = gr.Slider(0, 1, settings.answer_threshold, step=0.01, label=ZH.answer_threshold, min_width=260)
            n_read = gr.Slider(1, MAX_READ, settings.n_read, step=1, label=ZH.n_read, min_width=260)
            top_k = gr.Slider(1, MAX_TOP_K, 10, step=1, label=ZH.top_k, min_width=260)
        with gr.Row():
            tried = gr.Button(ZH.search_try, variant="primary")
            applied = gr.Button(ZH.search_apply, visible=manage)
        found = gr.HTML(elem_id="wd-found", show_label=False)
    page.load(search.greet, None, [question, weight, threshold, n_read, top_k, tried, applied], queue=False, **PRIVATE)
    asked = [question, weight, threshold, n_read, top_k]
    gr.on([question.submit, tried.click], search.try_out, asked, [found], **PRIVATE)
    if manage:
        applied.click(for_owners(search.apply), [weight, threshold, n_read], None, **PRIVATE)
