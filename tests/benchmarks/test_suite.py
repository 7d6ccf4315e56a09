from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.corpus import draw_questions, read_vocabulary, write_articles
from benchmarks.peers import CHUNK_CHARS, Recipe, build_recipe, open_recipe, search_numpy
from benchmarks.suite import DisagreementError, Suite, measure_keywords, measure_vectors, require_same_best
from index.embeddings import load_embedder
from index.terms import split_terms

from ..fakes import write_static_model

DOCUMENTS = Path(__file__).resolve().parents[2] / "documents"
N_ARTICLES = 30


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_static_model(tmp_path_factory.mktemp("model")))


@pytest.fixture
def recipe(tmp_path: Path, model_folder: str) -> Recipe:
    write_articles(tmp_path / "documents", read_vocabulary(DOCUMENTS), N_ARTICLES, seed=1)
    build_recipe(tmp_path / "documents", tmp_path / "recipe", model_folder)
    return open_recipe(tmp_path / "recipe")


def test_the_recipe_holds_every_file_cut_into_pieces(tmp_path: Path, recipe: Recipe) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "documents").iterdir()}
    together: dict[str, str] = {}
    for name, piece in recipe.chunks:
        assert 0 < len(piece) <= CHUNK_CHARS
        together[name] = together.get(name, "") + piece
    assert together == texts
    assert recipe.vectors.ntotal == recipe.bm25.corpus_size == len(recipe.chunks) > N_ARTICLES


def test_the_recipe_finds_a_piece_by_its_own_text(recipe: Recipe, model_folder: str) -> None:
    rows = recipe.vectors.reconstruct_n(0, recipe.vectors.ntotal)
    texts = [text for _, text in recipe.chunks]
    for row, query in enumerate(load_embedder(model_folder).embed_queries(texts)):
        assert search_numpy(rows, query, 1).tolist() == [row]
        assert int(np.argmax(recipe.bm25.get_scores(split_terms(texts[row])))) == row


def test_ours_and_the_peers_find_the_same(tmp_path: Path, recipe: Recipe, model_folder: str) -> None:
    questions = draw_questions([text for _, text in recipe.chunks], 15, seed=2)
    keywords = measure_keywords(recipe, questions, tmp_path / "bm25", N_ARTICLES, 1)
    vectors = measure_vectors(recipe, load_embedder(model_folder).embed_queries(questions), N_ARTICLES, 1)
    for row in (keywords, vectors):
        assert row.n_articles == N_ARTICLES
        assert row.ours > 0
        assert row.peer > 0


def test_a_peer_that_finds_other_things_is_not_compared(tmp_path: Path, recipe: Recipe) -> None:
    questions = draw_questions([text for _, text in recipe.chunks], 5, seed=2)
    recipe.bm25.doc_len.reverse()
    with pytest.raises(DisagreementError, match="BM25"):
        measure_keywords(recipe, questions, tmp_path / "bm25", N_ARTICLES, 1)


SCORES = np.array([0.5, 0.9, 0.1, 0.9 + 1e-9, *np.zeros(20)])


@pytest.mark.parametrize("best", [[1, 3, 0, 2], [3, 1, 0, 2]])
def test_rows_of_equal_score_may_stand_in_either_order(best: list[int]) -> None:
    require_same_best(np.array([*best, 4, 5, 6, 7, 8, 9]), SCORES, "x")


@pytest.mark.parametrize("best", [[0, 1, 3, 2], [1, 1, 0, 2], [1, 3, 0, 10], [1, 3, 0]])
def test_other_rows_are_a_disagreement(best: list[int]) -> None:
    with pytest.raises(DisagreementError, match="x: rows"):
        require_same_best(np.array([*best, 4, 5, 6, 7, 8, 9]), SCORES, "x")


def test_the_suite_measures_each_thing_once_a_size(model_folder: str) -> None:
    suite = Suite(read_vocabulary(DOCUMENTS), model_folder, seed=1, n_questions=3, n_runs=2)
    rows = list(suite.measure(12))
    assert [(row.what, row.unit) for row in rows] == [
        ("full build", "s"), ("index on disk", "MB"), ("one article edited", "s"), ("one article edited", "s"),
        ("open an index", "ms"), ("keyword search", "ms"), ("vector search", "ms"),
    ]  # fmt: skip
    assert all(row.n_articles == 12 and row.ours > 0 and row.peer > 0 for row in rows)
    assert rows[2].ours == rows[3].ours
    assert rows[2].peer == rows[0].ours
    assert rows[3].peer == rows[0].peer


def run_tiny(model_folder: str, *more: str) -> int:
    tiny = ("--sizes", "12,15", "--questions", "2", "--runs", "1", "--documents", str(DOCUMENTS))
    return main([*tiny, "--embedder", model_folder, *more])


def test_the_command_prints_one_table(model_folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_tiny(model_folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("what ") for line in lines) == 1
    assert [line.split()[2] for line in lines if line.startswith("full build")] == ["12", "15"]


def test_the_command_prints_markdown(model_folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_tiny(model_folder, "--markdown", "--note", "the machine was shared") == 0
    out = capsys.readouterr().out
    assert out.startswith("# Speed and size\n")
    assert "- Note: the machine was shared\n" in out
    assert [len(line.split("|")) for line in out.splitlines() if line.startswith("|")] == [8] * (2 + 2 * 7)


@pytest.mark.parametrize("sizes", ["0", "10,", "ten", "-5"])
def test_sizes_are_counts(sizes: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--sizes", sizes])
    assert stopped.value.code == 2
    assert "--sizes" in capsys.readouterr().err


def test_what_its_user_can_repair_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--documents", str(tmp_path)]) == 2
    assert main(["--documents", str(DOCUMENTS), "--sizes", "1", "--embedder", str(tmp_path / "none")]) == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["error", "error"]
