"""Directives of the site: parts of pages that are read from what they describe.

``{command} NAME`` is what ``bordersim NAME --help`` says, ``{scenarios}`` what ships.
"""

from __future__ import annotations

from typing import Any

from commands import markdown_of, shipped_markdown
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Part(SphinxDirective):
    """Markdown from elsewhere, parsed where the directive stands."""

    def markdown(self) -> str:
        """Text of the part."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Nodes of the part, in a container of the directive's name."""
        holder = nodes.container(classes=[self.name])
        lines = StringList(self.markdown().splitlines(), self.name)
        self.state.nested_parse(lines, self.content_offset, holder)
        return [holder]


class Command(Part):
    """Usage and options of the command named by the argument."""

    required_arguments = 1
    final_argument_whitespace = True

    def markdown(self) -> str:
        """Help of the command."""
        return markdown_of(self.arguments[0])


class Scenarios(Part):
    """Table of the scenarios that ship."""

    def markdown(self) -> str:
        """Names and titles."""
        return shipped_markdown()


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx of the directives."""
    app.add_directive("command", Command)
    app.add_directive("scenarios", Scenarios)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
