"""What is quoted for which kind of question, and what holds for every composed answer."""

import random
import re

import pytest

from rag.cite import cite
from rag.quoting import in_answer
from rag.reader import Extract, not_yet_said
from rag.reader import compose as compose_parts
from rag.reading.candidates import Candidate
from rag.reading.direct import MAX_SHORT_CHARS

from .pieces import candidates, documents_of, passage

BRIDGE = passage(
    "青河大桥昨天合龙。",
    "大桥的主跨长620米，桥面宽31米。",
    "因为江面常有大风，钢梁要在清晨吊装。",
    "因此工期比原来长了两个月。",
    title="青河大桥合龙",
)
TASKS = passage(
    "明年有三项工作。",
    "一是修桥。",
    "二是补路。",
    "三是种树。",
    "会议昨天闭幕。",
    label=2,
    doc_id="b.txt",
    title="明年的工作",
)
RIVER = passage("白水桥的主跨长480米。", "桥下能走大船。", label=3, doc_id="c.txt", title="白水桥")
LABEL = re.compile(r"\[(\d+)\]")
QUESTIONS = [
    "大桥的主跨有多长？",
    "明年的工作有哪些？",
    "为什么在清晨吊装？",
    "怎么吊装？",
    "青河大桥和白水桥哪座长？",
    "这篇文章讲了什么？",
    "什么时候合龙？",
    "谁说的？",
    "大桥",
]


def compose(question: str, ranked: list[Candidate]) -> Extract:
    """The answer to a question that asks once."""
    return compose_parts([(question, ranked)])


def lines(extract: Extract) -> list[str]:
    """The quoted sentences, without labels and without the direct answer."""
    found = [LABEL.sub("", line) for line in extract.draft.text.split("\n")]
    return found[1:] if extract.short else found


def scored(best: str, near: float = 0.0) -> list[Candidate]:
    """All sentences of three passages; one is the best, the others `near` it (a score of 0) or far from it."""
    passages = [BRIDGE, TASKS, RIVER]
    rows = [[6.0 if s.text == best else near for s in p.sentences] for p in passages]
    return candidates(passages, rows)


def check(extract: Extract) -> None:
    """What holds for every answer: each label once or more, in order, each with its own sentence, all supported."""
    labels = list(dict.fromkeys(int(label) for label in LABEL.findall(extract.draft.text)))
    assert labels == list(extract.draft.evidence) == list(range(1, len(labels) + 1)) != []
    quoted = [sentence.text for sentence, _ in extract.draft.evidence.values()]
    assert len(set(quoted)) == len(quoted)
    assert lines(extract) == [in_answer(text) for text in quoted]
    text, citations, claims = cite(extract.draft, documents_of(BRIDGE, TASKS, RIVER))
    assert text == extract.draft.text
    assert [c.quote for c in citations] == quoted
    assert all(claim.supported and claim.labels for claim in claims)
    if extract.short:
        assert extract.short in quoted[0]
        assert len(extract.short) <= MAX_SHORT_CHARS
        assert extract.draft.text.startswith(f"{extract.short}[1]\n")


def test_a_fact_is_one_sentence() -> None:
    extract = compose("大桥的主跨有多长？", scored("大桥的主跨长620米，桥面宽31米。"))
    assert lines(extract) == ["大桥的主跨长620米，桥面宽31米。"]
    check(extract)


@pytest.mark.parametrize("best", ["明年有三项工作。", "一是修桥。", "二是补路。", "三是种树。"])
def test_a_list_is_all_items_whichever_is_the_best(best: str) -> None:
    extract = compose("明年有哪些工作？", scored(best))
    assert {"一是修桥。", "二是补路。", "三是种树。"} <= set(lines(extract))
    assert "会议昨天闭幕。" not in lines(extract)
    check(extract)


@pytest.mark.parametrize(
    "items",
    [
        ["首先修桥。", "其次补路。", "最后种树。"],
        ["第一，修桥。", "第二，补路。", "第三，种树。"],
        ["1. 修桥。", "2. 补路。", "3. 种树。"],
        ["（一）修桥。", "（二）补路。", "（三）种树。"],
        ["①修桥。", "②补路。", "③种树。"],
    ],
)
def test_items_are_known_by_how_they_begin(items: list[str]) -> None:
    own = passage("明年有三项工作。", *items, "会议昨天闭幕。")
    extract = compose("明年有哪些工作？", candidates([own], [[6.0, 0, 0, 0, 0]]))
    assert lines(extract) == ["明年有三项工作。", *items]


def test_a_list_also_takes_what_is_as_likely_as_the_best() -> None:
    own = passage("他们种了柳树。", "昨天下了雨。", "他们还种了槐树。")
    extract = compose("种了哪些树？", candidates([own], [[3.0, 0.0, 2.9]]))
    assert lines(extract) == ["他们种了柳树。", "他们还种了槐树。"]


def test_why_takes_the_sentences_that_go_on_with_the_best() -> None:
    extract = compose("为什么在清晨吊装？", scored("因为江面常有大风，钢梁要在清晨吊装。"))
    assert lines(extract)[-2:] == [
        "因为江面常有大风，钢梁要在清晨吊装。",
        "因此工期比原来长了两个月。",
    ]
    assert len(lines(extract)) <= 3
    check(extract)
    alone = compose("为什么合龙？", scored("青河大桥昨天合龙。"))
    assert lines(alone) == ["青河大桥昨天合龙。"]


def test_a_comparison_takes_a_sentence_of_each_article() -> None:
    likely = {"大桥的主跨长620米，桥面宽31米。": 6.0, "白水桥的主跨长480米。": 5.8}
    rows = [[likely.get(s.text, 0.0) for s in p.sentences] for p in (BRIDGE, TASKS, RIVER)]
    extract = compose("青河大桥和白水桥哪座长？", candidates([BRIDGE, TASKS, RIVER], rows))
    assert lines(extract) == [*likely]
    assert [p.doc_id for _, p in extract.draft.evidence.values()] == ["a.txt", "c.txt"]
    check(extract)


def test_a_comparison_leaves_out_an_article_that_is_not_likely() -> None:
    extract = compose("青河大桥和白水桥哪座长？", scored("大桥的主跨长620米，桥面宽31米。"))
    assert {p.doc_id for _, p in extract.draft.evidence.values()} == {"a.txt"}


def test_a_fact_of_one_article_does_not_take_another() -> None:
    likely = {"大桥的主跨长620米，桥面宽31米。": 6.0, "白水桥的主跨长480米。": 5.9}
    rows = [[likely.get(s.text, 0.0) for s in p.sentences] for p in (BRIDGE, RIVER)]
    extract = compose("青河大桥的主跨有多长？", candidates([BRIDGE, RIVER], rows))
    assert lines(extract) == ["大桥的主跨长620米，桥面宽31米。"]


def test_a_summary_is_how_the_article_begins() -> None:
    extract = compose("这篇文章讲了什么？", scored("因此工期比原来长了两个月。"))
    assert lines(extract) == [s.text for s in BRIDGE.sentences[: len(lines(extract))]]
    assert len(lines(extract)) >= 2
    check(extract)


def test_sentences_come_in_reading_order() -> None:
    extract = compose("明年有哪些工作？", scored("三是种树。"))
    positions = [s.spans[0][0] for s, _ in extract.draft.evidence.values()]
    assert positions == sorted(positions)


def test_the_same_sentence_in_two_articles_is_quoted_once() -> None:
    copy = passage("青河大桥昨天合龙。", "又一句。", label=2, doc_id="d.txt")
    extract = compose("青河大桥和白水桥都合龙了吗？", candidates([BRIDGE, copy], [[6.0, 0, 0, 0], [6.0, 0.0]]))
    assert lines(extract).count("青河大桥昨天合龙。") == 1


def test_short_answer_leads_where_it_is_clear() -> None:
    best = "大桥的主跨长620米，桥面宽31米。"
    rows = [[6.0 if s.text == best else 0.0 for s in BRIDGE.sentences]]
    extract = compose("大桥的主跨有多长？", candidates([BRIDGE], rows, {best: ("620米，", 0.9)}))
    assert extract.short == "620米"
    assert extract.draft.text == f"620米[1]\n{best}[1]"
    check(extract)


@pytest.mark.parametrize(
    ("question", "span", "sure"),
    [
        ("大桥的主跨有多长？", "620米", 0.05),  # not sure
        ("大桥的主跨有多长？", "", 0.9),  # no span
        ("大桥的主跨有多长？", "，", 0.9),  # nothing but a mark
        ("大桥的主跨有多长？", "大桥的主跨长620米，桥面宽31米。", 0.9),  # the whole sentence
        ("为什么大桥长？", "620米", 0.9),  # no short answer to why
        ("这篇文章讲了什么？", "620米", 0.9),
    ],
)
def test_no_short_answer_where_none_is_clear(question: str, span: str, sure: float) -> None:
    best = "大桥的主跨长620米，桥面宽31米。"
    rows = [[6.0 if s.text == best else 0.0 for s in BRIDGE.sentences]]
    assert compose(question, candidates([BRIDGE], rows, {best: (span, sure)})).short == ""


