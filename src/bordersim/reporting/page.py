"""The page as text: one template, one style, one script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from markupsafe import Markup, escape

from bordersim._version import __version__
from bordersim.reporting.colours import DARK, LIGHT
from bordersim.reporting.content import Refs, Section, Table, number_in, within

_CODE = re.compile(r"`([^`]+)`")


def rendered(title: str, told: str, sections: Sequence[Section]) -> str:
    """Write the page.

    Parameters
    ----------
    title
        Its heading.
    told
        What it tells of, in a sentence.
    sections
        In order.

    Returns
    -------
    str
        HTML; the same text for the same sections.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("bordersim.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["key"] = _key
    environment.filters["coded"] = coded
    environment.tests["refs"] = lambda cell: isinstance(cell, Refs)
    script = _text("page.js")
    style = f"{_variables()}\n{_text('page.css')}"
    return environment.get_template("page.html").render(
        title=title,
        told=told,
        sections=sections,
        version=__version__,
        style=style,
        script=script,
        policy=_policy(script, style),
        anchors=_anchors(sections),
    )


def _text(name: str) -> str:
    return (resources.files("bordersim.reporting") / "templates" / name).read_text("utf-8")


def _policy(script: str, style: str) -> str:
    """What a browser may do with the page: run this script and style, load nothing."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {_hash(style)}; script-src {_hash(script)}"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _variables() -> str:
    """Colours: light unless the reader's system or the reader says dark; print is light."""
    dark = f"color-scheme: dark; {_listed(DARK)}"
    return (
        f":root {{ color-scheme: light; {_listed(LIGHT)} }}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f"  :root:not([data-theme=light]) {{ {dark} }}\n"
        "}\n"
        f"@media screen {{ :root[data-theme=dark] {{ {dark} }} }}"
    )


def _listed(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def coded(text: str) -> Markup:
    """Text in which what stands between backticks is code; all of it escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def _key(cell: str) -> str:
    """What a cell is sorted by, where its column is of numbers."""
    value = number_in(cell)
    return "" if value is None else repr(value)


def _anchors(sections: Sequence[Section]) -> frozenset[Any]:
    """Ids that cells may lead to."""
    tables = (block for section in sections for block in within(section.blocks))
    return frozenset(
        row[0] for table in tables if isinstance(table, Table) and table.anchored
        for row in table.rows
    )  # fmt: skip
