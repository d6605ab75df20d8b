"""What holds for every command: one JSON document when asked for, help without weight."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from attributions import write_question
from next_facts import write_facts
from validations import write_tiny

from bordersim import cli
from bordersim._version import __version__
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder

BASE, HISTORY = (str(scenarios_folder() / f"{name}.yaml") for name in ("base", "historical"))
SWEEP = str(scenarios_folder() / "sweeps" / "bounties-and-tips.yaml")
CALIBRATION = str(scenarios_folder().parent / "calibration" / "smoke.yaml")
SCREENING = str(scenarios_folder() / "sweeps" / "what-matters.yaml")
TINY = ("--scale", "0.001", "--until", "1995-01", "-q")

PAIR = ("--scale", "0.001", "--until", "1995-02", "--seeds", "2", "--ledger", "-q")

RIGHT: dict[str, list[tuple[str, ...]]] = {
    "run": [(BASE, *TINY)],
    "check": [(BASE,)],
    "show": [(BASE,), (BASE, "--layers"), ("--levers",), (BASE, "--lever", "guards.per_km")],
    "diff": [(BASE, HISTORY)],
    "compare": [(BASE, HISTORY, *PAIR), ("base", "historical", "-m", "deaths")],
    "schema": [(), ("-o", "schema.json")],
    "init": [("made",)],
    "doctor": [()],
    "verify": [("A-RUN", "-q"), ("base", "--sample", "1", "-q")],
    "cite": [(HISTORY,), ("A-RUN",)],
    "report": [("results", "-o", "report.html", "-q")],
    "app": [("--port", "0", "--scale", "0.01", "--dry-run")],
    "why": [("A-RUN", "0"), ("A-RUN", "7", "--at", "1995-01", "--vs", "A-RUN")],
    "sweep": [(SWEEP, "--dry-run"), (SWEEP, "--status", "--seeds", "20")],
    "sensitivity": [(SCREENING, "--dry-run", "--points", "2")],
    "validate": [("tiny.yaml", "--dry-run")],
    "attribute": [("small.yaml", "--dry-run", "--seeds", "1")],
    "answers": [("--posterior", "posterior.parquet", "--draws", "1", "--dry-run")],
    "next-facts": [("told.yaml", "--dry-run")],
    "calibrate": [(CALIBRATION, "--dry-run"), (CALIBRATION, "--status")],
    "runs list": [()],
    "runs show": [("A-RUN",)],
    "runs export": [("base", "-o", "base.csv")],
    "runs gc": [()],
    "runs compact": [("base",)],
}
"""Command to what it is called with, in this order and in one folder."""

WRONG: dict[str, list[tuple[str, ...]]] = {
    "run": [("no.yaml",), (BASE, "--scale", "7"), (BASE, "--set", "x"), (BASE, "--seed", "x")],
    "check": [("no.yaml",), ()],
    "show": [("no.yaml",), (BASE, "--lever", "x")],
    "diff": [(BASE, "no.yaml"), (BASE,)],
    "compare": [
        (BASE, "no.yaml"),
        (BASE, "base"),
        ("base", "nobody"),
        (BASE, HISTORY, "--window", "x", "-m", "y"),
    ],
    "schema": [("-o", "no/such/folder.json")],
    "init": [("made",), ()],
    "doctor": [("elsewhere",)],
    "verify": [("zzzz",), ("A-RUN", "--threads", "0"), ()],
    "cite": [("zzzz",), ("no.yaml",), ()],
    "app": [("no.yaml", "--dry-run"), ("--scale", "7", "--dry-run"), ("--port", "x")],
    "report": [("zzzz",), (".", "-o", "x.pdf"), ("results", "--fates", "-1"), ()],
    "why": [("zzzz", "0"), ("base",), ("base", "-5"), ("base", "0", "--at", "1995-13")],
    "sweep": [("no.yaml",), (SWEEP, "--shard", "3/2"), (SWEEP, "--points", "9"), (BASE,), ()],
    "sensitivity": [
        ("no.yaml",),
        (SWEEP,),
        (SCREENING, "-m", "arrival", "--window", "x"),
        (SCREENING, "--figure", "x.doc", "--place", "nowhere"),
        (),
    ],
    "validate": [("no.yaml",), ("tiny.yaml", "--draws", "0")],
    "attribute": [("no.yaml",), ("small.yaml", "-m", "x"), ("small.yaml", "--seeds", "0"), (BASE,)],
    "answers": [("no.yaml",), ("--posterior", "none.parquet"), (BASE,)],
    "next-facts": [("no.yaml",), ("told.yaml", "--draws", "3", "--page", "x.doc"), (BASE,)],
    "calibrate": [("no.yaml",), (CALIBRATION, "--keep", "--redo", "--workers", "0"), (BASE,), ()],
    "runs list": [("-o", "nowhere")],
    "runs show": [("zzzz",), ()],
    "runs export": [("zzzz", "-o", "x.csv"), ("base",)],
    "runs gc": [("zzzz",)],
    "runs compact": [("zzzz",), ()],
}


def commands(group: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its full name."""
    group = typer.main.get_command(app) if group is None else group
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


