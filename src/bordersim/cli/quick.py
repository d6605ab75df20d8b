"""What makes a short command short."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def let_garbage_lie() -> None:
    """Look for garbage rarely: a starting command makes much that stays, and ends soon."""
    gc.set_threshold(200_000, 20, 20)


@contextmanager
def without_scipy() -> Iterator[None]:
    """Let Numba find no SciPy while it loads.

    Where SciPy is installed, Numba imports its linear algebra with the first kernel, a
    fifth of the time of a small run. No kernel of ours has a use for it. A process that
    has SciPy already keeps it, and what is imported after the command finds it again.
    """
    hidden = "scipy" not in sys.modules
    if hidden:
        sys.modules["scipy"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["scipy"]
