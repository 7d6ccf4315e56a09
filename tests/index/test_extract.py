"""The process that parses what may be hostile: it answers, or the file is a failure and the next one is read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import index.formats.extract as extract
import index.formats.extract_child as extract_child
from index.formats.extract import Extractor
from index.formats.reading import Extracted, UnreadableError

from ..files import Put, forms_in_forms, pdf, web_page, word
from .pages import BRIDGE, BRIDGE_TITLE, ROOT

PDF = pdf([[Put(60, 100, "大桥合龙。")], [Put(60, 100, "车程缩短。")]])


def test_every_format_is_answered_by_one_process() -> None:
    with Extractor() as extractor:
        assert extractor._process is None
        assert extractor.extract(".pdf", PDF).page_starts == (0, 7)
        first = extractor._process
        assert extractor.extract(".docx", word(["大桥合龙。"])).text == "大桥合龙。"
        assert extractor.extract(".htm", web_page(BRIDGE_TITLE, BRIDGE).encode()).metadata == {"title": BRIDGE_TITLE}
        assert extractor._process is first
    assert first is not None and first.returncode is not None


def test_a_file_that_takes_too_long_is_a_failure_and_the_next_one_is_read() -> None:
    with Extractor(max_step_seconds=2) as extractor:
        with pytest.raises(UnreadableError, match="takes longer than 2 s to read"):
            extractor.extract(".pdf", forms_in_forms(40))
        extractor._max_step_seconds = 120  # another process is started: on a slow machine that takes a while
        assert extractor.extract(".docx", word(["大桥合龙。"])).text == "大桥合龙。"


def test_the_start_of_the_parser_is_not_of_the_files_time(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []

    class Parser:
        @staticmethod
        def extract(data: bytes, alive: Callable[[], None]) -> Extracted:
            happened.append("read")
            return Extracted("大桥")

    def load(name: str, package: str) -> type[Parser]:
        happened.append("loaded")
        return Parser

    monkeypatch.setattr(extract_child, "importlib", SimpleNamespace(import_module=load))
    assert extract_child._answer("pdf", PDF, lambda: happened.append("alive"))["text"] == "大桥"
    assert happened == ["loaded", "alive", "read"]


def start_child(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_the_whole_of_a_file_is_bounded_although_its_parser_gets_on(monkeypatch: pytest.MonkeyPatch) -> None:
    alive_for_ever = "import os, time\nwhile True: os.write(1, bytes(8)); time.sleep(.02)"
    monkeypatch.setattr(extract, "_start", lambda: start_child(alive_for_ever))
    with Extractor(max_seconds=0.5) as extractor, pytest.raises(UnreadableError, match=r"takes longer than 0\.5 s"):
        extractor.extract(".pdf", PDF)


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.kill(os.getpid(), 11)",
        "print('no message')",
        "import sys; sys.stdout.buffer.write((2**63).to_bytes(8, 'big'))",
        "import sys; sys.stdout.buffer.write((2).to_bytes(8, 'big') + b'[]')",
        "import sys; sys.stdout.buffer.write((13).to_bytes(8, 'big') + b'{\"text\": \"a\"}')",
    ],
)
def test_a_process_that_dies_or_answers_nonsense_is_a_failure(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(extract, "_start", lambda: start_child(code))
    with Extractor() as extractor, pytest.raises(UnreadableError, match="its parser crashed or ran out of memory"):
        extractor.extract(".pdf", PDF)


def test_memory_is_bounded() -> None:
    code = (
        "from index.formats import extract_child as child, reading\n"
        "child._bound_memory()\n"
        "class Parser:\n"
        "    @staticmethod\n"
        "    def extract(data, alive): return bytearray(3 * 2**30)\n"
        "child.importlib.import_module = lambda name, package: Parser\n"
        "import json; print(json.dumps(child._answer('pdf', b'', lambda: None)))\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(finished.stdout) == {"reason": "too large or too deeply nested to be read (MemoryError)"}


def test_what_a_parser_prints_is_no_answer() -> None:
    code = (
        "import sys, index.formats.extract_child as child\n"
        "class Parser:\n"
        "    @staticmethod\n"
        "    def extract(data, alive):\n"
        "        import os; os.write(1, b'noise'); print('noise')\n"
        "        return child.Extracted(data.decode())\n"
        "child.importlib.import_module = lambda name, package: Parser\n"
        "child.main()\n"
    )
    process = start_child(code)
    with process:
        assert process.stdin is not None and process.stdout is not None
        extract.write_message(process.stdin, b"pdf")
        extract.write_message(process.stdin, "大桥".encode())
        assert extract.read_message(process.stdout) == b""  # the parser is loaded
        assert json.loads(extract.read_message(process.stdout))["text"] == "大桥"
        process.stdin.close()


def test_no_parser_is_imported_where_no_such_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("大桥合龙。", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,text\n1,大桥合龙。\n", encoding="utf-8")
    (tmp_path / "c.docx").write_bytes(word(["大桥合龙。"]))
    code = (
        "import sys; from pathlib import Path; from index.documents import read_documents\n"
        f"assert len(list(read_documents(Path({str(tmp_path)!r})))) == 3\n"
        "print([name for name in ('lxml', 'docx', 'pypdfium2', 'trafilatura') if name in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