@pytest.mark.parametrize(
    ("span", "short"),
    [("80米", "480米"), ("4", "480"), ("，占22", "占22.9%"), ("48", "480"), ("9", "22.9%")],
)
def test_a_short_answer_never_cuts_a_number(span: str, short: str) -> None:
    text = "白水桥的主跨长480米，占22.9%。"
    extract = compose("白水桥呢", candidates([passage(text)], [[1.0]], {text: (span, 1.0)}))
    assert extract.short == short


def test_a_long_span_is_no_short_answer() -> None:
    long = "甲" * (MAX_SHORT_CHARS + 1)
    text = f"青河大桥的设计单位是{long}，合龙。"
    extract = compose("设计单位是谁？", candidates([passage(text)], [[1.0]], {text: (long, 1.0)}))
    assert extract.short == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("大桥主跨\n合龙，长620\n  米。", "大桥主跨合龙，长620米。"),
        ("it is\na bridge.", "it is a bridge."),
        ("长度见[3]，宽度见[12]。", "长度见［3］，宽度见［12］。"),
        ("见[表1]和[2021]。", "见[表1]和[2021]。"),
        ("桥长 620 米。", "桥长 620 米。"),
        ("", ""),
    ],
)
def test_a_sentence_is_shown_on_one_line_and_its_footnotes_are_no_labels(text: str, shown: str) -> None:
    assert in_answer(text) == shown


def test_labels_that_stand_in_a_document_point_at_nothing() -> None:
    own = passage("桥长620米[2]，宽31米[1]。", "另见[3]。")
    extract = compose("桥有多长？", candidates([own], [[5.0, 0.0]]))
    text, citations, claims = cite(extract.draft, documents_of(own))
    assert LABEL.findall(text) == ["1"]
    assert [(c.label, c.quote) for c in citations] == [(1, "桥长620米[2]，宽31米[1]。")]
    assert [c.supported for c in claims] == [True]


def test_every_answer_holds_for_any_scores() -> None:
    """Each label given once, each sentence quoted once, everything supported: 2,000 answers of random scores."""
    rng = random.Random(7)
    n_short = 0
    for _ in range(2000):
        passages = rng.sample([BRIDGE, TASKS, RIVER], rng.randint(1, 3))
        rows = [[rng.choice([0.0, 3.0, rng.uniform(0, 6)]) for _ in p.sentences] for p in passages]
        spans = {}
        for text in (s.text for p in passages for s in p.sentences):
            start = rng.randrange(len(text))
            spans[text] = (text[start : start + rng.randint(0, 8)], rng.random())
        question = rng.choice(QUESTIONS)
        extract = compose(question, candidates(passages, rows, spans))
        check(extract)
        n_short += bool(extract.short)
    assert 200 < n_short < 1800


def test_two_questions_are_answered_one_after_the_other_without_a_direct_answer() -> None:
    best, other = "大桥的主跨长620米，桥面宽31米。", "白水桥的主跨长480米。"
    spans = {best: ("620米", 0.9), other: ("480米", 0.9)}
    first = candidates([BRIDGE], [[6.0 if s.text == best else 0.0 for s in BRIDGE.sentences]], spans)
    second = candidates([RIVER], [[6.0, 0.0]], spans)
    extract = compose_parts([("青河大桥的主跨有多长？", first), ("白水桥的主跨有多长？", second)])
    assert (lines(extract), extract.short) == ([best, other], "")
    check(extract)
    twice = compose_parts([("青河大桥的主跨有多长？", first), ("青河大桥的桥面有多宽？", first)])
    assert lines(twice) == [best]
    check(twice)


def test_what_was_said_is_not_said_again() -> None:
    ranked = scored("一是修桥。")
    answer = f"{in_answer('一是修桥。')}[1]\n二是补路。[2]"
    left = [c.text for c in not_yet_said(ranked, answer)]
    assert left == [c.text for c in ranked if c.text not in ("一是修桥。", "二是补路。")]
    assert "三是种树。" in left
