"""What bash offers while a command is typed, asked as bash itself asks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import make_run

from bordersim.cli.completion import export_formats, lever_keys, scenario_files, setting_keys
from bordersim.data_files import shipped_scenarios
from bordersim.run_export import FORMATS
from bordersim.scenario import load
from bordersim.store import Store
from bordersim.vocabulary import read_vocabulary

HEAVY = ("numpy", "numba", "pandas", "pyarrow", "matplotlib", "ruamel", "yaml", "mesa")

Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Words offered after a beginning, in a folder with scenarios and results."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(shipped_scenarios()[0].parent, tmp_path / "scenarios")
    (tmp_path / "mine.yaml").write_text("# mine\nschema: bordersim/scenario@1\n")
    (tmp_path / "other.yaml").write_text("schema: somebody-elses\n")
    for study, letter in (("one", "a"), ("two", "b")):
        store = Store(tmp_path / "results" / study)
        store.commit([make_run(scenario_name=study, run_id=letter * 16, end_month=0)])
        store.refresh_views()
    code = (
        "import sys\n"
        "from bordersim.cli.app import app\n"
        "try: app(prog_name='bordersim')\n"
        "finally:\n"
        f"    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )

    def ask(typed: str) -> list[str]:
        words = typed.split(" ")
        variables = {
            "_BORDERSIM_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.strip() == "[]", done.stderr
        return done.stdout.split()

    return ask


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("bordersim sch", ["schema"]),
        ("bordersim runs ", ["list", "show", "export", "gc"]),
        ("bordersim run m", ["mine.yaml"]),
        ("bordersim check o", []),
        ("bordersim show scenarios/bounty-2", ["scenarios/bounty-2016.yaml"]),
        ("bordersim run scenarios/par", []),
        ("bordersim show mine.yaml --lever china.bounty_", ["china.bounty_report"]),
        ("bordersim run mine.yaml --set residents.k_k", ["residents.k_kin="]),
        ("bordersim run mine.yaml --set time.s", ["time.start="]),
        ("bordersim runs show ", ["a" * 16, "b" * 16]),
        ("bordersim runs show -o results/two ", ["b" * 16]),
        ("bordersim runs gc a", ["a" * 16]),
        ("bordersim runs export ", ["one", "two", "a" * 16, "b" * 16]),
        ("bordersim runs export one --format p", ["parquet"]),
        ("bordersim runs show -o nowhere ", []),
    ],
)
def test_bash_is_offered(typed: str, offered: list[str], complete: Complete) -> None:
    found = complete(typed)
    assert found[: len(offered)] == offered
    assert bool(found) == bool(offered)


def test_every_lever_and_setting_is_offered_and_explained() -> None:
    known = read_vocabulary()
    assert [key for key, said in lever_keys("") if said] == list(known.catalogue)
    offered = [key for key, _ in setting_keys("")]
    assert all(key.endswith("=") for key in offered)
    names = [key.removesuffix("=") for key in offered]
    assert names[:-4] == [*known.catalogue, *known.parameters]
    settings = dict(zip(names[-4:], ("1995-01", "1996-12", "0.5", "3"), strict=True))
    assert load(shipped_scenarios()[0]).with_settings(settings).scale == 0.5


def test_every_shipped_scenario_and_format_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shipped_scenarios()[0].parent
    monkeypatch.chdir(folder.parent)
    assert [Path(path).resolve() for path in scenario_files("scenarios/")] == shipped_scenarios()
    assert export_formats() == list(FORMATS)


def test_what_is_not_there_disturbs_nobody(
    complete: Complete, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results" / "one" / "manifest.json").write_text("{")
    (tmp_path / "results" / "two" / "manifest.json").write_text(json.dumps([1]))
    assert complete("bordersim runs show ") == []
    monkeypatch.setattr("bordersim.cli.completion.editor_schema_file", lambda: tmp_path / "no")
    assert lever_keys("") == []
    assert scenario_files("no/such/folder/") == []


def told_the_shell(*arguments: str, home: Path) -> str:
    """What the program prints when it is told the shell instead of finding it out."""
    variables = {"HOME": str(home), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "bordersim", *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_this_program(shell: str, tmp_path: Path) -> None:
    script = told_the_shell("--show-completion", shell, home=tmp_path)
    assert f"_BORDERSIM_COMPLETE=complete_{shell}" in script
    assert "-m bordersim" not in script


def test_installing_writes_to_home_alone(tmp_path: Path) -> None:
    assert "installed" in told_the_shell("--install-completion", "bash", home=tmp_path)
    assert "bordersim" in (tmp_path / ".bashrc").read_text()
