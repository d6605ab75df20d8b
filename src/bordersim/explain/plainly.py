"""The engine's own functions as plain Python, all the way down.

``_jit.plain`` gives the Python of one kernel, whose calls to others still go to compiled
code: called with new types, each would be compiled anew, for tens of milliseconds. Here
whatever it calls is plain as well. The bits are those of the engine with the compiler
switched off, which are the engine's (tests/test_reproducible.py); of a single life a
few thousand calls are needed, and none is worth a compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

_worlds: dict[int, dict[str, Any]] = {}
"""Globals of a module by identity, with plain functions in place of kernels."""


@cache
def plainly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a kernel as plain Python that calls nothing compiled.

    Parameters
    ----------
    function
        A kernel; any other function is given back as it is.

    Returns
    -------
    callable
        Overflow of unsigned integers is part of the draws: call it where NumPy does not
        warn of it.
    """
    python: FunctionType | None = getattr(function, "py_func", None)
    if python is None:
        return function
    world = _plain_globals(python.__globals__)
    return FunctionType(
        python.__code__, world, python.__name__, python.__defaults__, python.__closure__
    )


def _plain_globals(names: dict[str, Any]) -> dict[str, Any]:
    known = _worlds.get(id(names))
    if known is not None:
        return known
    world = _worlds[id(names)] = dict(names)  # before its functions, which may need each other
    for name, value in names.items():
        if hasattr(value, "py_func"):
            world[name] = plainly(value)
    return world


class Plain:
    """Functions of a module of the engine as attributes, each as plain Python.

    Parameters
    ----------
    module
        Of the engine.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Any]:
        found = plainly(getattr(self._module, name))
        self.__dict__[name] = found
        return found
