"""Where the bits of a run are the same, and where they are not.

Each question changes one thing about how a run is computed, and nothing about what is
computed; ``docs/reproducibility.md`` says what follows. A fresh process runs this file
as a program and prints the fingerprints of its run.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verification.verdict import Verdict

ALLOWED = "no bit differs"
SIDE = ("events", "record", "ledger")
"""Fingerprints of what happens; ``state`` also covers what agents are made of."""

OTHER_LIBM = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4"}
"""The C library's exponentials and logarithms as on a processor without fused
multiply-add: about one result in 1,300 has another last bit. Other systems ignore it."""

OTHER_NUMPY = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"}

PROCESSORS: dict[str, dict[str, str]] = {
    "any x86-64 (2003), no vector instructions beyond SSE2": {
        "NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "",
    },
    "Haswell (2013), AVX2 and fused multiply-add": {
        "NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2,+lzcnt,+movbe",
    },
    "this one with AVX switched off": {"NUMBA_ENABLE_AVX": "0"},
}  # fmt: skip
"""Processors to compile for; each compilation takes a minute and is kept."""


@dataclass(frozen=True)
class Setting:
    """What is simulated: history at a scale, up to a month."""

    scale: float
    until: str
    seed: int = 1

    @property
    def words(self) -> list[str]:
        """As the program in this file reads it."""
        return [repr(self.scale), self.until, str(self.seed)]

    @property
    def text(self) -> str:
        """For a column of a table."""
        return f"history to {self.until}, {self.scale:g} of the nation"


def fingerprints(setting: Setting, world_file: str = "") -> dict[str, str]:
    """Simulate history, and hash all that came of it.

    With a file, the world of three years before the end is pickled to it when it is not
    there, and continued from when it is.
    """
    from bordersim.data_files import scenarios_folder
    from bordersim.scenario import load
    from bordersim.simulation import simulate_world

    scenario = load(scenarios_folder() / "historical.yaml")
    scenario = scenario.scaled(setting.scale).until(setting.until)
    start, seed = None, setting.seed
    if world_file:
        year = int(setting.until[:4]) - 3
        if not Path(world_file).exists():
            _, world = simulate_world(scenario, seed, until=f"{year}-12")
            Path(world_file).write_bytes(pickle.dumps(world))
            return {}
        start = pickle.loads(Path(world_file).read_bytes())
    run, world = simulate_world(scenario, seed, from_world=start, events=True)
    return hashes_of(run, world)


def hashes_of(run: Any, world: Any) -> dict[str, str]:
    """Fingerprints of a run, its last three years for one that continued."""
    from bordersim.simulation import state_digest

    months = min(36, run.n_months)
    first = run.end_month + 1 - months
    events = hashlib.sha256()
    for column in run.events.values():
        events.update(column[run.events["month"] >= first].tobytes())
    return {
        "events": events.hexdigest(),
        "record": hashlib.sha256(run.record[-months:].tobytes()).hexdigest(),
        "ledger": hashlib.sha256(run.ledger[-months:].tobytes()).hexdigest(),
        "state": state_digest(world).hex(),
        "n": str(len(run.events["uid"])),
    }


def elsewhere(setting: Setting, world_file: str = "", **environment: str) -> dict[str, str]:
    """Fingerprints by a fresh process under environment variables."""
    done = subprocess.run(
        [sys.executable, "-m", "verification.checks.identity", *setting.words, world_file],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return {"error": last[0]}
    found: dict[str, str] = json.loads(done.stdout)
    return found


def judged(
    question: str,
    n: str,
    expected: Mapping[str, str],
    *found: Mapping[str, str],
) -> Verdict:
    """Whether every set of fingerprints is the expected one."""
    differing: dict[str, None] = {}
    for one in found:
        if "error" in one:
            differing[f"no result: {one['error']}"] = None
            continue
        differing |= dict.fromkeys(key for key in (*SIDE, "state") if one[key] != expected[key])
    what = ", ".join(differing)
    return Verdict(
        question=question,
        passed=bool(found) and not differing,
        measured=f"the same but for: {what}" if differing else "the same to the last bit",
        allowed=ALLOWED,
        n=n,
    )


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """Ask where bitwise identity holds; ``out`` gets no picture.

    Quick: a hundredth of the nation, and nothing compiled for other processors.
    """
    setting = Setting(0.01, "2004-12") if quick else Setting(0.1, "2016-12")
    alone = elsewhere(setting)
    if "error" in alone:
        yield Verdict("Does a fresh process simulate at all?", False, alone["error"], ALLOWED)
        return
    n = f"{setting.text}: {int(alone['n']):,} events"
    yield from _same_machine_code(setting, alone, n)
    yield _without_compiler(quick)
    yield _resumed(quick)
    yield from _other_arithmetic(setting, alone, n)
    if not quick:
        yield from _other_processors(setting, alone, n)


def _same_machine_code(setting: Setting, alone: Mapping[str, str], n: str) -> Iterator[Verdict]:
    yield judged("The same run again in another process?", n, alone, elsewhere(setting))
    threads = [elsewhere(setting, NUMBA_NUM_THREADS=number) for number in ("1", "2")]
    yield judged("With NUMBA_NUM_THREADS at 1 and at 2?", n, alone, *threads)
    seeds = [elsewhere(setting, PYTHONHASHSEED=number) for number in ("0", "4711")]
    yield judged("With other hashes of Python's strings?", n, alone, *seeds)
    yield judged("Two runs at once in the threads of one process?", n, alone, *_at_once(setting))
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "world.pickle")
        elsewhere(setting, file)
        continued = elsewhere(setting, file)
    yield judged(
        "Continued by another process from a pickled world, three years before the end?",
        n, alone, continued,
    )  # fmt: skip


def _at_once(setting: Setting) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    gate = threading.Barrier(2)

    def work(seed: int, keep: bool) -> None:
        gate.wait()
        result = fingerprints(Setting(setting.scale, setting.until, seed))
        if keep:
            found.append(result)

    for other in (setting.seed, setting.seed + 1):
        pair = [
            threading.Thread(target=work, args=(seed, keep))
            for seed, keep in ((setting.seed, True), (other, other == setting.seed))
        ]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
    return found


def _without_compiler(quick: bool) -> Verdict:
    setting = Setting(0.001, "1995-06" if quick else "1997-12")
    plain = elsewhere(setting, NUMBA_DISABLE_JIT="1", PYTHONWARNINGS="ignore")
    compiled = elsewhere(setting)
    n = f"{setting.text}: {int(compiled.get('n', 0)):,} events"
    return judged("As plain Python, with the compiler switched off?", n, compiled, plain)


def _resumed(quick: bool) -> Verdict:
    """A batch that is killed and started again, against one that is left alone."""
    from bordersim.data_files import scenarios_folder
    from bordersim.stored_runs import StoredRuns

    n_runs = 6
    options = ["--scale", "0.02", "--until", "2004-12" if quick else "2016-12", "-q"]
    command = [
        sys.executable, "-m", "bordersim", "run", str(scenarios_folder() / "historical.yaml"),
        "--replicates", str(n_runs), *options, "-o",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        broken, whole = Path(folder) / "broken", Path(folder) / "whole"
        kept = _killed_after_one(command, broken)
        for results in (broken, whole):
            subprocess.run([*command, str(results)], capture_output=True, check=True)
        digests = [
            {
                key: row.columns["digests"]
                for key, row in StoredRuns(path / "historical").rows().items()
            }
            for path in (broken, whole)
        ]
    same = digests[0] == digests[1] and len(digests[0]) == n_runs
    return Verdict(
        question="A batch in two processes, killed half way and resumed?",
        passed=same and 0 < kept < n_runs,
        measured=("every yearly digest the same" if same else "digests differ")
        + f"; {kept} of {n_runs} runs were stored before the kill",
        allowed=ALLOWED,
        n=f"{n_runs} runs of history, 0.02 of the nation",
    )


def _killed_after_one(command: list[str], results: Path) -> int:
    """Kill a batch as soon as one run is stored; how many were."""
    parts = results / "historical" / "runs"
    batch = subprocess.Popen(
        [*command, str(results)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while batch.poll() is None and not any(parts.glob("part-*")):
        time.sleep(0.01)
    batch.send_signal(signal.SIGKILL)
    batch.wait()
    return len(list(parts.glob("part-*")))


def _other_arithmetic(setting: Setting, alone: Mapping[str, str], n: str) -> Iterator[Verdict]:
    yield judged(
        "With NumPy's own vector code switched off?", n, alone, elsewhere(setting, **OTHER_NUMPY)
    )
    changed = _changed_by(OTHER_LIBM)
    yield judged(
        "With a C library whose exponentials differ in the last bit?",
        f"{n}; {changed} of 100,000 exponentials differ",
        alone,
        elsewhere(setting, **OTHER_LIBM),
    )


def _changed_by(environment: Mapping[str, str]) -> int:
    """How many of 100,000 exponentials have another last bit under these variables."""
    code = (
        "import math, struct, sys\n"
        "sys.stdout.buffer.write(b''.join("
        "struct.pack('d', math.exp(i * 0.00025 - 20.0)) for i in range(100000)))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **more},
            capture_output=True,
            check=True,
        ).stdout
        for more in ({}, environment)
    ]
    return sum(outputs[0][i : i + 8] != outputs[1][i : i + 8] for i in range(0, 800_000, 8))


def _other_processors(setting: Setting, alone: Mapping[str, str], n: str) -> Iterator[Verdict]:
    from bordersim._jit import cache_directory

    for i, (name, variables) in enumerate(PROCESSORS.items()):
        # A cache of its own: what is compiled for one processor is of no use to another.
        cache = str(cache_directory() / f"processor-{i}")
        found = elsewhere(setting, **variables, BORDERSIM_CACHE=cache)
        yield judged(f"Compiled for another processor: {name}?", n, alone, found)


if __name__ == "__main__":
    scale, until, seed, *more = sys.argv[1:]
    print(json.dumps(fingerprints(Setting(float(scale), until, int(seed)), *more)))
