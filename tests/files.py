"""Files of every format, made in memory: PDF by reportlab, Word by python-docx, and what people do to such files."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import docx
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True, slots=True)
class Put:
    """A piece of text on a PDF page; `y` is its baseline, measured from the head of the page. Points."""

    x: float
    y: float
    text: str
    size: float = 10


def column(text: str, x: float, y: float, *, width: int = 12, indent: bool = True) -> list[Put]:
    """A paragraph set in lines of `width` characters, 15 points apart."""
    lines = [text[: width - 2], *(text[i : i + width] for i in range(width - 2, len(text), width))] if indent else []
    lines = lines or [text[i : i + width] for i in range(0, len(text), width)]
    return [Put(x + (20 if indent and not i else 0), y + 15 * i, line) for i, line in enumerate(lines)]


def pdf(
    pages: Sequence[Sequence[Put]], *, pictures: Sequence[int] = (), rotation: int = 0, password: str | None = None
) -> bytes:
    """A PDF of A4 pages; pages (0-based) in `pictures` show a grey picture, as a scan does."""
    file = io.BytesIO()
    paper = canvas.Canvas(file, pagesize=(595, 842), encrypt=password, invariant=True)
    for number, page in enumerate(pages):
        if number in pictures:
            paper.drawImage(ImageReader(Image.new("RGB", (60, 80), "gray")), 0, 0, 595, 842)
        if rotation:
            paper.setPageRotation(rotation)
        for put in page:
            paper.setFont("STSong-Light", put.size)
            if rotation == 90:
                paper.saveState()
                paper.rotate(90)
                paper.drawString(put.x, -put.y, put.text)
                paper.restoreState()
            else:
                paper.drawString(put.x, 842 - put.y, put.text)
        paper.showPage()
    paper.save()
    return file.getvalue()


def word(paragraphs: Sequence[str | tuple[str, str]], *, title: str = "", author: str = "") -> bytes:
    """A .docx; a paragraph may be (style, text)."""
    document = docx.Document()
    for paragraph in paragraphs:
        style, text = paragraph if isinstance(paragraph, tuple) else (None, paragraph)
        document.add_paragraph(text, style)
    document.core_properties.title = title
    document.core_properties.author = author
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def word_of(body: str, prologue: str = "", **parts: str) -> bytes:
    """A .docx whose body is this XML; `parts` replaces other parts by their name below `word/`, without suffix."""
    document = f'{prologue}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    return replaced(word([]), {"word/document.xml": document.encode()})


def replaced(package: bytes, parts: dict[str, bytes]) -> bytes:
    """A zip file with the content of some parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, parts.get(part.filename, old.read(part)))
    return file.getvalue()


def bomb(package: bytes, n_bytes: int) -> bytes:
    """A .docx whose text unpacks to so many spaces."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            with new.open(part.filename, "w") as target:
                if part.filename == "word/document.xml":
                    for _ in range(n_bytes // 2**20):
                        target.write(b" " * 2**20)
                target.write(old.read(part))
    return file.getvalue()


def declaring(package: bytes, part: str, n_bytes: int) -> bytes:
    """A zip file that declares another size for a part than it has."""
    data = bytearray(package)
    at = data.find(b"PK\x01\x02")
    while at != -1:
        n_name = int.from_bytes(data[at + 28 : at + 30], "little")
        if data[at + 46 : at + 46 + n_name] == part.encode():
            data[at + 24 : at + 28] = n_bytes.to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def raw_pdf(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects; the first is its catalogue."""
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        size, table, size, len(out),
    )  # fmt: skip


def forms_in_forms(depth: int) -> bytes:
    """A PDF of a few kB that draws one form 2 to the power of `depth` times."""
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Length 11/Resources<</XObject<</X %d 0 R>>>>>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
        *(form % (6 + i) + b"stream\n/X Do /X Do\nendstream" for i in range(depth)),
        b"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Length 9>>stream\n0 0 m 1 1\nendstream",
    ]
    return raw_pdf(objects)


def web_page(title: str, paragraphs: Sequence[str], *, head: str = "", above: str = "") -> str:
    """A page of a news site: menus, the article, links to others, a footer."""
    menu = "".join(f'<li><a href="/{i}">频道{i}</a></li>' for i in range(20))
    body = "".join(f"<p>　　{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="zh"><head><title>{title}_青河网</title>{head}</head><body>'
        f'<div class="top"><ul>{menu}</ul></div><div class="main"><h1>{title}</h1><div class="info">{above}</div>'
        f'<div class="content">{body}</div><div class="hot"><h3>热门排行</h3><ul>{menu}</ul></div></div>'
        '<div class="footer"><p>版权所有 © 2024 青河网 备案号12345678</p></div></body></html>'
    )
