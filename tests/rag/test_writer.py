"""What a model writes becomes text with labels that hold, however it is cut into deltas."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import split_article
from index.store import Index
from index.types import Article
from rag.cite import cite
from rag.language_model.attribute import Sources
from rag.language_model.prompts import NOT_SAID
from rag.language_model.writer import DraftWriter
from rag.quoting import in_answer
from rag.types import Passage, ResetEvent, TextEvent

from .pieces import documents_of, passage

BRIDGE = passage(
    "青河大桥的主跨长620米，占3.5%。", "大桥双向四车道，两侧有人行道。", "总设计师是陈立新。", title="青河大桥通车"
)
RIVER = passage("白水桥长480米。", "它由《桥梁》杂志报道，“百年一遇”。", label=2, doc_id="b.txt", title="白水桥")
PASSAGES = [BRIDGE, RIVER]
DOCUMENTS = documents_of(*PASSAGES)
SPAN = "青河大桥的主跨长620米。"


def write(*deltas: str, drop: bool = False) -> DraftWriter:
    """A writer that was fed; checks that its events add up to its text."""
    writer = DraftWriter(PASSAGES, drop)
    text = ""
    for event in (
        event for delta in [*deltas, None] for event in (writer.finish() if delta is None else writer.feed(delta))
    ):
        assert isinstance(event, TextEvent | ResetEvent)
        text = text + event.delta if isinstance(event, TextEvent) else ""
    assert text == writer.text
    return writer


def cited(writer: DraftWriter) -> list[tuple[int, str]]:
    return [(label, sentence.text) for label, (sentence, _) in writer.draft.evidence.items()]


def test_a_sentence_cites_the_sentence_that_carries_it() -> None:
    writer = write("主跨长620米。[1]总设计师是陈立新。[1]")
    assert writer.text == "主跨长620米。[1]总设计师是陈立新。[2]"
    assert cited(writer) == [(1, BRIDGE.sentences[0].text), (2, BRIDGE.sentences[2].text)]


def test_the_same_source_keeps_its_label() -> None:
    writer = write("主跨长620米。[1]\n占3.5%。[1]\n")
    assert writer.text == "主跨长620米。[1]\n占3.5%。[1]"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("主跨长620米[1]。", "主跨长620米。[1]"),
        ("主跨长620米 [1] 。", "主跨长620米。[1]"),
        ("主跨长620米。 [1]", "主跨长620米。[1]"),
        ("主跨长620米。【1】", "主跨长620米。[1]"),
        ("主跨长620米。[^1]", "主跨长620米。[1]"),
        ("主跨长620米。[1, 2]", "主跨长620米。[1]"),
        ("主跨长620米。[1][2]", "主跨长620米。[1]"),
        ("大桥的主跨长620米，白水桥长480米。[1][2]", "大桥的主跨长620米，白水桥长480米。[1][2]"),
        ("主跨长620米。[9]", "主跨长620米。[1]"),
        ("主跨长620米。[0]", "主跨长620米。[1]"),
        ("主跨长620米。", "主跨长620米。[1]"),
        ("主跨长620米。[2]", "主跨长620米。[1]"),
        ("[1] 主跨长620米。", "主跨长620米。[1]"),
        ("主跨长621米。[1]", "主跨长621米。[1]"),
        ("主跨长621米。", "主跨长621米。"),
        ("主跨长621米。[9]", "主跨长621米。"),
        ("**主跨长620米**。[1]", "主跨长620米。[1]"),
        ("# 主跨长620米\n", "主跨长620米[1]"),
        ("- 主跨长620米[1]\n- 白水桥长480米[2]", "- 主跨长620米[1]\n- 白水桥长480米[2]"),
        ("主跨长620米。[1]\n\n\n白水桥长480米。[2]\n", "主跨长620米。[1]\n白水桥长480米。[2]"),
        ("主跨长620米[[1]1]。", "主跨长620米［1］。[1]"),
        ("主跨长620米[a]。", "主跨长620米［a］。"),
        ("<think>先想想[1]。</think>主跨长620米。[1]", "主跨长620米。[1]"),
        ("先想想，模板里已经开始想了。</think>\n\n主跨长620米。[1]", "主跨长620米。[1]"),
        ("<think>没想完", ""),
        ("主\x1b跨\x00长\u202e62\u200b0米。[1]", "主跨长620米。[1]"),
        ("3<5，主跨长620米。", "3<5，主跨长620米。"),
        ("。。。", ""),
        ("<\n主跨长620米。", "主跨长620米。[1]"),
        ("主跨长620米。[", "主跨长620米。[1]"),
        ("。[2]。主跨长620米", "主跨长620米[1]"),
        ("主跨长620米。[1]。白水桥长480米。", "主跨长620米。[1]白水桥长480米。[2]"),
        ("[1][2]", ""),
        ("", ""),
    ],
)
def test_labels_of_every_kind(said: str, text: str) -> None:
    assert write(said).text == text
    assert write(*said).text == text


def test_what_nothing_carries_can_be_left_out() -> None:
    said = "主跨长620米。[1]它是全省最长的桥。[1]主跨长620米。[1]白水桥长481米。白水桥长480米。"
    assert write(said, drop=True).text == "主跨长620米。[1]白水桥长480米。[2]"
    assert write(*said, drop=True).text == "主跨长620米。[1]白水桥长480米。[2]"
    assert write("它是全省最长的桥。[1]", drop=True).text == ""


@pytest.mark.parametrize(
    "said",
    [NOT_SAID, "文档没有说", f"  {NOT_SAID}[1]", f"{NOT_SAID}不过我知道，桥长900米。", f"<think>嗯</think>{NOT_SAID}"],
)
def test_the_model_may_say_that_the_passages_do_not(said: str) -> None:
    for writer in (write(said), write(*said)):
        assert writer.refused
        assert writer.text == ""


def test_not_said_after_something_was_said_is_no_refusal() -> None:
    writer = write(f"主跨长620米。[1]{NOT_SAID}")
    assert not writer.refused
    assert writer.text.startswith("主跨长620米。[1]")


def test_a_sentence_that_comes_again_is_noticed() -> None:
    assert not write("主跨长620米。[1]白水桥长480米。").repeats
    assert write("主跨长620米。[1]主跨长620米。").repeats


def test_words_come_before_the_sentence_is_complete() -> None:
    writer = DraftWriter(PASSAGES)
    sent = [
        [event.delta for event in writer.feed(delta)] for delta in ("主跨", "长620", "米 [", "1", "]。", "白水", "桥")
    ]
    assert sent == [["主跨"], ["长620"], ["米"], [], ["。"], ["[1]", "白水"], ["桥"]]


def test_a_sentence_that_is_left_out_is_never_shown() -> None:
    writer = DraftWriter(PASSAGES, drop_unsupported=True)
    shown = [event.delta for delta in "主跨长621米。主跨长620米。[1]白" for event in writer.feed(delta)]
    assert shown == ["主跨长620米。", "[1]"]


def test_one_changed_digit_is_never_attributed_to_anything(sample: Index) -> None:
    """Also not to two sentences of which each holds a part: thousands of sentences, each among three articles."""
    rng, n_cases, accepted = random.Random(5), 0, []
    articles = [passage_of(article, sample) for article in sample.articles()]
    for number, own in enumerate(articles):
        sources = Sources([replace(articles[(number + step) % len(articles)], label=step + 1) for step in range(3)])
        for sentence in own.sentences:
            held = set(re.findall(r"[0-9.,]+", sentence.text))
            for match in re.finditer("[0-9]", sentence.text):
                for digit in rng.sample([d for d in "0123456789" if d != match.group()], 1):
                    changed = in_answer(sentence.text[: match.start()] + digit + sentence.text[match.end() :])
                    if set(re.findall(r"[0-9.,]+", changed)) <= held:
                        continue  # another number of the same sentence came out
                    n_cases += 1
                    if sources.attribute(changed, rng.choice([set(), {1}, {1, 2, 3}]))[1]:
                        accepted.append(changed)
    assert accepted == []
    assert n_cases > 700


def passage_of(article: Article, index: Index) -> Passage:
    """A whole article as one passage."""
    document = index.document(article.doc_id)
    assert document is not None
    kinds = ("subtitle", "heading", "body", "caption")
    sentences = tuple(one for one in split_article(article, document.text) if one.kind in kinds)
    return Passage(1, article.doc_id, article.number, article.title, article.date, article.source, sentences, ())


SIGNS = [
    "[",
    "]",
    "【",
    "】",
    "1",
    "2",
    "9",
    ",",
    " ",
    "\n",
    "。",
    "！",
    "”",
    "“",
    "*",
    "#",
    "<",
    "《",
    "》",
    "\t",
    "\r",
]
WORDS = ["主跨长620米", "白水桥长480米", "总设计师是陈立新", "它最长", NOT_SAID, "[1]", "[2]。", "<think>", "</think>"]
SAID = st.lists(st.sampled_from([*SIGNS, *WORDS]), max_size=24).map("".join)


@given(SAID, st.randoms(use_true_random=False), st.booleans())
def test_how_the_text_is_cut_changes_nothing(said: str, rng: random.Random, drop: bool) -> None:
    whole = write(said, drop=drop)
    cuts = sorted(rng.sample(range(len(said) + 1), min(len(said), 6)))
    pieces = [said[a:b] for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    cut = write(*pieces, drop=drop)
    assert (cut.text, cut.draft, cut.refused) == (whole.text, whole.draft, whole.refused)


@given(SAID, st.booleans())
def test_every_draft_is_one_that_verification_takes_as_it_is(said: str, drop: bool) -> None:
    writer = write(said, drop=drop)
    text, citations, claims = cite(writer.draft, DOCUMENTS)
    assert text == writer.text
    labels = {int(label) for label in re.findall(r"\[(\d+)\]", text)}
    assert labels == set(writer.draft.evidence) == {c.label for c in citations}
    for one in citations:
        assert DOCUMENTS(one.doc_id).text[one.start : one.end] == one.quote
    if drop:
        assert all(claim.supported for claim in claims)
