"""More of what a stranger may get wrong: the data that ship, and options of the command line."""

from __future__ import annotations

from bad_input_cases import HISTORY, BadInput, again, broken, data, nation, option, swap

DATA: tuple[BadInput, ...] = (
    BadInput("homes.csv missing", "homes.csv", data("homes.csv", None)),
    BadInput("homes.csv empty", "the table is empty", data("homes.csv", b"")),
    BadInput("homes.csv binary", "not text in UTF-8", data("homes.csv", b"\x80\xff" * 50)),
    BadInput("no rows", "no rows", data("homes.csv", lambda text: text[: text.index("north_ham")])),
    BadInput(
        "column missing", "hunger_exposure", data("homes.csv", swap("hunger_exposure,", "hungr,"))
    ),
    BadInput(
        "column twice", "twice", data("homes.csv", swap("wealth_shift,border", "border,border"))
    ),
    BadInput("a cell too few", "cells under", data("homes.csv", swap("0.28,0.03,", "0.28,"))),
    BadInput("words for a number", "expected a number", data("homes.csv", swap("2327362", "many"))),
    BadInput("people NaN", "expected a number", data("homes.csv", swap("2327362", "nan"))),
    BadInput(
        "people infinite", "expected a number", data("homes.csv", swap("2327362", "Infinity"))
    ),
    BadInput("negative people", "cannot be negative", data("homes.csv", swap("2327362", "-5"))),
    BadInput("half a person", "whole", data("homes.csv", swap("2327362", "2327362.5"))),
    BadInput(
        "a billion people",
        "allowed: 0 to 33,554,432",
        data("homes.csv", swap("2327362", "1000000000")),
    ),
    BadInput("shares above one", "sum", data("homes.csv", swap("0.28,0.03", "0.98,0.03"))),
    BadInput("home twice", "given twice", data("homes.csv", again("ryanggang"))),
    BadInput(
        "the capital missing",
        "pyongyang",
        data("homes.csv", lambda text: text.replace("pyongyang,", "capital,")),
    ),
    BadInput("unknown home", "unknown home", data("sectors.csv", swap(",chagang,", ",chagnag,"))),
    BadInput("sector twice", "given twice", data("sectors.csv", again("yalu_middle"))),
    BadInput("reach above one", "sum", data("reach.csv", swap("0.86", "0.96"))),
    BadInput("reach negative", "allowed: 0 to 1", data("reach.csv", swap("0.86", "-0.86"))),
    BadInput("reach of another home", "rows must be", data("reach.csv", swap("kangwon", "x"))),
    BadInput("unknown series", "unknown series", data("drivers.csv", swap("markets,", "market,"))),
    BadInput(
        "date with month 13", "expected a year", data("drivers.csv", swap("2003-03", "2003-13"))
    ),
    BadInput("one date twice", "one a date", data("drivers.csv", again("markets,2010"))),
    BadInput("unit of the series", "Mt", data("drivers.csv", swap("3.88,Mt", "3.88,kt"))),
    BadInput("rate of zero", "above zero", data("money.csv", swap("1995,771,8.35", "1995,771,0"))),
    BadInput("year of words", "year", data("money.csv", swap("1995,771", "then,771"))),
    BadInput("parameters.yaml missing", "no such file", data("parameters.yaml", None)),
    BadInput("parameters.yaml cut", "parameters.yaml", data("parameters.yaml", lambda t: t[:9999])),
    BadInput("levers.yaml of a list", "expected keys", data("levers.yaml", b"- 1\n")),
    BadInput(
        "levers.yaml of another map",
        "unknown place",
        data("levers.yaml", swap("low: 0.0", "by_place: {x: 0.1}\n    low: 0.0")),
    ),
    BadInput(
        "timeline.csv without ids", "missing columns: id", data("timeline.csv", swap("id,", "di,"))
    ),
    BadInput("reported.md binary", "not text in UTF-8", data("reported.md", b"\xff\xfe\x80")),
)

