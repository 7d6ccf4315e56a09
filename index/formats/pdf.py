"""A PDF -> the text of its text layer, page by page, columns in reading order.

PDFium gives characters with their boxes; `columns.py` puts them in order. What repeats at the head or foot of the pages
(running titles, page numbers) is left out, as menus are on a web page. The file's own title and date are not used: they
are those of the program that wrote it more often than those of an article.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from ctypes import byref
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from .columns import Line, Segment, order_columns, paragraphs
from .reading import MAX_TEXT_CHARS, MISSING, Extracted, UnreadableError

MAX_PAGES = 2000
_MAX_PAGE_CHARS = 200_000
"""A newspaper page has up to 15,000."""
_EDGE = 0.08
"""Share of the page's height at its head and foot in which running titles and page numbers stand."""
_PAGE_NUMBER = re.compile(
    r"[-–—·•\s]*+第?\s*+\d{1,4}(?:\s*+[页頁版])?(?:\s*+[/／共]\s*+\d{1,4}(?:\s*+[页頁])?)?[-–—·•\s]*+"
)
_UNMAPPED_SHARE = 0.3
_PAGE_BREAK = "\n\n"
_NO_CHARACTER = (0xFFFE, 0xFFFF)  # PDFium's signs for a hyphen at a line's end and for what it cannot map


class _Glyph(NamedTuple):
    """A character with its box as it is seen: y grows downwards."""

    character: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class _Page:
    height: float
    columns: list[list[Line]]
    is_picture: bool
    """It has a picture and no text."""

    def is_edge(self, line: Line) -> bool:
        """Whether a line stands at the head or the foot of the page."""
        return line.bottom < _EDGE * self.height or line.top > (1 - _EDGE) * self.height


def extract(data: bytes, alive: Callable[[], None]) -> Extracted:
    """The text of a PDF; pages that are pictures only are named in its metadata. `alive` is called after each page.

    Raises:
        UnreadableError: it is encrypted, damaged, too long, or has no text layer that can be read.
    """
    pages: list[_Page] = []
    n_chars = 0
    with _open(data) as document:
        if len(document) > MAX_PAGES:
            raise UnreadableError(f"has {len(document)} pages, the limit is {MAX_PAGES}: split it")
        for number in range(len(document)):
            pages.append(_read_page(document, number))
            n_chars += sum(len(line.text) for column in pages[-1].columns for line in column)
            if n_chars > MAX_TEXT_CHARS:
                raise UnreadableError(f"holds more than {MAX_TEXT_CHARS} characters: split it")
            alive()
    pictures = [number for number, page in enumerate(pages, start=1) if page.is_picture]
    if not n_chars:
        is_scan = "has no text layer, only pictures of pages (a scan?): run it through OCR"
        raise UnreadableError(is_scan if pictures else "has no text: its pages are empty or hold drawings only")
    running_titles = _running_titles(pages)
    text, starts = _join([_page_text(page, running_titles) for page in pages])
    missing = "\n".join(f"{places}: a picture without a text layer: run it through OCR" for places in _ranges(pictures))
    return Extracted(text, {MISSING: missing} if missing else {}, starts)


