"""The model's documents say what the source says: tables, streams, events, names."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import bordersim
from bordersim import state
from bordersim.agents.thinning import CHUNK, LAYERS, PIECE
from bordersim.agents.traits import TIES_ACROSS, TIES_WITHIN
from bordersim.codes import Event
from bordersim.data_files import scenarios_folder
from bordersim.results import Run
from bordersim.rng import Stream
from bordersim.scenario import load
from bordersim.simulation import simulate
from bordersim.vocabulary import read_vocabulary

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = Path(bordersim.__file__).parent
RETELLERS = {"app", "twin", "explain", "comparing"}
"""Packages that tell or show the model again, or read its log: the documents name the engine's."""
MODULES = {
    path.stem: ast.parse(path.read_text("utf-8"))
    for path in SOURCE.rglob("*.py")
    if not RETELLERS & set(path.relative_to(SOURCE).parts)
}
WRITTEN = ("model.md", "submodels.md", "draws.md", "events.md", "glossary.md", "responsible-use.md")

Row = dict[str, str]


def rows_of(page: str, first: str) -> dict[str, Row]:
    """Rows of the table whose first column is headed ``first``, by that column."""
    found: dict[str, Row] = {}
    header: list[str] = []
    for line in (DOCS / page).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|") or set(line) <= set("|-"):
            header = header if line.startswith("|") else []
        elif cells[0] == first:
            header = cells
        elif header:
            assert len(cells) == len(header), f"{page}: {line}"
            assert cells[0] not in found, f"{page}: {cells[0]} is listed twice"
            found[cells[0]] = dict(zip(header, cells, strict=True))
    return found


@cache
def functions() -> dict[str, ast.FunctionDef]:
    """Every function of the package as ``module.function``."""
    return {
        f"{stem}.{node.name}": node
        for stem, module in MODULES.items()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef)
    }


def users_of(kind: str) -> dict[str, set[str]]:
    """Member of an enumeration to the functions that name it."""
    users: dict[str, set[str]] = defaultdict(set)
    for name, function in functions().items():
        for node in ast.walk(function):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
                continue
            if node.value.id == kind:
                users[node.attr].add(name)
    return users


def keys_in_source() -> dict[str, set[tuple[str, str]]]:
    """Stream to (seed, month in the key) wherever a key is made."""
    made: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for module in MODULES.values():
        for node in ast.walk(module):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in ("month_key", "stream_key") or len(node.args) < 2:
                continue
            if isinstance(node.args[1], ast.Attribute):
                seed = "world" if "world_seed" in ast.unparse(node.args[0]) else "dynamics"
                month = "yes" if node.func.id == "month_key" else "no"
                made[node.args[1].attr].add((seed, month))
    return made


def tables_script() -> ModuleType:
    """The script that writes the generated pages."""
    spec = importlib.util.spec_from_file_location("tables", DOCS / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["levers.md", "parameters.md", "observables.md"])
def test_generated_pages_are_current(page: str) -> None:
    script = tables_script()
    current = script.PAGES[page]()
    assert (DOCS / page).read_text("utf-8") == current, "run: python docs/tables.py"


def test_generated_pages_leave_out_no_group_of_parameters() -> None:
    groups = {key.partition(".")[0] for key in read_vocabulary().parameters}
    assert set(tables_script().GROUPS) == groups


def test_every_stream_is_documented_with_its_seed_month_and_users() -> None:
    rows = rows_of("draws.md", "stream")
    assert set(rows) == {member.name for member in Stream}
    made, users = keys_in_source(), users_of("Stream")
    for name, row in rows.items():
        assert made[name] == {(row["seed"], row["month"])}, name
        assert set(row["keyed in"].split()) == users[name], name


def test_every_event_is_documented_with_the_functions_that_log_it() -> None:
    rows = rows_of("events.md", "event")
    assert list(rows) == [member.name for member in Event]
    users = users_of("Event")
    for name, row in rows.items():
        # those who die at the river are logged by one function on behalf of its callers
        named = {"river.die_at_river"} if row["logged in"] == "river.die_at_river" else users[name]
        assert set(row["logged in"].split()) == named, name


@pytest.fixture(scope="module")
def logged() -> Run:
    """History in a hundredth of the nation, with its event log."""
    scenario = load(scenarios_folder() / "historical.yaml").scaled(0.01).until("2014-12")
    return simulate(scenario, events=True)


def test_logged_events_have_the_documented_fields(logged: Run) -> None:
    assert logged.events is not None
    log = logged.events
    places = {"home": len(logged.homes), "sector": len(logged.sectors)}
    seen = 0
    for name, row in rows_of("events.md", "event").items():
        rows = log["event"] == Event[name]
        if not rows.any():
            continue
        seen += 1
        column = {field: values[rows] for field, values in log.items()}
        assert set(column["phase"]) == {int(row["phase"])}, name
        assert ((column["uid"] >= 0) == (row["uid"] == "yes")).all(), name
        assert column["place"].min() >= 0, name
        assert column["place"].max() < places[row["place"]], name
        if row["sequence"] != "encounter":
            allowed = {int(number) for number in row["sequence"].split(",")}
            assert set(column["sequence"]) <= allowed, name
        assert_counterpart(row["counterpart"], column["counterpart"], column["place"], name)
        if row["amount"] == "0":
            assert not column["amount"].any(), name
    # a small nation sees neither every betrayal nor every shot
    assert seen >= len(Event) - 6


