"""The page: a conversation on the left, the source of what was said on the right."""

from typing import Any

import gradio as gr

from eval.feedback import FeedbackStore

from .api import MAX_TOP_K, AskEndpoint, SearchEndpoint
from .chat import Chat, greeting
from .conversations import ConversationStore
from .evaluation import Evaluation
from .history import History, HistoryPanel
from .library import Library
from .search import Search
from .session import Session
from .sources import notice_pane
from .texts import ZH, texts_for
from .theme import LISTING_SCRIPT, PANE_SCRIPT, SAVE_SCRIPT
from .types import AskableEngine, PageEngine, TunableEngine

N_CONCURRENT = 8
"""Questions that are answered at the same time; more wait in the queue."""
MAX_WAITING = 64


_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build_page(
    engine: PageEngine,
    feedback: FeedbackStore | None = None,
    *,
    conversations: ConversationStore | None = None,
    library: Library | None = None,
    evaluation: Evaluation | None = None,
    manage: bool = True,
) -> gr.Blocks:
    """The page around an open engine. Nothing is sent to anyone but the browser that opens it.

    `feedback` keeps what readers say of answers; None: they are not asked. `conversations` keeps what was said in each
    browser; None: a reload forgets it. `library` and `evaluation`: those tabs; None: there is none. `manage`: whoever
    opens the page may change what all get: settings, documents, index.
    """
    with gr.Blocks(title=ZH.title, analytics_enabled=False, fill_height=True, fill_width=True) as page:
        with gr.Tabs(elem_id="wd-tabs"):
            with gr.Tab(ZH.tab_chat, id="chat") as chat_tab:
                _chat_tab(page, engine, feedback, History(conversations) if conversations is not None else None)
            with gr.Tab(ZH.tab_search, id="search") as search_tab:
                _search_tab(page, engine, manage)
            with gr.Tab(ZH.tab_library, id="library", visible=library is not None) as library_tab:
                if library is not None:
                    _library_tab(page, library, library_tab, manage)
            with gr.Tab(ZH.tab_evaluation, id="evaluation", visible=evaluation is not None) as evaluation_tab:
                if evaluation is not None:
                    _evaluation_tab(page, evaluation)
        tabs = [chat_tab, search_tab, library_tab, evaluation_tab]
        page.load(_name_tabs, None, tabs, queue=False, **_PRIVATE)
        gr.api(AskEndpoint(engine).ask, api_name="ask")
        gr.api(SearchEndpoint(engine).search, api_name="search")
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=N_CONCURRENT)
    return page


def _name_tabs(request: gr.Request) -> tuple[gr.Tab, ...]:
    texts = texts_for(request)
    names = (texts.tab_chat, texts.tab_search, texts.tab_library, texts.tab_evaluation)
    return tuple(gr.Tab(label=label) for label in names)


def _chat_tab(page: gr.Blocks, engine: AskableEngine, feedback: FeedbackStore | None, history: History | None) -> None:
    chat = Chat(engine, feedback, history)
    session = gr.State(Session())  # each page gets its own copy
    panel = HistoryPanel(history) if history is not None else None
    with gr.Row(elem_id="wd-page"):
        with gr.Column(scale=6, elem_id="wd-left"):
            conversation = _conversation()
            box = _question_box()
            with gr.Row(elem_id="wd-export"):
                as_markdown, as_json = gr.Button(ZH.export_markdown, size="sm"), gr.Button(ZH.export_json, size="sm")
            kept = gr.Textbox(visible=False)
        with gr.Column(scale=5, elem_id="wd-right"):
            pane = gr.HTML(notice_pane(ZH.pane_empty), elem_id="wd-pane", js_on_load=PANE_SCRIPT, show_label=False)
    shown = [conversation, box, pane]
    greeted = page.load(chat.greet, None, shown, queue=False, **_PRIVATE)
    # "multiple": a question right after a stop must not be dropped; a second one at a time the session refuses.
    asked = box.submit(chat.ask_question, [box, session], shown, trigger_mode="multiple", **_PRIVATE)
    chosen = conversation.example_select(chat.ask_example, [session], shown, trigger_mode="multiple", **_PRIVATE)
    next_one = conversation.option_select(chat.ask_suggestion, [session], shown, trigger_mode="multiple", **_PRIVATE)
    asking: Any = [asked, chosen, next_one]
    stopped = box.stop(chat.stop, [session], [conversation, box], cancels=asking, queue=False, **_PRIVATE)
    cleared = conversation.clear(chat.clear, [session], shown, cancels=asking, queue=False, **_PRIVATE)
    undone = conversation.undo(chat.undo, [session], shown, cancels=asking, queue=False, **_PRIVATE)
    retried = conversation.retry(chat.retry, [session], shown, trigger_mode="multiple", **_PRIVATE)
    if panel is not None:
        panel.connect(
            page, session, shown, greeted, changes=[*asking, stopped, cleared, undone, retried], asking=asking
        )
    page.load(_export_words, None, [as_markdown, as_json], queue=False, **_PRIVATE)
    for button, export, name in (
        (as_markdown, chat.export_markdown, "wenda.md"),
        (as_json, chat.export_json, "wenda.json"),
    ):
        made = button.click(export, [session], [kept], queue=False, **_PRIVATE)
        made.then(None, [kept], None, js=SAVE_SCRIPT.format(name), **_PRIVATE)
    if feedback is not None:
        conversation.like(chat.rate, [session], None, **_PRIVATE)  # in the queue: only there a notice is shown
    pane.cite(chat.open_source, [session], [pane], queue=False, **_PRIVATE)


