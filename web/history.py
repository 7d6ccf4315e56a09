"""Beside the conversation, the earlier ones of this browser: found again, opened, renamed, deleted."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from .conversations import Conversation, ConversationsError, ConversationStore, Entry, Kept, is_token, new_token
from .events import PRIVATE
from .markup import escape_text, isolated, notice, styled
from .messages import conversation
from .session import Session
from .sources import notice_pane
from .texts import ZH, Texts, texts_for
from .theme import HISTORY_SCRIPT
from .visitors import owner_key, user_of

TOKEN_KEY = "wenda-owner"
"""Where the browser's token lies in its localStorage."""
TOKEN_SECRET = "wenda"  # Gradio wants one; it goes to every browser and protects nothing
MAX_QUERY_CHARS = 200
FOLLOW_S = 60.0
"""How long a page waits for an answer that another page of the same conversation has asked for."""
FOLLOW_STEP_S = 0.25

Shown = tuple[Any, Any, Any, Any]
"""Updates for (conversation, question box, source pane, list of conversations)."""


class History:
    """The handlers around one file of conversations. Whose they are stands in the `Session`, set when it is opened."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._under_way: dict[int, str] = {}
        """The conversations, by key, in which a session (by identity) of this program waits for an answer."""

    def keep(self, session: Session, texts: Texts) -> None:
        """Keep the conversation as it is now. Where that fails `session.unkept` says it, and the chat goes on."""
        if not session.owner:
            return
        with self._lock:  # the end of an answer and a stop may come together
            try:
                self._save(session)
            except ConversationsError as error:
                session.unkept = texts.history_lost.format(error)
            else:
                session.unkept = ""
            self._under_way.pop(id(session), None)
            if session.is_answering and not session.is_elsewhere:
                self._under_way[id(session)] = session.key

    def _save(self, session: Session) -> None:
        if session.exchanges:
            session.key = session.key or new_token()
            kept = Kept(session.key, session.revision)
            kept = self._store.save(session.owner, kept, session.exchanges, session.next_number)
            session.key, session.revision = kept.key, kept.revision
        elif session.revision:
            self._store.remove(session.owner, session.key)
            session.revision = 0

    def restore(self, token: object, session: Session, request: gr.Request) -> tuple[Any, Any, Any, Any]:
        """A page was opened: the browser's token, (a new one where it has none), and what was said there last.

        Updates for (token, conversation, source pane, list).
        """
        texts = texts_for(request)
        user = user_of(request)
        if user is not None:  # whatever the browser keeps: conversations are the user's
            session.owner, token = owner_key(user), gr.skip()
        else:
            session.owner = token = token if isinstance(token, str) and is_token(token) else new_token()
        messages, source = gr.skip(), gr.skip()
        try:
            latest = self._store.latest(session.owner)
        except ConversationsError as error:
            source = notice_pane(texts.history_unread.format(error))
        else:
            if latest is not None and not session.exchanges:
                self._resume(session, latest)
                messages = conversation(session.exchanges, texts)
        return token, messages, source, self.listed("", session, request)

    def follow(self, session: Session, request: gr.Request) -> Iterator[Any]:
        """Where another page of this conversation waits for an answer, also one that was reloaded: what became of it.

        Updates for the conversation. An answer that does not end in time is told to be stopped, here.
        """
        yield gr.skip()  # one that yields nothing Gradio takes for None: it would empty the conversation
        texts, key = texts_for(request), session.key
        until = time.monotonic() + FOLLOW_S
        while session.is_elsewhere and session.key == key and self._is_under_way(key) and time.monotonic() < until:
            yield gr.skip()
            time.sleep(FOLLOW_STEP_S)
        if not session.is_elsewhere or session.key != key:  # the reader went on
            return
        try:
            kept = self._store.load(session.owner, key)
        except ConversationsError as error:
            session.unkept = texts.history_unread.format(error)
            kept = None
        if kept is not None:
            self._resume(session, kept)
        session.stop()
        session.is_elsewhere = False
        yield conversation(session.exchanges, texts)

    def followed(self, query: str, session: Session, request: gr.Request) -> tuple[str, str]:
        """After a change: the list, and whether the conversation is kept."""
        said = notice(session.unkept) if session.unkept else ""
        return self.listed(query, session, request), said

    def _resume(self, session: Session, kept: Conversation) -> None:
        """An answer that nobody waits for any more was stopped when its page, or the program, ended."""
        session.resume(kept.kept.key, kept.kept.revision, kept.exchanges, kept.next_number)
        if not self._is_under_way(kept.kept.key):
            session.stop()
            session.is_elsewhere = False

    def _is_under_way(self, key: str) -> bool:
        with self._lock:
            return key in self._under_way.values()

    def listed(self, query: str, session: Session, request: gr.Request) -> str:
        """The list of conversations, of those that a query names where there is one."""
        texts = texts_for(request)
        try:
            entries = self._store.entries(session.owner, query[:MAX_QUERY_CHARS])
        except ConversationsError as error:
            return styled("p", "wd-note", escape_text(texts.history_unread.format(error)), role="note")
        if not entries:
            return styled("p", "wd-note", escape_text(texts.history_none), role="note") if query.strip() else ""
        items = "".join(_item(entry, texts, is_open=entry.key == session.key) for entry in entries)
        return styled(
            "ul",
            "wd-chats",
            items,
            aria_label=texts.history,
            data_rename_to=texts.history_rename_to,
            data_remove_sure=texts.history_remove_sure,
        )

    def start(self, query: str, session: Session, request: gr.Request) -> Shown:
        """The reader begins another conversation; the one before it stays."""
        texts = texts_for(request)
        self._leave(session, texts)
        session.start_anew()
        return self._opened(query, session, request)

    def choose(self, query: str, session: Session, event: gr.EventData, request: gr.Request) -> Shown:
        """A conversation of the list was chosen. What the browser names is looked up among its owner's."""
        texts = texts_for(request)
        self._leave(session, texts)
        try:
            chosen = self._store.load(session.owner, _named(event, "key"))
        except ConversationsError as error:
            gr.Warning(texts.history_unread.format(error))
            chosen = None
        if chosen is None:  # deleted in another window, or forged
            return gr.skip(), gr.skip(), gr.skip(), self.listed(query, session, request)
        self._resume(session, chosen)
        return self._opened(query, session, request)

    def rename(self, query: str, session: Session, event: gr.EventData, request: gr.Request) -> str:
        """A conversation was given another title."""
        try:
            self._store.rename(session.owner, _named(event, "key"), _named(event, "title"))
        except ConversationsError as error:
            gr.Warning(texts_for(request).history_lost.format(error))
        return self.listed(query, session, request)

    def remove(self, query: str, session: Session, event: gr.EventData, request: gr.Request) -> Shown:
        """A conversation is to be forgotten; where it is the open one, an empty one opens."""
        key = _named(event, "key")
        try:
            with self._lock:
                self._store.remove(session.owner, key)
        except ConversationsError as error:
            gr.Warning(texts_for(request).history_unread.format(error))
        else:
            if key == session.key:
                session.start_anew()
                return self._opened(query, session, request)
        return gr.skip(), gr.skip(), gr.skip(), self.listed(query, session, request)

    def _leave(self, session: Session, texts: Texts) -> None:
        """What has come of an answer under way is kept with the conversation that it belongs to."""
        if session.is_answering and not session.is_elsewhere:
            session.stop()
            self.keep(session, texts)

    def _opened(self, query: str, session: Session, request: gr.Request) -> Shown:
        texts = texts_for(request)
        box = gr.Textbox(value="", submit_btn=True, stop_btn=False)
        messages = conversation(session.exchanges, texts)
        return messages, box, notice_pane(texts.pane_empty), self.listed(query, session, request)


