"""``README.md`` of the measurements, from what is in ``results.json`` and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from benchmarks.markdown import count, digits, table
from benchmarks.numbers import (
    Found,
    Spread,
    agents_and_steps,
    line_through,
    ns_a_step,
    paired,
    runs_of,
    spread,
    values_of,
)
from benchmarks.plan import POPULATIONS, TIMES
from benchmarks.worlds import EVENTS, NATION

PAGE = Path(__file__).parent / "page.md"
MISSING = "not measured"
POPULATION_CASES = [f"population_{n}" for n in POPULATIONS]
EVENT_CASES = [f"events_{m:g}" for m in TIMES]
PEER_NAMES = {
    "pass": "(a) one keyed draw, nothing else",
    "pass_own_limit": "(a') the same, each resident's chance read from memory",
    "loop_1": "(b) `prange` loop over agents, 1 thread",
    "loop_2": "(b) `prange` loop over agents, 2 threads",
    "mesa": "(c) Mesa, `agents.do`",
    "mesa_shuffled": "(c) Mesa, `agents.shuffle_do`",
    "starsim_10k": "(d) starsim, SIR, its default size",
    "starsim_1m": "(d) starsim, SIR, a million",
    "laser_1m": "(d) laser-generic, SEIR, a million",
    "laser_24m": "(d) laser-generic, SEIR, 24 million",
}


def render(found: Found, figure: str | None = None) -> str:
    """The page with its tables filled in."""
    parts = {
        "measured_on": measured_on(found),
        "headline": headline(found),
        "whole_runs": whole_runs(found),
        "peers": peers(found),
        "figure": f"![Seconds against residents and considerers]({figure})" if figure else "",
        "populations": _sweep(found, POPULATION_CASES),
        "events": events(found),
        "profile": profile(found),
        "start": start(found),
        "expected": count(EVENTS),
        "nation": count(NATION),
    }
    page = re.sub(r"\{\{(\w+)\}\}", lambda gap: parts[gap.group(1)], PAGE.read_text())
    return re.sub(r"\n{3,}", "\n\n", page)


def measured_on(found: Found) -> str:
    """Machine, versions, commit, date, and how busy the machine was."""
    machine, versions = found["machine"], found["versions"]
    peers = {
        name: number
        for case in found["cases"].values()
        for run in case["runs"]
        for name, number in run.get("versions", {}).items()
    }
    own = ", ".join(f"{name} {number}" for name, number in versions.items())
    theirs = ", ".join(f"{name} {number}" for name, number in peers.items()) or "none"
    rows = [
        ("processor", machine["processor"]),
        ("cores, memory", f"{machine['cores']}, {machine['memory_gb']:.0f} GB"),
        ("system", machine["system"]),
        ("versions", own),
        ("of the peers' environment", theirs),
        ("commit", f"{found['commit']}, engine {found['engine']}"),
        ("date", found["date"]),
        (
            "other work on the machine",
            f"load average {machine['load_before']} before and {machine['load_after']} after",
        ),
        ("whole measurement", f"{found['minutes']} minutes"),
    ]
    return table(("measured on", ""), [(name, str(value)) for name, value in rows], left=2)


def headline(found: Found) -> str:
    """Three sentences with the ratios asked for."""
    runs = runs_of(found, "run_1")
    if not runs:
        return MISSING
    seconds = spread(values_of(found, "run_1"))
    step = spread([ns_a_step(run) for run in runs])
    lines = [
        f"- {count(runs[0]['residents'])} residents for {runs[0]['months']} months: "
        f"**{seconds.text()} s**, {step.text('.3f')} ns a resident-month, "
        f"{max(values_of(found, 'run_1', 'peak_mb')):.0f} MB."
    ]
    ratios = paired(found, "run_1", "pass")
    if ratios:
        bits = runs_of(found, "pass")[0]["vector_bits"]
        form = f"vectorised by the compiler, {bits} bits" if bits > 64 else "not vectorised"
        lines.append(
            f"- That is **{spread(ratios).text()} times** a pass that only draws once for every "
            f"resident every month, one thread ({form}). Required: below 3."
        )
    for name, title in PEER_NAMES.items():
        ratios = paired(found, name, "run_1")
        if ratios and not name.startswith("pass"):
            lines.append(
                f"- {title}: one agent-step costs {_times(spread(ratios))} "
                "a resident-month of the 1:1 run."
            )
    return "\n".join(lines)


def _times(ratio: Spread) -> str:
    return f"{digits(ratio.median, 2)} times ({digits(ratio.low, 2)}-{digits(ratio.high, 2)})"


def whole_runs(found: Found) -> str:
    """Runs of three sizes."""
    rows = []
    for name in ("run_1", "run_03", "run_01"):
        runs = runs_of(found, name)
        if not runs:
            rows.append((found["cases"].get(name, {}).get("error") or MISSING, *[""] * 6))
            continue
        rows.append(
            (
                count(runs[0]["residents"]),
                spread(values_of(found, name)).text(),
                spread(values_of(found, name, "cpu_seconds")).text(),
                spread([ns_a_step(run) for run in runs]).text(".3f"),
                f"{max(run['peak_mb'] for run in runs):.0f}",
                count(runs[0]["considerers"]),
                count(runs[0]["crossings"]),
            )
        )
    heads = (
        "residents", "seconds: median (min-max)", "processor seconds", "ns a resident-month",
        "peak MB", "considerers", "crossings",
    )  # fmt: skip
    return table(heads, rows)


def peers(found: Found) -> str:
    """Cost of an agent-step beside a resident-month of the run."""
    rows = []
    for name, title in {"run_1": "bordersim, 1:1", **PEER_NAMES}.items():
        runs = runs_of(found, name)
        if not runs:
            error = found["cases"].get(name, {}).get("error")
            rows.append((title, *[""] * 4, error or MISSING))
            continue
        ratios = paired(found, name, "run_1")
        rows.append(
            (
                title,
                " x ".join(count(number) for number in agents_and_steps(runs[0])),
                str(runs[0].get("threads", 1)),
                _ns(spread([ns_a_step(run) for run in runs])),
                _ns(spread([ns_a_step(run, "cpu_seconds") for run in runs])),
                _times(spread(ratios)).replace(" times", "") if name != "run_1" else "1",
            )
        )
    heads = (
        "model", "agents x steps", "threads", "ns an agent-step: median (min-max)",
        "processor ns", "over the 1:1 run, pair by pair",
    )  # fmt: skip
    return table(heads, rows)


def _ns(value: Spread) -> str:
    return f"{digits(value.median)} ({digits(value.low)}-{digits(value.high)})"


def events(found: Found) -> str:
    """The whole nation with more and fewer events, and the line through it."""
    listed = _sweep(found, EVENT_CASES)
    fit = line_through(found, EVENT_CASES, "considerers")
    if fit is None:
        return listed
    runs = [run for name in EVENT_CASES for run in runs_of(found, name)]
    months = sum(run["person_months_in_china"] for run in runs)
    months /= sum(run["considerers"] for run in runs)
    return (
        f"{listed}\n\n"
        f"Seconds = {fit.fixed:.2f} + {fit.slope * 1e9:,.0f} ns for each considerer, within "
        f"{fit.worst:.0%} of every repetition. The price of a considerer includes all that "
        f"follows, on average {months:.1f} person-months in China; the two grow together here, "
        "so one line cannot tell them apart (the profile below does)."
    )


def _sweep(found: Found, names: list[str]) -> str:
    rows = []
    for name in names:
        runs = runs_of(found, name)
        if not runs:
            rows.append((MISSING, *[""] * 6))
            continue
        rows.append(
            (
                count(runs[0]["residents"]),
                *(count(runs[0][key]) for key in ("considerers", "crossings", "arrivals")),
                count(runs[0]["person_months_in_china"]),
                count(runs[0]["candidates"]),
                spread(values_of(found, name)).text(),
            )
        )
    heads = (
        "residents", "considerers", "crossings", "arrivals", "person-months in China",
        "points drawn", "seconds: median (min-max)",
    )  # fmt: skip
    return table(heads, rows)


def profile(found: Found) -> str:
    """Seconds by step, and the two checks of the profile."""
    runs = runs_of(found, "profile")
    if not runs:
        return MISSING
    rounds, counts = runs[0]["rounds"], runs[0]["counts"]
    taken: dict[tuple[str, str], list[float]] = {}
    units: dict[tuple[str, str], tuple[str, str]] = {}
    for one in rounds:
        for where, step, seconds, key, unit in one["rows"]:
            taken.setdefault((where, step), []).append(seconds)
            units[where, step] = (key, unit)
    total = spread([one["clocked"]["seconds"] for one in rounds]).median
    rows, small, n_small = [], 0.0, 0
    for (where, step), seconds in taken.items():
        middle = spread(seconds).median
        if middle < 0.005 * total:
            small, n_small = small + middle, n_small + 1
            continue
        key, unit = units[where, step]
        price = f"{middle / counts[key] * 1e9:,.0f} ns a {unit}" if counts.get(key) else ""
        rows.append((where, step, f"{middle * 1e3:,.0f}", f"{middle / total:.1%}", price))
    if n_small:
        rows.append(("", f"{n_small} others", f"{small * 1e3:,.0f}", f"{small / total:.1%}", ""))
    return _checks(rounds, table(("in", "step", "ms", "share", "price"), rows, left=2))


def _checks(rounds: list[dict[str, Any]], listed: str) -> str:
    plain = spread([one["plain"]["seconds"] for one in rounds])
    ratio = spread([one["clocked"]["seconds"] / one["plain"]["seconds"] for one in rounds])
    return (
        f"{listed}\n\n"
        f"Rows add up to the clocked run by construction; that run took {ratio.text()} times the "
        f"plain run beside it ({plain.text()} s), and every digest of the two was the same."
    )


def start(found: Found) -> str:
    """Start-up, from shell to prompt."""
    titles = {
        "python": "`python -c pass`",
        "import": '`python -c "import bordersim"`',
        "help": "`bordersim --help`",
        "load": "loading compiled kernels (inside the following)",
        "warm_001": "`bordersim run scenarios/historical.yaml --scale 0.01`, kernels compiled",
        "warm_1": "`bordersim run scenarios/historical.yaml --scale 1`, kernels compiled",
        "cold_001": "`... --scale 0.01` with no compiled kernel on disk",
    }
    rows = []
    for name, title in titles.items():
        runs = runs_of(found, name)
        if not runs:
            rows.append((title, MISSING, ""))
            continue
        peak = f"{max(run['peak_mb'] for run in runs):.0f}" if name != "load" else ""
        rows.append((title, spread(values_of(found, name)).text(), peak))
    return table(("from shell to prompt", "seconds: median (min-max)", "peak MB"), rows)
