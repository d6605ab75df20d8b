"""`bordersim doctor`: what it finds amiss, what it advises, and what it never touches."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bordersim import data_files, doctor, kernel_cache, machine
from bordersim._jit import engine_hash
from bordersim.cli.app import app

Examine = Callable[..., Any]


@pytest.fixture
def examine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """The command in an empty folder with a cache of its own; its JSON document."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BORDERSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)

    def call(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, ["doctor", "--json", *arguments], catch_exceptions=False)
        document = json.loads(result.stdout)
        assert result.exit_code == code, document["findings"]
        assert document["status"] == ("ok" if code == 0 else "failed")
        return document

    return call


def advice(document: Any, words: str, *, blocks: bool = False) -> str:
    """Advice of the one finding that says these words."""
    (finding,) = (found for found in document["findings"] if words in found["what"])
    assert finding["blocks"] is blocks
    return str(finding["advice"])


def test_a_machine_that_works_has_nothing_in_the_way(examine: Examine) -> None:
    document = examine()
    assert document["findings"] == []
    facts = document["sections"]
    assert facts["Libraries"]["numba"]["installed"] == metadata.version("numba")
    assert facts["Libraries"]["mesa"]["needs"] == "<3.4,>=3.3"
    assert facts["Compiler"]["features"]
    assert facts["Compiler"]["jit"] is True
    assert facts["Scenarios"]["scenarios"] == [path.stem for path in data_files.shipped_scenarios()]
    assert 1e8 < facts["Machine"]["memory_needed"] < 4e9
    assert facts["Results"]["free"] > 0


def test_it_is_told_in_words(examine: Examine, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["doctor"], catch_exceptions=False)
    for words in ("numba", "the first run compiles", "1:1", "historical", "A run would work here."):
        assert words in result.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "cache"]
    assert list((tmp_path / "cache" / "bordersim").iterdir()) == []


