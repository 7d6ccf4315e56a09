"""The field's own formats -> a `Collection`: the passages that are asked about, and the questions with their gold.

    squad   SQuAD 1 and 2, DRCD, CMRC 2018 (both of its layouts): JSON of articles, paragraphs, questions
    qa      JSON lines {"id", "question", "answers", "title", "context"}, xz or not: one passage a row
    beir    a folder: corpus.jsonl, queries.jsonl, qrels/*.tsv; a question's gold is whole passages, without words
    rgb     RGB: JSON lines of questions with labelled passages, in the benchmark's own fields or as `passages`

A spreadsheet of questions about documents that are there already is read by `eval.spreadsheet`.
"""

import csv
import json
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import SetError

Wordings = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourcePassage:
    """A passage of a foreign collection: one document of ours."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceQuestion:
    """A question of a foreign collection. Without gold passages it is one that nothing answers."""

    id: str
    question: str
    answers: Wordings
    """Each right on its own; none for a retrieval benchmark."""
    required: tuple[Wordings, ...]
    """Every item that must be said, in one of its wordings; none where one of `answers` is enough."""
    gold: tuple[tuple[str, int, int], ...]
    """`(passage id, start, end)` in the passage's text."""


@dataclass(frozen=True, slots=True)
class Collection:
    """What one foreign file or folder holds."""

    passages: tuple[SourcePassage, ...]
    questions: tuple[SourceQuestion, ...]


class _Passages:
    """Gives each distinct passage one id, in the order in which they come."""

    def __init__(self) -> None:
        self._id_of: dict[tuple[str, str], str] = {}

    def add(self, title: str, text: str) -> str:
        return self._id_of.setdefault((title, text), f"p{len(self._id_of):06d}")

    def all(self) -> tuple[SourcePassage, ...]:
        return tuple(SourcePassage(id, title, text) for (title, text), id in self._id_of.items())


def read_collection(path: Path, name: str) -> Collection:
    """The collection at `path` in the format of that name. Raises SetError: what is wrong, where, and the repair."""
    try:
        return READERS[name](path)
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise SetError(
            f"{path} cannot be read ({error}). Repair: name a file or folder in the format {name}."
        ) from None
    except (KeyError, TypeError, AttributeError, IndexError, json.JSONDecodeError) as error:
        raise SetError(
            f"{path} is not in the format {name} ({type(error).__name__}: {error}). "
            f"Repair: use one of {', '.join(READERS)}."
        ) from None


def read_squad(path: Path) -> Collection:
    """SQuAD's nested JSON; an answer's own offset is taken where the context says the answer there."""
    content = json.loads(_text(path))
    paragraphs = _squad_paragraphs(content["data"]) if isinstance(content, dict) else _cmrc_paragraphs(content)
    passages, questions = _Passages(), []
    for title, context, rows in paragraphs:
        passage = passages.add(title, context)
        for row in rows:
            starts = {answer["text"]: int(answer["answer_start"]) for answer in row["answers"]}
            questions.append(_span_question(row["id"], row["question"], starts, passage, context))
    return Collection(passages.all(), tuple(questions))


def _squad_paragraphs(articles: list[Any]) -> Iterator[tuple[str, str, list[Any]]]:
    for article in articles:
        for paragraph in article["paragraphs"]:
            yield str(article.get("title", "")), paragraph["context"], paragraph["qas"]


