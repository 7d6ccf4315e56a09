"""One story printed many times, through the engine: it takes one place; where the prints disagree, both are cited."""

from pathlib import Path

import pytest

from index.build import build_index
from index.settings import IndexSettings
from rag import Engine

from .conftest import OpenEngine

STORY = (
    "青河大桥昨天合龙。青河大桥主跨{}米，桥上有六条车道，两边各有一条给行人走的小道。来往两岸的车从此不必再绕行四十公里，"
    "村民说这座桥盼了二十年。施工队还要铺完桥面、装好护栏，秋天就能通车。"
)
OTHERS = {
    "渡口": "青河上的老渡口开了一百年，摆渡的老周说，大桥通车以后他就歇业，船要送进博物馆。青河大桥离渡口两里路。",
    "设计": "设计师说，青河大桥用钢箱梁是因为河谷风大；大桥主跨的钢梁分成三十二段，在岸边焊好再吊上去。",
    "学校": "河对岸的学校今年多收了四十个学生，校长盼着青河大桥早点通车，孩子们不必再坐船。",
}
QUESTION = "青河大桥的主跨是多少米？"


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory, model_folder: Path, open_engine: OpenEngine) -> Engine:
    folder = tmp_path_factory.mktemp("stories")
    for number in range(12):
        span = 640 if number == 7 else 620
        (folder / f"{number:02}.txt").write_text(f"青河大桥合龙\n\n{STORY.format(span)}\n", encoding="utf-8")
    for name, text in OTHERS.items():
        (folder / f"{name}.txt").write_text(f"青河{name}\n\n{text}\n", encoding="utf-8")
    out = tmp_path_factory.mktemp("index") / "index"
    build_index(folder, out, IndexSettings(embedder=str(model_folder)))
    return open_engine(out)


def test_the_prints_of_a_story_do_not_fill_the_top_ten(asker: Engine) -> None:
    hits = asker.retrieve(QUESTION, 10, "hybrid")
    assert {f"{name}.txt" for name in OTHERS} <= {hit.chunk.doc_id for hit in hits}
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert len(hits) == 3 + len(OTHERS)
    answer = asker.answer(QUESTION)
    assert len(answer.hits) == 1 + len(OTHERS)
    assert sorted(len(hit.duplicates) for hit in answer.hits) == [0, 0, 0, 11]
    assert len(asker.retrieve(QUESTION, 10, "bm25")) == 10  # a leg shows what it found


def test_prints_that_disagree_are_both_cited_and_said(asker: Engine) -> None:
    answer = asker.answer(QUESTION)
    first, second = answer.citations
    assert (first.label, second.label) == (1, 2)
    assert second.doc_id == "07.txt" != first.doc_id
    assert ("620米" in first.quote, "640米" in second.quote) == (True, True)
    for citation in answer.citations:
        assert asker.document(citation.doc_id).text[citation.start : citation.end] == citation.quote
    assert all(claim.supported for claim in answer.claims)
    assert answer.notice == "两篇文章的数字不一致：[1]是620米，[2]是640米。"


def test_prints_that_agree_are_cited_once(asker: Engine) -> None:
    answer = asker.answer("青河大桥上有几条车道？")
    assert len({citation.label for citation in answer.citations}) == 1
    assert answer.notice == ""
