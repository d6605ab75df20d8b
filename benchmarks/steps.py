"""What the profile knows of the engine; the only file to change when the engine's steps do.

Steps are found in the source of :data:`MONTH`: every kernel called by an opened function
is a row of its own. What is not found is left out, what is not named stands under "rest",
so rows always add up to the whole.
"""

from __future__ import annotations

MONTH = "bordersim.month"
"""Module whose functions are opened."""

ENGINE = "bordersim.engine"
"""Module that calls them from Python."""

SIMULATION = "bordersim.simulation"
"""Module that calls the engine, and whatever of ``ENGINE`` it imports by name."""

OPENED = ("outlook", "prepare", "decide", "act")
"""Functions of ``MONTH`` that only call others; opened where they are found."""

PYTHON_PARTS = {
    "Engine.__init__": "make the engine ready",
    "Engine.first_world": "first world",
    "Engine.step": "between kernels, in Python",
    "state_digest": "yearly digest of the state",
}
"""Functions of ``ENGINE`` timed from Python, without the kernels inside them."""

REMEMBERING = ("bordersim.population", ENGINE, "bordersim.agents")
"""Modules whose caches a fresh process would find empty when a run begins."""

UNITS = {
    "inspect_and_learn": ("months", "month"),
    "set_prices": ("months", "month"),
    "consider_without_history": ("candidates", "point drawn"),
    "choose": ("considerers", "considerer"),
    "cross": ("crossings", "crossing"),
    "clocks_in_china": ("person_months_in_china", "person and month in China"),
    "record": ("months", "month"),
}
"""Step to the count it grows with, and what one of them is."""
