"""A Word document -> its text in reading order: paragraphs, tables row by row, text boxes and notes.

python-docx opens the package; its own lists of paragraphs leave out text boxes, content controls and insertions that
are tracked, so the text is taken from the elements. What is deleted but tracked is left out.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from .reading import Extracted, UnreadableError

_MAX_INFLATED_BYTES = 200 * 2**20
_MAX_XML_BYTES = 64 * 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TITLE_STYLES = re.compile(r"^(?:title|标题|文章标题|題目)$", re.I)
_HEADING_1 = re.compile(r"^(?:heading 1|标题 1|标题1)$", re.I)
_NO_AUTHOR = {"python-docx", "administrator", "admin", "user", "windows 用户", "windows user", "微软用户", "microsoft"}


def extract(data: bytes, alive: Callable[[], None]) -> Extracted:
    """The text of a .docx, one paragraph or table row a line.

    Raises:
        UnreadableError: it is encrypted, an old .doc, no Word document, or unpacks to too much.
    """
    _check_package(data)
    import docx  # after the check: it unpacks everything

    try:
        document = docx.Document(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:  # the library follows what the parts say, and fails in as many ways
        what = str(error).partition("\n")[0][:200]
        raise UnreadableError(f"is no Word document, or a damaged one: {what}") from error
    body = document.element.body
    lines = [line for line in _lines(body) if line]
    for part in document.part.rels.values():
        if part.reltype.endswith(("/footnotes", "/endnotes")) and not part.is_external:
            lines += [line for line in _note_lines(part.target_part.blob) if line]
    properties = document.core_properties
    title = _title(document, properties.title, lines)
    author = properties.author if properties.author.strip().lower() not in _NO_AUTHOR else ""
    metadata = {"title": title, "author": author.strip()}
    return Extracted("\n".join(lines), {key: value for key, value in metadata.items() if value})


def _check_package(data: bytes) -> None:
    """Refuses what is no package, and one that unpacks to too much: by what it declares, and by what comes out."""
    if data.startswith(_OLE):
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in data
        what = "is encrypted: save it without a password" if is_encrypted else "is an old .doc: save it as .docx"
        raise UnreadableError(what)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_sizes(package)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise UnreadableError(f"is no Word document, or a truncated one: {error}") from error
    except RuntimeError as error:  # zipfile's word for an encrypted part
        raise UnreadableError(f"is encrypted: {error}") from error


def _check_sizes(package: zipfile.ZipFile) -> None:
    declared = sum(part.file_size for part in package.infolist())
    if declared > _MAX_INFLATED_BYTES:
        raise UnreadableError(_too_large(declared))
    n_bytes = 0
    for part in package.infolist():
        is_xml = part.filename.lower().endswith((".xml", ".rels"))
        n_part = 0
        with package.open(part) as file:
            while piece := file.read(2**20):
                n_part += len(piece)
                if n_bytes + n_part > _MAX_INFLATED_BYTES or (is_xml and n_part > _MAX_XML_BYTES):
                    raise UnreadableError(_too_large(n_bytes + n_part))
        n_bytes += n_part


def _too_large(n_bytes: int) -> str:
    limits = f"{_MAX_INFLATED_BYTES // 2**20} MB, {_MAX_XML_BYTES // 2**20} MB for a part of text"
    return f"unpacks to {n_bytes / 2**20:.0f} MB or more, the limit is {limits}"


def _lines(element: Any) -> Iterator[str]:
    """Paragraphs and table rows below an element, in order; empty ones as ""."""
    for child in element:
        if child.tag == f"{_W}p":
            yield from _paragraph_lines(child)
        elif child.tag == f"{_W}tbl":
            yield from _table_lines(child)
        elif isinstance(child.tag, str) and child.tag != _FALLBACK:
            yield from _lines(child)  # content controls, insertions: what they hold counts as standing here


def _paragraph_lines(paragraph: Any) -> Iterator[str]:
    """A paragraph's own text, then that of the text boxes which hang on it."""
    boxes: list[Any] = []
    yield from ("".join(_texts(paragraph, boxes))).splitlines() or [""]
    for box in boxes:
        yield from _lines(box)


def _texts(element: Any, boxes: list[Any]) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag == f"{_W}tab":
            yield "\t"
        elif tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif isinstance(tag, str) and tag not in (_FALLBACK, f"{_W}pPr", f"{_W}rPr", f"{_W}del"):
            yield from _texts(child, boxes)


def _table_lines(table: Any) -> Iterator[str]:
    """A row a line, its cells apart by tabs; a table inside a cell is part of that cell."""
    for row in _children(table, f"{_W}tr"):
        cells = (" ".join(filter(None, _lines(cell))) for cell in _children(row, f"{_W}tc"))
        yield "\t".join(cells).strip("\t")


def _children(element: Any, tag: str) -> Iterator[Any]:
    """Children with a tag, also those inside content controls and tracked insertions."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _children(child, tag)


def _note_lines(blob: bytes) -> Iterator[str]:
    """The lines of footnotes or endnotes; the separators that Word keeps among them are empty."""
    from docx.oxml.parser import parse_xml

    yield from _lines(parse_xml(blob))


def _title(document: Any, core_title: str, lines: list[str]) -> str:
    """The title by its style, by the only heading of the first level, or as a line that is the properties' title.

    "" where there is none: then its lines are read as those of a page, which may hold several articles.
    """
    styled: list[str] = []
    headings: list[str] = []
    for paragraph in document.paragraphs:
        text = " ".join(paragraph.text.split())
        name = paragraph.style.name if text and paragraph.style is not None else ""
        if _TITLE_STYLES.match(name or ""):
            styled.append(text)
        elif _HEADING_1.match(name or ""):
            headings.append(text)
    if styled or len(headings) == 1:
        return (styled or headings)[0]
    core_title = " ".join(core_title.split())
    return core_title if core_title in lines else ""  # templates and programs leave theirs in the properties
