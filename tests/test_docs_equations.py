"""Equations as the documents state them, beside the functions that compute them."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import random
import re
from functools import cache
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest

from bordersim._jit import plain
from tests.docs_pages import DOCS, Row, docstrings, rows_of

ID = r"(?:R[1-7]|T[1-7]|G[1-6]|C[1-6]|K1|S1|E1)"
CLOSED, RULES = rows_of("equations.md", "formula"), rows_of("equations.md", "what it does")
UNITS = {
    "KRW million", "as given", "index", "log", "log ratio", "months", "probability", "rate",
    "ratio", "share", "share of places", "utility",
}  # fmt: skip
NAMES = {
    "exp": math.exp, "log": math.log, "min": min, "max": max, "floor": math.floor,
    "logistic": lambda x: 1.0 / (1.0 + math.exp(-x)),
}  # fmt: skip
SMALL = {"markup_low": (0.1, 0.3), "markup_high": (0.5, 2.0), "cartel_high": (0.5, 2.0)}
"""Bounds of a markup, in the order that they have."""
SHARES = {
    "belief", "cartel", "fee", "foresight", "honesty", "known_caught", "tolerance", "share",
    "per_bribe", "caught", "severity",
}  # fmt: skip
WHOLE = {"bribes", "lookback", "seen"}


def names_in(row: Row) -> list[str]:
    return re.findall(r"`([a-z_]+\.[a-z_]+)`", row["function"])


def ids_of(docstring: str) -> list[str]:
    """Ids with which a docstring begins, such as R3 and M8 of "R3, M8: ..."."""
    head = re.match(rf"(?:{ID}|M\d+)(?:, (?:{ID}|M\d+))*(?=[ :])", docstring)
    return head.group().split(", ") if head else []


def uncompiled(kernel: Any) -> FunctionType:
    """The plain Python of a kernel, which calls that of others: nothing is compiled."""
    python = plain(kernel)
    within = {
        name: uncompiled(value) if plain(value) is not value else value
        for name, value in python.__globals__.items()
        if name in python.__code__.co_names
    }
    return FunctionType(python.__code__, within, python.__name__)


@cache
def function(name: str) -> FunctionType:
    """What a row of the table names."""
    module, _, attribute = name.partition(".")
    within = "bordersim" if module in {"month", "population"} else "bordersim.agents"
    return uncompiled(getattr(importlib.import_module(f"{within}.{module}"), attribute))


def bounds(name: str) -> tuple[float, float]:
    if name in SMALL:
        return SMALL[name]
    return (0.0, 1.0) if name in SHARES else (0.1, 4.0)


def symbols_of(formula: str) -> list[str]:
    """Names of a formula that are not functions."""
    tree = ast.walk(ast.parse(formula, mode="eval"))
    return sorted({node.id for node in tree if isinstance(node, ast.Name)} - set(NAMES))


def called(name: str, values: dict[str, float]) -> float:
    """What the engine's function gives; a law is made of the formula's other names."""
    kernel = function(name)
    given = [
        SimpleNamespace(**values) if argument == "law" else values[argument]
        for argument in inspect.signature(kernel).parameters
    ]
    return float(kernel(*given))


def some_values(symbols: list[str], luck: random.Random) -> dict[str, float]:
    """A number for each symbol, within what it may be."""
    values = {
        symbol: luck.randint(1, 60) if symbol in WHOLE else luck.uniform(*bounds(symbol))
        for symbol in symbols
    }
    return values | ({"budget": values["budget"] + 1.0} if "budget" in values else {})


def apart(name: str, formula: str, times: int = 50) -> float:
    """Largest relative difference between a formula and the engine's function."""
    luck, largest = random.Random(name), 0.0
    code = compile(formula, name, "eval")
    for _ in range(times):
        values = some_values(symbols_of(formula), luck)
        stated = eval(code, {"__builtins__": {}}, {**NAMES, **values})
        largest = max(largest, abs(called(name, values) - stated) / max(1e-3, abs(stated)))
    return largest


@pytest.mark.parametrize("row", CLOSED, ids=lambda row: names_in(row)[0])
def test_formula_of_the_documents_is_the_function(row: Row) -> None:
    (name,) = names_in(row)
    assert apart(name, row["formula"].strip("`")) < 1e-12


def test_a_changed_formula_is_noticed() -> None:
    """With a number of it moved by a thousandth, or an argument left out, it differs."""
    for row in CLOSED:
        formula, (name,) = row["formula"].strip("`"), names_in(row)
        arguments = set(inspect.signature(function(name)).parameters) - {"law"}
        assert arguments <= set(symbols_of(formula)), name
        for symbol in symbols_of(formula):
            moved = re.sub(rf"\b{symbol}\b", f"({symbol} * 1.001)", formula)
            if "floor" not in formula:
                assert apart(name, moved) > 1e-9, (name, symbol)


@pytest.mark.parametrize("row", [*CLOSED, *RULES], ids=lambda row: row["function"])
def test_function_names_its_equation(row: Row) -> None:
    texts = docstrings()
    for name in names_in(row):
        text = texts[name]
        claimed = set(ids_of(text)) | set(re.findall(rf"\b{ID}\b", text.partition("\n")[0]))
        in_range = {g for g in row["id"].split(", ") if inside(g, text)}
        assert set(row["id"].split(", ")) <= claimed | in_range, f"{name}: {text}"


def inside(number: str, text: str) -> bool:
    """Whether a docstring names a range of ids that holds this one, such as G3-G6."""
    return any(
        letter == number[0] and int(low) <= int(number[1:]) <= int(high)
        for letter, low, high in re.findall(r"\b([A-Z])(\d)-[A-Z](\d)\b", text)
    )


def test_every_id_has_a_row_and_every_row_a_unit_and_a_source() -> None:
    submodels = (DOCS / "submodels.md").read_text("utf-8")
    stated = set(re.findall(rf"\b{ID}\b", submodels))
    listed = {number for row in [*CLOSED, *RULES] for number in row["id"].split(", ")}
    assert stated == {number for number in listed if not number.startswith("M")}
    assert len(stated) == 29
    assert {row["unit"] for row in CLOSED} == UNITS
    assert all(row["rests on"] for row in [*CLOSED, *RULES])


def test_every_function_that_names_an_equation_stands_in_the_documents() -> None:
    listed = {name for row in [*CLOSED, *RULES] for name in names_in(row)}
    submodels = (DOCS / "submodels.md").read_text("utf-8")
    claiming = {name for name, text in docstrings().items() if re.match(ID, text)}
    assert not {name for name in claiming if name not in listed and f"`{name}`" not in submodels}


def test_units_in_docstrings_are_those_of_the_page() -> None:
    texts = docstrings()
    for row in CLOSED:
        text = texts[names_in(row)[0]]
        money = re.search(r"KRW million|KRW thousand", text.partition("\n")[0])
        if money and "both KRW million" not in text:
            assert row["unit"] == money.group(), text
        if re.match(rf"{ID}: chance", text):
            assert row["unit"] == "probability", text


def test_formulas_that_both_write_are_the_same() -> None:
    """Docstrings that hold a formula: 1 - exp(-...) of thinning, the logistic curve."""
    assert "1 / (1 + exp(-x))" in docstrings()["traffickers.logistic"]
    submodels = (DOCS / "submodels.md").read_text("utf-8")
    assert "L(x) = 1/(1 + e^-x)" in submodels
    assert "1 - exp(-lambda)" in " ".join(docstrings()["thinning"].split())
    assert "P = 1 - exp(-intensity) exactly" in submodels
