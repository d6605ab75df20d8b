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
    return _folder("calibration") / "evidence"
