"""``bordersim app``: a page in the browser that plays a scenario month by month.

Only :mod:`bordersim.app.page` and what it is made of import Solara; the rest (what was
moved, what is read of two runs, the pictures) can be used and tested without it.
"""