def _open(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise UnreadableError("is encrypted: save it without a password") from error
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            raise UnreadableError("is encrypted in a way that is not known: save it without") from error
        raise UnreadableError("is no PDF, or a damaged or truncated one") from error


def _join(texts: list[str]) -> tuple[str, tuple[int, ...]]:
    """The pages' texts as one, and where each starts; an empty page starts where the next one does."""
    starts, offset = [], 0
    for text in texts:
        starts.append(offset)
        offset += len(text) + len(_PAGE_BREAK) if text else 0
    whole = _PAGE_BREAK.join(filter(None, texts))
    return whole, tuple(min(start, len(whole)) for start in starts)


def _read_page(document: Any, number: int) -> _Page:
    try:
        page = document[number]
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"is damaged: page {number + 1} cannot be read") from error
    segments = list(_segments(_glyphs(text_page.raw, page.get_rotation(), page.get_bbox())))
    has_picture = not segments and any(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    height = page.get_height()
    text_page.close()
    page.close()
    return _Page(height, order_columns(segments), has_picture)


def _glyphs(raw: Any, rotation: int, bounds: tuple[float, float, float, float]) -> Iterator[_Glyph]:
    """The characters of a page in the order of the file; boxes are turned as the page is."""
    n_chars = pdfium.FPDFText_CountChars(raw)
    if n_chars > _MAX_PAGE_CHARS:
        raise UnreadableError(f"has a page of {n_chars} characters, the limit is {_MAX_PAGE_CHARS}")
    box = pdfium.FS_RECTF()
    n_unmapped = 0
    half = 0  # the first half of a character beyond the basic plane
    for i in range(n_chars):
        code = pdfium.FPDFText_GetUnicode(raw, i)
        if 0xD800 <= code < 0xDC00:
            half = code
            continue
        if 0xDC00 <= code < 0xE000:
            code, half = (0x10000 + ((half - 0xD800) << 10) + code - 0xDC00, 0) if half else (0xFFFD, 0)
        if code < 0x20 or code in _NO_CHARACTER or not pdfium.FPDFText_GetLooseCharBox(raw, i, byref(box)):
            continue
        n_unmapped += pdfium.FPDFText_HasUnicodeMapError(raw, i) == 1
        yield _Glyph(chr(code), *_turn((box.left, box.bottom, box.right, box.top), rotation, bounds))
    if n_unmapped > _UNMAPPED_SHARE * n_chars:
        raise UnreadableError("its fonts do not say which characters they show: run it through OCR")


def _turn(
    box: tuple[float, float, float, float], rotation: int, bounds: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """A box (left, bottom, right, top; y upwards) as (left, top, right, bottom; y downwards) on the turned page."""
    left, bottom, right, top = box
    page_left, page_bottom, page_right, page_top = bounds
    if rotation == 90:
        return bottom - page_bottom, left - page_left, top - page_bottom, right - page_left
    if rotation == 180:
        return page_right - right, bottom - page_bottom, page_right - left, top - page_bottom
    if rotation == 270:
        return page_top - top, page_right - right, page_top - bottom, page_right - left
    return left - page_left, page_top - top, right - page_left, page_top - bottom


def _segments(glyphs: Iterator[_Glyph]) -> Iterator[Segment]:
    """Runs of characters on one line without a wide gap."""
    run: list[_Glyph] = []
    for glyph in glyphs:
        if run and not _goes_on(run[-1], glyph):
            yield from _segment(run)
            run = []
        run.append(glyph)
    if run:
        yield from _segment(run)


def _goes_on(before: _Glyph, glyph: _Glyph) -> bool:
    """Whether a character stands right behind another on the same line."""
    overlap = min(glyph.bottom, before.bottom) - max(glyph.top, before.top)
    gap = (glyph.left - before.right) / max(glyph.height, before.height, 0.1)
    return overlap > 0.5 * min(glyph.height, before.height) and -0.5 < gap < 0.75


def _segment(run: list[_Glyph]) -> Iterator[Segment]:
    text = ""
    for before, glyph in zip([run[0], *run], run, strict=False):
        in_words = before.character.isascii() and glyph.character.isascii()
        if in_words and glyph.left - before.right > 0.2 * glyph.height and " " not in (text[-1:], glyph.character):
            text += " "
        text += glyph.character
    if text.strip():
        yield Segment(
            left=min(glyph.left for glyph in run),
            top=min(glyph.top for glyph in run),
            right=max(glyph.right for glyph in run),
            bottom=max(glyph.bottom for glyph in run),
            size=sorted(glyph.height for glyph in run)[len(run) // 2],
            text=text.strip(),
        )


def _running_titles(pages: list[_Page]) -> set[str]:
    """Shapes of lines at the pages' edges that stand on three pages and on half of them."""
    shapes = Counter(
        shape
        for page in pages
        for shape in {_shape(line) for column in page.columns for line in column if page.is_edge(line)}
    )
    return {shape for shape, n in shapes.items() if n >= max(3, 0.5 * len(pages))}


def _page_text(page: _Page, running_titles: set[str]) -> str:
    def is_left_out(line: Line) -> bool:
        is_furniture = _shape(line) in running_titles or _PAGE_NUMBER.fullmatch(line.text) is not None
        return is_furniture and page.is_edge(line)

    return "\n".join(paragraphs([[line for line in column if not is_left_out(line)] for column in page.columns]))


def _shape(line: Line) -> str:
    """A line with its figures made equal: `第3版` and `第4版` are one running title."""
    return re.sub(r"\d+", "0", line.text)


def _ranges(numbers: list[int]) -> list[str]:
    """Page numbers as runs: `pages 3-7`, `page 9`."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return [f"page {first}" if first == last else f"pages {first}-{last}" for first, last in runs]
