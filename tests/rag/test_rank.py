"""Ranking of sentences: what holds for any input, clear-cut cases, and the file of weights."""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index.embeddings import Embedder
from index.errors import ModelError
from index.store import Index
from index.terms import split_terms
from rag.query import Query, weigh_terms
from rag.question import answer_pattern, echoes, search_terms
from rag.rank import load_weights, rank_sentences
from rag.reading.evidence import LexicalReader
from rag.reading.refusal import ANSWER_FEATURES, answer_features, confidence
from rag.reading.signals import SENTENCE_FEATURES, holds, holds_figures, sentence_features, term_share
from rag.types import Passage, Reading

from .pieces import hit, passage, query, reading, weights

ODD = [
    "",
    " ",
    "\x00",
    "👩‍👩‍👧🇨🇳",
    "？",
    "。" * 500,
    "é" * 3000,
    "\u202e\ufeff",
    "〇" * 100,
    "１２３",
    "“”",
    "\n",
]
QUESTION = "青河大桥的主跨有多长？"
PASSAGES = [
    passage(
        "青河大桥昨天合龙。",
        "青河大桥的主跨长620米。",
        "为什么要建桥？",
        label=1,
        title="青河大桥合龙",
    ),
    passage("红米每斤卖到十二元。", "山村收入翻了一番。", label=2, doc_id="b.txt", title="红米"),
]
IDF = dict.fromkeys(search_terms(QUESTION), 2.0)


def by_name(row: np.ndarray) -> dict[str, float]:
    return dict(zip(SENTENCE_FEATURES, row.tolist(), strict=True))


def cosines(asked: Query, passages: list[Passage], embedder: Embedder) -> np.ndarray:
    return embedder.embed_passages([s.text for p in passages for s in p.sentences]) @ asked.vector


def readings(passages: list[Passage], **values: float) -> list[Reading]:
    return [reading(len(p.sentences), **values) for p in passages]


@pytest.mark.parametrize("question", [*ODD, QUESTION])
@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0])
def test_features_are_finite_for_odd_inputs(embedder: Embedder, question: str, probability: float) -> None:
    passages = [
        passage(*ODD, label=1, title=""),
        passage("一句话。", label=2, title=ODD[6], hits=[hit(score=0.0)]),
    ]
    given = readings(passages, evidence=probability, answerable=probability)
    idf = dict.fromkeys(search_terms(question), 1.5)
    asked = query(question, idf, embedder)
    rows = sentence_features(asked, passages, given, cosines(asked, passages, embedder))
    assert rows.shape == (len(ODD) + 1, len(SENTENCE_FEATURES))
    assert np.isfinite(rows).all()
    ranked = rank_sentences(query(question, idf, embedder), passages, given, embedder, weights())
    row = answer_features(query(question, idf, embedder), ranked)
    assert row.shape == (len(ANSWER_FEATURES),)
    assert np.isfinite(row).all()
    assert 0 <= confidence(row, weights().answer, weights().answer_bias) <= 1


def test_no_sentences_no_candidates(embedder: Embedder) -> None:
    assert rank_sentences(query(QUESTION, IDF, embedder), [], [], embedder, weights()) == []
    assert sentence_features(query(QUESTION, IDF, embedder), [], [], np.zeros(0, np.float32)).shape == (
        0,
        len(SENTENCE_FEATURES),
    )


def test_every_sentence_once_and_probabilities_sum_to_one(embedder: Embedder) -> None:
    ranked = rank_sentences(query(QUESTION, IDF, embedder), PASSAGES, readings(PASSAGES), embedder, weights())
    assert sorted((c.passage.label, c.position) for c in ranked) == [
        (1, 0),
        (1, 1),
        (1, 2),
        (2, 0),
        (2, 1),
    ]
    assert math.fsum(c.probability for c in ranked) == pytest.approx(1)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)
    for first, second in pairwise(ranked):
        assert first.probability / second.probability == pytest.approx(math.exp(first.score - second.score))


