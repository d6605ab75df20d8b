"""`bordersim init`: a folder that works anywhere, from a checkout and from a wheel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from typer.testing import CliRunner

from bordersim import cli, scaffold
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder
from bordersim.editor_schema import schema_text
from bordersim.scenario import load
from bordersim.study import Study

FILES = ["{name}.yaml", "baseline.yaml", "README.md", ".gitignore", "schema.json"]


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def files(name: str) -> set[str]:
    return {file.format(name=name) for file in FILES}


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scaffold, far from the repository, as the working folder."""
    assert call("init", str(tmp_path / "thought")).exit_code == 0
    monkeypatch.chdir(tmp_path / "thought")
    return tmp_path / "thought"


def test_every_file_is_made_and_named_on_stdout(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "thought"
    result = call("init", str(folder))
    assert result.exit_code == 0
    assert {Path(line).name for line in result.stdout.splitlines()} == files("thought")
    assert set(content_of(folder)) == files("thought")
    assert "bordersim check thought.yaml" in result.stderr


def test_the_scenario_changes_history_as_it_says(made: Path) -> None:
    scenario, baseline = load("thought.yaml"), load("baseline.yaml")
    assert (scenario.name, baseline.name) == ("thought", "baseline")
    ids = {policy.id for policy in scenario.policies}
    before = {policy.id for policy in baseline.policies}
    assert before - ids == {"bounty-2013"}
    assert ids - before == {"fewer-patrols"}
    assert baseline.resolved() == load(scenarios_folder() / "historical.yaml").resolved()


def test_an_editor_finds_the_schema(made: Path) -> None:
    for name in ("thought.yaml", "baseline.yaml"):
        first = (made / name).read_text().splitlines()[0]
        (target,) = re.findall(r"^# yaml-language-server: \$schema=(.*)$", first)
        assert (made / target).read_text("utf-8") == schema_text()


def test_every_shipped_scenario_is_named_in_the_comments(made: Path) -> None:
    text = (made / "thought.yaml").read_text()
    assert "$" not in text.replace("$schema", "")
    for path in scenarios_folder().glob("*-*.yaml"):
        assert path.stem in text


def test_every_command_of_its_readme_works(made: Path) -> None:
    blocks = re.findall(r"```\n(.*?)```", (made / "README.md").read_text(), flags=re.DOTALL)
    commands = re.findall(r"^bordersim (.*)$", "".join(blocks), flags=re.MULTILINE)
    assert len(commands) == 8
    tiny = ["--scale", "0.001", "--until", "1995-02", "-q"]
    for command in commands:
        words = command.split()
        result = call(*words, *(tiny if words[0] == "run" else []))
        assert result.exit_code == 0, (command, result.stderr)
    assert len(Study.open("results/thought")) == 8
    assert (made / "thought.csv").stat().st_size > 10_000
    assert (made / ".gitignore").read_text().splitlines()[-1] == "results/"


def test_the_python_of_its_readme_works(made: Path) -> None:
    call("run", "thought.yaml", "--scale", "0.001", "--until", "1995-12", "-q")
    (code,) = re.findall(r"```python\n(.*?)```", (made / "README.md").read_text(), flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert len(names["study"]) == 1


def test_it_makes_a_name_of_the_folders(tmp_path: Path) -> None:
    call("init", str(tmp_path / "My 2nd Thought!"))
    assert load(tmp_path / "My 2nd Thought!" / "my-2nd-thought.yaml").name == "my-2nd-thought"


def test_a_name_can_be_given(tmp_path: Path) -> None:
    result = call("init", str(tmp_path), "--name", "other", "--json")
    document = json.loads(result.stdout)
    assert (document["status"], document["name"]) == ("ok", "other")
    assert {Path(path).name for path in document["files"]} == files("other")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    for name in ("README.md", "thought.yaml", "notes.txt"):
        (tmp_path / name).write_text("mine")
    before = content_of(tmp_path)
    result = call("init", str(tmp_path), "--name", "thought", "--json")
    assert result.exit_code == 2
    assert content_of(tmp_path) == before
    problems = json.loads(result.stdout)["problems"]
    assert {Path(problem["where"]).name for problem in problems} == {"README.md", "thought.yaml"}
    assert "there already" in result.stderr


def test_what_else_is_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert call("init", str(tmp_path), "--name", "thought").exit_code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x", "--name", "../out"], "--name"),
        (["x", "--name", "historical"], "confused"),
        (["x", "--name", "baseline"], "confused"),
        (["..."], "--name"),
        (["file"], "is no folder"),
    ],
)
def test_what_cannot_be_is_refused(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    result = call("init", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "full").mkdir()
    real = Path.open

    def full(self: Path, *arguments: Any, **options: Any) -> Any:
        if self.name == "README.md" and "x" in arguments:
            raise OSError(28, "No space left on device")
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", full)
    result = call("init", str(tmp_path / "full"))
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert content_of(tmp_path / "full") == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    root = str(scenarios_folder().parent)
    (built,) = WheelBuilder(root).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def installed(wheel: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the wheel's command in a folder; the engine as plain Python, so nothing compiles."""
    environment = {**os.environ, "PYTHONPATH": str(wheel), "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "ignore", "-m", "bordersim", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_what_the_commands_need(wheel: Path) -> None:
    held = {str(path.relative_to(wheel)) for path in wheel.rglob("*") if path.is_file()}
    templates = Path(scaffold.__file__).parent / "templates"
    for path in templates.iterdir():
        assert f"bordersim/templates/{path.name}" in held
    data = scenarios_folder()
    for path in (path for path in data.rglob("*") if path.is_file()):
        assert f"bordersim/_data/scenarios/{path.relative_to(data)}" in held
    assert not [name for name in held if "__pycache__" in name or name.startswith("tests")]
    (entry,) = wheel.glob("bordersim-*.dist-info/entry_points.txt")
    (function,) = re.findall(r"^bordersim = bordersim\.cli:(\w+)$", entry.read_text(), re.MULTILINE)
    assert callable(getattr(cli, function))


def test_the_wheel_makes_a_scaffold_that_checks_and_runs(wheel: Path, tmp_path: Path) -> None:
    made = installed(wheel, tmp_path, "init", "thought")
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "thought"
    checked = installed(wheel, folder, "check", "thought.yaml", "baseline.yaml", "--json")
    assert checked.returncode == 0, checked.stderr
    names = [entry["name"] for entry in json.loads(checked.stdout)["scenarios"]]
    assert names == ["thought", "baseline"]
    tiny = ("--scale", "0.0005", "--until", "1995-01", "--json", "-q")
    ran = installed(wheel, folder, "run", "thought.yaml", *tiny)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["scenarios"][0]["runs"][0]["status"] == "ok"
    listed = installed(wheel, folder, "runs", "list", "--json")
    assert [run["study"] for run in json.loads(listed.stdout)["runs"]] == ["thought"]
    examined = json.loads(installed(wheel, folder, "doctor", "--json").stdout)
    assert examined["sections"]["Scenarios"]["folder"] == str(
        wheel / "bordersim" / "_data" / "scenarios"
    )
