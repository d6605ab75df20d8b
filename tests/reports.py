"""What the tests of reports share: folders of every kind, the page as a tree, a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MARKUP = "<script>document.title='taken'</script> & \"more\""
"""Text of a scenario that must never become part of the page's markup."""

VOID = {"meta", "link", "br", "img"}

SWEEP = """\
schema: bordersim/sweep@1
name: pair
title: A pair
scenarios: [historical.yaml, other.yaml]
seeds: {count: 2}
scale: 0.001
until: 1999-12
observables: all
"""

OTHER = """\
schema: bordersim/scenario@1
name: other
title: TITLE
extends: historical.yaml
policies:
  add:
    - {id: more-raids, title: TITLE, lever: china.patrol_rate, op: scale, value: 4, from: 1998-01}
"""


def write_pair(folder: Path) -> Path:
    """Write a sweep of history and a scenario whose texts are markup."""
    text = OTHER.replace("TITLE", json.dumps(MARKUP))
    (folder / "other.yaml").write_text(text, encoding="utf-8")
    path = folder / "pair.yaml"
    path.write_text(SWEEP, encoding="utf-8")
    return path


def write_calibration(folder: Path) -> Path:
    """Write a calibration that is done, of two parameters: one told, one not."""
    folder.mkdir(parents=True)
    priors = [
        {"parameter": name, "distribution": "uniform", "low": 0.0, "high": 1.0, "reason": ""}
        for name in ("residents.told", "residents.untold")
    ]
    rng = np.random.default_rng(1)
    shares = {
        "residents.told": rng.normal(0.5, 0.05, 400).clip(0, 1),
        "residents.untold": rng.uniform(0, 1, 400),
    }
    known = {"residents.told": (0.8, "identified"), "residents.untold": (0.02, "not identified")}
    names = list(known)
    rows = [
        {
            "parameter": name,
            **{"prior_low": 0.05, "prior_median": 0.5, "prior_high": 0.95},
            **dict(zip(("low", "median", "high"), np.quantile(shares[name], [0.05, 0.5, 0.95]),
                       strict=True)),
            "sd": float(shares[name].std()),
            "contraction": known[name][0],
            "verdict": known[name][1],
            "strongest_with": names[1 - at],
            "correlation": 0.1,
        }
        for at, name in enumerate(names)
    ]  # fmt: skip
    groups = [
        {"group": "arrivals", "reports": 3, "parameter": name, "lost": lost, "how": "reweighted"}
        for name, lost in zip(names, (0.6, 0.0), strict=True)
    ]
    tables = {
        "identifiability": pa.Table.from_pylist(rows),
        "groups": pa.Table.from_pylist(groups),
        "shares": pa.table(shares),
        "posterior": pa.table({"draw": [0]}),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    manifest = {
        "schema": "bordersim/posterior@1", "name": "made-up", "title": f"Made up {MARKUP}",
        "file": "f" * 16, "scenario": "historical", "scale": 0.01, "engine": "e" * 12,
        "versions": {"bordersim": "0"}, "seed": 1, "first_seed": 1, "priors": priors,
        "fixed": {"residents.dull": 2.5}, "fitted": ["a", "b"], "held_out": ["c"],
        "runs_kept_from": {}, "posterior": "p" * 16, "seconds": 1.0,
        "steps": [{"step": "wave-1", "key": "k", "seconds": 1.0, "found": "32 points"}],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@dataclass
class Node:
    """An element: its name, attributes, children and text."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def all(self, *names: str) -> Iterator[Node]:
        """Every element below with one of these names, in order."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.all(*names)

    @property
    def words(self) -> str:
        """Its text and that of all below."""
        return " ".join([self.text, *(child.words for child in self.children)])


class Tree(HTMLParser):
    """A page as a tree; an element that is closed out of order is an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert [node.name for node in self.open] == [""], "elements that are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        """End the element that is open."""
        assert self.open[-1].name == tag, f"</{tag}> within <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.open[-1].text += data


def browser_missing() -> str:
    """Why no browser can be driven here; empty when one can."""
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    try:
        import selenium  # noqa: F401
    except ImportError:
        lacking.append("the Python package selenium")
    if not lacking:
        return ""
    return f"no {', '.join(lacking)} here: `make browser` installs it; the page is not looked at"


@contextmanager
def browser(folder: Path) -> Iterator[Any]:
    """Headless Chromium that keeps a log of what it loads."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-extensions",
        "--disable-component-update", f"--user-data-dir={folder}",
    ):  # fmt: skip
        options.add_argument(argument)
    driver = webdriver.Chrome(options, Service(str(shutil.which("chromedriver"))))
    try:
        yield driver
    finally:
        driver.quit()


def show(driver: Any, page: Path, width: int, scheme: str = "light") -> None:
    """Open a page at a width, on a system that is light or dark."""
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    driver.get(page.as_uri())
