"""Places that are URLs: buckets of an object store, reached through fsspec.

An object store knows neither folders nor locks nor renaming. What is relied on is that an
object is there whole or not at all, that a listing tells what is there, and that an object
can be created only if there is none of its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from bordersim.errors import StoreError, shortened

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

_URL_AS_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # a drive has one letter

_PACKAGES = {
    "s3": 's3fs (pip install "bordersim[remote]")',
    "gs": "gcsfs (pip install gcsfs)",
    "gcs": "gcsfs (pip install gcsfs)",
    "abfs": "adlfs (pip install adlfs)",
    "az": "adlfs (pip install adlfs)",
}
"""What reaches a kind of store; "remote" is the extra that is tested."""

STAYS = "What was stored before is untouched, and the same command goes on from there."


def looks_like_url(path: Path) -> bool:
    """Whether a path was a URL before it was made a path."""
    return _URL_AS_PATH.match(str(path)) is not None


@dataclass(frozen=True)
class RemotePlace:
    """A folder of an object store.

    Attributes
    ----------
    url
        Such as ``s3://bucket/prefix``.
    """

    url: str

    def __truediv__(self, name: str) -> RemotePlace:
        return RemotePlace(f"{self.url.rstrip('/')}/{name}")

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """Last part of the URL."""
        return self.url.rstrip("/").rpartition("/")[2]

    @property
    def scheme(self) -> str:
        """What comes before the colon."""
        return self.url.partition(":")[0].lower()


Place = Path | RemotePlace
"""Where a study is kept."""


def place_of(said: str | Path | RemotePlace) -> Place:
    """Tell a URL from a path; a URL of this machine's files is a path."""
    if isinstance(said, RemotePlace | Path) or not _URL.match(said):
        return said if isinstance(said, RemotePlace) else Path(said)
    scheme, _, rest = said.partition("://")
    return Path(rest) if scheme.lower() in ("file", "local") else RemotePlace(said)


class Objects:
    """The objects of a place, by name; every refusal is a StoreError that says what to do.

    Parameters
    ----------
    place
        Where.

    Raises
    ------
    StoreError
        When what reaches such places is not installed, or nothing does.
    """

    def __init__(self, place: RemotePlace) -> None:
        self.place = place
        self._files, self._root = _connected(place)

    def parts(self, kind: str) -> dict[str, str]:
        """Names of the parts of a kind, each with what changes when it is replaced."""
        with self._explaining("list"):
            try:
                found = self._files.ls(self._path(kind), detail=True)
            except FileNotFoundError:
                return {}
        named = ((entry["name"].rpartition("/")[2], entry) for entry in found)
        return {
            name: _version(entry)
            for name, entry in named
            if name.startswith("part-") and name.endswith(".parquet")
        }

    def read(self, names: Collection[str]) -> dict[str, bytes]:
        """Give the content of those objects that are there, fetched at once."""
        if not names:
            return {}
        paths = [self._path(name) for name in names]
        with self._explaining("read"):
            # Not `cat`, which first asks of each whether it is there.
            content = self._files.cat_ranges(paths, None, None, on_error="return")
            found: dict[str, bytes] = {}
            for name, data in zip(names, content, strict=True):
                if isinstance(data, FileNotFoundError):
                    continue
                if isinstance(data, Exception):
                    raise data
                found[name] = data
        return found

    def put(self, name: str, data: bytes | memoryview) -> None:
        """Write or replace an object."""
        with self._explaining("write"):
            self._files.pipe_file(self._path(name), bytes(data))

    def create(self, name: str, data: bytes | memoryview) -> bool:
        """Write an object unless there is one of its name; whether it was written."""
        with self._explaining("write"):
            try:
                self._files.pipe_file(self._path(name), bytes(data), mode="create")
            except FileExistsError:
                return False
            except OSError as error:
                # Two at once: S3 may refuse either (409), and whoever is refused looks again.
                if "Conflict" not in str(error):
                    raise
                return False
        return True

    def remove(self, names: Collection[str]) -> None:
        """Remove objects; one that is not there is no error."""
        for name in names:
            with self._explaining("remove from"), suppress(FileNotFoundError):
                self._files.rm_file(self._path(name))

    def check(self) -> None:
        """Make sure that objects can be written, and created only once.

        Raises
        ------
        StoreError
            When they cannot.
        """
        probe = f".probe-{uuid4().hex}"
        try:
            exclusive = self.create(probe, b"1") and not self.create(probe, b"2")
        finally:
            self.remove([probe])
        if not exclusive:
            raise StoreError(
                f"{self.place}: the store does not know conditional writing (If-None-Match), "
                "by which two who write at once are kept apart. Nothing was simulated. Sweep "
                "into a folder and copy it, or name another store."
            )

    def bucket_is_there(self) -> bool:
        """Whether what holds the place exists; a prefix of it need not."""
        with self._explaining("list"):
            return bool(self._files.exists(self._root.partition("/")[0] or "/"))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _explaining(self, doing: str) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # each store has errors of its own beside the system's
            raise StoreError(_explained(self.place, doing, error)) from error


def _connected(place: RemotePlace) -> tuple[Any, str]:
    needs = _PACKAGES.get(place.scheme, "a package that fsspec names for it")
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise StoreError(f"{place}: URLs need fsspec and {needs}") from None
    try:
        # Others write there, too: a listing that is remembered would be wrong.
        files, root = url_to_fs(place.url, use_listings_cache=False)
    except ImportError:
        raise StoreError(f"{place}: needs {needs}; install it here and on every worker") from None
    except ValueError as error:
        known = ", ".join(f"{scheme}://" for scheme in _PACKAGES)
        raise StoreError(
            f"{shortened(str(place))}: cannot be used as a URL ({error}); such are {known}"
        ) from error
    return files, str(root).rstrip("/")


def _version(entry: Mapping[str, Any]) -> str:
    tag = entry.get("ETag") or entry.get("etag")
    return str(tag or [entry.get(key) for key in ("size", "created", "mtime", "last_modified")])


def _explained(place: RemotePlace, doing: str, error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, FileNotFoundError):
        what, do = "there is no such bucket", "Make it first, or name another."
    elif isinstance(error, PermissionError) or "credential" in said.lower():
        what = f"no right to {doing} it ({said})"
        do = "Give keys that may, as for S3 in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    else:
        what = f"cannot {doing} it ({type(error).__name__}: {said})"
        do = "See that it can be reached; AWS_ENDPOINT_URL names a server other than Amazon's."
    return f"{place}: {what}. {do} {STAYS}"
