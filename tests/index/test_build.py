import fcntl
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import index.build
import index.formats.row_files
import index.generation.assemble
import index.generation.new_rows
from index import BuildReport, Index, IndexSettings, build_index, open_index, verify_index
from index.build import _moment
from index.errors import DocumentsError, IndexBusyError, IndexMismatchError, IndexMissingError, ModelError
from index.generation.postings import Postings
from index.terms import split_terms, term_key
from index.types import BuildProgress

from .conftest import CountingEmbedder
from .pages import BRIDGE, BRIDGE_TITLE, LIBRARY, LIBRARY_TITLE, RICE, RICE_TITLE, page

QUESTIONS = ["大桥主跨长多少米", "红米卖多少钱", "图书馆开到几点", "没有xyz"]


def bridge_page() -> str:
    return page(BRIDGE_TITLE, "本报青河10月3日电（记者陈思）" + BRIDGE[0], *BRIDGE[1:])


def rice_page() -> str:
    return page(RICE_TITLE, "本报云岭10月2日电（记者王林）" + RICE[0], *RICE[1:])


def library_page() -> str:
    return page(LIBRARY_TITLE, "本报宁州10月1日电 " + LIBRARY[0], *LIBRARY[1:])


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def contents(opened: Index) -> tuple[list[object], list[np.ndarray]]:
    """All that an index holds: its texts, and its vectors, postings, counts and scores."""
    entries = list(opened.texts.entries())
    texts: list[object] = [
        {entry.doc_id: opened.document(entry.doc_id) for entry in entries},
        [(e.number, e.doc_id, e.sha256, e.first_row, e.n_articles) for e in entries],  # but not in which part
        list(opened.articles()),
        [opened.chunk(row) for row in range(opened.n_chunks)],
        opened.texts.chunks.tolist(),
        opened.manifest["failed"],
        opened.manifest["notes"],
        [opened.manifest[f"n_{name}"] for name in ("documents", "articles", "chunks")],
    ]
    bm25 = opened.bm25
    arrays = [opened.vectors.rows(np.arange(opened.n_chunks)), bm25.statistics.parameters, bm25.statistics.idf]
    arrays += [getattr(bm25.postings, name) for name in Postings.__slots__]
    arrays += [bm25.score([term_key(term) for term in split_terms(question)]) for question in QUESTIONS]
    return texts, [np.array(array) for array in arrays]  # copies: the files may be damaged next


def assert_same(one: Index, other: Index) -> None:
    (texts, arrays), (other_texts, other_arrays) = contents(one), contents(other)
    assert texts == other_texts
    for array, expected in zip(arrays, other_arrays, strict=True):
        np.testing.assert_array_equal(array, expected, strict=True)


def changes(report: BuildReport) -> tuple[int, int, int, int]:
    return report.n_added, report.n_changed, report.n_removed, report.n_unchanged


def generations(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "generations").iterdir())


