"""More of what a stranger may get wrong: parents, parameters, policies, data and options."""

from __future__ import annotations

from bad_input_cases import HEAD, HISTORY, BadInput, data, extends, more, option, policy, special
from bad_input_cases import again as twice
from bad_input_cases import swap

PARENTS: tuple[BadInput, ...] = (
    BadInput("extends itself", "a circle", extends("bad.yaml")),
    BadInput(
        "extends in a circle", "a circle", extends("other.yaml", HEAD + "extends: bad.yaml\n")
    ),
    BadInput("extends a missing file", 'did you mean "historical.yaml"', extends("historcal.yaml")),
    BadInput("extends a folder", "is a folder", special("folder", extended=True)),
    BadInput("extends a pipe", "is a pipe", special("pipe", extended=True)),
    BadInput("extends a device", "is a device", special("device", extended=True)),
    BadInput("extends a terabyte", "larger than", special("huge", extended=True)),
    BadInput("extends a link to itself", "extends: ", special("loop", extended=True)),
    BadInput("extends a file of the system", "relative", extends("/etc/passwd")),
    BadInput("extends no YAML file", "ends in .yaml", extends("other.txt", HEAD)),
    BadInput("extends a name with NUL", "cannot be a file name", extends('"\\0"')),
    BadInput("extends a name of 5000 letters", "cannot be", extends("a" * 5000 + ".yaml")),
    BadInput("extends a number", "expected text", extends("7")),
    BadInput("extends a list", "extends: got a list", extends("[base.yaml]")),
    BadInput("extends an empty name", "extends: ", extends('""')),
    BadInput("extends the parameters", "bordersim/parameters@1", extends("parameters.yaml")),
    BadInput("extends a broken file", "other.yaml:5 titel", extends("other.yaml", HEAD + "titel: x\n")),
)  # fmt: skip

PARAMETERS: tuple[BadInput, ...] = (
    BadInput(
        "unknown parameter", 'did you mean "residents.k_kin"', more("parameters: {residents.k_kn: 1}")
    ),
    BadInput("parameter out of range", "allowed:", more("parameters: {residents.k_kin: 99}")),
    BadInput("parameter NaN", "got nan", more("parameters: {residents.k_kin: .NaN}")),
    BadInput("parameter infinite", "got inf", more("parameters: {residents.k_kin: +.inf}")),
    BadInput("parameter in quotes", '"1" (text)', more("parameters: {residents.k_kin: '1'}")),
    BadInput("parameter as nan in words", '"nan" (text)', more("parameters: {residents.k_kin: nan}")),
    BadInput("parameter true", "got true", more("parameters: {residents.k_kin: true}")),
    BadInput("parameter as nothing", "got nothing", more("parameters: {residents.k_kin: }")),
    BadInput("list for one number", "one number", more("parameters: {residents.k_kin: [1, 2]}")),
    BadInput(
        "list too short", "a list of 7 numbers", more("parameters: {population.age_shares: [1, 2]}")
    ),
    BadInput("empty list", "empty list", more("parameters: {population.age_shares: []}")),
    BadInput(
        "list with NaN", "got nan",
        more("parameters: {population.age_shares: [.nan, 0, 0, 0, 0, 0, 0]}"),
    ),
    BadInput(
        "shares that do not sum to one", "sum",
        more("parameters: {population.age_shares: [.1, .1, .1, .1, .1, .1, .1]}"),
    ),
    BadInput(
        "negative people", "got -5", more("parameters: {population.officials_abroad: -5}")
    ),
    BadInput("lever as parameter", "policy", more("parameters: {guards.per_km: 9}")),
)  # fmt: skip

