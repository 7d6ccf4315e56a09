"""The page: a conversation on the left, the source of what was said on the right."""

from collections.abc import Callable

import gradio as gr

from eval.feedback import FeedbackStore

from .allowance import UNLIMITED, Allowance
from .api import AskEndpoint, SearchEndpoint
from .capacity import Capacity, Places, capacity_for, open_queue
from .chat_tab import chat_tab
from .conversations import ConversationStore
from .evaluation import Evaluation, evaluation_tab
from .events import PRIVATE
from .history import History
from .library import Library, library_tab
from .linger import keep_streams_open
from .login_page import logout_form
from .markup import escape_text, tag
from .roles import may_manage
from .search import search_tab
from .texts import ZH, Texts, texts_for
from .types import PageEngine
from .visitors import root_path_of, user_of
from .writer import Writer, writer_tab


def build_page(
    engine: PageEngine,
    feedback: FeedbackStore | None = None,
    *,
    conversations: ConversationStore | None = None,
    library: Library | None = None,
    evaluation: Evaluation | None = None,
    writer: Writer | None = None,
    manage: bool = True,
    capacity: Capacity | None = None,
    places: Places | None = None,
    allowance: Allowance = UNLIMITED,
) -> gr.Blocks:
    """The page around an open engine. Nothing is sent to anyone but the browser that opens it.

    `feedback` keeps what readers say of answers; None: they are not asked. `conversations` keeps what was said in each
    browser; None: a reload forgets it. `library`, `evaluation`, `writer`: those tabs; None: there is none. `manage`:
    whoever opens the page may change what all get: settings, documents, index. `capacity`: how many ask at once and
    wait; None: as this machine can. `places`: those that programs ask in; None: the page makes some. `allowance`: how
    often one reader or program may ask.
    """
    capacity = capacity or capacity_for()
    places = places or Places(capacity)
    with gr.Blocks(title=ZH.title, analytics_enabled=False, fill_height=True, fill_width=True) as page:
        heading = gr.HTML(_heading(ZH), elem_id="wd-heading", show_label=False)
        account = gr.HTML(elem_id="wd-account", visible=False, show_label=False)
        with gr.Tabs(elem_id="wd-tabs"):
            with gr.Tab(ZH.tab_chat, id="chat") as first:
                chat_tab(
                    page, engine, feedback, History(conversations) if conversations is not None else None, allowance
                )
            with gr.Tab(ZH.tab_search, id="search") as second:
                search_tab(page, engine, manage, allowance)
            with gr.Tab(ZH.tab_library, id="library", visible=library is not None) as third:
                if library is not None:
                    library_tab(page, library, third, manage)
            # Owners are shown these two: to hide a tab that is there Gradio does not manage.
            with gr.Tab(ZH.tab_evaluation, id="evaluation", visible=False) as fourth:
                if evaluation is not None:
                    evaluation_tab(page, evaluation, fourth)
            with gr.Tab(ZH.tab_settings, id="settings", visible=False) as fifth:
                if writer is not None:
                    writer_tab(page, writer, fifth)
        tabs = [first, second, third, fourth, fifth]
        page.load(_named_tabs(evaluation is not None, writer is not None), None, tabs, queue=False, **PRIVATE)
        page.load(_name_page, None, heading, queue=False, **PRIVATE)
        page.load(_name_user, None, account, queue=False, **PRIVATE)
        # Not in the queue, where a tool would ask this server over HTTP; `places` is what they wait for.
        gr.api(AskEndpoint(engine, places, allowance).ask, api_name="ask", queue=False)
        gr.api(SearchEndpoint(engine, places, allowance).search, api_name="search", queue=False)
    open_queue(page, capacity)
    keep_streams_open(page)
    return page


def _heading(texts: Texts) -> str:
    """The page's name, for those who hear it; who sees it reads the greeting."""
    return tag("h1", escape_text(texts.title))


def _name_page(request: gr.Request) -> str:
    return _heading(texts_for(request))


def _name_user(request: gr.Request) -> gr.HTML:
    """Who is logged in, with the way out; nothing where there are no users."""
    user = user_of(request)
    if user is None:
        return gr.HTML(visible=False)
    return gr.HTML(logout_form(texts_for(request), root_path_of(request), user.name), visible=True)


def _named_tabs(evaluates: bool, writes: bool) -> Callable[[gr.Request], tuple[gr.Tab, ...]]:
    """Gives the tabs their names, and shows owners those of theirs that there are."""

    def name_tabs(request: gr.Request) -> tuple[gr.Tab, ...]:
        texts, manages = texts_for(request), may_manage(request)
        return (
            *(gr.Tab(label=label) for label in (texts.tab_chat, texts.tab_search, texts.tab_library)),
            gr.Tab(label=texts.tab_evaluation, visible=manages and evaluates),
            gr.Tab(label=texts.tab_settings, visible=manages and writes),
        )

    return name_tabs
