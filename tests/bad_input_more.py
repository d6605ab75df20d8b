"""More of what a stranger may get wrong: parents, parameters and policies."""

from __future__ import annotations

from bad_input_cases import HEAD, BadInput, extends, more, policy, special

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
    BadInput(
        "extends a broken file", "other.yaml:5 titel", extends("other.yaml", HEAD + "titel: x\n")
    ),
)

PARAMETERS: tuple[BadInput, ...] = (
    BadInput(
        "unknown parameter",
        'did you mean "residents.k_kin"',
        more("parameters: {residents.k_kn: 1}"),
    ),
    BadInput("parameter out of range", "allowed:", more("parameters: {residents.k_kin: 99}")),
    BadInput("parameter NaN", "got nan", more("parameters: {residents.k_kin: .NaN}")),
    BadInput("parameter infinite", "got inf", more("parameters: {residents.k_kin: +.inf}")),
    BadInput("parameter in quotes", '"1" (text)', more("parameters: {residents.k_kin: '1'}")),
    BadInput(
        "parameter as nan in words", '"nan" (text)', more("parameters: {residents.k_kin: nan}")
    ),
    BadInput("parameter true", "got true", more("parameters: {residents.k_kin: true}")),
    BadInput("parameter as nothing", "got nothing", more("parameters: {residents.k_kin: }")),
    BadInput("list for one number", "one number", more("parameters: {residents.k_kin: [1, 2]}")),
    BadInput(
        "list too short", "a list of 7 numbers", more("parameters: {population.age_shares: [1, 2]}")
    ),
    BadInput("empty list", "empty list", more("parameters: {population.age_shares: []}")),
    BadInput(
        "list with NaN",
        "got nan",
        more("parameters: {population.age_shares: [.nan, 0, 0, 0, 0, 0, 0]}"),
    ),
    BadInput(
        "shares that do not sum to one",
        "sum",
        more("parameters: {population.age_shares: [.1, .1, .1, .1, .1, .1, .1]}"),
    ),
    BadInput("negative people", "got -5", more("parameters: {population.officials_abroad: -5}")),
    BadInput("lever as parameter", "policy", more("parameters: {guards.per_km: 9}")),
)

POLICIES: tuple[BadInput, ...] = (
    BadInput("unknown lever", 'did you mean "guards.per_km"', policy(lever="gaurds.per_km")),
    BadInput("unknown operation", "allowed: set, scale, add, hold", policy(op="multiply")),
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
        "wrong dimension",
        "measures won of 2015",
        policy(lever="china.bounty_report", value="5 KRW"),
    ),
    BadInput("unknown unit", 'unknown unit "parsec"', policy(value="5 parsec")),
    BadInput("unit of a multiplier", "measures yuan", policy(op="scale", value="2 CNY")),
    BadInput("negative multiplier", "cannot be negative", policy(op="scale", value="-2")),
    BadInput("scaled out of range", "allows 1 to 24", policy(op="scale", value="9")),
    BadInput("unknown parameter", "unknown parameter", policy(value="", parameter="history.x")),
    BadInput(
        "parameter of another unit",
        "measures",
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
        "places of a national lever",
        "takes no places",
        policy(lever="china.refoulement", value="1", places="[tumen_musan]"),
    ),
    BadInput("unknown factor", "allowed: guards", policy(factor="chin")),
    BadInput("unknown evidence", 'unknown evidence "S9.x"', policy(evidence="[S9.x]")),
    BadInput("id leaves the folder", "id: got", policy(id="../x")),
    BadInput(
        "id twice",
        "is there already",
        more(
            "policies:",
            "  add:",
            "    - {id: a, lever: guards.per_km, op: set, value: 9, from: 1995-02}",
            "    - {id: a, lever: guards.per_km, op: set, value: 8, from: 1995-03}",
        ),
    ),
    BadInput(
        "drops what is not there",
        'did you mean "ssd-command"',
        more("extends: historical.yaml", "policies: {drop: [ssd-comand]}"),
    ),
    BadInput(
        "drops twice",
        "dropped twice",
        more("extends: historical.yaml", "policies: {drop: [ssd-command, ssd-command]}"),
    ),
    BadInput("drop as text", "expected a list", more("policies: {drop: x}")),
    BadInput("policies as a list", "expected keys and values", more("policies: [a]")),
    BadInput("policy as a number", "expected keys and values", more("policies: {add: [7]}")),
)
