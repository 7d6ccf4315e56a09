"""Who may import whom, read from the source: the plan of the house, held by a test."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "rag", "eval", "web")
MAY_IMPORT = {
    "index": set(),
    "rag": {"index"},
    "eval": {"index", "rag"},
    "web": {"index", "rag", "eval"},
    "app": {"index", "rag", "eval", "web"},
}
OURS = set(MAY_IMPORT)
RECORDS = {"types", "errors", "settings"}
"""Modules that stand under all others of their package."""
COMPOSERS = {"build", "engine", "__main__"}
"""Modules that put stages together: no stage may import them."""
MODEL_LIBRARIES = {"torch", "sentence_transformers", "transformers"}


@dataclass(frozen=True)
class Import:
    """One imported name: `module` is absolute, as far as it can be told a module (`index.types`, `torch.nn`)."""

    file: Path
    line: int
    module: str
    at_top: bool
    """Not inside a function: it runs when the module is imported."""

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def imports_in(file: Path) -> Iterator[Import]:
    """All imports of a file, relative ones made absolute, `from p import m` as `p.m` where p is a package of ours."""
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    package = file.parent.relative_to(ROOT).parts
    for node in ast.walk(tree):
        at_top = id(node) not in inner
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, at_top)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                is_module = (ROOT / Path(*module.split("."), alias.name)).with_suffix(".py").is_file()
                yield Import(file, node.lineno, f"{module}.{alias.name}" if is_module else module, at_top)


def files_of(*places: str) -> list[Path]:
    found = [file for place in places for file in sorted((ROOT / place).rglob("*.py"))]
    assert found
    return found


def top(module: str) -> str:
    return module.partition(".")[0]


SOURCES = [*files_of(*PACKAGES), ROOT / "app.py"]
IMPORTS = [found for file in SOURCES for found in imports_in(file)]


def layer(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def siblings(found: Import) -> str:
    """The module of its own package that is imported, by its path inside it (`pages.lines`), or nothing."""
    package, _, module = found.module.partition(".")
    return module if package == layer(found.file) else ""


def inside(file: Path) -> str:
    """A module's path inside its package: `pages.lines`."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts[1:])


def test_the_reader_of_imports_sees_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "types.py").write_text("", encoding="utf-8")
    source = (
        "import torch.nn, os\nfrom . import types\nfrom .types import A\nfrom index.types import B\nfrom rag import C\n"
        "class K:\n    import faiss\n    def f(self):\n        from gradio import D\n"
    )
    (tmp_path / "index" / "a.py").write_text(source, encoding="utf-8")
    found = [(i.module, i.at_top) for i in sorted(imports_in(tmp_path / "index" / "a.py"), key=lambda i: i.line)]
    assert found == [
        ("torch.nn", True), ("os", True), ("index.types", True), ("index.types", True), ("index.types", True),
        ("rag", True), ("faiss", True), ("gradio", False),
    ]  # fmt: skip


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_before_it(package: str) -> None:
    own = [found for found in IMPORTS if layer(found.file) == package]
    assert any(top(found.module) not in OURS for found in own)
    wrong = [found for found in own if top(found.module) in OURS - MAY_IMPORT[package] - {package}]
    assert not wrong, "\n".join(map(str, wrong))


def test_nothing_imports_the_app_or_the_tests() -> None:
    training = [found for file in files_of("training") for found in imports_in(file)]
    wrong = [found for found in [*IMPORTS, *training] if top(found.module) in {"app", "tests"}]
    assert not wrong, "\n".join(map(str, wrong))


def test_nothing_that_ships_imports_the_training() -> None:
    wrong = [found for found in IMPORTS if top(found.module) == "training"]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("gradio", {"web", "app.py"}),
        ("faiss", {"index/vectors.py"}),
        ("rank_bm25", {"index/bm25.py"}),
        ("sentence_transformers", {"index/embeddings.py", "rag/cross_encoder.py"}),
        ("torch", {"index/embeddings.py", "rag/cross_encoder.py"}),
        ("pypdfium2", {"index/formats/pdf.py"}),
        ("trafilatura", {"index/formats/html.py"}),
        ("docx", {"index/formats/docx.py"}),
    ],
)
def test_a_library_is_used_in_one_place(library: str, places: set[str]) -> None:
    used = {found for found in IMPORTS if top(found.module) == library}
    wrong = [
        found for found in used if not any((ROOT / place) in (found.file, *found.file.parents) for place in places)
    ]
    assert not wrong, "\n".join(map(str, wrong))
    assert used or library == "torch", "the test looks for a library that nothing uses"


def test_model_libraries_are_imported_only_when_a_model_is_loaded() -> None:
    wrong = [found for found in IMPORTS if found.at_top and top(found.module) in MODEL_LIBRARIES]
    assert not wrong, "\n".join(map(str, wrong))


def test_records_import_no_sibling_but_records() -> None:
    own = [found for found in IMPORTS if found.file.stem in RECORDS and siblings(found)]
    assert own
    wrong = [found for found in own if siblings(found) not in RECORDS]
    assert not wrong, "\n".join(map(str, wrong))


def test_stages_do_not_import_what_composes_them() -> None:
    stages = [found for found in IMPORTS if found.file.stem not in {*COMPOSERS, "__init__", "app"}]
    wrong = [found for found in stages if siblings(found) in COMPOSERS]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("package", PACKAGES)
def test_the_modules_of_a_package_import_each_other_in_no_circle(package: str) -> None:
    graph: dict[str, set[str]] = {inside(file): set() for file in files_of(package)}
    for found in IMPORTS:
        if layer(found.file) == package and found.file.stem != "__init__" and siblings(found) in graph:
            graph[inside(found.file)].add(siblings(found))
    while leaves := {module for module, imported in graph.items() if not imported & graph.keys()}:
        graph = {module: imported for module, imported in graph.items() if module not in leaves}
    assert not graph, f"these import each other: {graph}"


def test_parsers_of_untrusted_formats_run_in_their_own_process_only() -> None:
    parsers = {"index.formats.pdf", "index.formats.html", "index.formats.docx", "index.formats.extract_child"}
    wrong = [found for found in IMPORTS if found.module in parsers]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("module", ["index", "rag", "index.__main__", "rag.__main__", "eval.__main__"])
def test_what_needs_no_model_and_no_page_pays_for_neither(module: str) -> None:
    heavy = sorted(MODEL_LIBRARIES | {"gradio"})
    code = f"import sys, {module}; print(*(name for name in {heavy!r} if name in sys.modules))"
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == []
