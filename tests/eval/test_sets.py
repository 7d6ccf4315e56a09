"""The sets that come with the project: each line is right, each gold quote stands in its document."""

from functools import cache
from pathlib import Path

import pytest

from eval.datasets import check_quotes, read_set
from eval.types import KINDS, Question
from index.documents import read_documents
from index.types import Document
from rag.errors import UnknownDocumentError

ROOT = Path(__file__).parents[2]
ALL_SETS = sorted((ROOT / "eval" / "sets").glob("*.jsonl"))
SAMPLE_SETS = [path for path in ALL_SETS if path.stem.startswith("documents-")]
TALKS = [path for path in ALL_SETS if path.stem.startswith("followups-")]


@cache
def sample_documents() -> dict[str, Document]:
    items = read_documents(ROOT / "documents")
    return {item.doc_id: item for item in items if isinstance(item, Document)}


def document_of(doc_id: str) -> Document:
    if doc_id not in sample_documents():
        raise UnknownDocumentError(f"There is no document {doc_id}.")
    return sample_documents()[doc_id]


@pytest.mark.parametrize("path", ALL_SETS, ids=lambda path: path.stem)
def test_every_line_of_every_set_is_right(path: Path) -> None:
    assert len(read_set(path)) >= 50


@pytest.mark.parametrize("path", [*SAMPLE_SETS, *TALKS], ids=lambda path: path.stem)
def test_each_gold_quote_stands_in_its_document(path: Path) -> None:
    questions = read_set(path)
    assert check_quotes(questions, document_of) == []
    assert all(evidence.quote for question in questions for evidence in question.evidence)


def sample_questions() -> list[Question]:
    return [question for path in SAMPLE_SETS for question in read_set(path)]


def test_the_sample_sets_ask_enough_of_every_kind() -> None:
    kinds = [question.kind for question in sample_questions()]
    assert len(kinds) >= 120
    assert set(kinds) == set(KINDS) - {"retrieval"}
    assert sum(not question.answerable for question in sample_questions()) >= 25


def test_no_question_stands_twice_in_the_sample_sets() -> None:
    asked = [(question.question, question.history) for question in sample_questions()]
    assert len(set(asked)) == len(asked)
    ids = [question.id for question in sample_questions()]
    assert len(set(ids)) == len(ids)


def test_dev_and_test_have_their_evidence_in_different_documents() -> None:
    dev, test = (
        {e.doc_id for q in read_set(ROOT / "eval" / "sets" / f"documents-{name}.jsonl") for e in q.evidence}
        for name in ("dev", "test")
    )
    assert dev & test == set()


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_each_conversation_says_how_its_question_stands_alone(path: Path) -> None:
    questions = read_set(path)
    assert all(question.standalone and question.history for question in questions)
    n_changes = sum(question.note.startswith("change of subject") for question in questions)
    n_unanswerable = sum(not question.answerable for question in questions)
    assert n_changes >= len(questions) / 5
    assert n_unanswerable >= len(questions) / 7


def test_no_conversation_stands_in_both_sets() -> None:
    dev, test = ({question.standalone for question in read_set(path)} for path in TALKS)
    assert dev & test == set()
