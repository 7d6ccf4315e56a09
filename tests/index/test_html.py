"""The article of a web page, without what stands around it."""

import pytest

from index.formats.html import extract
from index.formats.reading import Extracted, UnreadableError

from ..files import web_page
from .pages import BRIDGE, BRIDGE_TITLE

SOURCE_LINE = "2023年10月5日 08:12 | 来源：<a href='/'>青河日报</a> 作者"


def read(page: str, encoding: str = "utf-8") -> Extracted:
    return extract(page.encode(encoding), lambda: None)


def test_the_article_is_read_and_menus_lists_and_footers_are_not() -> None:
    found = read(web_page(BRIDGE_TITLE, BRIDGE, above=SOURCE_LINE))
    assert found.text == "\n".join([BRIDGE_TITLE, *BRIDGE])
    assert found.metadata == {"title": BRIDGE_TITLE, "date": "2023-10-05", "source": "青河日报"}


def test_a_short_article_is_no_reason_to_take_the_whole_page() -> None:
    assert read(web_page(BRIDGE_TITLE, BRIDGE[:2])).text == "\n".join([BRIDGE_TITLE, *BRIDGE[:2]])


def test_fields_of_the_head_are_read() -> None:
    head = (
        '<meta name="author" content="赵青"><meta property="og:site_name" content="青河网">'
        '<meta property="article:published_time" content="2022-03-04T08:00:00+08:00">'
    )
    metadata = read(web_page(BRIDGE_TITLE, BRIDGE, head=head)).metadata
    assert metadata == {"title": BRIDGE_TITLE, "date": "2022-03-04", "source": "青河网", "author": "赵青"}


def test_a_day_in_the_footer_is_not_the_article_s() -> None:
    page = web_page(BRIDGE_TITLE, BRIDGE).replace("© 2024", "更新于 2024年1月5日")
    assert "date" not in read(page).metadata


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gb18030"),
        ("<meta charset=gbk>", "gb18030"),
        ('<meta charset="utf-8">', "gb18030"),  # it declares what it is not
        ('<meta charset="no-such-thing">', "gb18030"),
        ("", "gb18030"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
    ],
)
def test_an_encoding_is_taken_as_declared_or_as_it_looks(declared: str, encoding: str) -> None:
    assert read(web_page(BRIDGE_TITLE, BRIDGE, head=declared), encoding).text == "\n".join([BRIDGE_TITLE, *BRIDGE])


def test_a_page_in_big5_is_read() -> None:
    text = "大橋昨天合龍，兩岸的車程縮短到五分鐘，村民們高興地說這一天我們盼了很久。"
    page = f'<html><head><meta charset="big5"></head><body><h1>大橋合龍</h1>{f"<p>{text}</p>" * 3}</body></html>'
    found = read(page, "big5")
    assert found.text == "\n".join(["大橋合龍", text, text, text])


def test_an_xml_declaration_is_no_hindrance() -> None:
    page = '<?xml version="1.0" encoding="utf-8"?>' + web_page(BRIDGE_TITLE, BRIDGE)
    assert read(page).text == "\n".join([BRIDGE_TITLE, *BRIDGE])


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<html><body></body></html>", "has no article"),
        ("<html><body>" + "<div>" * 200_000, "has no article|is no HTML page|elements"),
        ("<html><body>" + "<i>a</i>" * 100_001, "elements, the limit is 100000"),
    ],
)
def test_a_page_that_cannot_be_read_says_why(page: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read(page)