class HistoryPanel:
    """The sidebar: a new conversation, a search, and the list."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._token = gr.BrowserState(None, storage_key=TOKEN_KEY, secret=TOKEN_SECRET)
        with gr.Sidebar(open=False, label=ZH.history, elem_id="wd-history", width=300):
            self._new = gr.Button(ZH.history_new, size="sm", elem_id="wd-new")
            self._query = gr.Textbox("", label=ZH.history_search, max_lines=1, elem_id="wd-history-search")
            self._list = gr.HTML(elem_id="wd-chats", js_on_load=HISTORY_SCRIPT, show_label=False)

    def connect(
        self,
        page: gr.Blocks,
        session: gr.State,
        shown: Sequence[Any],
        kept: gr.HTML,
        greeted: Any,
        *,
        changes: Any,
        asking: Any,
    ) -> None:
        """`shown`: conversation, question box and source pane; `kept` says where a conversation could not be kept. The
        list follows each of `changes`; another conversation ends what is under way in `asking`."""
        history, asked = self._history, [self._query, session]
        messages, _, source = shown
        everything = [*shown, self._list]
        restored = [self._token, messages, source, self._list]
        came_back = greeted.then(history.restore, [self._token, session], restored, queue=False, **PRIVATE)
        came_back.then(history.follow, [session], [messages], **PRIVATE)
        page.load(_words, None, [self._new, self._query], queue=False, **PRIVATE)
        for change in changes:
            change.then(history.followed, asked, [self._list, kept], queue=False, **PRIVATE)
        self._query.change(history.listed, asked, [self._list], queue=False, **PRIVATE)
        self._new.click(history.start, asked, everything, cancels=asking, **PRIVATE)
        # In the queue: only there a notice is shown.
        chosen = self._list.choose(history.choose, asked, everything, cancels=asking, **PRIVATE)
        chosen.then(history.follow, [session], [messages], **PRIVATE)
        self._list.rename(history.rename, asked, [self._list], **PRIVATE)
        self._list.remove(history.remove, asked, everything, **PRIVATE)


def _words(request: gr.Request) -> tuple[gr.Button, gr.Textbox]:
    texts = texts_for(request)
    return gr.Button(texts.history_new), gr.Textbox(label=texts.history_search)


def _named(event: gr.EventData, name: str) -> str:
    """A text that the browser sends with a click; it can send anything."""
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, str) else ""


def _item(entry: Entry, texts: Texts, *, is_open: bool) -> str:
    title = entry.title or texts.history_untitled
    current = {"aria_current": "true"} if is_open else {}
    opens = styled(
        "button", "wd-chat-open", isolated(title), type="button", data_act="choose", title=title, **current
    ) + styled("span", "wd-chat-date", escape_text(entry.updated))
    acts = _act("rename", "✎", texts.history_rename, title) + _act("remove", "×", texts.history_remove, title)
    return styled("li", "wd-chat-item", opens + acts, data_key=entry.key, data_title=entry.title)


def _act(act: str, sign: str, says: str, title: str) -> str:
    return styled("button", "wd-chat-act", sign, type="button", data_act=act, title=says, aria_label=f"{says}: {title}")