POLICIES: tuple[BadInput, ...] = (
    BadInput("unknown lever", 'did you mean "guards.per_km"', policy(lever="gaurds.per_km")),
    BadInput("unknown operation", "allowed: set, scale, add", policy(op="multiply")),
    BadInput("value out of range", "allows 1 to 24", policy(value="99")),
    BadInput("negative value", "allows 1 to 24", policy(value="-3")),
    BadInput("value NaN", "got nan", policy(value=".nan")),
    BadInput("value infinite", "got inf", policy(value=".inf")),
    BadInput("value true", "got true", policy(value="true")),
    BadInput("value yes", '"yes" (text)', policy(value="yes")),
    BadInput("number in quotes", '"10" (text)', policy(value="'10'")),
    BadInput("value a list", "got a list", policy(value="[1]")),
    BadInput("no value", "either value or parameter", policy(value="")),
    BadInput("value and parameter", "got both", policy(parameter="residents.k_kin")),
    BadInput(
        "wrong dimension", 'measures won of 2015', policy(lever="china.bounty_report", value="5 KRW")
    ),
    BadInput("unknown unit", 'unknown unit "parsec"', policy(value="5 parsec")),
    BadInput("unit of a multiplier", "measures yuan", policy(op="scale", value="2 CNY")),
    BadInput("negative multiplier", "cannot be negative", policy(op="scale", value="-2")),
    BadInput("scaled out of range", "allows 1 to 24", policy(op="scale", value="9")),
    BadInput("unknown parameter", "unknown parameter", policy(value="", parameter="history.x")),
    BadInput(
        "parameter of another unit", "measures",
        policy(value="", parameter="south.arrival_season", lever="china.helper_fine"),
    ),
    BadInput("until before from", "is before from", policy(until="1995-01")),
    BadInput("month 13", "a month is 01 to 12", policy(from_="1995-13")),
    BadInput("from missing", "from: required", policy(from_="")),
    BadInput("ramp in money", "measures yuan", policy(ramp="6 CNY")),
    BadInput("ramp below 0", "0 to 372", policy(ramp="-1")),
    BadInput("ramp of half a month", "whole months", policy(ramp="1.5")),
    BadInput("ramp of 1e300 months", "ramp: got", policy(ramp="1e300")),
    BadInput("unknown place", 'did you mean "tumen_musan"', policy(places="[tumen_musn]")),
    BadInput("place of another kind", "is not a sector", policy(places="[chagang]")),
    BadInput("place twice", "given twice", policy(places="[tumen_musan, tumen_musan]")),
    BadInput("no places", "empty list", policy(places="[]")),
    BadInput("place as text", "expected a list", policy(places="tumen_musan")),
    BadInput(
        "places of a national lever", "takes no places",
        policy(lever="china.refoulement", value="1", places="[tumen_musan]"),
    ),
    BadInput("unknown factor", "allowed: guards", policy(factor="chin")),
    BadInput("unknown evidence", 'unknown evidence "S9.x"', policy(evidence="[S9.x]")),
    BadInput("id leaves the folder", "id: got", policy(id="../x")),
    BadInput(
        "id twice", "is there already",
        more("policies:", "  add:",
             "    - {id: a, lever: guards.per_km, op: set, value: 9, from: 1995-02}",
             "    - {id: a, lever: guards.per_km, op: set, value: 8, from: 1995-03}"),
    ),
    BadInput(
        "drops what is not there", 'did you mean "ssd-command"',
        more("extends: historical.yaml", "policies: {drop: [ssd-comand]}"),
    ),
    BadInput(
        "drops twice", "dropped twice",
        more("extends: historical.yaml", "policies: {drop: [ssd-command, ssd-command]}"),
    ),
    BadInput("drop as text", "expected a list", more("policies: {drop: x}")),
    BadInput("policies as a list", "expected keys and values", more("policies: [a]")),
    BadInput("policy as a number", "expected keys and values", more("policies: {add: [7]}")),
)  # fmt: skip

