"""The equations of ``docs/submodels.md``, one pure function each, named by their id.

Money is in KRW million of 2015, time in months, unless a function says otherwise.
``law`` is one group of parameters by its short names (``laws.py``).
"""
