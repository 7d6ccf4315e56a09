"""A fault after the swap: the new generation is live by then, and stays."""

from pathlib import Path

import pytest

import index.store
from index.build import build_index
from index.settings import IndexSettings
from index.store import open_index, verify_index
from tests.fakes import write_static_model


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_an_interrupt_after_the_swap_leaves_the_new_index_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, out = tmp_path / "documents", tmp_path / "index"
    folder.mkdir()
    settings = IndexSettings(embedder=str(write_static_model(tmp_path / "model")))
    (folder / "a.txt").write_text("大桥通车\n\n大桥昨天通车，全长三公里。\n", encoding="utf-8")
    build_index(folder, out, settings)
    (folder / "b.txt").write_text("水稻丰收\n\n水稻今年丰收，亩产七百公斤。\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(index.store, "remove_generations", interrupt)  # the last step of the swap
        with pytest.raises(KeyboardInterrupt):
            build_index(folder, out, settings)
    assert [article.title for article in open_index(out).articles()] == ["大桥通车", "水稻丰收"]
    assert verify_index(out) == []
