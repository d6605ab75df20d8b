"""Whether the engine's kernels are compiled already, and how long that took last time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

USUAL_SECONDS = 120.0
"""Compilation on two cores of the year 2024, where this machine has not done it yet."""

_LAST_KERNEL = "*/month.act-*.nbc"
_SECONDS = "compilation_seconds"


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


def _memory() -> Path:
    from bordersim._jit import cache_directory

    return cache_directory().parent / _SECONDS
