"""Check every link of the documentation; list those that leave the repository.

``python docs/links.py`` looks at all Markdown and notebooks under version control: a
link must lead to a file that is kept, an anchor to a heading of it. Nothing is fetched:
links to the web are only listed. ``python docs/links.py build/site`` looks at a site that
is built: nothing that a page loads may come from a network, and all of it must be there.
Exit code 1 if a link leads nowhere.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[1]
WEB = ("http://", "https://", "mailto:")


class Link(NamedTuple):
    """A link as written: the page it is on, its line, and where it leads."""

    page: Path
    line: int
    target: str


def kept_files(root: Path = ROOT) -> set[Path]:
    """Files under version control, and new ones that are not ignored; all if there is no git."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(listing, cwd=root, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return {path for path in root.rglob("*") if path.is_file()}
    return {root / name for name in names.stdout.split("\0") if name and (root / name).is_file()}


def text_of(page: Path) -> str:
    """Markdown of a page, or of all the cells of a notebook."""
    text = page.read_text("utf-8")
    if page.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@cache
def tokens_of(page: Path) -> tuple[Token, ...]:
    """Blocks of a page."""
    return tuple(MarkdownIt("commonmark").enable("table").parse(text_of(page)))


def links_of(page: Path) -> Iterator[Link]:
    """Links and pictures of a page, in order."""
    for block in tokens_of(page):
        for token in block.children or ():
            target = token.attrGet("href" if token.type == "link_open" else "src")
            if token.type in ("link_open", "image") and target:
                yield Link(page, (block.map or [0])[0] + 1, str(target))


def slug(heading: str) -> str:
    """Anchor of a heading, as repositories and the site make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """Anchors of a page; a heading that comes again is numbered."""
    found: set[str] = set()
    blocks = tokens_of(page)
    for start, inline in pairwise(blocks):
        if start.type == "heading_open":
            words = "".join(t.content for t in inline.children or () if t.type != "image")
            plain, number = slug(words), 0
            while (anchor := f"{plain}-{number}" if number else plain) in found:
                number += 1
            found.add(anchor)
    return frozenset(found)


def fault_of(link: Link, kept: set[Path]) -> str | None:
    """What is wrong with a link within the repository, if anything."""
    path, _, anchor = unquote(link.target).partition("#")
    target = (link.page.parent / path).resolve() if path else link.page
    if target not in kept:
        folder = any(target in file.parents for file in kept)
        return "is a folder; name its README.md" if folder else "is not there"
    if anchor and target.suffix in (".md", ".ipynb") and anchor not in anchors_of(target):
        return "has no such heading"
    return None


def checked(root: Path = ROOT) -> tuple[list[str], list[Link]]:
    """Faults, each with page, line and remedy, and the links that leave the repository."""
    kept = kept_files(root)
    pages = sorted(path for path in kept if path.suffix in (".md", ".ipynb"))
    faults, web = [], []
    for page in pages:
        if "templates" in page.parts:  # filled in by `bordersim init`
            continue
        for link in links_of(page):
            if link.target.startswith(WEB):
                web.append(link)
            elif fault := fault_of(link, kept):
                faults.append(f"{page.relative_to(root)}:{link.line}: {link.target} {fault}")
    return faults, web


LOADED = re.compile(r"""<(?:script|img|iframe|source)\b[^>]*?\ssrc="([^"]*)"|<link\b[^>]*>""")
FETCHED = ("stylesheet", "icon", "preload", "modulepreload", "manifest")


def loaded_by(text: str) -> Iterator[str]:
    """What a browser loads for a page or a style sheet."""
    for found in LOADED.finditer(text):
        if found[1] is not None:
            yield found[1]
        elif any(kind in found[0] for kind in FETCHED):
            yield from re.findall(r'href="([^"]*)"', found[0])
    yield from re.findall(r"""(?:@import\s+|url\()\s*["']?([^"')\s;]+)""", text)


def faults_of_site(site: Path) -> list[str]:
    """What pages of a built site load from elsewhere, or in vain."""
    faults = []
    for page in sorted([*site.rglob("*.html"), *site.rglob("*.css")]):
        text = page.read_text("utf-8")
        if page.suffix == ".html":  # what stands in <style> is loaded, what stands in <code> is not
            text = re.sub(r"<(pre|code)\b.*?</\1>", "", text, flags=re.DOTALL)
        for target in loaded_by(text):
            path = unquote(target.partition("#")[0].partition("?")[0])
            name = page.relative_to(site)
            if re.match(r"(?:https?:)?//", target):
                faults.append(f"{name}: loads {target} from a network")
            elif path and not target.startswith("data:") and not (page.parent / path).exists():
                faults.append(f"{name}: loads {target}, which is not there")
    return faults


def main(site: Path | None = None) -> int:
    """Print faults and what was not fetched."""
    faults, web = (faults_of_site(site), []) if site else checked()
    for fault in faults:
        print(fault, file=sys.stderr)
    for link in web:
        print(f"not fetched: {link.page.relative_to(ROOT)}:{link.line}: {link.target}")
    print(f"{len(faults)} broken links{f' in {site}' if site else ''}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
