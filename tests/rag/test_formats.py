"""Asking over one document of every format: each citation is a slice of what was read, on the page where it stands."""

from pathlib import Path

import pytest

from index.build import build_index
from index.settings import IndexSettings
from rag import Engine
from rag.__main__ import format_answer

from ..files import Put, column, pdf, web_page, word
from .conftest import OpenEngine

FACTS = {
    "a.txt": ("青河大桥合龙", "青河大桥的主跨长620米，由41段钢梁拼成。", "青河大桥的主跨长多少米？", "620米"),
    "b.md": ("云岭红米丰收", "云岭山村的红米今年每斤卖到12元。", "云岭山村的红米每斤卖到多少元？", "12元"),
    "c.html": ("纺织厂变图书馆", "老厂房改建的图书馆开馆一月接待8万人次。", "图书馆开馆一月接待多少人次？", "8万"),
    "d.docx": ("沙漠公路通车", "沙漠里的罗布公路全长237公里，昨天通车。", "罗布公路全长多少公里？", "237公里"),
    "e.pdf": ("冬捕开网", "查湖冬捕最多的一网打上来26万斤鲜鱼。", "查湖冬捕最多的一网打上来多少斤鲜鱼？", "26万斤"),
    "f.csv#1": ("地铁列车", "城南地铁的时光列车一共有6节车厢。", "时光列车一共有几节车厢？", "6节"),
    "g.jsonl#1": ("高铁新线", "福海高铁全线长277公里，设8座车站。", "福海高铁全线长多少公里？", "277公里"),
    "h.txt": ("台風登陸", "台風海燕前天在臺東登陸，風力達到14級。", "台风海燕在哪里登陆？", "臺東"),
}  # fmt: skip
MORE = ["村民们都说这样的好事多年没有见过。", "工作人员介绍，以后还会有新的安排。"]


def write_all(folder: Path) -> None:
    """Each title and fact in its format; the fact of the PDF stands on its third page, in the second column."""
    folder.mkdir()

    def lines(name: str) -> list[str]:
        title, fact, _, _ = FACTS[name]
        return [title, fact, *MORE]

    (folder / "a.txt").write_bytes("\n\n".join(lines("a.txt")).encode("gb18030"))
    title, *body = lines("b.md")
    (folder / "b.md").write_text(f"---\ntitle: {title}\n---\n\n" + "\n\n".join(body), encoding="utf-8")
    title, *body = lines("c.html")
    (folder / "c.html").write_text(web_page(title, [*body, *MORE]), encoding="utf-8")
    (folder / "d.docx").write_bytes(word(lines("d.docx")))
    title, *body = lines("e.pdf")
    third = [Put(60, 100, title, 18), *column(MORE[0] * 2, 60, 150), *column(body[0], 210, 150)]
    pages = [[Put(60, 100, "封面", 18)], column(MORE[1], 60, 100), sorted(third, key=lambda put: put.y)]
    (folder / "e.pdf").write_bytes(pdf(pages))
    title, *body = lines("f.csv#1")
    (folder / "f.csv").write_text(f"标题,正文\n{title},{''.join(body)}\n", encoding="utf-8")
    title, *body = lines("g.jsonl#1")
    (folder / "g.jsonl").write_text(f'{{"id": "1", "title": "{title}", "text": "{"".join(body)}"}}', encoding="utf-8")
    (folder / "h.txt").write_bytes("\n\n".join(lines("h.txt")[:2]).encode("big5"))


@pytest.fixture(scope="module")
def engine_of_all(tmp_path_factory: pytest.TempPathFactory, model_folder: Path, open_engine: OpenEngine) -> Engine:
    place = tmp_path_factory.mktemp("formats")
    write_all(place / "docs")
    report = build_index(place / "docs", place / "index", IndexSettings(embedder=str(model_folder)))
    assert report.failed == ()
    assert report.n_documents == len(FACTS)
    return open_engine(place / "index", answer_threshold=0.0)


@pytest.mark.parametrize("name", FACTS)
def test_a_question_is_answered_from_every_format_and_its_citation_is_a_slice(engine_of_all: Engine, name: str) -> None:
    title, fact, question, said = FACTS[name]
    answer = engine_of_all.answer(question)
    assert said in answer.text
    cited = [one for one in answer.citations if one.doc_id == name]
    assert cited and fact in "".join(one.quote for one in cited)
    assert {one.article_title for one in cited} == {title}
    for one in answer.citations:
        assert engine_of_all.document(one.doc_id).text[one.start : one.end] == one.quote
        assert (one.page is None) == (one.doc_id != "e.pdf")


def test_a_citation_of_a_pdf_names_the_page(engine_of_all: Engine) -> None:
    answer = engine_of_all.answer(FACTS["e.pdf"][2])
    pages = {one.page for one in answer.citations if FACTS["e.pdf"][1] in one.quote}
    assert pages == {3}
    assert "  第3页" in format_answer(answer)
