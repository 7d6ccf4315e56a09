"""Whatever was edited, in whatever order: the index that was kept up to date is the one that a new build gives."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.build
import index.generation.assemble
from index import IndexSettings, build_index, open_index, verify_index
from index.embeddings import Embedder

from .pages import BRIDGE, LIBRARY, RICE
from .test_build import assert_same, bridge_page, library_page, rice_page

NAMES = st.sampled_from(["a.txt", "b.md", "2022-10-04.txt", "sub/c.txt"])
TEXTS = st.sampled_from([bridge_page(), rice_page(), library_page(), bridge_page() + "\n" + rice_page(), "。", " "])
ROWS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*BRIDGE, *RICE, *LIBRARY])), max_size=5)
EDITS = st.one_of(
    st.tuples(st.just("write"), NAMES, TEXTS),
    st.tuples(st.just("rows"), st.sampled_from(["r.jsonl", "sub/r.jsonl"]), ROWS),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("remove"), NAMES, st.none()),
)


def apply(folder: Path, what: str, name: str, value: object) -> None:
    path = folder / name
    if what == "write":
        path.write_text(str(value), encoding="utf-8")
    elif what == "rows":
        assert isinstance(value, list)
        rows = [json.dumps({"id": i, "text": text}, ensure_ascii=False) for i, text in value]  # ids may repeat
        path.write_text("\n".join(rows), encoding="utf-8")
    elif what == "rename" and path.exists():
        path.replace(folder / str(value))
    elif what == "remove":
        path.unlink(missing_ok=True)


@settings(max_examples=25, deadline=None)
@given(st.booleans(), st.lists(st.lists(EDITS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_an_index_that_is_kept_up_to_date_is_the_one_that_a_new_build_gives(
    model: Embedder, in_layers: bool, batches: list[list[tuple[str, str, object]]]
) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.build, "load_embedder", lambda name: model)
        if in_layers:
            patch.setattr(index.generation.assemble, "LAYERED_FROM", 0)
            patch.setattr(index.generation.assemble, "MAX_RECENT", 0.8)
        folder, out = Path(place, "documents"), Path(place, "index")
        (folder / "sub").mkdir(parents=True)
        (folder / "always.txt").write_text(library_page(), encoding="utf-8")
        for i, batch in enumerate([[], *batches]):
            for edit in batch:
                apply(folder, *edit)
            build_index(folder, out, IndexSettings(max_chunk_chars=60))
            build_index(folder, Path(place, f"fresh{i}"), IndexSettings(max_chunk_chars=60))
            assert_same(open_index(out), open_index(Path(place, f"fresh{i}")))
            assert verify_index(out) == []
