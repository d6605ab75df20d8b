"""Measurements of the engine and of its peers: ``make bench`` (``python -m benchmarks``).

``plan.py`` says what is measured and how often, ``cases/`` holds one file for each
measurement, ``report.py`` writes ``README.md`` from ``results.json``.
``scale_bias.py`` is a study of its own.
"""
