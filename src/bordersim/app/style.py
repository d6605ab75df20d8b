"""Style of the page, from the colours of the report: light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Mapping

from bordersim.reporting.colours import DARK, LIGHT

# Blue against vermilion is told apart by every common kind of colour blindness; besides,
# the baseline is dashed, and harm has its own heading.
_SIGNS_LIGHT = {"played": "#0b4f9e", "harm": "#b03a00", "water": "#cfe3f5", "wire": "#545b61"}
_SIGNS_DARK = {"played": "#8fbdf5", "harm": "#ff9d5c", "water": "#24405c", "wire": "#aab2b9"}


def _variables(*colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for part in colours for name, value in part.items())


_RULES = """
.bordersim { max-width: 1500px; margin: 0 auto; padding: 8px 16px 32px; color: var(--ink);
  display: grid; gap: 12px 24px; grid-template-columns: minmax(300px, 360px) minmax(0, 1fr);
  grid-template-areas: "control now" "levers now" "levers seen";
  grid-template-rows: auto auto 1fr; }
.bordersim .parts { display: contents; }
.bordersim .control { grid-area: control; } .bordersim .levers { grid-area: levers; }
.bordersim .now-area { grid-area: now; } .bordersim .seen { grid-area: seen; }
.bordersim h2 { font-size: 1.05rem; margin: 0 0 4px; } .bordersim p { margin: 0 0 6px; }
.bordersim .month { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.bordersim small, .bordersim .quiet { color: var(--muted); font-size: .82rem; }
.bordersim small { display: block; font-weight: 400; }
.bordersim .warned { background: var(--warned); color: var(--ink); padding: 6px 10px;
  border-left: 3px solid var(--warn); font-size: .85rem; margin: 6px 0; }
.bordersim table.now { border-collapse: collapse; width: 100%; }
.bordersim table.now caption { text-align: left; color: var(--muted); font-size: .82rem;
  padding-bottom: 4px; }
.bordersim table.now th { text-align: left; font-weight: 500; }
.bordersim table.now thead th, .bordersim table.now td { text-align: right;
  font-variant-numeric: tabular-nums; padding: 3px 0 3px 12px; }
.bordersim table.now tbody tr { border-top: 1px solid var(--line); }
.bordersim table.now tbody small { display: inline; margin-left: 6px; }
.bordersim tr.harm th { color: var(--harm); } .bordersim td.effect { font-weight: 600; }
.bordersim .charts { display: grid; gap: 10px 16px;
  grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); }
.bordersim figure { margin: 0; } .bordersim figcaption { font-weight: 500; font-size: .9rem; }
.bordersim figure.harm figcaption { color: var(--harm); }
.bordersim figcaption small { display: inline; margin-left: 6px; }
.bordersim svg.chart { width: 100%; height: auto; display: block; }
.bordersim svg text { fill: var(--muted); font-size: 11px; }
.bordersim svg text.y { text-anchor: end; } .bordersim svg text.x { text-anchor: middle; }
.bordersim svg .grid { stroke: var(--line); }
.bordersim path.played { fill: none; stroke: var(--played); stroke-width: 2; }
.bordersim circle.now { fill: var(--played); }
.bordersim .harm path.played { stroke: var(--harm); } .bordersim .harm circle.now {
  fill: var(--harm); }
.bordersim path.baseline { fill: none; stroke: var(--ink); stroke-width: 1.3;
  stroke-dasharray: 4 3; opacity: .75; }
.bordersim line.moved { stroke: var(--muted); stroke-dasharray: 1 3; stroke-width: 1.5; }
.bordersim ol.river { list-style: none; padding: 0; margin: 0; display: grid; gap: 0 2px;
  grid-template-columns: repeat(6, minmax(0, 1fr)); }
.bordersim ol.river h3 { font-size: .85rem; font-weight: 600; margin: 0 0 2px; min-height: 2.4em;
  line-height: 1.2; display: flex; align-items: flex-end; }
.bordersim ol.river svg { width: 100%; height: auto; display: block; background: var(--sheet); }
.bordersim ol.river dl { display: grid; grid-template-columns: 1fr auto; margin: 4px 6px 8px 0;
  font-size: .8rem; } .bordersim ol.river dt { color: var(--muted); }
.bordersim ol.river dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.bordersim .water { fill: var(--water); } .bordersim .wave { fill: none; stroke: var(--page);
  stroke-width: 1.5; } .bordersim .arrow { fill: var(--played); }
.bordersim .caught { stroke: var(--harm); stroke-width: 3; stroke-linecap: round; fill: none; }
.bordersim .wire { stroke: var(--wire); stroke-width: 1.3; fill: none; }
.bordersim .camera { fill: var(--ink); }
.bordersim ul.legend { list-style: none; padding: 0; margin: 4px 0; display: flex;
  flex-wrap: wrap; gap: 2px 16px; font-size: .8rem; color: var(--muted); }
.bordersim svg.symbol { width: 17px; height: 17px; vertical-align: -4px; }
.bordersim svg.symbol.long { width: 26px; height: 16px; }
.bordersim .lever { border-top: 1px solid var(--line); padding: 8px 0; }
.bordersim .lever .name { font-size: .88rem; line-height: 1.25; }
.bordersim .lever.moved .name { font-weight: 600; }
.bordersim .lever .row { display: flex; align-items: center; gap: 8px; margin: 0; }
.bordersim .v-expansion-panel-content__wrap { padding: 0 12px 8px; }
.bordersim .v-expansion-panel-header { padding: 10px 12px; min-height: 44px; }
.bordersim .v-expansion-panel--active > .v-expansion-panel-header { min-height: 44px; }
.bordersim ul.plain { padding-left: 18px; font-size: .85rem; }
.bordersim :focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
@media (max-width: 800px) {
  .bordersim { padding: 8px 12px 32px; grid-template-columns: minmax(0, 1fr);
    grid-template-rows: none; grid-template-areas: "control" "now" "levers" "seen"; }
  .bordersim ol.river { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 2px; }
  .bordersim ol.river h3 { min-height: 0; }
  .bordersim table.now tbody small { display: block; margin-left: 0; }
}
"""


def css() -> str:
    """Style sheet of the page."""
    light = _variables(LIGHT, _SIGNS_LIGHT)
    dark = _variables(DARK, _SIGNS_DARK)
    return f".theme--light {{ {light} }}\n.theme--dark {{ {dark} }}\n{_RULES}"
