"""The documents tab: what the index holds, what would change, and the files themselves: added, taken out, rebuilt."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import gradio as gr

from index.build import build_index, plan_build
from index.documents import SUFFIXES
from index.errors import UserError
from index.generation.catalog import Entry
from index.generation.opened_files import hash_file
from index.searchable import Searchable
from index.settings import IndexSettings
from index.store import Index
from index.types import Article, BuildProgress, BuildReport, Document

from .background import in_background
from .catalogue import Holdings, article_view, listing, plan_view, progress_view, report_view
from .events import PRIVATE
from .markup import notice
from .references import named_article
from .roles import for_owners, may_manage
from .sources import notice_pane
from .texts import ZH, Texts, texts_for
from .theme import ARTICLE_SCRIPT, LISTING_SCRIPT

REMOVED = ".removed"
"""A hidden folder among the documents, which no build reads: what is taken out is kept there."""
MAX_UPLOAD_BYTES = 50 * 2**20
MAX_NAME_BYTES = 200
_UPDATE_S = 0.2
"""Between two updates of the progress bar."""

Updates = tuple[Any, ...]


class IndexedEngine(Protocol):
    """An engine whose index can be built anew while it answers; `rag.Engine` is one."""

    path: Path

    @property
    def index(self) -> Searchable: ...

    def refresh(self) -> bool: ...

    def document(self, doc_id: str) -> Document: ...

    def article(self, doc_id: str, number: int) -> Article: ...


class Library:
    """The handlers of the tab, around one engine and the folder that its index is built of."""

    def __init__(
        self, engine: IndexedEngine, folder: Path, note_build: Callable[[str], None] = lambda outcome: None
    ) -> None:
        """`note_build` is told what became of each rebuild: "built", "refused" (it could not be), or "failed"."""
        self._engine = engine
        self.folder = folder
        self._note_build = note_build
        self._hashes = Hashes()

    def shown(self, query: str, request: gr.Request) -> str:
        """The listing: what the index holds and what the folder does; files can be ticked by those who may."""
        texts = texts_for(request)
        try:
            self._engine.refresh()
            index = self._engine.index
            read = {entry.doc_id: entry for entry in entries_of(index)}
            n_chunks = {doc_id: entry.n_rows for doc_id, entry in read.items()}

            def is_changed(name: str) -> bool:  # a row of a table has a hash of its own, its file has none
                return name in read and self._hashes.of(self.folder / name) != read[name].sha256

            holdings = Holdings(dict.fromkeys(self.files()), n_chunks, is_changed, may_manage(request))
            return listing(index, query, holdings, texts)
        except UserError as error:
            return notice(str(error))

    def open_article(self, event: gr.EventData, request: gr.Request) -> Any:
        """An article of the listing was clicked; what the browser names is looked up."""
        named = named_article(event._data)
        if named is None:
            return gr.skip()
        try:
            return article_view(self._engine.document(named[0]), self._engine.article(*named), texts_for(request))
        except UserError as error:
            return notice(str(error))

    def plan(self, request: gr.Request) -> str:
        """What a rebuild would change, by name; nothing is touched."""
        try:
            return plan_view(plan_build(self.folder, self._engine.path, self._settings()), texts_for(request))
        except UserError as error:
            return notice(str(error))

    def rebuild(self, query: str, request: gr.Request) -> Iterator[Updates]:
        """Builds with a progress bar; the chat goes on with the live generation until the new one is complete.

        Updates for (status, listing).
        """
        texts = texts_for(request)
        yield progress_view(BuildProgress(0, 0, 0), 0.0, texts), gr.skip()
        started = shown_at = time.monotonic()
        try:
            for step in in_background(self._build):
                now = time.monotonic()
                if isinstance(step, BuildReport):
                    yield report_view(step, texts), self.shown(query, request)
                elif now - shown_at >= _UPDATE_S:
                    shown_at = now
                    yield progress_view(step, now - started, texts), gr.skip()
        except UserError as error:
            yield notice(str(error)), gr.skip()
        except Exception:
            yield notice(texts.failed), gr.skip()
            raise

    def add(self, uploaded: Sequence[str] | None, query: str, request: gr.Request) -> Updates:
        """Copies uploaded files into the folder; one of the same name is kept in `.removed`."""
        texts = texts_for(request)
        lines = [self._add_one(Path(path), texts) for path in uploaded or ()]
        says = notice("\n".join(lines) or texts.library_nothing)
        return says, gr.File(value=None), self.shown(query, request)

    def remove(self, query: str, event: gr.EventData, request: gr.Request) -> Updates:
        """Takes the ticked files out of the folder, into `.removed`; only what stands in it can be named."""
        texts, there = texts_for(request), set(self.files())
        named = event._data.get("files") if isinstance(event._data, dict) else None
        ticked = named if isinstance(named, list) else []
        taken = [name for name in ticked if isinstance(name, str) and name in there]
        for name in dict.fromkeys(taken):
            self._put_away(self.folder / name)
        says = texts.library_removed.format(len(taken)) if taken else texts.library_nothing
        return notice(says), self.shown(query, request)

    def files(self) -> list[str]:
        """The files of the folder that a build would read, by their path below it."""
        paths = (path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
        names = (path.relative_to(self.folder) for path in paths)
        return sorted(name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts))

    def _build(self, tell: Callable[[BuildProgress], None]) -> BuildReport:
        try:
            report = build_index(self.folder, self._engine.path, self._settings(), progress=tell)
        except BaseException as error:
            self._note_build("refused" if isinstance(error, UserError) else "failed")
            raise
        self._note_build("built")
        return report

    def _settings(self) -> IndexSettings:
        """Those of the live index: a page must not change what it is built with."""
        return IndexSettings(**self._engine.index.manifest["settings"])

    def _add_one(self, path: Path, texts: Texts) -> str:
        name = path.name
        if name.startswith(".") or not name.isprintable() or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
            return texts.library_bad_name.format(name[:40])
        if path.suffix.lower() not in SUFFIXES:
            return texts.library_bad_format.format(name, " ".join(SUFFIXES))
        if path.stat().st_size > MAX_UPLOAD_BYTES:
            return texts.library_too_large.format(name, MAX_UPLOAD_BYTES // 2**20)
        target = self.folder / name
        if target.is_symlink() or (target.exists() and not target.is_file()):
            return texts.library_bad_name.format(name)
        if target.exists():
            self._put_away(target)
        part = self.folder / f".{name}.part"  # hidden: a build that runs meanwhile does not read half a file
        shutil.copyfile(path, part)
        part.replace(target)
        return texts.library_added.format(name)

    def _put_away(self, path: Path) -> None:
        kept = self.folder / REMOVED / str(time.time_ns()) / path.relative_to(self.folder)
        kept.parent.mkdir(parents=True)
        path.replace(kept)


class Hashes:
    """Hashes of files, each computed once as long as its size and time stay."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, int, str]] = {}

    def of(self, path: Path) -> str:
        """Of the file's bytes, as the index keeps it; empty where it cannot be read (any more)."""
        try:
            stat = path.stat()
            known = self._known.get(path)
            if known is None or known[:2] != (stat.st_size, stat.st_mtime_ns):
                known = self._known[path] = (stat.st_size, stat.st_mtime_ns, hash_file(path))
        except OSError:
            return ""
        return known[2]


