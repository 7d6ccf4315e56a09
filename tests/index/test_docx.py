"""What stands in a Word document, also where python-docx's own lists do not look."""

import io
import zipfile

import pytest

from index.formats.docx import extract
from index.formats.reading import Extracted, UnreadableError

from ..files import bomb, declaring, replaced, word, word_of
from .pages import BRIDGE, BRIDGE_TITLE

FOOTNOTES_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def read(data: bytes) -> Extracted:
    return extract(data, lambda: None)


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


BOX = (
    '<w:p><w:r><w:t>文前</w:t></w:r><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
    'markup-compatibility/2006"><mc:Choice><w:txbxContent>{0}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>'
    "{0}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>文后</w:t></w:r></w:p>"
)
TABLE = "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (p("甲。") + p("") + p("乙。"), ["甲。", "乙。"]),
        (p("甲。") + TABLE.format(p("年"), p("量") + p("吨"), p("2022"), p("5")) + p("乙。"),
         ["甲。", "年\t量 吨", "2022\t5", "乙。"]),
        (TABLE.format(p("外"), TABLE.format(*map(p, "一二三四")), p("下"), p("右")), ["外\t一\t二 三\t四", "下\t右"]),
        (BOX.format(p("框里。")), ["文前文后", "框里。"]),
        (f"<w:sdt><w:sdtContent>{p('控件里。')}</w:sdtContent></w:sdt>{p('乙。')}", ["控件里。", "乙。"]),
        ("<w:p><w:r><w:t>他</w:t></w:r><w:ins><w:r><w:t>昨天</w:t></w:r></w:ins>"
         "<w:del><w:r><w:delText>今天</w:delText></w:r></w:del><w:r><w:t>到。</w:t></w:r></w:p>", ["他昨天到。"]),
        ('<w:p><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r><w:tab/><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>'
         "</w:p>", ["链接\t甲", "乙"]),
    ],
)  # fmt: skip
def test_the_text_is_read_in_order_from_wherever_it_stands(body: str, lines: list[str]) -> None:
    assert read(word_of(body)).text.splitlines() == lines


def test_footnotes_are_read_after_the_text() -> None:
    data = word_of(p("甲。"))
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    relation = f'<Relationship Id="rId99" Type="{FOOTNOTES_TYPE}" Target="styles2.xml"/></Relationships>'.encode()
    notes = f'<w:footnotes xmlns:w="{name}"><w:footnote>{p("注一。")}</w:footnote></w:footnotes>'
    with_notes = add_part(data, "word/styles2.xml", notes.encode(), relation)
    assert read(with_notes).text.splitlines() == ["甲。", "注一。"]


def add_part(data: bytes, name: str, content: bytes, relation: bytes) -> bytes:
    """A .docx with one more part, and the relation that leads to it in place of the list's end."""
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as package:
        package.writestr(name, content)
        relations = package.read("word/_rels/document.xml.rels").replace(b"</Relationships>", relation)
    return replaced(file.getvalue(), {"word/_rels/document.xml.rels": relations})


@pytest.mark.parametrize(
    ("paragraphs", "core_title", "title"),
    [
        ([("Title", BRIDGE_TITLE), BRIDGE[0]], "别的", BRIDGE_TITLE),
        ([("Heading 1", BRIDGE_TITLE), BRIDGE[0], ("Heading 2", "经过"), BRIDGE[1]], "", BRIDGE_TITLE),
        ([("Heading 1", "一版"), BRIDGE[0], ("Heading 1", "二版"), BRIDGE[1]], "", None),
        ([BRIDGE_TITLE, BRIDGE[0]], BRIDGE_TITLE, BRIDGE_TITLE),
        ([BRIDGE_TITLE, BRIDGE[0]], "模板的标题", None),
        ([BRIDGE_TITLE, BRIDGE[0]], "", None),
    ],
)
def test_a_title_is_one_by_its_style_or_stands_in_the_text(
    paragraphs: list[str | tuple[str, str]], core_title: str, title: str | None
) -> None:
    assert read(word(paragraphs, title=core_title)).metadata.get("title") == title


@pytest.mark.parametrize(("author", "kept"), [("赵青", "赵青"), ("python-docx", None), (" Administrator ", None)])
def test_an_author_is_kept_unless_a_program_set_it(author: str, kept: str | None) -> None:
    assert read(word(["甲。"], author=author)).metadata.get("author") == kept


GOOD = word(["大桥合龙。"])
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ENCRYPTED, "is encrypted"),
        (ENCRYPTED[:8] + b"\0" * 99, "is an old .doc: save it as .docx"),
        (GOOD[: len(GOOD) // 2], "no Word document, or a truncated one"),
        (b"text", "no Word document, or a truncated one"),
        (replaced(GOOD, {"[Content_Types].xml": b"<Types/>"}), "no Word document, or a damaged one"),
        (declaring(bomb(GOOD, 2**20), "word/document.xml", 500), "truncated one: Bad CRC-32"),
        (declaring(GOOD, "word/document.xml", 2**31), "unpacks to 204. MB or more, the limit is 200 MB"),
        (bomb(GOOD, 65 * 2**20), "unpacks to 65 MB or more, the limit is 200 MB, 64 MB for a part of text"),
    ],
)
def test_a_package_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read(data)
