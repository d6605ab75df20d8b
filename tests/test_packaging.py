"""What is installed: locked requirements, the wheel's contents, the public names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import bordersim
from bordersim.data_files import scenarios_folder

ROOT = scenarios_folder().parent
LOCKS = ("run", "test", "dev")


def project() -> dict[str, object]:
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def declared(text: str) -> set[str]:
    """Requirements of an .in file, without comments and references to other files."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return {line for line in lines if line and not line.startswith("-")}


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, flags=re.MULTILINE)
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_locked_sets_ask_for_what_the_package_declares() -> None:
    inputs = {name: declared((ROOT / "requirements" / f"{name}.in").read_text()) for name in LOCKS}
    tables = project()
    extras = tables["optional-dependencies"]
    assert isinstance(extras, dict)
    build = {line for line in inputs["run"] if line.startswith("hatchling")}
    assert inputs["run"] - build == set(tables["dependencies"])  # type: ignore[call-overload]
    assert inputs["test"] == set(extras["test"])
    assert inputs["dev"] == {line for line in extras["dev"] if not line.startswith("bordersim")}


def test_one_lock_never_contradicts_another() -> None:
    pins: dict[str, str] = {}
    for name in LOCKS:
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        for package, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE):
            assert pins.setdefault(package, version) == version, package


def test_an_installed_wheel_carries_scenarios_and_evidence(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    assert "bordersim/py.typed" in names
    assert "bordersim/_data/scenarios/data/homes.csv" in names
    assert "bordersim/_data/calibration/evidence/arrivals.csv" in names
    code = (
        "import bordersim, bordersim.data_files as d\n"
        "folder = d.scenarios_folder()\n"
        "assert '_data' in folder.parts, folder\n"
        "print(bordersim.load(folder / 'historical.yaml').name)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "historical", done.stderr


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, bordersim; print(sorted({'numpy', 'numba', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_had() -> None:
    assert dir(bordersim) == sorted(bordersim.__all__)
    for name in bordersim.__all__:
        assert getattr(bordersim, name) is not None
    with pytest.raises(AttributeError, match="no attribute"):
        bordersim.nothing  # noqa: B018


def test_every_source_file_stays_short() -> None:
    lengths = {
        path.name: len(path.read_text().splitlines())
        for path in (ROOT / "src" / "bordersim").rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_ci_runs_the_tests_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text()
    assert re.search(r"^make test\b", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