@pytest.mark.parametrize("version", [None, "0.1"])
def test_a_library_that_does_not_fit_blocks(
    version: str | None, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = metadata.version

    def installed(name: str) -> str:
        if name == "pyarrow" and version is None:
            raise metadata.PackageNotFoundError(name)
        return "0.1" if name == "pyarrow" else real(name)

    monkeypatch.setattr(doctor.metadata, "version", installed)
    said = advice(examine(code=1), f"pyarrow is {version or 'missing'}", blocks=True)
    assert said == 'python -m pip install "pyarrow>=18"'


def test_what_only_an_extra_lacks_blocks_nothing(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = metadata.version

    def installed(name: str) -> str:
        if name == "duckdb":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(doctor.metadata, "version", installed)
    extras = examine()["sections"]["Extras"]
    assert extras["test"] == {"missing": ["duckdb"]}


def test_without_the_compiler_nothing_runs(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numba

    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert advice(examine(code=1), "NUMBA_DISABLE_JIT", blocks=True) == "unset NUMBA_DISABLE_JIT"


def test_a_cache_that_would_be_stale_is_told(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    assert "BORDERSIM_CACHE" in advice(examine(), "/somewhere")


def test_a_cache_that_cannot_be_written_is_told(
    examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "brief").mkdir()
    monkeypatch.setenv("BORDERSIM_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(machine.tempfile, "tempdir", str(tmp_path / "brief"))
    document = examine()
    assert "BORDERSIM_CACHE" in advice(document, f"{tmp_path / 'file'} cannot be written")
    assert str(tmp_path / "brief") in document["sections"]["Compiled kernels"]["folder"]


@pytest.mark.parametrize("where", ["results", "results/deep"])
def test_results_where_a_file_is_block(where: str, examine: Examine, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    assert "--out" in advice(examine("-o", where, code=1), "cannot be written", blocks=True)


def test_a_folder_that_takes_no_file_blocks(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: Any) -> Any:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refused)
    advice(examine(code=1), "Read-only file system", blocks=True)


def test_little_room_is_told(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    small = machine.Memory(total=8 * 10**9, available=10**8, limit=None, used=None)
    monkeypatch.setattr(doctor, "memory", lambda: small)
    monkeypatch.setattr(doctor, "disk", lambda folder: machine.Disk(folder, 5 * 10**6, None))
    document = examine()
    assert "--scale" in advice(document, "100 MB are free")
    assert "--out" in advice(document, "only 5 MB are left")


def test_data_that_cannot_be_read_block(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise doctor.BordersimError('the folder "scenarios" is missing')

    monkeypatch.setattr(doctor, "shipped_scenarios", missing)
    advice(examine(code=1), '"scenarios" is missing', blocks=True)


def kernels_of(folder: Path, *, hours_ago: float = 2.0, name: str = "month.act-1.py311.1") -> Path:
    """A cache folder as Numba leaves one, last written some time ago."""
    inside = folder / "bordersim_0123"
    inside.mkdir(parents=True)
    for ending in ("nbi", "nbc"):
        (inside / f"{name}.{ending}").write_bytes(bytes(1000))
    for path in (folder, inside, *inside.iterdir()):
        then = time.time() - 3600 * hours_ago
        os.utime(path, (then, then))
    return folder


def test_caches_of_other_engines_are_removed_only_when_asked(
    examine: Examine, tmp_path: Path
) -> None:
    caches = tmp_path / "cache" / "bordersim"
    old = kernels_of(caches / ("0" * 16))
    mine = kernels_of(caches / engine_hash())
    busy = kernels_of(caches / ("1" * 16), hours_ago=0.5)
    foreign = kernels_of(caches / ("2" * 16), name="notes.txt")
    other = kernels_of(caches / "somebody")
    (foreign / "thesis.docx").write_text("")
    document = examine()
    stale = document["sections"]["Compiled kernels"]["stale"]
    assert stale == [{"folder": str(path), "size": 2000} for path in (old, busy)]
    assert "--clean-cache" in advice(document, "2 other engines")
    assert old.exists()

    cleaned = examine("--clean-cache")["cleaned"]
    assert cleaned == {"removed": [str(old)], "kept": [str(busy)]}
    assert not old.exists()
    assert all(path.exists() for path in (mine, busy, foreign, other))


def test_a_link_in_the_cache_is_not_followed(examine: Examine, tmp_path: Path) -> None:
    outside = kernels_of(tmp_path / "outside")
    (tmp_path / "cache" / "bordersim").mkdir(parents=True)
    (tmp_path / "cache" / "bordersim" / ("3" * 16)).symlink_to(outside)
    assert examine("--clean-cache")["cleaned"] == {"removed": [], "kept": []}
    assert len(list(outside.rglob("*.nbc"))) == 1


def test_the_cache_is_warm_once_every_entry_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERSIM_CACHE", str(tmp_path))
    *entries, last = kernel_cache.entry_kernels()
    folder = tmp_path / "bordersim" / engine_hash()
    assert kernel_cache.kernel_cache().compiled == 0
    for source, name in entries:
        _compile(folder, source, name)
    assert kernel_cache.kernel_cache().compiled == len(entries)
    assert not kernel_cache.kernel_cache().warm
    _compile(tmp_path / "elsewhere", *last)
    assert not kernel_cache.kernel_cache().warm
    _compile(folder, *last)
    assert kernel_cache.kernel_cache().warm


def _compile(folder: Path, source: Path, name: str) -> None:
    inside = _place_of(folder, source)
    inside.mkdir(parents=True, exist_ok=True)
    (inside / f"{source.stem}.{name}-1.py311.1.nbc").write_text("x")


def _place_of(folder: Path, source: Path) -> Path:
    """Where Numba itself would put the kernels of a source file."""
    from numba.core.caching import UserProvidedCacheLocator

    return folder / UserProvidedCacheLocator.get_suitable_cache_subpath(str(source))


def test_after_a_run_the_cache_is_warm(tmp_path: Path) -> None:
    scenario = str(data_files.shipped_scenarios()[0])
    tiny = ["--scale", "0.001", "--until", "1995-12", "-q", "-o", str(tmp_path)]
    result = CliRunner().invoke(app, ["run", scenario, *tiny], catch_exceptions=False)
    assert result.exit_code == 0
    cache = kernel_cache.kernel_cache()
    assert cache.needed > 5
    # A kernel that only long or large runs call may still be missing.
    assert cache.compiled >= cache.needed - 1


def test_entry_kernels_are_those_that_python_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "one.py").write_text(
        "from bordersim._jit import kernel\n"
        "@kernel\ndef inner(x):\n    return x\n"
        "@kernel\ndef merged(x):\n    return x\n"
        "@kernel(allocates=True)\ndef outer(x):\n    return inner(x) + merged(x)\n"
    )
    (tmp_path / "loop.py").write_text(
        "from bordersim._jit import plain\n"
        "from bordersim.agents.one import inner, outer\n"
        "def loop():\n    return outer(1) + plain(inner)(2)\n"
    )
    monkeypatch.setattr(kernel_cache, "_PACKAGE", tmp_path)
    assert kernel_cache.entry_kernels() == [(tmp_path / "agents" / "one.py", "outer")]