def assert_counterpart(kind: str, values: np.ndarray, places: np.ndarray, event: str) -> None:
    """Values are what the table calls ``kind``; nothing is asserted of indices and counts."""
    if kind == "none":
        assert (values == -1).all(), event
    elif kind in {"guard", "guard or none"}:
        met = (values >= 0) | (kind == "guard")
        assert met.any(), event
        assert (values[~met] == -1).all(), event
        np.testing.assert_array_equal(values[met] >> 40, places[met], err_msg=event)
        assert ((values[met] & ((1 << 20) - 1)) >= 1).all(), event
    elif kind == "trafficker":
        assert (values >= 4096).all(), event
    elif kind == "reason":
        assert set(values) <= {0, 1, 2, 4}, event
    elif kind == "cause":
        assert set(values) <= set(range(5)), event
    else:
        assert kind in {"informant", "offers met", "uid"}, event


def test_log_is_in_its_canonical_order(logged: Run) -> None:
    assert logged.events is not None
    order = ("month", "phase", "uid", "event", "counterpart", "sequence")
    rows = np.stack([logged.events[name] for name in order], axis=1)
    differs = rows[1:] != rows[:-1]
    first = differs.argmax(axis=1)
    at = np.arange(len(first))
    rises = rows[1:][at, first] > rows[:-1][at, first]
    assert (rises | ~differs.any(axis=1)).all()
    same = ~differs.any(axis=1)
    news = logged.events["event"] == Event.NEWS
    assert (news[1:] | ~same).all()


def test_functions_named_in_the_documents_exist() -> None:
    known = set(functions())
    modules = set(MODULES)
    named = 0
    for page in WRITTEN:
        for token in re.findall(r"`([a-z_]+\.[a-z_]+)\(?\)?`", (DOCS / page).read_text("utf-8")):
            if token.partition(".")[0] in modules and not token.endswith(".py"):
                named += 1
                assert token in known or token in public_keys(), f"{page}: {token}"
    assert named > 60


def public_keys() -> set[str]:
    """Keys of levers and parameters."""
    vocabulary = read_vocabulary()
    return set(vocabulary.parameters) | set(vocabulary.catalogue)


def test_keys_named_in_the_documents_exist() -> None:
    keys = public_keys()
    groups = {key.partition(".")[0] for key in keys}
    known = keys | set(functions())
    for page in WRITTEN:
        for token in re.findall(r"`([a-z]+\.[a-z0-9_]+)`", (DOCS / page).read_text("utf-8")):
            if token.partition(".")[0] in groups:
                assert token in known or token.endswith((".py", ".md", ".csv")), f"{page}: {token}"


def test_every_equation_is_in_the_submodels() -> None:
    text = (DOCS / "submodels.md").read_text("utf-8")
    equation = re.compile(r"(R[1-7]|T[1-7]|G[1-6]|C[1-6]|K1|S1|E1)\b")
    agents = {path.stem for path in (SOURCE / "agents").glob("*.py")}
    missing = [
        name
        for name, node in functions().items()
        if name.partition(".")[0] in agents
        and equation.match(ast.get_docstring(node) or "")
        and f"`{name}`" not in text
    ]
    assert not missing


def test_every_parameter_of_a_law_is_in_the_submodels() -> None:
    text = (DOCS / "submodels.md").read_text("utf-8") + (DOCS / "model.md").read_text("utf-8")
    missing = [
        key
        for key in read_vocabulary().parameters
        if not re.search(rf"\b{re.escape(key.partition('.')[2])}\b", text)
        and not key.startswith("history.")
    ]
    assert not missing


def test_constants_in_the_submodels_are_those_of_the_source() -> None:
    text = (DOCS / "submodels.md").read_text("utf-8")
    edges = ", ".join(f"{edge:g}".removeprefix("0") or "0" for edge in LAYERS)
    flags = ", ".join(
        f"{name.removeprefix('FLAG_')} {value}"
        for name, value in vars(state).items()
        if name.startswith("FLAG_")
    )
    assert f"Layers have the edges {edges}." in text
    assert f"chunk of {CHUNK:,} indices" in text
    assert f"ceil(mean/{PIECE:g}) equal pieces" in text
    assert f"**Flags** of a row: {flags}." in text
    assert f"{TIES_WITHIN} slots within the block" in text
    assert f"{TIES_ACROSS} slots across homes" in text
    assert {4: "sum over the four slots"}[TIES_ACROSS] in text


def test_documents_are_short_and_name_no_place_outside_the_repository() -> None:
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text("utf-8")
        written_by_a_command = text.startswith("<!-- Written by")
        assert written_by_a_command or len(text.splitlines()) <= 400, path.name
        assert not re.search(r"(?<!\w)/(work|tmp|home|usr)/|\.\./shared", text), path.name
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert (path.parent / target).exists() or target.startswith("https://"), target