def _cmrc_paragraphs(rows: list[Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """CMRC 2018's first layout: a list of contexts; its answers have no offsets."""
    for row in rows:
        questions = [
            {
                "id": asked["query_id"],
                "question": asked["query_text"],
                "answers": [{"text": text, "answer_start": -1} for text in asked["answers"]],
            }
            for asked in row["qas"]
        ]
        yield str(row.get("title", "")), row["context_text"], questions


def read_qa(*paths: Path) -> Collection:
    """One row a question, its passage with it; the first place where an answer stands is its gold.

    Several files make one collection: questions with an answer and questions without, about the same kind of text.
    """
    passages, questions = _Passages(), []
    for row in (row for path in paths for row in read_rows(path)):
        passage = passages.add(str(row.get("title", "")), row["context"])
        starts = dict.fromkeys(row["answers"], -1)
        questions.append(_span_question(row["id"], row["question"], starts, passage, row["context"]))
    return Collection(passages.all(), tuple(questions))


def _span_question(id: Any, question: str, starts: dict[str, int], passage: str, context: str) -> SourceQuestion:
    """`starts`: answer -> its offset in the context, -1 where the format does not say."""
    gold = []
    for text, start in starts.items():
        at = start if start >= 0 and context.startswith(text, start) else context.find(text)
        if at >= 0:
            gold.append((passage, at, at + len(text)))
    if starts and not gold:
        raise SetError(f"question {id}: none of its answers {list(starts)} stands in its passage. Repair: correct it.")
    return SourceQuestion(str(id), question, tuple(starts), (), tuple(gold))


def read_beir(folder: Path) -> Collection:
    """BEIR's folder; of several qrels the test split, else the first by name. Grades above 0 are relevant."""
    corpus = read_rows(folder / "corpus.jsonl")
    passages = tuple(SourcePassage(str(row["_id"]), str(row.get("title", "")), row["text"]) for row in corpus)
    length_of = {passage.id: len(passage.text) for passage in passages}
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise SetError(f"{folder / 'qrels'} holds no .tsv. Repair: name a BEIR folder: corpus, queries, qrels.")
    test = [file for file in files if file.stem == "test"]
    relevant: dict[str, list[tuple[str, int, int]]] = {}
    with (test or files)[0].open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0 and row["corpus-id"] in length_of:
                gold = (row["corpus-id"], 0, length_of[row["corpus-id"]])
                relevant.setdefault(row["query-id"], []).append(gold)
    questions = tuple(
        SourceQuestion(str(row["_id"]), row["text"], (), (), tuple(relevant[str(row["_id"])]))
        for row in read_rows(folder / "queries.jsonl")
        if str(row["_id"]) in relevant
    )
    return Collection(passages, questions)


def read_rgb(path: Path) -> Collection:
    """RGB: every question's passages together are the documents; gold is where an answer stands in a positive one."""
    passages, questions = _Passages(), []
    for row in read_rows(path):
        items = row.get("sub_answers") or _listed(row.get("answers", row.get("answer")))
        required = tuple(wordings for item in items if (wordings := _wordings(item)))
        answers = required[0] if len(required) == 1 else ()
        gold: list[tuple[str, int, int]] = []
        for text, label in _rgb_passages(row):
            passage = passages.add("", text)
            if label == "positive":
                found = [(text.find(wording), wording) for item in required for wording in item]
                gold += [(passage, at, at + len(wording)) for at, wording in found if at >= 0]
        if gold:
            unique = tuple(dict.fromkeys(gold))
            questions.append(
                SourceQuestion(str(row["id"]), row.get("question") or row["query"], answers, required, unique)
            )
    return Collection(passages.all(), tuple(questions))


def _rgb_passages(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """`(text, label)`; in the benchmark's own files `positive` is a list of texts, or of lists of them."""
    for passage in row.get("passages", ()):
        yield passage["text"], passage["label"]
    for label in ("positive", "positive_wrong", "negative"):
        for item in row.get(label, ()):
            yield from ((text, label) for text in _wordings(item))


def _listed(answers: Any) -> list[Any]:
    """RGB's answer: one text, alternatives of one item as a nested list, or several items."""
    if isinstance(answers, str):
        return [answers]
    return list(answers) if any(isinstance(item, list) for item in answers) else [list(answers)]


def _wordings(item: Any) -> Wordings:
    wordings = [item] if isinstance(item, str) else [str(wording) for wording in item]
    return tuple(wording for wording in wordings if wording.strip())


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file, xz or not."""
    for line in _text(path).split("\n"):
        if line.strip():
            yield json.loads(line)


def _text(path: Path) -> str:
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return file.read()
    return path.read_text(encoding="utf-8-sig")


READERS: dict[str, Callable[[Path], Collection]] = {
    "squad": read_squad,
    "qa": read_qa,
    "beir": read_beir,
    "rgb": read_rgb,
}
