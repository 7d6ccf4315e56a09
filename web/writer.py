"""The settings tab: who writes the answers, the shipped reader or a language model; and whether that can be reached."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, Literal, Protocol

import gradio as gr

from index.errors import SettingsError, UserError
from rag import open_model
from rag.settings import API_KEY, BASE_URL, MODEL, ModelSettings
from rag.types import LanguageModel

from .events import PRIVATE
from .markup import escape_text, isolated, styled, tag
from .roles import for_owners, may_manage
from .texts import ZH, Texts, error_text, texts_for

TEST_TIMEOUT_S = 60.0
"""Until a model has said its first words: a server may have to load it first."""
_TEST = ({"role": "user", "content": "用一个字回答：好"},)
_MAX_SHOWN_WORDS = 40
N_GREETED = 7
"""Components that get their words when the page is opened."""

State = Literal["good", "bad", "plain"]


class WritingEngine(Protocol):
    """An engine whose answers a language model can write; `rag.Engine` is one."""

    model: LanguageModel | None


class Writer:
    """The handlers of the tab, around one open engine: what is chosen here holds for everybody who asks it."""

    def __init__(
        self,
        engine: WritingEngine,
        *,
        hide: Callable[[str], None] = lambda key: None,
        note_choice: Callable[[bool], None] = lambda has_model: None,
    ) -> None:
        """`hide` is told every key that is typed, before it is used: the logs strike it out. `note_choice` is told
        after each choice whether a language model writes."""
        self._engine = engine
        self._hide = hide
        self._note_choice = note_choice

    def greet(self, request: gr.Request) -> tuple[Any, ...]:
        """The words of the tab, and what is set; never a key."""
        if not may_manage(request):  # nobody else learns which server it is
            return tuple(gr.skip() for _ in range(N_GREETED))
        texts, served = texts_for(request), self._served()
        choices = [(texts.writer_reader, "reader"), (texts.writer_model, "model")]
        return (
            gr.Radio(choices, label=texts.writer_choice, value="reader" if self._engine.model is None else "model"),
            gr.Textbox(label=texts.writer_url, value=served.base_url if served else ""),
            gr.Textbox(label=texts.writer_name, value=served.model if served else ""),
            self._key_box(texts),
            gr.Button(texts.writer_test),
            gr.Button(texts.writer_use),
            styled("p", "wd-note", escape_text(texts.writer_hint.format(BASE_URL, MODEL, API_KEY))),
        )

    def look(self, request: gr.Request) -> Iterator[str]:
        """The tab was opened: who writes now, and whether it answers."""
        texts, model = texts_for(request), self._engine.model
        if model is None:
            yield status("plain", texts.writer_now_reader)
            return
        served = self._served()
        says = texts.writer_now_model.format(model.name, served.base_url if served else texts.writer_local)
        if served is None:
            yield status("plain", says)
            return
        yield status("plain", says, texts.writer_testing)
        yield self._tested(served, says, texts)

    def test(self, url: str, name: str, key: str, request: gr.Request) -> Iterator[str]:
        """Asks the server that the fields name, and changes nothing."""
        texts = texts_for(request)
        try:
            settings = self._named(url, name, key, texts)
        except UserError as error:
            yield status("bad", error_text(error, texts))
            return
        says = f"{settings.model} · {settings.base_url}"
        yield status("plain", says, texts.writer_testing)
        yield self._tested(settings, says, texts)

    def use(self, kind: str, url: str, name: str, key: str, request: gr.Request) -> Iterator[tuple[str, Any]]:
        """From now on the answers are written so, until the program ends; a server that does not answer is not taken.

        Updates for the status and the field of the key, which is emptied.
        """
        texts = texts_for(request)
        if kind != "model":
            self._engine.model = None
            self._note_choice(False)
            yield status("good", texts.writer_now_reader, texts.writer_used), self._key_box(texts)
            return
        try:
            settings = self._named(url, name, key, texts)
            says = texts.writer_now_model.format(settings.model, settings.base_url)
            yield status("plain", f"{settings.model} · {settings.base_url}", texts.writer_testing), gr.skip()
            took = first_words(settings)
            self._engine.model = open_model(settings)
            self._note_choice(True)
        except UserError as error:
            yield status("bad", error_text(error, texts), texts.writer_not_used), gr.skip()
            return
        yield status("good", says, texts.writer_answers.format(*took), texts.writer_used), self._key_box(texts)

    def _tested(self, settings: ModelSettings, says: str, texts: Texts) -> str:
        try:
            return status("good", says, texts.writer_answers.format(*first_words(settings)))
        except UserError as error:
            return status("bad", says, error_text(error, texts), texts.writer_unreachable)

    def _named(self, url: str, name: str, key: str, texts: Texts) -> ModelSettings:
        """What the fields name; an empty key means the one that is set, for its own server only. Raises UserError."""
        url, name, key = url.strip(), name.strip(), key.strip()
        self._hide(key)
        if not url or not name:
            raise UserError(texts.writer_incomplete)
        served = self._served()
        if not key and served is not None and served.base_url == url:
            return replace(served, model=name)
        try:
            return ModelSettings(name, url, key)
        except SettingsError:  # it speaks of variables of the environment, and English only
            raise UserError(texts.writer_unusable) from None

    def _served(self) -> ModelSettings | None:
        """The server of the model that writes, if one does."""
        settings = getattr(self._engine.model, "settings", None)  # a model of another make may have none
        return settings if isinstance(settings, ModelSettings) and settings.base_url else None

    def _key_box(self, texts: Texts) -> gr.Textbox:
        served = self._served()
        hint = texts.writer_key_set if served is not None and served.api_key else texts.writer_key_none
        return gr.Textbox(label=texts.writer_key, value="", placeholder=hint)


def first_words(settings: ModelSettings) -> tuple[str, str]:
    """The seconds until a model began to write, and what it wrote first. Raises ModelError, GeneratorError."""
    model = open_model(replace(settings, total_timeout_s=TEST_TIMEOUT_S, n_retries=0))
    started = time.monotonic()
    with closing(model.stream(_TEST)) as deltas:
        words = next((delta for delta in deltas if delta.strip()), "")
    return f"{time.monotonic() - started:.1f}", words.strip()[:_MAX_SHOWN_WORDS]


def status(state: State, says: str, *more: str) -> str:
    """What is so, in one line, and what to know of it below."""
    lines = "".join(styled("p", "wd-note", isolated(one)) for one in more)
    return styled("div", f"wd-writer wd-writer-{state}", tag("p", isolated(says)) + lines, role="status")


def writer_tab(page: gr.Blocks, writer: Writer, tab: gr.Tab) -> None:
    """The tab's components and what they do."""
    with gr.Column(elem_id="wd-writer"):
        said = gr.HTML(elem_id="wd-writer-status", show_label=False)
        kind = gr.Radio([(ZH.writer_reader, "reader"), (ZH.writer_model, "model")], label=ZH.writer_choice)
        with gr.Row():
            url = gr.Textbox(label=ZH.writer_url, placeholder="http://127.0.0.1:11434/v1", max_lines=1, min_width=260)
            name = gr.Textbox(label=ZH.writer_name, placeholder="qwen3:8b", max_lines=1, min_width=260)
            key = gr.Textbox(label=ZH.writer_key, type="password", max_lines=1, min_width=260)
        with gr.Row():
            tested = gr.Button(ZH.writer_test)
            used = gr.Button(ZH.writer_use, variant="primary")
        hint = gr.HTML(elem_id="wd-writer-hint", show_label=False)
    page.load(writer.greet, None, [kind, url, name, key, tested, used, hint], queue=False, **PRIVATE)
    tab.select(for_owners(writer.look), None, [said], **PRIVATE)
    tested.click(for_owners(writer.test), [url, name, key], [said], **PRIVATE)
    used.click(for_owners(writer.use), [kind, url, name, key], [said, key], concurrency_limit=1, **PRIVATE)
