"""Short newspaper pages, written for the tests: three subjects that share few characters, and how to lay them out."""

from pathlib import Path

from index.articles import split_articles
from index.types import Article, Document

ROOT = Path(__file__).resolve().parents[2]

BRIDGE_TITLE = "青河大桥合龙，两岸车程缩短到五分钟"
BRIDGE = [
    "青河大桥的最后一段钢梁昨天吊装到位，大桥主跨合龙，两岸的车程由四十分钟缩短到五分钟。",
    "大桥主跨长620米，钢梁一共分成41段，每一段钢梁重约300吨，吊装时要避开大风。",
    "工程师赵青说，大桥合龙以后还要铺桥面、装护栏，预计明年六月通车。",
]
RICE_TITLE = "山村梯田里的红米卖出好价钱"
RICE = [
    "秋收时节，云岭山村的梯田一片金黄，村民李秀忙着收割红米稻谷，今年的红米每斤卖到十二元。",
    "山村梯田海拔高，红米生长期长，过去稻谷产量低，村民多半不愿意种。",
    "合作社统一收购红米，又帮村民在网上开店，梯田里的稻谷不愁销路，山村的收入翻了一番。",
]
LIBRARY_TITLE = "老厂房改成图书馆，读者半夜还在排座位"
LIBRARY = [
    "纺织老厂房改建的图书馆开馆一个月，借书的读者超过八万人次，夜里的阅览座位常常坐满。",
    "图书馆保留了厂房的锯齿形屋顶，阅览室里的书架用旧织机改成，读者可以自己借书还书。",
    "馆长周敏说，图书馆夜间开放到十二点，读者的座位可以在手机上预约。",
]


def split(text: str, doc_id: str = "page.txt", **metadata: str) -> tuple[Article, ...]:
    """The articles of a page."""
    return split_articles(Document(doc_id, text, "", metadata))


def page(*paragraphs: str) -> str:
    """Paragraphs with a blank line between them."""
    return "\n\n".join(paragraphs) + "\n"


def body_of(article: Article, text: str) -> str:
    """An article's paragraphs in reading order, joined with nothing between them."""
    return "".join(text[block.start : block.end] for block in article.blocks if block.kind == "body")


def by_title(articles: tuple[Article, ...]) -> dict[str, Article]:
    """Articles by title; no two may share one."""
    found = {article.title: article for article in articles}
    assert len(found) == len(articles)
    return found


def assert_covered(document: Document, articles: tuple[Article, ...]) -> None:
    """Every character that is not white space stands in exactly one block of one article."""
    text = document.text
    times = [0] * len(text)
    for article in articles:
        assert article.doc_id == document.doc_id
        for block in article.blocks:
            assert 0 <= block.start < block.end <= len(text)
            for i in range(block.start, block.end):
                times[i] += 1
    wrong = [(i, text[i], n) for i, n in enumerate(times) if n > 1 or (n == 0 and not text[i].isspace())]
    assert not wrong, wrong[:5]
    assert [article.number for article in articles] == list(range(len(articles)))
    assert bool(articles) == bool(text.strip())
