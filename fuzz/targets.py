"""What is fuzzed: a function of bytes for each place where something foreign is read, with what must hold after it.

A target raises only where the program has a fault: an error that its user is told is none.
"""

import datetime
import functools
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.articles import split_articles
from index.chunks import split_chunks
from index.errors import UserError
from index.formats import docx, html, pdf
from index.formats.reading import Extracted, Reader, UnreadableError, check_text
from index.formats.row_files import read_jsonl_file, read_table_file
from index.formats.text_files import read_markdown_file, read_text_file
from index.sentences import split_article
from index.store import MANIFEST, read_manifest
from index.terms import split_terms
from index.types import Document, Sentence
from rag.cite import cite
from rag.conversation.collection import asks_for_collection
from rag.conversation.imprint import read_imprint
from rag.conversation.smalltalk import small_talk, without_courtesy
from rag.converse import rewrite
from rag.decompose import decompose
from rag.language_model.writer import DraftWriter
from rag.question import content_words, measure_pattern, names_in, question_kind, search_terms
from rag.searching.filters import may_filter, read_filters
from rag.types import Draft, Passage, Turn

Target = Callable[[bytes], None]
SOURCES = ("新华社", "青河日报", "人民日报")
PASSAGE = "青河大桥全长620米。工程师陈立说，“大桥2024年5月6日通车。”《青河日报》报道，今年增长3.5%。"


def read_text(data: bytes) -> None:
    """A text file, as far as its chunks."""
    _check_documents(data, "a.txt", read_text_file)


def read_markdown(data: bytes) -> None:
    """A Markdown file with its front matter."""
    _check_documents(data, "a.md", read_markdown_file)


def read_rows(data: bytes) -> None:
    """The same bytes as JSON lines, and as a table."""
    _check_documents(data, "a.jsonl", read_jsonl_file)
    _check_documents(data, "a.csv", read_table_file)


def read_html(data: bytes) -> None:
    """A web page, parsed in this process."""
    _check_extracted(lambda: html.extract(data, lambda: None))


def read_pdf(data: bytes) -> None:
    """A PDF, parsed in this process."""
    _check_extracted(lambda: pdf.extract(data, lambda: None))


def read_docx(data: bytes) -> None:
    """A Word document with these bytes as its body, parsed in this process; mutated as a whole it is no package."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, content in _package().items():
            package.writestr(name, data if name == "word/document.xml" else content)
    _check_extracted(lambda: docx.extract(file.getvalue(), lambda: None))


@functools.cache
def _package() -> dict[str, bytes]:
    """The parts of an empty Word document."""
    import docx as library

    file = io.BytesIO()
    library.Document().save(file)
    with zipfile.ZipFile(file) as package:
        return {name: package.read(name) for name in package.namelist()}


def read_page(data: bytes) -> None:
    """A newspaper page: every character but white space stands in one block, and every chunk is its slice."""
    text = data.decode("utf-8", "replace").replace("\0", "")
    if text.strip():
        check_document(Document("2021-12-24-03版.txt", text, ""))


def ask_question(data: bytes) -> None:
    """All that reads a question before anything is searched for."""
    question, _, rest = data.decode("utf-8", "replace")[:1000].partition("\n")
    small_talk(question)
    without_courtesy(question)
    asks_for_collection(question)
    read_imprint(question)
    history = [Turn(line[: len(line) // 2], line[len(line) // 2 :]) for line in rest.split("\n")[:4]]
    alone = rewrite(question, history, lambda asked: [PASSAGE])
    for part in decompose(alone):
        search_terms(part)
        question_kind(part)
        measure_pattern(part)
        names_in(part)
        content_words(part)


def read_filter(data: bytes) -> None:
    """The dates and sources that a question names: each filter stands in the question, and its days are days."""
    question = data.decode("utf-8", "replace")[:1000]
    may_filter(question)
    asked = read_filters(question, SOURCES, datetime.date(2024, 2, 29))
    if any(character.isalnum() for character in question):
        assert asked.question.strip() or asked.filters, "a question was read away"
    assert all(one.shown for one in asked.filters)


def verify_citations(data: bytes) -> None:
    """A language model's words, in pieces: no label but ours gets through, and each quote stands in its document."""
    words = data.decode("utf-8", "replace")[:2000]
    document = Document("a.txt", PASSAGE, "")
    (article,) = split_articles(document)[:1]
    sentences = tuple(Sentence(one.spans, one.text, "body") for one in split_article(article, PASSAGE))
    passage = Passage(1, "a.txt", 0, "青河大桥", "2024-05-06", "新华社", sentences, ())
    writer = DraftWriter([passage], drop_unsupported=len(words) % 2 == 0)
    for start in range(0, len(words), 7):
        for _ in writer.feed(words[start : start + 7]):
            pass
    for _ in writer.finish():
        pass
    for draft in (writer.draft, Draft(words, {1: (sentences[0], passage)})):
        text, citations, claims = cite(draft, lambda doc_id: document)
        assert all(PASSAGE[one.start : one.end] == one.quote for one in citations)
        assert all(label in draft.evidence for claim in claims for label in claim.labels)
        assert all(0 <= claim.start < claim.end <= len(text) for claim in claims)


