"""Closed pydantic models over YAML: unknown keys are errors, kinds are strict.

pydantic finds the mistakes; this module says them in the house's words, with file,
line, key, what was got and what is allowed.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

from bordersim.dates import parse_month
from bordersim.errors import MOST_PROBLEMS, Problem, shortened, suggestion
from bordersim.units import describe, unquoted
from bordersim.yaml_source import KeyPath, YamlDocument

Model = TypeVar("Model", bound="ClosedModel")


class ClosedModel(BaseModel):
    """Base of every file schema: closed, strict, finite, frozen."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=False
    )


def _quantity(raw: object) -> float | str:
    if isinstance(raw, str):
        return raw
    return _number(raw, "expected a number, or text with a unit")


def _number_or_list(raw: object) -> float | tuple[float, ...]:
    if isinstance(raw, list):
        if not raw:
            raise ValueError("got an empty list, expected numbers")
        return tuple(_number(item, "expected a list of numbers") for item in raw)
    return _number(raw, "expected a number or a list of numbers")


def _number(raw: object, expected: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise ValueError(f"got {describe(raw)}, {expected}{unquoted(raw)}")
    try:
        number = float(raw)
    except OverflowError:
        raise ValueError("the number is too large") from None
    if not math.isfinite(number):
        raise ValueError(f"got {raw}, expected a finite number")
    return number


Quantity = Annotated[float | str, PlainValidator(_quantity)]
"""A finite number, or text to be read with a unit once the unit is known."""

NumberOrList = Annotated[float | tuple[float, ...], PlainValidator(_number_or_list)]
"""A finite number or a list of them."""

Month = Annotated[int, PlainValidator(parse_month)]
"""``YYYY-MM`` in the file, months since 1995-01 in the model."""

OptionalQuantity = Annotated[float | str | None, PlainValidator(_quantity)]
"""A ``Quantity`` that may be left out, but not given as nothing."""

OptionalMonth = Annotated[int | None, PlainValidator(parse_month)]
"""A ``Month`` that may be left out, but not given as nothing."""


def validate(
    model: type[Model], document: YamlDocument, problems: list[Problem], path: KeyPath = ()
) -> Model | None:
    """Check a document, or one part of it, against a schema.

    Parameters
    ----------
    model
        The schema.
    document
        Where the data come from; gives lines.
    problems
        Receives one problem per mistake.
    path
        Key path of the part to check; the whole document by default.

    Returns
    -------
    ClosedModel or None
        None if there was a mistake.
    """
    data: Any = document.data
    for part in path:
        data = data[part]
    if not isinstance(data, Mapping):
        problems.append(document.problem(path, f"got {describe(data)}, expected keys and values"))
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details[:MOST_PROBLEMS]:
            inside: KeyPath = detail["loc"]
            where = (*path, *inside)
            problems.append(document.problem(where, _message(model, inside, detail)))
        if len(details) > MOST_PROBLEMS:
            message = f"and {len(details) - MOST_PROBLEMS:,} more mistakes like these"
            problems.append(document.problem(path, message))
        return None


def _message(model: type[ClosedModel], inside: KeyPath, detail: ErrorDetails) -> str:
    kind = detail["type"]
    got = describe(detail["input"])
    if kind == "value_error":
        message = str(detail["ctx"]["error"])
    elif kind == "missing":
        message = f"required, but not given{_only_value(model, inside)}"
    elif kind == "extra_forbidden":
        unknown = str(inside[-1])
        message = (
            f'unknown key "{shortened(unknown)}"{suggestion(unknown, _keys(model, inside[:-1]))}'
        )
    elif kind == "literal_error":
        allowed = str(detail["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        message = f"got {got}; allowed: {allowed}"
    elif kind in ("model_type", "model_attributes_type"):
        message = f"got {got}, expected keys and values ({', '.join(_keys(model, inside))})"
    elif kind in _EXPECTED:
        advice = unquoted(detail["input"]) if kind in _UNQUOTED else ""
        message = f"got {got}, expected {_EXPECTED[kind]}{advice}"
    else:
        said = str(detail["msg"]).replace("Input should be", "must be")
        message = f"got {got}; {said}"
    return message


def _only_value(model: type[BaseModel], inside: KeyPath) -> str:
    """Say what a top-level key must hold when nothing else is allowed there."""
    for field in model.model_fields.values():
        if (field.alias,) == inside and get_origin(field.annotation) is Literal:
            return f"; write {field.alias}: {get_args(field.annotation)[0]}"
    return ""


_UNQUOTED = ("float_type", "int_type", "bool_type")
_EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys and values",
}


def _keys(model: type[BaseModel], inside: KeyPath) -> list[str]:
    """List the keys a schema allows at a place inside it."""
    current: Any = model
    for part in inside:
        current = _strip(current)
        if isinstance(current, type) and issubclass(current, BaseModel):
            named = {field.alias or name: field for name, field in current.model_fields.items()}
            current = named[str(part)].annotation
        else:
            current = get_args(current)[-1 if get_origin(current) is dict else 0]
    current = _strip(current)
    return [field.alias or name for name, field in current.model_fields.items()]


def _strip(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
