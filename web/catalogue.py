"""What the documents tab shows: the index's documents and articles, a plan, a build under way, and its report."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from index.searchable import Searchable
from index.types import Article, BuildPlan, BuildProgress, BuildReport, Document, Failure

from .layout import lay_out
from .markup import escape_text, isolated, styled, tag
from .sources import paragraphs_markup
from .texts import Texts, readable_date

MAX_DOCUMENTS = 200
"""Documents that one listing shows; the search narrows it."""
MAX_NAMED = 20


def listing(index: Searchable, query: str, texts: Texts) -> str:
    """The documents whose name or one of whose titles holds the query, each with its articles as links."""
    manifest = index.manifest
    counts = texts.library_counts.format(manifest["n_documents"], manifest["n_articles"], manifest["n_chunks"])
    facts = f"{counts} · {manifest.get('created', '')} · {manifest['embedder']['name']}"
    found = list(islice(_documents(index, query.strip().lower()), MAX_DOCUMENTS + 1))
    rows = "".join(_document(doc_id, articles, texts) for doc_id, articles in found[:MAX_DOCUMENTS])
    more = texts.library_more.format(MAX_DOCUMENTS) if len(found) > MAX_DOCUMENTS else ""
    failures = tuple(Failure(**failure) for failure in manifest["failed"])
    return (
        styled("p", "wd-meta", isolated(facts))
        + _failures(failures, texts)
        + styled("ul", "wd-library", rows)
        + styled("p", "wd-note", escape_text(more))
    )


def _documents(index: Searchable, query: str) -> Iterator[tuple[str, list[Article]]]:
    for doc_id, group in groupby(index.articles(), key=lambda article: article.doc_id):
        articles = list(group)
        if not query or query in doc_id.lower() or any(query in article.title.lower() for article in articles):
            yield doc_id, articles


def _document(doc_id: str, articles: Sequence[Article], texts: Texts) -> str:
    links = "".join(tag("li", _article(article, texts)) for article in articles)
    return tag("li", styled("strong", "wd-doc", isolated(doc_id)) + tag("ul", links))


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
    paragraphs = lay_out(document.text, article, ())
    body = paragraphs_markup(paragraphs, document.text, "wd-near")
    if not any(paragraph.kind == "title" for paragraph in paragraphs):
        body = tag("h2", escape_text(article.title or texts.untitled)) + body
    return styled(
        "article",
        "wd-source",
        styled("p", "wd-meta", meta) + styled("div", "wd-body", body, lang="zh-CN", tabindex="0"),
    )


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
