"""Break files at random: ``python tests/fuzz_files.py 600`` gives so many to the command line.

Scenario files, the data that ship and what they cite are cut, shuffled, spliced and
sprinkled with what parsers stumble over; each is either valid or told to be wrong.
"""

from __future__ import annotations

import random
import re
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bad_input_cases import SHIPPED, BadInput
from bad_inputs import TooSlowError, ask

from bordersim.data_files import evidence_folder, scenarios_folder, shipped_scenarios

NASTY = (
    "!!python/object/apply:os.system [true]", "!!float", "!x", "&a ", "*a", "&a [*a]", "<<: ", "~",
    "null", ".nan", "-.inf", "1e999", "9" * 400, "0x" + "f" * 400, "-0", "1_000", "0o17", "010",
    "true", "yes", "no", "{", "}", "[", "]", "[[[[[[[[", "{a: {b: ", ": ", "- ", "? ", "| ", "> ",
    "|+9\n", "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n", "#", "\t", "\r", "\x00", "\x1b[2J", "'",
    '"', '"\\x', '"\\U0001F4A5"', "\u2028", "\ufeff", "é", "💥", "\u202e", "2016-13", "0000-00",
    "../../x", "/dev/zero", "con", " " * 50, "a" * 5000, ",,,,", "\n\n", "=", "policies", "schema",
)  # fmt: skip

Mutation = Callable[[random.Random, bytes, bytes], bytes]
"""Given luck, the content and the content of another file."""


def _cut(luck: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: luck.randint(0, len(data))]


def _lose(luck: random.Random, data: bytes, other: bytes) -> bytes:
    first, last = sorted(luck.randint(0, len(data)) for _ in range(2))
    return data[:first] + data[min(last, first + luck.choice((1, 3, 50, 5000))) :]


