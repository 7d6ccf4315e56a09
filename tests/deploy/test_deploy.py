"""What stands in deploy/ is checked as far as this machine has the tools: nothing of it runs here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
UNIT = DEPLOY / "wenda@.service"


def tool(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    finished = subprocess.run(
        [tool("hadolint"), str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_image_runs_as_nobody_is_watched_and_downloads_nothing_when_it_starts() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001$", final, re.MULTILINE)
    assert "HF_HUB_OFFLINE=1" in final
    assert "/healthz" in final.partition("HEALTHCHECK")[2]
    assert all(re.search(r":\d+\.\d+\.\d+", line) for line in DOCKERFILE.splitlines() if line.startswith("FROM "))


def test_what_the_image_copies_is_there_and_let_through() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for name in line.split()[:-1]
    }  # fmt: skip
    assert copied
    assert copied <= let_through
    assert all((ROOT / name).exists() for name in copied)


def entry_point() -> list[str]:
    said = DOCKERFILE.partition("ENTRYPOINT [")[2].partition("]")[0]
    return re.findall(r'"([^"]*)"', said)


def test_the_flags_of_image_and_compose_are_those_of_the_app() -> None:
    python, script, *flags = entry_point()
    assert (python, script) == ("python", "app.py")
    more = services()["wenda"]["command"]
    assert app.parse_flags([*flags, *more]).metrics


def services() -> dict[str, Any]:
    content = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    named = {volume.partition(":")[0] for one in content["services"].values() for volume in one["volumes"]}
    assert {name for name in named if not name.startswith(("$", ".", "/"))} == set(content["volumes"])
    found: dict[str, Any] = content["services"]
    return found


def test_compose_opens_ports_on_this_machine_only_and_pins_images() -> None:
    for name, service in services().items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name
    assert [name for name, service in services().items() if "profiles" not in service] == ["wenda"]
    assert services()["wenda"]["read_only"] is True
    assert services()["wenda"]["cap_drop"] == ["ALL"]


@pytest.fixture(name="unit")
def installed_unit(tmp_path: Path) -> Path:
    """The unit as it would stand in /etc/systemd, with a Python that is here."""
    text = UNIT.read_text(encoding="utf-8").replace("/opt/wenda/.venv/bin/python", sys.executable)
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    return tmp_path / UNIT.name


def test_the_unit_passes_systemds_own_check(unit: Path) -> None:
    named = unit.with_name("wenda@7860.service")
    finished = subprocess.run(
        [tool("systemd-analyze"), "verify", str(named)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert unit.name not in finished.stderr
    assert named.name not in finished.stderr


def test_the_unit_is_hardened(unit: Path) -> None:
    finished = subprocess.run(
        [tool("systemd-analyze"), "security", "--offline=true", str(unit)], capture_output=True, text=True, check=False
    )
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", finished.stdout)
    assert found, finished.stderr
    assert float(found[1]) < 2.0


def test_the_flags_of_the_unit_are_those_of_the_app() -> None:
    (line,) = re.findall(r"^ExecStart=\S+ \S+/app\.py (.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    flags = app.parse_flags(line.replace("%i", "7861").split())
    assert (flags.port, flags.host, flags.log_format) == (7861, "127.0.0.1", "json")


def test_nginx_streams_keeps_a_person_at_one_process_and_hides_the_figures(tmp_path: Path) -> None:
    crossplane = pytest.importorskip("crossplane")
    around = f"events {{}}\nhttp {{ include {DEPLOY / 'nginx.conf'}; }}\n"
    (tmp_path / "nginx.conf").write_text(around, encoding="utf-8")
    parsed = crossplane.parse(str(tmp_path / "nginx.conf"))
    assert parsed["status"] == "ok", parsed["errors"]
    blocks = parsed["config"][1]["parsed"]
    (upstream,) = (one["block"] for one in blocks if one["directive"] == "upstream")
    assert upstream[0] == {"directive": "hash", "line": upstream[0]["line"], "args": ["$wenda_person", "consistent"]}
    (server,) = (one["block"] for one in blocks if one["directive"] == "server")
    places = {" ".join(one["args"]): one["block"] for one in server if one["directive"] == "location"}
    passed = {(one["directive"], *one["args"]) for one in places["/wenda/"]}
    assert {("proxy_buffering", "off"), ("proxy_set_header", "X-Request-Id", "$request_id")} <= passed
    hidden = re.compile(next(name for name in places if name.startswith("~ "))[2:])
    assert all(hidden.search(f"/wenda/{name}") for name in ("metrics", "readyz", "healthz"))
