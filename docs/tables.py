"""Write the generated documents: levers.md, parameters.md and observables.md.

Their tables come from the data files and from ``codes.py``, so that they cannot
drift. Run ``python docs/tables.py`` after changing either; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bordersim.codes import OBSERVABLES
from bordersim.levers import LeverSpec
from bordersim.parameters import Parameter
from bordersim.vocabulary import read_vocabulary

DOCS = Path(__file__).resolve().parent

NOTE = "<!-- Written by docs/tables.py. Change the source, not this file. -->"

GROUPS = {
    "drivers": "from harvests and markets to levers",
    "population": "who people are: R2, R6, E1",
    "residents": "R1 to R7",
    "traffickers": "T1 to T7, C6",
    "guards": "G1 to G6, C6",
    "river": "the river and its watch",
    "china": "C1, C3 to C6, T6",
    "informants": "C2",
    "custody": "K1",
    "south": "C4: season of onward departures, which S1 counts",
    "officials": "E1",
    "history": "sizes of dated policies that no report gives; used by scenarios/historical.yaml",
}
"""Group of parameters to what it feeds."""


def cell(text: object) -> str:
    """Text that is safe inside a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Markdown table, without a trailing newline."""
    lines = [
        "| " + " | ".join(header) + " |",
        "|" + "---|" * len(header),
        *("| " + " | ".join(cell(value) for value in row) + " |" for row in rows),
    ]
    return "\n".join(lines)


def starting_value(lever: LeverSpec) -> str:
    """Value before any policy, or the driver that sets it."""
    if lever.default is None:
        return f"driver {lever.driver}"
    places = "".join(f"; {place} {value:g}" for place, value in lever.by_place.items())
    return f"{lever.default:g}{places}"


def parameter_value(parameter: Parameter) -> str:
    """Value, with the label of each entry of a list."""
    if not parameter.labels:
        return ", ".join(f"{value:g}" for value in parameter.values())
    pairs = zip(parameter.labels, parameter.values(), strict=True)
    return "; ".join(f"{label} {value:g}" for label, value in pairs)


def levers_page() -> str:
    """Text of levers.md."""
    catalogue = read_vocabulary().catalogue
    header = ("key", "meaning", "unit", "range", "start", "varies by", "factor", "mechanisms")
    rows = [
        (
            f"`{key}`{' *' if lever.budgeted else ''}",
            lever.title,
            lever.unit,
            f"{lever.low:g} to {lever.high:g}",
            starting_value(lever),
            lever.places,
            lever.factor,
            " ".join(lever.mechanisms),
        )
        for key, lever in catalogue.items()
    ]
    directions = [(f"`{key}`", lever.direction) for key, lever in catalogue.items()]
    return "\n".join(
        [
            "# Levers: what a policy can move",
            NOTE,
            "",
            "How policies act on them is in [the model](model.md#6-input-data). M ids are in",
            "[the founding reports](../calibration/evidence/reported.md).",
            "* scaled by `north.security_budget`.",
            "",
            table(header, rows),
            "",
            "## What theory says of each",
            "",
            table(("key", "when it rises (unless worded otherwise), all else equal"), directions),
            "",
        ]
    )


def parameters_page() -> str:
    """Text of parameters.md."""
    parameters = read_vocabulary().parameters
    header = ("key", "meaning", "value", "unit", "range", "kind", "source or reason")
    parts = [
        "# Parameters: the knobs of nature",
        NOTE,
        "",
        "From `scenarios/parameters.yaml`. Kind: *estimate* has a source; *law* is an identity or",
        "a definition; *assumption* is declared, with range and reason; *calibrated* is fitted.",
    ]
    for group, purpose in GROUPS.items():
        rows = [
            (
                f"`{key}`",
                parameter.title,
                parameter_value(parameter),
                parameter.unit,
                f"{parameter.low:g} to {parameter.high:g}",
                parameter.kind,
                parameter.source or parameter.reason,
            )
            for key in parameters
            if key.partition(".")[0] == group
            for parameter in [parameters[key]]
        ]
        parts += ["", f"## {group}: {purpose}", "", table(header, rows)]
    return "\n".join([*parts, ""])


def observables_page() -> str:
    """Text of observables.md."""
    header = ("name", "meaning", "by", "unit", "kind")
    rows = [
        (
            f"`{name}`",
            measure.title,
            measure.places + (", sex, class" if measure.by_person else ""),
            measure.unit,
            measure.kind,
        )
        for name, measure in OBSERVABLES.items()
    ]
    return "\n".join(
        [
            "# Observables: what a run records every month",
            NOTE,
            "",
            "A *flow* adds up over months and places, a *stock* (end of the month) over places",
            "only, a *level* over neither. Stored counts are of agents; flows and stocks are",
            "divided by the scale when they are read.",
            "",
            table(header, rows),
            "",
        ]
    )


PAGES = {
    "levers.md": levers_page,
    "parameters.md": parameters_page,
    "observables.md": observables_page,
}
"""File to the function that gives its text."""


def main() -> None:
    """Rewrite every generated page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
