"""Studies: killed, in shards, on a cluster and by two processes at once, always the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bordersim.store import Store
from verification.studies import (
    NAME,
    PATIENCE,
    Trial,
    command,
    content,
    differing,
    killed_at,
    undisturbed,
    written,
)
from verification.verdict import Verdict

ALLOWED = "every row the same but for wall time, host and date; nothing lost, nothing twice"
KILLS = 20
"""Half of the sweep, half of a worker."""

ATTEMPTS, LATER = 5, 0.6
"""Times to strike before the end, each at this share of the time before."""


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """Disturb one sweep in every way; ``out`` gets no picture.

    Quick: twelve tiny runs and two kills instead of 240 and twenty.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trial = undisturbed(written(folder, *((3, 0.002) if quick else (60, 0.01))))
        for worker, whom in ((False, "the sweep"), (True, "one of its workers")):
            yield _kills(trial, folder, 1 if quick else KILLS // 2, worker=worker, whom=whom)
        yield verdict_of("In two shards, one after the other, merged?", _shards(trial, folder),
                         trial)  # fmt: skip
        yield verdict_of("By two processes into one folder at once?", _two(trial, folder), trial)
        yield verdict_of("On a Dask cluster that loses a worker half way?",
                         _cluster(trial, folder), trial)  # fmt: skip


def verdict_of(question: str, wrong: str, trial: Trial) -> Verdict:
    """Whether a study is that of the sweep nobody disturbed."""
    return Verdict(
        question=question,
        passed=not wrong,
        measured=wrong or "the same study",
        allowed=ALLOWED,
        n=f"{trial.n_runs} runs, {trial.whole['series'][0]:,} rows of series",
        detail=wrong,
    )


def _kills(trial: Trial, folder: Path, trials: int, *, worker: bool, whom: str) -> Verdict:
    chance = random.Random(1)
    wrong: list[str] = []
    hits = 0
    for n in range(trials):
        hit, instant = False, chance.uniform(0.2, 1.0) * trial.seconds / LATER
        for _ in range(ATTEMPTS):  # one that was through before its kill is killed earlier
            instant *= LATER
            hit, found = killed_at(trial, folder / "killed", instant, chance, worker=worker)
            if hit or found:
                break
        hits += hit
        if found:
            wrong.append(f"kill {n + 1} at {instant:.1f} s: {found}")
    return Verdict(
        question=f"SIGKILL of {whom} at random instants, then the same command again?",
        passed=not wrong and hits == trials,
        measured=f"{trials - len(wrong)} of {trials} right; {hits} struck before the end",
        allowed=ALLOWED,
        n=f"{trials} kills, {trial.n_runs} runs each",
        detail="; ".join(wrong),
    )


def _shards(trial: Trial, folder: Path) -> str:
    out = folder / "shards"
    for shard in ("2/2", "1/2"):
        subprocess.run(command(trial.file, out, "--shard", shard), check=True, capture_output=True)
    return differing(content(out / NAME), trial.whole)


def _two(trial: Trial, folder: Path) -> str:
    out = folder / "two"
    both = [
        subprocess.Popen(command(trial.file, out, "--workers", "1"), stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE)
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=PATIENCE)[1] for process in both]
    if any(process.returncode for process in both) or any(said):
        codes = [process.returncode for process in both]
        return f"exit codes {codes}: {b' '.join(said).decode()[-200:]}"
    return differing(content(out / NAME), trial.whole)


def _cluster(trial: Trial, folder: Path) -> str:
    try:
        import distributed
    except ImportError:
        return 'Dask is not installed (pip install "bordersim[dask]")'
    import bordersim as bs
    from bordersim.batch import Standing

    killed: list[int] = []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:

        def kill_one(standing: Standing) -> None:
            if standing.had and not killed:
                pid = next(iter(cluster.workers.values())).pid
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        bs.sweep(trial.file, out=folder / "dask", scheduler=cluster.scheduler_address,
                 progress=kill_one)  # fmt: skip
    if not killed:
        return "no worker was killed: the sweep had ended"
    return differing(content(folder / "dask"), trial.whole)


# Would a fault be noticed? Studies spoilt by hand.


def _lost(folder: Path) -> None:
    Store(folder).parts("runs")[0].unlink()


def _twice(folder: Path) -> None:
    for kind in ("runs", "series", "ledger"):
        first = Store(folder).parts(kind)[0]
        shutil.copy(first, first.with_name("part-0000000000000000.parquet"))


def _changed(folder: Path) -> None:
    path = next(path for path in Store(folder).parts("series") if pq.read_metadata(path).num_rows)
    table = pq.read_table(path)
    values = table.column("value").combine_chunks()
    more = pc.add(values, pa.array([1e-9] + [0.0] * (len(values) - 1)))
    at = table.schema.get_field_index("value")
    pq.write_table(table.set_column(at, "value", more), path)


def _spoilt(spoil: Callable[[Path], None]) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as name:
        trial = undisturbed(written(Path(name), 1, 0.002))
        folder = Path(name) / "whole" / NAME
        spoil(folder)
        return [verdict_of("spoilt", differing(content(folder), trial.whole), trial)]


SPOILT = (_lost, _twice, _changed)

PLANTED = {
    "a marker of finished runs is lost": partial(_spoilt, _lost),
    "runs are stored twice": partial(_spoilt, _twice),
    "one value differs by a billionth": partial(_spoilt, _changed),
}