def _export_words(request: gr.Request) -> tuple[gr.Button, gr.Button]:
    texts = texts_for(request)
    return gr.Button(texts.export_markdown), gr.Button(texts.export_json)


def _search_tab(page: gr.Blocks, engine: TunableEngine, manage: bool) -> None:
    search = Search(engine)
    settings = engine.settings
    with gr.Column(elem_id="wd-search"):
        question = gr.Textbox(label=ZH.question_label, placeholder=ZH.search_hint, max_lines=3)
        with gr.Row():
            weight = gr.Slider(0, 1, settings.bm25_weight, step=0.05, label=ZH.bm25_weight, min_width=260)
            threshold = gr.Slider(0, 1, settings.answer_threshold, step=0.01, label=ZH.answer_threshold, min_width=260)
            top_k = gr.Slider(1, MAX_TOP_K, 10, step=1, label=ZH.top_k, min_width=260)
        with gr.Row():
            tried = gr.Button(ZH.search_try, variant="primary")
            applied = gr.Button(ZH.search_apply, visible=manage)
        found = gr.HTML(elem_id="wd-found", show_label=False)
    page.load(search.greet, None, [question, weight, threshold, top_k, tried, applied], queue=False, **_PRIVATE)
    asked = [question, weight, threshold, top_k]
    gr.on([question.submit, tried.click], search.try_out, asked, [found], **_PRIVATE)
    if manage:
        applied.click(search.apply, [weight, threshold], None, **_PRIVATE)


def _library_tab(page: gr.Blocks, library: Library, tab: gr.Tab, manage: bool) -> None:
    with gr.Row(elem_id="wd-documents"):
        with gr.Column(scale=6):
            query = gr.Textbox("", label=ZH.library_filter, max_lines=1)
            status = gr.HTML(elem_id="wd-library-status", show_label=False)
            with gr.Row(visible=manage):
                planned = gr.Button(ZH.library_plan_button)
                rebuilt = gr.Button(ZH.library_build_button, variant="primary")
            with gr.Accordion("＋ / －", open=False, visible=manage) as files:
                added = gr.File(label=ZH.library_add, file_count="multiple", type="filepath")
                taken = gr.Dropdown(label=ZH.library_remove, choices=[], multiselect=True)
                removed = gr.Button(ZH.library_remove_button)
            shown = gr.HTML(elem_id="wd-listing", js_on_load=LISTING_SCRIPT, show_label=False)
        with gr.Column(scale=5):
            opened = gr.HTML(elem_id="wd-article", show_label=False)
    words = [query, planned, rebuilt, files, added, taken, removed]
    page.load(_library_words, None, words, queue=False, **_PRIVATE)
    gr.on([tab.select, query.submit, page.load], library.shown, [query], [shown, taken], **_PRIVATE)
    shown.open(library.open_article, None, [opened], queue=False, **_PRIVATE)
    if manage:
        planned.click(library.plan, None, [status], **_PRIVATE)
        rebuilt.click(library.rebuild, [query], [status, shown, taken], concurrency_limit=1, **_PRIVATE)
        added.upload(library.add, [added], [status, added, taken], **_PRIVATE)
        removed.click(library.remove, [taken], [status, taken], **_PRIVATE)


def _library_words(request: gr.Request) -> tuple[Any, ...]:
    texts = texts_for(request)
    return (
        gr.Textbox(label=texts.library_filter),
        gr.Button(texts.library_plan_button),
        gr.Button(texts.library_build_button),
        gr.Accordion(label=f"{texts.library_new} / {texts.library_gone}"),
        gr.File(label=texts.library_add),
        gr.Dropdown(label=texts.library_remove),
        gr.Button(texts.library_remove_button),
    )


def _evaluation_tab(page: gr.Blocks, evaluation: Evaluation) -> None:
    names = evaluation.names()
    with gr.Column(elem_id="wd-evaluation"):
        with gr.Row():
            chosen = gr.Dropdown(names, value=names[0] if names else None, label=ZH.evaluation_set, scale=3)
            started = gr.Button(ZH.evaluation_run, variant="primary", scale=1)
        status = gr.HTML(elem_id="wd-evaluation-status", show_label=False)
        report = gr.HTML(elem_id="wd-report", show_label=False)
    page.load(_evaluation_words, None, [chosen, started], queue=False, **_PRIVATE)
    started.click(evaluation.run, [chosen], [status, report], concurrency_limit=1, **_PRIVATE)


def _evaluation_words(request: gr.Request) -> tuple[Any, ...]:
    texts = texts_for(request)
    return gr.Dropdown(label=texts.evaluation_set), gr.Button(texts.evaluation_run)


def _conversation() -> gr.Chatbot:
    return gr.Chatbot(
        label=ZH.chat_label,
        show_label=False,
        placeholder=greeting(ZH),
        elem_id="wd-chat",
        buttons=[],
        layout="bubble",
        latex_delimiters=[],
        allow_tags=False,
        group_consecutive_messages=False,
    )


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label=ZH.question_label,
        show_label=False,
        placeholder=ZH.question_hint,
        elem_id="wd-box",
        lines=1,
        max_lines=6,
        autofocus=True,
        submit_btn=True,
    )
