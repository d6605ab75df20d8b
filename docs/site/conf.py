"""Sphinx: how the pages of the repository become one site that needs no network.

The source is the repository itself, so that links between pages work in an editor and
on the site alike; only the pages listed here are read.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bordersim import __version__

project = "bordersim"
author = "The bordersim authors"
release = version = __version__

root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/api/*.md",
    "docs/decisions/*.md",
    "docs/figures/README.md",
    "docs/how-to/*.md",
    "docs/notebooks/*.ipynb",
    "docs/notebooks/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    "calibration/**.md",
    "verification/README.md",
    "verification/mutation/README.md",
]
exclude_patterns = [".*", "build", "results", "src", "tests"]

# `!` in a cell of a notebook is not Python.
suppress_warnings = ["misc.highlighting_failure"]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "myst_nb",
    "directives",
]

# GitHub's anchors, which links within the repository use.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]

# Notebooks show what is stored in them; `python docs/notebooks/execute.py` runs them.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # else two scripts from elsewhere

# Docstrings leave types to the annotations.
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True
viewcode_line_numbers = True

html_theme = "furo"
html_title = f"bordersim {release}"
html_short_title = "bordersim"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["entry"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_search_summary = False  # it would fetch pages, which a browser forbids on a disk
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "github-dark"
