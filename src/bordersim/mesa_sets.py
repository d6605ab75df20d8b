"""Sets of views that behave as Mesa's sets of agents, and hold row numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from mesa.agent import AgentSet, GroupBy

from bordersim.mesa_views import READ_ONLY, IntArray, ReadOnlyError, View, columns_of

if TYPE_CHECKING:
    from bordersim.mesa_model import BorderModel


class ViewSet(AgentSet):  # type: ignore[misc]
    """Mesa's set of agents over row numbers: holds no agents, makes views as they are asked for.

    Everything that looks works as in Mesa; everything that would change the set or its
    agents raises ``ReadOnlyError``. ``get`` and ``where`` read whole columns.
    """

    def __init__(
        self, model: BorderModel, parts: Iterable[tuple[type[View], IntArray]], random: Random
    ) -> None:
        self._model = model
        self._parts = [(kind, rows) for kind, rows in parts if len(rows)]
        self.random = random

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self._parts)

    def __iter__(self) -> Iterator[View]:
        return (kind(self._model, row) for kind, rows in self._parts for row in rows)

    def __contains__(self, agent: object) -> bool:
        return isinstance(agent, View) and any(
            kind is type(agent) and agent.model is self._model and bool((rows == agent.row).any())
            for kind, rows in self._parts
        )

    def __getitem__(self, item: int | slice) -> View | list[View]:
        if isinstance(item, slice):
            return [self._at(i) for i in range(*item.indices(len(self)))]
        return self._at(operator.index(item))

    def __repr__(self) -> str:
        held = ", ".join(f"{len(rows)} {kind.__name__}" for kind, rows in self._parts)
        return f"ViewSet({held})"

    def _at(self, i: int) -> View:
        i += len(self) if i < 0 else 0
        for kind, rows in self._parts:
            if 0 <= i < len(rows):
                return kind(self._model, rows[i])
            i -= len(rows)
        raise IndexError("no such agent")

    def _of(self, views: Iterable[View]) -> ViewSet:
        """Set of views in their order."""
        parts: list[tuple[type[View], list[int]]] = []
        for view in views:
            if not parts or parts[-1][0] is not type(view):
                parts.append((type(view), []))
            parts[-1][1].append(view.row)
        arrays = [(kind, np.array(rows, np.int64)) for kind, rows in parts]
        return ViewSet(self._model, arrays, self.random)

    def select(
        self,
        filter_func: Callable[[Any], bool] | None = None,
        at_most: int | float = float("inf"),
        inplace: bool = False,
        agent_type: type[Any] | None = None,
    ) -> ViewSet:
        """Select as in Mesa; a new set always."""
        _refuse(inplace)
        most = int(len(self) * at_most) if isinstance(at_most, float) and at_most <= 1 else at_most
        parts = [
            part for part in self._parts if agent_type is None or issubclass(part[0], agent_type)
        ]
        found: list[View] = []
        if filter_func is None and most >= len(self):
            return ViewSet(self._model, parts, self.random)
        for view in ViewSet(self._model, parts, self.random):
            if len(found) >= most:
                break
            if filter_func is None or filter_func(view):
                found.append(view)
        return self._of(found)

    def where(self, **wanted: Any) -> ViewSet:
        """Those whose attributes have these values: ``where(status="china", sex="female")``.

        Parameters
        ----------
        **wanted
            Attribute to value. A kind of agent without the attribute has none of them.

        Returns
        -------
        ViewSet
            Found by whole columns, without making a view.
        """
        parts = []
        for kind, rows in self._parts:
            columns = columns_of(kind)
            if not wanted.keys() <= columns.keys():
                continue
            keep = np.ones(len(rows), np.bool_)
            for name, value in wanted.items():
                read = columns[name].read(self._model, rows)
                keep &= np.array([one == value for one in read], np.bool_)
            parts.append((kind, rows[keep]))
        return ViewSet(self._model, parts, self.random)

    def get(
        self,
        attr_names: str | list[str],
        handle_missing: str = "error",
        default_value: Any = None,
    ) -> list[Any]:
        """Read attributes of all, as in Mesa; by whole columns."""
        if handle_missing not in ("error", "default"):
            raise ValueError(f'handle_missing is "{handle_missing}"; allowed: error, default')
        if not isinstance(attr_names, str):
            columns = [self.get(name, handle_missing, default_value) for name in attr_names]
            return [list(row) for row in zip(*columns, strict=True)]
        values: list[Any] = []
        for kind, rows in self._parts:
            column = columns_of(kind).get(attr_names)
            if column is not None:
                values += column.read(self._model, rows)
            elif handle_missing == "default":
                values += [getattr(kind(self._model, r), attr_names, default_value) for r in rows]
            else:
                values += [getattr(kind(self._model, row), attr_names) for row in rows]
        return values

    def shuffle(self, inplace: bool = False) -> ViewSet:
        """Give the agents in random order, as the model's ``random`` has it."""
        _refuse(inplace)
        return self.sample(len(self))

    def sample(self, k: int) -> ViewSet:
        """Give ``k`` agents at random, none twice."""
        return self._of(self._at(i) for i in self.random.sample(range(len(self)), k))

    def sort(
        self, key: Callable[[Any], Any] | str, ascending: bool = False, inplace: bool = False
    ) -> ViewSet:
        """Sort as in Mesa: from the highest by default."""
        _refuse(inplace)
        values = self.get(key) if isinstance(key, str) else [key(view) for view in self]
        order = sorted(range(len(self)), key=values.__getitem__, reverse=not ascending)
        return self._of(map(self._at, order))

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> ViewSet:
        """Call a function for each."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> ViewSet:
        """Call a function for each in random order."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Call a function for each, and give what it gives."""
        if isinstance(method, str):
            return [getattr(view, method)(*args, **kwargs) for view in self]
        return [method(view, *args, **kwargs) for view in self]

    def groupby(self, by: Callable[[Any], Any] | str, result_type: str = "agentset") -> GroupBy:
        """Group as in Mesa."""
        groups: dict[Any, list[View]] = {}
        values = self.get(by) if isinstance(by, str) else [by(view) for view in self]
        for view, value in zip(self, values, strict=True):
            groups.setdefault(value, []).append(view)
        if result_type != "agentset":
            return GroupBy(groups)
        return GroupBy({value: self._of(views) for value, views in groups.items()})

    def set(self, attr_name: str, value: Any) -> NoReturn:
        """Raise an error: agents are not to be written to."""
        raise ReadOnlyError(READ_ONLY)

    def add(self, agent: Any) -> NoReturn:
        """Raise an error: nobody can be added."""
        raise ReadOnlyError(READ_ONLY)

    discard = remove = add

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _refuse(inplace: bool) -> None:
    if inplace:
        raise ReadOnlyError("a set of views is not changed in place; take the set that is returned")
