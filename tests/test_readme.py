"""What the README shows, works: its scenario, its Python, its query."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sweeps import here
from typer.testing import CliRunner

import bordersim as bs
from bordersim import batch
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder
from bordersim.sweeping import carrying_out

README = (scenarios_folder().parent / "README.md").read_text()


def block(language: str) -> str:
    """The one block of a language in the README."""
    (text,) = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    return str(text)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the scenarios beside it, as a newcomer would stand in."""
    (tmp_path / "scenarios").symlink_to(scenarios_folder())
    (tmp_path / "calibration").symlink_to(scenarios_folder().parent / "calibration")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_scenario_of_the_readme_is_valid(tmp_path: Path) -> None:
    for source in scenarios_folder().glob("*.yaml"):
        (tmp_path / source.name).symlink_to(source)
    path = tmp_path / "question.yaml"
    path.write_text(block("yaml"))
    scenario = bs.load(path)
    assert scenario.name == "no-2013-bounty"
    ids = {policy.id for policy in scenario.policies}
    assert "fewer-patrols" in ids
    assert "bounty-2013" not in ids


@pytest.mark.usefixtures("checkout")
def test_the_python_and_the_query_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    # processes of their own take longer to start than these runs
    monkeypatch.setattr(batch, "MAX_PROCESSES", 1)
    monkeypatch.setattr(carrying_out, "_workers", lambda _: here)
    names: dict[str, Any] = {}
    exec(compile(block("python"), "README.md", "exec"), names)
    assert len(names["study"]) == 4
    rows = duckdb.sql(block("sql")).fetchall()
    expected = names["run"].annual("arrivals")
    expected = expected[expected > 0]
    assert len(expected) > 15
    assert [(seed, year) for seed, year, _ in rows] == [(1, year) for year in expected.index]
    assert [count for _, _, count in rows] == pytest.approx(list(expected))


def test_every_command_of_the_readme_is_understood(checkout: Path) -> None:
    (checkout / "my-scenario.yaml").write_text(
        "schema: bordersim/scenario@1\nname: mine\nextends: scenarios/historical.yaml\n"
    )
    commands = re.findall(r"^\.venv/bin/bordersim (.*?)\s*(?:#.*)?$", README, flags=re.MULTILINE)
    assert len(commands) == 20
    for written in commands:
        tiny = ["--until", "1995-06", "--set", "population.scale=0.001", "--scale", "0.001", "-q"]
        command = written.replace("--pick arrived", "--pick any")  # nobody arrives so soon
        small = ["--scale", "0.001", "--until", "2015-12", "--seeds", "1", "-q"]
        added = {"run": tiny, "compare": small}.get(command.split()[0], [])
        arguments = command.replace("--scale 0.1", "").split() + added
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, (command, result.stderr)
