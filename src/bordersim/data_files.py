"""Where the data that ship with the package are.

A checkout keeps them at the top of the repository, where people edit them; an
installed wheel carries copies of the same folders inside the package.
"""

from __future__ import annotations

from pathlib import Path

from bordersim.errors import BordersimError

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    candidates = (_PACKAGE / "_data" / name, _PACKAGE.parents[1] / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise BordersimError(
        f'the folder "{name}" that ships with bordersim is missing; install the package again'
    )


def scenarios_folder() -> Path:
    """Find the shipped scenarios, levers, parameters, places and drivers.

    Returns
    -------
    Path
        An existing folder.

    Raises
    ------
    BordersimError
        If the installation lacks it.
    """
    return _folder("scenarios")


def evidence_folder() -> Path:
    """Find the shipped reported figures.

    Returns
    -------
    Path
        An existing folder.

    Raises
    ------
    BordersimError
        If the installation lacks it.
    """
    return calibration_folder() / "evidence"


def calibration_folder() -> Path:
    """Find what the model was fitted to, by what bars it is judged, and the posterior.

    Returns
    -------
    Path
        An existing folder.

    Raises
    ------
    BordersimError
        If the installation lacks it.
    """
    return _folder("calibration")


def shipped_posterior() -> Path:
    """Say where the posterior that ships with the package is.

    Returns
    -------
    Path
        Written by ``bordersim calibrate``; it may be missing.

    Raises
    ------
    BordersimError
        If the installation lacks its folder.
    """
    return calibration_folder() / "posterior.parquet"


def shipped_scenarios() -> list[Path]:
    """Find the scenario files that ship with the package.

    Returns
    -------
    list of Path
        In order of name; neither levers nor parameters.

    Raises
    ------
    BordersimError
        If the installation lacks them.
    """
    other = {"levers.yaml", "parameters.yaml"}
    return sorted(file for file in scenarios_folder().glob("*.yaml") if file.name not in other)


def editor_schema_file() -> Path:
    """Say where the JSON Schema for editors is shipped.

    Returns
    -------
    Path
        Written by ``bordersim schema``; it may be missing.

    Raises
    ------
    BordersimError
        If the installation lacks its folder.
    """
    return scenarios_folder() / "schema.json"
