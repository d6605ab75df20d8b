"""The same sweep on a Dask cluster; skipped where Dask is not installed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sweeps import carry_out_here, content, write_sweep

import bordersim as bs
from bordersim.batch import Standing
from bordersim.errors import BordersimError

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as found:
        yield found


def threads_of_a_task() -> int:
    from bordersim.sweeping.cluster import _one_thread

    _one_thread()  # as the first thing of every task
    import numba

    return int(numba.get_num_threads())


def test_a_cluster_that_loses_a_worker_gives_the_same_study(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_sweep(tmp_path)
    killed: list[int] = []

    def kill_one(standing: Standing) -> None:
        if standing.had and not killed:
            pid = next(iter(cluster.workers.values())).pid
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    study = bs.sweep(
        file, out=tmp_path / "dask", scheduler=cluster.scheduler_address, progress=kill_one
    )
    assert killed
    assert (study.cells["status"] == "ok").all()
    carry_out_here(file, tmp_path / "here", monkeypatch)
    assert content(tmp_path / "dask") == content(tmp_path / "here")
    with distributed.Client(cluster) as client:
        for worker in client.nthreads():
            task = client.submit(threads_of_a_task, workers=[worker], pure=False)
            assert task.result() == 1


def test_no_scheduler_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bordersim.sweeping.cluster.CONNECTING", 0.5)
    with pytest.raises(BordersimError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        bs.sweep(write_sweep(tmp_path), out=tmp_path / "x", scheduler="tcp://127.0.0.1:9")
