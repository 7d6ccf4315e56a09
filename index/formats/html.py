"""A web page -> its article: text without menus, footers and lists of links, with title, date, source and author.

Trafilatura decides what the article is. A page is one article: its title is its text's first line.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from trafilatura import bare_extraction, load_html
from trafilatura.settings import use_config

from .encoding import decode, detect
from .reading import Extracted, UnreadableError

_CHARSET = re.compile(rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w-]{3,20})""", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SOURCE = re.compile(r"(?:来源|來源|稿源|出处)\s*[:：]\s*([^\s|，。；：:、（）()]{2,20})")
_DAY = re.compile(r"(?<!\d)(20\d\d|19\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_NEAR_CHARS = 60
"""How far from the source its day is looked for."""
_HEAD_CHARS = 20_000
"""How far into the page's text its source line is looked for."""
_MIN_ARTICLE_CHARS = 60
"""Trafilatura's 250 is for words of letters: below it, the whole page is taken for the article."""
_MAX_ELEMENTS = 100_000
"""A page of news has 500 to 5,000."""


def extract(data: bytes, alive: Callable[[], None]) -> Extracted:
    """The article of a web page.

    Raises:
        UnreadableError: it is no HTML, or has no article.
    """
    tree = load_html(_DECLARATION.sub("", _decode(data)))
    if tree is None:
        raise UnreadableError("is no HTML page")
    n_elements = sum(1 for _ in tree.iter())
    if n_elements > _MAX_ELEMENTS:
        raise UnreadableError(f"has {n_elements} elements, the limit is {_MAX_ELEMENTS}: split it")
    source, day = _source_line(tree)
    author = " ".join(tree.xpath("string(//meta[@name='author' or @property='article:author']/@content)").split())
    found = bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        config=_config(),
        date_extraction_params={
            "extensive_search": False,  # no date is better than one of the footer
            "original_date": True,
            "max_date": date.max.isoformat(),
        },
    )
    if found is None or isinstance(found, dict) or not found.text or not found.text.strip():
        raise UnreadableError("has no article: no running text was found on the page")
    body = found.text.strip()
    title = " ".join((found.title or "").split())
    metadata = {
        "title": title,
        "date": found.date or day,
        "source": source or found.sitename or "",
        "author": author or found.author or "",
    }
    text = body if not title or body.partition("\n")[0].strip() == title else f"{title}\n{body}"
    return Extracted(text, {key: value for key, value in metadata.items() if value or key == "title"})


def _config() -> Any:
    config = use_config()
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(_MIN_ARTICLE_CHARS)
    return config


def _source_line(tree: Any) -> tuple[str, str]:
    """Source and day as the page itself names them: `2023年10月5日 来源：青河日报`, also where that is a link."""
    head = ""
    for text in tree.xpath("//body//text()[not(parent::script or parent::style)]"):
        head += f" {text}"
        if len(head) > _HEAD_CHARS:
            break
    head = " ".join(head.split())
    source = _SOURCE.search(head)
    if not source:
        return "", ""
    day = _DAY.search(head, max(0, source.start() - _NEAR_CHARS), source.end() + _NEAR_CHARS)
    return source[1], f"{day[1]}-{int(day[2]):02d}-{int(day[3]):02d}" if day else ""


def _decode(data: bytes) -> str:
    """The page's text: as it declares its encoding, where that holds; else as it looks."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = declared[1].decode("ascii").lower()
        name = "gb18030" if name in ("gb2312", "gbk") else name  # browsers do the same
        try:
            return data.decode(name)
        except (LookupError, UnicodeError):
            pass  # it declares what it is not
    decoded = decode(data)
    return decoded[0] if decoded else data.decode(detect(data[:4096]), errors="replace")