def test_enormous_scores_still_give_probabilities(embedder: Embedder) -> None:
    ranked = rank_sentences(
        query(QUESTION, IDF, embedder), PASSAGES, readings(PASSAGES), embedder, weights({"share": 1e6})
    )
    assert math.fsum(c.probability for c in ranked) == pytest.approx(1)
    assert ranked[0].probability == pytest.approx(1)


def test_equal_scores_are_ordered_by_label_and_position(embedder: Embedder) -> None:
    for given in (PASSAGES, PASSAGES[::-1]):
        ranked = rank_sentences(query(QUESTION, IDF, embedder), given, readings(given), embedder, weights({}))
        assert [(c.passage.label, c.position) for c in ranked] == [
            (1, 0),
            (1, 1),
            (1, 2),
            (2, 0),
            (2, 1),
        ]


def test_the_order_is_the_same_every_time(embedder: Embedder) -> None:
    given = LexicalReader().read(QUESTION, [[s.text for s in p.sentences] for p in PASSAGES], ["", ""])
    runs = [rank_sentences(query(QUESTION, IDF, embedder), PASSAGES, given, embedder, weights()) for _ in range(3)]
    orders = [[(c.passage.label, c.position, c.score) for c in run] for run in runs]
    assert orders[0] == orders[1] == orders[2]
    assert runs[0][0].text == "青河大桥的主跨长620米。"


def test_evidence_decides_where_nothing_else_counts(embedder: Embedder) -> None:
    given = readings(PASSAGES)
    given[1] = Reading((0.2, 0.9), ((0, 0), (2, 4)), (0.0, 0.7), 0.8)
    ranked = rank_sentences(query(QUESTION, IDF, embedder), PASSAGES, given, embedder, weights({"evidence": 1}))
    assert (ranked[0].passage.label, ranked[0].position) == (2, 1)
    assert (ranked[0].span, ranked[0].span_score) == ((2, 4), 0.7)
    assert ranked[0].score == pytest.approx(math.log(0.9 / (1 - 0.9)))


@pytest.mark.parametrize(
    ("question", "echo"),
    [
        ("为什么要打护筒？", "为什么要打护筒？"),
        ("为什么要打护筒", "“为什么要打护筒？”"),
        ("为什么海上施工先要打护筒呢？", "为什么先要打护筒？"),
        ("海上怎么打护筒", "海上，怎么打护筒"),
    ],
)
def test_the_question_is_not_its_own_answer(embedder: Embedder, question: str, echo: str) -> None:
    own = passage(echo, "护筒把淤泥隔在外面。", "打桩时先找准地点。")
    given = [Reading((0.99, 0.5, 0.1), ((0, 0),) * 3, (0.0,) * 3, 0.9)]
    ranked = rank_sentences(query(question, {}, embedder), [own], given, embedder, weights({"evidence": 1}))
    assert [c.text for c in ranked] == ["护筒把淤泥隔在外面。", "打桩时先找准地点。", echo]


def test_a_question_that_says_more_than_was_asked_is_no_echo() -> None:
    assert not echoes("谁说护筒只能挡住三米深的淤泥？", "护筒能挡住多深的淤泥？")


