"""What a run may be asked for: seeds, how many, where to, and whether it fits into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.errors import BordersimError, Problem
from bordersim.memory import available_memory, memory_mistake, needed
from bordersim.parameters import MissingParameterError
from bordersim.parts import OK
from bordersim.remote_place import looks_like_url
from bordersim.results import run_id
from bordersim.stored_runs import StoredRuns

if TYPE_CHECKING:
    from bordersim.scenario import Scenario

LAST_SEED = 2**63 - 1
MOST_REPLICATES = 10_000


@dataclass(frozen=True)
class Wanted:
    """What is asked for beside the scenario.

    Attributes
    ----------
    seed, replicates
        First seed, and how many.
    events
        Whether the event log is kept.
    out
        Folder of results; None to keep them in memory.
    n_processes
        Runs at once, at most.
    """

    seed: int
    replicates: int
    events: bool
    out: Path | None
    n_processes: int


def option_problems(wanted: Wanted) -> list[Problem]:
    """Find what is wrong with the options alone.

    Parameters
    ----------
    wanted
        As asked for.

    Returns
    -------
    list of Problem
        Named like the options of the command line.
    """
    found: list[Problem] = []
    for name, number in (("--seed", wanted.seed), ("--replicates", wanted.replicates)):
        if isinstance(number, bool) or not isinstance(number, int):
            found.append(Problem(name, "", f"got {number!r}, expected a whole number"))
    if found:
        return found
    seeds = f"got {wanted.seed}; seeds go from 0 to {LAST_SEED}"
    if not 0 <= wanted.seed <= LAST_SEED:
        found.append(Problem("--seed", "", seeds))
    if not 1 <= wanted.replicates <= MOST_REPLICATES:
        message = f"got {wanted.replicates}; allowed: 1 to {MOST_REPLICATES:,} in one call"
        found.append(Problem("--replicates", "", message))
    elif wanted.seed <= LAST_SEED < wanted.seed + wanted.replicates - 1:
        message = f"{seeds}, and {wanted.replicates} replicates from there go beyond"
        found.append(Problem("--seed", "", message))
    folder_mistake = None if wanted.out is None else _folder_mistake(wanted.out)
    if folder_mistake is not None:
        found.append(Problem("--out", "", folder_mistake))
    return found


def _folder_mistake(folder: Path) -> str | None:
    if looks_like_url(folder):
        sweeps = "only `bordersim sweep` and bs.sweep() store runs at one"
        return f'got "{folder}"; these go to a folder of this machine, not to a URL: {sweeps}'
    try:
        if "\0" in str(folder):
            raise ValueError("null")
        str(folder).encode("utf-8")
        for path in (folder, *folder.parents):
            if path.is_dir():
                return None
            if path.exists() or path.is_symlink():
                return f'"{path}" is a file, expected a folder; name another with -o'
    except ValueError:
        return f'"{folder}" cannot be the name of a folder of results: no text in UTF-8'
    except OSError as error:
        return f'"{folder}" cannot be a folder of results ({error.strerror})'
    return None


def memory_problem(scenario: Scenario, wanted: Wanted) -> Problem | None:
    """Say that the runs would not fit into memory; None if they would, or are stored.

    Parameters
    ----------
    scenario
        What is to be simulated.
    wanted
        Options without problems.

    Returns
    -------
    Problem or None
        What is needed, what can be had, and which scale would fit.
    """
    n_processes = min(wanted.n_processes, wanted.replicates)
    need = needed(scenario, wanted.replicates, n_processes, events=wanted.events)
    message = memory_mistake(need, scenario.scale, available_memory())
    if message is None or _all_stored(scenario, wanted):
        return None
    alone = needed(scenario, wanted.replicates, events=wanted.events)
    if n_processes > 1 and memory_mistake(alone, scenario.scale, available_memory()) is None:
        message += "; one run at a time (--replicates 1) fits as it is"
    return Problem(scenario.name, "population.scale", message)


def missing_parameter(scenario: Scenario) -> Problem | None:
    """Say which parameter the laws of the model miss; None if they have all.

    Parameters
    ----------
    scenario
        What is to be simulated.

    Returns
    -------
    Problem or None
        The first that is missing, or holds a list where one number is needed.
    """
    from bordersim.laws import laws_from  # loads numba, which the run needs anyway

    try:
        laws_from(scenario.parameters)
    except (MissingParameterError, TypeError) as error:
        return Problem(scenario.name, "parameters", str(error))
    return None


def _all_stored(scenario: Scenario, wanted: Wanted) -> bool:
    if wanted.out is None:
        return False
    store = StoredRuns(wanted.out / scenario.name)
    seeds = range(wanted.seed, wanted.seed + wanted.replicates)
    try:
        rows = store.rows()
        done = {key for key, row in rows.items() if row.columns["status"] == OK}
        logged = store.with_events() if wanted.events else done
    except (BordersimError, OSError):
        # Whoever reads the folder for its results tells what is wrong with it.
        return False
    return {run_id(scenario, seed) for seed in seeds} <= logged & done
