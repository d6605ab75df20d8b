"""What is measured, with which options, how many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.worlds import NATION

POPULATIONS = (1_000_000, 5_000_000, NATION)
TIMES = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Case:
    """One measurement, repeated in fresh processes.

    Attributes
    ----------
    name
        Key in the results.
    module
        File in ``cases/``.
    options
        Arguments of its ``measure``.
    rounds
        Repetitions.
    peers
        Whether it runs in the environment of the peers.
    """

    name: str
    module: str
    options: Mapping[str, Any] = field(default_factory=dict)
    rounds: int = 5
    peers: bool = False


def _python(*words: str) -> dict[str, Any]:
    return {"words": words}


def _bordersim(*words: str) -> dict[str, Any]:
    return {"words": words, "programme": "bordersim"}


def _run(scale: str) -> dict[str, Any]:
    return _bordersim(
        "run", "scenarios/historical.yaml", "--scale", scale, "--out", "{out}", "--quiet"
    )


WHOLE = (
    Case("run_1", "whole_run", {"scale": 1.0}),
    Case("pass", "pure_pass"),
    Case("pass_own_limit", "pure_pass", {"own_limit": True}),
    Case("run_03", "whole_run", {"scale": 0.3}),
    Case("run_01", "whole_run", {"scale": 0.1}),
)
PEERS = (
    Case("loop_1", "agent_loop", {"threads": 1}, rounds=3),
    Case("loop_2", "agent_loop", {"threads": 2}, rounds=3),
    Case("mesa", "mesa_leavers", rounds=3),
    Case("mesa_shuffled", "mesa_leavers", {"shuffled": True}, rounds=3),
    Case("twin", "twin_nation", {"residents": 1_000_000}, rounds=3),
    Case("twin_4m", "twin_nation", {"residents": 4_000_000}, rounds=1),
    Case("starsim_10k", "starsim_sir", {"agents": 10_000}, peers=True, rounds=3),
    Case("starsim_1m", "starsim_sir", {"agents": 1_000_000}, peers=True, rounds=3),
    Case("laser_1m", "laser_seir", {"agents": 1_000_000, "ticks": 365}, peers=True, rounds=3),
    Case("laser_24m", "laser_seir", {"agents": NATION, "ticks": 60}, peers=True, rounds=3),
)
SWEEPS = (
    *(
        Case(f"population_{n}", "whole_run", {"world": "same_events", "residents": n}, rounds=3)
        for n in POPULATIONS
    ),
    *(
        Case(f"events_{m:g}", "whole_run", {"world": "more_events", "times": m}, rounds=3)
        for m in TIMES
    ),
)
GRID = (
    Case("grid_sweep", "grid", {"through": "sweep", "seeds": 2}, rounds=3),
    Case("grid_mesa", "grid", {"through": "batch_run", "seeds": 2}, rounds=3),
    Case("grid_starsim", "starsim_multi", peers=True, rounds=1),
    Case("shared_past", "shared_past", rounds=3),
    Case("sweep_overhead", "sweep_overhead", {"runs": 60}, rounds=3),
)
PROFILE = (Case("profile", "profile_month", {"scale": 1.0, "repeats": 3}, rounds=1),)
START = (
    Case("python", "command", _python("-c", "pass")),
    Case("import", "command", _python("-c", "import bordersim")),
    Case("help", "command", _bordersim("--help")),
    Case("load", "kernel_load"),
    Case("warm_001", "command", _run("0.01")),
    Case("warm_1", "command", _run("1"), rounds=3),
    Case("cold_001", "command", {**_run("0.01"), "empty_cache": True}, rounds=1),
)
LONG = (
    Case("sweep_1000", "sweep_overhead", {"runs": 1000}, rounds=1),
    Case("sweep_memory", "sweep_memory", {"runs": 10_000}, rounds=1),
)
"""Measured only when asked for (``--long``), and kept until then."""
FULL = (*WHOLE, *PEERS, *SWEEPS, *GRID, *PROFILE, *START)

_SMALL: dict[str, dict[str, Any]] = {
    "run_1": {"scale": 0.02},
    "run_03": {"scale": 0.01},
    "run_01": {"scale": 0.01},
    "pass": {"months": 2},
    "pass_own_limit": {"months": 2},
    "loop_1": {"residents": 1_000_000},
    "loop_2": {"residents": 1_000_000},
    "mesa": {"residents": 10_000},
    "mesa_shuffled": {"residents": 10_000},
    "twin": {"residents": 20_000, "until": "1995-03"},
    "twin_4m": {"residents": 40_000, "until": "1995-03"},
    "starsim_1m": {"agents": 20_000},
    "laser_1m": {"agents": 100_000, "ticks": 50},
    "laser_24m": {"agents": 1_000_000, "ticks": 20},
    "grid_sweep": {"scale": 0.001, "seeds": 1, "until": "1996-12"},
    "grid_mesa": {"scale": 0.001, "seeds": 1, "until": "1996-12"},
    "grid_starsim": {"agents": 5_000, "runs": 2, "steps": 24},
    "shared_past": {"scale": 0.001, "scenarios": 2, "since": "1996-01", "until": "1996-12"},
    "sweep_overhead": {"scale": 0.001, "runs": 4, "until": "1995-12"},
    "sweep_1000": {"scale": 0.001, "runs": 8, "until": "1995-12"},
    "sweep_memory": {"scale": 0.001, "runs": 20, "until": "1995-12", "looks": 2},
    "profile": {"scale": 0.02, "repeats": 1},
    **{f"population_{n}": {"until": "1996-12"} for n in POPULATIONS},
    **{f"events_{m:g}": {"until": "1996-12"} for m in TIMES},
}
_SLOW = {"cold_001", "warm_1"}


def quick() -> tuple[Case, ...]:
    """Every case that is not slow, once or twice and small: a test of the tool itself."""
    return tuple(
        replace(
            case,
            options={**case.options, **_SMALL.get(case.name, {})},
            rounds=min(case.rounds, 2),
        )
        for case in (*FULL, *LONG)
        if case.name not in _SLOW
    )
