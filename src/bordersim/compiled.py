"""The compiled kernels on disk: whether they are there, how long they take, what ails them."""

from __future__ import annotations

import traceback
from contextlib import suppress
from pathlib import Path

from bordersim.errors import BordersimError

USUAL_SECONDS = 120.0
"""Compilation on two cores of the year 2024, where this machine has not done it yet."""

_LAST_KERNEL = "*/month.act-*.nbc"
_SECONDS = "compilation_seconds"
_NUMBA_CACHE = "numba.core.caching"


def kernels_are_compiled() -> bool:
    """Whether the disk cache holds the kernel that is compiled last in a first month."""
    from bordersim._jit import cache_directory

    return any(cache_directory().glob(_LAST_KERNEL))


def compilation_seconds() -> float:
    """Seconds that compilation will take, judging by the last one on this machine."""
    with suppress(OSError, ValueError):
        seconds = float(_memory().read_text())
        if 1.0 <= seconds <= 86_400.0:
            return seconds
    return USUAL_SECONDS


def remember_compilation(seconds: float) -> None:
    """Keep how long compilation took, for versions to come."""
    with suppress(OSError):
        _memory().write_text(f"{seconds:.0f}\n")


class KernelCacheError(BordersimError):
    """Compiled kernels cannot be read from the disk or kept there."""


def cache_fault(error: BaseException) -> KernelCacheError | None:
    """What is wrong with the disk cache when that is where an error comes from.

    Parameters
    ----------
    error
        As raised by a run.

    Returns
    -------
    KernelCacheError or None
        What happened and what to do; None for any other error.
    """
    frames = traceback.walk_tb(error.__traceback__)
    if not any(frame.f_globals.get("__name__") == _NUMBA_CACHE for frame, _ in frames):
        return None
    from bordersim._jit import cache_directory

    folder = cache_directory()
    if isinstance(error, OSError):
        return KernelCacheError(
            f"cannot keep the compiled kernels in {folder} ({error.strerror or error}). Free "
            "some space there or set BORDERSIM_CACHE to another folder, then run again"
        )
    return KernelCacheError(
        f"the compiled kernels in {folder} are damaged ({type(error).__name__}: {error}). "
        "Remove that folder and run again: they are compiled anew"
    )


def _memory() -> Path:
    from bordersim._jit import cache_directory

    return cache_directory().parent / _SECONDS
