"""Proposals from documents: gold that holds, kinds that vary, near misses that name another article."""

from pathlib import Path

import pytest

from eval.datasets import check_quotes, parse_question
from eval.draft import NEAR_MISS_NOTE, NOTE, draft_rows
from index.build import build_index
from index.settings import IndexSettings
from rag import Engine
from rag.reading.evidence import LexicalReader
from tests.fakes import write_static_model
from tests.rag.pieces import weights

DOCUMENTS = Path(__file__).resolve().parents[2] / "documents"


@pytest.fixture(scope="module", name="engine")
def sample_engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("draft")
    build_index(DOCUMENTS, folder / "index", IndexSettings(embedder=str(write_static_model(folder / "model"))))
    return Engine.open(folder / "index", reader=LexicalReader(), weights=weights())


def test_every_proposal_is_a_row_whose_gold_holds(engine: Engine) -> None:
    rows = draft_rows(engine, 20)
    questions = [parse_question(row) for row in rows]
    assert check_quotes(questions, engine.document) == []
    assert len({question.question for question in questions}) == len(rows) > 10
    assert {row["note"] for row in rows} == {NOTE, NEAR_MISS_NOTE}


def test_kinds_and_articles_vary(engine: Engine) -> None:
    answerable = [row for row in draft_rows(engine, 16) if row["answerable"]]
    assert len({row["kind"] for row in answerable}) >= 3
    articles = {(row["evidence"][0]["doc_id"], row["evidence"][0]["title"]) for row in answerable}
    assert len(articles) > len(answerable) / 2


def test_near_misses_are_a_share_and_differ_from_a_proposal_by_a_name(engine: Engine) -> None:
    rows = draft_rows(engine, 20, unanswerable_share=0.2)
    near = [row for row in rows if not row["answerable"]]
    assert 0 < len(near) <= 4
    asked = {row["question"] for row in rows if row["answerable"]}
    assert not asked & {row["question"] for row in near}


def test_the_seed_decides_which_are_proposed(engine: Engine) -> None:
    assert draft_rows(engine, 8, seed=1) == draft_rows(engine, 8, seed=1) != draft_rows(engine, 8, seed=2)
