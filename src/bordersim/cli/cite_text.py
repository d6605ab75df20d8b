"""What ``bordersim cite`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bordersim.wording import count, deed, duration, place_words, values

if TYPE_CHECKING:
    from bordersim.citing import Citation

Row = Mapping[str, Any]

_WIDEST = 110
"""Characters of a line of prose at most."""

_USES = {"calibrate": "A fit may use", "validate": "Held out of any fit, to judge it by:"}
_NOUNS = {"estimate": "estimated", "assumption": "assumed", "law": "by definition"}
_TOLD = ("calibrated", "estimate")
"""Kinds of parameters that are listed even when not all are asked for."""


def print_citation(console: Console, citation: Citation, *, every: bool) -> None:
    """Print what a result rests on; with ``every``, also each assumption and each figure."""
    _print_subject(console, citation.subject)
    _print_policies(console, citation.policies)
    _print_parameters(console, citation.parameters, every=every)
    _print_data(console, citation.data)
    _print_evidence(console, citation.evidence, every=every)
    _print_grades(console, citation)


def _print_subject(console: Console, subject: Row) -> None:
    _title(console, f"{subject['name']}: {subject['title']}", first=True)
    if subject["kind"] == "run":
        where = f"{subject['study']}/{subject['run_id']}" if subject["stored"] else "in memory"
        _say(console, f"run {where}, seed {subject['seed']}, scale {subject['scale']:g}")
    _say(console, f"{subject['start']} to {subject['end']}")
    if subject["kind"] == "scenario" and subject["files"]:
        _say(console, ", ".join(subject["files"]))


def _print_policies(console: Console, policies: Sequence[Row]) -> None:
    bases = Counter(policy["size"]["basis"] for policy in policies)
    sizes = ", ".join(f"{many} {basis}" for basis, many in bases.most_common())
    _title(console, f"{count(len(policies), 'policy').capitalize()}, in the order they act")
    if policies:
        _say(console, f"Sizes: {sizes}.")
    told: set[str] = set()
    for policy in policies:
        console.print()
        heading = Text(policy["id"], style="bold").append(f"  {policy['title']}", style="not bold")
        console.print(heading)
        where = place_words(policy["places"])
        parts = [f"{policy['lever']}: {deed(policy)}", duration(policy), where]
        status = "" if policy["status"] == "in force" else f" ({policy['status']})"
        _say(console, "; ".join(part for part in parts if part) + status, indent=2)
        _say(console, f"size {policy['size']['basis']}: {policy['size']['because']}", indent=2)
        _print_cited(console, policy["cites"], told)


def _print_cited(console: Console, entries: Sequence[Row], told: set[str]) -> None:
    """Print entries in full where they are cited first, and their ids from then on."""
    for entry in entries:
        if entry["id"] not in told:
            _say(console, f"{_named(entry)}: {entry['claim']} ({entry['cited_as']})", indent=4)
    again = [_named(entry) for entry in entries if entry["id"] in told]
    if again:
        _say(console, f"{', '.join(again)}: as above", indent=4)
    told.update(entry["id"] for entry in entries)


def _named(entry: Row) -> str:
    return f"{entry['id']} [{entry['reliability']}]"


def _print_parameters(console: Console, parameters: Sequence[Row], *, every: bool) -> None:
    kinds = Counter(parameter["kind"] for parameter in parameters)
    said = [f"{many} {_NOUNS.get(kind, kind)}" for kind, many in kinds.items()]
    _title(console, f"{count(len(parameters), 'parameter').capitalize()}: {', '.join(said)}")
    changed = [parameter for parameter in parameters if parameter["set_by"]]
    if changed:
        _say(console, "Other than shipped:")
        for parameter in changed:
            ships = f", ships {values(parameter['ships'])}" if parameter["ships"] else ""
            _say(console, f"{_number(parameter)}{ships}, set by {parameter['set_by']}", indent=2)
    for kind, group in groupby(parameters, key=lambda parameter: str(parameter["kind"])):
        if not (every or kind in _TOLD):
            continue
        console.print()
        console.print(Text(_NOUNS.get(kind, kind), style="bold"))
        for parameter in group:
            basis = "; ".join(t for t in (parameter["source"], parameter["reason"]) if t)
            _say(console, f"{_number(parameter)}: {basis}", indent=2)
    if not every:
        console.print()
        _say(console, "Assumptions with their reasons: --all.")


def _number(parameter: Row) -> str:
    return f"{parameter['key']} = {values(parameter['value'])} {parameter['unit']}".rstrip()


def _print_data(console: Console, files: Sequence[Row]) -> None:
    _title(console, "Data files")
    for file in files:
        console.print()
        console.print(Text(file["file"], style="bold"))
        if file["says"]:
            _say(console, file["says"], indent=2)
        for source in file["sources"]:
            _say(console, f"{count(source['rows'], 'row')}: {source['source']}", indent=4)


def _print_evidence(console: Console, evidence: Sequence[Row], *, every: bool) -> None:
    for use, words in _USES.items():
        entries = [entry for entry in evidence if entry["use"] == use]
        _title(console, f"{words} {count(len(entries), 'figure')}")
        if every:
            for entry in entries:
                _say(console, f"{_named(entry)}: {entry['claim']} ({entry['cited_as']})", indent=2)
            continue
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        table.add_column("figures", justify="right", no_wrap=True)
        table.add_column("quantity", overflow="fold", min_width=24)
        table.add_column("periods", overflow="fold")
        table.add_column("grades", no_wrap=True)
        for quantity, group in _by_quantity(entries):
            grades = "".join(sorted({entry["reliability"] for entry in group}))
            periods = _periods([entry["period"] for entry in group])
            cells = (str(len(group)), quantity, periods, grades)
            table.add_row(*map(Text, cells))
        console.print(table)


def _by_quantity(entries: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for entry in entries:
        groups.setdefault(entry["quantity"], []).append(entry)
    return list(groups.items())


def _periods(periods: Sequence[str]) -> str:
    """The periods of several figures: all of few, the ends of many."""
    distinct = list(dict.fromkeys(periods))
    if len(distinct) <= 3:
        return ", ".join(distinct)
    return f"{min(distinct)[:4]} to {max(distinct)[:4]}"


def _print_grades(console: Console, citation: Citation) -> None:
    cited = [entry for policy in citation.policies for entry in policy["cites"]]
    used = {entry["reliability"] for entry in (*cited, *citation.evidence)}
    _title(console, "Grades of reliability")
    for grade, meaning in citation.grades.items():
        if grade in used:
            _say(console, f"{grade}  {meaning}", indent=2)


def _title(console: Console, text: str, *, first: bool = False) -> None:
    if not first:
        console.print()
    console.print(Text(text, style="bold underline" if not first else "bold"))


def _say(console: Console, text: str, *, indent: int = 0) -> None:
    """Print prose that wraps under its own beginning."""
    width = max(min(console.width, _WIDEST), 20)
    begin, rest = " " * indent, " " * (indent + 2 if indent else 0)
    for line in wrap(text, width, initial_indent=begin, subsequent_indent=rest) or [""]:
        console.print(Text(line), no_wrap=True, overflow="fold")
