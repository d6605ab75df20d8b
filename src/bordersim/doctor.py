"""Whether a run would work here, and what to do where it would not.

Nothing is simulated, compiled or loaded that is not needed to answer.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from bordersim._version import __version__
from bordersim.data_files import evidence_folder, scenarios_folder, shipped_scenarios
from bordersim.errors import BordersimError, ScenarioError
from bordersim.machine import disk, memory, processors

if TYPE_CHECKING:
    from bordersim.kernel_cache import KernelCache

PACKAGE = "bordersim"

VECTOR_FEATURES = ("sse4.2", "avx", "avx2", "fma", "avx512f", "neon", "sve")
"""What of a processor's features decides how fast a scan over residents is."""

ROOM_WANTED = 100_000_000
"""Bytes on disk below which a study soon ends; a run of history takes about 3 million."""


@dataclass(frozen=True)
class Finding:
    """Something amiss.

    Attributes
    ----------
    what, advice
        What it is, and what to do.
    blocks
        A run would not work.
    """

    what: str
    advice: str
    blocks: bool = False


@dataclass(frozen=True)
class Section:
    """One part of the examination.

    Attributes
    ----------
    title
        What was looked at.
    facts
        Name to plain value, for programs.
    lines
        Name and value in words, for people.
    findings
        What is amiss with it.
    """

    title: str
    facts: dict[str, Any] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Diagnosis:
    """Everything that was looked at."""

    sections: tuple[Section, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is amiss, what blocks a run first."""
        found = [finding for section in self.sections for finding in section.findings]
        return tuple(sorted(found, key=lambda finding: not finding.blocks))

    @property
    def works(self) -> bool:
        """Whether a run would work."""
        return not any(finding.blocks for finding in self.findings)


def diagnose(results: Path) -> Diagnosis:
    """Examine the installation, the machine and a folder of results.

    Parameters
    ----------
    results
        Where runs would be stored.

    Returns
    -------
    Diagnosis
        Sections in the order in which they are to be shown.
    """
    return Diagnosis(
        (
            _python(),
            *_libraries(),
            _compiler(),
            _cache(),
            _machine(),
            _folder(results),
            _data(),
        )
    )


def _python() -> Section:
    section = Section("Installation")
    needed = _requires_python()
    version = platform.python_version()
    section.facts.update(bordersim=__version__, python=version, system=platform.platform())
    section.lines.append(("bordersim", f"{__version__} in {Path(__file__).parent}"))
    section.lines.append(("Python", f"{version} (needs {needed or 'any'}) at {sys.executable}"))
    section.lines.append(("system", platform.platform()))
    if version not in SpecifierSet(needed, prereleases=True):
        section.findings.append(
            Finding(f"Python {version} is not {needed}", "install bordersim with another", True)
        )
    return section


def _requires_python() -> str:
    try:
        return str(metadata.metadata(PACKAGE)["Requires-Python"] or "")
    except metadata.PackageNotFoundError:
        return ""


def _requirements() -> list[Requirement]:
    try:
        return [Requirement(line) for line in metadata.requires(PACKAGE) or ()]
    except metadata.PackageNotFoundError:
        return []


def _libraries() -> Iterator[Section]:
    """What a run needs, then what each extra adds to it."""
    requirements = _requirements()
    extras = sorted({_extra(needed) for needed in requirements} - {""})
    yield _needed("Libraries", [need for need in requirements if not _extra(need)], blocks=True)
    optional = Section("Extras")
    for extra in extras:
        part = _needed(extra, [need for need in requirements if _extra(need) == extra])
        missing = [name for name, fact in part.facts.items() if not fact["ok"]]
        optional.facts[extra] = {"missing": missing}
        text = f"missing: {', '.join(missing)}" if missing else "complete"
        optional.lines.append((extra, text))
    yield optional


def _extra(needed: Requirement) -> str:
    """Extra that a requirement belongs to, empty for what every run needs."""
    _, _, name = str(needed.marker or "").partition("extra == ")
    return name.split(" ")[0].strip("\"'")


def _needed(title: str, requirements: list[Requirement], *, blocks: bool = False) -> Section:
    section = Section(title)
    for needed in requirements:
        installed = _installed(needed.name)
        good = installed is not None and needed.specifier.contains(installed, prereleases=True)
        wanted = str(needed.specifier) or "any"
        section.facts[needed.name] = {"installed": installed, "needs": wanted, "ok": good}
        verdict = "" if good else "  <- missing" if installed is None else "  <- does not fit"
        section.lines.append((needed.name, f"{installed or '-'} (needs {wanted}){verdict}"))
        if not good and blocks:
            what = f"{needed.name} is {installed or 'missing'}, but {wanted} is needed"
            advice = f'python -m pip install "{needed.name}{needed.specifier}"'
            section.findings.append(Finding(what, advice, True))
    if not requirements:
        advice = "install bordersim with pip, so that it is known what it needs"
        section.findings.append(Finding("bordersim is not installed as a package", advice))
    return section


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _compiler() -> Section:
    """Numba and the processor it compiles for."""
    section = Section("Compiler")
    try:
        import llvmlite.binding
        import numba
    except ImportError as error:
        what = f"numba cannot be imported: {error}"
        section.findings.append(
            Finding(what, "python -m pip install --force-reinstall numba", True)
        )
        return section
    features = sorted(name for name, has in llvmlite.binding.get_host_cpu_features().items() if has)
    vector = [name for name in VECTOR_FEATURES if name in features]
    config: Any = numba.config
    section.facts.update(
        numba=numba.__version__,
        llvmlite=llvmlite.__version__,
        llvm=".".join(map(str, llvmlite.binding.llvm_version_info)),
        jit=not config.DISABLE_JIT,
        threading_layer=str(config.THREADING_LAYER),
        processor=llvmlite.binding.get_host_cpu_name(),
        features=features,
    )
    section.lines.extend(
        [
            ("numba", f"{numba.__version__}, llvmlite {llvmlite.__version__}"),
            ("just-in-time", "off" if config.DISABLE_JIT else "on"),
            ("threading layer", f"{config.THREADING_LAYER}; not used: a run has one thread"),
            ("processor", f"{section.facts['processor']} ({' '.join(vector) or 'no vectors'})"),
        ]
    )
    if config.DISABLE_JIT:
        what = "NUMBA_DISABLE_JIT is set: a run takes a thousand times as long"
        section.findings.append(Finding(what, "unset NUMBA_DISABLE_JIT", True))
    return section


def _cache() -> Section:
    from bordersim.kernel_cache import kernel_cache

    section = Section("Compiled kernels")
    try:
        cache = kernel_cache()
    except ImportError:  # told by the compiler's section
        return section
    stale = sum(entry.size for entry in cache.stale)
    section.facts.update(
        folder=str(cache.folder),
        engine=cache.engine,
        size=cache.size,
        compiled=cache.compiled,
        needed=cache.needed,
        warm=cache.warm,
        compile_seconds=cache.seconds,
        stale=[{"folder": str(old.folder), "size": old.size} for old in cache.stale],
    )
    section.lines.extend(
        [
            ("folder", str(cache.folder)),
            ("this engine", f"{cache.engine}, {_megabytes(cache.size)}, {_warmth(cache)}"),
            ("other engines", f"{len(cache.stale)}, {_megabytes(stale)}"),
        ]
    )
    section.findings.extend(_cache_findings(cache, stale))
    return section


def _warmth(cache: KernelCache) -> str:
    if cache.warm:
        return "compiled"
    share = f"{cache.compiled} of {cache.needed} kernels compiled: " if cache.compiled else ""
    return f"{share}the first run compiles, about {cache.seconds:.0f} s"


def _cache_findings(cache: KernelCache, stale: int) -> Iterator[Finding]:
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        what = f"NUMBA_CACHE_DIR is {chosen}: kernels of an earlier version may be used unnoticed"
        yield Finding(what, "unset NUMBA_CACHE_DIR; BORDERSIM_CACHE chooses a folder safely")
    wanted = os.environ.get("BORDERSIM_CACHE") or os.environ.get("XDG_CACHE_HOME")
    if not cache.folder.is_relative_to(wanted or Path.home() / ".cache"):
        what = f"{wanted or '~/.cache'} cannot be written; {cache.folder} may not last"
        yield Finding(what, "set BORDERSIM_CACHE to a folder that can be written")
    if stale:
        what = f"{_megabytes(stale)} of kernels of {len(cache.stale)} other engines"
        yield Finding(what, "bordersim doctor --clean-cache removes them")


def _history_need() -> int | None:
    """Bytes that a run of every resident takes; None where that cannot be told."""
    try:
        from bordersim.memory import needed
        from bordersim.scenario import load

        return needed(load(scenarios_folder() / "historical.yaml"), events=False).total
    except (ImportError, BordersimError):  # told by the sections of compiler and scenarios
        return None


def _machine() -> Section:
    section = Section("Machine")
    there, usable = processors()
    seen, need = memory(), _history_need()
    section.facts.update(
        processors=there,
        processors_usable=usable,
        memory=seen.total,
        memory_available=seen.available,
        memory_limit=seen.limit,
        memory_needed=need,
    )
    limit = "" if seen.limit is None else f", limited to {_megabytes(seen.limit)} here"
    section.lines.extend(
        [
            ("processors", f"{usable} of {there} usable"),
            ("memory", f"{_megabytes(seen.free)} free of {_megabytes(seen.total)}{limit}"),
            ("history 1:1", f"takes {_megabytes(need)}"),
        ]
    )
    if need is not None and seen.free is not None and seen.free < need:
        what = f"a run of every resident takes {_megabytes(need)}, {_megabytes(seen.free)} are free"
        section.findings.append(Finding(what, "simulate a share, such as --scale 0.1"))
    return section


def _folder(results: Path) -> Section:
    section = Section("Results")
    found = disk(results)
    section.facts.update(folder=str(results), free=found.free, refusal=found.refusal)
    there = "" if results.is_dir() else " (made by the first run)"
    section.lines.append(("folder", f"{results}{there}"))
    section.lines.append(("room on disk", _megabytes(found.free)))
    if found.refusal is not None:
        what = f"{found.folder} cannot be written: {found.refusal}"
        section.findings.append(Finding(what, "choose another folder with --out", True))
    elif found.free < ROOM_WANTED:
        what = f"only {_megabytes(found.free)} are left on the disk of {results}"
        section.findings.append(Finding(what, "make room, or choose another disk with --out"))
    return section


def _data() -> Section:
    """What ships beside the code: levers, parameters, places and the scenarios' names."""
    from bordersim.vocabulary import read_vocabulary

    section = Section("Scenarios")
    try:
        files, evidence = shipped_scenarios(), evidence_folder()
    except BordersimError as error:
        section.findings.append(
            Finding(str(error), "python -m pip install --force-reinstall bordersim", True)
        )
        return section
    folder = scenarios_folder()
    names = [file.stem for file in files]
    section.facts.update(folder=str(folder), scenarios=names, evidence=str(evidence))
    section.lines.append(("folder", str(folder)))
    section.lines.append(("shipped", ", ".join(names)))
    try:
        read_vocabulary()
    except ScenarioError as error:
        what = f"{folder} is damaged: {error.problems[0]}"
        section.findings.append(Finding(what, "install bordersim again", True))
    return section


def _megabytes(size: int | None) -> str:
    if size is None:
        return "unknown"
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def as_document(diagnosis: Diagnosis) -> Mapping[str, Any]:
    """Give a diagnosis as plain data."""
    return {
        "status": "ok" if diagnosis.works else "failed",
        "sections": {section.title: section.facts for section in diagnosis.sections},
        "findings": [vars(finding) for finding in diagnosis.findings],
    }