def test_a_first_build_reports_what_it_did(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page() + "\n" + rice_page(), b=library_page())
    (folder / "c.txt").write_bytes(library_page().encode("gb18030"))
    (folder / "d.pdf").write_bytes(b"%PDF")
    seen: list[BuildProgress] = []
    report = build_index(folder, out, progress=seen.append)
    opened = open_index(out)
    assert (report.n_documents, report.n_articles, report.n_chunks) == (3, 4, opened.n_chunks)
    assert changes(report) == (3, 0, 0, 0)
    assert report.n_embedded == len(embedder.embedded) == len(set(embedder.embedded)) == report.n_chunks // 4 * 3, (
        "what stands in b.txt and in c.txt is embedded once"
    )
    assert [failure.path for failure in report.failed] == ["d.pdf"]
    assert report.notes == ("c.txt: read as gb18030",)
    assert report.elapsed_s > 0
    assert [step.n_documents for step in seen] == [1, 2, 3]
    assert seen[-1] == BuildProgress(3, 4, report.n_chunks)
    assert verify_index(out) == []
    assert opened.manifest["failed"] == [{"path": "d.pdf", "reason": report.failed[0].reason}]
    assert opened.manifest["embedder"] == {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": 32}
    assert opened.manifest["settings"] == IndexSettings().to_dict()


def test_a_row_of_every_part_is_the_same_chunk(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page() + "\n" + rice_page(), b=library_page())
    build_index(folder, out, IndexSettings(max_chunk_chars=60))
    opened = open_index(out)
    assert opened.n_chunks > 6
    for row, search_text in enumerate(embedder.embedded):
        chunk = opened.chunk(row)
        document = opened.document(chunk.doc_id)
        assert document
        assert document.text[chunk.start : chunk.end] == chunk.text
        article = opened.article(chunk.doc_id, chunk.article)
        assert article
        assert (chunk.title, chunk.date) == (article.title, article.date)
        assert any(start <= chunk.start < end for start, end in article.pieces)
        assert search_text.startswith(chunk.title + "\n")
        found, cosines = opened.vectors.search(embedder.embed_queries([search_text])[0], 1)
        assert (found[0], cosines[0]) == (row, pytest.approx(1, abs=1e-3))
        assert opened.bm25.score([term_key(term) for term in split_terms(search_text)]).argmax() == row


def test_what_is_not_there_is_none(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    opened = open_index(out)
    assert opened.document("b.txt") is None
    assert opened.article("a.txt", 1) is None
    assert list(opened.texts.articles("b.txt")) == []


def test_articles_come_back_with_their_pieces(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page() + "\n" + rice_page())
    build_index(folder, out)
    bridge, rice = open_index(out).articles()
    assert (bridge.title, rice.title) == (BRIDGE_TITLE, RICE_TITLE)
    text = (bridge_page() + "\n" + rice_page()).replace("\n", "")
    whole = bridge_page() + "\n" + rice_page()
    assert "".join(whole[start:end] for article in (bridge, rice) for start, end in article.pieces) == text


def test_a_second_build_costs_nothing(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page(), b=rice_page())
    (folder / "junk.bin").write_bytes(b"\0")
    build_index(folder, out)
    live, embedder.embedded[:] = generations(out), []
    for touched in (False, True):
        if touched:
            os.utime(folder / "a.txt", (1, 1))
        report = build_index(folder, out)
        assert changes(report) == (0, 0, 0, 2)
        assert report.n_embedded == 0
        assert embedder.embedded == []
        assert generations(out) == live


def test_a_renamed_file_embeds_nothing(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page(), b=rice_page())
    build_index(folder, out)
    embedder.embedded.clear()
    (folder / "a.txt").rename(folder / "2022-10-04.txt")
    report = build_index(folder, out)
    assert changes(report) == (1, 0, 1, 1)
    assert report.n_embedded == 0
    assert embedder.embedded == []
    opened = open_index(out)
    assert opened.document("a.txt") is None
    assert {article.date for article in opened.articles()} == {"2022-10-03", "--10-02"}


def test_a_changed_article_embeds_only_its_own_chunks(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page() + "\n" + rice_page(), b=library_page())
    build_index(folder, out)
    embedder.embedded.clear()
    write(folder, a=bridge_page() + "\n" + rice_page().replace("十二元", "十五元"))
    report = build_index(folder, out)
    assert changes(report) == (0, 1, 0, 1)
    assert report.n_embedded == len(embedder.embedded) == 1
    assert "十五元" in embedder.embedded[0]
    assert BRIDGE_TITLE not in embedder.embedded[0]


def test_a_changed_row_embeds_only_itself(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    rows = [{"id": i, "title": f"第{i}篇", "text": text} for i, text in enumerate(BRIDGE + RICE)]

    def save() -> None:
        (folder / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    save()
    build_index(folder, out)
    embedder.embedded.clear()
    rows[2]["text"] = LIBRARY[0]
    del rows[4]
    save()
    assert changes(build_index(folder, out)) == (0, 1, 1, 4)
    assert embedder.embedded == [f"第2篇\n{LIBRARY[0]}"]


def test_a_removed_document_is_gone(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page(), b=rice_page())
    build_index(folder, out)
    (folder / "b.txt").unlink()
    report = build_index(folder, out)
    assert (changes(report), report.n_embedded) == ((0, 0, 1, 1), 0)
    opened = open_index(out)
    assert opened.document("b.txt") is None
    assert {article.title for article in opened.articles()} == {BRIDGE_TITLE}
    assert opened.bm25.document_frequencies([term_key("红米")]) == [0]


def test_a_file_that_can_be_read_no_more_is_a_removed_document(
    folder: Path, out: Path, embedder: CountingEmbedder
) -> None:
    write(folder, a=bridge_page(), b=rice_page())
    build_index(folder, out)
    (folder / "b.txt").write_bytes(b"\0\0")
    report = build_index(folder, out)
    assert (report.n_documents, report.n_removed, [f.path for f in report.failed]) == (1, 1, ["b.txt"])


def test_a_row_and_a_file_of_the_same_name_are_not_mixed_up(
    folder: Path, out: Path, embedder: CountingEmbedder
) -> None:
    (folder / "a.jsonl").write_text(json.dumps({"id": "b.txt", "text": BRIDGE[0]}), encoding="utf-8")
    (folder / "a.jsonl#b.txt").write_text(RICE[0], encoding="utf-8")
    report = build_index(folder, out)
    assert (report.n_documents, [failure.path for failure in report.failed]) == (1, ["a.jsonl#b.txt"])


def test_a_line_that_was_a_file_of_a_name_like_a_lines_is_read_as_a_line(
    folder: Path, out: Path, embedder: CountingEmbedder, tmp_path: Path
) -> None:
    line = json.dumps({"id": "z", "text": RICE[0]}, ensure_ascii=False)
    (folder / "a.jsonl#b.txt").write_text(line, encoding="utf-8")
    build_index(folder, out)
    (folder / "a.jsonl").write_text(line, encoding="utf-8")
    build_index(folder, out)
    build_index(folder, tmp_path / "fresh")
    assert [entry.doc_id for entry in open_index(out).texts.entries()] == ["a.jsonl#z", "a.jsonl#b.txt"]
    assert_same(open_index(out), open_index(tmp_path / "fresh"))


def test_the_same_text_twice_is_two_documents(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page(), b=bridge_page())
    build_index(folder, out)
    opened = open_index(out)
    assert [article.doc_id for article in opened.articles()] == ["a.txt", "b.txt"]
    np.testing.assert_array_equal(opened.vectors.rows(np.array([0])), opened.vectors.rows(np.array([1])))


def edit(rng: random.Random, folder: Path) -> None:
    """One random change to a folder of documents."""
    pool = [bridge_page(), rice_page(), library_page(), "\n".join([bridge_page(), rice_page()]), "。\n", *BRIDGE, *RICE]
    names = [f"{name}{suffix}" for name in ("a", "b", "2022-10-04", "sub/c") for suffix in (".txt", ".md", ".jsonl")]
    path = folder / rng.choice(names)
    action = rng.choice(["write", "write", "write", "append", "remove", "rename", "junk"])
    path.parent.mkdir(exist_ok=True)
    if action == "write" and path.suffix == ".jsonl":
        rows = [{"id": i, "title": rng.choice(["", "题"]), "text": rng.choice(pool)} for i in range(rng.randint(1, 4))]
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    elif action == "write" or not path.exists():
        path.write_text(rng.choice(pool), encoding=rng.choice(["utf-8", "gb18030"]))
    elif action == "append":
        path.write_bytes(path.read_bytes() + b"\n\n" + rng.choice(pool).encode())
    elif action == "remove":
        path.unlink()
    elif action == "rename":
        path.rename(path.with_stem("renamed"))
    else:
        path.write_bytes(b"\0junk")


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_the_index_is_the_one_that_a_new_build_gives(
    folder: Path, out: Path, tmp_path: Path, embedder: CountingEmbedder, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.generation.new_rows, "BATCH", 3)  # several batches, also on a small corpus
    if seed % 2:  # two layers, also on a small corpus
        monkeypatch.setattr(index.generation.assemble, "LAYERED_FROM", 0)
        monkeypatch.setattr(index.generation.assemble, "MAX_RECENT", 0.7)
    rng = random.Random(seed)
    write(folder, always=library_page())
    settings = IndexSettings(max_chunk_chars=60)
    for step in range(6):
        for _ in range(rng.randint(1, 4)):
            edit(rng, folder)
        report = build_index(folder, out, settings)
        fresh = tmp_path / f"fresh{step}"
        expected = build_index(folder, fresh, settings)
        assert (report.n_chunks, report.failed) == (expected.n_chunks, expected.failed)
        keys = open_index(fresh).texts.chunks["key"].tolist()
        assert report.n_embedded <= expected.n_embedded == len(set(keys))
        assert_same(open_index(out), open_index(fresh))
        assert verify_index(out) == []


@pytest.mark.parametrize("settings", [IndexSettings(max_chunk_chars=30), IndexSettings(bm25_k1=1.0)])
def test_other_settings_build_everything_anew_but_the_vectors_of_the_same_texts(
    folder: Path, out: Path, tmp_path: Path, embedder: CountingEmbedder, settings: IndexSettings
) -> None:
    write(folder, a=bridge_page())
    first = build_index(folder, out, IndexSettings(max_chunk_chars=60))
    assert first.n_chunks == first.n_embedded > 1
    texts_before = set(embedder.embedded)
    report = build_index(folder, out, settings)
    assert changes(report) == (0, 0, 0, 1)
    assert open_index(out).manifest["settings"] == settings.to_dict()
    embedder.embedded.clear()
    build_index(folder, tmp_path / "fresh", settings)
    assert report.n_embedded == len(set(embedder.embedded) - texts_before)
    assert_same(open_index(out), open_index(tmp_path / "fresh"))


def test_another_model_embeds_everything_anew(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    report = build_index(folder, out, IndexSettings(embedder="other"))
    assert report.n_embedded == 0, "the settings give it another name, but it is the same model"
    embedder.fingerprint = "other"
    assert build_index(folder, out).n_embedded > 0


def test_another_model_under_the_same_name_builds_everything_anew(
    folder: Path, out: Path, embedder: CountingEmbedder
) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    embedder.fingerprint = "other"
    report = build_index(folder, out)
    assert report.n_embedded == report.n_chunks > 0
    assert open_index(out).manifest["embedder"]["fingerprint"] == "other"


class UnforeseenError(Exception):
    """Not a UserError: what no one foresaw."""


def raise_unforeseen(*_: object, **__: object) -> None:
    raise UnforeseenError


@pytest.mark.parametrize(
    "place",
    ["build.write_manifest", "generation.assemble.save_statistics", "generation.assemble.VectorBuilder",
     "build.swap_in", "build.open_generation", "generation.new_rows.count_all_terms",
     "generation.assemble.write_catalog", "build.choose_probe"],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_a_build_that_fails_leaves_the_index_as_it_was(
    folder: Path, out: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch, place: str, first: bool
) -> None:
    write(folder, a=bridge_page())
    if not first:
        build_index(folder, out)
        before = contents(open_index(out))[0]
        live = generations(out)
        write(folder, a=rice_page())
    with monkeypatch.context() as patch:
        patch.setattr(f"index.{place}", raise_unforeseen)
        with pytest.raises(UnforeseenError):
            build_index(folder, out)
    if first:
        assert generations(out) == []
        with pytest.raises(IndexMissingError):
            open_index(out)
    else:
        assert generations(out) == live
        assert contents(open_index(out))[0] == before
    write(folder, a=rice_page())
    build_index(folder, out)
    assert [article.title for article in open_index(out).articles()] == [RICE_TITLE]


def test_an_embedder_that_raises_leaves_the_index_as_it_was(
    folder: Path, out: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    live = generations(out)
    write(folder, b=rice_page())
    monkeypatch.setattr(embedder, "embed_passages", raise_unforeseen)
    with pytest.raises(UnforeseenError):
        build_index(folder, out)
    assert generations(out) == live
    assert [article.title for article in open_index(out).articles()] == [BRIDGE_TITLE]


def test_what_a_dead_build_left_is_removed(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    (live,) = generations(out)
    shutil.copytree(out / "generations" / live, out / "generations" / "20200101T000000-000000000")
    (out / "generations" / "20200101T000000-000000000" / "manifest.json").unlink()
    (out / "CURRENT.new").write_text("half", encoding="utf-8")
    assert build_index(folder, out).n_embedded == 0
    assert generations(out) == [live]


def test_the_generation_before_is_kept_for_its_readers_and_no_more(
    folder: Path, out: Path, embedder: CountingEmbedder
) -> None:
    names: list[str] = []
    for text in (bridge_page(), rice_page(), library_page()):
        write(folder, a=text)
        build_index(folder, out)
        names.append(open_index(out).generation)
    assert len(set(names)) == 3
    assert generations(out) == names[1:]


def test_names_are_in_the_order_of_time_also_where_a_second_ends() -> None:
    moments = [1_700_000_000_999_999_999, 1_700_000_001_000_000_000, 1_700_000_001_000_699_047]
    names = [_moment(moment) for moment in moments]
    assert names == sorted(names)
    assert len(set(names)) == 3


def test_a_build_while_another_is_writing_is_refused(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    write(folder, a=rice_page())
    with (out / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(IndexBusyError, match=r"Another build is writing .*out"):
            build_index(folder, out)
        assert [article.title for article in open_index(out).articles()] == [BRIDGE_TITLE]
    build_index(folder, out)
    assert [article.title for article in open_index(out).articles()] == [RICE_TITLE]


def nothing(folder: Path) -> None: ...


def junk(folder: Path) -> None:
    for i in range(7):
        (folder / f"{i}.bin").write_bytes(b"\0")


def blank(folder: Path) -> None:
    (folder / "a.txt").write_text(" \n", encoding="utf-8")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (nothing, "is empty: put files into it (.txt, .md, .jsonl, .csv, .tsv, .html, .htm, .pdf, .docx)"),
        (junk, "and 2 more"),
        (blank, "a.txt: holds no text"),
    ],
)
def test_a_folder_without_a_text_is_an_error_and_the_index_stays(
    folder: Path, out: Path, embedder: CountingEmbedder, make: Callable[[Path], None], said: str
) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    live = generations(out)
    (folder / "a.txt").unlink()
    make(folder)
    with pytest.raises(DocumentsError) as caught:
        build_index(folder, out)
    assert said in str(caught.value)
    assert str(folder) in str(caught.value)
    assert generations(out) == live
    assert [article.title for article in open_index(out).articles()] == [BRIDGE_TITLE]


def test_a_missing_folder_is_an_error(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    with pytest.raises(DocumentsError, match="does not exist"):
        build_index(folder / "gone", out)


def test_a_missing_model_is_an_error_before_anything_is_written(folder: Path, out: Path) -> None:
    write(folder, a=bridge_page())
    with pytest.raises(ModelError):
        build_index(folder, out, IndexSettings(embedder="./no-such-model"))
    assert not out.exists()


def test_the_index_may_not_be_the_documents_folder(folder: Path, embedder: CountingEmbedder) -> None:
    with pytest.raises(IndexMismatchError, match="documents folder itself"):
        build_index(folder, folder)
    write(folder, a=bridge_page())
    with pytest.raises(IndexMismatchError):
        build_index(folder, folder / ".." / "docs")
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("place", ["index", "news/index", "../{name}/index", "link"])
def test_the_index_may_not_stand_among_the_documents(
    folder: Path, tmp_path: Path, embedder: CountingEmbedder, place: str
) -> None:
    write(folder, a=bridge_page())
    out = folder / place.format(name=folder.name)
    if place == "link":
        out = tmp_path / "link"
        out.symlink_to(folder / "index")
    with pytest.raises(IndexMismatchError, match=r"among the documents.*--out"):
        build_index(folder, out)
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("is_file", [True, False])
def test_a_place_that_holds_something_else_is_refused(
    folder: Path, out: Path, embedder: CountingEmbedder, is_file: bool
) -> None:
    write(folder, a=bridge_page())
    mine = out if is_file else out / "mine.txt"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="is no index: name another folder with --out"):
        build_index(folder, out)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert out.is_file() or [path.name for path in out.iterdir()] == ["mine.txt"]


def test_a_folder_that_is_not_there_leaves_no_index_behind(
    tmp_path: Path, out: Path, embedder: CountingEmbedder
) -> None:
    with pytest.raises(DocumentsError, match="does not exist"):
        build_index(tmp_path / "gone", out)
    assert not out.exists()


def test_generations_of_another_program_are_not_cleared_away(
    folder: Path, out: Path, embedder: CountingEmbedder
) -> None:
    write(folder, a=bridge_page())
    mine = out / "generations" / "2026" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="is no index: name another folder with --out"):
        build_index(folder, out)
    assert mine.read_text(encoding="utf-8") == "mine"


def test_an_index_in_a_hidden_folder_of_the_documents_is_not_read_as_one(
    folder: Path, embedder: CountingEmbedder
) -> None:
    write(folder, a=bridge_page())
    for place in (".index", ".mine/index"):
        build_index(folder, folder / place)
    report = build_index(folder, folder / ".index")
    assert (changes(report), report.failed) == ((0, 0, 0, 1), ())


def test_a_line_that_was_there_before_is_not_parsed_again(
    folder: Path, out: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"id": i, "text": text}, ensure_ascii=False) for i, text in enumerate((*BRIDGE, *RICE))]
    (folder / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    build_index(folder, out)
    parsed: list[bytes] = []
    parse = index.formats.row_files._parse_object
    monkeypatch.setattr(index.formats.row_files, "_parse_object", lambda line: parsed.append(line) or parse(line))
    lines[1] = json.dumps({"id": "new", "text": LIBRARY[0]}, ensure_ascii=False)
    (folder / "a.jsonl").write_text("\n".join([lines[-1], *lines[:-1]]), encoding="utf-8")
    report = build_index(folder, out)
    assert [json.loads(line)["id"] for line in parsed] == ["new"]
    assert (report.added, report.removed, report.n_changed) == (("a.jsonl#new",), ("a.jsonl#1",), 0)
    assert open_index(out).document("a.jsonl#0").text == BRIDGE[0]  # type: ignore[union-attr]


def test_a_line_of_two_files_or_with_a_mark_in_its_name_is_its_own_document(
    folder: Path, out: Path, embedder: CountingEmbedder
) -> None:
    line = json.dumps({"id": "x#1", "text": BRIDGE[0]}, ensure_ascii=False)
    for name in ("a.jsonl", "b.jsonl", "b#c.jsonl"):
        (folder / name).write_text(line, encoding="utf-8")
    for _ in range(2):
        build_index(folder, out)
        (folder / "new.txt").write_text(RICE[0], encoding="utf-8")
    names = [entry.doc_id for entry in open_index(out).texts.entries()]
    assert names == ["a.jsonl#x#1", "b#c.jsonl#x#1", "b.jsonl#x#1", "new.txt"]
    assert open_index(out).document("b#c.jsonl#x#1").text == BRIDGE[0]  # type: ignore[union-attr]
