"""The one kernel decorator, with a disk cache that knows when a source has changed.

Numba's cache looks at the file of the compiled function alone: edit an imported
equation and it returns the old machine code. Keying the cache directory by the
bytes of every engine module makes a stale answer impossible.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar, overload

import numba
import numba.core.config

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
_ENGINE = (
    "_jit.py",
    "rng.py",
    "codes.py",
    "state.py",
    "scratch.py",
    "bookkeeping.py",
    "laws.py",
    "population.py",
    "engine.py",
    "simulation.py",
    "month.py",
    "agents/*.py",
)


@lru_cache(maxsize=1)
def engine_hash() -> str:
    """Hash of the bytes of every module that decides a result, 16 hex digits.

    Parameters, places and levers are not in it: they enter a run's id by their
    resolved values, so that editing a data file costs no compilation.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for pattern in _ENGINE:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_directory() -> Path:
    """Directory of the compiled kernels; the temporary directory where home is read-only."""
    base = os.environ.get("BORDERSIM_CACHE") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    for candidate in (root, Path(tempfile.gettempdir())):
        directory = candidate / "bordersim" / engine_hash()
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(directory, os.W_OK):
            return directory
    return Path(tempfile.mkdtemp(prefix="bordersim-"))


@overload
def kernel(function: F) -> F: ...
@overload
def kernel(*, allocates: bool = ...) -> Callable[[F], F]: ...
def kernel(function: F | None = None, *, allocates: bool = False) -> F | Callable[[F], F]:
    """Compile a function with Numba: no Python objects, no interpreter lock, cached on disk.

    With ``NUMBA_DISABLE_JIT=1`` the function stays plain Python and gives the same bits.

    Parameters
    ----------
    allocates
        The function makes arrays. The others own nothing, so counting references to
        what they are handed would only lengthen their compilation.
    """
    if function is None:
        return partial(kernel, allocates=allocates)
    settings: Any = numba.core.config
    if not settings.DISABLE_JIT and not settings.CACHE_DIR:
        settings.CACHE_DIR = str(cache_directory())
    njit: Any = numba.njit
    compiled: F = njit(nogil=True, cache=True, error_model="numpy", _nrt=allocates)(function)
    return compiled


def plain(function: F) -> F:
    """The Python function of a kernel, for the few calls made before the first month.

    Its bits are the kernel's; loading the kernel's machine code would cost 10 ms.
    """
    return getattr(function, "py_func", function)
