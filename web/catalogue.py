"""What the documents tab shows: the index's documents and articles, a plan, a build under way, and its report."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from index.searchable import Searchable
from index.types import Article, BuildPlan, BuildProgress, BuildReport, Document, Failure

from .markup import escape_text, isolated, styled, tag
from .sources import article_body
from .texts import Texts, readable_date

MAX_DOCUMENTS = 200
"""Documents that one listing shows; the search narrows it."""
MAX_NAMED = 20


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is known of the documents beside the index itself."""

    files: Mapping[str, None]
    """Of the folder, by their path below it, in order: what a build would read."""
    n_chunks: Mapping[str, int]
    """By document; a document that is not in it has an unknown number."""
    is_changed: Callable[[str], bool] = lambda name: False
    """Whether a file is not what the index was built of; asked only of those that are shown."""
    is_changeable: bool = False
    """Files can be ticked, to be taken out."""


def listing(index: Searchable, query: str, holdings: Holdings, texts: Texts) -> str:
    """The documents whose name or one of whose titles holds the query, each with its articles as links.

    Before them the files that are in the folder only, with the reason where one could not be read.
    """
    manifest, query = index.manifest, query.strip().lower()
    counts = texts.library_counts.format(manifest["n_documents"], manifest["n_articles"], manifest["n_chunks"])
    created = str(manifest.get("created", ""))[:16].replace("T", " ")
    facts = f"{counts} · {texts.library_created.format(created)} · {manifest['embedder']['name']}"
    found = list(islice(_documents(index, query), MAX_DOCUMENTS + 1))
    failures = {failure["path"]: failure["reason"] for failure in manifest["failed"]}
    rows = _outside(index, holdings, failures, query, texts)
    rows += _inside(found[:MAX_DOCUMENTS], holdings, texts)
    more = texts.library_more.format(MAX_DOCUMENTS) if len(found) > MAX_DOCUMENTS else ""
    take = styled("button", "wd-take", escape_text(texts.library_take), type="button", disabled="")
    return (
        styled("p", "wd-meta", isolated(facts))
        + (styled("div", "wd-take-bar", take) if holdings.is_changeable else "")
        + styled("ul", "wd-library", rows, data_sure=texts.library_take_sure)
        + styled("p", "wd-note", escape_text(more))
    )


def _documents(index: Searchable, query: str) -> Iterator[tuple[str, list[Article]]]:
    for doc_id, group in groupby(index.articles(), key=lambda article: article.doc_id):
        articles = list(group)
        if not query or query in doc_id.lower() or any(query in article.title.lower() for article in articles):
            yield doc_id, articles


def _outside(index: Searchable, holdings: Holdings, failures: Mapping[str, str], query: str, texts: Texts) -> str:
    """Files that gave no document: those that could not be read, and those that no build has seen yet."""
    known = {file_of(doc_id, holdings.files) for doc_id, _ in _documents(index, "")}
    rows = []
    for name in holdings.files:
        if name in failures:
            state, style, reason = texts.library_state_failed, "failed", failures[name]
        elif name not in known:
            state, style, reason = texts.library_state_new, "new", texts.library_state_new_hint
        else:
            continue
        if query in name.lower():
            rows.append(_file(name, state, style, "", reason, holdings))
    gone = [failure for failure in failures if failure not in holdings.files and query in failure.lower()]
    rows += [_file(name, texts.library_state_failed, "failed", "", failures[name], Holdings({}, {})) for name in gone]
    return "".join(rows[:MAX_DOCUMENTS])


def _inside(found: Sequence[tuple[str, list[Article]]], holdings: Holdings, texts: Texts) -> str:
    """A row for each file, with the articles of all documents that it gave."""
    rows = []
    for name, group in groupby(found, key=lambda one: file_of(one[0], holdings.files)):
        documents = list(group)
        is_there = name in holdings.files
        state, style = (texts.library_state_in, "in") if is_there else (texts.library_state_gone, "gone")
        articles = [article for _, several in documents for article in several]
        known = [holdings.n_chunks[doc_id] for doc_id, _ in documents if doc_id in holdings.n_chunks]
        counts = texts.library_articles.format(len(articles))
        counts += texts.library_chunks.format(sum(known)) if known else ""
        links = tag("ul", "".join(tag("li", _article(article, texts)) for article in articles))
        if is_there and holdings.is_changed(name):
            state, style = texts.library_state_changed, "changed"
            counts = f"{counts} · {texts.library_state_changed_hint}"
        rows.append(_file(name, state, style, links, counts, holdings))
    return "".join(rows)