def _noise(luck: random.Random, data: bytes, other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(luck.choice((1, 1, 3, 30)) if changed else 0):
        changed[luck.randrange(len(changed))] = luck.randrange(256)
    return bytes(changed)


def _sprinkle(luck: random.Random, data: bytes, other: bytes) -> bytes:
    at = luck.randint(0, len(data))
    return data[:at] + luck.choice(NASTY).encode() + data[at:]


def _instead(luck: random.Random, data: bytes, other: bytes) -> bytes:
    words = list(re.finditer(rb"[^\s:,\[\]{}]+", data))
    if not words:
        return data
    word = luck.choice(words)
    return data[: word.start()] + luck.choice(NASTY).encode() + data[word.end() :]


def _swap(luck: random.Random, data: bytes, other: bytes) -> bytes:
    words = re.split(rb"([^\s:,\[\]{}]+)", data)
    if len(words) > 4:
        first, second = (luck.randrange(len(words)) for _ in range(2))
        words[first], words[second] = words[second], words[first]
    return b"".join(words)


def _shuffle(luck: random.Random, data: bytes, other: bytes) -> bytes:
    lines = data.split(b"\n")
    first, last = sorted(luck.randint(0, len(lines)) for _ in range(2))
    part = lines[first:last]
    luck.shuffle(part)
    return b"\n".join(lines[:first] + part + lines[last:])


def _repeat(luck: random.Random, data: bytes, other: bytes) -> bytes:
    lines = data.split(b"\n")
    at = luck.randrange(len(lines))
    return b"\n".join(lines[:at] + [lines[at]] * luck.choice((2, 2, 50, 3000)) + lines[at:])


def _indent(luck: random.Random, data: bytes, other: bytes) -> bytes:
    lines = data.split(b"\n")
    at = luck.randrange(len(lines))
    lines[at] = luck.choice((b" ", b"    ", b"\t", b"- ", b"")) + lines[at].lstrip()
    return b"\n".join(lines)


def _splice(luck: random.Random, data: bytes, other: bytes) -> bytes:
    at, first = luck.randint(0, len(data)), luck.randint(0, len(other))
    return data[:at] + other[first : first + luck.choice((5, 60, 4000))] + data[at:]


def _recode(luck: random.Random, data: bytes, other: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return luck.choice(
        (
            text.encode("utf-16"),
            text.encode("utf-8-sig"),
            text.replace("\n", "\r\n").encode(),
            text.replace("\n", "\r").encode(),
            text.upper().encode(),
            text.encode("utf-32"),
        )
    )


MUTATIONS: tuple[Mutation, ...] = (
    _cut, _lose, _noise, _sprinkle, _instead, _swap, _shuffle, _repeat, _indent, _splice, _recode,
)  # fmt: skip


def broken(luck: random.Random, data: bytes, other: bytes) -> bytes:
    """Break a file's content once or several times."""
    for _ in range(luck.choice((1, 1, 1, 2, 3, 8))):
        data = luck.choice(MUTATIONS)(luck, data, other)
    return data


def sources() -> list[Path]:
    """Files to break: scenarios, and the data behind them."""
    scenarios = scenarios_folder()
    data = [*sorted((scenarios / "data").glob("*.csv")), scenarios / "levers.yaml"]
    evidence = [evidence_folder() / name for name in ("timeline.csv", "reported.md")]
    return [*shipped_scenarios(), *data, scenarios / "parameters.yaml", *evidence]


def break_shipped(folder: Path, name: str, content: bytes) -> None:
    """Copy the shipped data into a folder, with one file replaced."""
    shutil.copytree(scenarios_folder(), folder / "scenarios")
    shutil.copytree(evidence_folder(), folder / "calibration" / "evidence")
    path = next(folder.rglob(name))
    path.chmod(0o644)
    path.write_bytes(content)


@dataclass
class Tally:
    """What the command line made of broken files."""

    codes: Counter[object] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0


def _try(luck: random.Random, number: int, tally: Tally) -> None:
    files = sources()
    source, other = luck.choice(files), luck.choice(files)
    content = broken(luck, source.read_bytes(), other.read_bytes())
    simulated = luck.random() < 0.2

    def make(folder: Path) -> list[str]:
        name = "broken.yaml"
        if source in shipped_scenarios():
            (folder / name).write_bytes(content)
        else:
            break_shipped(folder / SHIPPED, source.name, content)
            name = str(folder / SHIPPED / "scenarios" / "historical.yaml")
        options = ["--scale", "0.001", "--until", "1996-12", "--check", "-q"]
        return ["run", name, *options] if simulated else ["check", name]

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        fault = ""
        try:
            answer = ask(BadInput(source.name, "", make), Path(folder))
        except (Exception, TooSlowError):
            fault = traceback.format_exc()
        else:
            tally.codes[answer.code] += 1
            if answer.code not in (0, 2) or "Traceback" in answer.stderr + answer.stdout:
                fault = f"exit {answer.code}: {answer.stderr[:2000]}"
            elif answer.code == 2 and not answer.first_line:
                fault = "exit 2 without a word"
            elif answer.code == 2 and answer.written:
                fault = f"wrote {answer.written}"
        tally.slowest = max(tally.slowest, time.perf_counter() - began)
    if fault:
        tally.faults.append(f"{source.name} (file {number})")
        kept = Path(tempfile.gettempdir()) / f"broken-{number}-{source.name}"
        kept.write_bytes(content)
        print(f"--- {source.name}, kept as {kept}\n{fault}")


def main(n_files: int, seed: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    tally = Tally()
    for number in range(n_files):
        _try(random.Random(f"{seed} {number}"), number, tally)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{n_files} broken files (seed {seed}): {tally.codes[0]} valid, {tally.codes[2]} refused, "
        f"{len(tally.faults)} tracebacks or other faults; slowest {tally.slowest:.1f} s, "
        f"peak memory {peak:.0f} MB"
    )
    return int(bool(tally.faults))


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*given, *(600, 1)[len(given) :]))
