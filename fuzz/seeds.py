"""The first inputs of each target, made on the spot: files of every format, pages, questions, drafts, bodies."""

import io
import json
import zipfile
from pathlib import Path

import docx
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from index.store import _FILES, FORMAT_VERSION

ROOT = Path(__file__).resolve().parent.parent
_QUESTIONS = (
    "采油十二厂厂长是谁？",
    "副厂长呢？\n采油十二厂厂长是谁？采油十二厂厂长是王建国。",
    "12月23日的报道怎么说？",
    "新华社去年怎么说这座桥？",
    "那2014年呢？\n2013年产量多少？产量是三百万吨。",
    "为什么？\n桥为什么停工？",
    "大桥有多长，谁设计的？",
    "2013年和2014年产量分别是多少？",
    "不限时间，谢谢",
    "你好",
    "他是哪里人？\n陈立是谁？陈立是工程师。",
    "上半年和下半年比增长了多少？",
    "《青河日报》今年1月到3月说了什么？",
)
_DRAFTS = (
    "青河大桥全长620米。[1]大桥2024年5月6日通车。[1][2]",
    "<think>想一想</think>今年增长3.5%[1，2]。",
    "1. 大桥**620米**【1】\n2. 没有[99]",
    "文档里没有",
)


def seeds(target: str) -> list[bytes]:
    """At least one input for each target."""
    pages = [path.read_bytes() for path in sorted((ROOT / "documents").iterdir()) if path.suffix in (".txt", ".md")]
    text = "青河大桥合龙\n\n本报讯（记者 陈立）青河大桥昨天合龙，全长620米。\n"
    if target in ("text", "page"):
        return [
            *pages,
            text.encode("gb18030"),
            text.encode("utf-16"),
            text.encode("big5", "replace"),
            text.encode("utf-8-sig"),
        ]
    if target == "markdown":
        return [*pages, b"---\ntitle: a\ndate: 2024-05-06\n---\n# a\n\n- b\n> c\n"]
    if target == "rows":
        row = json.dumps({"id": "1", "title": "题", "text": text, "date": "2024-05-06"}, ensure_ascii=False)
        return [
            f"{row}\n".encode() * 2,
            '编号,标题,正文\n1,题,"正文，\n两行"\n'.encode(),
            "id\ttext\n1\ta\n".encode("utf-16"),
        ]
    if target in _MADE:
        return _MADE[target](text)
    if target in ("question", "filters"):
        return [question.encode() for question in _QUESTIONS]
    if target == "citations":
        return [draft.encode() for draft in _DRAFTS]
    if target == "manifest":
        return [json.dumps(_manifest()).encode()]
    messages = [
        {"role": "user", "content": "谁？"},
        {"role": "assistant", "content": "他。"},
        {"role": "user", "content": [{"type": "text", "text": "哪里人？"}]},
    ]
    return [json.dumps({"model": "wenda", "messages": messages, "stream": True}).encode()]


def _pdf(text: str) -> list[bytes]:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    file = io.BytesIO()
    paper = canvas.Canvas(file, invariant=True, pageCompression=0)
    for _ in range(2):
        paper.setFont("STSong-Light", 12)
        for i, line in enumerate(text.split("\n")):
            paper.drawString(60, 800 - 20 * i, line)
        paper.showPage()
    paper.save()
    return [file.getvalue()]


def _docx(text: str) -> list[bytes]:
    document = docx.Document()
    document.add_paragraph(text)
    document.add_table(1, 2).cell(0, 0).text = text
    file = io.BytesIO()
    document.save(file)
    with zipfile.ZipFile(file) as package:
        return [package.read("word/document.xml")]


def _html(text: str) -> list[bytes]:
    body = "".join(f"<p>{text}</p>" for _ in range(4))
    head = "<html><head><meta charset=utf-8><title>题</title></head><body><h1>题</h1>"
    page = f"{head}<span>来源：青河日报 2024年5月6日</span>{body}</body></html>"
    return [page.encode(), page.replace("utf-8", "gb2312").encode("gb18030")]


_MADE = {"pdf": _pdf, "docx": _docx, "html": _html}


def _manifest() -> dict[str, object]:
    return {
        "format": FORMAT_VERSION,
        "settings": {},
        "embedder": {"name": "a", "fingerprint": "b", "dim": 1},
        "vectors": {},
        "probe": {"text": "桥", "keys": [1], "row": 0},
        "n_documents": 1,
        "n_articles": 1,
        "n_chunks": 1,
        "failed": [{"path": "a", "reason": "b"}],
        "notes": ["c"],
        "files": {name: {"bytes": 1, "sha256": "0"} for name in _FILES},
    }
