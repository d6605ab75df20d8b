"""A read-only mapping that can be pickled, which ``MappingProxyType`` cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

Value = TypeVar("Value")


class FrozenMap(Mapping[str, Value]):
    """Names to values, fixed when built, in the order given.

    Parameters
    ----------
    items
        Copied; later changes to it are not seen.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Value]) -> None:
        self._items: dict[str, Value] = dict(items)

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"
