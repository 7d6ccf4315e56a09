"""A web page -> its article: text without menus, footers and lists of links, with title, date, source and author.

Trafilatura decides what the article is. A page is one article: its title is its text's first line.
"""

import re
from datetime import date
from typing import Any

from trafilatura import bare_extraction, load_html
from trafilatura.settings import use_config

from .encoding import decode, detect
from .reading import Extracted, UnreadableError

_CHARSET = re.compile(rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w-]{3,20})""", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SOURCE = re.compile(r"(?:来源|來源|稿源|出处)\s*[:：]\s*([^\s|，。；：:、（）()]{2,20})")
_HEAD_CHARS = 20_000
"""How far into the page's text its source line is looked for."""
_MIN_ARTICLE_CHARS = 60
"""Trafilatura's 250 is for words of letters: below it, the whole page is taken for the article."""
_MAX_TREE = 200_000
"""Elements; a page of news has 500 to 5,000."""


def extract(data: bytes) -> Extracted:
    """The article of a web page.

    Raises:
        UnreadableError: it is no HTML, or has no article.
    """
    tree = load_html(_DECLARATION.sub("", _decode(data)))
    if tree is None:
        raise UnreadableError("is no HTML page")
    source = _find_source(tree)
    author = " ".join(tree.xpath("string(//meta[@name='author' or @property='article:author']/@content)").split())
    found = bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        config=_config(),
        max_tree_size=_MAX_TREE,
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
        "date": found.date or "",
        "source": source or found.sitename or "",
        "author": author or found.author or "",
    }
    text = body if not title or body.partition("\n")[0].strip() == title else f"{title}\n{body}"
    return Extracted(text, {key: value for key, value in metadata.items() if value or key == "title"})


def _config() -> Any:
    config = use_config()
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(_MIN_ARTICLE_CHARS)
    return config


def _find_source(tree: Any) -> str:
    """What the page itself names as its source: `来源：青河日报`, also where that is a link."""
    texts = tree.xpath("//body//text()[not(parent::script or parent::style)]")
    head = ""
    for text in texts:
        head += f" {text}"
        if len(head) > _HEAD_CHARS:
            break
    match = _SOURCE.search(head)
    return match[1] if match else ""


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