OPTIONS: tuple[BadInput, ...] = (
    BadInput("no file", "SCENARIO", lambda folder: ["run"]),
    BadInput("unknown command", "rnu", lambda folder: ["rnu", HISTORY]),
    BadInput("unknown option", "--sede", option("--sede", "1")),
    BadInput("--scale 0", "population.scale: got 0", option("--scale", "0")),
    BadInput("--scale 2", "population.scale: got 2", option("--scale", "2")),
    BadInput("--scale nan", "--scale", option("--scale", "nan")),
    BadInput("--scale inf", "--scale", option("--scale", "inf")),
    BadInput("--scale abc", "--scale", option("--scale", "abc")),
    BadInput("--scale of 1e-300", "population.scale", option("--scale", "1e-300")),
    BadInput("--until 2016-13", "a month is 01 to 12", option("--until", "2016-13")),
    BadInput(
        "--until before the start",
        "before the start",
        option("--set", "time.start=1995-03", "--until", "1995-02"),
    ),
    BadInput("--until beyond the data", "the data reach", option("--until", "2030-01")),
    BadInput("--until soon", "expected a month", option("--until", "soon")),
    BadInput("--seed -1", "--seed", option("--seed", "-1")),
    BadInput("--seed 2**70", "--seed", option("--seed", str(2**70))),
    BadInput(
        "--seed 2**63-1 and one more",
        "--seed",
        option("--seed", str(2**63 - 1), "--replicates", "2"),
    ),
    BadInput("--seed 1.5", "--seed", option("--seed", "1.5")),
    BadInput("--replicates 0", "--replicates", option("--replicates", "0")),
    BadInput("--replicates a million million", "--replicates", option("--replicates", str(10**12))),
    BadInput("--set without value", "KEY=VALUE", option("--set", "guards.per_km")),
    BadInput("--set with an empty value", "KEY=VALUE", option("--set", "guards.per_km=")),
    BadInput("--set without key", "KEY=VALUE", option("--set", "=5")),
    BadInput(
        "--set of an unknown key",
        'did you mean "guards.per_km"',
        option("--set", "gaurds.per_km=5"),
    ),
    BadInput("--set out of range", "allows 1 to 24", option("--set", "guards.per_km=99")),
    BadInput("--set to NaN", "got nan", option("--set", "guards.per_km=nan")),
    BadInput("--set to infinity", "got inf", option("--set", "residents.k_kin=inf")),
    BadInput("--set to words", "expected a number", option("--set", "guards.per_km=many")),
    BadInput("--set to yes", "expected a number", option("--set", "guards.betrayal_rewarded=yes")),
    BadInput(
        "--set of another dimension", "measures", option("--set", "china.bounty_report=5 KRW")
    ),
    BadInput("--set of a short list", "a list of 7", option("--set", "population.age_shares=1,2")),
    BadInput(
        "--set twice", "two values", option("--set", "guards.per_km=5", "--set", "guards.per_km=6")
    ),
    BadInput(
        "--set scale and --scale",
        "--scale",
        option("--set", "population.scale=0.002", "--scale", "0.001"),
    ),
    BadInput(
        "--set and --scale beside a bad file",
        "--scale population.scale: got 0; must be",
        broken("--set", "guards.per_km=99", "--scale", "0"),
    ),
    BadInput("--set of a section", "unknown key", option("--set", "population=5")),
    BadInput("--set of the name", "unknown key", option("--set", "name=x")),
    BadInput("-o a file", "is a file", option("-o", "occupied")),
    BadInput("-o below a file", "is a file", option("-o", "occupied/results")),
    BadInput("-o a name of 300 letters", "--out", option("-o", "a" * 300)),
    BadInput("-o a URL", "not a URL", option("-o", "s3://bucket/results")),
    BadInput("-o not in UTF-8", "no text in UTF-8", option("-o", "a\udcff")),
    BadInput("the same file twice", "twice", option("bad.yaml")),
    BadInput("a nation beyond memory", "400 MB can be had; scale 0.", nation(), memory=400_000_000),
    BadInput(
        "its event log beyond memory",
        "1.0 GB can be had; scale 0.",
        nation("--events"),
        memory=1_000_000_000,
    ),
    BadInput(
        "two runs beyond memory",
        "one run at a time",
        nation("--replicates", "2"),
        memory=900_000_000,
    ),
    BadInput("a machine too small", "the program alone", nation(), memory=200_000_000),
)