def open_manifest(data: bytes) -> None:
    """The manifest of an index."""
    with _file(MANIFEST, data) as path, suppress(UserError):
        json.dumps(read_manifest(path.parent))


def read_request(data: bytes) -> None:
    """The body of a request to the OpenAI-compatible endpoint."""
    from web.openai_api import _BadRequestError, _read

    try:
        question, history, _ = _read("application/json", data)
    except _BadRequestError:
        return
    assert isinstance(question, str) and all(isinstance(turn, Turn) for turn in history)


def check_document(document: Document) -> None:
    """What holds for any document: its blocks cover it once, its sentences and chunks are what stands there."""
    text = document.text
    articles = split_articles(document)
    covered = sorted((block.start, block.end) for article in articles for block in article.blocks)
    at = 0
    for start, end in covered:
        assert at <= start < end <= len(text), "blocks overlap, are empty or run out of the text"
        assert not text[at:start].strip(), f"lost: {text[at:start]!r}"
        at = end
    assert not text[at:].strip(), f"lost: {text[at:]!r}"
    for article in articles:
        for sentence in split_article(article, text):
            assert sentence.text == "".join(text[start:end] for start, end in sentence.spans)
        for made in split_chunks(article, text, 300):
            assert made.chunk.text == text[made.chunk.start : made.chunk.end]
            split_terms(made.search_text)


def _check_documents(data: bytes, name: str, read: Reader) -> None:
    with _file(name, data) as path:
        try:
            documents = [item for item in read(path, name) if isinstance(item, Document)]
        except UnreadableError:
            return
    for document in documents:
        check_text(document.doc_id, document.text, *document.metadata.values())
        check_document(document)


def _check_extracted(extract: Callable[[], Extracted]) -> None:
    """A parser may raise what it likes: it runs in a process of its own, which tells of it as damage."""
    try:
        found = extract()
    except UnreadableError:
        return
    except (AssertionError, SystemExit):
        raise
    except Exception:
        return
    try:
        check_text(found.text)
    except UnreadableError:
        return
    if found.text.strip():
        check_document(Document("a.html", found.text, "", found.metadata, page_starts=found.page_starts))


@contextmanager
def _file(name: str, data: bytes) -> Iterator[Path]:
    """A file of these bytes, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


TARGETS: dict[str, Target] = {
    "text": read_text, "markdown": read_markdown, "rows": read_rows, "html": read_html, "pdf": read_pdf,
    "docx": read_docx, "page": read_page, "question": ask_question, "filters": read_filter,
    "citations": verify_citations, "manifest": open_manifest, "request": read_request,
}  # fmt: skip
