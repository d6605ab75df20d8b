"""Everything a stranger may get wrong: files, data and options, with a part of what is answered."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bordersim.data_files import evidence_folder, scenarios_folder

Make = Callable[[Path], list[str]]
"""Writes what is needed into an empty folder, which is the working folder; gives arguments."""

HISTORY = str(scenarios_folder() / "historical.yaml")

SHIPPED = "shipped"
"""Name of a folder that, where a case makes it, stands for the data that ship."""

HEAD = """\
schema: bordersim/scenario@1
name: good
time: {start: 1995-01, end: 1995-03}
population: {scale: 0.001, world_seed: 1}
"""


@dataclass(frozen=True)
class BadInput:
    """One thing that is wrong.

    Attributes
    ----------
    what
        For people.
    said
        Part of the answer.
    make
        Writes it.
    memory
        Bytes that the machine is said to have; what it has by default.
    """

    what: str
    said: str
    make: Make
    memory: int | None = None


def file(content: str | bytes, name: str = "bad.yaml") -> Make:
    """Make a scenario file of this content, to be checked."""

    def make(folder: Path) -> list[str]:
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
        return ["check", name]

    return make


def more(*lines: str) -> Make:
    """Make a good file with lines after its end."""
    return file(HEAD + "".join(f"{line}\n" for line in lines))


def instead(old: str, new: str) -> Make:
    """Make a good file with one part replaced."""
    assert old in HEAD
    return file(HEAD.replace(old, new))


def policy(**changes: str) -> Make:
    """Make a good file with one policy, parts of which are replaced."""
    parts = {"id": "a", "lever": "guards.per_km", "op": "set", "value": "10", "from": "1995-02"}
    parts |= {key.rstrip("_"): value for key, value in changes.items()}
    written = ", ".join(f"{key}: {value}" for key, value in parts.items() if value)
    return more("policies:", "  add:", f"    - {{{written}}}")


def extends(named: str, content: str | None = None) -> Make:
    """Make a good file that extends another, whose content may be given."""

    def make(folder: Path) -> list[str]:
        if content is not None:
            (folder / named).write_text(content)
        return more(f"extends: {named}")(folder)

    return make


def special(kind: str, *, extended: bool = False) -> Make:
    """Make something that is no ordinary file, to be checked or extended."""

    def make(folder: Path) -> list[str]:
        path = folder / "special.yaml"
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "device":
            path.symlink_to("/dev/zero")
        elif kind == "huge":
            with path.open("wb") as handle:
                handle.truncate(1 << 40)
        elif kind == "loop":
            path.symlink_to(path)
        else:
            path.mkdir()
        return more("extends: special.yaml")(folder) if extended else ["check", path.name]

    return make


def option(*arguments: str) -> Make:
    """Make a call of ``run`` on a tiny good scenario; ``{file}`` is a file that is there."""

    def make(folder: Path) -> list[str]:
        (folder / "occupied").write_text("here first\n")
        more()(folder)
        return ["run", "bad.yaml", "-q", *arguments]

    return make


def broken(*arguments: str) -> Make:
    """Make a call of ``run`` on a broken scenario."""

    def make(folder: Path) -> list[str]:
        more("titel: x")(folder)
        return ["run", "bad.yaml", "-q", *arguments]

    return make


def nation(*arguments: str) -> Make:
    """Make a call of ``run`` on everybody."""
    return lambda folder: ["run", HISTORY, "-q", *arguments]


def data(name: str, edit: Callable[[str], str] | bytes | None) -> Make:
    """Make a copy of the shipped data in which one file is edited, replaced or missing."""

    def make(folder: Path) -> list[str]:
        shutil.copytree(scenarios_folder(), folder / SHIPPED / "scenarios")
        shutil.copytree(evidence_folder(), folder / SHIPPED / "calibration" / "evidence")
        path = next((folder / SHIPPED).rglob(name))
        path.chmod(0o644)
        if edit is None:
            path.unlink()
        elif isinstance(edit, bytes):
            path.write_bytes(edit)
        else:
            before = path.read_text("utf-8")
            after = edit(before)
            assert after != before, f"{name} has changed; mend this case"
            path.write_text(after, "utf-8")
        return more()(folder)

    return make


def swap(old: str, new: str) -> Callable[[str], str]:
    """Replace the first occurrence."""
    return lambda text: text.replace(old, new, 1)


def again(start: str) -> Callable[[str], str]:
    """Repeat the first line that starts so."""

    def edit(text: str) -> str:
        line = next(line for line in text.splitlines() if line.startswith(start))
        return text.replace(line, f"{line}\n{line}", 1)

    return edit


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{here}: &{here} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, here in zip("abcdefgh", "bcdefghi", strict=True)
)

NOT_A_SCENARIO: tuple[BadInput, ...] = (
    BadInput("empty file", "the file is empty", file("")),
    BadInput("nothing but comments", "the file is empty", file("# soon\n\n# more\n")),
    BadInput("nothing but ---", "the file is empty", file("---\n")),
    BadInput("binary file", "not text in UTF-8", file(bytes(range(256)) * 4)),
    BadInput("null characters", "U+0000", file(HEAD.encode() + b"title: a\x00b\n")),
    BadInput("escape character", "U+001B", file(HEAD + "title: \x1b[31mred\n")),
    BadInput("Latin-1", "not text in UTF-8", file((HEAD + "title: é\n").encode("latin-1"))),
    BadInput("UTF-16", "not text in UTF-8", file(HEAD.encode("utf-16"))),
    BadInput("line separator U+2028", "U+2028", file(HEAD + "title: a\u2028b\n")),
    BadInput("missing file", "no such file", lambda folder: ["check", "none.yaml"]),
    BadInput("folder as file", "is a folder", special("folder")),
    BadInput("named pipe", "is a pipe", special("pipe")),
    BadInput("device", "is a device", special("device")),
    BadInput("file of a terabyte", "larger than", special("huge")),
    BadInput("link to itself", "cannot be read", special("loop")),
    BadInput("bracket left open", "not valid YAML", more("title: [1, 2")),
    BadInput("quote left open", "not valid YAML", more('title: "abc')),
    BadInput("tab as indentation", "tab", file(HEAD + "policies:\n\tadd: []\n")),
    BadInput("wrong indentation", "not valid YAML", file(HEAD + "  title: x\n")),
    BadInput("two documents", "one document a file", file(HEAD + "---\n" + HEAD)),
    BadInput("YAML 1.1", "only YAML 1.2", file("%YAML 1.1\n---\n" + HEAD)),
    BadInput("plain text", "expected keys and values", file("just text\n")),
    BadInput("list at the top", "expected keys and values", file("- 1\n- 2\n")),
    BadInput(
        "object tag", "tags are not allowed", more("title: !!python/object/apply:os.abort []")
    ),
    BadInput("tag of text", "tags are not allowed", more("title: !!str 12")),
    BadInput("billion laughs", "anchors and aliases", file(BOMB)),
    BadInput("anchor", "anchors and aliases", more("title: &x y")),
    BadInput("alias of itself", "anchors and aliases", more("policies: &x {add: [*x]}")),
    BadInput("merge key", "merge", instead("{start: 1995-01,", "{<<: {start: 1995-01},")),
    BadInput("ten thousand lists in lists", "nested more than", more("title: " + "[" * 10_000)),
    BadInput(
        "ten thousand mappings", "nested more than", more("title: " + "{a: " * 10_000 + "}" * 9)
    ),
    BadInput("list as a key", "a key must be", more("[a, b]: 1")),
    BadInput("marked key", "a key must be", more("? {a: b}", ": 1")),
    BadInput("a hundred thousand values", "more than 20,000", more(f"title: [{'1,' * 100_000}]")),
    BadInput("key of 100 kB", "not valid YAML", more(f'"{"k" * 100_000}": 1')),
    BadInput("no key before the colon", "not valid YAML", more(": 1")),
    BadInput("duplicate key", "given twice, first on line 2", more("name: again")),
    BadInput(
        "duplicate key deep inside",
        "policies.add[0].op: given twice",
        more(
            "policies:",
            "  add:",
            "    - {id: a, lever: guards.per_km, op: set, value: 9,",
            "       from: 1995-02, op: add}",
        ),
    ),
)

KEYS_AND_NAMES: tuple[BadInput, ...] = (
    BadInput("unknown key", 'did you mean "title"', more("titel: x")),
    BadInput(
        "unknown key, nothing near", "allowed: start, end", instead("{start", "{zzz: 1, start")
    ),
    BadInput("unknown key of a policy", 'did you mean "until"', policy(untill="1995-03")),
    BadInput("key in capitals", 'did you mean "title"', more("Title: x")),
    BadInput("no schema", "schema: required", instead("schema: bordersim/scenario@1\n", "")),
    BadInput("schema of another version", "bordersim/scenario@1", instead("@1", "@2")),
    BadInput("no name", "name: required", instead("name: good\n", "")),
    BadInput("name leaves the folder", "name: got", instead("good", "../x")),
    BadInput("absolute name", "name: got", instead("good", "/etc/x")),
    BadInput("name with NUL", "name: got", instead("good", '"a\\0b"')),
    BadInput("name with escape codes", "\\x1b", instead("good", '"\\e[2Jx"')),
    BadInput("hidden name", "name: got", instead("good", ".hidden")),
    BadInput("name like an option", "name: got", instead("good", "-x")),
    BadInput("name of a device", "Windows", instead("good", "con")),
    BadInput("name that ends in a dot", "name: got", instead("good", "x.")),
    BadInput("name in capitals", "name: got", instead("good", "Good")),
    BadInput("name beyond ASCII", "name: got", instead("good", "é")),
    BadInput("name of 81 letters", "name: got", instead("good", "x" * 81)),
    BadInput("name of a megabyte", "name: got", instead("good", "x" * 900_000)),
    BadInput("empty name", "name: got", instead("good", '""')),
    BadInput("number as name", "quotes", instead("good", "2016")),
    BadInput("list as title", "title: got a list", more("title: [a]")),
    BadInput("number as title", "title: got 7, expected text", more("title: 7")),
)

SPANS_AND_PEOPLE: tuple[BadInput, ...] = (
    BadInput("end before the data", "the data reach", instead("end: 1995-03", "end: 1994-12")),
    BadInput("end before start", "before the start", instead("start: 1995-01", "start: 2001-01")),
    BadInput("month 13", "a month is 01 to 12", instead("1995-03", "1995-13")),
    BadInput("month 0", "a month is 01 to 12", instead("1995-03", "1995-00")),
    BadInput("a year alone", "expected a month", instead("1995-03", "1995")),
    BadInput("a day", "expected a month", instead("1995-03", "1995-03-31")),
    BadInput("words", "expected a month", instead("1995-03", "March 1995")),
    BadInput("start before the data", "the data reach", instead("1995-01", "1994-12")),
    BadInput("end after the data", "the data reach", instead("1995-03", "2026-01")),
    BadInput("year 9999", "the data reach", instead("1995-03", "9999-12")),
    BadInput("month as nothing", "expected a month", instead("1995-03", "~")),
    BadInput("no end", "time.end: required", instead(", end: 1995-03", "")),
    BadInput("time as text", "expected keys", instead("{start: 1995-01, end: 1995-03}", "1995")),
    BadInput("scale 0", "population.scale: got 0", instead("0.001", "0")),
    BadInput("scale below 0", "population.scale: got -1", instead("0.001", "-1")),
    BadInput("scale above 1", "population.scale: got 1.5", instead("0.001", "1.5")),
    BadInput("scale of 1e-300", "population.scale: got 1e-300", instead("0.001", "1e-300")),
    BadInput("scale NaN", "population.scale: got nan", instead("0.001", ".nan")),
    BadInput("scale NaN in capitals", "population.scale: got nan", instead("0.001", ".NAN")),
    BadInput("scale infinite", "population.scale: got inf", instead("0.001", ".Inf")),
    BadInput("scale -infinite", "population.scale: got -inf", instead("0.001", "-.INF")),
    BadInput("scale beyond double", "population.scale: got inf", instead("0.001", "1e999")),
    BadInput("scale in quotes", 'got "0.1" (text)', instead("0.001", '"0.1"')),
    BadInput("scale as per cent", 'got "10%" (text)', instead("0.001", "10%")),
    BadInput("yes for a number", 'got "yes" (text)', instead("0.001", "yes")),
    BadInput("true for a number", "got true", instead("0.001", "true")),
    BadInput("nothing for a number", "got nothing", instead("0.001", "")),
    BadInput("world seed -1", "world_seed: got -1", instead("world_seed: 1", "world_seed: -1")),
    BadInput("world seed 1.5", "whole number", instead("world_seed: 1", "world_seed: 1.5")),
    BadInput("world seed 2**63", "world_seed: got", instead("seed: 1", f"seed: {2**63}")),
    BadInput("world seed of 5000 digits", "number", instead("seed: 1", f"seed: {'9' * 5000}")),
    BadInput("world seed in quotes", '"1" (text)', instead("seed: 1", "seed: '1'")),
)
