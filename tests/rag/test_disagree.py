"""A like sentence of another article with another number is shown beside the answer, and nothing else is."""

from dataclasses import replace

import pytest

from index.types import Sentence
from rag.disagree import find_disagreement, with_disagreement
from rag.types import Draft

from .pieces import candidates, passage

QUESTION = "青河大桥的主跨是多少米？"
FIRST = "青河大桥全长1900米，主跨620米，有六条车道。"


def found(question: str, first: str, other: str, answer: str) -> tuple[str, str] | None:
    at = first.index(answer)
    own = passage(first)
    disagreement = find_disagreement(
        question, own.sentences[0], own, (at, at + len(answer)), [own, passage(other, doc_id="b.txt", label=2)]
    )
    return (disagreement.said, disagreement.otherwise) if disagreement else None


@pytest.mark.parametrize(
    ("question", "first", "other", "answer", "expected"),
    [
        (QUESTION, FIRST, FIRST.replace("620米，有", "640米，有"), "620米", ("620米", "640米")),
        (QUESTION, FIRST, FIRST.replace("1900", "1800"), "620米", None),  # another number than the one asked for
        (QUESTION, FIRST, FIRST, "620米", None),
        (QUESTION, FIRST, "青河大桥全长1900米，两边还有六条给行人走的小道。", "620米", None),
        (QUESTION, FIRST, "红河大桥有一座老桥，主跨640米。", "620米", None),  # another sentence
        ("会上来了多少人？", "会上来了1,200人。", "会上来了1200人。", "1,200人", None),  # written otherwise
        ("会上来了多少人？", "会上来了1200人。", "会上来了1300人。", "1200人", ("1200人", "1300人")),
        ("会上来了多少人？", "会上来了1200人。", "会上来了一千二百人。", "1200人", None),
        ("会在哪里开？", "1号楼里开会来了1200人。", "1号楼里开会来了1300人。", "1200人", None),  # asks for no number
    ],
)
def test_a_like_sentence_with_another_number(
    question: str, first: str, other: str, answer: str, expected: tuple[str, str] | None
) -> None:
    assert found(question, first, other, answer) == expected


def test_the_same_article_does_not_disagree_with_itself() -> None:
    own = passage(FIRST, FIRST.replace("620米，有", "640米，有"))
    assert find_disagreement(QUESTION, own.sentences[0], own, (12, 16), [own]) is None


@pytest.mark.parametrize(
    ("date", "disagrees"),
    [
        ("2024-01-01", True),
        ("2024-01-04", True),
        ("2024-01-05", False),
        ("2023-12-28", False),
        ("2024", True),
        ("", True),
    ],
)
def test_reports_of_two_days_do_not_disagree(date: str, disagrees: bool) -> None:
    own = passage(FIRST)  # of 2024-01-01
    other = replace(passage(FIRST.replace("620米，有", "640米，有"), doc_id="b.txt"), date=date)
    at = FIRST.index("620米")
    assert (find_disagreement(QUESTION, own.sentences[0], own, (at, at + 4), [other]) is not None) is disagrees


def test_which_number_answers_must_be_clear() -> None:
    own, other = passage(FIRST), passage(FIRST.replace("620米，有", "640米，有"), doc_id="b.txt")
    assert find_disagreement(QUESTION, own.sentences[0], own, (0, 0), [other]) is None


def test_both_sentences_are_cited_and_the_notice_names_both_numbers() -> None:
    own, other = passage(FIRST), passage(FIRST.replace("620米，有", "640米，有"), doc_id="b.txt", label=2)
    ranked = candidates([own], [[1.0]], {FIRST: ("620米", 0.9)})
    draft = Draft(f"620米[1]\n{FIRST}[1]", {1: (own.sentences[0], own)})
    written, notice = with_disagreement(draft, QUESTION, ranked, [other])
    assert written.text == f"{draft.text}\n{other.sentences[0].text}[2]"
    assert written.evidence == {**draft.evidence, 2: (other.sentences[0], other)}
    assert notice is not None
    assert notice.english.endswith("[1] says 620米, [2] says 640米.")
    assert notice.chinese == "两篇文章的数字不一致：[1]是620米，[2]是640米。"
    assert with_disagreement(draft, QUESTION, ranked, [own]) == (draft, None)


def test_a_sentence_that_a_column_cut_is_cited_whole() -> None:
    own = passage(FIRST)
    cut = passage(FIRST.replace("620米，有", "640米，有"), doc_id="b.txt", label=2)
    sentence = Sentence(((0, 5), (9, 40)), cut.sentences[0].text)
    ranked = candidates([own], [[1.0]], {FIRST: ("620米", 0.9)})
    draft = Draft(f"{FIRST}[1]", {1: (own.sentences[0], own)})
    other = type(cut)(2, "b.txt", 0, "", "", "", (sentence,), ())
    assert with_disagreement(draft, QUESTION, ranked, [other])[0].evidence[2][0].spans == sentence.spans
