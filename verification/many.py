"""Many runs in two processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")

PROCESSES = 2
FEW = 8
"""Fewer jobs than this are done here: starting processes would take longer."""


def in_processes(function: Callable[[Given], Found], jobs: Sequence[Given]) -> list[Found]:
    """Results of ``function``, which must be importable, in the order of ``jobs``."""
    if len(jobs) < FEW:
        return [function(job) for job in jobs]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        return list(pool.map(function, jobs, chunksize=2))
