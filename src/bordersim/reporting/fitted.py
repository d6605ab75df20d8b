"""What a calibration found: parameters, what the reports tell of them, checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bordersim.calibrating.identifying import NOT_IDENTIFIED
from bordersim.calibrating.results import Calibration
from bordersim.errors import BordersimError
from bordersim.reporting.content import Absent, Block, Fold, Part, Prose, Table
from bordersim.reporting.finding import FoundFolder
from bordersim.reporting.pictures import drawn
from bordersim.wording import number

Row = Mapping[str, Any]


def calibration_part(folder: FoundFolder) -> Part:
    """Tell what a calibration found."""
    found = Calibration.open(folder.folder)
    title = f"Calibration: {found.manifest['title']}"
    try:
        document = found.document()
    except (BordersimError, KeyError) as error:
        return Part(title, [Absent(f"{folder.name} cannot be told of: {error}.")])
    rows = document["parameters"]
    open_ones = not_identified(rows)
    said = f"{len(rows) - len(open_ones)} of {len(rows)} parameters are narrowed by the reports."
    if open_ones:
        said += f" Not identified, so left to their priors: {', '.join(open_ones)}."
    blocks: list[Block] = [Prose(said), _parameters(rows), *_figures(found, document)]
    blocks.append(_groups(document["groups"]))
    blocks += _structures(document.get("alternatives", ()))
    if document["fixed"]:
        told = [(key, number(value)) for key, value in document["fixed"].items()]
        table = Table("Fixed: screening found them inert or weak", ("parameter", "value"), told)
        blocks.append(Fold(f"Parameters that were fixed: {len(told)}", [table]))
    for step, changed in document["runs_kept_from"].items():
        blocks.append(Prose(f"{step} was made from another file or engine: {'; '.join(changed)}."))
    return Part(title, blocks)


def not_identified(rows: Sequence[Row]) -> list[str]:
    """Keys of parameters that reports do not narrow."""
    return [str(row["parameter"]) for row in rows if row["verdict"] == NOT_IDENTIFIED]


def _parameters(rows: Sequence[Row]) -> Table:
    headings = ("parameter", "prior 90 %", "posterior median", "posterior 90 %", "narrowed", "")
    return Table(
        "Parameters",
        (*headings[:-1], "verdict"),
        [
            (
                str(row["parameter"]),
                f"{number(row['prior_low'])} to {number(row['prior_high'])}",
                number(row["median"]),
                f"{number(row['low'])} to {number(row['high'])}",
                f"{max(0.0, row['contraction']):.0%}",
                str(row["verdict"]),
            )
            for row in rows
        ],
        note="Narrowed: 1 - posterior / prior standard deviation, of quantiles of the prior.",
    )


def _figures(found: Calibration, document: Row) -> list[Block]:
    alts = {
        "posterior": _posterior_alt(document["parameters"]),
        "correlations": _correlations_alt(document["parameters"]),
        "groups": _groups_alt(document["groups"]),
        "ranks": _ranks_alt(document.get("coverage", ())),
    }
    captions = {
        "posterior": "Posterior of each parameter on quantiles of its prior; grey: the prior.",
        "correlations": "Correlation of every two parameters and nuisances in the posterior.",
        "groups": "How much less a parameter is narrowed without a group of reports.",
        "ranks": "Ranks of known truths among draws: even where intervals are right.",
    }
    return [
        drawn(lambda name=name: found.plot(name), alts[name], captions[name])  # type: ignore[misc]
        for name in found.figures()
        if name in alts
    ]


def _posterior_alt(rows: Sequence[Row]) -> str:
    known = [row for row in rows if row["verdict"] != NOT_IDENTIFIED]
    best = ", ".join(f"{row['parameter']} ({row['contraction']:.0%})" for row in known[:3])
    return (
        f"{len(known)} of {len(rows)} parameters are narrower than their priors, most of all "
        f"{best or 'none'}; not identified: {', '.join(not_identified(rows)) or 'none'}."
    )


def _correlations_alt(rows: Sequence[Row]) -> str:
    if not rows:
        return "No parameters."
    most = max(rows, key=lambda row: abs(row["correlation"]))
    return (
        f"The strongest correlation of two parameters is {most['correlation']:+.2f}, of "
        f"{most['parameter']} and {most['strongest_with']}."
    )


def _groups_alt(rows: Sequence[Row]) -> str:
    if not rows:
        return "No groups of reports."
    most = max(rows, key=lambda row: float(row["lost"]))
    return (
        f"Most is lost without the reports of {most['group']}: {most['parameter']} is narrowed "
        f"{most['lost']:.0%} less."
    )


def _ranks_alt(rows: Sequence[Row]) -> str:
    if not rows:
        return "No truths were tried."
    shares = [float(row["inside_90"]) for row in rows]
    return (
        f"Of {rows[0]['truths']} known truths, intervals of 90 % hold {min(shares):.0%} to "
        f"{max(shares):.0%}, parameter by parameter."
    )


def _groups(rows: Sequence[Row]) -> Block:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row["group"]), []).append(row)
    listed = []
    for group, members in groups.items():
        strong = sorted(members, key=lambda row: -float(row["lost"]))
        told = [f"{row['parameter']} {row['lost']:.0%}" for row in strong if row["lost"] >= 0.1]
        listed.append((group, str(members[0]["reports"]), ", ".join(told) or "nothing alone"))
    table = Table("What each group of reports alone narrows", ("reports", "number", "parameters"),
                  listed)  # fmt: skip
    return Fold("Which reports tell what", [table])


def _structures(rows: Sequence[Row]) -> list[Block]:
    if not rows:
        return []
    listed = [
        (
            str(row["title"]), f"{row['fit']:.1f}", f"{row['score']:.1f}",
            f"{row['against_main']:+.1f}", f"{row['error']:.1f}", str(row["held_out"]),
        )
        for row in rows
    ]  # fmt: skip
    headings = ("structure", "log likelihood", "held-out score", "against main", "error", "reports")
    note = "Scores: log probability of the held-out reports; higher is better."
    return [Table("Other structures of the model, fitted alike", headings, listed, note=note)]
