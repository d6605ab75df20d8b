"""The app in headless Chromium: it loads, plays, moves levers, resets, and asks nobody else.

`make browser` installs Chromium and its driver; without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from reports import browser, browser_missing

import bordersim as bs
from bordersim.data_files import scenarios_folder

WIDE, NARROW = (1280, 900), (390, 844)
PATIENCE = 60.0
"""Seconds after which something that was asked for is not coming; it takes one or less."""

pytestmark = pytest.mark.skipif(bool(browser_missing()), reason=browser_missing())


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app as it is started from a shell; stopped as by Ctrl-C."""
    bs.run(
        scenarios_folder() / "historical.yaml", until="1995-01", scale=0.001
    )  # compiled before anybody waits
    folder = tmp_path_factory.mktemp("app")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bordersim", "app", "--port", "0", "--scale", "0.01", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment
    ) as server:
        try:
            assert server.stdout is not None
            text = b""
            while not text.endswith(b"}\n"):
                line = server.stdout.readline()
                assert line, server.stderr and server.stderr.read().decode()
                text += line
            yield json.loads(text)["url"]
        finally:
            server.send_signal(signal.SIGINT)
            _, said = server.communicate(timeout=PATIENCE)
    assert server.returncode == 128 + signal.SIGINT
    assert b"Traceback" not in said
    assert list(folder.iterdir()) == [], "the app left files behind"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as made:
        made.get_log("performance")  # of the new tab
        resize(made, WIDE)
        made.get(address)
        wait(made, lambda: made.find_elements("css selector", "table.now"))
        yield made


def wait(driver: Any, until: Any) -> Any:
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(
        driver, PATIENCE, 0.1, ignored_exceptions=[StaleElementReferenceException]
    ).until(lambda _: until())


def resize(driver: Any, size: tuple[int, int]) -> None:
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def text_of(driver: Any, selector: str) -> str:
    return str(
        driver.execute_script("return document.querySelector(arguments[0])?.innerText", selector)
    )


def month(driver: Any) -> str:
    return text_of(driver, ".month")


def press(driver: Any, label: str) -> None:
    driver.execute_script(
        "[...document.querySelectorAll('button')]"
        ".find((one) => one.innerText.trim().toLowerCase() === arguments[0]).click()",
        label,
    )


def effects(driver: Any) -> list[str]:
    found: list[str] = driver.execute_script(
        "return [...document.querySelectorAll('td.effect')].map((one) => one.innerText)"
    )
    return found


def test_it_plays_and_a_lever_parts_it_from_its_baseline(driver: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    assert month(driver) == "before 1995-01"
    press(driver, "step")
    wait(driver, lambda: month(driver) == "1995-01")
    drawn = "return document.querySelectorAll('svg.chart path.played').length"
    assert driver.execute_script(drawn) >= 6  # all but the fee, when nothing was sold
    assert driver.execute_script("return document.querySelectorAll('.river svg').length") == 6
    assert all(set(effect) <= set("0.-") for effect in effects(driver))

    lever = "input[data-lever='china.refoulement']"
    field = driver.find_element("css selector", lever)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
    field.send_keys(Keys.CONTROL + "a")
    field.send_keys("0", Keys.ENTER)
    wait(driver, lambda: "china.refoulement = 0 from 1995-02" in text_of(driver, "ul.plain"))
    press(driver, "step")
    wait(driver, lambda: month(driver) == "1995-02")
    returned = text_of(driver, "#row-returned td.effect").replace(",", "")
    assert int(returned) < 0  # nobody is returned any more

    press(driver, "reset")
    wait(driver, lambda: month(driver) == "before 1995-01")
    assert not driver.find_elements("css selector", "ul.plain")
    assert set("".join(effects(driver))) == {"-"}


def test_a_slider_moves_a_lever_the_arrow_gives_it_back_and_the_file_holds_it(
    driver: Any, tmp_path: Path
) -> None:
    from selenium.webdriver.common.keys import Keys

    press(driver, "step")
    wait(driver, lambda: month(driver) == "1995-01")
    row = "document.querySelector(\"input[data-lever='china.patrol_rate']\").closest('.lever')"
    driver.execute_script(f"{row}.querySelector('.v-slider__thumb-container').focus()")
    driver.switch_to.active_element.send_keys(Keys.END)
    wait(driver, lambda: "china.patrol_rate = 0.5 from 1995-02" in text_of(driver, "ul.plain"))
    press(driver, "step")
    wait(driver, lambda: month(driver) == "1995-02")
    driver.execute_script(f"{row}.querySelector('button[aria-label$=again]').click()")
    wait(driver, lambda: "from 1995-02 to 1995-02" in text_of(driver, "ul.plain"))

    allowed = {"behavior": "allow", "downloadPath": str(tmp_path)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    press(driver, "save as yaml")
    (file,) = wait(driver, lambda: list(tmp_path.glob("*.yaml")))
    (moved,) = (one for one in bs.load(file).policies if one.lever == "china.patrol_rate"
                and one.value == 0.5)  # fmt: skip
    assert (moved.start, moved.until) == (1, 1)
    press(driver, "reset")
    wait(driver, lambda: month(driver) == "before 1995-01")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["desk", "phone"])
def test_nothing_is_wider_than_the_screen(driver: Any, size: tuple[int, int]) -> None:
    resize(driver, size)
    wide = driver.execute_script(
        "return Math.max(...[...document.querySelectorAll('main *')]"
        ".map((one) => one.getBoundingClientRect().right))"
    )
    assert wide <= size[0] + 1


def test_arrivals_and_harm_are_in_one_table(driver: Any) -> None:
    heads = driver.execute_script(
        "return [...document.querySelectorAll('table.now tbody th')].map((one) => one.innerText)"
    )
    told = "|".join(heads)
    for words in ("Arrivals", "Caught", "Returned", "custody", "Died"):
        assert words in told
    assert "responsible-use" in text_of(driver, ".warned")


def test_no_request_leaves_this_machine_and_nothing_complains(driver: Any, address: str) -> None:
    sent = []
    for one in driver.get_log("performance"):
        message = json.loads(one["message"])["message"]
        told = message["params"]
        if message["method"] == "Network.requestWillBeSent":
            sent.append(told["request"]["url"])
        elif message["method"] == "Network.webSocketCreated":
            sent.append(told["url"])
    asked = {
        urlsplit(url).netloc for url in sent if not url.startswith(("data:", "blob:", "chrome:"))
    }
    assert urlsplit(address).hostname == "127.0.0.1"
    assert asked - {""} == {urlsplit(address).netloc}
    severe = [one["message"] for one in driver.get_log("browser") if one["level"] == "SEVERE"]
    assert severe == []


def test_pages_of_other_sites_are_refused(address: str) -> None:
    for header in ({"Origin": "https://example.org"}, {"Host": "example.org"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(
                urllib.request.Request(address, headers=header), timeout=PATIENCE
            )
        assert refused.value.code == 403
        refused.value.close()


def test_the_browser_is_told_to_load_nothing_else(address: str) -> None:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "https:" not in policy
