"""Colours of the page, light and dark; a test measures every pair that text is set in."""

from __future__ import annotations

from types import MappingProxyType

LIGHT = MappingProxyType(
    {
        "page": "#ffffff",
        "sheet": "#f5f6f7",
        "ink": "#1a1c1e",
        "muted": "#545b61",
        "line": "#d5d9dd",
        "link": "#0b4f9e",
        "warn": "#7a2a00",
        "warned": "#fff4e8",
        "focus": "#0b4f9e",
    }
)
DARK = MappingProxyType(
    {
        "page": "#15181b",
        "sheet": "#1e2226",
        "ink": "#e8eaec",
        "muted": "#aab2b9",
        "line": "#3a4147",
        "link": "#8fbdf5",
        "warn": "#ffc08a",
        "warned": "#2c2118",
        "focus": "#8fbdf5",
    }
)

TEXT_ON = (
    ("ink", "page"), ("ink", "sheet"), ("muted", "page"), ("muted", "sheet"), ("link", "page"),
    ("link", "sheet"), ("warn", "page"), ("warn", "warned"), ("ink", "warned"),
)  # fmt: skip
"""Which colour text has, and on which ground it stands."""