def test_sentence_features_say_what_they_are_named(embedder: Embedder) -> None:
    kinds = ("heading", "body", "caption")
    first = passage(
        "青河大桥",
        "主跨长620米。",
        "为什么？”",
        kinds=kinds,
        hits=[hit(0, 4, score=0.5), hit(4, 8, score=0.2)],
    )
    other = passage("红米。", label=2, doc_id="b.txt", hits=[hit(0, 3, doc_id="b.txt", score=1.0)])
    idf = {"青河": 3.0, "主跨": 1.0}
    given = [Reading((0.5, 0.9, 0.0), ((0, 0),) * 3, (0.0,) * 3, 0.6), reading(1)]
    asked = query(QUESTION, idf, embedder)
    found = cosines(asked, [first, other], embedder)
    rows = [by_name(row) for row in sentence_features(asked, [first, other], given, found)]
    assert [row["cosine"] for row in rows] == pytest.approx((found - found.mean()).tolist())
    assert [row["evidence"] for row in rows[:2]] == pytest.approx([0.0, math.log(0.9 / 0.1)])
    assert [row["answerable"] for row in rows[:3]] == pytest.approx([math.log(0.6 / 0.4)] * 3)
    assert [row["share"] for row in rows] == pytest.approx([3 / 4, 1 / 4, 0, 0])
    assert [row["share_around"] for row in rows] == pytest.approx([1, 1, 1 / 4, 0])
    assert [row["prior"] for row in rows] == pytest.approx([0.5, 0.2, 0.0, 1.0])
    assert [row["heading"] for row in rows] == [1, 0, 0, 0]
    assert [row["caption"] for row in rows] == [0, 0, 1, 0]
    assert [row["asks"] for row in rows] == [0, 0, 1, 0]
    assert [row["opening"] for row in rows] == [1, 0, 0, 1]
    assert [row["typed"] for row in rows] == [-1, 1, -1, -1]
    assert [row["figures"] for row in rows] == [0, 0, 0, 0]
    assert [row["cue"] for row in rows] == [0, 0, 0, 0]
    assert [row["share_next"] for row in rows] == pytest.approx([1 / 4, 0, 0, 0])
    assert rows[0]["local"] > rows[1]["local"] > rows[3]["local"] == 0
    assert sum(row["cosine"] for row in rows) == pytest.approx(0, abs=1e-6)


def test_answer_features_say_what_they_are_named(embedder: Embedder) -> None:
    idf = {"青河": 3.0, "主跨": 1.0}
    given = [reading(3, 0.5, 0.7), reading(2, 0.5, 0.2)]
    ranked = rank_sentences(query(QUESTION, idf, embedder), PASSAGES, given, embedder, weights({"share": 1}))
    row = dict(zip(ANSWER_FEATURES, answer_features(query(QUESTION, idf, embedder), ranked).tolist(), strict=True))
    assert ranked[0].text == "青河大桥的主跨长620米。"
    assert row["answerable"] == pytest.approx(math.log(0.7 / 0.3))
    assert row["share"] == row["share_article"] == 1
    assert row["unknown"] == len({*search_terms(QUESTION)} - idf.keys())
    assert (row["number"], row["list"], row["fact"]) == (1, 0, 0)
    assert row["margin"] == pytest.approx(1.0)  # the best of the other article holds none of the weight
    mixed = weights({"share": 1, "heading": -9})
    low = passage("青河", "红米", label=2, doc_id="b.txt", kinds=("body", "heading"))
    spread = rank_sentences(query(QUESTION, idf, embedder), [PASSAGES[0], low], given, embedder, mixed)
    margin = answer_features(query(QUESTION, idf, embedder), spread)[ANSWER_FEATURES.index("margin")]
    assert margin == pytest.approx(1 - 3 / 4)  # to the best sentence of the other article, not its worst
    alone = answer_features(query(QUESTION, idf, embedder), [c for c in ranked if c.passage.label == 1])
    assert alone[ANSWER_FEATURES.index("margin")] == 5


def test_term_share() -> None:
    assert term_share(["青河大桥", "主跨"], {"青河": 3.0, "主跨": 1.0, "没有": 4.0}) == pytest.approx((3 + 1) / 8)
    assert term_share(["青河"], {}) == 0
    assert term_share([], {"青河": 1.0}) == 0


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("桥长多少米？", "桥长620米。", "桥很长。"),
        ("什么时候开工？", "3月开工。", "工程开工了。"),
        ("为什么停船？", "因为有雾。", "船停了。"),
        ("馆长是谁？", "馆长周敏说，明天开馆。", "图书馆明天开馆。"),
    ],
)
def test_a_sentence_holds_what_is_asked_for_or_not(question: str, answer: str, other: str) -> None:
    pattern = answer_pattern(question)
    assert (holds(pattern, answer), holds(pattern, other)) == (1, -1)
    assert holds(answer_pattern("大桥开工了吗？"), answer) == 0


