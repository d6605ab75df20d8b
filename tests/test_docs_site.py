"""The documentation: links, commands and names have their place, and the tutorial works."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import bordersim as bs
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder
from tests.docs_pages import DOCS, ROOT

TUTORIAL = (DOCS / "tutorial.md").read_text("utf-8")
HOW_TO = {path.name: path.read_text("utf-8") for path in (DOCS / "how-to").glob("*.md")}


def script(path: Path) -> ModuleType:
    """A script of the documentation as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def commands() -> ModuleType:
    return script(DOCS / "site" / "commands.py")


def test_every_link_leads_somewhere() -> None:
    faults, web = script(DOCS / "links.py").checked()
    assert not faults, "\n".join(faults)
    assert all(link.target.startswith("http") for link in web)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[a](no.md)", "page.md:3: no.md is not there"),
        ("[a](other.md#nowhere)", "page.md:3: other.md#nowhere has no such heading"),
        ("[a](#nowhere)", "page.md:3: #nowhere has no such heading"),
        ("![a](folder)", "page.md:3: folder is a folder; name its README.md"),
        ("| a |\n|---|\n| [a](no.md) |", "page.md:5: no.md is not there"),
        ("[a](other.md#two-words-1) [b](#top) [c](folder/f.txt)", None),
        ("`[a](no.md)`", None),
    ],
)
def test_broken_links_are_told(tmp_path: Path, written: str, told: str | None) -> None:
    (tmp_path / "page.md").write_text(f"# Top\n\n{written}\n")
    (tmp_path / "other.md").write_text("# Two words\n\n## Two `words`\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "f.txt").touch()
    faults, _ = script(DOCS / "links.py").checked(tmp_path)
    assert faults == ([told] if told else [])


def test_every_command_has_a_section_and_a_line_in_the_overview(commands: ModuleType) -> None:
    shown = [
        name
        for text in HOW_TO.values()
        for name in re.findall(r"^```\{command\} (.+)$", text, flags=re.MULTILINE)
    ]
    assert sorted(shown) == sorted(commands.all_commands())
    overview = HOW_TO["README.md"]
    assert not [name for name in shown if f"[`{name}`](" not in overview]


def test_tables_of_options_leave_nothing_out(commands: ModuleType) -> None:
    for name, command in commands.all_commands().items():
        text = commands.markdown_of(name)
        for parameter in command.params:
            for option in parameter.opts:
                assert option in text or parameter.param_type_name == "argument", (name, option)
        assert f"bordersim {name}" in text
    assert commands.shipped_markdown().count(".yaml") > 15


def test_every_public_name_is_in_the_reference() -> None:
    pages = {path.name: path.read_text("utf-8") for path in (DOCS / "api").glob("*.md")}
    shown = re.findall(r":: bordersim\.(\w+)", "".join(pages.values()))
    assert sorted(shown) == sorted(set(bs.__all__) - {"__version__"})
    for name in shown:
        assert re.search(rf"\[`(?:bs\.)?{name}`\]", pages["README.md"]), name


def test_every_page_is_in_the_contents() -> None:
    contents = [DOCS / "index.md", DOCS / "api" / "README.md"]
    contents += [DOCS / "notebooks" / "README.md", DOCS / "decisions" / "README.md"]
    listed: set[Path] = set(contents)
    for page in contents:
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            lines = [line for line in block.splitlines() if line and line[0] != ":"]
            for entry in (line.partition("<")[2].rstrip(">") or line for line in lines):
                found = list(page.parent.glob(f"{entry}.md")) + list(
                    page.parent.glob(f"{entry}.ipynb")
                )
                assert found or "*" in entry, f"{page.name}: {entry}"
                listed |= {path.resolve() for path in found}
    pages = set(DOCS.rglob("*.md")) | set(DOCS.rglob("*.ipynb"))
    assert not {path.relative_to(ROOT) for path in pages - listed}


def test_the_citation_is_of_this_version_and_licence() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == bs.__version__
    assert citation["license"] in (ROOT / "LICENSE").read_text("utf-8")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with what ships beside it."""
    (tmp_path / "scenarios").symlink_to(scenarios_folder())
    (tmp_path / "calibration").symlink_to(scenarios_folder().parent / "calibration")
    monkeypatch.chdir(tmp_path)
    return tmp_path


SMALL = {
    "run": ["--until", "1995-06", "--scale", "0.001", "-q"],
    "compare": ["--until", "2013-02", "--scale", "0.001", "--seeds", "1", "-q"],
    "report": ["-q"],
}
SMALLER = {"--scale 0.1": "", "--scale 0.01": "", "--seeds 8": "", "--draws 50": "--draws 1",
           "--window 2013:2015": "--window 2013-01:2013-02"}  # fmt: skip


def test_commands_of_the_tutorial_work_in_their_order(checkout: Path) -> None:
    lines = [
        line
        for block in re.findall(r"```bash\n(.*?)```", TUTORIAL, flags=re.DOTALL)
        for line in block.splitlines()
    ]
    others = [line for line in lines if not line.startswith("bordersim ")]
    assert others == ["make run", "source .venv/bin/activate"]
    called = [line.removeprefix("bordersim ") for line in lines if line not in others]
    assert {line.split()[0] for line in called} == {
        "doctor", "init", "check", "show", "diff", "cite", "run", "compare", "report",
    }  # fmt: skip
    for written in called:
        small = written
        for large, less in SMALLER.items():
            small = small.replace(large, less)
        arguments = small.split() + SMALL.get(written.split()[0], [])
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, (written, result.stdout, result.stderr)
    assert "<html" in (checkout / "report.html").read_text("utf-8")


def test_the_scenario_of_the_tutorial_is_what_init_writes(checkout: Path) -> None:
    result = CliRunner().invoke(app, ["init", "my-question"])
    assert result.exit_code == 0
    (text,) = re.findall(r"```yaml\n(.*?)```", TUTORIAL, flags=re.DOTALL)
    head = "schema: bordersim/scenario@1\nname: my-question\n"
    mine = checkout / "my-question" / "mine.yaml"
    mine.write_text(head + text)
    written = bs.load(checkout / "my-question" / "my-question.yaml")
    assert bs.diff(bs.load(mine), written).empty


def test_the_python_of_the_tutorial_runs(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    CliRunner().invoke(app, ["init", "my-question"])
    (code,) = re.findall(r"```python\n(.*?)```", TUTORIAL, flags=re.DOTALL)
    small = code.replace("scale=0.05", "scale=0.001, workers=1").replace("seeds=4", "seeds=1")
    small = small.replace("2015-12", "2013-02").replace('"2013", "2015"', '"2013-01", "2013-02"')
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(small, "tutorial.md", "exec"), names)
    assert len(names["study"]) == 2
    assert "arrivals" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "from a network"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "from a network"),
        ("<style>@import 'https://fonts.example/x'</style>", "from a network"),
        ('<img alt="" src="gone.png">', "which is not there"),
        ('<img alt="" src="there.png"> <a href="https://example.org">far</a>', None),
        ("<pre>url(https://example.org)</pre>", None),
    ],
)
def test_a_site_that_would_ask_a_network_is_told(
    tmp_path: Path, written: str, told: str | None
) -> None:
    (tmp_path / "there.png").touch()
    (tmp_path / "index.html").write_text(f"<!doctype html><title>x</title>{written}")
    faults = script(DOCS / "links.py").faults_of_site(tmp_path)
    assert len(faults) == (told is not None)
    assert told is None or told in faults[0]
