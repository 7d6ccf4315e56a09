"""Articles that go on in another document: linked when they are read, so that an edit equals a full build."""

from pathlib import Path

import pytest

from index import Index, build_index, open_index
from index.continuations import Jump, find_jumps, find_links, page_number
from index.pages.seams import load_seams
from index.types import Article, Block, Document

from .conftest import CountingEmbedder
from .pages import BRIDGE, BRIDGE_TITLE, LIBRARY, LIBRARY_TITLE, RICE, RICE_TITLE, page, split
from .test_build import contents

HALVES = BRIDGE[2][:17], BRIDGE[2][17:]
FRONT = page(BRIDGE_TITLE, "本报青河10月3日电（记者陈思）" + BRIDGE[0], BRIDGE[1], HALVES[0], "（下转第4版）") + page(
    RICE_TITLE, "本报云岭10月2日电（记者王林）" + RICE[0], *RICE[1:]
)
BACK = page(LIBRARY_TITLE, "本报宁州10月1日电 " + LIBRARY[0], *LIBRARY[1:]) + page("（上接第1版）", HALVES[1])
BACK_TITLED = page(BRIDGE_TITLE, "（上接第1版）", HALVES[1]) + page(LIBRARY_TITLE, "本报宁州10月1日电 " + LIBRARY[0])
NAMES = "2023-10-03-01.txt", "2023-10-03-04.txt"


def write(folder: Path, *texts: str, names: tuple[str, ...] = NAMES) -> None:
    for name, text in zip(names, texts, strict=False):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def wholes(opened: Index) -> dict[str, list[str]]:
    """Titles of the articles that stand in several documents, with the documents."""
    return {a.title: [name for name, _ in a.parts] for a in opened.articles() if a.parts}


@pytest.mark.parametrize("back", [BACK, BACK_TITLED])
def test_both_parts_say_what_is_true_of_the_whole(
    folder: Path, out: Path, embedder: CountingEmbedder, back: str
) -> None:
    write(folder, FRONT, back)
    build_index(folder, out)
    opened = open_index(out)
    assert wholes(opened) == {BRIDGE_TITLE: list(NAMES)}
    parts = [opened.article(*place) for place in next(a.parts for a in opened.articles() if a.parts)]
    for part in parts:
        assert part is not None
        said = (part.title, part.byline, part.date, part.source, part.place, part.unplaced)
        assert said == (BRIDGE_TITLE, "记者陈思", "2023-10-03", "本报", "青河", False)
    chunks = [opened.chunk(row) for row in range(opened.n_chunks)]
    (found,) = [chunk for chunk in chunks if HALVES[1] in chunk.text]
    assert (found.doc_id, found.title, found.date) == (NAMES[1], BRIDGE_TITLE, "2023-10-03")
    assert opened.texts.dates_and_sources()[chunks.index(found)] == ("2023-10-03", "本报")


def test_an_edit_links_as_a_full_build_does(
    folder: Path, out: Path, embedder: CountingEmbedder, tmp_path: Path
) -> None:
    """What depends on what: each document's rows on itself; the link on both, so it comes and goes with either."""
    write(folder, FRONT)
    build_index(folder, out)
    assert wholes(open_index(out)) == {}
    for texts, linked in (
        ((FRONT, BACK), True),
        ((FRONT.replace("（下转第4版）", ""), BACK), False),
        ((FRONT, BACK), True),
    ):
        write(folder, *texts)
        report = build_index(folder, out)
        assert report.n_added + report.n_changed == 1
        assert wholes(open_index(out)) == ({BRIDGE_TITLE: list(NAMES)} if linked else {})
        build_index(folder, tmp_path / "full", from_scratch=True)
        edited, full = contents(open_index(out)), contents(open_index(tmp_path / "full"))
        assert edited[0] == full[0]
    (folder / NAMES[0]).unlink()
    build_index(folder, out)
    (piece,) = [a for a in open_index(out).articles() if a.unplaced]
    assert (piece.doc_id, piece.parts, piece.title) == (NAMES[1], (), "")


@pytest.mark.parametrize(
    "names",
    [
        ("2023-10-03-01.txt", "2023-10-04-04.txt"),  # another day
        ("a/2023-10-03-01.txt", "b/2023-10-03-04.txt"),  # another paper
        ("2023-10-03-01.txt", "2023-10-03-05.txt"),  # not the page that the note names
        ("2023-10-03-02.txt", "2023-10-03-04.txt"),  # it comes from page 1
    ],
)
def test_what_contradicts_is_not_linked(
    folder: Path, out: Path, embedder: CountingEmbedder, names: tuple[str, str]
) -> None:
    write(folder, FRONT, BACK, names=names)
    build_index(folder, out)
    assert wholes(open_index(out)) == {}


