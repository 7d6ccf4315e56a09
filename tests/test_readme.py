"""The documents that people copy commands from are held to the code: targets, commands, paths, links, Python."""

import ast
import doctest
import functools
import importlib
import itertools
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = (*READMES, "CONTRIBUTING.md")

_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```[ ]*$", re.MULTILINE | re.DOTALL)
_PROGRAM = re.compile(r"make|(?:\.venv/bin/)?python(?:3(?:\.\d+)?)?")
_NAME = re.compile(r"[\w./*-]+/|[\w./*-]*[\w*-]\.\w+|\.\w[\w.-]*|Makefile|LICENSE")
_TREE_MARKS = " \u00a0│├└─"
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?[^)]*\)|(?:src|href)=[\"']([^\"']+)[\"']")
_REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|anaconda|conda|docker|ghcr|quay)\.(?:org|com|io|cloud)\b"
    r"|\bdownload\.pytorch\b|\bmirrors?\.\w+|/simple\b(?!\w)"
)
_LOCAL_PATH = re.compile(r"(?<![\w.~:/])/(?:home|root|work|tmp|Users|mnt|opt|usr|var|srv)/|\b[A-Z]:\\")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, empty where none is named, and its text."""

    language: str
    text: str


# What a document holds --------------------------------------------------------------------------------------


def blocks(text: str) -> list[Block]:
    return [Block(*match.groups()) for match in _FENCE.finditer(text)]


def is_tree(block: Block) -> bool:
    """The file tree is the block that names the two main rooms at the beginning of a line."""
    names = {line.strip(_TREE_MARKS).split(" ")[0] for line in block.text.splitlines()}
    return {"index/", "rag/"} <= names


def fenced_commands(text: str) -> list[tuple[str, ...]]:
    """The words of every `make` and `python` command that stands in a block, in order; comments left out."""
    shells = [block for block in blocks(text) if block.language not in ("python", "py") and not is_tree(block)]
    lines = [line for block in shells for line in block.text.replace("\\\n", " ").splitlines()]
    return list(_commands(lines))


def inline_commands(text: str) -> list[tuple[str, ...]]:
    """The same for commands in `backticks`."""
    return list(_commands(inline_code(text)))


def inline_code(text: str) -> list[str]:
    """What stands in `backticks` outside of the blocks, a line end in it as a space."""
    return [" ".join(code.split()) for code in re.findall(r"`((?:[^`\n]|\n(?!\n))+)`", _FENCE.sub("", text))]


def _commands(lines: list[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&")
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:  # a quote that is not closed: output or prose
            continue
        for is_operator, part in itertools.groupby(words, lambda word: set(word) <= set("|&")):
            command = list(itertools.dropwhile(lambda word: word == "$" or re.match(r"\w+=", word), part))
            if not is_operator and command and _PROGRAM.fullmatch(command[0]):
                yield tuple(command)


def all_commands(text: str) -> list[tuple[str, ...]]:
    return list(dict.fromkeys([*fenced_commands(text), *inline_commands(text)]))


def skeleton(command: tuple[str, ...]) -> tuple[str, ...]:
    """A command without the values of its flags and variables, which a translation may change."""
    kept = command[:3] if command[1:2] == ("-m",) else command[:2]
    rest = command[len(kept) :]
    return (*kept, *(word.split("=")[0] for word in rest if word.startswith("-") or re.match(r"[A-Z_]+=", word)))


def tree_paths(text: str) -> list[tuple[Path, str]]:
    """(folder it stands in, name) for each entry of the file tree, both below the repository."""
    found: list[tuple[Path, str]] = []
    for block in filter(is_tree, blocks(text)):
        open_folders: list[tuple[int, Path]] = []
        for depth, names in _entries(block):
            while open_folders and open_folders[-1][0] >= depth:
                open_folders.pop()
            parent = open_folders[-1][1] if open_folders else Path()
            found += [(parent, name) for name in names]
            if names[0].endswith("/"):
                open_folders.append((depth, parent / names[0]))
    return found


def _entries(block: Block) -> list[tuple[int, list[str]]]:
    """(indent, names) of the lines that name something; a first line above all others is the repository itself."""
    lines = [line for line in block.text.splitlines() if _names(line)]
    entries = [(len(line) - len(line.lstrip(_TREE_MARKS)), _names(line)) for line in lines]
    has_root = all(depth > entries[0][0] for depth, _ in entries[1:])
    return entries[1:] if has_root else entries


def _names(line: str) -> list[str]:
    """The names that a line of the tree begins with: `a.py b.py  what they do`; none for a line of description."""
    words = re.split(r"[ ,、]+", line.strip(_TREE_MARKS))
    return list(itertools.takewhile(_NAME.fullmatch, words))


def heading_anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ +(.+?) *#*$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# What is wrong with it --------------------------------------------------------------------------------------


def wrong_targets(text: str) -> list[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w.-]+):(?!=)", makefile, re.MULTILINE))
    variables = set(re.findall(r"^(\w+) *[?:]?=", makefile, re.MULTILINE))
    words = [word for command in all_commands(text) if command[0] == "make" for word in command[1:]]
    return [
        f"make {word}"
        for word in words
        if not word.startswith("-") and (word.split("=")[0] not in variables if "=" in word else word not in targets)
    ]


def wrong_commands(text: str) -> list[str]:
    """`python` commands whose module or script does not exist, or whose parser does not take their words."""
    problems = []
    for command in all_commands(text):
        if command[0] == "make" or len(command) == 1:
            continue
        status, shown = _help(*(word.strip("[]") for word in command[1:]))
        flags = [word.strip("[]").split("=")[0] for word in command[3 if command[1] == "-m" else 2 :]]
        unknown = [
            flag for flag in flags if flag.startswith("-") and not re.search(rf"(?<![\w-]){flag}(?![\w-])", shown)
        ]
        if status or unknown:
            reason = f"does not take {', '.join(unknown)}" if unknown else (shown.strip().splitlines() or [""])[-1]
            problems.append(f"{shlex.join(command)}: {reason}")
    return problems


@functools.cache
def _help(*words: str) -> tuple[int, str]:
    """The exit status and the output of a command that is asked for its help at the end, so that it does nothing."""
    finished = subprocess.run(
        [sys.executable, *words, "--help"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    return finished.returncode, finished.stdout + finished.stderr


def missing_paths(text: str) -> list[str]:
    """Entries of the file tree that do not exist where they stand."""
    return [
        (folder / name).as_posix()
        for folder, name in tree_paths(text)
        if not any((ROOT / folder).glob(name.rstrip("/")))
    ]


def missing_files(text: str) -> list[str]:
    """Source files and documents that the prose names by their path from the root, and that do not exist."""
    paths = [code for code in inline_code(text) if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*/[\w.-]+\.(?:py|md)", code)]
    return [path for path in paths if not (ROOT / path).is_file()]


def unnamed_packages(text: str) -> list[str]:
    named = {name.rstrip("/") for folder, name in tree_paths(text) if folder == Path()}
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    assert {"index", "rag", "tests"} <= set(packages)
    return [name for name in [*packages, "app.py", "pyproject.toml", "documents", "models"] if name not in named]


def wrong_python(text: str) -> list[str]:
    """Python blocks that do not compile, or import a name of ours that is not there."""
    problems = []
    for block in blocks(text):
        if block.language not in ("python", "py"):
            continue
        source = block.text
        if ">>>" in source:
            source = "".join(example.source for example in doctest.DocTestParser().get_examples(source))
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            problems.append(f"line {error.lineno} of {source[:40]!r}: {error.msg}")
            continue
        problems += [problem for node in ast.walk(tree) for problem in _wrong_import(node)]
    return problems


def _wrong_import(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.ImportFrom) or not node.module or not (ROOT / node.module.split(".")[0]).is_dir():
        return []
    module = importlib.import_module(node.module)
    return [f"from {node.module} import {alias.name}" for alias in node.names if not hasattr(module, alias.name)]


def broken_links(text: str, place: Path = ROOT) -> list[str]:
    broken = []
    for match in _LINK.finditer(_FENCE.sub("", text)):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = place / path
        if path and not target.exists():
            broken.append(link)
        elif anchor and (not path or target.suffix == ".md"):
            linked = target.read_text(encoding="utf-8") if path else text
            broken += [] if anchor in heading_anchors(linked) else [link]
    return broken


def foreign_places(text: str) -> list[str]:
    return [match[0] for pattern in (_REGISTRY, _LOCAL_PATH) for match in pattern.finditer(text)]


# The documents ----------------------------------------------------------------------------------------------


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_and_variables_exist(name: str) -> None:
    assert any(command[0] == "make" for command in all_commands(read(name)))
    assert wrong_targets(read(name)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_are_taken_by_their_parsers(name: str) -> None:
    assert any(command[1:2] == ("-m",) for command in all_commands(read(name)))
    assert wrong_commands(read(name)) == []


@pytest.mark.parametrize("name", READMES)
def test_the_file_tree_is_the_repository(name: str) -> None:
    assert missing_paths(read(name)) == []
    assert unnamed_packages(read(name)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_exist(name: str) -> None:
    assert missing_files(read(name)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_python_blocks_compile_and_import_what_exists(name: str) -> None:
    assert wrong_python(read(name)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_resolve(name: str) -> None:
    assert broken_links(read(name)) == []


@pytest.mark.parametrize("name", [*DOCUMENTS, "benchmarks/RESULTS.md"])
def test_no_registry_and_no_path_of_one_machine(name: str) -> None:
    assert foreign_places(read(name)) == []


def test_both_languages_say_the_same() -> None:
    english, chinese = map(read, READMES)
    assert [block.language for block in blocks(chinese)] == [block.language for block in blocks(english)]
    assert list(map(skeleton, fenced_commands(chinese))) == list(map(skeleton, fenced_commands(english)))
    assert set(map(skeleton, inline_commands(chinese))) == set(map(skeleton, inline_commands(english)))


# The checks themselves --------------------------------------------------------------------------------------

GOOD = """# Wenda: ask

Run `make chat`, see [the rules](CONTRIBUTING.md), [below](#the-files) and <img src="app.py">; `make` alone helps,
`python3.11` runs it, `rag/engine.py` answers and `make
eval` asks `engine.py` and `a.b/c.d`.

```bash
make chat DOCUMENTS=~/articles   # it's the chat
$ PORT=1 make install && python -m index build documents --out .index
.venv/bin/python -m rag search "积石山；地震" \\
    --mode bm25 --json
python app.py --port 7861
```

```text
answer: make no mistake, it's fine; python is a snake [1]
Here you make it "whole"
```

```python
from rag import Engine
```

## The files

```
app.py           the chat
pyproject.toml   dependencies
Makefile  LICENSE
index/           OFFLINE
    types.py errors.py   the records
                         of what crosses a border
    *.py
rag/             ONLINE, after index/
├── engine.py    answers
web/ eval/ training/ tests/ benchmarks/ fuzz/ documents/ models/
```
"""


def test_the_good_sample_is_good() -> None:
    assert fenced_commands(GOOD) == [
        ("make", "chat", "DOCUMENTS=~/articles"),
        ("make", "install"),
        ("python", "-m", "index", "build", "documents", "--out", ".index"),
        (".venv/bin/python", "-m", "rag", "search", "积石山；地震", "--mode", "bm25", "--json"),
        ("python", "app.py", "--port", "7861"),
    ]
    assert inline_commands(GOOD) == [("make", "chat"), ("make",), ("python3.11",), ("make", "eval")]
    assert [block.language for block in blocks(GOOD)] == ["bash", "text", "python", ""]
    assert (Path("index"), "errors.py") in tree_paths(GOOD)
    assert (Path("rag"), "engine.py") in tree_paths(GOOD)
    assert (Path(), "models/") in tree_paths(GOOD)
    assert "border" not in str(tree_paths(GOOD))
    for check in (
        wrong_targets,
        wrong_commands,
        missing_paths,
        missing_files,
        unnamed_packages,
        wrong_python,
        broken_links,
    ):
        assert check(GOOD) == [], check.__name__
    assert foreign_places(GOOD) == []


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("make dinner", "make dinner"),
        ("make chat FOLDER=x", "make FOLDER=x"),
    ],
)
def test_a_target_that_does_not_exist_is_found(command: str, problem: str) -> None:
    assert wrong_targets(GOOD.replace("make chat DOCUMENTS=~/articles", command)) == [problem]
    assert wrong_targets(f"Run `{command}` now.") == [problem]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("python -m nothing_here --x 1", "--x"),
        ("python -m nothing_here", "No module named"),
        ("python nothing_here.py", "No such file"),
        ("python -m index bild documents", "invalid choice"),
        ("python -m index build documents --output .index", "does not take --output"),
        ("python -m index build documents --embed x", "does not take --embed"),
        ("python -m rag search 问题 --mode fuzzy", "invalid choice"),
        ("python -m rag ask 问题 [--yaml]", "does not take --yaml"),
        ("python app.py --port none", "not a port"),
    ],
)
def test_a_command_that_is_not_taken_is_found(command: str, reason: str) -> None:
    (problem,) = wrong_commands(f"```bash\n{command}\n```\n")
    assert problem.startswith(shlex.join(shlex.split(command)))
    assert reason in problem


def test_a_tree_may_begin_with_the_repository_itself() -> None:
    tree = "```\nwenda/\n├── index/  x\n│   ├── build.py\n│   └── stor.py\n└── rag/\n    └── cite.py\n```\n"
    assert missing_paths(tree) == ["index/stor.py"]


def test_paths_that_are_missing_and_packages_that_are_not_named_are_found() -> None:
    bad = GOOD.replace("errors.py ", "mistakes.py ").replace("*.py", "*.rs").replace("├── engine.py", "├── motor.py")
    assert missing_files("See `rag/motor.py`, `eval/NO.md` and `rag/engine.py`.") == ["rag/motor.py", "eval/NO.md"]
    assert missing_paths(bad) == ["index/mistakes.py", "index/*.rs", "rag/motor.py"]
    assert unnamed_packages(GOOD.replace("web/ eval/", "eval/").replace("app.py  ", "  ")) == ["web", "app.py"]
    assert "index" in unnamed_packages("no tree at all")


def test_python_that_cannot_run_is_found() -> None:
    assert wrong_python("```python\nfrom rag import Motor\n```\n") == ["from rag import Motor"]
    assert (
        wrong_python("```python\n>>> from index.terms import split_terms\n>>> split_terms('大桥')\n['大桥']\n```\n")
        == []
    )
    (problem,) = wrong_python("```python\nanswer = = 1\n```\n")
    assert "invalid syntax" in problem


@pytest.mark.parametrize("link", ["[a](nothing.md)", "[a](#nowhere)", "![a](img/no.png)", '<img src="no.png">'])
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    (broken,) = broken_links(f"# Here\n\n{link} and [b](#here) and [c](https://example.org/x)\n")
    assert broken in link


@pytest.mark.parametrize(
    "place", ["/" + "home/me/x", "`/" + "tmp/a`", "C:" + "\\Users", "pypi" + ".org", "mirrors" + ".a.cn"]
)
def test_a_place_that_only_one_machine_has_is_found(place: str) -> None:
    assert foreign_places(f"Put it in {place} now.")
    assert not foreign_places("See ~/articles, rag/engine.py, models/embedder and https://example.org/usr/share.")


@pytest.mark.parametrize(
    ("english", "chinese", "same"),
    [
        ("make chat DOCUMENTS=~/articles", "make chat DOCUMENTS=~/文章", True),
        ('python -m rag ask "q" --json', "python -m rag ask 问 --json", True),
        ("make chat", "make index", False),
        ("python -m rag ask q --json", "python -m rag ask q", False),
        ("python -m rag ask q", "python -m index ask q", False),
    ],
)
def test_commands_compare_without_their_values(english: str, chinese: str, same: bool) -> None:
    ((a,), (b,)) = (list(_commands([command])) for command in (english, chinese))
    assert (skeleton(a) == skeleton(b)) is same
