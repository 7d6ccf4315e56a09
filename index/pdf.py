"""A PDF -> the text of its text layer, page by page, columns in reading order.

PDFium gives characters with their boxes; `columns.py` puts them in order. What repeats at the head or foot of the pages
(running titles, page numbers) is left out, as menus are on a web page.
"""

import re
from collections import Counter
from collections.abc import Iterator
from ctypes import byref
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from .columns import Line, Segment, order_columns, paragraphs
from .reading import MAX_TEXT_CHARS, MISSING, Extracted, UnreadableError

MAX_PAGES = 2000
_MAX_PAGE_CHARS = 200_000
"""A newspaper page has up to 15,000."""
_EDGE = 0.08
"""Share of the page's height at its head and foot in which running titles and page numbers stand."""
_PAGE_NUMBER = re.compile(r"[-–—·•\s]*(?:第?\s*\d{1,4}\s*[页頁版]?)(?:\s*[/／共]\s*\d{1,4}\s*[页頁]?)?[-–—·•\s]*")
_UNMAPPED_SHARE = 0.3
_PAGE_BREAK = "\n\n"


def extract(data: bytes) -> Extracted:
    """The text of a PDF; pages that are pictures only are named in `Extracted.metadata`.

    Raises:
        UnreadableError: it is encrypted, damaged, too long, or has no text layer that can be read.
    """
    with _open(data) as document:
        n_pages = len(document)
        if n_pages > MAX_PAGES:
            raise UnreadableError(f"has {n_pages} pages, the limit is {MAX_PAGES}: split it")
        pages: list[list[list[Line]]] = []
        scanned: list[int] = []
        n_chars = 0
        for number in range(n_pages):
            columns, is_scan = _read_page(document, number)
            n_chars += sum(len(line.text) for column in columns for line in column)
            if n_chars > MAX_TEXT_CHARS:
                raise UnreadableError(f"holds more than {MAX_TEXT_CHARS} characters: split it")
            pages.append(columns)
            if is_scan:
                scanned.append(number + 1)
        if not n_chars:
            what = "pictures of pages (a scan?)" if scanned else "empty pages"
            raise UnreadableError(f"has no text layer, only {what}: run it through OCR")
    texts = ["\n".join(paragraphs(columns)) for columns in _without_furniture(pages)]
    starts, offset = [], 0
    for text in texts:
        starts.append(offset)
        offset += len(text) + len(_PAGE_BREAK) if text else 0
    whole = _PAGE_BREAK.join(text for text in texts if text)
    missing = "\n".join(
        f"{places}: is a picture without a text layer: run it through OCR" for places in _ranges(scanned)
    )
    return Extracted(whole, {MISSING: missing} if missing else {}, tuple(starts))


def _open(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise UnreadableError("is encrypted: save it without a password") from error
        raise UnreadableError("is no PDF, or a damaged or truncated one") from error


def _read_page(document: Any, number: int) -> tuple[list[list[Line]], bool]:
    """The columns of a page in reading order, and whether it is a picture without text."""
    try:
        page = document[number]
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"is damaged: page {number + 1} cannot be read") from error
    segments = list(_segments(text_page, page.get_height()))
    is_scan = not segments and any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    height = page.get_height()
    text_page.close()
    page.close()
    return [
        [line for line in column if not _is_page_number(line, height)] for column in order_columns(segments)
    ], is_scan


def _segments(text_page: Any, height: float) -> Iterator[Segment]:
    """Runs of characters on one line without a wide gap, in the order of the file; y grows downwards from the head."""
    raw = text_page.raw
    n_chars = pdfium.FPDFText_CountChars(raw)
    if n_chars > _MAX_PAGE_CHARS:
        raise UnreadableError(f"has a page of {n_chars} characters, the limit is {_MAX_PAGE_CHARS}")
    box = pdfium.FS_RECTF()
    run: list[tuple[str, float, float, float, float]] = []
    n_unmapped = 0
    for i in range(n_chars):
        code = pdfium.FPDFText_GetUnicode(raw, i)
        if code < 0x20 or code in (0xFFFE, 0xFFFF):
            continue
        n_unmapped += pdfium.FPDFText_HasUnicodeMapError(raw, i) == 1
        if not pdfium.FPDFText_GetLooseCharBox(raw, i, byref(box)):
            continue
        character = chr(code) if not 0xD800 <= code <= 0xDFFF else "\ufffd"
        glyph = (character, box.left, height - box.top, box.right, height - box.bottom)
        if run and not _goes_on(run[-1], glyph):
            yield from _segment(run)
            run = []
        run.append(glyph)
    yield from _segment(run)
    if n_chars and n_unmapped > _UNMAPPED_SHARE * n_chars:
        raise UnreadableError("its fonts do not say which characters they show: run it through OCR")


def _goes_on(before: tuple[str, float, float, float, float], glyph: tuple[str, float, float, float, float]) -> bool:
    """Whether a character stands right behind another on the same line."""
    _, _, top_before, right_before, bottom_before = before
    _, left, top, _, bottom = glyph
    size = max(bottom - top, bottom_before - top_before)
    overlap = min(bottom, bottom_before) - max(top, top_before)
    return overlap > 0.5 * min(bottom - top, bottom_before - top_before) and -0.5 < (left - right_before) / size < 0.75


def _segment(run: list[tuple[str, float, float, float, float]]) -> Iterator[Segment]:
    text = ""
    edge = run[0][1] if run else 0.0
    for character, left, top, right, bottom in run:
        is_word = text[-1:].isascii() and character.isascii() and character != " " and text[-1:] not in ("", " ")
        if is_word and left - edge > 0.2 * (bottom - top):
            text += " "
        text += character
        edge = right
    if text.strip():
        sizes = sorted(bottom - top for _, _, top, _, bottom in run)
        yield Segment(
            left=min(glyph[1] for glyph in run),
            top=min(glyph[2] for glyph in run),
            right=max(glyph[3] for glyph in run),
            bottom=max(glyph[4] for glyph in run),
            size=sizes[len(sizes) // 2],
            text=text.strip(),
        )


def _is_page_number(line: Line, height: float) -> bool:
    at_edge = line.bottom < _EDGE * height or line.top > (1 - _EDGE) * height
    return at_edge and _PAGE_NUMBER.fullmatch(line.text) is not None


def _without_furniture(pages: list[list[list[Line]]]) -> list[list[list[Line]]]:
    """The pages without first and last lines that stand on three pages and on half of them, figures aside."""
    edges = [{_shape(line) for line in _edge_lines(page)} for page in pages]
    counts = Counter(shape for shapes in edges for shape in shapes)
    furniture = {shape for shape, n in counts.items() if n >= max(3, 0.5 * len(pages))}
    return [
        [[line for line in column if not (_shape(line) in furniture and line in _edge_lines(page))] for column in page]
        for page in pages
    ]


def _edge_lines(page: list[list[Line]]) -> list[Line]:
    lines = sorted((line for column in page for line in column), key=lambda line: line.top)
    return lines[:2] + lines[-2:]


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "0", line.text)


def _ranges(numbers: list[int]) -> list[str]:
    """Page numbers as runs: `pages 3-7`, `page 9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1][-1:] = [number] if len(runs[-1]) > 1 else [runs[-1][0], number]
        else:
            runs.append([number])
    return [f"page {run[0]}" if len(run) == 1 else f"pages {run[0]}-{run[-1]}" for run in runs]
