"""docs/faults.md names a test for each fault: each of them is there."""

import ast
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def names_in(file: str) -> set[str]:
    tree = ast.parse(Path(PAGE.parents[1] / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_its_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    faults = [row for row in rows if not row.startswith(("| fault |", "| input |", "|---"))]
    assert len(faults) > 40
    for fault in faults:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", fault)
        assert named, f"no test: {fault}"
        for file, name in named:
            assert name in names_in(file), f"{file} has no {name}"
