"""Put a clock between the kernels of a compiled month.

A function of the month module is read as source, a call that reads the system's
monotonic clock is set before and after every statement that calls a kernel, and the
result is compiled. The kernels themselves are the engine's, unchanged, and so must be
the run's digests. Reading the clock takes some 30 ns.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import time
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

REST = "rest"
_CLOCK = time.CLOCK_MONOTONIC
_clock_gettime: Any = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.intp))


@numba.njit(error_model="numpy")
def credit(marks, slot):  # type: ignore[no-untyped-def]
    """Add the nanoseconds since the last call to a slot.

    The last three entries of ``marks`` are the time of the last call and the clock's
    seconds and nanoseconds.
    """
    n = marks.shape[0]
    _clock_gettime(_CLOCK, marks.ctypes.data + 8 * (n - 2))
    now = marks[n - 2] * 1_000_000_000 + marks[n - 1]
    marks[slot] += now - marks[n - 3]
    marks[n - 3] = now


class _Clocked(ast.NodeTransformer):
    """Set clocks around the statements of one function that call kernels."""

    def __init__(self, stopwatch: Stopwatch, owner: str):
        self.stopwatch = stopwatch
        self.owner = owner

    def _credit(self, name: str) -> ast.stmt:
        slot = self.stopwatch.slot(self.owner, name)
        return ast.parse(f"_credit(_marks, {slot})").body[0]

    def _kernel_in(self, statement: ast.stmt) -> str | None:
        """Name of the last kernel called in a simple statement; opened ones clock themselves."""
        found = None
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in self.stopwatch.opened:
                    node.func.id = f"_clocked_{node.func.id}"
                    node.args.append(ast.Name("_marks", ast.Load()))
                elif self.stopwatch.is_kernel(node.func.id):
                    found = found or node.func.id
        return found

    def block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Statements of one block with clocks between them."""
        clocked: list[ast.stmt] = []
        for statement in statements:
            inner = [name for name in ("body", "orelse") if getattr(statement, name, None)]
            for name in inner:
                setattr(statement, name, self.block(getattr(statement, name)))
            kernel = None if inner else self._kernel_in(statement)
            if kernel is None:
                clocked.append(statement)
                continue
            clocked.append(self._credit(REST))
            if isinstance(statement, ast.Return) and statement.value is not None:
                clocked.append(
                    ast.Assign([ast.Name("_result", ast.Store())], statement.value, lineno=1)
                )
                clocked.append(self._credit(kernel))
                clocked.append(ast.Return(ast.Name("_result", ast.Load())))
            else:
                clocked.extend([statement, self._credit(kernel)])
        return clocked

    def function(self, tree: ast.FunctionDef) -> ast.FunctionDef:
        """The whole function, with the marks as a further argument."""
        tree.name = f"_clocked_{tree.name}"
        tree.decorator_list = []
        tree.args.args.append(ast.arg("_marks"))
        first = self._credit("entry")
        tree.body = [first, *self.block(tree.body), self._credit(REST)]
        # whatever the last statement returns is credited before it
        if isinstance(tree.body[-2], ast.Return):
            tree.body[-2:] = [self._credit(REST), tree.body[-2]]
        return tree


class Stopwatch:
    """Clocked versions of some functions of a module, and the times they found.

    Attributes
    ----------
    opened
        Names of the functions that were found and opened.
    marks
        Nanoseconds by slot, then three entries of :func:`credit`'s own.
    """

    def __init__(self, module: ModuleType, wanted: Iterable[str]):
        self.module = module
        self.opened = [name for name in wanted if self.is_kernel(name)]
        self._slots: dict[tuple[str, str], int] = {}
        self._space: dict[str, Any] = {**vars(module), "_credit": credit}
        trees = [self._clocked_tree(name) for name in self.opened]
        for tree in trees:
            self._compile(tree)
        self.marks: NDArray[np.int64] = np.zeros(len(self._slots) + 3, np.int64)

    def is_kernel(self, name: str) -> bool:
        """Whether a name of the module is a compiled function."""
        return hasattr(getattr(self.module, name, None), "py_func")

    def slot(self, owner: str, name: str) -> int:
        """Number of the slot of a step in a function, made when it is new."""
        return self._slots.setdefault((owner, name), len(self._slots))

    def _clocked_tree(self, name: str) -> ast.FunctionDef:
        source = textwrap.dedent(inspect.getsource(getattr(self.module, name).py_func))
        tree = ast.parse(source).body[0]
        assert isinstance(tree, ast.FunctionDef)
        return _Clocked(self, name).function(tree)

    def _compile(self, tree: ast.FunctionDef) -> None:
        module = ast.fix_missing_locations(ast.Module([tree], []))
        exec(compile(module, f"<clocked {tree.name}>", "exec"), self._space)
        self._space[tree.name] = numba.njit(nogil=True, error_model="numpy")(self._space[tree.name])

    def stand_in(self, name: str) -> Callable[..., Any]:
        """Function to call instead of an opened one."""
        clocked = self._space[f"_clocked_{name}"]

        def call(*args: Any) -> Any:
            return clocked(*args, self.marks)

        return call

    def reset(self) -> None:
        """Forget all times."""
        self.marks[:] = 0

    def seconds(self) -> dict[tuple[str, str], float]:
        """Seconds by function and step, in the order of the source; time between calls left out."""
        return {
            key: float(self.marks[slot]) * 1e-9
            for key, slot in self._slots.items()
            if key[1] != "entry"
        }