def file_of(doc_id: str, files: Container[str]) -> str:
    """The file that a document was read from: itself, or for a row of a table (`file#row`) the part before a `#`."""
    if doc_id in files:
        return doc_id
    cuts = [at for at, sign in enumerate(doc_id) if sign == "#"]
    return next((doc_id[:at] for at in reversed(cuts) if doc_id[:at] in files), doc_id)


def _file(name: str, state: str, style: str, content: str, note: str, holdings: Holdings) -> str:
    title = styled("strong", "wd-doc", isolated(name))
    if holdings.is_changeable and name in holdings.files:
        tick = tag("input", "", {"type": "checkbox", "class": "wd-tick", "value": name}).removesuffix("</input>")
        title = styled("label", "wd-doc-name", tick + title)
    facts = styled("span", f"wd-state wd-state-{style}", escape_text(state)) + styled("span", "wd-note", isolated(note))
    return tag("li", styled("div", "wd-doc-line", title + facts) + content)


def _article(article: Article, texts: Texts) -> str:
    facts = " · ".join(fact for fact in (readable_date(article.date), article.source, article.place) if fact)
    link = styled(
        "a",
        "wd-article-link",
        isolated(article.title or texts.untitled),
        href="#article",
        data_doc=article.doc_id,
        data_article=str(article.number),
    )
    return link + (styled("span", "wd-chip-date", isolated(facts)) if facts else "")


def article_view(document: Document, article: Article, texts: Texts) -> str:
    """One article laid out as an article, nothing lit."""
    facts = [readable_date(article.date), article.source, article.place, article.byline, document.doc_id]
    meta = "".join(styled("span", "wd-fact", isolated(fact)) for fact in facts if fact)
    body = article_body(document, article, (), "wd-near", texts)
    back = styled("a", "wd-back", escape_text(f"↑ {texts.library_back}"), href="#wd-listing")
    return styled("article", "wd-source", back + styled("p", "wd-meta", meta) + body)


def plan_view(plan: BuildPlan, texts: Texts) -> str:
    """What a build would do, by name."""
    says = texts.library_plan.format(len(plan.added), len(plan.changed), len(plan.removed), plan.n_unchanged)
    anew = styled("p", "wd-note", escape_text(texts.library_anew)) if plan.anew else ""
    return _status(says, anew + _names(plan.added, plan.changed, plan.removed, texts) + _failures(plan.failed, texts))


def report_view(report: BuildReport, texts: Texts) -> str:
    """What a build did, by name."""
    says = texts.library_built.format(
        len(report.added), len(report.changed), len(report.removed), report.n_unchanged, f"{report.elapsed_s:.1f}"
    )
    notes = "".join(tag("li", isolated(note)) for note in report.notes[:MAX_NAMED])
    content = _names(report.added, report.changed, report.removed, texts) + _failures(report.failed, texts)
    return _status(says, content + (styled("ul", "wd-names", notes) if notes else ""))


def progress_view(step: BuildProgress, elapsed_s: float, texts: Texts) -> str:
    """A bar with counts, rate and the time that is left at this rate."""
    total = max(step.n_total, step.n_documents)
    says = texts.library_reading.format(step.n_documents, total, step.n_chunks)
    if elapsed_s > 0 and step.n_documents:
        rate = step.n_documents / elapsed_s
        says += texts.library_rate.format(f"{rate:.0f}", f"{(total - step.n_documents) / rate:.0f}")
    share = f"{step.n_documents / total:.3f}" if total else ""
    bar = tag("progress", "", {"max": "1", "value": share} if share else {"max": "1"})
    return _status(says, bar)


def _status(says: str, content: str) -> str:
    return styled("div", "wd-status", tag("p", escape_text(says)) + content, role="status")


def _names(added: Sequence[str], changed: Sequence[str], removed: Sequence[str], texts: Texts) -> str:
    groups = ((texts.library_new, added), (texts.library_changed, changed), (texts.library_gone, removed))
    items = "".join(
        tag("li", escape_text(f"{title}：" if texts.language == "zh-CN" else f"{title}: ") + _some(names))
        for title, names in groups
        if names
    )
    return styled("ul", "wd-names", items) if items else ""


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MAX_NAMED])
    return isolated(shown + (f" … ({len(names)})" if len(names) > MAX_NAMED else ""))


def _failures(failures: Sequence[Failure], texts: Texts) -> str:
    if not failures:
        return ""
    items = "".join(tag("li", isolated(f"{one.path}: {one.reason}")) for one in failures[:MAX_NAMED])
    title = escape_text(texts.library_failed.format(len(failures)))
    return styled("div", "wd-failures", tag("p", title) + tag("ul", items))
