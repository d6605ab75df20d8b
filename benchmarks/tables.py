"""The report's tables, one function each."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import count, digits, duration, table
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

MISSING = "not measured"
POPULATION_CASES = [f"population_{n}" for n in POPULATIONS]
EVENT_CASES = [f"events_{m:g}" for m in TIMES]
PEER_NAMES = {
    "pass": "(a) one keyed draw, nothing else",
    "pass_own_limit": "(a') the same, each resident's chance read from memory",
    "loop_1": "(b) `prange` loop over agents",
    "loop_2": "(b) `prange` loop over agents",
    "mesa": "(c) Mesa, `agents.do`",
    "mesa_shuffled": "(c) Mesa, `agents.shuffle_do`",
    "starsim_10k": "(d) starsim, SIR",
    "starsim_1m": "(d) starsim, SIR",
    "laser_1m": "(d) laser-generic, SEIR",
    "laser_24m": "(d) laser-generic, SEIR",
}


def times(ratio: Spread) -> str:
    """A ratio in words."""
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
                _threads(runs),
                _ns(spread([ns_a_step(run) for run in runs])),
                _ns(spread([ns_a_step(run, "cpu_seconds") for run in runs])),
                times(spread(ratios)).replace(" times", "") if name != "run_1" else "1",
            )
        )
    heads = (
        "model", "agents x steps", "threads", "ns an agent-step: median (min-max)",
        "processor ns", "over the 1:1 run, pair by pair",
    )  # fmt: skip
    return table(heads, rows)


def twin(found: Found) -> str:
    """The whole model as Mesa objects beside the engine, on one world in one process."""
    rows = []
    for name in ("twin", "twin_4m"):
        runs = runs_of(found, name)
        if not runs:
            rows.append((found["cases"].get(name, {}).get("error") or MISSING, *[""] * 5))
            continue
        ratios = [run["cpu_seconds"] / run["engine_seconds"] for run in runs]
        rows.append(
            (
                " x ".join(count(number) for number in agents_and_steps(runs[0])),
                count(runs[0]["events"]),
                spread(values_of(found, name, "cpu_seconds")).text(),
                spread([1000.0 * run["engine_seconds"] for run in runs]).text(".1f"),
                _ns(spread([ns_a_step(run, "cpu_seconds") for run in runs])),
                times(spread(ratios)).replace(" times", ""),
            )
        )
    heads = (
        "residents x months", "events, equal in both", "twin, processor seconds",
        "engine, ms", "twin, ns a resident-month", "twin over engine",
    )  # fmt: skip
    return table(heads, rows)


def shared_past(found: Found) -> str:
    """What it saves to simulate a shared past once."""
    runs = runs_of(found, "shared_past")
    if not runs:
        return MISSING
    saved = spread([run["alone_cpu_seconds"] / run["cpu_seconds"] for run in runs])
    alone = spread(values_of(found, "shared_past", "alone_cpu_seconds")).text()
    shared = spread(values_of(found, "shared_past", "cpu_seconds")).text()
    return (
        f"{runs[0]['scenarios']} scenarios that differ from 2012 on, {count(runs[0]['residents'])} "
        f"residents to 2016, one seed: {alone} processor seconds each alone, {shared} with their "
        f"past shared: {times(saved)} less. The runs are the same to the bit."
    )


def sweep_overhead(found: Found) -> str:
    """What a sweep costs beyond its simulations, and what a second worker saves."""
    rows = []
    for name in ("sweep_overhead", "sweep_1000"):
        runs = runs_of(found, name)
        if not runs:
            rows.append((found["cases"].get(name, {}).get("error") or MISSING, *[""] * 7))
            continue
        milliseconds = [
            spread([1e3 * run[key] for run in runs])
            for key in ("run_seconds", "worker_seconds", "parent_seconds")
        ]
        shares = spread([overhead(run) for run in runs])
        rows.append(
            (
                count(runs[0]["runs"]),
                *(one.text(".1f") for one in milliseconds),
                shares.text(".1%"),
                spread(values_of(found, name, "start_seconds")).text(".1f"),
                spread(values_of(found, name)).text(".1f"),
                spread([run["seconds"] / run["two_seconds"] for run in runs]).text(),
            )
        )
    heads = (
        "runs", "a run: simulation, ms", "around it, ms", "in the parent, ms", "share",
        "once a worker, s", "one worker, seconds", "over two workers' seconds",
    )  # fmt: skip
    return "\n\n".join([table(heads, rows), *_dated(found, ("sweep_1000",))])


def overhead(run: dict[str, Any]) -> float:
    """What a run of a sweep costs beyond its simulation, as a share of that."""
    return float((run["worker_seconds"] + run["parent_seconds"]) / run["run_seconds"])


def sweep_memory(found: Found) -> str:
    """Memory of a long sweep by the runs it has stored."""
    runs = runs_of(found, "sweep_memory")
    if not runs:
        return found["cases"].get("sweep_memory", {}).get("error") or MISSING
    keys = ("worker_mb", "worker_peak_mb", "parent_mb", "parent_peak_mb")
    rows = [
        (count(row["runs"]), count(row["seconds"]), *(f"{row[key]:.0f}" for key in keys))
        for row in runs[0]["rows"]
    ]
    heads = (
        "runs stored", "after seconds", "larger worker, MB", "at most so far", "parent, MB",
        "at most so far",
    )  # fmt: skip
    end = (
        f"{count(runs[0]['residents'])} residents a run, {runs[0]['bytes_a_run'] / 1e3:.0f} kB "
        f"stored for each. At the end the parent writes the table of all runs: "
        f"{runs[0]['end_peak_mb']:.0f} MB at most."
    )
    return "\n\n".join([table(heads, rows), end, *_dated(found, ("sweep_memory",))])


def _dated(found: Found, names: tuple[str, ...]) -> list[str]:
    """When cases were measured that the whole measurement leaves out."""
    told = [(name, found["cases"].get(name, {})) for name in names]
    return [
        f"{name} (`--long`): measured {case['date']}, commit {case['commit']}."
        for name, case in told
        if "date" in case
    ]


GRID_NAMES = {
    "grid_sweep": "`bordersim sweep`, every run stored",
    "grid_mesa": "`mesa.batch_run` of `BorderModel`",
    "grid_starsim": "`starsim.MultiSim`, SIR",
}


def grid(found: Found) -> str:
    """Many runs in two processes: the sweep, Mesa's and starsim's own ways."""
    rows = []
    for name, title in GRID_NAMES.items():
        runs = runs_of(found, name)
        if not runs:
            rows.append((title, *[""] * 4, found["cases"].get(name, {}).get("error") or MISSING))
            continue
        agents, steps = agents_and_steps(runs[0])
        ratios = paired(found, name, "grid_sweep")
        rows.append(
            (
                title,
                count(runs[0]["runs"]),
                count(agents * steps),
                spread(values_of(found, name)).text(".1f"),
                _ns(spread([ns_a_step(run) for run in runs])),
                "1" if name == "grid_sweep" else times(spread(ratios)).replace(" times", ""),
            )
        )
    heads = (
        "", "runs", "agent-steps", "seconds: median (min-max)", "ns an agent-step",
        "over the sweep, pair by pair",
    )  # fmt: skip
    return table(heads, rows)


def _threads(runs: list[dict[str, Any]]) -> str:
    """Threads asked for, else as many as the processor time says were at work."""
    busy = spread([run["cpu_seconds"] / run["seconds"] for run in runs]).median
    return str(runs[0].get("threads", max(1, round(busy))))


def _ns(value: Spread) -> str:
    return f"{digits(value.median)} ({digits(value.low)}-{digits(value.high)})"


def events(found: Found) -> str:
    """The whole nation with more and fewer events, and the line through it."""
    listed = sweep(found, EVENT_CASES)
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


def sweep(found: Found, names: list[str]) -> str:
    """Runs with what happened in them and what they took."""
    rows = []
    for name in names:
        runs = runs_of(found, name)
        if not runs:
            rows.append((MISSING, *[""] * 7))
            continue
        rows.append(
            (
                count(runs[0]["residents"]),
                *(count(runs[0][key]) for key in ("considerers", "crossings", "arrivals")),
                count(runs[0]["person_months_in_china"]),
                count(runs[0]["candidates"]),
                spread(values_of(found, name)).text(),
                spread(values_of(found, name, "cpu_seconds")).text(),
            )
        )
    heads = (
        "residents", "considerers", "crossings", "arrivals", "person-months in China",
        "points drawn", "seconds: median (min-max)", "processor seconds",
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
        price = f"{duration(middle / counts[key])} a {unit}" if counts.get(key) else ""
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
    """Start-up, from shell to prompt and inside."""
    run = "`bordersim run scenarios/historical.yaml --scale"
    titles = {
        ("python", "seconds"): "`python -c pass`",
        (
            "import",
            "seconds",
        ): '`python -c "import bordersim"` (heavy libraries wait for their use)',
        ("help", "seconds"): "`bordersim --help`",
        ("warm_001", "seconds"): f"{run} 0.01`, kernels compiled",
        ("load", "import_seconds"): "of which importing the engine and its libraries",
        ("load", "seconds"): "and loading the compiled kernels",
        ("warm_1", "seconds"): f"{run} 1`, kernels compiled",
        ("cold_001", "seconds"): f"{run} 0.01`, no compiled kernel on disk",
    }
    rows = []
    for (name, key), title in titles.items():
        runs = runs_of(found, name)
        if not runs:
            rows.append((title, MISSING, "", ""))
            continue
        seconds = spread(values_of(found, name, key)).text()
        if name == "load":
            rows.append((title, seconds, "", ""))
            continue
        cpu = spread(values_of(found, name, "cpu_seconds")).text()
        rows.append((title, seconds, cpu, f"{max(one['peak_mb'] for one in runs):.0f}"))
    heads = ("from shell to prompt", "seconds: median (min-max)", "processor seconds", "peak MB")
    return table(heads, rows)
