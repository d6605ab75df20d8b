"""Files that a kill cannot spoil: one writer at a time, renamed into place when whole.

A writer holds a lock on the folder for as long as it writes. The lock is the kernel's
(``flock``): it ends with its process however that ends, whoever has the same process id
later, and it is seen across containers that share the folder. What a writer has not
finished lies in a folder ``.unfinished-*``; whoever holds the lock knows that every such
folder is dead. No clock is read anywhere.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bordersim.errors import StoreError

LOCK = ".lock"
UNFINISHED = ".unfinished-"

PATIENCE = 60.0
"""Seconds a writer waits for another; writing takes a tenth of a second."""

_POLL = 0.05
_UNITS = ((1e3, "kB"), (1e6, "MB"), (1e9, "GB"))
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})

KEPT = "Nothing of this run is kept; what was stored before is untouched."


@contextmanager
def only_writer(folder: Path) -> Iterator[bool]:
    """Be the only writer of a folder; it is made where it is missing.

    What killed writers left there is removed. On a file system without locks (False is
    yielded) nobody is kept out and nothing removed: every writer still has names of its
    own until it renames, but none can tell who else is alive.

    Raises
    ------
    StoreError
        When another process keeps the lock for a minute.
    OSError
        When the folder cannot be made or written.
    """
    make_folder(folder)
    descriptor, locked = _lock(folder / LOCK)
    try:
        if locked:
            for leftover in folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(leftover, ignore_errors=True)
        yield locked
    finally:
        os.close(descriptor)


def has_leftovers(folder: Path) -> bool:
    """Whether a writer, dead or alive, has something unfinished in a folder."""
    return any(folder.glob(f"{UNFINISHED}*"))


@contextmanager
def unfinished_folder(parent: Path) -> Iterator[Path]:
    """Folder for files that are not whole yet, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, so that a power cut does not lose them."""
    if folder.is_dir():
        return
    try:
        os.mkdir(folder)
    except FileExistsError:
        if not folder.is_dir():
            raise
    except FileNotFoundError:
        if folder.parent.is_dir():  # it was a folder that is itself removed
            raise
        make_folder(folder.parent)
        os.mkdir(folder)
    sync_folder(folder.parent)


def write_file(path: Path, data: bytes | memoryview, *, sync: bool = True) -> None:
    """Write a whole new file and, unless it can be made again any time, have it on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def explained(error: OSError, folder: Path, needed: int = 0, kept: str = KEPT) -> StoreError:
    """Say what the system refused, what is kept and what to do.

    Parameters
    ----------
    error
        As the system reported it.
    folder
        The results folder.
    needed
        Bytes that were to be written; 0 when not known.
    kept
        What became of the data.
    """
    again = "then run the same command again"
    elsewhere = "name another folder (-o FOLDER, or out= in Python)"
    path = error.filename or folder
    size = _size(needed)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            what = f"no space left; {_space(folder, needed)}"
            do = f"Free some space or {elsewhere}, {again}."
        case errno.EFBIG:
            what = f"a file may not grow as large as this run needs ({size} in all)"
            do = f"Raise the limit (ulimit -f) or {elsewhere}, {again}."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            what = f"may not write {path} ({error.strerror})"
            do = f"Get the right to write there or {elsewhere}, {again}."
        case errno.ENOTDIR | errno.EEXIST:
            what = f"{path} cannot be a folder: a file has that name, or a part of it"
            do = f"Move the file away or {elsewhere}, {again}."
        case errno.ENOENT:
            what = f"{path} cannot be made, or has vanished while it was in use"
            do = f"Keep the folder in place or {elsewhere}, {again}."
        case _:
            what = f"cannot write {path} ({error.strerror or error})"
            do = f"Mend that or {elsewhere}, {again}."
    return StoreError(f"{folder}: {what}. {kept} {do}")


def _lock(path: Path) -> tuple[int, bool]:
    """Open and lock a file; whether the file system knows locks comes with it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        descriptor = _opened(path)
        try:
            locked = _locked(descriptor, path)
        except BaseException:
            os.close(descriptor)
            raise
        if locked is not None:
            return descriptor, locked
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise StoreError(
                f"{path.parent}: another process has been writing there for {PATIENCE:.0f} s. "
                f"{KEPT} Wait for it or end it (the lock, {path}, ends with its process), "
                "then run the same command again."
            )
        time.sleep(_POLL)


def _locked(descriptor: int, path: Path) -> bool | None:
    """Try to lock: True when locked, False where there are no locks, None to try again."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The folder may have been removed and made again since the file was opened.
        same = os.path.samestat(os.fstat(descriptor), os.stat(path))
    except (BlockingIOError, FileNotFoundError):
        return None
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True if same else None


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        # Somebody else's lock file in a folder that a group shares; reading is enough.
        return os.open(path, os.O_RDONLY)


def _space(folder: Path, needed: int) -> str:
    while not folder.exists() and folder.parent != folder:
        folder = folder.parent
    try:
        free = _size(shutil.disk_usage(folder).free)
    except OSError:
        free = "an unknown number of bytes"
    return (
        f"storing this run takes {_size(needed)}, free are {free}" if needed else f"free are {free}"
    )


def _size(count: int) -> str:
    unit, name = max((u for u in _UNITS if u[0] <= max(count, 1000)), key=lambda u: u[0])
    return f"{count / unit:,.1f} {name}"
