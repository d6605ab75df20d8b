"""Targets made of the entries of the evidence and the declaration of how they compare."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from bordersim.errors import BordersimError
from bordersim.figures import FIGURES
from bordersim.observing.declared import Declared, QuantityEntry, declared
from bordersim.observing.target import COUNT, INTERVAL, LOG, LOGIT, SHARE, Target, Targets
from bordersim.periods import Period
from bordersim.registry import Entry, Registry, registry
from bordersim.reports import CROSSING_FEE, nominal_won

ARRIVALS = "arrivals in the South"
DEBRIEFED = "people debriefed in the South"
PART_OF_ARRIVALS = "share of the arrivals of a longer period"
WOMEN = "share of women among arrivals"
HOMES = "share of arrivals from a home"

CALIBRATE, VALIDATE = "calibrate", "validate"


@dataclass(frozen=True)
class _Reading:
    """One entry, or several, in the terms of the figure that they are compared with."""

    id: str
    figure: str
    place: str
    low: float
    high: float
    trials: float = 0.0
    whole: Entry | None = None
    others: tuple[str, ...] = ()


def targets(
    use: Collection[str] = (CALIBRATE,),
    evidence: Registry | None = None,
    *,
    restating: bool = False,
) -> Targets:
    """Reported figures that a run can be compared with.

    Parameters
    ----------
    use
        Of the entries: "calibrate" for a fit, "validate" for a hold-out, "context",
        "forecast". A single word stands for itself.
    evidence
        The registry; that of the package when None.
    restating
        With those that say nothing that others do not say: to be shown, never fitted.

    Returns
    -------
    Targets
        In order of group and time. What has no simulated counterpart is left out.
    """
    uses = {use} if isinstance(use, str) else set(use)
    known = _targets_of(registry() if evidence is None else evidence)
    return Targets(t for t in known if t.use in uses and (restating or not t.restates))


def _targets_of(evidence: Registry) -> Targets:
    rules = declared()
    named = {name for rule in rules.restates.values() for name in (rule.entry, *rule.by)}
    missing = sorted(name for name in named if name not in evidence)
    if missing:
        raise BordersimError(
            f"observation.yaml: restates names {', '.join(missing)}, which the evidence has not"
        )
    found = []
    for entry in evidence.values():
        reading = _reading(entry, evidence)
        rule = None if reading is None else rules.rule(reading.figure, reading.place)
        if reading is not None and rule is not None:
            found.append(_target(entry, reading, rule, _restated(entry, rules, evidence)))
    order = {rule.group: position for position, rule in reversed(list(enumerate(rules.quantities)))}
    return Targets(sorted(found, key=lambda t: (order[t.group], t.period.first, t.period.last)))


def _reading(entry: Entry, evidence: Registry) -> _Reading | None:
    """What a figure is compared with; None for what is no figure of a run's months."""
    if not entry.is_figure or entry.span is None:
        return None
    plain = _Reading(entry.id, entry.quantity, entry.place, entry.low, entry.high)
    if entry.quantity == CROSSING_FEE:
        year = entry.span.middle_year
        low, high = (nominal_won(end, entry.unit, year) for end in (entry.low, entry.high))
        return replace(plain, low=low, high=high)
    if entry.quantity in (ARRIVALS, DEBRIEFED) and not _is_year(entry.span):
        return _part_of_arrivals(plain, entry, evidence)
    if entry.quantity == WOMEN:
        counted = _arrivals_of(entry.span, entry.use, evidence)
        # without the people it is a share of, a share says how much, but not how surely
        return None if counted is None else replace(plain, trials=counted.low)
    if entry.quantity == HOMES and entry.use in (CALIBRATE, VALIDATE):
        return _homes_together(plain, entry, evidence)
    return plain


def _part_of_arrivals(plain: _Reading, entry: Entry, evidence: Registry) -> _Reading | None:
    """A part of a year as a share of the shortest counted period that contains it.

    Of a quarter, a half-year and a year, each says something that the others do not, and
    nothing is counted twice.
    """
    span = entry.span
    assert span is not None
    longer = [
        (other.span.last - other.span.first, other)
        for other in evidence.select(use=entry.use, kind="exact", quantity=(ARRIVALS, DEBRIEFED))
        if other.span is not None
        and other.span != span
        and other.span.first <= span.first
        and span.last <= other.span.last
    ]
    if not longer:
        return None
    whole = min(longer, key=lambda pair: pair[0])[1]
    share = entry.low / whole.low
    part = replace(plain, figure=PART_OF_ARRIVALS, low=share, high=entry.high / whole.low)
    return replace(part, trials=whole.low, whole=whole, others=(whole.id,))


def _homes_together(plain: _Reading, entry: Entry, evidence: Registry) -> _Reading | None:
    """The provinces of one use as one share: the first stands for all, the others for none."""
    same = [e for e in evidence.select(use=entry.use, quantity=HOMES) if e.period == entry.period]
    if same[0] is not entry:
        return None
    share = math.fsum(one.low for one in same)
    place = " and ".join(one.place for one in same)
    others = tuple(one.id for one in same[1:])
    name = f"homes.{entry.period}"
    return replace(plain, id=name, place=place, low=share, high=share, others=others)


def _restated(entry: Entry, rules: Declared, evidence: Registry) -> str:
    """Why an entry is not fitted; "" unless all that state it may be used as it may."""
    rule = rules.restates.get(entry.id)
    if rule is None or any(evidence[name].use != entry.use for name in rule.by):
        return ""
    return rule.reason


def _target(entry: Entry, reading: _Reading, rule: QuantityEntry, restates: str) -> Target:
    span = entry.span
    assert span is not None
    exact = reading.low == reading.high
    form = rule.form if exact or rule.form == INTERVAL else INTERVAL
    named = isinstance(rule.spread, str)
    return Target(
        id=reading.id,
        group=rule.group,
        figure=reading.figure,
        period=_until(span, rule.until),
        place=reading.place,
        period_text=entry.period,
        definition=FIGURES[reading.figure].definition,
        form=form,
        scale=rule.scale or (LOG if rule.form == COUNT else LOGIT),
        low=reading.low,
        high=reading.high,
        trials=reading.trials if form == SHARE else 0.0,
        floor=rule.floor,
        spread=str(rule.spread) if named else "",
        extra=rule.extra if named else math.hypot(float(rule.spread), rule.extra),
        bias=rule.bias,
        evidence_ids=(entry.id, *reading.others),
        use=entry.use,
        whole=None if reading.whole is None else reading.whole.span,
        restates=restates,
        reason=rule.reason,
        source=entry.source,
        reliability=entry.reliability,
        unit=_unit(entry, reading),
    )


def _unit(entry: Entry, reading: _Reading) -> str:
    if entry.quantity == CROSSING_FEE:
        return "KRW million"
    return "share" if reading.figure == PART_OF_ARRIVALS else entry.unit


def _until(span: Period, until: int | None) -> Period:
    return span if until is None else Period(span.first, min(span.last, until))


def _is_year(span: Period) -> bool:
    return span.first % 12 == 0 and span.last == span.first + 11


def _arrivals_of(span: Period, use: str, evidence: Registry) -> Entry | None:
    """Count of the arrivals of a period, of the same use."""
    counts = evidence.select(use=use, kind="exact", quantity=ARRIVALS)
    return next((entry for entry in counts if entry.span == span), None)