NAMES = [name for name, _ in commands()]

Call = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("work")
    write_tiny(made)  # tiny.yaml, a sweep of posterior draws
    write_question(made)  # small.yaml, a change to be divided
    write_facts(made)  # told.yaml, reports that could be made
    return made


@pytest.fixture
def call(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the whole program; give its exit code and the one document on its stdout."""
    monkeypatch.chdir(folder)

    def main(*arguments: str) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["bordersim", *arguments, "--json"])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert isinstance(end.value.code, int)
        return int(end.value.code), json.loads(capsys.readouterr().out)

    return main


def test_every_command_is_tried_here() -> None:
    assert set(RIGHT) == set(WRONG) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_json(name: str) -> None:
    options = [option for parameter in dict(commands())[name].params for option in parameter.opts]
    assert "--json" in options


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_is_one_document(name: str, call: Call, folder: Path) -> None:
    for written in RIGHT[name]:
        arguments = [stored_run(folder) if word == "A-RUN" else word for word in written]
        code, document = call(*name.split(), *arguments)
        assert code == 0, (arguments, document)
        if (name, written) != ("schema", ()):
            assert document["status"] in ("ok", "valid")


def stored_run(folder: Path) -> str:
    """Name of the run that the first command made."""
    manifest = json.loads((folder / "results" / "base" / "manifest.json").read_text())
    return f"base/{manifest['runs'][0]['run_id']}"


@pytest.mark.parametrize("name", WRONG)
def test_an_error_is_one_document(name: str, call: Call) -> None:
    for arguments in (*WRONG[name], ("--no-such-option",)):
        code, document = call(*name.split(), *arguments)
        assert code == 2, (arguments, document)
        assert document["status"] == "invalid"
        assert document["problems"]
        for problem in document["problems"]:
            assert set(problem) == {"where", "key", "message"}
            assert problem["message"]


@pytest.mark.parametrize("arguments", [("nonsense",), ("runs",), ("runs", "nonsense"), ()])
def test_a_command_that_is_none_is_one_document(arguments: tuple[str, ...], call: Call) -> None:
    code, document = call(*arguments)
    assert (code, document["status"]) == (2, "invalid")


def test_an_error_that_nobody_expected_is_one_document(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("bordersim.cli.check.check_files", full)
    monkeypatch.setattr(cli, "_leave_stdout", lambda: None)  # the stdout of all tests
    code, document = call("check", BASE)
    assert (code, document["status"]) == (1, "failed")
    assert "somewhere: No space left on device" in document["error"]


HEAVY = {"numpy", "numba", "pandas", "pyarrow", "matplotlib", "ruamel", "yaml", "mesa", "pydantic"}


@pytest.mark.parametrize(
    ("helps", "heavy"),
    [
        ([["--version"], ["--help"]], HEAVY),
        # To explain the options of a command, typer itself loads pydantic.
        ([[*name.split(), "--help"] for name in ("runs", *NAMES)], HEAVY - {"pydantic"}),
    ],
    ids=["program", "commands"],
)
def test_help_and_version_load_nothing_heavy(helps: list[list[str]], heavy: set[str]) -> None:
    code = (
        "import sys\n"
        "from bordersim.cli.app import app\n"
        f"for arguments in {helps!r}:\n"
        "    try: app(arguments)\n"
        "    except SystemExit as end: assert end.code == 0, arguments\n"
        f"print('loaded:', sorted({heavy!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("Usage: ") == sum("--help" in arguments for arguments in helps)
    assert (f"bordersim {__version__}\n" in done.stdout) == (["--version"] in helps)
    assert "loaded: []" in done.stdout


def test_every_command_and_option_is_explained() -> None:
    silent = []
    for name, command in commands():
        if not command.help:
            silent.append(name)
        # A terminal of 80 columns shows these lines as they are, one column in.
        assert max(map(len, command.help.splitlines())) <= 78, name
        for parameter in command.params:
            if parameter.param_type_name == "option" and not parameter.help:
                silent.append(f"{name} {parameter.opts[0]}")
    assert silent == []
