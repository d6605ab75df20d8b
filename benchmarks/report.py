"""``README.md`` of the measurements, from what is in ``results.json`` and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.markdown import count, table
from benchmarks.numbers import (
    Found,
    ns_a_step,
    paired,
    runs_of,
    share_at_work,
    spread,
    values_of,
)
from benchmarks.tables import (
    MISSING,
    POPULATION_CASES,
    events,
    grid,
    overhead,
    peers,
    profile,
    shared_past,
    start,
    sweep,
    sweep_memory,
    sweep_overhead,
    times,
    twin,
    whole_runs,
)
from benchmarks.worlds import EVENTS, NATION

PAGE = Path(__file__).parent / "page.md"
QUICK = "**A quick run: everything is small and measured once or twice. Nothing here is a result.**"
ASKED_TIMES = (
    ("run_1", "1:1 run, 264 months", 1.0, "aim:"),
    ("help", "`bordersim --help`", 0.4, "below"),
    ("warm_001", "`bordersim run --scale 0.01`, shell to prompt", 1.5, "below"),
)
FAMILIES = {
    "the `prange` loop (b)": ("loop_1", "loop_2"),
    "Mesa (c)": ("mesa", "mesa_shuffled"),
    "starsim (d)": ("starsim_10k", "starsim_1m"),
    "laser-generic (d)": ("laser_1m", "laser_24m"),
}


def render(found: Found, figure: str | None = None) -> str:
    """The page with its tables filled in."""
    parts = {
        "quick": QUICK if found["quick"] else "",
        "busy": busy(found),
        "measured_on": measured_on(found),
        "headline": headline(found),
        "whole_runs": whole_runs(found),
        "peers": peers(found),
        "twin": twin(found),
        "grid": grid(found),
        "shared_past": shared_past(found),
        "sweep_overhead": sweep_overhead(found),
        "sweep_memory": sweep_memory(found),
        "figure": f"![Seconds against residents and considerers]({figure})" if figure else "",
        "populations": sweep(found, POPULATION_CASES),
        "events": events(found),
        "profile": profile(found),
        "start": start(found),
        "expected": count(EVENTS),
        "nation": count(NATION),
    }
    page = re.sub(r"\{\{(\w+)\}\}", lambda gap: parts[gap.group(1)], PAGE.read_text())
    return re.sub(r"\n{3,}", "\n\n", page)


def busy(found: Found) -> str:
    """A warning when something else had the processors."""
    share = share_at_work(found, "run_1")
    if share > 0.9:
        return ""
    return (
        f"**The machine was busy with other work: the 1:1 run had a processor {share:.0%} of its "
        "time. Seconds are too long by that; processor seconds and ratios say more.**"
    )


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
    """What was asked for, and what was found."""
    rows = []
    for name, title, limit, word in ASKED_TIMES:
        seconds = values_of(found, name)
        rows.append(_asked(found, title, f"{word} {limit:g} s", seconds, limit))
    ratios = paired(found, "run_1", "pass")
    title = "1:1 run over the pass (a), a resident-month"
    rows.append(_asked(found, title, "below 3", ratios, 3.0))
    swept = runs_of(found, "sweep_1000") or runs_of(found, "sweep_overhead")
    title = "a sweep's overhead over its simulations, scale 0.1"
    rows.append(_asked(found, title, "below 0.1", [overhead(run) for run in swept], 0.1))
    shares = [run["two_seconds"] / run["seconds"] for run in runs_of(found, "sweep_1000")]
    title = "1,000 runs, two workers' time over one's"
    rows.append(_asked(found, title, "below 0.556", shares, 1 / 1.8))
    lines = [_about_the_pass(found)]
    for title, names in FAMILIES.items():
        ratio = [
            spread(paired(found, name, "run_1")) for name in names if paired(found, name, "run_1")
        ]
        if ratio:
            least = times(min(ratio, key=lambda one: one.median))
            lines.append(
                f"- An agent-step of {title}, where it does best here: {least} a resident-month."
            )
    if runs_of(found, "run_1"):
        step = spread([ns_a_step(run) for run in runs_of(found, "run_1")])
        lines.insert(0, f"- A resident-month of the 1:1 run costs {step.text('.3f')} ns.")
    listed = table(("", "asked", "measured: median (min-max)", "met"), rows, left=4)
    return "\n".join([listed, "", *(line for line in lines if line)])


def _asked(
    found: Found, title: str, asked: str, values: list[float], limit: float
) -> tuple[str, ...]:
    if not values:
        return title, asked, MISSING, ""
    middle = spread(values)
    met = "" if found["quick"] else "yes" if middle.median < limit else "no"
    return title, asked, middle.text() + (" s" if asked.endswith("s") else ""), met


def _about_the_pass(found: Found) -> str:
    runs = runs_of(found, "pass")
    if not runs:
        return ""
    bits = runs[0]["vector_bits"]
    form = f"vectorised by the compiler ({bits} bits)" if bits > 64 else "not vectorised"
    step = spread([ns_a_step(run) for run in runs])
    cost = f"{step.text('.3f')} ns, {form}"
    ratios = paired(found, "run_1", "pass", "cpu_seconds")
    by_cpu = f" In processor time the run over it is {spread(ratios).text()}." if ratios else ""
    return f"- A keyed draw for every resident in every month (a), on one thread: {cost}.{by_cpu}"
