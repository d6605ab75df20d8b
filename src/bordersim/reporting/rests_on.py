"""The evidence that results rest on: policies, figures, parameters, data."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bordersim.citing import Citation, cite
from bordersim.data_files import shipped_scenarios
from bordersim.dates import parse_month
from bordersim.errors import BordersimError
from bordersim.lever_history import IN_FORCE
from bordersim.reporting.content import Absent, Block, Fold, Part, Prose, Refs, Section, Table
from bordersim.reporting.finding import Found, FoundStudy
from bordersim.scenario import Scenario
from bordersim.wording import count, deed, duration, number, place_words, values

Row = Mapping[str, Any]

_NOUNS = {
    "calibrated": "calibrated", "estimate": "estimated", "assumption": "assumed",
    "law": "by definition",
}  # fmt: skip
_SIZE = 3
"""Column of a policy that says where its size is from."""

_USES = {"calibrate": "may be fitted", "validate": "held out"}


def evidence_section(found: Found, scenarios: Sequence[Scenario]) -> Section:
    """Tell what the results rest on.

    Parameters
    ----------
    found
        What is reported.
    scenarios
        Of attributions, which are at hand.
    """
    cited, missing = _citations(found, scenarios)
    blocks: list[Block] = []
    if missing:
        said = "; ".join(f"{name}: {why}" for name, why in missing.items())
        blocks.append(Absent(f"What some results rest on is not known: {said}."))
    if not cited:
        if not missing:
            blocks.append(Absent("No scenario is known here of which evidence could be told."))
        return Section("evidence", "The evidence it rests on", blocks)
    policies = _policies(cited)
    bases = Counter(str(row[_SIZE]) for row in policies.rows)
    sizes = ", ".join(f"{many} {basis}" for basis, many in bases.most_common())
    blocks.append(
        Prose(
            f"{count(len(policies.rows), 'dated policy').capitalize()} in "
            f"{count(len(cited), 'scenario')}. Where their sizes are from: {sizes}. A size that "
            "is assumed stands for no report: results that hang on it are no better than it."
        )
    )
    blocks.append(Part("Policies", [Fold("Every policy with its size and evidence", [policies])]))
    blocks.append(Part("Reports", _reports(cited.values())))
    blocks.append(Part("Parameters", _parameters(cited)))
    data = _data(next(iter(cited.values())))
    fold = Fold("What each holds, and its sources", [data])
    blocks.append(Part(f"Data files: {len(data.rows)}", [fold]))
    return Section("evidence", "The evidence it rests on", blocks)


def _citations(
    found: Found, scenarios: Sequence[Scenario]
) -> tuple[dict[str, Citation], dict[str, str]]:
    """Citation of each scenario by name, and why there is none of others."""
    wanted: dict[str, list[Any]] = {}
    for one in sorted(found.studies, key=_reach, reverse=True):
        for name in one.scenarios:
            wanted.setdefault(name, []).append(one.study.run(one.ids(name)[0]))
    for scenario in scenarios:
        wanted.setdefault(scenario.name, []).append(scenario)
    if not wanted:
        shipped = {path.stem: path for path in shipped_scenarios()}
        wanted = {name: [shipped[name]] for name in _fitted(found) if name in shipped}
    cited: dict[str, Citation] = {}
    missing: dict[str, str] = {}
    for name, runs in wanted.items():
        for what in runs:  # of several studies, one may be of another version
            try:
                cited[name] = cite(what)
                break
            except BordersimError as error:
                missing[name] = str(error).partition(". Name the file")[0]
    return cited, {name: why for name, why in missing.items() if name not in cited}


def _reach(one: FoundStudy) -> tuple[int, bool]:
    """How well a study shows what a scenario holds: by its longest run, and without draws.

    A policy beyond a short run's span would seem to do nothing.
    """
    spans = (parse_month(row["end"]) - parse_month(row["start"]) for row in one.rows)
    return max(spans, default=0), not one.drawn


def _fitted(found: Found) -> list[str]:
    from bordersim.calibrating.results import Calibration

    names = [Calibration.open(one.folder).manifest.get("scenario") for one in found.calibrations]
    return [str(name) for name in dict.fromkeys(names) if name]


def _policies(cited: Mapping[str, Citation]) -> Table:
    """Every policy once, with the scenarios that have it and those in which it does not act."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for name, citation in cited.items():
        for policy in citation.policies:
            rows.setdefault(_policy(policy), {})[name] = str(policy["status"])
    headings = ("policy", "what it does", "when", "size", "because", "evidence", "in")
    several = len(cited) > 1
    listed = [(*row[:-1], Refs(row[-1]), _in(acts, list(cited))) for row, acts in rows.items()]
    if not several:
        headings = (*headings[:-1], "status")
    return Table(
        "Policies, in the order they act",
        headings,
        listed,
        note="Size: reported by the evidence, fitted to reports, assumed, or held as it was. "
        "Where parameters are drawn, a fitted size is that of the first draw.",
    )


