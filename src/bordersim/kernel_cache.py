"""What is in the cache of compiled kernels, and what of it nobody uses any more."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bordersim.compiled import compilation_seconds

_PACKAGE = Path(__file__).parent
_ENGINE_NAME = re.compile(r"[0-9a-f]{16}\Z")
_CACHE_FILE = re.compile(r".*\.nb[ci](\.tmp\..*)?\Z|compiling\.lock\Z")

REST_SECONDS = 3600.0
"""A cache that was written to within this time may belong to a process at work."""


@dataclass(frozen=True)
class StaleCache:
    """Kernels of an engine that is not this one: an earlier version, or another checkout.

    Attributes
    ----------
    folder, size
        Where they are, and their bytes.
    at_rest
        Nothing was written there for ``REST_SECONDS``.
    """

    folder: Path
    size: int
    at_rest: bool


@dataclass(frozen=True)
class KernelCache:
    """The cache as this installation finds it.

    Attributes
    ----------
    engine
        Hash of the engine's sources; name of the folder.
    folder, size
        Where this engine's kernels are, and their bytes.
    compiled, needed
        Kernels that a run starts from and that are compiled, and all of these.
    seconds
        How long compiling takes, judging by the last time.
    stale
        What other engines left beside it.
    """

    engine: str
    folder: Path
    size: int
    compiled: int
    needed: int
    seconds: float
    stale: tuple[StaleCache, ...]

    @property
    def warm(self) -> bool:
        """Whether a run can start without compiling."""
        return self.compiled == self.needed


def kernel_cache() -> KernelCache:
    """Look at the cache; nothing is compiled or loaded.

    Returns
    -------
    KernelCache
        Its folder is where a run would write, made and removed again if it was not there.
    """
    from bordersim._jit import cache_directory, engine_hash

    engine, folder = engine_hash(), cache_directory()
    files = list(_files(folder))
    entries = entry_kernels()
    compiled = sum(_is_compiled(folder, path, name) for path, name in entries)
    seconds = compilation_seconds()
    if not files:
        _remove_empty(folder)
    others = [path for path in _engine_folders(folder.parent) if path.name != engine]
    return KernelCache(
        engine=engine,
        folder=folder,
        size=_size(files),
        compiled=compiled,
        needed=len(entries),
        seconds=seconds,
        stale=tuple(found for path in others if (found := _stale(path)) is not None),
    )


def remove(caches: Iterable[StaleCache]) -> tuple[list[StaleCache], list[StaleCache]]:
    """Remove caches of other engines, except those that may be in use.

    Returns
    -------
    removed, kept
        What became of each.
    """
    removed: list[StaleCache] = []
    kept: list[StaleCache] = []
    for cache in caches:
        if cache.at_rest:
            shutil.rmtree(cache.folder, ignore_errors=True)
        (kept if cache.folder.exists() else removed).append(cache)
    return removed, kept


def entry_kernels() -> list[tuple[Path, str]]:
    """Kernels that plain Python calls: once these are compiled, so are all that they call.

    Returns
    -------
    list of file and name
        Found in the sources, since importing the engine costs a second.
    """
    kernels: list[tuple[Path, str]] = []
    called: set[str] = set()
    for path in (*_PACKAGE.glob("*.py"), *_PACKAGE.glob("agents/*.py")):
        text = path.read_text("utf-8")
        if "bordersim._jit import" not in text and "bordersim.agents" not in text:
            continue
        for part in ast.parse(text).body:
            if _is_kernel(part):
                kernels.append((path, getattr(part, "name", "")))
            else:
                called.update(_called(part))
    return [(path, name) for path, name in kernels if name in called]


def _is_kernel(part: ast.stmt) -> bool:
    """Whether a statement defines a kernel."""
    decorators = getattr(part, "decorator_list", [])
    names = (d.func if isinstance(d, ast.Call) else d for d in decorators)
    return any(isinstance(name, ast.Name) and name.id == "kernel" for name in names)


def _called(part: ast.stmt) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def _is_compiled(folder: Path, source: Path, name: str) -> bool:
    """Whether a kernel of this very installation has machine code in the cache.

    Numba keeps the files of a source folder in a folder named by its path.
    """
    place = hashlib.sha1(os.fsencode(source.parent), usedforsecurity=False).hexdigest()
    inside = folder / f"{source.parent.name}_{place}"
    return any(inside.glob(f"{source.stem}.{name}-*.nbc"))


def _engine_folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    named = (path for path in sorted(parent.iterdir()) if _ENGINE_NAME.match(path.name))
    return [path for path in named if path.is_dir() and not path.is_symlink()]


def _stale(folder: Path) -> StaleCache | None:
    """A folder of kernels; None if it holds anything else, and so is none of ours."""
    files = list(_files(folder))
    if not all(_CACHE_FILE.match(path.name) for path in files):
        return None
    newest = max((_modified(path) for path in (folder, *files)), default=0.0)
    return StaleCache(folder, _size(files), time.time() - newest > REST_SECONDS)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir())


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # removed by somebody else meanwhile
        return 0.0


def _size(files: Iterable[Path]) -> int:
    total = 0
    for path in files:
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