def jump(part: str, *, to: str = "", comes: str = "", page: str = "", title: str = "", text: str = "始。") -> Jump:
    return Jump(part, 0, to, comes, page, title, text, text)


def links(*jumps: Jump) -> list[list[str]]:
    return [[doc_id for doc_id, _ in parts] for parts in find_links(jumps, load_seams())]


def test_links_of_notes() -> None:
    open_end, middle = "工程师赵青说，大桥合龙以后还要铺", "桥面、装护栏，预计明年六月通车。"
    head, tail = jump("a", to="4", text=open_end), jump("b", comes="1", text=middle)
    assert links(head, tail) == [["a", "b"]]
    assert links(head, jump("b", comes="1", text="今年以来，各地加快建设。")) == []  # it begins a sentence
    assert links(head, tail, jump("c", comes="1", text=middle)) == []  # which one?
    titled = jump("c", comes="1", title="青河大桥合龙", text=middle)
    assert links(jump("a", to="4", title="青河大桥合龙", text=open_end), titled, tail) == [["a", "c"]]
    assert links(jump("a", to="4", title="红米", text=open_end), titled) == []
    first, middle_page, last = (
        jump("a", to="4", title="青河大桥合龙"),
        jump("b", comes="1", to="7", page="4", title="青河大桥合龙"),
        jump("c", comes="4", page="7", title="青河大桥合龙"),
    )
    assert links(first, middle_page, last) == [["a", "b", "c"]]


def test_the_same_headline_goes_before_one_that_is_like_it() -> None:
    heads = (jump("a", to="4", title="修改城市规划的决定"), jump("b", to="4", title="关于修改城市规划的决定的说明"))
    tails = (
        jump("c", comes="1", title="关于修改城市规划的决定的说明"),
        jump("d", comes="1", title="修改城市规划的决定"),
    )
    assert links(*heads, *tails) == [["a", "d"], ["b", "c"]]
    assert links(heads[0], tails[0]) == [["a", "c"]]  # where there is no other


def test_an_archive_without_dates_is_one_issue_and_is_matched_by_headlines_alone() -> None:
    """5,000 x 5,000 pairs would take minutes; what is only alike among so many says nothing."""
    heads = [jump(f"n.jsonl#h{i}", to="4", title=f"第{i}号桥合龙") for i in range(5000)]
    tails = [jump(f"n.jsonl#t{i}", comes="1", title=f"第{i}号桥合龙") for i in range(5000)]
    untitled = [jump(f"n.jsonl#u{i}", comes="1", text="桥面。") for i in range(5000)]
    found = links(*heads, *tails, *untitled)
    assert len(found) == 5000
    assert all(head.partition("#h")[2] == tail.partition("#t")[2] for head, tail in found)


def test_notes_that_are_answered_in_their_own_document_are_no_jumps() -> None:
    text = "大桥合龙以后还要铺（下转第4版）（上接第1版）桥面。"
    on, back = text.index("（下"), text.index("（上")
    note, answer = Block(on, back, "metadata"), Block(back, back + 7, "metadata")
    first, second = Block(0, on), Block(back + 7, len(text), joins_previous=True)
    document = Document("2023-10-03.txt", text, "")

    def pages(*blocks: Block) -> list[tuple[str, str]]:
        return [(j.to_page, j.from_page) for j in find_jumps(document, [Article(document.doc_id, 0, "桥", blocks)])]

    assert pages(first, note, answer, second) == []
    assert pages(first, note) == [("4", "")]
    assert pages(answer, second) == [("", "1")]
    assert pages(answer, second, first, note) == [("4", "1")]  # a page in the middle


@pytest.mark.parametrize(
    ("doc_id", "text", "expected"),
    [
        ("paper/2023-10-03-04.txt", BACK, "4"), ("2023年10月3日第04版.txt", BACK, "4"), ("20231003A02.txt", BACK, ""),
        ("20231003_A02.txt", BACK, "a2"), ("page.txt", "第07版：要闻\n\n" + BACK, "7"), ("2023-10-03.txt", BACK, ""),
    ],
)  # fmt: skip
def test_the_page_that_a_document_is(doc_id: str, text: str, expected: str) -> None:
    (found,) = find_jumps(Document(doc_id, text, ""), split(text, doc_id))
    assert (found.page, found.from_page, found.to_page) == (expected, "1", "")


@pytest.mark.parametrize(
    ("printed", "number"),
    [("04", "4"), ("４", "4"), ("四", "4"), ("十", "10"), ("十二", "12"), ("二十", "20"), ("A04", "a4")],
)
def test_page_numbers(printed: str, number: str) -> None:
    assert page_number(printed) == number