DATA: tuple[BadInput, ...] = (
    BadInput("homes.csv missing", "homes.csv", data("homes.csv", None)),
    BadInput("homes.csv empty", "the table is empty", data("homes.csv", b"")),
    BadInput("homes.csv binary", "not text in UTF-8", data("homes.csv", b"\x80\xff" * 50)),
    BadInput("no rows", "no rows", data("homes.csv", lambda text: text[: text.index("north_ham")])),
    BadInput("column missing", "hunger_exposure", data("homes.csv", swap("hunger_exposure,", "hungr,"))),
    BadInput("column twice", "twice", data("homes.csv", swap("wealth_shift,border", "border,border"))),
    BadInput("a cell too few", "cells under", data("homes.csv", swap("0.28,0.03,", "0.28,"))),
    BadInput("words for a number", "expected a number", data("homes.csv", swap("2327362", "many"))),
    BadInput("people NaN", "expected a number", data("homes.csv", swap("2327362", "nan"))),
    BadInput("people infinite", "expected a number", data("homes.csv", swap("2327362", "Infinity"))),
    BadInput("negative people", "cannot be negative", data("homes.csv", swap("2327362", "-5"))),
    BadInput("half a person", "whole", data("homes.csv", swap("2327362", "2327362.5"))),
    BadInput("a billion people", "allowed: 0 to 33,554,432", data("homes.csv", swap("2327362", "1000000000"))),
    BadInput("shares above one", "sum", data("homes.csv", swap("0.28,0.03", "0.98,0.03"))),
    BadInput("home twice", "given twice", data("homes.csv", twice("ryanggang"))),
    BadInput("the capital missing", "pyongyang", data("homes.csv", lambda text: text.replace("pyongyang,", "capital,"))),
    BadInput("unknown home", "unknown home", data("sectors.csv", swap(",chagang,", ",chagnag,"))),
    BadInput("sector twice", "given twice", data("sectors.csv", twice("yalu_middle"))),
    BadInput("reach above one", "sum", data("reach.csv", swap("0.86", "0.96"))),
    BadInput("reach negative", "allowed: 0 to 1", data("reach.csv", swap("0.86", "-0.86"))),
    BadInput("reach of another home", "rows must be", data("reach.csv", swap("kangwon", "x"))),
    BadInput("unknown series", "unknown series", data("drivers.csv", swap("markets,", "market,"))),
    BadInput("date with month 13", "expected a year", data("drivers.csv", swap("2003-03", "2003-13"))),
    BadInput("one date twice", "one a date", data("drivers.csv", twice("markets,2010"))),
    BadInput("unit of the series", "Mt", data("drivers.csv", swap("3.88,Mt", "3.88,kt"))),
    BadInput("rate of zero", "above zero", data("money.csv", swap("1995,771,8.35", "1995,771,0"))),
    BadInput("year of words", "year", data("money.csv", swap("1995,771", "then,771"))),
    BadInput("parameters.yaml missing", "no such file", data("parameters.yaml", None)),
    BadInput("parameters.yaml cut", "parameters.yaml", data("parameters.yaml", lambda t: t[:9999])),
    BadInput("levers.yaml of a list", "expected keys", data("levers.yaml", b"- 1\n")),
    BadInput("levers.yaml of another map", "unknown place", data("levers.yaml", swap("low: 0.0", "by_place: {x: 0.1}\n    low: 0.0"))),
    BadInput("timeline.csv without ids", "missing columns: id", data("timeline.csv", swap("id,", "di,"))),
    BadInput("reported.md binary", "not text in UTF-8", data("reported.md", b"\xff\xfe\x80")),
)  # fmt: skip

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
    BadInput("--until before the start", "before the start", option("--set", "time.start=1995-03", "--until", "1995-02")),
    BadInput("--until beyond the data", "the data reach", option("--until", "2030-01")),
    BadInput("--until soon", "expected a month", option("--until", "soon")),
    BadInput("--seed -1", "--seed", option("--seed", "-1")),
    BadInput("--seed 2**70", "--seed", option("--seed", str(2**70))),
    BadInput("--seed 2**63-1 and one more", "--seed", option("--seed", str(2**63 - 1), "--replicates", "2")),
    BadInput("--seed 1.5", "--seed", option("--seed", "1.5")),
    BadInput("--replicates 0", "--replicates", option("--replicates", "0")),
    BadInput("--replicates a million million", "--replicates", option("--replicates", str(10**12))),
    BadInput("--set without value", "KEY=VALUE", option("--set", "guards.per_km")),
    BadInput("--set with an empty value", "KEY=VALUE", option("--set", "guards.per_km=")),
    BadInput("--set without key", "KEY=VALUE", option("--set", "=5")),
    BadInput("--set of an unknown key", 'did you mean "guards.per_km"', option("--set", "gaurds.per_km=5")),
    BadInput("--set out of range", "allows 1 to 24", option("--set", "guards.per_km=99")),
    BadInput("--set to NaN", "got nan", option("--set", "guards.per_km=nan")),
    BadInput("--set to infinity", "got inf", option("--set", "residents.k_kin=inf")),
    BadInput("--set to words", "expected a number", option("--set", "guards.per_km=many")),
    BadInput("--set to yes", "expected a number", option("--set", "guards.betrayal_rewarded=yes")),
    BadInput("--set of another dimension", "measures", option("--set", "china.bounty_report=5 KRW")),
    BadInput("--set of a short list", "a list of 7", option("--set", "population.age_shares=1,2")),
    BadInput("--set twice", "twice", option("--set", "guards.per_km=5", "--set", "guards.per_km=6")),
    BadInput("--set scale and --scale", "--scale", option("--set", "population.scale=0.002", "--scale", "0.001")),
    BadInput("--set of a section", "unknown key", option("--set", "population=5")),
    BadInput("--set of the name", "unknown key", option("--set", "name=x")),
    BadInput("-o a file", "is a file", option("-o", "occupied")),
    BadInput("-o below a file", "is a file", option("-o", "occupied/results")),
    BadInput("-o with NUL", "--out", option("-o", "a\0b")),
    BadInput("the same file twice", "twice", option("bad.yaml")),
)  # fmt: skip
