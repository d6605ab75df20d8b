"""The page in headless Chromium: wide and narrow, sorting, dark, folds, print, keyboard.

`make browser` installs Chromium and its driver; without them these tests are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reports import browser, browser_missing, show, write_calibration, write_pair
from sweeps import carry_out_here

import bordersim as bs
from bordersim.reporting.colours import DARK, LIGHT

pytestmark = pytest.mark.skipif(bool(browser_missing()), reason=browser_missing())

WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        carry_out_here(write_pair(folder), folder / "results" / "pair", patch)
    write_calibration(folder / "results" / "fitted")
    return bs.report(folder / "results", folder / "page.html").path


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as made:
        yield made


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def ground(driver: Any) -> str:
    return str(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_body_never_scrolls_sideways(driver: Any, page: Path, width: int) -> None:
    show(driver, page, width)
    driver.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    beyond = driver.execute_script(
        "return [...document.querySelectorAll('body *')].filter((one) => "
        "!one.closest('.scroll') && one.getBoundingClientRect().right > innerWidth + 1)"
        ".map((one) => one.tagName + ' ' + one.textContent.slice(0, 40))"
    )
    assert beyond == []


def test_nothing_is_fetched_and_nothing_complains(driver: Any, page: Path) -> None:
    driver.get_log("performance")
    driver.get_log("browser")
    show(driver, page, 1280)
    messages = [json.loads(one["message"])["message"] for one in driver.get_log("performance")]
    sent = [
        one["params"]["request"]["url"]
        for one in messages
        if one["method"] == "Network.requestWillBeSent"
    ]
    assert sent.count(page.as_uri()) == 1
    assert all(url.startswith("data:") for url in sent if url != page.as_uri())
    assert driver.get_log("browser") == []
    assert driver.title == "bordersim report: results"  # and not what a scenario's title says


def column(driver: Any, caption: str, at: int) -> list[str]:
    found: list[str] = driver.execute_script(
        "const table = [...document.querySelectorAll('table')]"
        ".find((one) => one.caption.textContent.startsWith(arguments[0]));"
        "return [...table.tBodies[0].rows].map((row) => row.cells[arguments[1]].textContent)",
        caption,
        at,
    )
    return found


def heading(driver: Any, caption: str, at: int) -> Any:
    return driver.execute_script(
        "const table = [...document.querySelectorAll('table')]"
        ".find((one) => one.caption.textContent.startsWith(arguments[0]));"
        "for (let one = table; one; one = one.parentElement) if (one.tagName === 'DETAILS')"
        " one.open = true;"
        "return table.tHead.rows[0].cells[arguments[1]]",
        caption,
        at,
    )


def test_a_heading_sorts_by_numbers_and_again_the_other_way(driver: Any, page: Path) -> None:
    show(driver, page, 1280)
    caption, at = "Arrivals in the South", 2
    before = [float(text.replace(",", "")) for text in column(driver, caption, at)]
    assert len(before) == 2  # 1998 and 1999
    cell = heading(driver, caption, at)
    button = cell.find_element("tag name", "button")
    for order, reverse in (("ascending", False), ("descending", True)):
        driver.execute_script("arguments[0].click()", button)
        now = [float(text.replace(",", "")) for text in column(driver, caption, at)]
        assert now == sorted(before, reverse=reverse)
        assert cell.get_attribute("aria-sort") == order
    other = heading(driver, caption, 0)
    driver.execute_script("arguments[0].click()", other.find_element("tag name", "button"))
    assert cell.get_attribute("aria-sort") is None
    assert other.get_attribute("aria-sort") == "ascending"


def test_rows_without_a_number_stay_last(driver: Any, page: Path) -> None:
    show(driver, page, 1280)
    caption, at = "Arrivals in the South", 2
    cell = heading(driver, caption, at)
    driver.execute_script(
        "const blank = arguments[0].closest('table').tBodies[0].rows[0].cells[arguments[1]];"
        "blank.textContent = '-'; delete blank.dataset.key",
        cell,
        at,
    )
    button = cell.find_element("tag name", "button")
    for _ in range(2):
        driver.execute_script("arguments[0].click()", button)
        assert column(driver, caption, at)[-1] == "-"


def test_a_heading_sorts_by_words_from_the_keyboard(driver: Any, page: Path) -> None:
    show(driver, page, 1280)
    caption = "Reports"
    cell = heading(driver, caption, 1)
    button = cell.find_element("tag name", "button")
    driver.execute_script("arguments[0].focus()", button)
    driver.switch_to.active_element.send_keys("\n")
    claims = column(driver, caption, 1)
    assert len(claims) > 50
    ordered = driver.execute_script(
        "const by = new Intl.Collator('en', {numeric: true});"
        "return [...arguments[0]].sort(by.compare)",
        claims,
    )
    assert claims == ordered
    assert cell.get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_the_page_is_as_the_system_until_the_reader_decides(
    driver: Any, page: Path, scheme: str, colours: Any
) -> None:
    show(driver, page, 1280, scheme)
    driver.execute_script("localStorage.clear()")
    show(driver, page, 1280, scheme)
    assert ground(driver) == rgb(colours["page"])
    button = driver.find_element("class name", "theme")
    button.click()
    other = LIGHT if colours is DARK else DARK
    assert ground(driver) == rgb(other["page"])
    show(driver, page, 1280, scheme)  # read again: the choice is kept
    assert ground(driver) == rgb(other["page"])
    driver.find_element("class name", "theme").click()
    assert ground(driver) == rgb(colours["page"])


def test_print_is_light_and_opens_every_fold(driver: Any, page: Path) -> None:
    show(driver, page, 1280, "dark")
    media = {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    assert ground(driver) == rgb(LIGHT["page"])
    shown = driver.execute_script(
        "return getComputedStyle(document.querySelector('.theme')).display"
    )
    assert shown == "none"
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    count = "return document.querySelectorAll('details:not([open])').length"
    shut = driver.execute_script(count)
    assert shut > 5
    driver.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert driver.execute_script(count) == 0
    driver.execute_script("dispatchEvent(new Event('afterprint'))")
    assert driver.execute_script(count) == shut


def test_on_paper_nothing_is_cut_off_and_short_words_stay_whole(driver: Any, page: Path) -> None:
    show(driver, page, 688)  # A4 within its margins
    driver.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    beyond, tall = driver.execute_script(
        "const cells = [...document.querySelectorAll('th, td')];"
        "const lines = (one) => { const range = document.createRange();"
        " range.selectNodeContents(one); return range.getClientRects().length };"
        "return [cells.filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
        ".map((one) => one.textContent.slice(0, 40)),"
        "cells.filter((one) => one.matches('tbody .short') && !/[\\s-]/.test(one.textContent)"
        " && lines(one) > 1).map((one) => one.textContent)]"
    )
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert beyond == []
    assert tall == []


def test_a_link_to_a_report_opens_the_fold_it_is_in(driver: Any, page: Path) -> None:
    show(driver, page, 1280)
    link = driver.find_element("css selector", "#evidence td a[href^='#ev-']")
    driver.execute_script("arguments[0].click()", link)
    aim = link.get_attribute("href").partition("#")[2]
    seen = driver.execute_async_script(
        "const done = arguments[1]; setTimeout(() => {"
        "const one = document.getElementById(arguments[0]);"
        "done(one.closest('details').open && one.offsetHeight > 0)}, 50)",
        aim,
    )
    assert seen


def test_a_fold_opens_by_the_page_s_own_script(driver: Any, page: Path) -> None:
    """Chromium opens folds for links by itself; not every browser does."""
    show(driver, page, 1280)
    opened = driver.execute_script(
        "const row = document.querySelector('#evidence tr[id^=ev-]');"
        "history.replaceState(null, '', '#' + row.id);"
        "dispatchEvent(new HashChangeEvent('hashchange'));"
        "return row.closest('details').open"
    )
    assert opened


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_tab_skips_to_the_content(driver: Any, page: Path, width: int) -> None:
    from selenium.webdriver.common.keys import Keys

    show(driver, page, width)
    driver.find_element("tag name", "body").send_keys(Keys.TAB)
    focused = driver.switch_to.active_element
    assert focused.get_attribute("class") == "skip"
    assert focused.rect["y"] >= 0
    focused.send_keys(Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "main"


def test_on_a_phone_the_name_of_a_row_stays_in_sight(driver: Any, page: Path) -> None:
    show(driver, page, 390)
    moved, named, cell = driver.execute_script(
        "const table = [...document.querySelectorAll('table')]"
        ".find((one) => one.caption.textContent.startsWith('Studies'));"
        "const around = table.parentElement; around.scrollLeft = 200;"
        "const left = (one) => one.getBoundingClientRect().left"
        " - around.getBoundingClientRect().left;"
        "const row = table.tBodies[0].rows[0];"
        "return [around.scrollLeft, left(row.cells[0]), left(row.cells[1])]"
    )
    assert moved == 200
    assert named == pytest.approx(0, abs=1)
    assert cell < 0  # the next one is under it