def _policy(policy: Row) -> tuple[str, ...]:
    where = place_words(policy["places"])
    return (
        str(policy["title"] or policy["id"]),
        f"{policy['lever']}: {deed(policy)}{f', {where}' if where else ''}",
        duration(policy),
        str(policy["size"]["basis"]),
        str(policy["size"]["because"]),
        " ".join(entry["id"] for entry in policy["cites"]),
    )


def _in(acts: Mapping[str, str], scenarios: Sequence[str]) -> str:
    """Scenarios that have a policy: those without it where they are fewer; where it is idle."""
    if len(scenarios) == 1:
        return acts[scenarios[0]]
    without = [name for name in scenarios if name not in acts]
    if not without:
        said = "all"
    elif len(without) < len(acts):
        said = f"all but {', '.join(without)}"
    else:
        said = ", ".join(acts)
    idle: dict[str, list[str]] = {}
    for name, status in acts.items():
        if status != IN_FORCE:
            idle.setdefault(status, []).append(name)
    where = (
        status if len(names) == len(acts) else f"{status} in {_some(names)}"
        for status, names in idle.items()
    )  # fmt: skip
    return "; ".join((said, *where))


def _some(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _reports(cited: Iterable[Citation]) -> list[Block]:
    """Every figure that a policy cites or that the model is fitted to or judged by."""
    entries: dict[str, Row] = {}
    grades: dict[str, str] = {}
    for citation in cited:
        listed = [*(e for policy in citation.policies for e in policy["cites"])]
        entries |= {str(entry["id"]): entry for entry in (*listed, *citation.evidence)}
        grades |= citation.grades
    rows = [
        (
            name, str(entry["claim"]), _figure(entry), str(entry["period"]),
            str(entry["place"] or ""), _USES.get(str(entry["use"]), str(entry["use"])),
            str(entry["reliability"]), str(entry["source"]),
        )
        for name, entry in sorted(entries.items())
    ]  # fmt: skip
    headings = ("id", "claim", "figure", "period", "place", "use", "grade", "source")
    uses = Counter(str(entry["use"]) for entry in entries.values())
    said = ", ".join(f"{uses[use]} {words}" for use, words in _USES.items() if uses[use])
    meaning = "; ".join(f"{grade}: {text}" for grade, text in grades.items())
    return [
        Prose(f"{count(len(rows), 'report')}: {said}; the others give policies or context."),
        Fold(
            "Every report with its source",
            [Table("Reports", headings, rows, note=f"Grades. {meaning}.", anchored=True)],
        ),
    ]


def _figure(entry: Row) -> str:
    low, high, unit = entry["low"], entry["high"], str(entry["unit"] or "")
    known = [value for value in (low, high) if isinstance(value, int | float)]
    ends = [number(value) for value in known if math.isfinite(value)]
    text = "-".join(dict.fromkeys(ends))
    return f"{text} {unit}".strip() if text else ""


def _parameters(cited: Mapping[str, Citation]) -> list[Block]:
    first = next(iter(cited.values()))
    kinds = Counter(str(row["kind"]) for row in first.parameters)
    said = ", ".join(f"{many} {_NOUNS.get(kind, kind)}" for kind, many in kinds.items())
    rows = [
        (
            str(row["key"]),
            f"{values(row['value'])} {row['unit']}".strip(),
            _NOUNS.get(str(row["kind"]), str(row["kind"])),
            "; ".join(text for text in (row["source"], row["reason"]) if text),
        )
        for row in first.parameters
    ]
    blocks: list[Block] = [
        Prose(f"{count(len(rows), 'parameter').capitalize()}: {said}."),
        Fold(
            "Every parameter with its source or reason",
            [Table("Parameters", ("parameter", "value", "basis", "source or reason"), rows)],
        ),
    ]
    changed = [
        (name, str(row["key"]), values(row["value"]), values(row["ships"]), str(row["set_by"]))
        for name, citation in cited.items()
        for row in citation.parameters
        if row["ships"] is not None
    ]
    if changed:
        headings = ("scenario", "parameter", "value", "ships as", "set by")
        note = "Of a study of draws, the values of its first draw."
        table = Table("Parameters other than shipped", headings, changed, note=note)
        blocks.append(Fold("Parameters other than shipped", [table]))
    return blocks


def _data(citation: Citation) -> Table:
    rows = [
        (
            Path(file["file"]).name,
            str(file["says"]),
            "\n".join(str(source["source"]) for source in file["sources"]) or "-",
        )
        for file in citation.data
    ]
    return Table("Data files of the model", ("file", "what it holds", "sources"), rows)