def entries_of(index: Searchable) -> Iterable[Entry]:
    """What the index keeps of each document; one that stands elsewhere does not tell it."""
    return index.texts.entries() if isinstance(index, Index) else ()


def library_tab(page: gr.Blocks, library: Library, tab: gr.Tab, manage: bool) -> None:
    """The tab's components and what they do. `manage`: documents can be changed, not only seen."""
    with gr.Row(elem_id="wd-documents"):
        with gr.Column(scale=6):
            query = gr.Textbox("", label=ZH.library_filter, max_lines=1)
            with gr.Row(visible=manage):
                planned = gr.Button(ZH.library_plan_button)
                rebuilt = gr.Button(ZH.library_build_button, variant="primary")
            status = gr.HTML(elem_id="wd-library-status", show_label=False)
            added = gr.File(
                label=ZH.library_add,
                file_count="multiple",
                type="filepath",
                visible=manage,
                height=110,
                elem_id="wd-add",
            )
            shown = gr.HTML(elem_id="wd-listing", js_on_load=LISTING_SCRIPT, show_label=False)
        with gr.Column(scale=5):
            opened = gr.HTML(
                notice_pane(ZH.library_pane), elem_id="wd-article", js_on_load=ARTICLE_SCRIPT, show_label=False
            )
    page.load(_library_words(manage), None, [query, planned, rebuilt, added, opened], queue=False, **PRIVATE)
    gr.on([tab.select, query.submit, page.load], library.shown, [query], [shown], **PRIVATE)
    shown.open(library.open_article, None, [opened], queue=False, **PRIVATE)
    if manage:
        planned.click(for_owners(library.plan), None, [status], **PRIVATE)
        rebuilt.click(for_owners(library.rebuild), [query], [status, shown], concurrency_limit=1, **PRIVATE)
        added.upload(for_owners(library.add), [added, query], [status, added, shown], **PRIVATE)
        shown.take(for_owners(library.remove), [query], [status, shown], **PRIVATE)


def _library_words(manage: bool) -> Callable[[gr.Request], tuple[Any, ...]]:
    def words(request: gr.Request) -> tuple[Any, ...]:
        texts, manages = texts_for(request), manage and may_manage(request)
        return (
            gr.Textbox(label=texts.library_filter),
            gr.Button(texts.library_plan_button, visible=manages),
            gr.Button(texts.library_build_button, visible=manages),
            gr.File(label=texts.library_add, visible=manages),
            notice_pane(texts.library_pane),
        )

    return words
