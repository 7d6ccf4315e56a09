"""The page: a conversation on the left, the source of what was said on the right; and how it is served."""

from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from eval.feedback import FeedbackStore

from .api import AskEndpoint
from .chat import Chat, greeting
from .guard import Guard
from .session import Session
from .sources import notice_pane
from .texts import ZH
from .theme import HEAD, PANE_SCRIPT, theme
from .types import AskableEngine

N_CONCURRENT = 8
"""Questions that are answered at the same time; more wait in the queue."""
MAX_WAITING = 64
MAX_SESSIONS = 500
"""Conversations kept in memory; over it, the one unused longest is forgotten."""


def build_page(engine: AskableEngine, feedback: FeedbackStore | None = None) -> gr.Blocks:
    """The page around an open engine. Nothing is sent to anyone but the browser that opens it.

    `feedback` keeps what readers say of answers; None: they are not asked.
    """
    chat = Chat(engine, feedback)
    with gr.Blocks(title=ZH.title, analytics_enabled=False, fill_height=True, fill_width=True) as page:
        session = gr.State(Session())  # each page gets its own copy
        with gr.Row(elem_id="wd-page"):
            with gr.Column(scale=6, elem_id="wd-left"):
                conversation = _conversation()
                box = _question_box()
            with gr.Column(scale=5, elem_id="wd-right"):
                pane = gr.HTML(notice_pane(ZH.pane_empty), elem_id="wd-pane", js_on_load=PANE_SCRIPT, show_label=False)
        shown = [conversation, box, pane]
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        page.load(chat.greet, None, shown, queue=False, **private)
        # "multiple": a question right after a stop must not be dropped; a second one at a time the session refuses.
        asked = box.submit(chat.ask_question, [box, session], shown, trigger_mode="multiple", **private)
        chosen = conversation.example_select(chat.ask_example, [session], shown, trigger_mode="multiple", **private)
        box.stop(chat.stop, [session], [conversation, box], cancels=[asked, chosen], queue=False, **private)
        conversation.clear(chat.clear, [session], shown, cancels=[asked, chosen], queue=False, **private)
        if feedback is not None:
            conversation.like(chat.rate, [session], None, **private)  # in the queue: only there a notice is shown
        pane.cite(chat.open_source, [session], [pane], queue=False, **private)
        gr.api(AskEndpoint(engine).ask, api_name="ask")
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=N_CONCURRENT)
    return page


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


def serve(page: gr.Blocks, host: str, port: int) -> str:
    """Serve the page at this address in the background; its URL. Raises OSError where the port is taken."""
    _, url, _ = page.launch(
        server_name=host,
        server_port=port,
        theme=theme(),
        head=HEAD,
        share=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        allowed_paths=[],
        max_file_size=0,
        state_session_capacity=MAX_SESSIONS,
        app_kwargs={"middleware": [Middleware(Guard)], "docs_url": None, "redoc_url": None},
        quiet=True,
        prevent_thread_lock=True,
    )
    return str(url)
