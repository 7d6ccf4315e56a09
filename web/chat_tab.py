"""The chat tab: the conversation on the left, the source of what was said on the right."""

from typing import Any

import gradio as gr

from eval.feedback import FeedbackStore

from .allowance import UNLIMITED, Allowance
from .capacity import n_waiting
from .chat import Chat
from .events import ASKING, PRIVATE
from .history import History, HistoryPanel
from .session import Session
from .sources import notice_pane
from .texts import ZH, texts_for
from .theme import PANE_SCRIPT, PRINT_SCRIPT, SAVE_SCRIPT
from .types import AskableEngine
from .welcome import greeting


def chat_tab(
    page: gr.Blocks,
    engine: AskableEngine,
    feedback: FeedbackStore | None,
    history: History | None,
    allowance: Allowance = UNLIMITED,
) -> None:
    chat = Chat(engine, feedback, history, is_busy=lambda: n_waiting(page) > 0, allowance=allowance)
    session = gr.State(Session())  # each page gets its own copy
    panel = HistoryPanel(history) if history is not None else None
    with gr.Row(elem_id="wd-page"):
        with gr.Column(scale=6, elem_id="wd-left"):
            conversation = _conversation()
            kept = gr.HTML(elem_id="wd-kept", show_label=False)
            box = _question_box()
            with gr.Row(elem_id="wd-export"):
                as_markdown, as_json = gr.Button(ZH.export_markdown, size="sm"), gr.Button(ZH.export_json, size="sm")
                printed = gr.Button(ZH.export_print, size="sm")
            made = gr.Textbox(visible=False)
        with gr.Column(scale=5, elem_id="wd-right"):
            pane = gr.HTML(notice_pane(ZH.pane_empty), elem_id="wd-pane", js_on_load=PANE_SCRIPT, show_label=False)
    shown = [conversation, box, pane]
    greeted = page.load(chat.greet, None, shown, queue=False, **PRIVATE)
    asked = box.submit(chat.ask_question, [box, session], shown, **ASKING)
    chosen = conversation.example_select(chat.ask_example, [session], shown, **ASKING)
    next_one = conversation.option_select(chat.ask_suggestion, [session], shown, **ASKING)
    asking: Any = [asked, chosen, next_one]
    stopped = box.stop(chat.stop, [session], [conversation, box], cancels=asking, queue=False, **PRIVATE)
    cleared = conversation.clear(chat.clear, [session], shown, cancels=asking, queue=False, **PRIVATE)
    undone = conversation.undo(chat.undo, [session], shown, cancels=asking, queue=False, **PRIVATE)
    retried = conversation.retry(chat.retry, [session], shown, **ASKING)
    if panel is not None:
        panel.connect(
            page, session, shown, kept, greeted, changes=[*asking, stopped, cleared, undone, retried], asking=asking
        )
    page.load(_export_words, None, [as_markdown, as_json, printed], queue=False, **PRIVATE)
    for button, export, script in (
        (as_markdown, chat.export_markdown, SAVE_SCRIPT.format("wenda.md")),
        (as_json, chat.export_json, SAVE_SCRIPT.format("wenda.json")),
        (printed, chat.export_page, PRINT_SCRIPT),
    ):
        exported = button.click(export, [session], [made], queue=False, **PRIVATE)
        exported.then(None, [made], None, js=script, **PRIVATE)
    if feedback is not None:
        conversation.like(chat.rate, [session], None, **PRIVATE)  # in the queue: only there a notice is shown
    pane.change_question(chat.edit, [session], [conversation, box], queue=False, **PRIVATE)
    pane.open_part(chat.open_part, None, [pane], queue=False, **PRIVATE)
    pane.cite(chat.open_source, [session], [pane], queue=False, **PRIVATE)


def _export_words(request: gr.Request) -> tuple[gr.Button, ...]:
    texts = texts_for(request)
    return gr.Button(texts.export_markdown), gr.Button(texts.export_json), gr.Button(texts.export_print)


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