@pytest.mark.parametrize(
    ("question", "texts", "expected"),
    [
        ("2014年产油多少？", ["2014年产油100万吨。"], 1),
        ("2014年产油多少？", ["今年产油", "（2014年）"], 1),
        ("２０１４年产油多少？", ["2014年产油100万吨。"], 1),
        ("2014年产油多少？", ["2013年产油100万吨。"], -1),
        ("2014年3月产油多少？", ["2014年产油100万吨。"], -1),
        ("产油多少？", ["2014年产油100万吨。"], 0),
        ("1.5亿吨是什么？", ["15亿吨"], -1),
        ("2014年？", [], -1),
    ],
)
def test_holds_figures(question: str, texts: list[str], expected: float) -> None:
    assert holds_figures(question, texts) == expected


def test_term_weights_are_the_idf_of_what_stands_in_the_index(sample: Index) -> None:
    question = "西堠门公铁大桥的主跨 zzqx"
    found = weigh_terms(sample, search_terms(question))
    assert "zzqx" not in found
    assert found.keys() <= set(search_terms(question))
    n = sum("西堠" in split_terms(f"{c.title}\n{c.text}") for c in map(sample.chunk, range(sample.n_chunks)))
    assert found["西堠"] == pytest.approx(math.log(1 + (sample.n_chunks - n + 0.5) / (n + 0.5)))
    assert found["西堠"] > found["大桥"] > 0


def test_confidence_is_the_logistic_function() -> None:
    given = weights(answer={"share": 2.0}, answer_bias=-1.0)
    row = np.zeros(len(ANSWER_FEATURES))
    row[ANSWER_FEATURES.index("share")] = 0.75
    assert confidence(row, given.answer, given.answer_bias) == pytest.approx(1 / (1 + math.exp(-(2 * 0.75 - 1))))
    assert 0 < confidence(-1e9 * row, given.answer, given.answer_bias) < 1e-9
    assert confidence(1e9 * row, given.answer, given.answer_bias) == pytest.approx(1)


def stored() -> dict[str, object]:
    return {
        "sentence": {name: float(i) for i, name in enumerate(SENTENCE_FEATURES)},
        "answer": {name: -float(i) for i, name in enumerate(ANSWER_FEATURES)},
        "answer_bias": 0.25,
    }


def test_weights_are_read_by_name(tmp_path: Path) -> None:
    path, content = tmp_path / "weights.json", stored()
    content["sentence"] = dict(reversed(content["sentence"].items()))  # type: ignore[attr-defined]
    path.write_text(json.dumps(content), encoding="utf-8")
    read = load_weights(path)
    assert read.sentence.tolist() == list(range(len(SENTENCE_FEATURES)))
    assert read.answer.tolist() == [-i for i in range(len(ANSWER_FEATURES))]
    assert read.answer_bias == 0.25


DAMAGE = {
    "missing": None,
    "empty": "",
    "cut": json.dumps(stored())[:60],
    "no object": "[1, 2]",
    "for other features": json.dumps(stored() | {"sentence": {"evidence": 1.0}}),
    "without a bias": json.dumps({k: v for k, v in stored().items() if k != "answer_bias"}),
    "no numbers": json.dumps(stored() | {"answer_bias": "much"}),
    "words for weights": json.dumps(stored() | {"answer": dict.fromkeys(ANSWER_FEATURES, "much")}),
    "null for a weight": json.dumps(stored() | {"answer": dict.fromkeys(ANSWER_FEATURES)}),
    "not a number": json.dumps(stored() | {"answer_bias": math.nan}),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_unusable_weights_are_named_with_the_repair(tmp_path: Path, case: str) -> None:
    path = tmp_path / "weights.json"
    content = DAMAGE[case]
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError) as error:
        load_weights(path)
    assert str(path) in str(error.value)
    assert "python -m training.ranker" in str(error.value)


def test_weights_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(ModelError, match="weights"):
        load_weights(path)


def test_an_article_of_the_time_that_is_asked_for_is_put_forward(embedder: Embedder) -> None:
    given = readings(PASSAGES)
    plain = rank_sentences(query(QUESTION, IDF, embedder), PASSAGES, given, embedder, weights())
    last = plain[-1].passage
    moved = rank_sentences(
        query(QUESTION, IDF, embedder), PASSAGES, given, embedder, weights({}), lambda own: own is last
    )
    assert moved[0].passage is last
