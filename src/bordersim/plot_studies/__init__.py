"""Figures of a whole study: scenarios side by side, fans, heat maps, fees by place.

``study.plot`` is the way in; each figure can also be had from a function of its own.
"""
